"""The numbers of a room: taken under its lock, written with what bears them, told after commit."""

from collections.abc import Collection
from functools import partial

from django.db import connection, transaction

from sora_social.core import bus
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.live import frames
from sora_social.posts.live.frames import Scene
from sora_social.posts.models import Comment, Post, Restraint, Room, RoomEvent, RoomEventKind


def take(post: Post, *, about: int) -> Scene:
    """Lock the room of a post until the transaction ends, and take its next number (`scene.room.seq`).

    The row is made on demand. The scene knows what the room laid on the person whom it is `about`. Every number that
    is taken must be recorded or rolled back: watchers wait for one that is missing.
    """
    return scene_of(_locked(post.pk), post.author_id, [about])


def scene_of(room: Room, host_id: int, people: Collection[int]) -> Scene:
    restraints = list(Restraint.objects.filter(post=room.pk, person__in=people))
    return Scene(
        room=room,
        host_id=host_id,
        hidden=frozenset(one.person_id for one in restraints if one.is_hidden),
        silent={one.person_id: one.silent_until for one in restraints if one.silent_until},
    )


def newest(post_id: int) -> int:
    return Room.objects.filter(pk=post_id).values_list("seq", flat=True).first() or 0


def record(kind: RoomEventKind, scene: Scene, *, comment: Comment | None = None, person_id: int | None = None) -> None:
    """Write what happened under the number of the scene, and after commit tell the processes that have sockets."""
    room = scene.room
    event = RoomEvent.objects.create(post_id=room.pk, seq=room.seq, kind=kind, comment=comment, person_id=person_id)
    frame = frames.frame_of_event(event, scene, None if comment is None else SeenComment(comment))
    transaction.on_commit(partial(bus.publish, frames.channel_of(room.pk), frames.message_of(frame)))


def _locked(post_id: int) -> Room:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO posts_room (post_id, seq) VALUES (%s, 1)
               ON CONFLICT (post_id) DO UPDATE SET seq = posts_room.seq + 1""",
            [post_id],
        )
    return Room.objects.get(pk=post_id)
