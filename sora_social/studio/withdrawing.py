"""What becomes of drafts and posts whose cast took their consent back.

That they are nobody's to see is asked at every read, from the moment of the act on. What follows here is only that
the rows say so, counts are mended, sockets closed, and files destroyed where the owner asked for it: in steps that may
die and be run again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from cameos import casting, requesting
from cameos.events import CastRequestAnswered, ConsentNarrowed, ConsentRevoked
from cameos.models import Appearance
from sora_social.core import outbox
from sora_social.credits import quota
from sora_social.media import intake
from sora_social.media.models import Clip
from sora_social.posts.events import PostsWithdrawn
from sora_social.posts.models import Post
from sora_social.studio import limiting
from sora_social.studio.models import Draft, DraftStatus, Generation

AT_ONCE = 500


def settle_revoked(event: ConsentRevoked) -> None:
    """Mark what a revocation took: drafts, posts and, when it deletes, their files. A part at a time.

    One that deletes reaches what was withdrawn before it, too: that had kept its files.
    """
    revoked = Appearance.objects.filter(cameo=event.cameo_id, pk__gt=event.after_id).revoked()
    if not event.deletes:
        revoked = revoked.filter(withdrawn_at=None)
    rows = list(revoked.order_by("id")[:AT_ONCE])
    if event.deletes:
        _destroy(rows)
    withdraw(rows)
    _mark_drafts([row.draft_id for row in rows if row.draft_id is not None and row.post_id is None])
    if len(rows) == AT_ONCE:
        outbox.announce(replace(event, after_id=rows[-1].pk))


def settle_narrowed(event: ConsentNarrowed) -> None:
    """Drafts that their cast does not allow any more say so; what others do not see yet is asked again.

    Owners are asked about finished drafts and private posts that they have not agreed to as the terms are now. A post
    for a later day, which nobody would ask again, is withdrawn.
    """
    made = Appearance.objects.filter(cameo=event.cameo_id, draft_id__isnull=False)
    _mark_drafts(made.filter(post_id=None).unusable().values("draft_id"))
    unseen = made.filter(withdrawn_at=None, pk__gt=event.after_id).exclude(requester=F("cameo__owner")).unseen()
    rows = list(unseen.select_related("requester").order_by("id")[:AT_ONCE])
    for row in rows:
        _ask_again(row)
    if len(rows) == AT_ONCE:
        outbox.announce(replace(event, after_id=rows[-1].pk))


def _ask_again(row: Appearance) -> None:
    drafts = Draft.objects.select_related("generation__owner").select_for_update(of=("self",))
    draft = drafts.filter(pk=row.draft_id or 0, deleted_at=None).first()
    if draft is None or draft.status in {DraftStatus.REFUSED, DraftStatus.WITHDRAWN}:
        return
    cast = list(casting.castable_among(row.requester, [row.cameo_id]).values())
    judged = limiting.judged(cast, draft.generation)
    may_be_shown = bool(cast) and not any(judgement.breaches for _, judgement in judged)
    if row.shown_at is not None:
        if not may_be_shown or requesting.unasked(draft.pk, requester=row.requester, judged=judged):
            withdraw([row])
    elif may_be_shown and requesting.ask_owners(draft.pk, job_id=row.job_id, requester=row.requester, judged=judged):
        Draft.objects.filter(pk=draft.pk, status=DraftStatus.READY).update(status=DraftStatus.AWAITING_CAST)


def withdraw(rows: Sequence[Appearance]) -> None:
    """Let appearances lapse one by one, and tell of the posts among them. In the caller's transaction.

    Drafts and jobs are left to what follows: who publishes or finishes one holds its row and waits for the cameo's,
    so whoever holds the cameo's must not wait for theirs.
    """
    Appearance.objects.filter(pk__any=[row.pk for row in rows], withdrawn_at=None).update(withdrawn_at=Now())
    if post_ids := sorted({row.post_id for row in rows if row.post_id is not None}):
        outbox.announce(PostsWithdrawn(post_ids=post_ids))


def _mark_drafts(draft_ids: Sequence[int] | QuerySet[Appearance, Any]) -> None:
    unpublished = Q(status__in=(DraftStatus.READY, DraftStatus.AWAITING_CAST))
    Draft.objects.filter(unpublished, pk__in=draft_ids).update(status=DraftStatus.WITHDRAWN)


def _destroy(rows: Sequence[Appearance]) -> None:
    """The files of clips; gone before their rows say so: a step that dies in between is taken again."""
    drafts = [row.draft_id for row in rows if row.draft_id is not None]
    for clip in Clip.objects.filter(pk__in=Draft.objects.filter(pk__in=drafts).values("clip")):
        intake.discard(clip)
    posts = Post.objects.filter(pk__in=[row.post_id for row in rows if row.post_id is not None], deleted_at=None)
    held = list(posts.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))  # as who counts does
    Post.objects.filter(pk__in=held).update(deleted_at=Now())


def follow_answer(event: CastRequestAnswered) -> None:
    """A draft whose owners all agreed is ready, and they are paid; one that somebody did not agree to is withdrawn."""
    draft = Draft.objects.select_for_update().filter(pk=event.draft_id, status=DraftStatus.AWAITING_CAST).first()
    agreed = requesting.is_agreed(event.draft_id)
    if agreed is None:
        return
    if draft is not None:
        draft.status = DraftStatus.READY if agreed else DraftStatus.WITHDRAWN
        draft.save(update_fields=["status"])
    job = Generation.objects.filter(pk=requesting.job_of(event.draft_id) or 0).first()
    if job is not None and job.hold_id is not None:
        uses = dict(casting.cast_of_draft(event.draft_id).values_list("cameo_id", "pk"))
        quota.conclude_clip(job.hold_id, uses, is_agreed=agreed)
