"""Posts, and what people do with them."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Now
from django.db.models.lookups import IsNull

from cameos.models import Appearance, AppearanceQuerySet
from sora_social.accounts.models import Follow, Mute, User, walls_between
from sora_social.challenges.models import Challenge
from sora_social.core import tallies
from sora_social.core.databases import IdField
from sora_social.media.models import Clip

LIKES = tallies.counter("posts_post", "like_count")
SAVES = tallies.counter("posts_post", "save_count")
COMMENTS = tallies.counter("posts_post", "comment_count")
VIEWS = tallies.counter("posts_post", "view_count")
SHARES = tallies.counter("posts_post", "share_count")


class Visibility(models.TextChoices):
    PUBLIC = "public"
    FOLLOWERS = "followers"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class RemixPolicy(models.TextChoices):
    EVERYONE = "everyone"
    MUTUALS = "mutuals"
    NOBODY = "nobody"


class PromptVisibility(models.TextChoices):
    PUBLIC = "public"
    REMIXERS = "remixers"
    PRIVATE = "private"


def _listed(viewer: User) -> Q:
    return Q(author=viewer) | Q(visibility__in=(Visibility.PUBLIC, Visibility.FOLLOWERS))


def with_whole_cast(allowed: AppearanceQuerySet, *, prefix: str = "") -> Q:
    """Posts all of whose cast is among these appearances; `prefix` leads to the post.

    They are counted, not searched for one that is not allowed: a post whose rows were missing would be shown to nobody.
    And PostgreSQL counts by index for each post that is asked for, where it would rather hash all appearances there are
    than search a few hundred times.
    """
    rows = allowed.filter(post_id=OuterRef(f"{prefix}pk")).order_by().values("post_id")
    found = Subquery(rows.annotate(count=Count("pk")).values("count"))
    return Q(**{f"{prefix}cast_count": 0}) | Q(**{f"{prefix}cast_count": found})


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: User) -> Self:
        """Posts that `viewer` may open: the one question every reader starts from.

        Not deleted, not removed, past its undo window or schedule (for everybody but the author), the author active,
        no block in either direction with the author or a co-creator, the post's own visibility, and the consent of
        everybody in its cast: where that has lapsed the post is nobody's to see, not even its author's.
        """
        standing = self._meant_for(viewer).filter(deleted_at__isnull=True, removed_at__isnull=True)
        return standing.filter(with_whole_cast(Appearance.objects.shown_to(viewer)))

    def standing(self) -> Self:
        """Posts that are shown, neither deleted nor removed, with their cast's consent; to whom is another question."""
        shown = self.filter(deleted_at__isnull=True, removed_at__isnull=True, shown_at__lte=Now())
        return shown.filter(with_whole_cast(Appearance.objects.in_force()))

    def open_to_all(self) -> Self:
        """Posts that somebody without an account may open by their link: public and unlisted ones that stand."""
        open_ones = self.standing().filter(visibility__in=(Visibility.PUBLIC, Visibility.UNLISTED))
        return open_ones.filter(author__is_active=True)

    def _meant_for(self, viewer: User) -> Self:
        mine, theirs = walls_between("author", viewer)
        # a value, not EXISTS: of that PostgreSQL would make a table of everybody whom the viewer follows, for each page
        follow = Follow.objects.filter(follower=viewer, followee=OuterRef("author")).values("pk")[:1]
        follows = IsNull(Subquery(follow), False)  # noqa: FBT003 - Django's signature
        shown = Q(shown_at__lte=Now()) & (
            Q(visibility__in=(Visibility.PUBLIC, Visibility.UNLISTED)) | Q(Q(visibility=Visibility.FOLLOWERS), follows)
        )
        meant = self.filter(author__is_active=True).filter(Q(author=viewer) | shown).exclude(mine).exclude(theirs)
        walled = PostCredit.objects.walled_from(viewer).filter(post=OuterRef("pk")).values("pk")[:1]
        return meant.filter(Q(credit_count=0) | Q(IsNull(Subquery(walled), True)))  # noqa: FBT003

    def listed_for(self, viewer: User) -> Self:
        """Posts that may come up unasked, in a feed or on somebody's profile: visible, and not merely by link."""
        return self.visible_to(viewer).filter(_listed(viewer))

    def known_to(self, viewer: User) -> Self:
        """Posts of which `viewer` may know that they are, or were: listed for them, or a tombstone of one that was.

        What went before anybody was shown it is no tombstone: it leaves no trace. One whose cast took their consent
        back is a tombstone.
        """
        return self._meant_for(viewer).filter(
            _listed(viewer),
            with_whole_cast(Appearance.objects.not_walled_from(viewer)),
            Q(deleted_at=None) | Q(deleted_at__gte=F("shown_at")),
            Q(removed_at=None) | Q(removed_at__gte=F("shown_at")),
        )

    def as_seen_by(self, viewer: User) -> Self:
        """Annotate what `viewer` did, and may do: `liked`, `saved`, `may_remix`."""
        mutual = Exists(Follow.objects.filter(follower=viewer, followee=OuterRef("author"))) & Exists(
            Follow.objects.filter(follower=OuterRef("author"), followee=viewer)
        )
        return self.annotate(
            liked=Exists(Like.objects.filter(post=OuterRef("pk"), person=viewer)),
            saved=Exists(Save.objects.filter(post=OuterRef("pk"), person=viewer)),
            may_remix=Q(author=viewer)
            | Q(remix_policy=RemixPolicy.EVERYONE)
            | Q(Q(remix_policy=RemixPolicy.MUTUALS), mutual),
        )

    def with_mark(self) -> Self:
        """Annotate `mark`, which grows whenever somebody in the cast, or credited, looks different or goes: a key for
        what is kept."""
        number = models.BigIntegerField()
        cast = Appearance.objects.filter(post_id=OuterRef("pk")).order_by().values("post_id")
        faces = Subquery(cast.annotate(mark=Sum("cameo__version", output_field=number)).values("mark"))
        credited = PostCredit.objects.filter(post=OuterRef("pk")).order_by().values("post_id")
        grown = Sum("person__version", output_field=number) + Count("ended_at")
        names = Subquery(credited.annotate(mark=grown).values("mark"), output_field=number)
        return self.annotate(
            mark=Case(When(cast_count=0, then=Value(0)), default=faces, output_field=number)
            + Case(When(credit_count=0, then=Value(0)), default=names, output_field=number)
        )

    def prompt_readable_by(self, viewer: User) -> Self:
        """Posts that `viewer` may open, and whose prompt they may read."""
        return (
            self.visible_to(viewer)
            .as_seen_by(viewer)
            .filter(
                Q(author=viewer)
                | Q(prompt_visibility=PromptVisibility.PUBLIC)
                | Q(prompt_visibility=PromptVisibility.REMIXERS, may_remix=True)
            )
            .filter(is_sealed=False)
        )

    def not_muted_by(self, viewer: User) -> Self:
        return self.exclude(Exists(Mute.objects.filter(muter=viewer, muted=OuterRef("author"))))


class Post(models.Model):
    """A published clip. Lineage figures are written by `remix`; counts are folded from tallies.

    `shown_at` is when others may see it: later than `created_at` by the undo window or the schedule.
    `challenge` is what it entered when it was published, and stays; lists of entries ask visibility like all others.
    `cast_count` is how many cameos are in it: who they are, and whether they may be, is in `cameos.Appearance`.
    `template` names what it was made with, beside `sources`: id, version and title. A post `is_sealed` whose prompt is
    a template's, for nobody to read: neither its readers nor its author.
    `credit_count` is how many co-creators were credited when it was published, whether or not they still are.
    `counted` is whether it stands in the public counts of its author and its ancestors; `remix` keeps it true.
    `remixer_count` are the people, beside the author, who made something directly from it, `people_count` those who
    made anything that came of it: each counts once, however much they made.
    `version` grows with every change of what a reader sees, so that a cached rendering is never stale.
    """

    id = IdField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", db_index=False)
    clip = models.ForeignKey(Clip, models.PROTECT, related_name="+")
    caption = models.CharField(max_length=2200, blank=True)
    prompt = models.CharField(max_length=2000, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC)
    remix_policy = models.CharField(max_length=10, choices=RemixPolicy.choices, default=RemixPolicy.EVERYONE)
    prompt_visibility = models.CharField(
        max_length=10, choices=PromptVisibility.choices, default=PromptVisibility.PUBLIC
    )
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    shown_at = models.DateTimeField(db_default=Now())
    undo_until = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    counted = models.BooleanField(default=False)
    root = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    depth = models.PositiveIntegerField(default=0)
    sources = models.JSONField(default=list)
    template = models.JSONField(null=True)
    is_sealed = models.BooleanField(default=False, db_default=False)
    cast_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    credit_count = models.PositiveSmallIntegerField(default=0, db_default=0)
    challenge = models.ForeignKey(Challenge, models.PROTECT, null=True, related_name="+", db_index=False)
    remix_count = models.IntegerField(default=0)
    descendant_count = models.IntegerField(default=0)
    remixer_count = models.IntegerField(default=0, db_default=0)
    people_count = models.IntegerField(default=0, db_default=0)
    like_count = models.IntegerField(default=0)
    save_count = models.IntegerField(default=0)
    comment_count = models.IntegerField(default=0)
    view_count = models.IntegerField(default=0)
    share_count = models.IntegerField(default=0, db_default=0)

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["author", "-id"], name="posts_of_author"),
            models.Index(
                fields=["-id"],
                condition=Q(visibility="public", deleted_at=None, removed_at=None),
                name="posts_newest_public",
            ),
            models.Index(fields=["root", "id"], name="posts_of_lineage"),
            models.Index(fields=["challenge", "-id"], condition=~Q(challenge=None), name="posts_of_challenge"),
        ]

    def __str__(self) -> str:
        return f"post {self.id}"

    @property
    def is_tombstone(self) -> bool:
        return self.deleted_at is not None or self.removed_at is not None

    @property
    def has_open_prompt(self) -> bool:
        """Whether whoever may see it may read its prompt."""
        return self.prompt_visibility == PromptVisibility.PUBLIC and not self.is_sealed


class PostCreditQuerySet(models.QuerySet["PostCredit"]):
    def standing(self) -> Self:
        return self.filter(ended_at=None)

    def walled_from(self, viewer: User) -> Self:
        """Credits of people across a wall from `viewer`: what they stand on is not there for `viewer`."""
        mine, theirs = walls_between("person", viewer)
        return self.standing().filter(mine | theirs)


class PostCredit(models.Model):
    """Somebody who made a post together with its author.

    A credit that ended keeps its row: marks of what is kept in memory may only grow.
    """

    id = IdField()
    post = models.ForeignKey(Post, models.CASCADE, related_name="credits", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    ordinal = models.PositiveSmallIntegerField()
    ended_at = models.DateTimeField(null=True)

    objects = PostCreditQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="credited_once")]
        indexes = [models.Index(fields=["person", "-post"], name="credits_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} made {self.post_id}, too"


class CaptionEdit(models.Model):
    """A caption as it was before an edit."""

    id = IdField()
    post = models.ForeignKey(Post, models.CASCADE, related_name="caption_edits")
    caption = models.CharField(max_length=2200, blank=True)
    replaced_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"edit of {self.post_id}"


class PostTag(models.Model):
    """A #tag of a caption, case-folded."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="tags", db_index=False)
    tag = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "tag"], name="tag_once")]
        indexes = [models.Index(fields=["tag", "-post"], name="posts_of_tag")]

    def __str__(self) -> str:
        return f"#{self.tag}"


class Like(models.Model):
    id = IdField()
    post = models.ForeignKey(Post, models.CASCADE, related_name="likes", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="like_once")]
        indexes = [models.Index(fields=["person", "-id"], name="likes_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} likes {self.post_id}"


class Save(models.Model):
    id = IdField()
    post = models.ForeignKey(Post, models.CASCADE, related_name="saves", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="save_once")]
        indexes = [models.Index(fields=["person", "-id"], name="saves_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} saved {self.post_id}"


class Share(models.Model):
    """That somebody took a link to a post out of here; where to is not known."""

    id = IdField()
    post = models.ForeignKey(Post, models.CASCADE, related_name="shares", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="share_once")]

    def __str__(self) -> str:
        return f"{self.person_id} shared {self.post_id}"
