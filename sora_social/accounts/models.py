"""People, the names they go by, and the ties between them."""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from ranking.quiet_hours import Place
from sora_social.accounts.ages import age_on
from sora_social.core import tallies
from sora_social.core.databases import IdField

# sign-up asks for 3; shorter ones are for the operator to give (the demo world has @bo and @cy)
HANDLE_PATTERN = r"^[a-z0-9_.]{2,30}$"

FOLLOWERS = tallies.counter("accounts_user", "follower_count")
FOLLOWING = tallies.counter("accounts_user", "following_count")
POSTS = tallies.counter("accounts_user", "post_count")
LIKES_RECEIVED = tallies.counter("accounts_user", "like_count")
CASTINGS = tallies.counter("accounts_user", "casting_count")
REMIXES_RECEIVED = tallies.counter("accounts_user", "remix_count")


def walls_between(person: str, viewer: "User") -> tuple[Exists, Exists]:
    """Whether `viewer` blocks who a column of the asked rows names, and whether they block `viewer`."""
    return (
        Exists(Block.objects.filter(blocker=viewer, blocked=OuterRef(person))),
        Exists(Block.objects.filter(blocker=OuterRef(person), blocked=viewer)),
    )


class MessagesFrom(models.TextChoices):
    """Whose first message reaches somebody at once. Under `followees` others may ask; under the rest they may not."""

    EVERYONE = "everyone"
    FOLLOWEES = "followees"
    MUTUALS = "mutuals"
    NOBODY = "nobody"


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, viewer: "User") -> Self:
        """People whom `viewer` may know of: active, and no block between the two, in either direction."""
        return self.filter(is_active=True, admitted_at__isnull=False).not_walled_from(viewer)

    def not_walled_from(self, viewer: "User") -> Self:
        mine, theirs = walls_between("pk", viewer)
        return self.exclude(mine).exclude(theirs)

    def with_ties_to(self, viewer: "User") -> Self:
        """Annotate `follows`, `followed_by`, `blocks` and `mutes`, each as seen by `viewer`."""
        return self.annotate(
            follows=Exists(Follow.objects.filter(follower=viewer, followee=OuterRef("pk"))),
            followed_by=Exists(Follow.objects.filter(follower=OuterRef("pk"), followee=viewer)),
            blocks=Exists(Block.objects.filter(blocker=viewer, blocked=OuterRef("pk"))),
            mutes=Exists(Mute.objects.filter(muter=viewer, muted=OuterRef("pk"))),
        )


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "User":
        person: User = self.get(handle=username)
        return person

    def create_user(self, handle: str, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(handle=handle, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. `admitted_at` is empty while they wait; `is_active` is false while suspended.

    `feed_mark` grows whenever they change what their feeds are made by: what was kept under an older one is not theirs
    any more. It is here because a request reads this row, and nothing else, before it knows who asks.

    `time_zone` is an IANA name, empty for UTC; a teen's change waits in `next_time_zone` until `next_time_zone_at`.
    `quiet_from`, `quiet_until` (there) and `daily_minutes` are limits that they set themselves. They are here, and not
    with the feeds, because every page asks for them and the session brings this row anyway.
    """

    id = IdField()
    handle = models.CharField(max_length=30, unique=True)
    display_name = models.CharField(max_length=60, blank=True)
    bio = models.CharField(max_length=300, blank=True)
    email = models.EmailField(max_length=254)
    birthday = models.DateField(null=True)
    country = models.CharField(max_length=2, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(db_default=Now())
    admitted_at = models.DateTimeField(null=True)
    time_zone = models.CharField(max_length=40, blank=True, db_default="", default="")
    next_time_zone = models.CharField(max_length=40, blank=True, db_default="", default="")
    next_time_zone_at = models.DateTimeField(null=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    daily_minutes = models.PositiveSmallIntegerField(null=True)
    messages_from = models.CharField(
        max_length=10,
        choices=MessagesFrom.choices,
        default=MessagesFrom.FOLLOWEES,
        db_default=MessagesFrom.FOLLOWEES,
    )
    version = models.PositiveIntegerField(default=1)
    feed_mark = models.PositiveIntegerField(default=0, db_default=0)
    follower_count = models.IntegerField(default=0)
    following_count = models.IntegerField(default=0)
    post_count = models.IntegerField(default=0)
    like_count = models.IntegerField(default=0)
    remix_count = models.IntegerField(default=0)
    casting_count = models.IntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(handle__regex=HANDLE_PATTERN), name="handle_is_well_formed"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(~Q(quiet_from=F("quiet_until")), quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            ),
        ]
        indexes = [
            models.Index(fields=["joined_at"], condition=Q(admitted_at__isnull=True), name="people_waiting"),
            models.Index(fields=["email"], name="people_by_email"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def name(self) -> str:
        return self.display_name or self.handle

    def is_teen(self, today: date) -> bool:
        return self.birthday is not None and age_on(today, self.birthday) < 18

    @property
    def place(self) -> Place:
        if self.next_time_zone_at is None:
            return Place(ZoneInfo(self.time_zone or "UTC"))
        return Place(ZoneInfo(self.time_zone or "UTC"), ZoneInfo(self.next_time_zone), self.next_time_zone_at)

    def zone_name(self, now: datetime) -> str:
        """The zone in force; where none was named it is UTC."""
        is_past = self.next_time_zone_at is not None and self.next_time_zone_at <= now
        return (self.next_time_zone if is_past else self.time_zone) or "UTC"


class Handle(models.Model):
    """A name in the one `@` namespace. A name once taken stays with who took it, so that old mentions resolve."""

    name = models.CharField(max_length=30, primary_key=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="handles")
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(name__regex=HANDLE_PATTERN), name="name_is_well_formed")]

    def __str__(self) -> str:
        return f"@{self.name}"


class Follow(models.Model):
    id = IdField()
    follower = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    followee = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followee")), name="nobody_follows_themselves"),
        ]
        indexes = [
            models.Index(fields=["followee", "-id"], name="followers_newest"),
            models.Index(fields=["follower", "-id"], name="following_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followee_id}"


class Block(models.Model):
    """A wall between two people. Whoever built it, it is total in both directions."""

    id = IdField()
    blocker = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    blocked = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="nobody_blocks_themselves"),
        ]
        indexes = [models.Index(fields=["blocked", "blocker"], name="blocked_by")]

    def __str__(self) -> str:
        return f"{self.blocker_id} ⊣ {self.blocked_id}"


class Mute(models.Model):
    """`muter` does not want to meet `muted` in feeds; the other never learns of it."""

    id = IdField()
    muter = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    muted = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(muter=F("muted")), name="nobody_mutes_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.muter_id} ⊘ {self.muted_id}"


class Invite(models.Model):
    """A code that admits one person. Each member has a few."""

    id = IdField()
    code = models.CharField(max_length=16, unique=True)
    inviter = models.ForeignKey(User, models.CASCADE, related_name="invites")
    redeemer = models.OneToOneField(User, models.SET_NULL, null=True, related_name="invite_redeemed")
    redeemed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.code


class WaitlistEntry(models.Model):
    """Somebody without an account who wants to hear when the doors open."""

    id = IdField()
    email = models.EmailField(max_length=254, unique=True)
    country = models.CharField(max_length=2, blank=True)
    asked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"waitlist {self.id}"
