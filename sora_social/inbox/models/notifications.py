"""What happened to a person and theirs: rows that coalesce while nobody has read them."""

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from sora_social.accounts.models import User
from sora_social.core.databases import IdField


class Kind(models.TextChoices):
    """What a notification is about. What its `subject_id` and the `thing_id` of its occurrences are is in `seen`."""

    FOLLOW = "follow"
    LIKE = "like"
    COMMENT = "comment"
    REPLY = "reply"
    MENTION = "mention"
    REMIX = "remix"
    TEMPLATE = "template"
    CAST_IN_DRAFT = "cast_in_draft"
    CAST_IN_POST = "cast_in_post"
    CAST_REQUEST = "cast_request"
    CAST_ANSWER = "cast_answer"
    CO_CREATOR_INVITE = "co_creator_invite"
    CO_CREATOR_ACCEPTED = "co_creator_accepted"
    CO_CREATOR_VETO = "co_creator_veto"
    CO_CREATOR_POST = "co_creator_post"
    GENERATION = "generation"
    CREDITS = "credits"
    INVITE = "invite"
    MODERATION = "moderation"


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def hold(self, person_ids: Collection[int]) -> "dict[int, Mailbox]":
        """The mailboxes of these people, made on demand, locked until the transaction ends."""
        self.bulk_create([Mailbox(person_id=pk) for pk in sorted(person_ids)], ignore_conflicts=True)
        rows = self.filter(person__in=person_ids).select_for_update().order_by("person_id")
        return {mailbox.person_id: mailbox for mailbox in rows}


class Mailbox(models.Model):
    """One person's notifications: the number of the newest, and what they want to hear of.

    The row is locked while a number is taken and what bears it is written, so numbers are in the order of commit: who
    has seen n and marks what came up to n as read marks nothing that they have not seen.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    seq = models.BigIntegerField(default=0, db_default=0)
    unwanted = ArrayField(models.CharField(max_length=20), default=list)  # kinds that are not even kept
    unpushed = ArrayField(models.CharField(max_length=20), default=list)  # kinds that no device is woken for
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(~Q(quiet_from=F("quiet_until")), quiet_from__isnull=False, quiet_until__isnull=False),
                name="push_quiet_begins_and_ends",
            )
        ]

    def __str__(self) -> str:
        return f"mailbox of {self.person_id}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(models.Model):
    """Something that happened, with all who did it while it was open: until it is read, at most a day.

    `seq` is the number of its last change. `subject_id` and `words` are what it is about: here they are numbers and
    plain values, and whether the reader may see the subject is asked when they read.
    """

    id = IdField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject_id = models.BigIntegerField(default=0)
    words = models.JSONField(default=dict)
    seq = models.BigIntegerField()
    actor_count = models.PositiveIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    opened_at = models.DateTimeField(db_default=Now())
    moved_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "subject_id"], condition=Q(is_open=True), name="one_open_notification"
            ),
            models.UniqueConstraint(fields=["person", "seq"], name="notification_number_once"),
            models.CheckConstraint(condition=Q(read_at=None) | Q(is_open=False), name="what_is_read_is_closed"),
        ]
        indexes = [
            models.Index(fields=["person", "kind", "-seq"], name="notifications_of_kind"),
            models.Index(fields=["person", "kind", "subject_id"], name="notifications_about"),
            models.Index(fields=["person", "-seq"], condition=Q(read_at=None), name="notifications_unread"),
            models.Index(fields=["moved_at"], name="notifications_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} for {self.person_id}"


class Occurrence(models.Model):
    """One who did it, and with what: the comment, the remix, the appearance."""

    id = IdField()
    notification = models.ForeignKey(Notification, models.CASCADE, related_name="occurrences", db_index=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    thing_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notification", "actor", "thing_id"], name="occurs_once")]
        indexes = [models.Index(fields=["notification", "-id"], name="occurrences_newest")]

    def __str__(self) -> str:
        return f"{self.actor_id} in {self.notification_id}"


class Jotting(models.Model):
    """Something that may happen a thousand times a second, appended where it happens and coalesced by a folder."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject_id = models.BigIntegerField(default=0)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} by {self.actor_id}"
