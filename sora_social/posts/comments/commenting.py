"""What people do with comments, in two levels: say, edit, remove and like.

Everything that happens in a room of comments has a number. The room's row is locked while the number is taken and what
bears it is written, so numbers are in the order of commit: who has seen n and asks for what came after misses nothing.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.core.plaintext import is_plain
from sora_social.posts.comments import mentions, numbers, rules
from sora_social.posts.comments.reading import comment_for, seen_one
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.events import CommentSaid
from sora_social.posts.live.frames import Scene
from sora_social.posts.models import (
    COMMENT_LIKES,
    COMMENTS,
    REPLIES,
    Comment,
    CommentLike,
    Post,
    RoomEventKind,
)
from sora_social.posts.posting import post_for

LONGEST_TEXT = 500


def say(
    actor: User, post_id: int, *, text: str, parent_id: int | None = None, at_ms: int | None = None, client_id: str = ""
) -> Comment:
    """Comment on a post, or reply to a comment of it; a reply to a reply joins the same thread.

    With a `client_id` it is said once, however often it is sent: a repeat gives the first comment. What the rules of
    the room hold for review is there for its author and the host alone, until it is approved.
    Raises NotFound when the post is not for `actor`, Invalid for the text or an unknown parent, and what
    `rules.require_may_speak` raises.
    """
    post = post_for(actor, post_id)
    first = _said_before(actor, post_id, client_id)
    if first is not None:
        return first
    text = _well_formed(text)
    with transaction.atomic():
        scene = numbers.take(post, about=actor.pk)
        first = _said_before(actor, post_id, client_id)
        if first is not None:
            transaction.set_rollback(True)  # the number goes back: it was said while this waited for the room
            return first
        rules.require_may_speak(actor, scene)
        parent = None if parent_id is None else _thread(actor, post, parent_id)
        comment = Comment.objects.create(
            post=post,
            author=actor,
            parent=parent,
            seq=scene.room.seq,
            text=text,
            mentions=mentions.named_in(actor, text),
            at_ms=at_ms,
            client_id=client_id,
            is_held=rules.is_to_be_held(actor, scene, text),
        )
        if comment.is_held:
            numbers.record(RoomEventKind.COMMENT_HELD, scene, comment=comment)
        else:
            bring(comment, scene)
    return comment


def bring(comment: Comment, scene: Scene) -> None:
    """Let a comment come to the room, under the number of the scene; what it says nobody has seen before."""
    count(comment, scene, 1)
    numbers.record(RoomEventKind.COMMENT, scene, comment=comment)
    if comment.author_id not in scene.hidden:
        outbox.announce(CommentSaid(comment_id=comment.pk))


def count(comment: Comment, scene: Scene, delta: int) -> None:
    """A comment comes to the counts, or leaves them. Those of who is hidden in the room are in none."""
    if comment.author_id in scene.hidden:
        return
    COMMENTS.add(comment.post_id, delta)
    if comment.parent_id is not None:
        REPLIES.add(comment.parent_id, delta)


def say_as(person_id: int, post_id: int, **words: Any) -> SeenComment:
    """`say` for a socket, which keeps an id and no person: their row is read anew. Raises what `say` raises."""
    actor = User.objects.filter(pk=person_id, is_active=True).first()
    if actor is None:
        raise NotFound
    return seen_one(actor, say(actor, post_id, **words))


def edit(actor: User, comment_id: int, *, text: str) -> Comment:
    """Change the words of one's own comment, for a few minutes after it was said.

    What waits for review, or would have to, is not edited: who reviews it must know what they approve.
    Raises NotFound, Forbidden when it is somebody else's, TimedOut, Conflict when the time is over, Invalid.
    """
    text = _well_formed(text)
    post = comment_for(actor, comment_id).post
    with transaction.atomic():
        scene = numbers.take(post, about=actor.pk)
        comment = comment_for(actor, comment_id)
        if comment.author_id != actor.pk:
            raise Forbidden("Only its author can edit a comment.")
        rules.require_not_silent(actor, scene)
        now = timezone.now()
        if now - comment.created_at > settings.COMMENT_EDIT_WINDOW:
            raise Conflict("The time to edit it is over; remove it instead.", code="edit_window_over")
        if comment.is_held or rules.is_to_be_held(actor, scene, text):
            raise Conflict("These words wait for review: remove it, and say it anew.", code="held_for_review")
        comment.text, comment.edited_at, comment.mentions = text, now, mentions.named_in(actor, text)
        comment.save(update_fields=["text", "edited_at", "mentions"])
        numbers.record(RoomEventKind.COMMENT_EDITED, scene, comment=comment)
    return comment


def remove(actor: User, comment_id: int, *, reason: str = "") -> None:
    """Take back one's own comment, or one under one's own post. A tombstone stays; may be repeated.

    Moderators take away any, and say why. Raises NotFound, Forbidden, Invalid.
    """
    found = _removable(actor, comment_id)
    with transaction.atomic():
        scene = numbers.take(found.post, about=found.author_id)
        comment = _removable(actor, comment_id)
        if comment.deleted_at is not None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return
        _bury(comment, scene)
        if comment.author_id != actor.pk:
            rules.note_if_moderated(actor, comment.post, act="removed", reason=reason, comment_id=comment_id)


def _removable(actor: User, comment_id: int) -> Comment:
    if rules.is_moderator(actor):
        found = Comment.objects.select_related("author", "post").filter(pk=comment_id).first()
        if found is None:
            raise NotFound
        return found
    comment = comment_for(actor, comment_id, removed=True)
    if actor.pk not in (comment.author_id, comment.post.author_id):
        raise Forbidden("Only its author and the author of the post can remove a comment.")
    return comment


def remove_comment(comment_id: int) -> bool:
    """Take a comment away for a moderator's decision. In the caller's transaction; False when it is gone already."""
    comments = Comment.objects.select_related("author", "post").filter(pk=comment_id, deleted_at=None)
    found = comments.first()
    if found is None:
        return False
    with transaction.atomic():
        scene = numbers.take(found.post, about=found.author_id)
        comment = comments.first()
        if comment is None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return False
        _bury(comment, scene)
    return True


def _bury(comment: Comment, scene: Scene) -> None:
    comment.deleted_at, comment.is_pinned = timezone.now(), False
    comment.save(update_fields=["deleted_at", "is_pinned"])
    if not comment.is_held:
        count(comment, scene, -1)
    numbers.record(RoomEventKind.COMMENT_REMOVED, scene, comment=comment)


def like(actor: User, comment_id: int) -> None:
    """May be repeated. Raises NotFound."""
    comment = comment_for(actor, comment_id)
    with transaction.atomic():
        _, created = CommentLike.objects.get_or_create(comment=comment, person=actor)
        if created:
            COMMENT_LIKES.add(comment.pk)


def unlike(actor: User, comment_id: int) -> None:
    """May be repeated. Raises NotFound."""
    comment = comment_for(actor, comment_id)
    with transaction.atomic():
        gone, _ = CommentLike.objects.filter(comment=comment, person=actor).delete()
        if gone:
            COMMENT_LIKES.add(comment.pk, -1)


def _thread(actor: User, post: Post, parent_id: int) -> Comment:
    unknown = Invalid.field("parent_id", "There is no such comment under this post.", code="not_found")
    known = Comment.objects.visible_to(actor).filter(post=post, is_held=False)
    parent = known.filter(pk=parent_id, deleted_at=None).first()
    if parent is None:
        raise unknown
    if parent.parent_id is None:
        return parent
    thread = known.filter(pk=parent.parent_id).first()
    if thread is None:
        raise unknown
    return thread


def _said_before(actor: User, post_id: int, client_id: str) -> Comment | None:
    if not client_id:
        return None
    said = Comment.objects.filter(post_id=post_id, author=actor, client_id=client_id)
    return said.select_related("author").first()


def _well_formed(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise Invalid.field("text", f"1 to {LONGEST_TEXT} characters.", code="length")
    if not is_plain(text):
        raise Invalid.field("text", "Control characters have no place in a comment.", code="control_characters")
    return text
