"""What is said in a conversation: sent, taken back, read.

Everything that happens in a conversation has a number, as in a live room: the conversation's row is locked while the
number is taken, so numbers are in the order of commit. Who has seen n and asks for what changed after n misses nothing.
Sockets are told after the commit, and only so that they hurry.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.accounts.models import Mute, User, walls_between
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.core.plaintext import is_plain
from sora_social.core.prepared import PreparedModels
from sora_social.inbox import me
from sora_social.inbox.conversations import contact
from sora_social.inbox.conversations.frames import message_words
from sora_social.inbox.events import MessageSent
from sora_social.inbox.models import Conversation, Message, MessageKind, Seat, SeatState
from sora_social.inbox.models.messages import SeatQuerySet
from sora_social.posts.models import Post

LONGEST_TEXT = 2000


class RequestPending(Conflict):
    """They were asked; whether they said no is not told."""

    code = "request_pending"
    title = "Your first message waits for an answer"


def send(
    actor: User, conversation_id: int, *, text: str = "", post_id: int | None = None, client_id: str = ""
) -> Message:
    """Say something, share a post, or both.

    With a `client_id` it is said once, however often it is sent: a repeat gives the first message.
    Raises NotFound, Invalid, Conflict while a request is not answered (one's own holds one message, the other's is to
    be accepted first), MessageNotAllowed where a teen would get it from who is no mutual of theirs.
    """
    seat = seat_of(actor, conversation_id)
    first = _said_before(actor, conversation_id, client_id)
    if first is not None:
        return first
    text = _well_formed(text, is_alone=post_id is None)
    other_id = seat.conversation.other_than(actor.pk)
    try:
        with transaction.atomic():
            if other_id is not None:
                ties.hold_tie(actor.pk, other_id, shared=True)
            seq = take_number(conversation_id)
            seat = seat_of(actor, conversation_id)  # asked again, now that it is held
            _require_allowed(actor, seat)
            message = write(
                actor, seat.conversation, seq, text=text, post_id=_shared(actor, post_id), client_id=client_id
            )
            _bring_up(message)
            _tell_of(message)
            outbox.announce(MessageSent(message_id=message.pk))
    except IntegrityError:
        first = _said_before(actor, conversation_id, client_id)
        if first is None:
            raise
        return first
    return message


def delete(actor: User, message_id: int) -> None:
    """Take back what one said. A tombstone stays; may be repeated. Raises NotFound, Forbidden for others' messages."""
    found = message_for(actor, message_id)
    with transaction.atomic():
        seq = take_number(found.conversation_id)
        message = message_for(actor, message_id)
        if message.author_id != actor.pk:
            raise Forbidden("Only who said it can take it back.")
        if message.deleted_at is not None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return
        _bury(message, seq)


def remove_message(message_id: int) -> bool:
    """Take a message away for a moderator's decision. In the caller's transaction; False when it is gone already."""
    messages = Message.objects.standing().select_related("author").filter(pk=message_id)
    found = messages.first()
    if found is None:
        return False
    with transaction.atomic():
        seq = take_number(found.conversation_id)
        message = messages.first()
        if message is None:
            transaction.set_rollback(True)  # the number goes back: nothing happened
            return False
        _bury(message, seq)
    return True


def mark_read(actor: User, conversation_id: int, *, seq: int) -> None:
    """Say up to which number one has read; it never goes back. Others see it, unless one is only asked so far.

    Raises NotFound.
    """
    seat = seat_of(actor, conversation_id)
    seq = min(seq, seat.conversation.seq)
    with transaction.atomic():
        moved = Seat.objects.filter(pk=seat.pk, read_seq__lt=seq).update(read_seq=seq, woken_at=None)
        if moved and seat.state == SeatState.IN:
            words = {"conversation_id": str(conversation_id), "person_id": str(actor.pk), "seq": seq}
            me.tell(_listeners(conversation_id, actor), "read", words)


_HELD = PreparedModels(
    lambda actor, conversation: Seat.objects.held_by(actor).filter(conversation=conversation), "actor", "conversation"
)


def seat_of(actor: User, conversation_id: int) -> Seat:
    """The seat of `actor` in a conversation that is there for them. Raises NotFound."""
    seat: Seat | None = _HELD.first(actor=actor.pk, conversation=conversation_id)
    if seat is None:
        raise NotFound
    return seat


def message_for(actor: User, message_id: int) -> Message:
    """A message that `actor` is shown, or its tombstone. Raises NotFound."""
    found = Message.objects.filter(pk=message_id, kind=MessageKind.SAID).first()
    if found is None:
        raise NotFound
    seat = seat_of(actor, found.conversation_id)
    shown = Message.objects.readable_from(seat, actor).select_related("author").filter(pk=message_id)
    message = shown.first()
    if message is None:
        raise NotFound
    return message


def received(actor: User, message_id: int) -> Message:
    """A message that `actor` was shown, also when a block stands between them and it since. Raises NotFound."""
    message = Message.objects.filter(pk=message_id, kind=MessageKind.SAID).select_related("author").first()
    if message is None:
        raise NotFound
    seats = Seat.objects.filter(person=actor, conversation=message.conversation_id, since_seq__lt=message.seq)
    seat = seats.exclude(state=SeatState.LEFT).first()
    if seat is None:
        raise NotFound
    before = Message.objects.filter(conversation=message.conversation_id, kind=MessageKind.SAID)
    if seat.state != SeatState.IN and before.filter(seq__gt=seat.since_seq, seq__lt=message.seq).exists():
        raise NotFound  # who is asked, or declined, was shown the first alone
    return message


def newest_from_others(actor: User, conversation_id: int) -> Message:
    """The newest message that others sent `actor` in a conversation, or its tombstone. Raises NotFound."""
    seat = seat_of(actor, conversation_id)
    sent = Message.objects.readable_from(seat, actor).filter(kind=MessageKind.SAID).exclude(author=actor)
    message = sent.order_by("-seq").first()
    if message is None:
        raise NotFound
    return message


def take_number(conversation_id: int) -> int:
    """The next number of a conversation, which stays locked until the transaction ends. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE inbox_conversation SET seq = seq + 1 WHERE id = %s RETURNING seq", [conversation_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return int(row[0])


def write(actor: User, conversation: Conversation, seq: int, **words: Any) -> Message:
    """Write what happened under a number that the caller took."""
    return Message.objects.create(author=actor, conversation=conversation, seq=seq, changed_seq=seq, **words)


def require_reach(actor: User, seats: SeatQuerySet) -> None:
    """Raises MessageNotAllowed where one of these seats is a teen's who is no mutual of `actor`."""
    today = timezone.now().date()
    listeners = User.objects.filter(pk__in=seats.values("person")).with_ties_to(actor)
    if not all(contact.may_message(listener, today) for listener in listeners):
        raise contact.MessageNotAllowed


def tell_of_change(conversation: Conversation, actor: User, *more_ids: int) -> None:
    """Tell open sockets, after the commit, that a conversation is to be read again."""
    words = {"conversation_id": str(conversation.pk)}
    me.tell([*_listeners(conversation.pk, actor), actor.pk, *more_ids], "conversation", words)


def _require_allowed(actor: User, seat: Seat) -> None:
    if seat.state == SeatState.ASKED:
        raise Conflict("Accept the request first.", code="request_to_answer")
    others = Seat.objects.filter(conversation=seat.conversation_id).exclude(person=actor)
    is_waiting = others.filter(state__in=(SeatState.ASKED, SeatState.DECLINED)).exists()
    if not seat.conversation.is_group and is_waiting and _has_spoken(actor, seat):
        raise RequestPending
    _, theirs = walls_between("person", actor)  # one's own block can be taken away again, and then it is read
    require_reach(actor, others.taken().exclude(theirs))


def _has_spoken(actor: User, seat: Seat) -> bool:
    said = Message.objects.filter(conversation=seat.conversation_id, author=actor, kind=MessageKind.SAID)
    return said.exists()  # what was taken back was sent, too


def _shared(actor: User, post_id: int | None) -> int | None:
    if post_id is not None and not Post.objects.visible_to(actor).filter(pk=post_id).exists():
        raise Invalid.field("post_id", "There is no such post for you.", code="not_found")
    return post_id


def _bring_up(message: Message) -> None:
    """Put the conversation on top of everybody's list, or a request on the list of who is asked; who said it has
    read it."""
    seats = Seat.objects.filter(conversation=message.conversation_id)
    seats.filter(Q(state=SeatState.IN) | Q(state=SeatState.ASKED, newest_id=None)).update(newest_id=message.pk)
    seats.filter(person=message.author_id).update(read_seq=message.seq, woken_at=None)


def _bury(message: Message, seq: int) -> None:
    message.deleted_at, message.changed_seq = timezone.now(), seq
    message.save(update_fields=["deleted_at", "changed_seq"])
    words = {"conversation_id": str(message.conversation_id), "id": str(message.pk), "seq": seq}
    me.tell([*_listeners(message.conversation_id, message.author), message.author_id], "message_removed", words)


def _tell_of(message: Message) -> None:
    """Their own sockets get the `client_id`; who does not want to be woken gets it as `silent`; who is only asked
    hears of the request, not of the words."""
    author = message.author
    muted = Exists(Mute.objects.filter(muter=OuterRef("person"), muted=author))
    silent = ExpressionWrapper(Q(is_muted=True) | Q(muted), output_field=BooleanField())
    seats = _others(message.conversation_id, author).annotate(silent=silent)
    heard: dict[tuple[str, bool], list[int]] = {}
    for person_id, state, is_silent in seats.values_list("person_id", "state", "silent"):
        heard.setdefault((state, is_silent), []).append(person_id)
    me.tell([author.pk], "message", message_words(message, is_mine=True, silent=True))
    for (state, is_silent), person_ids in heard.items():
        if state == SeatState.IN:
            me.tell(person_ids, "message", message_words(message, is_mine=False, silent=is_silent))
        elif not message.conversation.is_group:
            me.tell(person_ids, "conversation", {"conversation_id": str(message.conversation_id)})


def _others(conversation_id: int, actor: User) -> Any:
    seats = Seat.objects.filter(conversation=conversation_id).exclude(person=actor)
    return seats.taken().known_to(actor)


def _listeners(conversation_id: int, actor: User) -> Sequence[int]:
    """Who is in the conversation beside `actor`, without those behind a block."""
    ids: Iterable[int] = _others(conversation_id, actor).filter(state=SeatState.IN).values_list("person_id", flat=True)
    return list(ids)


def _said_before(actor: User, conversation_id: int, client_id: str) -> Message | None:
    if not client_id:
        return None
    said = Message.objects.filter(conversation=conversation_id, author=actor, client_id=client_id)
    return said.select_related("author").first()


def _well_formed(text: str, *, is_alone: bool) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT or (is_alone and not text):
        raise Invalid.field("text", f"1 to {LONGEST_TEXT} characters, or a post.", code="length")
    if not is_plain(text):
        raise Invalid.field("text", "Control characters have no place in a message.", code="control_characters")
    return text
