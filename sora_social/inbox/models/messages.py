"""Conversations between people, who takes part in them, and what they say."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from sora_social.accounts.models import User, walls_between
from sora_social.core.databases import IdField
from sora_social.posts.models import Post


class Conversation(models.Model):
    """Two people, or a small group. `seq` is the number of its newest event; its row lock puts events in commit order.

    Two people have one conversation, whoever began it: `low` and `high` are the two, by id. A group has neither.
    """

    id = IdField()
    is_group = models.BooleanField()
    title = models.CharField(max_length=80, blank=True)
    low = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False)
    high = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    seq = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="one_conversation_of_two"),
            models.CheckConstraint(
                condition=Q(is_group=True, low=None, high=None)
                | Q(is_group=False, title="", low__isnull=False, high__isnull=False, low__lt=F("high")),
                name="a_conversation_is_of_two_or_a_group",
            ),
        ]

    def __str__(self) -> str:
        return f"conversation {self.id}"

    def other_than(self, person_id: int) -> int | None:
        """Who the other one of two is; None in a group."""
        other_id: int | None = self.high_id if self.low_id == person_id else self.low_id
        return other_id


class SeatState(models.TextChoices):
    IN = "in"
    ASKED = "asked"
    DECLINED = "declined"
    LEFT = "left"


class Role(models.TextChoices):
    OWNER = "owner"
    MEMBER = "member"


class SeatQuerySet(models.QuerySet["Seat"]):
    def held_by(self, viewer: User) -> Self:
        """The seats of `viewer` in conversations that are there for them: those they are in, or asked into.

        Across a block, or with who is suspended, a conversation of two is not there, for either of them.
        """
        known = Seat.objects.filter(conversation=OuterRef("conversation")).exclude(person=viewer).known_to(viewer)
        seats = self.filter(person=viewer, state__in=(SeatState.IN, SeatState.ASKED))
        return seats.filter(Q(conversation__is_group=True) | Exists(known)).select_related("conversation")

    def taken(self) -> Self:
        return self.filter(state__in=(SeatState.IN, SeatState.ASKED))

    def shown(self) -> Self:
        """Those who take part, and who is asked. Who declined a conversation of two still seems to be asked."""
        declined = Q(state=SeatState.DECLINED, conversation__is_group=False)
        return self.filter(Q(state__in=(SeatState.IN, SeatState.ASKED)) | declined)

    def known_to(self, viewer: User) -> Self:
        """Seats of people whom `viewer` may know of."""
        mine, theirs = walls_between("person", viewer)
        return self.filter(person__is_active=True).exclude(mine).exclude(theirs)


class Seat(models.Model):
    """Somebody's place in a conversation.

    They are shown what has a number above `since_seq`; up to `read_seq` they read it. While they are `asked` they are
    shown the first message alone. `newest_id` is the id of the newest message, or of the conversation while nothing was
    said that they are to hear of: lists are in its order, and it is empty as long as they are to know of nothing.
    `woken_at` is when their devices were last to be woken for what they have not read; empty once they read.
    """

    id = IdField()
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="seats", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=SeatState.choices)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    since_seq = models.BigIntegerField(default=0)
    read_seq = models.BigIntegerField(default=0)
    newest_id = models.BigIntegerField(null=True)
    is_muted = models.BooleanField(default=False)
    woken_at = models.DateTimeField(null=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "person"], name="seat_once"),
            models.CheckConstraint(condition=Q(read_seq__gte=F("since_seq")), name="read_from_where_one_came_in"),
        ]
        indexes = [models.Index(fields=["person", "state", "-newest_id"], name="conversations_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state} {self.conversation_id}"


class MessageKind(models.TextChoices):
    """What was said; or who came, went, or gave the group a name."""

    SAID = "said"
    ADDED = "added"
    REMOVED = "removed"
    LEFT = "left"
    TITLED = "titled"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: User) -> Self:
        """Messages by people who are active, and between whom and `viewer` there is no block. (Whether the conversation
        is there for them is the seat's question.) A deleted message stays as a tombstone."""
        mine, theirs = walls_between("author", viewer)
        return self.filter(author__is_active=True).exclude(mine).exclude(theirs)

    def about_people_known_to(self, viewer: User) -> Self:
        """Without those that say of somebody behind a block that they came or went."""
        mine, theirs = walls_between("about", viewer)
        return self.exclude(mine).exclude(theirs)

    def standing(self) -> Self:
        """What people said and did not take back."""
        return self.filter(kind=MessageKind.SAID, deleted_at=None)

    def readable_from(self, seat: Seat, viewer: User) -> Self:
        """What `viewer` is shown of a conversation from their seat in it."""
        shown = self.filter(conversation=seat.conversation_id, seq__gt=seat.since_seq).visible_to(viewer)
        if seat.state == SeatState.ASKED:
            return shown.filter(pk__in=shown.filter(kind=MessageKind.SAID).order_by("seq").values("pk")[:1])
        return shown.about_people_known_to(viewer)


class Message(models.Model):
    """Something said, or something that happened, in a conversation.

    `seq` is the number of the event that brought it, `changed_seq` that of the last one that changed it: who has seen
    everything up to n asks for what changed since. `about` is who was added or removed.
    """

    id = IdField()
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=MessageKind.choices, default=MessageKind.SAID)
    about = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    seq = models.BigIntegerField()
    changed_seq = models.BigIntegerField()
    text = models.CharField(max_length=2000, blank=True)
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+", db_index=False)
    client_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="message_number_once"),
            models.UniqueConstraint(fields=["conversation", "changed_seq"], name="message_change_number_once"),
            models.UniqueConstraint(
                fields=["conversation", "author", "client_id"], condition=~Q(client_id=""), name="message_said_once"
            ),
            models.CheckConstraint(condition=Q(changed_seq__gte=F("seq")), name="messages_change_later"),
        ]

    def __str__(self) -> str:
        return f"message {self.id}"
