"""How conversations and messages look to one reader: lists, pages, and what changed since.

A page of 10 costs as many queries as one of 50. Each post that was shared is presented for the reader anew, so that who
may not see it finds the message without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When

from sora_social.accounts.models import Mute, User
from sora_social.core.cursors import PreparedList, keyset_page
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, PreparedModels, ids_param
from sora_social.inbox.conversations.messaging import message_for, seat_of
from sora_social.inbox.conversations.seen import SeenConversation, SeenMember, SeenMessage
from sora_social.inbox.models import Message, Role, Seat, SeatState
from sora_social.inbox.models.messages import MessageQuerySet, SeatQuerySet
from sora_social.posts import presenting

COUNTED_AT_MOST = 99
FOLDERS = {"inbox": SeatState.IN, "requests": SeatState.ASKED}


def _said_to(viewer: User) -> MessageQuerySet:
    """What was said in the conversation of a seat, in a query of seats, as far as `viewer` is shown it."""
    said = Message.objects.filter(conversation=OuterRef("conversation"), seq__gt=OuterRef("since_seq"))
    return said.standing().visible_to(viewer)


def _unread(viewer: User) -> MessageQuerySet:
    return _said_to(viewer).filter(seq__gt=OuterRef("read_seq")).exclude(author=viewer)


def _with_news(seats: SeatQuerySet, viewer: User) -> "QuerySet[Seat]":
    """Annotate the newest message of each conversation (the first one of a request), and what is unread of it."""
    newest = Subquery(_said_to(viewer).order_by("-seq").values("pk")[:1])
    first = Subquery(_said_to(viewer).order_by("seq").values("pk")[:1])
    unread = ArraySubquery(_unread(viewer).order_by("seq").values("seq")[:COUNTED_AT_MOST])
    return seats.annotate(last_id=Case(When(state=SeatState.ASKED, then=first), default=newest), unread=unread)


def _held(viewer: User) -> SeatQuerySet:
    """The seats of `viewer` in conversations that stand in lists."""
    return Seat.objects.held_by(viewer).exclude(newest_id=None)


def _loud(viewer: User) -> SeatQuerySet:
    """Those with something unread by somebody who is not muted, in conversations that are not muted either."""
    unread = Exists(_unread(viewer).exclude(Exists(Mute.objects.filter(muter=viewer, muted=OuterRef("author")))))
    return _held(viewer).filter(unread, state=SeatState.IN, is_muted=False)


_LISTED = {
    folder: PreparedList(
        lambda viewer, state=state: _with_news(_held(viewer).filter(state=state), viewer),
        "viewer",
        order=("-newest_id",),
    )
    for folder, state in FOLDERS.items()
}
_HELD = PreparedModels(
    lambda viewer, conversation: _with_news(Seat.objects.held_by(viewer).filter(conversation=conversation), viewer),
    "viewer",
    "conversation",
)
_LOUD = Prepared(lambda viewer: _loud(viewer).values_list("pk")[:COUNTED_AT_MOST], "viewer")
_ASKED = Prepared(
    lambda viewer: _held(viewer).filter(state=SeatState.ASKED).values_list("pk")[:COUNTED_AT_MOST], "viewer"
)
_BESIDE = PreparedModels(
    lambda viewer, ids: (
        Seat.objects.filter(conversation__any=ids).known_to(viewer).shown().select_related("person").order_by("pk")
    ),
    "viewer",
    "ids",
)
_MESSAGES = PreparedModels(lambda ids: Message.objects.filter(pk__any=ids).select_related("author", "about"), "ids")


@dataclass(frozen=True)
class ConversationsPage:
    items: Sequence[SeenConversation]
    next: str | None
    unread_count: int
    request_count: int


@dataclass(frozen=True)
class MessagesPage:
    items: Sequence[SeenMessage]
    next: str | None
    seq: int


def conversations_of(viewer: User, *, folder: str, cursor: str, limit: int) -> ConversationsPage:
    """The conversations of `viewer`, or the requests to them, the one with the newest message first."""
    page = _LISTED[folder].page(viewer=viewer.pk, purpose=f"{folder} {viewer.pk}", cursor=cursor, limit=limit)
    return ConversationsPage(
        items=_seen(viewer, page.items),
        next=page.next,
        unread_count=len(_LOUD.rows(viewer=viewer.pk)),
        request_count=len(_ASKED.rows(viewer=viewer.pk)),
    )


def conversation_for(viewer: User, conversation_id: int) -> SeenConversation:
    """Raises NotFound."""
    found = _seen(viewer, _HELD.all(viewer=viewer.pk, conversation=conversation_id))
    if not found:
        raise NotFound
    return found[0]


def messages_of(
    viewer: User, conversation_id: int, *, before: int | None, after_seq: int | None, cursor: str, limit: int
) -> MessagesPage:
    """The newest messages first, or those before a number; with `after_seq`, what changed after it, in that order.

    `seq` of the page is where to go on. Raises NotFound, Invalid for the cursor.
    """
    seat = seat_of(viewer, conversation_id)
    newest = seat.conversation.seq
    readable = Message.objects.readable_from(seat, viewer).select_related("author", "about")
    if after_seq is not None:
        page = keyset_page(
            readable.filter(changed_seq__gt=after_seq),
            purpose=f"changes {conversation_id}",
            cursor=cursor,
            limit=limit,
            order=("changed_seq",),
        )
        newest = page.items[-1].changed_seq if page.next else max([newest, *(row.changed_seq for row in page.items)])
    else:
        rows = readable if before is None else readable.filter(seq__lt=before)
        page = keyset_page(rows, purpose=f"messages {conversation_id}", cursor=cursor, limit=limit, order=("-seq",))
    return MessagesPage(seen_by(viewer, page.items), page.next, newest)


def seen_by(viewer: User, messages: Sequence[Message]) -> list[SeenMessage]:
    """The messages as `viewer` sees them, each with its post if that is for them."""
    shared = {message.post_id for message in messages if message.post_id and not message.deleted_at}
    posts = presenting.present(viewer, sorted(shared))
    return [
        SeenMessage(message, message.author_id == viewer.pk, _post_of(message, posts) if shared else None)
        for message in messages
    ]


def seen_one(viewer: User, message: Message) -> SeenMessage:
    return seen_by(viewer, [message])[0]


def require_shown(viewer: User, conversation_id: int, message_id: int | None, post_id: int | None) -> None:
    """Whether what an earlier answer showed of a conversation may be shown again: a message that was not taken back,
    the post in it. Raises NotFound."""
    seat_of(viewer, conversation_id)
    if message_id is not None and message_for(viewer, message_id).deleted_at is not None:
        raise NotFound
    if post_id is not None:
        presenting.present_one(viewer, post_id)


def _post_of(message: Message, posts: presenting.Presented) -> bytes | None:
    if message.post_id is None or message.deleted_at is not None or message.post_id not in posts:
        return None
    return posts[message.post_id]


def _seen(viewer: User, seats: Sequence[Seat]) -> list[SeenConversation]:
    if not seats:
        return []
    members: dict[int, list[Seat]] = {}
    for row in _BESIDE.all(viewer=viewer.pk, ids=ids_param(seat.conversation_id for seat in seats)):
        members.setdefault(row.conversation_id, []).append(row)
    rows = _MESSAGES.all(ids=ids_param(seat.last_id for seat in seats if seat.last_id))  # type: ignore[attr-defined]
    last = {seen.message.conversation_id: seen for seen in seen_by(viewer, rows)}
    return [
        SeenConversation(
            seat=seat,
            members=[_seen_member(row, seat) for row in members.get(seat.conversation_id, [])],
            last=last.get(seat.conversation_id),
            unread=_unread_of(seat),
        )
        for seat in seats
    ]


def _seen_member(row: Seat, seat: Seat) -> SeenMember:
    is_open = row.pk == seat.pk or (row.state == SeatState.IN and seat.state == SeatState.IN)
    state = SeatState.IN if row.state == SeatState.IN else SeatState.ASKED
    return SeenMember(row.person, state, Role(row.role), row.read_seq if is_open else None)


def _unread_of(seat: Seat) -> int:
    unread = len(seat.unread)  # type: ignore[attr-defined]
    return min(unread, 1) if seat.state == SeatState.ASKED else unread
