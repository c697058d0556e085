"""What of a conversation somebody is to be told of while they are away: who wrote, never what.

A message is no row of the mailbox: the list of conversations has it, and its read mark, already. What wakes a device is
the seat of who listens: once for all that is unread, until they read, and again after a day of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from sora_social.accounts.models import Mute, User
from sora_social.inbox.models import Message, Seat, SeatState
from sora_social.inbox.models.messages import SeatQuerySet

LOOKED_AT = 50  # of the unread messages of one conversation, the newest


@dataclass(frozen=True)
class News:
    """Who wrote what `person` has not read, who wrote last first; `title` is that of a group."""

    authors: Sequence[User]
    conversation_id: int
    is_group: bool
    title: str
    stretch: str  # names what is unread since the same read mark


def waiting_for(message: Message) -> SeatQuerySet:
    """The seats for which this message opens something unread that nobody was woken for.

    None of a request, nor where the conversation or its author is muted; none across a block.
    """
    seats = Seat.objects.filter(conversation=message.conversation_id, state=SeatState.IN, is_muted=False)
    muted = Mute.objects.filter(muter=OuterRef("person"), muted=message.author)
    return (
        seats.filter(Q(woken_at=None) | Q(woken_at__lt=Now() - settings.NOTIFICATION_OPEN_FOR))
        .filter(read_seq__lt=message.seq)
        .exclude(person=message.author)
        .exclude(Exists(muted))
        .known_to(message.author)
    )


def news_for(person: User, seat_id: int, today: date) -> News | None:
    """What there is to tell of a conversation now, to who has that seat. None when all of it was read, taken back, is
    behind a block, muted, or a teen would hear it from who is no mutual of theirs any more."""
    seat = Seat.objects.held_by(person).filter(pk=seat_id, state=SeatState.IN, is_muted=False).first()
    if seat is None:
        return None
    unread = Message.objects.readable_from(seat, person).standing().filter(seq__gt=seat.read_seq).exclude(author=person)
    ids = list(dict.fromkeys(unread.order_by("-seq").values_list("author_id", flat=True)[:LOOKED_AT]))
    people = User.objects.with_ties_to(person).in_bulk(ids)
    authors = [author for author in (people[pk] for pk in ids) if _may_be_heard(author, person, today)]
    if not authors:
        return None
    talk = seat.conversation
    stretch = f"{seat.pk}.{seat.read_seq}"
    return News(authors, talk.pk, talk.is_group, "" if person.is_teen(today) else talk.title, stretch)


def _may_be_heard(author: User, person: User, today: date) -> bool:
    mutuals = author.follows and author.followed_by  # type: ignore[attr-defined]
    return not author.mutes and bool(mutuals or not person.is_teen(today))  # type: ignore[attr-defined]
