"""What viewers say about their own feeds: rules, interests, and what may be used of what they do."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sora_social.core.databases import IdField


class SteeringRule(models.Model):
    """One instruction of a viewer to the ranker (`ranking.steering.rules.Rule`), at most one about each target.

    `target` is the code of a topic or mood, a tag without #, a style, or the id of `person`. `expires_at` is empty for
    a rule that stays; one that `fades` loses force from `said_at` until then. `said` are the viewer's own words.
    """

    id = IdField()
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    polarity = models.CharField(max_length=4)
    kind = models.CharField(max_length=6)
    target = models.CharField(max_length=100)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    strength = models.FloatField()
    said = models.CharField(max_length=500)
    said_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    fades = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["viewer", "kind", "target"], name="one_rule_about_a_target"),
            models.CheckConstraint(
                condition=Q(kind="person", person__isnull=False) | Q(~Q(kind="person"), person=None),
                name="rules_about_people_name_one",
            ),
            models.CheckConstraint(
                condition=Q(polarity="more", strength__range=(1, 3))
                | Q(polarity="less", strength__range=(0.2, 1))
                | Q(polarity="no", strength=0)
                | Q(polarity="only", strength=1),
                name="strength_is_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.polarity} {self.kind} {self.target}"


class Interest(models.Model):
    """A topic that a viewer named as theirs, at the beginning or by importing it."""

    id = models.BigAutoField(primary_key=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    topic = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=10)
    named_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["viewer", "source", "topic"], name="interest_once")]

    def __str__(self) -> str:
        return f"{self.viewer_id} likes {self.topic}"


class FeedSetting(models.Model):
    """What a viewer switched off, and since when nothing is remembered of them. No row: all is as it comes."""

    viewer = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    personalised = models.BooleanField(default=True)
    signals_off = ArrayField(models.CharField(max_length=12), default=list)
    forgot_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"feed of {self.viewer_id}"
