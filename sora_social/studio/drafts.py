"""A draft's life until it is published: watched by its owner and who is invited, kept or thrown away."""

import time
from functools import partial

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from cameos import casting, requesting
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.errors import Conflict, NotFound
from sora_social.media import delivery, intake, links
from sora_social.media.models import Clip
from sora_social.posts.events import PostsWithdrawn
from sora_social.posts.models import Post
from sora_social.studio.events import DraftDeleted
from sora_social.studio.models import UNPUBLISHED, Draft, DraftStatus


def serve_media(request: HttpRequest, draft_id: int, *, grant: str, name: str) -> HttpResponseBase:
    """A file of a draft, for its owner and who is invited into it, and nobody else. Raises NotFound."""
    viewer_id = links.viewer_of("d", draft_id, grant, now=int(time.time()))
    viewer = User.objects.filter(pk=viewer_id, is_active=True).first()
    if viewer is None:
        raise NotFound
    draft = Draft.objects.playable_by(viewer).filter(pk=draft_id).select_related("clip").first()
    if draft is None or draft.clip is None:
        raise NotFound
    return delivery.deliver(request, draft.clip, name)


def require_unpublished(draft: Draft) -> None:
    """Raises Conflict for a draft that is posted, withdrawn or refused."""
    if draft.status == DraftStatus.POSTED:
        raise Conflict("This draft is posted already.", code="already_posted")
    if draft.status == DraftStatus.WITHDRAWN:
        raise Conflict("Not everybody in the cast wants this shown.", code="draft_withdrawn")
    if draft.status not in UNPUBLISHED:
        raise Conflict(f"This draft is {draft.status}.", code="draft_not_ready")


def delete_draft(actor: User, draft_id: int) -> None:
    """Throw one's own draft away; its files go with it unless it was posted. Raises NotFound."""
    with transaction.atomic():
        draft = Draft.objects.owned_by(actor).select_for_update().filter(pk=draft_id).first()
        if draft is None:
            raise NotFound
        draft.deleted_at = timezone.now()
        draft.save(update_fields=["deleted_at"])
        requesting.drop(draft.pk)
        outbox.announce(DraftDeleted(draft_id=draft.pk))


def purge_deleted(event: DraftDeleted) -> None:
    """Remove what a deleted draft kept. A clip that a living post shows stays, and so does its draft's row."""
    draft = Draft.objects.select_for_update().filter(pk=event.draft_id, deleted_at__isnull=False).first()
    if draft is None or draft.status == DraftStatus.POSTED:
        return
    clip_id = draft.clip_id
    draft.delete()
    clip = Clip.objects.filter(pk=clip_id).first()
    if clip is not None and not Post.objects.filter(clip=clip, deleted_at__isnull=True).exists():
        transaction.on_commit(partial(intake.discard, clip))  # files do not come back with a transaction that fails
        if not Post.objects.filter(clip=clip).exists():  # the tombstone of a post that was taken back
            clip.delete()


def return_drafts(event: PostsWithdrawn) -> None:
    """A post taken back within its undo window leaves its draft as it was before."""
    undone = Draft.objects.filter(
        post__any=event.post_ids, status=DraftStatus.POSTED, post__deleted_at__lte=F("post__undo_until")
    )
    for draft in undone.select_for_update(of=("self",)).order_by("id"):
        casting.leave_post(draft.post_id or 0)
        draft.status, draft.post = DraftStatus.READY, None
        draft.save(update_fields=["status", "post"])
        if draft.deleted_at is not None:
            outbox.announce(DraftDeleted(draft_id=draft.pk))
