"""What the database knows of rooms: their newest numbers, their counts, and all that happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models.functions import Coalesce

from sora_social.posts.comments import numbers
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.live.frames import Frame, frame_of_event
from sora_social.posts.models import Comment, CommentLike, Post, Room, RoomEvent

PAGE = 200


@dataclass(frozen=True)
class Standing:
    """Where a room stands."""

    post_id: int
    seq: int
    likes: int
    comments: int
    remixes: int


def standings(post_ids: Sequence[int]) -> list[Standing]:
    """Where these rooms stand, in one query."""
    rooms = Post.objects.filter(pk__in=post_ids).values_list(
        "pk", Coalesce("room__seq", 0), "like_count", "comment_count", "remix_count"
    )
    return [Standing(*row) for row in rooms]


def events_after(post_id: int, seq: int, *, viewer_id: int | None = None) -> list[Frame]:
    """The next page of what happened after `seq`, in order, none left out. For one viewer, with their own likes."""
    events = list(
        RoomEvent.objects.filter(post_id=post_id, seq__gt=seq).select_related("comment__author").order_by("seq")[:PAGE]
    )
    if not events:
        return []
    room = Room.objects.select_related("post").get(pk=post_id)
    people = {event.person_id for event in events if event.person_id is not None}
    authors = {event.comment.author_id for event in events if event.comment is not None}
    scene = numbers.scene_of(room, room.post.author_id, people | authors)
    liked: set[int] = set()
    if viewer_id is not None:
        likes = CommentLike.objects.filter(person_id=viewer_id, comment__in={event.comment_id for event in events})
        liked = set(likes.values_list("comment_id", flat=True))
    return [frame_of_event(event, scene, _seen(event.comment, liked)) for event in events]


def _seen(comment: Comment | None, liked: set[int]) -> SeenComment | None:
    if comment is None:
        return None
    return SeenComment(comment, liked=comment.pk in liked, replies=comment.reply_count)
