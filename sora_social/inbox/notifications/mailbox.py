"""Reading one's notifications, and marking them as read."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from sora_social.accounts.models import User
from sora_social.core import telling
from sora_social.core.cursors import keyset_page
from sora_social.core.errors import Invalid
from sora_social.inbox.models import Mailbox, Notification
from sora_social.inbox.notifications.seen import Seen, seen_by

UNREAD_AT_MOST = 200  # the newest unread ones are counted


@dataclass(frozen=True)
class MailboxPage:
    """`items` may be fewer than were asked for: what may not be seen any more is left out. `seq` is where it begins."""

    items: Sequence[Seen]
    next: str | None
    seq: int
    unread: dict[str, Any]


def notifications_of(person: User, *, kind: str, cursor: str, limit: int) -> MailboxPage:
    """A page of one's notifications, those that changed last first; of one kind, if any is named. Raises Invalid."""
    seq = newest_number(person)  # first: what comes in between is above it
    rows = Notification.objects.of(person)
    if kind:
        rows = rows.filter(kind=kind)
    page = keyset_page(rows, purpose=f"notifications {person.pk} {kind}", cursor=cursor, limit=limit, order=("-seq",))
    return MailboxPage(seen_by(person, page.items), page.next, seq, unread_of(person))


def newest_number(person: User) -> int:
    return Mailbox.objects.filter(person=person).values_list("seq", flat=True).first() or 0


def unread_of(person: User) -> dict[str, Any]:
    """How many unread notifications there are to see, in all and by type, of the newest 200."""
    rows = Notification.objects.of(person).unread().order_by("-seq")[:UNREAD_AT_MOST]
    counts = Counter(seen.row.kind for seen in seen_by(person, list(rows)))
    return {"total": counts.total(), "by_type": dict(sorted(counts.items()))}


def mark_read(person: User, *, up_to: int | None, ids: Collection[int] | None) -> dict[str, Any]:
    """Mark as read what came up to a number, or what is named; both together: what is named as far as that number.

    What changed after the number, because somebody else did the same, stays unread. May be repeated. Tells the other
    devices, and returns what is left. Raises Invalid when neither is given.
    """
    if up_to is None and ids is None:
        raise Invalid.field("up_to", "Say up to which number, or which ids.", code="required")
    with transaction.atomic():
        Mailbox.objects.hold([person.pk])
        rows = Notification.objects.of(person).unread()
        if up_to is not None:
            rows = rows.filter(seq__lte=up_to)
        if ids is not None:
            rows = rows.filter(pk__in=ids)
        marked = rows.update(read_at=Now(), is_open=False)
        left = unread_of(person)
        if marked:
            telling.tell([person.pk], "unread", left)
    return left
