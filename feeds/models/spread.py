"""How posts spread: whose are pulled instead of pushed, and which others make something of."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from sora_social.posts.models import Post


class LoudAuthor(models.Model):
    """An author with more followers than a post is pushed to: theirs are pulled when somebody looks.

    Once loud, an author stays so: lists that were built meanwhile hold nothing of them, and pulling is never wrong.
    """

    author = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"loud {self.pk}"


class MostMade(models.Model):
    """A post that others make something of, as of `counted_at`; some hundred rows, counted anew every minute.

    `maker_count` is of the last seven days, its author not counted. `creation_rate` is the mean of the posterior of
    publishing something of it when it is shown, of a post of the last days; 0 otherwise.
    """

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    maker_count = models.PositiveIntegerField(default=0)
    creation_rate = models.FloatField(default=0.0)
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["-maker_count", "-post"], name="most_made_by_makers"),
            models.Index(fields=["-creation_rate", "-post"], name="most_made_by_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.maker_count} made something of {self.pk}"
