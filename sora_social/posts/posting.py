"""A post's life: made, edited, taken back, deleted; removed and restored by moderators."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, NotFound
from sora_social.core.prepared import PreparedModels
from sora_social.media.models import Clip
from sora_social.posts.events import PostEdited, PostPublished, PostRestored, PostsWithdrawn, PostVisibilityChanged
from sora_social.posts.models import CaptionEdit, Post, PostTag

_TAG = re.compile(r"#(\w{1,100})")
TAGS_AT_MOST = 30


def tags_of(caption: str) -> list[str]:
    """The #tags of a caption, case-folded, each once, in order."""
    return list(dict.fromkeys(tag.casefold()[:100] for tag in _TAG.findall(caption)))[:TAGS_AT_MOST]


def create_post(
    author: User,
    *,
    clip: Clip,
    caption: str,
    prompt: str,
    visibility: str,
    remix_policy: str,
    prompt_visibility: str,
    provider: str,
    model: str,
    shown_at: datetime | None = None,
    undo_until: datetime | None = None,
    cast_count: int = 0,
    credit_count: int = 0,
    challenge_id: int | None = None,
    template: Mapping[str, Any] | None = None,
    is_sealed: bool = False,
) -> Post:
    """Make a post of a finished clip, in the caller's transaction: edges, appearances and credits are of the same.

    Others see it from `shown_at` on (now, when None).
    """
    post = Post.objects.create(
        author=author,
        clip=clip,
        caption=caption,
        prompt=prompt,
        visibility=visibility,
        remix_policy=remix_policy,
        prompt_visibility=prompt_visibility,
        provider=provider,
        model=model,
        shown_at=shown_at or timezone.now(),
        undo_until=undo_until,
        cast_count=cast_count,
        credit_count=credit_count,
        challenge_id=challenge_id,
        template=template,
        is_sealed=is_sealed,
    )
    _write_tags(post)
    outbox.announce(PostPublished(post_id=post.pk), due_at=post.shown_at)
    return post


_OPENED = PreparedModels(lambda viewer, post: Post.objects.visible_to(viewer).filter(pk=post), "viewer", "post")


def post_for(viewer: User, post_id: int) -> Post:
    """A post that `viewer` may open. Raises NotFound."""
    post: Post | None = _OPENED.first(viewer=viewer.pk, post=post_id)
    if post is None:
        raise NotFound
    return post


def _own_post(author: User, post_id: int) -> Post:
    post = Post.objects.visible_to(author).filter(pk=post_id).select_for_update(of=("self",)).first()
    if post is None:
        raise NotFound
    if post.author_id != author.pk:
        raise Forbidden("Only its author may do this.")
    return post


def edit_post(actor: User, post_id: int, **changes: Any) -> None:
    """Change caption, visibility or policies of one's own post; old captions are kept.

    Who follows the change of visibility may refuse it: the cast of a private post is asked before others see it.
    Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        post = _own_post(actor, post_id)
        if changes.get("caption", post.caption) != post.caption:
            CaptionEdit.objects.create(post=post, caption=post.caption)
            post.edited_at = changes["edited_at"] = timezone.now()
        for name, value in changes.items():
            setattr(post, name, value)
        post.version = F("version") + 1
        post.save(update_fields=[*changes, "version"])
        if "visibility" in changes:
            outbox.announce(PostVisibilityChanged(post_id=post.pk))
        if "caption" in changes:
            post.tags.all().delete()
            _write_tags(post)
        if {"caption", "prompt_visibility"} & changes.keys():
            outbox.announce(PostEdited(post_id=post.pk))


def delete_post(actor: User, post_id: int) -> None:
    """Delete one's own post for good. Its place in lineages stays as a tombstone if others could see it.

    Also one that its cast took from everybody's eyes. Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        lapsed = Post.objects.filter(pk=post_id, author=actor, deleted_at=None, removed_at=None)
        _withdraw(lapsed.select_for_update().first() or _own_post(actor, post_id), "deleted_at")


def undo_post(actor: User, post_id: int) -> None:
    """Take a post back within its undo window, before anybody saw it. Raises NotFound, Conflict."""
    with transaction.atomic():
        post = _own_post(actor, post_id)
        now = timezone.now()
        if post.undo_until is None or post.undo_until <= now:
            raise Conflict("The time to take it back is over; delete it instead.", code="undo_over")
        _withdraw(post, "deleted_at", at=now)


def remove_post(post_id: int) -> bool:
    """Hide a post from everybody, for a moderator's decision. In the caller's transaction; False when it was hidden."""
    post = Post.objects.select_for_update().filter(pk=post_id, removed_at=None, deleted_at=None).first()
    if post is None:
        return False
    _withdraw(post, "removed_at")
    return True


def restore_post(post_id: int) -> bool:
    """Undo `remove_post`. In the caller's transaction; False when the post was not removed."""
    post = Post.objects.select_for_update().filter(pk=post_id, removed_at__isnull=False, deleted_at=None).first()
    if post is None:
        return False
    post.removed_at = None
    post.version = F("version") + 1
    post.save(update_fields=["removed_at", "version"])
    outbox.announce(PostRestored(post_id=post_id))
    return True


def _withdraw(post: Post, column: str, *, at: datetime | None = None) -> None:
    setattr(post, column, at or timezone.now())
    post.version = F("version") + 1
    post.save(update_fields=[column, "version"])
    outbox.announce(PostsWithdrawn(post_ids=[post.pk]))


def _write_tags(post: Post) -> None:
    PostTag.objects.bulk_create(PostTag(post=post, tag=tag) for tag in tags_of(post.caption))
