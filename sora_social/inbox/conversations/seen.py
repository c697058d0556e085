"""Conversations and messages together with what is between them and who reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sora_social.accounts.models import User
from sora_social.inbox.models import Message, Role, Seat


@dataclass(frozen=True)
class SeenMessage:
    """`post` is the JSON of the post that was shared, as the reader sees it; None where it is not for them."""

    message: Message
    is_mine: bool
    post: bytes | None = None

    @property
    def shares_post(self) -> bool:
        return self.message.post_id is not None and self.message.deleted_at is None


@dataclass(frozen=True)
class SeenMember:
    person: User
    state: str
    role: Role
    shown_read_seq: int | None


@dataclass(frozen=True)
class SeenConversation:
    seat: Seat
    members: Sequence[SeenMember]
    last: SeenMessage | None
    unread: int
