"""What waits for a person to read it."""

from sora_social.inbox.models.messages import Conversation, Message, MessageKind, Role, Seat, SeatState

__all__ = ["Conversation", "Message", "MessageKind", "Role", "Seat", "SeatState"]
