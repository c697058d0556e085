"""How far a post came, day by day, for its author."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from sora_social.posts.models import Post


class ReachDay(models.Model):
    """What happened with a post on one day (UTC), counted with the impression log. Days are kept for five weeks."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    impression_count = models.IntegerField(default=0, db_default=0)
    view_count = models.IntegerField(default=0, db_default=0)
    open_count = models.IntegerField(default=0, db_default=0)
    publish_count = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "day"], name="reach_once_a_day")]
        indexes = [models.Index(fields=["day"], name="reach_by_day")]

    def __str__(self) -> str:
        return f"reach of {self.post_id} on {self.day}"


class GainedFollow(models.Model):
    """Somebody followed an author within a day of being shown a post of theirs: the last one that they were shown.

    Once for each pair of people. Who it was is told to nobody.
    """

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    follower = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    followed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "follower"], name="gained_once")]

    def __str__(self) -> str:
        return f"a follow gained by {self.post_id}"
