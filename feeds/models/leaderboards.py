"""Leaderboards as of the last count: short lists that a beat makes anew, so that no page counts edges."""

from django.db import models
from django.db.models.functions import Now

from cameos.models import Cameo
from sora_social.challenges.models import Challenge
from sora_social.posts.models import Post


class Board(models.TextChoices):
    REMIXED = "remixed"
    RISING = "rising"


class Window(models.TextChoices):
    DAY = "day"
    WEEK = "week"
    ALL = "all"


class RankedPost(models.Model):
    """A post's place in a leaderboard, of everything or of one challenge; readers ask its visibility again.

    `maker_count` is how many other people made something of it in the window (`rising`: made their first of it within
    a day). Places go by `score`, then likes, then the newer post.
    """

    id = models.BigAutoField(primary_key=True)
    board = models.CharField(max_length=10, choices=Board.choices)
    within = models.CharField(max_length=5, choices=Window.choices)
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    score = models.BigIntegerField()
    maker_count = models.IntegerField()
    like_count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["board", "within", "challenge", "post"], nulls_distinct=False, name="ranked_post_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["board", "within", "challenge", "-score", "-like_count", "-post"], name="posts_by_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} in {self.board}"


class RankedCameo(models.Model):
    """A cameo's place among the most cast: `maker_count` is how many people but its owner published with it."""

    id = models.BigAutoField(primary_key=True)
    within = models.CharField(max_length=5, choices=Window.choices)
    challenge = models.ForeignKey(Challenge, models.CASCADE, null=True, related_name="+", db_index=False)
    cameo = models.ForeignKey(Cameo, models.CASCADE, related_name="+", db_index=False)
    maker_count = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["within", "challenge", "cameo"], nulls_distinct=False, name="ranked_cameo_once"
            )
        ]
        indexes = [models.Index(fields=["within", "challenge", "-maker_count", "-cameo"], name="cameos_by_place")]

    def __str__(self) -> str:
        return f"{self.cameo_id} among the most cast"


class Turnout(models.Model):
    """How many public entries a challenge has, by how many people. `is_stale` asks for it to be counted again."""

    challenge = models.OneToOneField(Challenge, models.CASCADE, primary_key=True, related_name="turnout")
    entry_count = models.PositiveIntegerField(default=0)
    person_count = models.PositiveIntegerField(default=0)
    is_stale = models.BooleanField(default=True)
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["challenge"], condition=models.Q(is_stale=True), name="turnouts_to_count")]

    def __str__(self) -> str:
        return f"turnout of {self.pk}"
