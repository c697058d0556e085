"""What waits for a person to read it, by what it is."""

from sora_social.inbox.models.notifications import Jotting, Kind, Mailbox, Notification, Occurrence
from sora_social.inbox.models.push import Delivery, Device, Platform

__all__ = ["Delivery", "Device", "Jotting", "Kind", "Mailbox", "Notification", "Occurrence", "Platform"]
