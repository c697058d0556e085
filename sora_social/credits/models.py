"""Who may still make how many clips: holds on the daily quota, a ledger of credits, and what licences cost."""

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
    """Clips set aside for one job: `clips` in all, `extra_clips` of them for a credit each, the rest from the plan."""

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


class Reason(models.TextChoices):
    """Why credits came or went."""

    INVITE = "invite"
    GIFT = "gift"  # by the operator
    RESERVED = "reserved"
    RELEASED = "released"
    LICENCE_PAID = "licence_paid"
    LICENCE_REFUNDED = "licence_refunded"
    LICENCE_EARNED = "licence_earned"


REASON_PATTERN = rf"^({'|'.join(Reason.values)})( [0-9]+)?$"
TAKING = rf"^({Reason.RESERVED}|{Reason.LICENCE_PAID})( |$)"
FREE_OF_HOLDS = rf"^({Reason.INVITE}|{Reason.GIFT})( |$)"


class Entry(models.Model):
    """One line of the ledger of credits; one credit is one clip beyond the plan. Append-only; the balance is the sum.

    `reason` is a word of Reason, and after it the id of what it is for where one word may come more than once: the
    invite, the cameo, or the one appearance that its owner was asked about.
    """

    id = IdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    credits = models.IntegerField()
    reason = models.CharField(max_length=40)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="entries")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "reason"], condition=Q(hold__isnull=False), name="entry_once"),
            models.CheckConstraint(condition=Q(reason__regex=REASON_PATTERN), name="reason_is_known"),
            models.CheckConstraint(
                condition=Q(reason__regex=TAKING, credits__lt=0) | Q(~Q(reason__regex=TAKING), credits__gte=0),
                name="reason_gives_or_takes",
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=FREE_OF_HOLDS) | Q(hold__isnull=False), name="what_a_job_moves_has_its_hold"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="entries_of_a_person")]

    def __str__(self) -> str:
        return f"{self.credits:+d} {self.reason}"

    @property
    def kind(self) -> Reason:
        """The word of `reason`."""
        return Reason(self.reason.partition(" ")[0])


class Fee(models.Model):
    """The price of a licence as it was when clips were set aside. Append-only: a new price is for the next job.

    The requester's entry was made with it; when the hold is settled, every captured clip earns the payee
    `credits_per_clip`, and what the others would have cost goes back.
    """

    id = IdField()
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="fees", db_index=False)
    payee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    cameo_id = models.BigIntegerField()
    credits_per_clip = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "cameo_id"], name="fee_once"),
            models.CheckConstraint(condition=Q(credits_per_clip__gte=1), name="fee_costs_something"),
        ]
        indexes = [models.Index(fields=["cameo_id"], name="fees_of_cameo")]

    def __str__(self) -> str:
        return f"{self.credits_per_clip} per clip for cameo {self.cameo_id}"
