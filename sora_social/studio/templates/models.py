"""Templates, their versions, and who used them."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from sora_social.accounts.models import User
from sora_social.core import tallies
from sora_social.core.databases import IdField
from sora_social.posts.models import Post

USES = tallies.counter("studio_template", "use_count")
USERS = tallies.counter("studio_template", "person_count")


class TemplateQuerySet(models.QuerySet["Template"]):
    def listed_for(self, viewer: User) -> Self:
        """Templates that may come up unasked, to be used."""
        listed = Post.objects.listed_for(viewer).not_muted_by(viewer)
        return self.standing().filter(post__in=listed.values("pk"))

    def standing(self) -> Self:
        return self.filter(withdrawn_at=None, removed_at=None)

    def with_details(self) -> Self:
        return self.select_related("current", "author")


class Template(models.Model):
    """A post's recipe for others to fill. `current` is the version that new uses are of; null only while it is made.

    Whether somebody may see it is whether they may see the post. It is withdrawn by its author, who is also the post's,
    and removed by a moderator. `use_count` are jobs that were completed, `person_count` the people who had one: each
    once, and not its author.
    """

    id = IdField()
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    current = models.ForeignKey("studio.TemplateVersion", models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())
    withdrawn_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    use_count = models.IntegerField(default=0)
    person_count = models.IntegerField(default=0)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(withdrawn_at=None), name="one_template_of_a_post")
        ]
        indexes = [
            models.Index(fields=["author", "-id"], name="templates_of_author"),
            models.Index(
                fields=["-person_count", "-id"],
                condition=Q(withdrawn_at=None, removed_at=None),
                name="templates_most_used",
            ),
        ]

    def __str__(self) -> str:
        return f"template {self.id}"

    @property
    def recipe(self) -> "TemplateVersion":
        assert self.current is not None  # noqa: S101 - written in the transaction that makes the template
        return self.current


class TemplateVersion(models.Model):
    """What a template said from one edit to the next. Nothing changes it: the database refuses.

    `slots` and `shots` are rows of `recipes.Slot` and of shots; `locked` are the parts that a user may not change.
    `seed` is there when it is locked.
    """

    id = IdField()
    template = models.ForeignKey(Template, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=80)
    prompt = models.CharField(max_length=2000)
    shots = models.JSONField(default=list)
    negative_prompt = models.CharField(max_length=500, blank=True)
    style = models.CharField(max_length=30)
    camera = models.CharField(max_length=30, blank=True)
    orientation = models.CharField(max_length=10)
    seconds = models.PositiveSmallIntegerField()
    seed = models.PositiveBigIntegerField(null=True)
    slots = models.JSONField(default=list)
    locked = ArrayField(models.CharField(max_length=20), default=list)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once"),
            models.CheckConstraint(
                condition=Q(seed=None) | Q(locked__contains=["seed"]), name="a_template_keeps_a_locked_seed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class TemplateUser(models.Model):
    """Somebody who made a clip with a template, once for all their clips."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(Template, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "person"], name="template_user_once")]

    def __str__(self) -> str:
        return f"{self.person_id} used {self.template_id}"
