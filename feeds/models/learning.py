"""The ranker's models: what was trained, on what, how it was judged, and which one is live."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ModelState(models.TextChoices):
    CANDIDATE = "candidate"
    LIVE = "live"
    RETIRED = "retired"


class RankingModelQuerySet(models.QuerySet["RankingModel"]):
    def live(self) -> Self:
        """The one that ranks, or none: then the smoothed rates do."""
        return self.filter(state=ModelState.LIVE)

    def without_bytes(self) -> Self:
        return self.defer("serving", "estimators")


class RankingModel(models.Model):
    """A trained model. At most one is live.

    `version` is a hash of what is served. `serving` are plain arrays (`ranking.model`), `estimators` the scikit-learn
    objects that they were folded from, in skops' format. `weights` is what each act is worth with it. `since` and
    `until` bound the impressions that it learned from and was judged on. `verdict` says how it fared against the model
    that was live when it was trained; `reason` why somebody promoted it or took it back.
    `previous` is who was live before it: the one that a roll-back returns to.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=ModelState.choices, default=ModelState.CANDIDATE)
    since = models.DateTimeField()
    until = models.DateTimeField()
    impression_count = models.PositiveIntegerField()
    metrics = models.JSONField()
    verdict = models.CharField(max_length=300)
    weights = models.JSONField()
    serving = models.BinaryField()
    estimators = models.BinaryField()
    previous = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    promoted_at = models.DateTimeField(null=True)

    objects = RankingModelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="one_model_is_live"),
            models.CheckConstraint(
                condition=Q(state="candidate") | Q(promoted_at__isnull=False), name="who_was_live_was_promoted"
            ),
        ]

    def __str__(self) -> str:
        return f"model {self.version}"
