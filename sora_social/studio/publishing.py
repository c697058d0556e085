"""From draft to post."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cameos import casting, requesting
from cameos.models import Cameo
from remix import lineage, rules
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.challenges import entering
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.posts import crediting, posting
from sora_social.posts.events import PostVisibilityChanged
from sora_social.posts.models import Post, Visibility
from sora_social.studio import cocreating, drafts, limiting
from sora_social.studio.models import Draft, DraftStatus, Generation
from sora_social.studio.templates import standing


class CastRestriction(Forbidden):
    """A limit of somebody in the cast, set since the clip was made, does not allow it."""

    code = "cast_restriction"
    title = "A limit of somebody in the cast does not allow this"


class PromptRefused(Forbidden):
    """What the clip was asked with is not to be shown any more."""

    code = "prompt_refused"
    title = "The words of this clip do not allow it to be shown"


class AwaitingCast(Conflict):
    """Somebody in the cast has not answered yet."""

    code = "awaiting_cast"
    title = "Not everybody in the cast has agreed yet"


SCHEDULE_AT_MOST = timedelta(days=30)


def publish_draft(
    actor: User,
    draft_id: int,
    *,
    caption: str,
    visibility: str,
    remix_policy: str,
    prompt_visibility: str,
    publish_at: datetime | None = None,
    undo_s: int = 0,
) -> Post:
    """Show a draft to its audience, once: at once, after `undo_s` seconds, or at `publish_at`.

    Its sources and its cast are asked again, in the transaction that makes the post: sources may have been deleted,
    closed or walled off since, and consent taken back or narrowed. Whoever is asked is held: their act waits for the
    post, or the post sees it. Those of the co-creators who accepted are credited, those who did not answer are not,
    and one veto stops it. A job for a challenge makes an entry of it, unless that is over for good: then it is a post
    like others. Raises NotFound, RemixNotAllowed, CastNotAllowed, CastRestriction, AwaitingCast, Vetoed, Conflict when
    the draft is not ready, Invalid for a bad time.
    """
    with transaction.atomic():
        draft = (
            Draft.objects.owned_by(actor)
            .select_related("generation__template_version", "clip")
            .select_for_update(of=("self",))
            .filter(pk=draft_id)
            .first()
        )
        if draft is None:
            raise NotFound
        drafts.require_unpublished(draft)
        job = draft.generation
        sources = [Source(row.post_id, row.kind, row.ordinal) for row in job.sources.all()]
        # ties before cameos, as a block takes them
        invited = cocreating.invited_to(draft.pk)
        for person_id in sorted(invited | lineage.authors_of([source.post_id for source in sources])):
            ties.hold_tie(actor.pk, person_id, shared=True)
        credited = cocreating.agreed(draft.pk)
        cast = _agreed_cast(actor, draft)
        _require_nameable(job)
        shown_at, undo_until = _times(publish_at, undo_s)
        post = posting.create_post(
            actor,
            clip=draft.clip,  # type: ignore[arg-type]  # a constraint: only a refusal has none
            caption=caption,
            prompt=job.prompt,
            visibility=visibility,
            remix_policy=remix_policy,
            prompt_visibility=prompt_visibility,
            provider=job.provider,
            model=job.model,
            shown_at=shown_at,
            undo_until=undo_until,
            cast_count=len(cast),
            credit_count=len(credited),
            challenge_id=entering.entered(job.challenge_id, shown_at=shown_at),
            template=standing.credit_of(job.template_version),
            is_sealed="prompt" in job.sealed_parts,
        )
        casting.appear_in_post(draft.pk, post.pk, cast, shown_at=_seen_from(post))
        crediting.credit(post, credited)
        lineage.attach(post, sources=sources)
        if sources:
            # attaching holds the sources' rows: who takes one away, or puts up a wall, waits, and who
            # did so meanwhile is seen here
            rules.require_remixable(actor, [source.post_id for source in sources])
        draft.status, draft.post = DraftStatus.POSTED, post
        draft.save(update_fields=["status", "post"])
    return post


def follow_visibility(event: PostVisibilityChanged) -> None:
    """A private post that others are to see asks its cast as at publishing. In the transaction of the change.

    Raises CastNotAllowed, CastRestriction, AwaitingCast, Conflict.
    """
    post = Post.objects.select_related("author").get(pk=event.post_id)
    draft = Draft.objects.select_related("generation__owner").filter(post=post).first()
    if post.cast_count == 0 or draft is None:
        return
    if post.visibility == Visibility.PRIVATE:
        casting.hide_post(post.pk)
    elif casting.cast_of_draft(draft.pk).filter(shown_at=None).exists():
        cast = _agreed_cast(post.author, draft)
        casting.appear_in_post(draft.pk, post.pk, cast, shown_at=_seen_from(post))


def _seen_from(post: Post) -> datetime | None:
    return None if post.visibility == Visibility.PRIVATE else post.shown_at


def _require_nameable(job: Generation) -> None:
    """Raises PromptRefused when a name in the words of a clip, or behind them, was closed since it was made."""
    made_from = limiting.behind_job(job)
    beside = [*limiting.sealed_texts(job), *made_from.prompts.values()]
    refusal = limiting.memorial_refusal(limiting.told_texts(job), beside=beside)
    if refusal is not None:
        raise PromptRefused(refusal.message)


def _agreed_cast(actor: User, draft: Draft) -> list[Cameo]:
    """The cast of a draft, each of whom allows it now, held until the transaction ends. Nobody is named."""
    rows = casting.cast_of_draft(draft.pk)
    cast = casting.hold(actor, list(rows.values_list("cameo_id", flat=True)))
    if rows.unusable().exists():
        raise Conflict("Not everybody in the cast wants this shown.", code="draft_withdrawn")
    judged = limiting.judged(cast, draft.generation)
    if any(judgement.breaches for _, judgement in judged):
        raise CastRestriction
    if requesting.is_agreed(draft.pk) is not True or requesting.unasked(draft.pk, requester=actor, judged=judged):
        raise AwaitingCast  # who was not asked yet is asked by `withdrawing.settle_narrowed`
    return cast


def _times(publish_at: datetime | None, undo_s: int) -> tuple[datetime, datetime | None]:
    """When others see the post, and until when it can be taken back."""
    now = timezone.now()
    undo_until = now + timedelta(seconds=undo_s) if undo_s else None
    if publish_at is None:
        return undo_until or now, undo_until
    if not now < publish_at <= now + SCHEDULE_AT_MOST:
        raise Invalid.field("publish_at", "A time in the next 30 days.", code="bad_time")
    return max(publish_at, undo_until or publish_at), undo_until
