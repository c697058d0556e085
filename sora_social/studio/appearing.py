"""Where a cameo appears, for the owner of the face: jobs, drafts, refusals and posts of anybody, also across a block.

Rows are written with the job itself, so the owner knows as soon as the maker does. Who is behind a wall stays nameless.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cameos import cards, consent, ledger, requesting
from cameos.events import ConsentNarrowed
from cameos.models import Appearance, AppearanceQuerySet, Cameo, CastRequest, RecordKind
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.cursors import Page, keyset_page
from sora_social.core.errors import NotFound
from sora_social.media import delivery, links
from sora_social.media.models import Clip
from sora_social.posts.models import Post
from sora_social.studio import withdrawing
from sora_social.studio.models import Draft, Generation, GenerationSource


@dataclass(frozen=True)
class Sighting:
    """One appearance as the owner of the face sees it. `by` is None across a wall; `clip` is None while there is
    nothing to watch, and when it was destroyed."""

    appearance: Appearance
    cameo: Cameo
    by: User | None
    job: Generation | None
    draft: Draft | None
    post: Post | None
    clip: Clip | None

    @property
    def kind(self) -> str:
        if self.appearance.post_id is not None:
            return "post"
        return "draft" if self.appearance.draft_id is not None else "job"

    @property
    def prompt(self) -> str | None:
        """The words that they were asked for with. Who filled a template that keeps its words to itself does not read
        them as the owner of their own face; whom somebody else cast so does: it is their face."""
        if self.job is None or (self.job.is_sealed and self.job.owner_id == self.cameo.owner_id):
            return None
        return self.job.prompt

    @property
    def status(self) -> str:
        """`withdrawn`, or what the post, draft or job is."""
        if self.appearance.withdrawn_at is not None or getattr(self.appearance, "is_lapsed", False):
            return "withdrawn"
        if self.post is not None:
            return "deleted" if self.post.is_tombstone else "posted"
        if self.appearance.draft_id is not None:
            return "deleted" if self.draft is None or self.draft.deleted_at is not None else self.draft.status
        return self.job.status if self.job is not None else "deleted"


def appearances_of(owner: User, cameo_id: int, *, cursor: str, limit: int) -> Page[Sighting]:
    """Every appearance of one's cameo, newest first, by anybody. A job is left out once its drafts are there.

    Raises NotFound for a cameo that is not one's own.
    """
    cameo = consent.own_cameo(owner, cameo_id)
    page = keyset_page(_rows(cameo), purpose=f"appearances {cameo.pk}", cursor=cursor, limit=limit)
    return Page(_sightings(owner, page.items), page.next)


def _rows(cameo: Cameo) -> AppearanceQuerySet:
    rows = Appearance.objects.filter(cameo=cameo).select_related("cameo__owner")
    drafts = Appearance.objects.filter(job_id=OuterRef("job_id"), cameo=cameo, draft_id__isnull=False)
    lapsed = Appearance.objects.filter(pk=OuterRef("pk")).lapsed()
    return rows.exclude(Q(draft_id=None) & Exists(drafts)).annotate(is_lapsed=Exists(lapsed))


def _sightings(owner: User, rows: Sequence[Appearance]) -> list[Sighting]:
    known = User.objects.not_walled_from(owner).in_bulk({row.requester_id for row in rows})
    jobs = Generation.objects.in_bulk({row.job_id for row in rows})
    drafts = Draft.objects.select_related("clip").in_bulk({row.draft_id for row in rows if row.draft_id})
    posts = Post.objects.select_related("clip").in_bulk({row.post_id for row in rows if row.post_id})
    lapsed = Appearance.objects.filter(draft_id__in=drafts).exclude(cameo__owner=owner).lapsed()
    taken_back = set(lapsed.values_list("draft_id", flat=True))  # by somebody else in the same clip
    found = []
    for row in rows:
        draft, post = drafts.get(row.draft_id or 0), posts.get(row.post_id or 0)
        clip = post.clip if post is not None else draft.clip if draft is not None else None
        gone = row.draft_id in taken_back or (post is not None and post.is_tombstone)
        found.append(
            Sighting(
                appearance=row,
                cameo=row.cameo,
                by=known.get(row.requester_id),
                job=jobs.get(row.job_id),
                draft=draft,
                post=post,
                clip=None if gone else clip,
            )
        )
    return found


def serve_media(request: HttpRequest, appearance_id: int, *, grant: str, name: str) -> HttpResponseBase:
    """A file of what somebody made with a cameo, for the cameo's owner alone. Raises NotFound."""
    owner_id = links.viewer_of("a", appearance_id, grant, now=int(time.time()))
    row = (
        Appearance.objects.filter(pk=appearance_id, cameo__owner=owner_id, cameo__owner__is_active=True)
        .select_related("cameo__owner")
        .first()
    )
    clip = _sightings(row.cameo.owner, [row])[0].clip if row is not None else None
    if clip is None:
        raise NotFound
    return delivery.deliver(request, clip, name)


@dataclass(frozen=True)
class Asking:
    """A request to the owner of a face, with the draft that waits; None when it was thrown away."""

    asked: CastRequest
    seen: Sighting | None

    @property
    def card(self) -> dict[str, Any]:
        return cards.card(self.asked.cameo)


def requests_of(owner: User, *, cursor: str, limit: int) -> Page[Asking]:
    """Requests for one's own cameos, newest first, each with the draft that waits. Answered ones too."""
    page = requesting.requests_page(owner, cursor=cursor, limit=limit)
    drafts = {asked.draft_id: asked.cameo_id for asked in page.items}
    rows = Appearance.objects.filter(draft_id__in=drafts, cameo__owner=owner).select_related("cameo__owner")
    lapsed = Appearance.objects.filter(pk=OuterRef("pk")).lapsed()
    found = list(rows.annotate(is_lapsed=Exists(lapsed)))
    seen = {(one.appearance.draft_id, one.cameo.pk): one for one in _sightings(owner, found)}
    return Page([Asking(asked, seen.get((asked.draft_id, asked.cameo_id))) for asked in page.items], page.next)


# removed


def remove(owner: User, cameo_id: int, appearance_id: int) -> None:
    """Take one appearance away, and with a post every derivation of it that still casts the cameo. May be repeated.

    A job under way goes no further and is cancelled, a draft is withdrawn, a post is gone from the next request on.
    Raises NotFound.
    """
    with transaction.atomic():
        cameo = consent.hold_own(owner, cameo_id)
        row = Appearance.objects.filter(pk=appearance_id, cameo=cameo).first()
        if row is None:
            raise NotFound
        if row.withdrawn_at is not None:
            return
        gone = _with_derivations(cameo, row)
        ledger.append(
            cameo.pk,
            RecordKind.APPEARANCE_REMOVED,
            actor_id=owner.pk,
            subject_id=row.requester_id,
            appearances=[str(one.pk) for one in gone],
        )
        withdrawing.withdraw(gone)
        outbox.announce(ConsentNarrowed(cameo_id=cameo.pk))


def _with_derivations(cameo: Cameo, row: Appearance) -> list[Appearance]:
    """An appearance, and those that came of it: drafts of the job; posts, jobs and drafts made from the post."""
    if row.draft_id is None:
        return list(Appearance.objects.filter(cameo=cameo, job_id=row.job_id, post_id=None, withdrawn_at=None))
    if row.post_id is None:
        return [row]
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE below (post_id) AS (
                   SELECT %s::bigint
                   UNION
                   SELECT e.derivation_id FROM below b JOIN remix_edge e ON e.source_id = b.post_id
                   JOIN cameos_appearance a ON a.post_id = e.derivation_id AND a.cameo_id = %s AND a.is_inherited)
               SELECT post_id FROM below""",
            [row.post_id, cameo.pk],
        )
        post_ids = [found[0] for found in cursor.fetchall()]
    jobs = GenerationSource.objects.filter(post__in=post_ids).values("generation")
    rows = Appearance.objects.filter(cameo=cameo, withdrawn_at=None)
    made = rows.filter(post_id=None, job_id__in=jobs, is_inherited=True)
    return [*rows.filter(post_id__in=post_ids), *made]
