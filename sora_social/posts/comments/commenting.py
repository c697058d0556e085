"""Comments under a post, in two levels: said, edited, removed, liked, read.

Everything that happens in a room of comments has a number. The room's row is locked while the number is taken and what
bears it is written, so numbers are in the order of commit: who has seen n and asks for what came after misses nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.core import bus, outbox
from sora_social.core.cursors import keyset_page
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.core.plaintext import is_plain
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.events import CommentSaid
from sora_social.posts.live import frames
from sora_social.posts.models import (
    COMMENT_LIKES,
    COMMENTS,
    REPLIES,
    Comment,
    CommentLike,
    CommentQuerySet,
    Post,
    Room,
    RoomEvent,
    RoomEventKind,
)
from sora_social.posts.posting import post_for

LONGEST_TEXT = 500


@dataclass(frozen=True)
class CommentPage:
    """A page of comments as one viewer sees them; `seq` is the number from which a socket takes over without a gap."""

    items: Sequence[SeenComment]
    next: str | None
    seq: int


def say(
    actor: User, post_id: int, *, text: str, parent_id: int | None = None, at_ms: int | None = None, client_id: str = ""
) -> Comment:
    """Comment on a post, or reply to a comment of it; a reply to a reply joins the same thread.

    With a `client_id` it is said once, however often it is sent: a repeat gives the first comment.
    Raises NotFound when the post is not for `actor`, Invalid for the text or an unknown parent.
    """
    post = post_for(actor, post_id)
    first = _said_before(actor, post_id, client_id)
    if first is not None:
        return first
    text = _well_formed(text)
    try:
        with transaction.atomic():
            parent = None if parent_id is None else _thread(actor, post, parent_id)
            comment = Comment.objects.create(
                post=post,
                author=actor,
                parent=parent,
                seq=_next_number(post_id),
                text=text,
                at_ms=at_ms,
                client_id=client_id,
            )
            COMMENTS.add(post_id)
            if parent is not None:
                REPLIES.add(parent.pk)
            _record(comment, comment.seq, RoomEventKind.COMMENT)
            outbox.announce(CommentSaid(comment_id=comment.pk))
    except IntegrityError:
        first = _said_before(actor, post_id, client_id)
        if first is None:
            raise
        return first
    return comment


def say_as(person_id: int, post_id: int, **words: Any) -> SeenComment:
    """`say` for a socket, which keeps an id and no person: their row is read anew. Raises what `say` raises."""
    actor = User.objects.filter(pk=person_id, is_active=True).first()
    if actor is None:
        raise NotFound
    return seen_one(actor, say(actor, post_id, **words))


def edit(actor: User, comment_id: int, *, text: str) -> Comment:
    """Change the words of one's own comment, for a few minutes after it was said.

    Raises NotFound, Forbidden when it is somebody else's, Conflict when the time is over, Invalid.
    """
    text = _well_formed(text)
    post_id = _comment_for(actor, comment_id).post_id
    with transaction.atomic():
        seq = _next_number(post_id)
        comment = _comment_for(actor, comment_id)
        if comment.author_id != actor.pk:
            raise Forbidden("Only its author can edit a comment.")
        now = timezone.now()
        if now - comment.created_at > settings.COMMENT_EDIT_WINDOW:
            raise Conflict("The time to edit it is over; remove it instead.", code="edit_window_over")
        comment.text, comment.edited_at = text, now
        comment.save(update_fields=["text", "edited_at"])
        _record(comment, seq, RoomEventKind.COMMENT_EDITED)
    return comment


def remove(actor: User, comment_id: int) -> None:
    """Take back one's own comment, or one under one's own post. A tombstone stays; may be repeated.

    Raises NotFound, Forbidden.
    """
    post = _comment_for(actor, comment_id, removed=True).post
    with transaction.atomic():
        seq = _next_number(post.pk)
        comment = _comment_for(actor, comment_id, removed=True)
        if actor.pk not in (comment.author_id, post.author_id):
            raise Forbidden("Only its author and the author of the post can remove a comment.")
        if comment.deleted_at is not None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return
        _bury(comment, seq)


def remove_comment(comment_id: int) -> bool:
    """Take a comment away for a moderator's decision. In the caller's transaction; False when it is gone already."""
    comments = Comment.objects.select_related("author").filter(pk=comment_id, deleted_at=None)
    found = comments.first()
    if found is None:
        return False
    with transaction.atomic():
        seq = _next_number(found.post_id)
        comment = comments.first()
        if comment is None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return False
        _bury(comment, seq)
    return True


def _bury(comment: Comment, seq: int) -> None:
    comment.deleted_at = timezone.now()
    comment.save(update_fields=["deleted_at"])
    COMMENTS.add(comment.post_id, -1)
    if comment.parent_id is not None:
        REPLIES.add(comment.parent_id, -1)
    _record(comment, seq, RoomEventKind.COMMENT_REMOVED)


def like(actor: User, comment_id: int) -> None:
    """May be repeated. Raises NotFound."""
    comment = _comment_for(actor, comment_id)
    with transaction.atomic():
        _, created = CommentLike.objects.get_or_create(comment=comment, person=actor)
        if created:
            COMMENT_LIKES.add(comment.pk)


def unlike(actor: User, comment_id: int) -> None:
    """May be repeated. Raises NotFound."""
    comment = _comment_for(actor, comment_id)
    with transaction.atomic():
        gone, _ = CommentLike.objects.filter(comment=comment, person=actor).delete()
        if gone:
            COMMENT_LIKES.add(comment.pk, -1)


def comments_of(viewer: User, post_id: int, *, sort: str, cursor: str, limit: int) -> CommentPage:
    """The threads under a post, "top" or "new" first. Raises NotFound, Invalid for the cursor."""
    post = post_for(viewer, post_id)
    seq = _newest_number(post_id)
    threads = _readable(viewer).filter(post=post, parent=None)
    order = ("-like_count", "-id") if sort == "top" else ("-seq",)
    page = keyset_page(threads, purpose=f"comments {post_id} {sort}", cursor=cursor, limit=limit, order=order)
    return CommentPage(seen_by(viewer, page.items), page.next, seq)


def comments_since(viewer: User, post_id: int, *, after_seq: int, cursor: str, limit: int) -> CommentPage:
    """What was said, edited or removed after number `after_seq`, each comment as it is now, in that order.

    `seq` of the page is where to go on. Raises NotFound.
    """
    post_for(viewer, post_id)
    events = RoomEvent.objects.filter(post_id=post_id, seq__gt=after_seq)
    page = keyset_page(events, purpose=f"events {post_id}", cursor=cursor, limit=limit, order=("seq",))
    ids = list(dict.fromkeys(event.comment_id for event in page.items))
    known = Comment.objects.visible_to(viewer).select_related("author").in_bulk(ids)
    found = [known[comment_id] for comment_id in ids if comment_id in known]
    return CommentPage(seen_by(viewer, found), page.next, page.items[-1].seq if page.items else after_seq)


def replies_to(viewer: User, comment_id: int, *, cursor: str, limit: int) -> CommentPage:
    """The replies of a thread, oldest first. Raises NotFound, Invalid for the cursor."""
    thread = _comment_for(viewer, comment_id, removed=True)
    seq = _newest_number(thread.post_id)
    replies = _readable(viewer).filter(parent=thread)
    page = keyset_page(replies, purpose=f"replies {comment_id}", cursor=cursor, limit=limit, order=("id",))
    return CommentPage(seen_by(viewer, page.items), page.next, seq)


def seen_by(viewer: User, comments: Sequence[Comment]) -> list[SeenComment]:
    """The comments as `viewer` sees them: with their own like, without the replies of people behind a block."""
    ids = [comment.pk for comment in comments]
    liked = set(CommentLike.objects.filter(person=viewer, comment__in=ids).values_list("comment_id", flat=True))
    walled = ties.walls_of([viewer.pk])[viewer.pk]
    unseen = Comment.objects.filter(parent__in=ids, author__in=walled, deleted_at=None).values_list("parent_id")
    hidden: dict[int | None, int] = dict(unseen.annotate(Count("id"))) if walled else {}
    return [
        SeenComment(comment, liked=comment.pk in liked, replies=max(0, comment.reply_count - hidden.get(comment.pk, 0)))
        for comment in comments
    ]


def seen_one(viewer: User, comment: Comment) -> SeenComment:
    return seen_by(viewer, [comment])[0]


def _readable(viewer: User) -> CommentQuerySet:
    """What lists show: a tombstone only where replies hang on it."""
    shown = Q(deleted_at=None) | Q(reply_count__gt=0)
    return Comment.objects.visible_to(viewer).filter(shown).select_related("author")


def _comment_for(actor: User, comment_id: int, *, removed: bool = False) -> Comment:
    """A comment that `actor` may know of, under a post that is for them. Raises NotFound."""
    comments = Comment.objects.visible_to(actor).select_related("author", "post")
    comment = comments.filter(pk=comment_id).first()
    if comment is None or (comment.deleted_at is not None and not removed):
        raise NotFound
    post_for(actor, comment.post_id)
    return comment


def _thread(actor: User, post: Post, parent_id: int) -> Comment:
    unknown = Invalid.field("parent_id", "There is no such comment under this post.", code="not_found")
    known = Comment.objects.visible_to(actor).filter(post=post)
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


def _next_number(post_id: int) -> int:
    """The next number of the room, which stays locked until the transaction ends. The row is made on demand."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO posts_room (post_id, seq) VALUES (%s, 1)
               ON CONFLICT (post_id) DO UPDATE SET seq = posts_room.seq + 1 RETURNING seq""",
            [post_id],
        )
        return int(cursor.fetchone()[0])


def _newest_number(post_id: int) -> int:
    return Room.objects.filter(pk=post_id).values_list("seq", flat=True).first() or 0


def _record(comment: Comment, seq: int, kind: RoomEventKind) -> None:
    """Write the event, and after commit tell the processes that have sockets in the room."""
    RoomEvent.objects.create(post_id=comment.post_id, seq=seq, kind=kind, comment=comment)
    message = frames.message_of(frames.room_frame(kind, seq, SeenComment(comment)))
    transaction.on_commit(partial(bus.publish, frames.channel_of(comment.post_id), message))
