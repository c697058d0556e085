"""Conversations: begun, asked for, accepted, joined, left.

Two people have one conversation, always: who begins it first makes it, who begins it next is led to it. Everything
that changes who is in a conversation holds its row.
"""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Case, Max, Value, When
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.accounts.events import PersonBlocked
from sora_social.accounts.models import Handle, User
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.inbox.conversations import contact, messaging
from sora_social.inbox.conversations.contact import MessageNotAllowed, Way
from sora_social.inbox.models import Conversation, MessageKind, Role, Seat, SeatState

MEMBERS_AT_MOST = 32


def begin(
    actor: User, *, handles: Collection[str], title: str = "", text: str = "", post_id: int | None = None
) -> Conversation:
    """Open the conversation with somebody, or make a group of several; say the first thing in it, if there is one.

    Whom `contact.may_begin` lets nobody reach at once is asked; what is said first is all that they see of it.
    Raises NotFound for people who are not there for `actor`, MessageNotAllowed, RequestPending for a group with
    somebody who was asked into another, Invalid, and what `messaging.send` raises.
    """
    with transaction.atomic():
        others = _people(actor, handles)
        if any(other.pk == actor.pk for other in others):
            raise Invalid.field("handles", "You are in it anyway.", code="yourself")
        if len(others) == 1 and title:
            raise Invalid.field("title", "A conversation of two has no title.")
        conversation = _with(actor, others[0]) if len(others) == 1 else _group_of(actor, others, title.strip())
        if text.strip() or post_id is not None:
            messaging.send(actor, conversation.pk, text=text, post_id=post_id)
    return conversation


def accept(actor: User, conversation_id: int) -> None:
    """Let a request in: from now on it is a conversation. May be repeated. Raises NotFound."""
    with transaction.atomic():
        conversation, seat = _held(actor, conversation_id)
        if seat.state == SeatState.ASKED:
            _take_in(seat)
            messaging.tell_of_change(conversation, actor)


def decline(actor: User, conversation_id: int) -> None:
    """Turn a request down. Who asked is not told, and cannot ask again; `actor` may still begin it themselves.

    May be repeated. Raises NotFound, Conflict when it was accepted.
    """
    if Seat.objects.filter(conversation=conversation_id, person=actor, state=SeatState.DECLINED).exists():
        return
    with transaction.atomic():
        _, seat = _held(actor, conversation_id)
        if seat.state != SeatState.ASKED:
            raise Conflict("It is no request any more.", code="request_closed")
        Seat.objects.filter(pk=seat.pk).update(state=SeatState.DECLINED)


def change(actor: User, conversation_id: int, *, title: str | None = None, muted: bool | None = None) -> None:
    """Give a group another name, for everybody in it; mute a conversation, for oneself.

    Raises NotFound, Conflict where there is no name to give, or a request to answer first, MessageNotAllowed where a
    teen would read the name from who is no mutual of theirs.
    """
    with transaction.atomic():
        conversation, seat = _held(actor, conversation_id)
        if muted is not None:
            Seat.objects.filter(pk=seat.pk).update(is_muted=muted)
        if title is not None and title.strip() != conversation.title:
            _require_in_group(conversation, seat)
            others = Seat.objects.filter(conversation=conversation).taken().exclude(person=actor)
            messaging.require_reach(actor, others)  # across a block, too: everybody reads the name
            Conversation.objects.filter(pk=conversation_id).update(title=title.strip())
            seq = messaging.take_number(conversation_id)
            messaging.write(actor, conversation, seq, kind=MessageKind.TITLED, text=title.strip())
            messaging.tell_of_change(conversation, actor)


def add(actor: User, conversation_id: int, handle: str) -> None:
    """Bring somebody into a group, or ask them in, as `contact.may_begin` says. They see what is said from then on.

    Who left before is asked; who declined stays out, without a word of it. May be repeated.
    Raises NotFound, MessageNotAllowed (also where a teen is in it, or comes, and not everybody is a mutual of theirs),
    RequestPending for who was asked into another group, Conflict for conversations of two and full groups.
    """
    with transaction.atomic():
        conversation, seat = _held(actor, conversation_id)
        _require_in_group(conversation, seat)
        person = _people(actor, [handle])[0]
        before = Seat.objects.filter(conversation=conversation, person=person).first()
        if before is not None and before.state != SeatState.LEFT:
            return
        _sit_down(actor, conversation, [person])
        seq = messaging.take_number(conversation_id)
        messaging.write(actor, conversation, seq, kind=MessageKind.ADDED, about=person)
        messaging.tell_of_change(conversation, actor, person.pk)


def remove(actor: User, conversation_id: int, handle: str) -> None:
    """Leave a group, or take somebody out of one's own. Who made a group hands it on by leaving. May be repeated.

    Raises NotFound, Forbidden for who did not make the group, Conflict for conversations of two.
    """
    with transaction.atomic():
        conversation, seat = _held(actor, conversation_id)
        if not conversation.is_group:
            raise Conflict("A conversation of two cannot be left: mute it, or block the other.", code="not_a_group")
        person = _people(actor, [handle])[0]
        leaves = person.pk == actor.pk
        if not leaves and seat.role != Role.OWNER:
            raise Forbidden("Only who made the group takes others out.")
        if not Seat.objects.filter(conversation=conversation, person=person).taken().exists():
            return
        if not leaves or seat.state == SeatState.IN:
            seq = messaging.take_number(conversation_id)
            kind = MessageKind.LEFT if leaves else MessageKind.REMOVED
            messaging.write(actor, conversation, seq, kind=kind, about=None if leaves else person)
        Seat.objects.filter(conversation=conversation, person=person).update(
            state=SeatState.LEFT, role=Role.MEMBER, newest_id=None
        )
        if seat.role == Role.OWNER and leaves:
            _hand_on(conversation)
        messaging.tell_of_change(conversation, actor, person.pk)


def withdraw_across_wall(event: PersonBlocked) -> None:
    """Requests between two people end with a block, and do not come back when it is taken away."""
    pair = (event.blocker_id, event.blocked_id)
    Seat.objects.filter(state=SeatState.ASKED, person__in=pair, asked_by__in=pair).update(state=SeatState.DECLINED)


def _with(actor: User, other: User) -> Conversation:
    """The one conversation of two people; made, if they have none."""
    ties.hold_tie(actor.pk, other.pk, shared=True)
    other = _people(actor, [other.handle])[0]  # asked again, now that what is between them is held
    low, high = sorted((actor.pk, other.pk))
    found = Conversation.objects.select_for_update().filter(low=low, high=high).first()
    if found is None:
        way = contact.may_begin(actor, other, timezone.now().date())
        if way is Way.SHUT:
            raise MessageNotAllowed
        found, is_new = Conversation.objects.get_or_create(low_id=low, high_id=high, defaults={"is_group": False})
        if is_new:
            state = SeatState.IN if way is Way.OPEN else SeatState.ASKED
            Seat.objects.create(conversation=found, person=actor, state=SeatState.IN, newest_id=found.pk)
            Seat.objects.create(conversation=found, person=other, state=state, asked_by=actor)
    seat = Seat.objects.get(conversation=found, person=actor)
    if seat.state != SeatState.IN:  # asked, or declined once: who begins it takes part
        _take_in(seat)
    elif seat.newest_id is None:
        Seat.objects.filter(pk=seat.pk).update(newest_id=found.pk)
    return found


def _group_of(actor: User, others: Sequence[User], title: str) -> Conversation:
    conversation = Conversation.objects.create(is_group=True, title=title)
    Seat.objects.create(
        conversation=conversation, person=actor, state=SeatState.IN, role=Role.OWNER, newest_id=conversation.pk
    )
    _sit_down(actor, conversation, others)
    messaging.tell_of_change(conversation, actor, *(other.pk for other in others))
    return conversation


def _sit_down(actor: User, conversation: Conversation, people: Sequence[User]) -> None:
    today = timezone.now().date()
    ways = {person.pk: contact.may_begin(actor, person, today) for person in people}
    if Way.SHUT in ways.values():
        raise MessageNotAllowed
    taken = Seat.objects.filter(conversation=conversation).taken()
    there = list(User.objects.filter(pk__in=taken.values("person"), is_active=True))
    if len(there) + len(people) > MEMBERS_AT_MOST:
        raise Conflict(f"{MEMBERS_AT_MOST} people at most.", code="group_full")
    if not contact.teens_are_among_mutuals([*there, *people], today):
        raise MessageNotAllowed
    asked = Seat.objects.filter(asked_by=actor, state__in=(SeatState.ASKED, SeatState.DECLINED))
    if asked.filter(person__in=[pk for pk, way in ways.items() if way is Way.ASK]).exists():
        raise messaging.RequestPending  # one group after the other would be one message after the other
    gone = set(Seat.objects.filter(conversation=conversation, person__in=people).values_list("person", flat=True))
    for person in people:
        is_open = ways[person.pk] is Way.OPEN and person.pk not in gone
        Seat.objects.update_or_create(
            conversation=conversation,
            person=person,
            defaults={
                "state": SeatState.IN if is_open else SeatState.ASKED,
                "asked_by": actor,
                "since_seq": conversation.seq,
                "read_seq": conversation.seq,
                "newest_id": conversation.pk,
                "woken_at": None,
            },
        )


def _take_in(seat: Seat) -> None:
    """Let somebody in who was asked: the conversation stands in their list where its newest message puts it."""
    newest = Seat.objects.filter(conversation=seat.conversation_id).aggregate(newest=Max("newest_id"))["newest"]
    Seat.objects.filter(pk=seat.pk).update(state=SeatState.IN, newest_id=newest or seat.conversation_id)


def _hand_on(conversation: Conversation) -> None:
    """Give a group to who is in it longest; people who were only asked come last."""
    by_standing = Case(When(state=SeatState.IN, then=Value(0)), default=Value(1))
    heir = Seat.objects.filter(conversation=conversation).taken().order_by(by_standing, "pk").first()
    if heir is not None:
        Seat.objects.filter(pk=heir.pk).update(role=Role.OWNER)


def _held(actor: User, conversation_id: int) -> tuple[Conversation, Seat]:
    """A conversation that is there for `actor`, held until the transaction ends, with their seat in it."""
    messaging.seat_of(actor, conversation_id)
    conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
    return conversation, messaging.seat_of(actor, conversation_id)


def _require_in_group(conversation: Conversation, seat: Seat) -> None:
    if not conversation.is_group:
        raise Conflict("This is a conversation of two.", code="not_a_group")
    if seat.state != SeatState.IN:
        raise Conflict("Accept the request first.", code="request_to_answer")


def _people(actor: User, handles: Collection[str]) -> list[User]:
    """The people who go, or once went, by these handles, each once, with their ties to `actor`. Raises NotFound."""
    names = {handle.strip().lower().removeprefix("@") for handle in handles}
    ids = dict(Handle.objects.filter(name__in=names).values_list("name", "person_id"))
    found = User.objects.visible_to(actor).with_ties_to(actor).in_bulk(ids.values())
    if names - ids.keys() or any(person_id not in found for person_id in ids.values()):
        raise NotFound
    return sorted(found.values(), key=lambda person: person.pk)
