"""What travels to the rooms: numbered frames, encoded once where they arise, and their envelope on the bus."""

from dataclasses import dataclass
from typing import Any

from sora_social.core.problems import encode
from sora_social.posts.comments.seen import SeenComment
from sora_social.posts.comments.wire import CommentOut
from sora_social.posts.models import RoomEventKind

CONTROL = "live:control"
_ROOM = "live:room:"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame for sockets. `seq` is 0 when it has no number; people behind a wall from `author_id` do not get it.

    `message` is the one ASGI message that all sockets of a process share. A frame without text is for nobody: it only
    moves the number on.
    """

    seq: int
    author_id: int
    message: dict[str, Any]
    size: int

    @classmethod
    def of_text(cls, text: str, *, seq: int = 0, author_id: int = 0) -> "Frame":
        return cls(seq, author_id, {"type": "websocket.send", "text": text}, len(text))

    @classmethod
    def of(cls, kind: str, **words: Any) -> "Frame":
        return cls.of_text(encode({"type": kind, **words}).decode())


def channel_of(post_id: int) -> str:
    return f"{_ROOM}{post_id}"


def post_of(channel: str) -> int:
    return int(channel.removeprefix(_ROOM))


def room_frame(kind: str, seq: int, seen: SeenComment) -> Frame:
    """The frame of a numbered event. Words of people who are suspended are shown to nobody."""
    comment = seen.comment
    if not comment.author.is_active:
        return Frame.of_text("", seq=seq, author_id=comment.author_id)
    words: dict[str, Any]
    match kind:
        case RoomEventKind.COMMENT:
            words = {"comment": CommentOut(seen).data}
        case RoomEventKind.COMMENT_EDITED:
            text = "" if comment.deleted_at else comment.text
            words = {"id": str(comment.pk), "text": text, "edited_at": comment.edited_at}
        case _:
            words = {"id": str(comment.pk)}
    text = encode({"type": str(kind), "seq": seq, **words}).decode()
    return Frame.of_text(text, seq=seq, author_id=comment.author_id)


def message_of(frame: Frame) -> bytes:
    """The frame in its envelope: number and author in front, so that no process decodes the rest."""
    return b"%d %d\n%s" % (frame.seq, frame.author_id, frame.message["text"].encode())


def frame_of(message: bytes) -> Frame:
    head, _, text = message.partition(b"\n")
    seq, author_id = head.split()
    return Frame.of_text(text.decode(), seq=int(seq), author_id=int(author_id))
