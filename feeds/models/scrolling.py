"""What interrupts a scroll: cards and pauses with what became of them, the experiments they are part of, check-ins."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from sora_social.accounts.models import User
from sora_social.core.databases import IdField
from sora_social.studio.models import Generation


class NudgeKind(models.TextChoices):
    """The first three are cards, which lie between posts; the others are holds, which stand instead of a page."""

    CREATE = "create"
    FRIEND = "friend"
    BREAK = "break"
    PAUSE = "pause"
    QUIET_HOURS = "quiet_hours"
    DAILY_LIMIT = "daily_limit"


CARDS = (NudgeKind.CREATE, NudgeKind.FRIEND, NudgeKind.BREAK)


class NudgeOutcome(models.TextChoices):
    CREATED = "created"
    REMIXED = "remixed"
    DISMISSED = "dismissed"
    ACKNOWLEDGED = "acknowledged"
    LEFT = "left"


MADE = (NudgeOutcome.CREATED, NudgeOutcome.REMIXED)


_SPAN = Func("starts_at", "ends_at", function="TSTZRANGE", output_field=DateTimeRangeField())


class Experiment(models.Model):
    """A comparison of arms. No two run at the same time: the database has no room for a second.

    `arms` are shares by name, `minimum_people` and `minimum_effect` (relative) what each arm must have before a winner
    is called. It is over at `ends_at`; stopping it brings that forward.
    """

    id = IdField()
    name = models.SlugField(max_length=40, unique=True)
    salt = models.CharField(max_length=32)
    arms = models.JSONField()
    minimum_people = models.PositiveIntegerField(default=100)
    minimum_effect = models.FloatField(default=0.2)
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_experiment_at_a_time",
                expressions=[(_SPAN, RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="experiments_end_after_they_start"),
            models.CheckConstraint(condition=Q(minimum_effect__gt=0), name="experiments_look_for_an_effect"),
        ]

    def __str__(self) -> str:
        return self.name

    def is_running(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


class NudgeQuerySet(models.QuerySet["Nudge"]):
    def of(self, viewer: User) -> Self:
        """Those of one person, the newest first."""
        return self.filter(viewer=viewer).order_by("-pk")

    def shown_to(self, viewer: User) -> Self:
        """Those that this person saw: whatever is a ghost, or somebody else's, is not there."""
        return self.filter(viewer=viewer, is_ghost=False)

    def cards(self) -> Self:
        return self.filter(kind__in=CARDS)


class Nudge(models.Model):
    """A card or a hold in somebody's scroll, and the one thing that became of it.

    `offer` holds the action and the ids of what was offered, never a name. A ghost is a card of the control arm: it was
    due, is logged, and was not shown. `job` is what was made after it. `until` is when a hold ends by itself. A card
    that somebody scrolled past keeps no outcome; `is_settled` says that nothing more will come.
    """

    id = models.BigIntegerField(primary_key=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=NudgeKind.choices)
    step = models.PositiveSmallIntegerField()
    experiment = models.ForeignKey(Experiment, models.PROTECT, null=True, related_name="nudges")
    arm = models.CharField(max_length=20, blank=True)
    offer = models.JSONField(null=True)
    is_ghost = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=NudgeOutcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Generation, models.SET_NULL, null=True, related_name="+")
    is_settled = models.BooleanField(default=False)

    objects = NudgeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at=None) | Q(~Q(outcome=""), outcome_at__isnull=False),
                name="outcomes_have_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CARDS, until=None) | Q(~Q(kind__in=CARDS), until__isnull=False, is_ghost=False),
                name="holds_end_and_cards_do_not",
            ),
            models.CheckConstraint(condition=Q(job=None) | Q(outcome__in=MADE), name="a_job_is_only_after_a_making"),
        ]
        indexes = [
            models.Index(fields=["viewer", "-id"], name="nudges_of_viewer"),
            models.Index(fields=["id"], condition=Q(is_settled=False), name="nudges_to_settle"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def ends_at(self) -> datetime:
        """When a hold ends by itself."""
        assert self.until is not None  # noqa: S101 - the database's CHECK
        return self.until

    @property
    def is_card(self) -> bool:
        return self.kind in CARDS


class OfferRate(models.Model):
    """How often an offer of one action was laid before somebody, and taken up: folded from cards now and then."""

    action = models.CharField(max_length=10, primary_key=True)
    laid_count = models.PositiveIntegerField()
    taken_count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.action


class CheckInAnswer(models.TextChoices):
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


class CheckIn(models.Model):
    """How the feed leaves somebody: one answer a week, the last word of it. `week` is its Monday where they are."""

    id = IdField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    week = models.DateField()
    answer = models.CharField(max_length=6, choices=CheckInAnswer.choices)
    note = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="one_check_in_a_week")]

    def __str__(self) -> str:
        return f"{self.answer} in the week of {self.week}"
