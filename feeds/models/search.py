"""What posts, people, cameos, tags and templates are found by. Whether they may be is asked of the things."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from cameos.models import Cameo
from sora_social.core import tallies
from sora_social.posts.models import Post
from sora_social.studio.templates.models import Template


class PostWords(models.Model):
    """The tokens of a post (`feeds.discovery.tokens`): of its caption, and of its prompt where everybody may read that.

    `tags` are those under which it is counted now: none while it is not public.
    """

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()
    tags = ArrayField(models.CharField(max_length=100), default=list)

    class Meta:
        # without `fastupdate` nothing waits in a list that every search would have to read through
        indexes = [GinIndex(fields=["words"], fastupdate=False, name="posts_by_word")]

    def __str__(self) -> str:
        return f"words of post {self.pk}"


class PersonWords(models.Model):
    """The tokens of a person's handles and name; `weight` is how many follow them, as of the last count."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()
    weight = models.IntegerField(default=0)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], fastupdate=False, name="people_by_word"),
            models.Index(fields=["-weight", "-person"], name="people_by_weight"),
        ]

    def __str__(self) -> str:
        return f"words of person {self.pk}"


class CameoWords(models.Model):
    """The tokens of a cameo's handle and name; `weight` is how many people cast it, as of the last count."""

    cameo = models.OneToOneField(Cameo, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()
    weight = models.IntegerField(default=0)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], fastupdate=False, name="cameos_by_word"),
            models.Index(fields=["-weight", "-cameo"], name="cameos_by_weight"),
        ]

    def __str__(self) -> str:
        return f"words of cameo {self.pk}"


class TemplateWords(models.Model):
    """The tokens of a template's title; `weight` is how many people used it, as of the last count."""

    template = models.OneToOneField(Template, models.CASCADE, primary_key=True, related_name="+")
    words = SearchVectorField()
    weight = models.IntegerField(default=0)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], fastupdate=False, name="templates_by_word"),
            models.Index(fields=["-weight", "-template"], name="templates_by_weight"),
        ]

    def __str__(self) -> str:
        return f"words of template {self.pk}"


class Tag(models.Model):
    """A #tag that a post ever had, and how many public posts have it now."""

    id = models.BigAutoField(primary_key=True)
    tag = models.CharField(max_length=100, unique=True)
    words = SearchVectorField()
    post_count = models.IntegerField(default=0)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], fastupdate=False, name="tags_by_word"),
            models.Index(fields=["-post_count", "-id"], name="tags_by_posts"),
        ]

    def __str__(self) -> str:
        return f"#{self.tag}"


TAG_POSTS = tallies.counter("feeds_tag", "post_count")
