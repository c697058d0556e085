"""Reading what was said under a post: every list as one viewer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from sora_social.accounts import ties
from sora_social.accounts.models import User, walls_between
from sora_social.core.cursors import PreparedList, keyset_page
from sora_social.core.errors import Invalid, NotFound
from sora_social.core.prepared import Prepared, PreparedModels, ids_param
from sora_social.posts.comments import numbers, rules
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.models import Comment, CommentLike, CommentQuerySet, RoomEvent, RoomEventKind
from sora_social.posts.posting import post_for


def _readable(viewer: User) -> CommentQuerySet:
    """What lists show: a tombstone only where replies hang on it."""
    shown = Q(deleted_at=None) | Q(reply_count__gt=0)
    return Comment.objects.visible_to(viewer).filter(shown).select_related("author")


def _per_thread(replies: CommentQuerySet) -> Any:
    return replies.order_by().values_list("parent_id").annotate(Count("id"))


_THREADS = {
    sort: PreparedList(
        lambda viewer, post: _readable(viewer).filter(post=post, parent=None), "viewer", "post", order=order
    )
    for sort, order in {"top": ("-is_pinned", "-like_count", "-id"), "new": ("-seq",)}.items()
}
_REPLIES = PreparedList(
    lambda viewer, thread: _readable(viewer).filter(parent=thread), "viewer", "thread", order=("id",)
)
_NAMED = PreparedModels(
    lambda viewer, comment: Comment.objects.visible_to(viewer).select_related("author", "post").filter(pk=comment),
    "viewer",
    "comment",
)
_LIKED = Prepared(
    lambda viewer, ids: CommentLike.objects.filter(person=viewer, comment__any=ids).values_list("comment_id"),
    "viewer",
    "ids",
)
_BY_PEOPLE = Prepared(
    lambda people, ids: _per_thread(Comment.objects.counted().filter(parent__any=ids, author__any=people)),
    "people",
    "ids",
)
_SHOWN_TO_FEW = Prepared(
    lambda viewer, ids: _per_thread(
        Comment.objects.uncounted()
        .filter(Q(author=viewer) | Q(is_held=True, post__author=viewer), parent__any=ids)
        .visible_to(viewer)
    ),
    "viewer",
    "ids",
)


@dataclass(frozen=True)
class CommentPage:
    """A page of comments as one viewer sees them; `seq` is the number from which a socket takes over without a gap."""

    items: Sequence[SeenComment]
    next: str | None
    seq: int


def page_of(
    viewer: User, post_id: int, *, sort: str, after_seq: int | None, from_ms: int, to_ms: int | None, **paging: Any
) -> CommentPage:
    """The comments of a post in one of the ways that a client may ask for. Raises NotFound, Invalid."""
    if after_seq is not None:
        return comments_since(viewer, post_id, after_seq=after_seq, **paging)
    if sort == "at_ms":
        return comments_in_video_time(viewer, post_id, from_ms=from_ms, to_ms=to_ms, **paging)
    if from_ms or to_ms is not None:
        raise Invalid.field("sort", "Moments of the video are asked for with sort=at_ms.")
    return comments_of(viewer, post_id, sort=sort, **paging)


def comments_of(viewer: User, post_id: int, *, sort: str, cursor: str, limit: int) -> CommentPage:
    """The threads under a post, "top" (the pinned one before all others) or "new" first.

    Raises NotFound, Invalid for the cursor.
    """
    post = post_for(viewer, post_id)
    seq = numbers.newest(post_id)
    purpose = f"comments {post_id} {sort}"
    page = _THREADS[sort].page(viewer=viewer.pk, post=post.pk, purpose=purpose, cursor=cursor, limit=limit)
    return CommentPage(seen_by(viewer, page.items), page.next, seq)


def comments_in_video_time(
    viewer: User, post_id: int, *, from_ms: int, to_ms: int | None, cursor: str, limit: int
) -> CommentPage:
    """What was said at moments of the video, threads and replies alike, in the video's own order: to play it again.

    From `from_ms` on, and before `to_ms`. Raises NotFound, Invalid for the cursor.
    """
    post = post_for(viewer, post_id)
    seq = numbers.newest(post_id)
    said = Comment.objects.visible_to(viewer).select_related("author").filter(post=post, deleted_at=None)
    said = said.filter(at_ms__gte=from_ms) if to_ms is None else said.filter(at_ms__gte=from_ms, at_ms__lt=to_ms)
    page = keyset_page(
        said, purpose=f"video {post_id} {from_ms} {to_ms}", cursor=cursor, limit=limit, order=("at_ms", "id")
    )
    return CommentPage(seen_by(viewer, page.items), page.next, seq)


def comments_since(viewer: User, post_id: int, *, after_seq: int, cursor: str, limit: int) -> CommentPage:
    """What happened to comments after number `after_seq`, in that order, each of them as it is now.

    `seq` of the page is where to go on. Raises NotFound.
    """
    post_for(viewer, post_id)
    events = RoomEvent.objects.filter(post_id=post_id, seq__gt=after_seq)
    page = keyset_page(events, purpose=f"events {post_id}", cursor=cursor, limit=limit, order=("seq",))
    ids = [event.comment_id for event in page.items if event.comment_id is not None]
    comments = Comment.objects.visible_to(viewer).select_related("author", "post").in_bulk(ids)
    told = dict.fromkeys(
        event.comment_id for event in page.items if _is_told(event, comments.get(event.comment_id or 0), viewer)
    )
    found = [comments[comment_id] for comment_id in told if comment_id is not None]
    return CommentPage(seen_by(viewer, found), page.next, page.items[-1].seq if page.items else after_seq)


def _is_told(event: RoomEvent, comment: Comment | None, viewer: User) -> bool:
    """That something was held is between two; the event that it was approved by brings it to everybody."""
    if comment is None:
        return False
    return event.kind != RoomEventKind.COMMENT_HELD or viewer.pk in (comment.author_id, comment.post.author_id)


def replies_to(viewer: User, comment_id: int, *, cursor: str, limit: int) -> CommentPage:
    """The replies of a thread, oldest first. Raises NotFound, Invalid for the cursor."""
    thread = comment_for(viewer, comment_id, removed=True)
    seq = numbers.newest(thread.post_id)
    purpose = f"replies {comment_id}"
    page = _REPLIES.page(viewer=viewer.pk, thread=thread.pk, purpose=purpose, cursor=cursor, limit=limit)
    return CommentPage(seen_by(viewer, page.items), page.next, seq)


def held_comments(actor: User, post_id: int, *, cursor: str, limit: int) -> CommentPage:
    """What waits for review in one's own room, the oldest first. Raises NotFound, Forbidden, Invalid for the cursor."""
    post = rules.hosted_post(actor, post_id)
    rules.note_if_looked_into(actor, post, path=f"/v1/posts/{post_id}/comments/held")
    seq = numbers.newest(post_id)
    mine, theirs = walls_between("author", actor)
    held = Comment.objects.waiting().filter(post=post, author__is_active=True)
    held = held.exclude(mine).exclude(theirs).select_related("author")
    page = keyset_page(held, purpose=f"held {post_id}", cursor=cursor, limit=limit, order=("id",))
    return CommentPage(seen_by(actor, page.items), page.next, seq)


def seen_by(viewer: User, comments: Sequence[Comment]) -> list[SeenComment]:
    """The comments as `viewer` sees them: with their own like, with as many replies as they find there, and without
    the names of people behind a block.
    """
    if not comments:
        return []
    ids = ids_param(comment.pk for comment in comments)
    liked = {comment_id for (comment_id,) in _LIKED.rows(viewer=viewer.pk, ids=ids)}
    walled = ties.walls_of([viewer.pk])[viewer.pk]
    hidden = dict(_BY_PEOPLE.rows(people=ids_param(walled), ids=ids)) if walled else {}
    shown = dict(_SHOWN_TO_FEW.rows(viewer=viewer.pk, ids=ids))
    return [
        SeenComment(
            comment,
            liked=comment.pk in liked,
            replies=max(0, comment.reply_count - hidden.get(comment.pk, 0) + shown.get(comment.pk, 0)),
            walled=walled,
        )
        for comment in comments
    ]


def seen_one(viewer: User, comment: Comment) -> SeenComment:
    return seen_by(viewer, [comment])[0]


def comment_for(actor: User, comment_id: int, *, removed: bool = False) -> Comment:
    """A comment that `actor` may know of, under a post that is for them. Raises NotFound."""
    comment: Comment | None = _NAMED.first(viewer=actor.pk, comment=comment_id)
    if comment is None or (comment.deleted_at is not None and not removed):
        raise NotFound
    post_for(actor, comment.post_id)
    return comment
