"""What waits for a person to read it, by what it is."""

from sora_social.inbox.models.messages import Conversation, Message, MessageKind, Role, Seat, SeatState
from sora_social.inbox.models.notifications import Jotting, Kind, Mailbox, Notification, Occurrence
from sora_social.inbox.models.push import Delivery, Device, Platform

__all__ = [
    "Conversation",
    "Delivery",
    "Device",
    "Jotting",
    "Kind",
    "Mailbox",
    "Message",
    "MessageKind",
    "Notification",
    "Occurrence",
    "Platform",
    "Role",
    "Seat",
    "SeatState",
]
