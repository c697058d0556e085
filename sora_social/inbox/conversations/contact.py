"""Who may write to whom. Blocks are asked before: across one nobody is there.

|  | an adult begins | a teen begins |
|---|---|---|
| with an adult | as the receiver's `messages_from` says | only with a mutual |
| with a teen | never | only with a mutual |

`messages_from` of an adult: `everyone` reaches them at once; under `followees` those whom they follow do, and others
may ask; under `mutuals` mutuals do and others may not; under `nobody` nobody may. Of a teen: mutuals, or `nobody`.

Once a conversation is there `messages_from` is asked no more: it is about who begins. What is always asked, of every
message: nothing reaches a teen but from their mutuals.
"""

from collections.abc import Collection
from datetime import date
from enum import Enum, auto

from django.db.models import Q

from sora_social.accounts.models import Block, Follow, MessagesFrom, User
from sora_social.core.errors import Forbidden


class Way(Enum):
    """How the first message goes: straight in, as a request, or not at all."""

    OPEN = auto()
    ASK = auto()
    SHUT = auto()


class MessageNotAllowed(Forbidden):
    """One sentence for every rule: which one it was says something of the other person."""

    code = "message_not_allowed"
    title = "You cannot write to this person"


def may_begin(sender: User, receiver: User, today: date) -> Way:
    """How `sender` may begin a conversation with `receiver`, who carries their ties to the sender (`with_ties_to`)."""
    mutuals = receiver.follows and receiver.followed_by  # type: ignore[attr-defined]
    wish = receiver.messages_from
    if receiver.is_teen(today) or sender.is_teen(today):
        is_from_adult = receiver.is_teen(today) and not sender.is_teen(today)
        return Way.OPEN if mutuals and wish != MessagesFrom.NOBODY and not is_from_adult else Way.SHUT
    match wish:
        case MessagesFrom.EVERYONE:
            return Way.OPEN
        case MessagesFrom.FOLLOWEES:
            return Way.OPEN if receiver.followed_by else Way.ASK  # type: ignore[attr-defined]
        case MessagesFrom.MUTUALS:
            return Way.OPEN if mutuals else Way.SHUT
        case _:
            return Way.SHUT


def may_message(receiver: User, today: date) -> bool:
    """Whether a message in a conversation that is there may reach `receiver`, who carries their ties to the sender."""
    return not receiver.is_teen(today) or bool(receiver.follows and receiver.followed_by)  # type: ignore[attr-defined]


def teens_are_among_mutuals(people: Collection[User], today: date) -> bool:
    """Whether every teen of a group is a mutual of each other person in it whom they can meet there."""
    teens = {person.pk for person in people if person.is_teen(today)}
    if not teens:
        return True
    everybody = {person.pk for person in people}
    follows = set(
        Follow.objects.filter(
            Q(follower__in=teens, followee__in=everybody) | Q(follower__in=everybody, followee__in=teens)
        ).values_list("follower_id", "followee_id")
    )
    walls = set(Block.objects.filter(blocker__in=everybody, blocked__in=everybody).values_list("blocker", "blocked"))
    return all(
        {(teen, other), (other, teen)} <= follows or (teen, other) in walls or (other, teen) in walls
        for teen in teens
        for other in everybody - {teen}
    )
