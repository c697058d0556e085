"""Challenges: a theme with a time window that posts enter."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from sora_social.core.databases import IdField


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def listed(self) -> Self:
        """Challenges that people may know of, whether they are coming, open or past."""
        return self.filter(is_listed=True)

    def open_at(self, moment: datetime) -> Self:
        """Those that take entries at this moment."""
        return self.listed().filter(starts_at__lte=moment, ends_at__gt=moment)

    def coming_at(self, moment: datetime) -> Self:
        return self.listed().filter(starts_at__gt=moment)

    def past_at(self, moment: datetime) -> Self:
        return self.listed().filter(ends_at__lte=moment)


class Challenge(models.Model):
    """A theme with a time window. `prompt` is a suggestion to begin with, `tag` a #tag to go with it (case-folded).

    Entries are posts that name it (`Post.challenge`). `version` grows with every change of what a reader sees.
    """

    id = IdField()
    title = models.CharField(max_length=80)
    description = models.CharField(max_length=1000, blank=True)
    prompt = models.CharField(max_length=300, blank=True)
    tag = models.CharField(max_length=100, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_listed = models.BooleanField(default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_challenge_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(title=""), name="a_challenge_has_a_title"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="challenges_by_end")]

    def __str__(self) -> str:
        return self.title

    def state_at(self, moment: datetime) -> str:
        """`coming`, `open` or `past`."""
        if moment < self.starts_at:
            return "coming"
        return "open" if moment < self.ends_at else "past"
