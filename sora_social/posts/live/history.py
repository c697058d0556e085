"""What the database knows of rooms: their newest numbers, their counts, and all that happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models.functions import Coalesce

from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.live.frames import Frame, room_frame
from sora_social.posts.models import CommentLike, Post, RoomEvent

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
    liked: set[int] = set()
    if viewer_id is not None and events:
        likes = CommentLike.objects.filter(person_id=viewer_id, comment__in={event.comment_id for event in events})
        liked = set(likes.values_list("comment_id", flat=True))
    return [
        room_frame(
            event.kind,
            event.seq,
            SeenComment(event.comment, liked=event.comment_id in liked, replies=event.comment.reply_count),
        )
        for event in events
    ]
