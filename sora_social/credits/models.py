"""Who may still make how many clips: holds on the daily quota, and a ledger of extra clips."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sora_social.core.databases import IdField


class Account(models.Model):
    """The row that everything which spends of one person locks first."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return f"account {self.pk}"


class HoldState(models.TextChoices):
    RESERVED = "reserved"
    CAPTURED = "captured"
    RELEASED = "released"


class Hold(models.Model):
    """Clips set aside for one job: `clips` in all, `extra_clips` of them from the ledger, the rest from the plan."""

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    clips = models.PositiveSmallIntegerField()
    extra_clips = models.PositiveSmallIntegerField(default=0)
    captured_clips = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=HoldState.choices, default=HoldState.RESERVED)
    reserved_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(extra_clips__lte=models.F("clips")), name="extra_is_part_of_hold"),
            models.CheckConstraint(condition=Q(captured_clips__lte=models.F("clips")), name="captured_is_part_of_hold"),
            models.CheckConstraint(
                condition=Q(state="reserved", settled_at=None) | Q(~Q(state="reserved"), settled_at__isnull=False),
                name="settled_holds_have_a_time",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-reserved_at"], name="holds_of_the_day")]

    def __str__(self) -> str:
        return f"hold {self.id} {self.state}"


class Entry(models.Model):
    """One line of the ledger of extra clips. Append-only; the balance is the sum."""

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    clips = models.SmallIntegerField()
    reason = models.CharField(max_length=40)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="entries")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "reason"], condition=Q(hold__isnull=False), name="entry_once")
        ]

    def __str__(self) -> str:
        return f"{self.clips:+d} {self.reason}"
