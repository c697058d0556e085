"""What the inbox tells of what is said in it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageSent:
    """Somebody said something, or shared a post; it may have been taken back, or read, until this is handled."""

    message_id: int
