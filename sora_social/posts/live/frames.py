"""What travels to the rooms: numbered frames, encoded once where they arise, and their envelope on the bus."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from sora_social.core.problems import encode
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.comments.wire import CommentOut
from sora_social.posts.models import Room, RoomEvent, RoomEventKind

CONTROL = "live:control"
_ROOM = "live:room:"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame for sockets. `seq` is 0 when it has no number; people behind a wall from `author_id` do not get it.

    `message` is the one ASGI message that all sockets of a process share. A frame without text is for nobody: it only
    moves the number on. So it does for whom a narrow frame is not for: all but `only`, where some are named, and
    `but_for`. `mentioned` are people whom it names, whom those behind a wall from them must not find in it.
    """

    seq: int
    author_id: int
    message: dict[str, Any]
    size: int
    only: frozenset[int] = frozenset()
    but_for: int = 0
    mentioned: frozenset[int] = frozenset()

    @classmethod
    def of_text(cls, text: str, *, seq: int = 0, author_id: int = 0, **narrow: Any) -> "Frame":
        return cls(seq, author_id, {"type": "websocket.send", "text": text}, len(text), **narrow)

    @classmethod
    def of(cls, kind: str, **words: Any) -> "Frame":
        return cls.of_text(encode({"type": kind, **words}).decode())

    def is_for(self, person_id: int) -> bool:
        return (not self.only or person_id in self.only) and person_id != self.but_for

    def without(self, walled: frozenset[int]) -> "Frame":
        """The same, naming nobody of these. Encoded for one socket alone: two who are walled seldom meet."""
        words = orjson.loads(self.message["text"])
        named = words.get("comment", words)
        named["mentions"] = [one for one in named["mentions"] if int(one["id"]) not in walled]
        return Frame.of_text(encode(words).decode(), seq=self.seq, author_id=self.author_id)


@dataclass(frozen=True)
class Scene:
    """What of a room decides how its events look, and to whom: as things stand at the room's newest number.

    `hidden` and `silent` need only be complete for the people whom the event is about.
    """

    room: Room
    host_id: int
    hidden: Collection[int] = frozenset()
    silent: Mapping[int, datetime] = field(default_factory=dict)


def channel_of(post_id: int) -> str:
    return f"{_ROOM}{post_id}"


def post_of(channel: str) -> int:
    return int(channel.removeprefix(_ROOM))


def frame_of_event(event: RoomEvent, scene: Scene, seen: SeenComment | None = None) -> Frame:
    """The frame of a numbered event, as things stand; `seen` is its comment, if it has one."""
    words: dict[str, Any]
    narrow: dict[str, Any] = {}
    person_id: int = event.person_id or 0
    match event.kind:
        case RoomEventKind.ROOM:
            words = {"room": words_of_room(scene.room)}
        case RoomEventKind.TIMEOUT:
            words, narrow = {"silent_until": scene.silent.get(person_id)}, {"only": frozenset({person_id})}
        case RoomEventKind.PERSON_HIDDEN | RoomEventKind.PERSON_SHOWN:
            words, narrow = {"person_id": str(person_id)}, {"author_id": person_id, "but_for": person_id}
        case _:
            assert seen is not None  # noqa: S101 - the database's CHECK
            if not seen.comment.author.is_active:  # what people say who are suspended is shown to nobody
                return Frame.of_text("", seq=event.seq, author_id=seen.comment.author_id)
            words, narrow = _words_of_comment(event.kind, seen), _audience(event.kind, scene, seen)
    text = encode({"type": str(event.kind), "seq": event.seq, **words}).decode()
    return Frame.of_text(text, seq=event.seq, **narrow)


def words_of_room(room: Room) -> dict[str, Any]:
    """What a room tells everybody of its rules. Its blocked words are for its host, by HTTP."""
    return {"post_id": str(room.pk), "slow_mode_s": room.slow_mode_s, "who": str(room.who), "hold": room.hold}


def _words_of_comment(kind: str, seen: SeenComment) -> dict[str, Any]:
    comment = seen.comment
    match kind:
        case RoomEventKind.COMMENT | RoomEventKind.COMMENT_HELD:
            return {"comment": CommentOut(seen).data}
        case RoomEventKind.COMMENT_EDITED:
            shown = CommentOut(seen).data
            return {name: shown[name] for name in ("id", "text", "mentions", "edited_at")}
    return {"id": str(comment.pk)}


def _audience(kind: str, scene: Scene, seen: SeenComment) -> dict[str, Any]:
    """Who gets what is about a comment. That it was held stays between two, also once it is not any more."""
    comment = seen.comment
    only: frozenset[int] = frozenset()
    if comment.author_id in scene.hidden:
        only = frozenset({comment.author_id})
    elif comment.is_held or kind == RoomEventKind.COMMENT_HELD:
        only = frozenset({comment.author_id, scene.host_id})
    mentioned = frozenset(one["id"] for one in comment.mentions) if _words_name(kind, seen) else frozenset()
    return {"author_id": comment.author_id, "only": only, "mentioned": mentioned}


def _words_name(kind: str, seen: SeenComment) -> bool:
    named = (RoomEventKind.COMMENT, RoomEventKind.COMMENT_HELD, RoomEventKind.COMMENT_EDITED)
    return kind in named and seen.comment.deleted_at is None


def message_of(frame: Frame) -> bytes:
    """The frame in its envelope: number and audience in front, so that no process decodes the rest."""
    only, mentioned = (",".join(map(str, sorted(ids))) for ids in (frame.only, frame.mentioned))
    head = f"{frame.seq} {frame.author_id} {frame.but_for} {only or '-'} {mentioned or '-'}"
    return b"%b\n%b" % (head.encode(), frame.message["text"].encode())


def frame_of(message: bytes) -> Frame:
    head, _, text = message.partition(b"\n")
    seq, author_id, but_for, only, mentioned = head.split()
    return Frame.of_text(
        text.decode(),
        seq=int(seq),
        author_id=int(author_id),
        but_for=int(but_for),
        only=_ids(only),
        mentioned=_ids(mentioned),
    )


def _ids(packed: bytes) -> frozenset[int]:
    return frozenset() if packed == b"-" else frozenset(map(int, packed.split(b",")))
