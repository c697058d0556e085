"""What was shown to whom, and why: the log that the ranker learns from."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from sora_social.posts.models import Post


class ServedPage(models.Model):
    """One page of a feed as it was served: the impressions of its items, side by side in arrays.

    `id` is the request; the impression of the item at index k is `<id>-<k>`. `first_rank` is the rank of index 0 in
    the snapshot. Scores are in units of value, propensities are the probability that the policy showed this item at
    this rank.
    """

    id = models.BigIntegerField(primary_key=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    feed = models.CharField(max_length=12)
    snapshot_id = models.BigIntegerField()
    candidate_set_hash = models.BigIntegerField()
    model = models.CharField(max_length=40)
    arm = models.CharField(max_length=40, blank=True)
    steering = models.JSONField(null=True)
    nudge_state = models.JSONField(null=True)
    first_rank = models.PositiveIntegerField()
    post_ids = ArrayField(models.BigIntegerField())
    scores = ArrayField(models.FloatField())
    propensities = ArrayField(models.FloatField())
    served_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["viewer", "-id"], name="pages_of_viewer")]

    def __str__(self) -> str:
        return f"page {self.id}"


class Watch(models.Model):
    """What the client says of an impression: how long it was visible and watched."""

    id = models.BigAutoField(primary_key=True)
    page = models.ForeignKey(ServedPage, models.CASCADE, related_name="watches", db_index=False)
    position = models.PositiveSmallIntegerField()
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    visible_ms = models.PositiveIntegerField(default=0)
    watched_ms = models.PositiveIntegerField(default=0)
    loops = models.PositiveSmallIntegerField(default=0)
    ended = models.BooleanField(default=False)
    reported_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "position"], name="watch_once")]

    def __str__(self) -> str:
        return f"watch {self.page_id}-{self.position}"


class NotInterested(models.Model):
    """`viewer` asked to see less like this."""

    id = models.BigAutoField(primary_key=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["viewer", "post"], name="not_interested_once")]

    def __str__(self) -> str:
        return f"{self.viewer_id} passed {self.post_id}"
