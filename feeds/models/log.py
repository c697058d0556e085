"""What was shown to whom, and why: the log that the ranker learns from."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from sora_social.posts.models import Post
from sora_social.studio.models import Generation


class ServedPage(models.Model):
    """One page of a feed as it was served: the impressions of its items, side by side in arrays.

    `id` is the request; the impression of the item at index k is `<id>-<k>`. `first_rank` is the rank of index 0 in
    the snapshot. Scores are in units of value, propensities are the probability that the policy showed this item at
    this rank, `slots` by what right it was there (`ranking.slate.Slot`).
    `features` are the records of `ranking.features.RECORD`, one for each item, as the ranker had them; `layout` is the
    version of that record. Feeds that nobody ranked have neither.
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
    slots = ArrayField(models.PositiveSmallIntegerField(), default=list, db_default=[])
    reasons = models.JSONField(default=list)
    features = models.BinaryField(null=True)
    layout = models.CharField(max_length=12, blank=True, default="", db_default="")
    counted = models.BooleanField(default=False)
    served_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["viewer", "-id"], name="pages_of_viewer"),
            models.Index(fields=["id"], condition=models.Q(counted=False), name="pages_to_count"),
        ]

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
    opened = models.BooleanField(default=False)
    counted = models.BooleanField(default=False)
    reported_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "position"], name="watch_once")]
        indexes = [models.Index(fields=["id"], condition=models.Q(counted=False), name="watches_to_count")]

    def __str__(self) -> str:
        return f"watch {self.page_id}-{self.position}"


class NotInterested(models.Model):
    """`viewer` asked to see less like this, which a feed had shown them."""

    id = models.BigAutoField(primary_key=True)
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["viewer", "post"], name="not_interested_once")]

    def __str__(self) -> str:
        return f"{self.viewer_id} passed {self.post_id}"


class Act(models.TextChoices):
    """What a person may do because of a post; `<act>_count` counts it in `Exposure`."""

    OPEN = "open"
    SUBMIT = "submit"
    PUBLISH = "publish"
    CAST_SUBMIT = "cast_submit"
    CAST_PUBLISH = "cast_publish"
    PROMPT_SUBMIT = "prompt_submit"
    PROMPT_PUBLISH = "prompt_publish"
    REPORT = "report"


class Attribution(models.Model):
    """`person` did something after a feed had shown them `post`: once for each act, whatever they repeat.

    `job` is the newest generation that a submission stands for, `made` is the post that was published. `counted` is
    whether `Exposure` has it, `descended` whether what came of `made` in its first days has been counted.
    """

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    act = models.CharField(max_length=14, choices=Act.choices)
    job = models.ForeignKey(Generation, models.SET_NULL, null=True, related_name="+", db_index=False)
    made = models.ForeignKey(Post, models.CASCADE, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=Now())
    counted = models.BooleanField(db_default=False)
    descended = models.BooleanField(db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person", "act"], name="act_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(counted=False), name="acts_to_count"),
            models.Index(fields=["job"], condition=models.Q(job__isnull=False), name="acts_of_job"),
            models.Index(
                fields=["made"],
                condition=models.Q(made__isnull=False, descended=False),
                name="makings_to_follow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.act} {self.post_id}"


class Exposure(models.Model):
    """How often a post was shown and what followed, counted from the log; the ranker's evidence.

    Counts of acts are of `Attribution`, follows of `GainedFollow`, and `see_less_count` of `NotInterested`: of people
    whom a feed had shown the post.
    `maker_count` is of everybody who published a remix that others may come across, wherever they came from.
    `descent_*` are of makings at least seven days old: the sum of ln(1 + distinct later makers in their first seven
    days), and how many makings that is over.
    `waits` is whether the post stands: what was withdrawn is not offered to first viewers. It may lag behind; it only
    keeps the index of those who wait free of what cannot be shown.
    """

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    impression_count = models.IntegerField(default=0, db_default=0)
    open_count = models.IntegerField(default=0, db_default=0)
    submit_count = models.IntegerField(default=0, db_default=0)
    publish_count = models.IntegerField(default=0, db_default=0)
    cast_submit_count = models.IntegerField(default=0, db_default=0)
    cast_publish_count = models.IntegerField(default=0, db_default=0)
    prompt_submit_count = models.IntegerField(default=0, db_default=0)
    prompt_publish_count = models.IntegerField(default=0, db_default=0)
    follow_count = models.IntegerField(default=0, db_default=0)
    report_count = models.IntegerField(default=0, db_default=0)
    long_view_count = models.IntegerField(default=0, db_default=0)
    see_less_count = models.IntegerField(default=0, db_default=0)
    maker_count = models.IntegerField(default=0, db_default=0)
    descent_log_sum = models.FloatField(default=0.0, db_default=0.0)
    descent_count = models.IntegerField(default=0, db_default=0)
    waits = models.BooleanField(db_default=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["-post"], condition=models.Q(impression_count__lt=12, waits=True), name="posts_little_shown"
            ),
            models.Index(fields=["-post"], condition=models.Q(publish_count__gt=0), name="posts_made_of"),
        ]

    def __str__(self) -> str:
        return f"exposure of {self.pk}"


class AuthorPulse(models.Model):
    """How many people answered an author in the last 24 hours, as of `counted_at`; and how often their posts were shown
    so far, and what others published because of it.
    """

    author = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    feedback_count_24h = models.IntegerField(default=0, db_default=0)
    impression_count = models.BigIntegerField(default=0, db_default=0)
    publish_count = models.IntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"pulse of {self.pk}"
