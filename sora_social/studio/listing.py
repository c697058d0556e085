"""What the studio shows of one's own jobs and drafts, and of drafts into which one is invited."""

from collections.abc import Collection, Sequence
from typing import Any

from cameos import cards
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, PreparedList
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, PreparedModels, ids_param
from sora_social.posts import presenting
from sora_social.studio.models import CoCreator, Draft, Generation
from sora_social.studio.templates import recipes

_JOBS = PreparedList(lambda owner: Generation.objects.owned_by(owner).with_details(), "owner")
_JOB = PreparedModels(
    lambda owner, job: Generation.objects.owned_by(owner).with_details().filter(pk=job), "owner", "job"
)
_DRAFTS = PreparedList(lambda owner: Draft.objects.owned_by(owner).with_details(), "owner")
_READABLE = PreparedModels(
    lambda viewer, draft: Draft.objects.readable_by(viewer).with_details().filter(pk=draft), "viewer", "draft"
)
_INVITATIONS = PreparedList(
    lambda viewer: CoCreator.objects.of(viewer).undecided().select_related("draft__owner"), "viewer"
)
_INVITED = PreparedModels(lambda ids: Draft.objects.with_details().filter(pk__any=ids), "ids")
_PLAYABLE = Prepared(
    lambda viewer, ids: Draft.objects.playable_by(viewer).filter(pk__any=ids).values_list("pk"), "viewer", "ids"
)


def jobs_of(owner: User, *, cursor: str, limit: int) -> Page[Generation]:
    """One's own jobs, newest first, with their drafts and sources."""
    page = _JOBS.page(owner=owner.pk, purpose=f"jobs {owner.pk}", cursor=cursor, limit=limit)
    _with_cast(owner, page.items)
    return page


def job_for(owner: User, job_id: int) -> Generation:
    """Raises NotFound."""
    job: Generation | None = _JOB.first(owner=owner.pk, job=job_id)
    if job is None:
        raise NotFound
    _with_cast(owner, [job])
    return job


def drafts_of(owner: User, *, cursor: str, limit: int) -> Page[Draft]:
    """One's own drafts, newest first."""
    page = _DRAFTS.page(owner=owner.pk, purpose=f"drafts {owner.pk}", cursor=cursor, limit=limit)
    _with_cast(owner, [draft.generation for draft in page.items])
    return page


def draft_for(viewer: User, draft_id: int) -> Draft:
    """A draft of one's own, or one into which one is invited. Raises NotFound."""
    draft: Draft | None = _READABLE.first(viewer=viewer.pk, draft=draft_id)
    if draft is None:
        raise NotFound
    _with_cast(viewer, [draft.generation])
    if draft.owner_id != viewer.pk:
        _for_guest(viewer, [draft])
    return draft


def invitations_of(viewer: User, *, cursor: str, limit: int) -> Page[CoCreator]:
    """Drafts of others into which one is invited, as long as they are unpublished; the newest invitation first."""
    page = _INVITATIONS.page(viewer=viewer.pk, purpose=f"invitations {viewer.pk}", cursor=cursor, limit=limit)
    drafts = {draft.pk: draft for draft in _INVITED.all(ids=ids_param(row.draft_id for row in page.items))}
    for row in page.items:
        drafts[row.draft_id].owner = row.draft.owner
        row.draft = drafts[row.draft_id]
    _with_cast(viewer, [draft.generation for draft in drafts.values()])
    _for_guest(viewer, list(drafts.values()))
    return page


def _for_guest(viewer: User, drafts: Sequence[Draft]) -> None:
    """Others' drafts as `viewer` may see them: what they may watch with links of their own, of the sources those that
    they may know of, and no words of the owner's, so not what they put into a template either. Two queries."""
    playable = {pk for (pk,) in _PLAYABLE.rows(viewer=viewer.pk, ids=ids_param(one.pk for one in drafts))}
    sources = [source for draft in drafts for source in draft.generation.sources.all()]
    known = presenting.known_among(viewer, {source.post_id for source in sources})
    for draft in drafts:
        draft.watcher_id = viewer.pk if draft.pk in playable else None  # type: ignore[attr-defined]
        job: Any = draft.generation
        job.made_with = job.made_with and {**job.made_with, "slots": None}
    for source in sources:
        if source.post_id not in known:
            source.post_id = None


def _with_cast(viewer: User, jobs: Sequence[Generation]) -> None:
    """Give each job its `cast`, as cards, and the template that it was `made_with`, without who is across a wall from
    `viewer`: two queries."""
    cast = cards.cast_of_jobs([job.pk for job in jobs])
    people = {cameo.owner_id for members in cast.values() for cameo in members}
    people |= {job.template_version.template.author_id for job in jobs if job.template_version is not None}
    known = set(User.objects.not_walled_from(viewer).filter(pk__in=people).values_list("pk", flat=True))
    for job in jobs:
        job.made_with = _made_with(job, known)  # type: ignore[attr-defined]
        shown: list[dict[str, Any]] = [cards.card(cameo) for cameo in cast.get(job.pk, []) if cameo.owner_id in known]
        job.cast = shown  # type: ignore[attr-defined]
        for draft in job.drafts.all() if "drafts" in getattr(job, "_prefetched_objects_cache", {}) else ():
            draft.generation = job


def _made_with(job: Generation, known: Collection[int]) -> dict[str, Any] | None:
    version = job.template_version
    if version is None or version.template.author_id not in known or version.template.removed_at is not None:
        return None
    author = version.template.author
    return {**recipes.credit_of(version), "author_handle": author.handle, "slots": job.filled}
