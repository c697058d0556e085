"""The room of a post: its rules, what is said in it, and all that happens there, with numbers."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from sora_social.accounts.models import User, walls_between
from sora_social.core import tallies
from sora_social.core.databases import IdField
from sora_social.posts.models.posts import Post

COMMENT_LIKES = tallies.counter("posts_comment", "like_count")
REPLIES = tallies.counter("posts_comment", "reply_count")


class Speakers(models.TextChoices):
    """Who may speak in a room, beside its host, the author of the post."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    MUTUALS = "mutuals"
    NOBODY = "nobody"


class Room(models.Model):
    """The live room of a post. `seq` is the number of its newest event; its row lock puts events in commit order.

    A room that nobody spoke in and nobody set has no row, and these defaults.
    """

    post = models.OneToOneField(Post, models.CASCADE, primary_key=True, related_name="room")
    seq = models.BigIntegerField(default=0)
    slow_mode_s = models.PositiveSmallIntegerField(default=0, db_default=0)
    who = models.CharField(
        max_length=10, choices=Speakers.choices, default=Speakers.EVERYONE, db_default=Speakers.EVERYONE
    )
    blocked_words = models.JSONField(default=list, db_default=[])
    hold = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"room {self.pk}"


class RestraintQuerySet(models.QuerySet["Restraint"]):
    def in_force(self, now: datetime) -> Self:
        return self.filter(Q(is_hidden=True) | Q(silent_until__gt=now))


class Restraint(models.Model):
    """What the host of a room laid on one person there: silent for a while, or hidden without knowing it."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    silent_until = models.DateTimeField(null=True)
    is_hidden = models.BooleanField(default=False)

    objects = RestraintQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="restraint_once")]

    def __str__(self) -> str:
        return f"restraint of {self.person_id} under {self.post_id}"


def _hidden() -> Exists:
    return Exists(Restraint.objects.filter(post=OuterRef("post"), person=OuterRef("author"), is_hidden=True))


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, viewer: User) -> Self:
        """Comments by people between whom and `viewer` there is no block. (Whether the post itself is visible is
        the post's question.) A deleted comment stays as a tombstone.

        What is held for review is there for its author and the author of the post; what somebody says who is hidden
        in the room, for that person alone.
        """
        mine, theirs = walls_between("author", viewer)
        known = self.filter(author__is_active=True).exclude(mine).exclude(theirs)
        return known.filter(Q(author=viewer) | ~_hidden(), Q(is_held=False) | Q(author=viewer) | Q(post__author=viewer))

    def waiting(self) -> Self:
        """Those that are held for review, but for those of people who are hidden: nobody is to look at these."""
        return self.filter(~_hidden(), is_held=True, deleted_at=None)

    def counted(self) -> Self:
        """Those that counts are made of: what everybody may see who is behind no wall."""
        return self.filter(~_hidden(), deleted_at=None, is_held=False)

    def uncounted(self) -> Self:
        """Those that are shown to a few and not counted."""
        return self.filter(Q(is_held=True) | _hidden(), deleted_at=None)


class Comment(models.Model):
    """A comment, or a reply to one. `seq` is the number of the event that brought it.

    `mentions` are the people whom its words name and whom its author may name: `[{"handle": as written, "id": …}]`.
    """

    id = IdField()
    post = models.ForeignKey(Post, models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies", db_index=False)
    seq = models.BigIntegerField()
    text = models.CharField(max_length=500)
    mentions = models.JSONField(default=list, db_default=[])
    at_ms = models.PositiveIntegerField(null=True)
    client_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    is_held = models.BooleanField(default=False, db_default=False)
    is_pinned = models.BooleanField(default=False, db_default=False)
    like_count = models.IntegerField(default=0)
    reply_count = models.IntegerField(default=0)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "seq"], name="comment_number_once"),
            models.UniqueConstraint(
                fields=["post", "author", "client_id"], condition=~Q(client_id=""), name="said_once"
            ),
            models.UniqueConstraint(fields=["post"], condition=Q(is_pinned=True), name="one_pin_in_a_room"),
            models.CheckConstraint(
                condition=Q(is_pinned=False) | Q(parent=None, deleted_at=None, is_held=False), name="pins_can_be_read"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "id"], name="replies_of_comment"),
            models.Index(fields=["post", "-is_pinned", "-like_count", "-id"], name="comments_pinned_then_top"),
            models.Index(fields=["post", "author", "-id"], name="comments_of_somebody"),
            models.Index(fields=["post", "id"], condition=Q(is_held=True), name="comments_held"),
            models.Index(fields=["post", "at_ms", "id"], condition=~Q(at_ms=None), name="comments_in_video_time"),
        ]

    def __str__(self) -> str:
        return f"comment {self.id}"


class CommentLike(models.Model):
    id = IdField()
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "person"], name="comment_like_once")]

    def __str__(self) -> str:
        return f"{self.person_id} likes comment {self.comment_id}"


class RoomEventKind(models.TextChoices):
    """What can happen in a room. Of a comment, of a person (`TIMEOUT` on), or of the room itself."""

    COMMENT = "comment"
    COMMENT_HELD = "comment_held"
    COMMENT_EDITED = "comment_edited"
    COMMENT_REMOVED = "comment_removed"
    COMMENT_PINNED = "comment_pinned"
    COMMENT_UNPINNED = "comment_unpinned"
    TIMEOUT = "timeout"
    PERSON_HIDDEN = "person_hidden"
    PERSON_SHOWN = "person_shown"
    ROOM = "room"


_OF_PEOPLE = (RoomEventKind.TIMEOUT, RoomEventKind.PERSON_HIDDEN, RoomEventKind.PERSON_SHOWN)


class RoomEvent(models.Model):
    """What happened in a room, numbered in the order of commit. A client resumes after the last number it saw."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=20, choices=RoomEventKind.choices)
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "seq"], name="room_event_number_once"),
            models.CheckConstraint(
                condition=Q(kind__startswith="comment", comment__isnull=False, person=None)
                | Q(kind__in=_OF_PEOPLE, comment=None, person__isnull=False)
                | Q(kind=RoomEventKind.ROOM, comment=None, person=None),
                name="room_event_has_its_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq} of {self.post_id}"
