"""Devices that may be woken, and what is on its way to them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sora_social.core.databases import IdField
from sora_social.inbox.models.messages import Seat
from sora_social.inbox.models.notifications import Notification


class Platform(models.TextChoices):
    FCM = "fcm"
    APNS = "apns"


class Device(models.Model):
    """An installed app, as its platform's push service knows it; good while the session that named it lives."""

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    platform = models.CharField(max_length=4, choices=Platform.choices)
    token = models.CharField(max_length=400)
    session_token = models.CharField(max_length=40)
    language = models.CharField(max_length=2, default="en")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "token"], name="device_once")]

    def __str__(self) -> str:
        return f"{self.platform} device {self.pk}"


class Delivery(models.Model):
    """A notification, or what is unread in a conversation, on its way to one device.

    The row is there until it arrived, or need not arrive any more.

    It is due at `due_at`; who takes it up moves that ahead by a lease, so that a worker which dies costs a minute.
    """

    id = IdField()
    notification = models.ForeignKey(Notification, models.CASCADE, null=True, related_name="+", db_index=False)
    seat = models.ForeignKey(Seat, models.CASCADE, null=True, related_name="+")
    device = models.ForeignKey(Device, models.CASCADE, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "device"], name="delivered_once"),
            models.CheckConstraint(
                condition=Q(notification=None, seat__isnull=False) | Q(notification__isnull=False, seat=None),
                name="a_delivery_is_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="deliveries_due")]

    def __str__(self) -> str:
        what = f"messages at {self.seat_id}" if self.seat_id else f"notification {self.notification_id}"
        return f"{what} to {self.device_id}"
