"""Notifications on their way to devices: queued with the notification, sent by a worker, at least once, shown once.

What is sent is a notification, or who wrote in a conversation; an unread message is on no list of notifications.
A delivery is claimed for a minute by one UPDATE; whoever sent it deletes it. A worker that dies in between lets it be
sent again, under the same collapse id, and the device shows it once. Whether it is still to be seen, unread and wanted,
whether the hour allows it, and whether its author woke the same person too often, is asked when it is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from sora_social.accounts import admission, sessions
from sora_social.accounts.models import Follow, User
from sora_social.core.languages import Language
from sora_social.inbox.conversations import news
from sora_social.inbox.models import Delivery, Device, Mailbox, Notification
from sora_social.inbox.notifications import choices, seen, texts
from sora_social.inbox.push import bounding

if TYPE_CHECKING:  # what it needs is imported by workers alone
    from sora_social.inbox.push.services import Answer, Message

log = structlog.get_logger(__name__)

WAITS = timedelta(seconds=3)  # so that ten likes in a breath are one sentence
LEASE = timedelta(seconds=60)
GOOD_FOR = timedelta(hours=1)
AT_ONCE = 100
ATTEMPTS = 10
LONGEST_PAUSE = 600.0  # seconds


def is_on() -> bool:
    """Whether the operator gave any service's credentials."""
    return bool(settings.FCM_CREDENTIALS_FILE or settings.APNS_KEY_FILE)


def queue(made: Iterable[Notification], mailboxes: Mapping[int, Mailbox]) -> None:
    """Send new notifications to the devices of those who want to be woken for them. In the caller's transaction."""
    wanted = [row for row in made if is_on() and row.kind not in mailboxes[row.person_id].unpushed]
    if not wanted:
        return
    devices: dict[int, list[int]] = {}
    owned = Device.objects.filter(owner__in={row.person_id for row in wanted})
    for owner_id, pk in owned.values_list("owner_id", "pk"):
        devices.setdefault(owner_id, []).append(pk)
    Delivery.objects.bulk_create(
        Delivery(notification=row, device_id=pk, due_at=Now() + WAITS)
        for row in wanted
        for pk in devices.get(row.person_id, ())
    )


def queue_messages(seats: Mapping[int, int]) -> None:
    """Tell the devices of these people that somebody wrote: seats by who has them. In the caller's transaction."""
    devices = Device.objects.filter(owner__in=seats)
    Delivery.objects.bulk_create(
        Delivery(seat_id=seats[device.owner_id], device=device, due_at=Now() + WAITS) for device in devices
    )


# sent


@dataclass(frozen=True)
class _Claimed:
    delivery: Delivery
    attempts: int  # the fence: who comes later has a higher one


def deliver() -> None:
    """Send what is due, a batch at a time, until nothing is."""
    from sora_social.inbox.push import services

    known = services.configured()
    while known and (claimed := _claim()):
        now = timezone.now()
        for platform, service in known.items():
            batch = _ready([one for one in claimed if one.delivery.device.platform == platform], now)
            answers = services.send_all(service, [message for _, message in batch]) if batch else []
            for (one, _), answer in zip(batch, answers, strict=True):
                _settle(one, answer)
        _drop([one for one in claimed if one.delivery.device.platform not in known])


def _claim() -> list[_Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE inbox_delivery
               SET due_at = statement_timestamp() + make_interval(secs => %s), attempts = attempts + 1
               WHERE id IN (SELECT id FROM inbox_delivery WHERE due_at <= statement_timestamp() ORDER BY due_at LIMIT %s
                            FOR UPDATE SKIP LOCKED) RETURNING id, attempts""",
            [LEASE.total_seconds(), AT_ONCE],
        )
        taken = dict(cursor.fetchall())
    rows = Delivery.objects.select_related("device__owner", "notification").filter(pk__in=taken).order_by("id")
    return [_Claimed(row, taken[row.pk]) for row in rows]


def _ready(claimed: list[_Claimed], now: datetime) -> "list[tuple[_Claimed, Message]]":
    """Those that are still to be sent, with what they say. The others are dropped."""
    ready, dropped = [], []
    mailboxes = Mailbox.objects.in_bulk({one.delivery.device.owner_id for one in claimed})
    for one in claimed:
        is_hopeless = one.attempts > ATTEMPTS  # whoever had it died of it, time and again
        message = None if is_hopeless else _message(one.delivery, mailboxes.get(one.delivery.device.owner_id), now)
        if message is None:
            dropped.append(one)
        else:
            ready.append((one, message))
    _drop(dropped)
    return ready


def _message(delivery: Delivery, mailbox: Mailbox | None, now: datetime) -> "Message | None":
    """What the device is to show; None for what it need not, or must not, show any more."""
    from sora_social.inbox.push.services import Message

    device = delivery.device
    kind = delivery.notification.kind if delivery.notification else choices.MESSAGE
    mailbox = mailbox or Mailbox(person=device.owner)
    if kind in mailbox.unpushed or now - delivery.created_at > GOOD_FOR:
        return None
    person = sessions.person_of_session(device.session_token)
    if person is None or person.pk != device.owner_id:
        device.delete()  # signed out, or another password: whoever holds it now is nobody we know
        return None
    if admission.refusal_of(person, person.country) is not None or choices.is_quiet(person, mailbox, now):
        return None
    language: Language = "zh" if device.language == "zh" else "en"
    words = _words(delivery, person, language, now)
    if words is None:
        return None
    if words.actor_id is not None and not bounding.may_wake(words.actor_id, person.pk, words.thing):
        return None
    return Message(
        device_token=device.token,
        text=words.text,
        collapse_id=words.collapse_id,
        data={**words.data, "notification_type": str(kind)},
        good_for=int(GOOD_FOR.total_seconds()),
    )


@dataclass(frozen=True)
class _Words:
    """What is said, on account of whom, and under which name: of the thing, and of what replaces what on a device."""

    text: str
    actor_id: int | None
    thing: str
    collapse_id: str
    data: dict[str, str]


def _words(delivery: Delivery, person: User, language: Language, now: datetime) -> _Words | None:
    """What there is to tell `person` now; None when there is nothing left."""
    row = delivery.notification
    if row is None:
        told = news.news_for(person, delivery.seat_id or 0, now.date())
        if told is None:
            return None
        named = _for_lock_screen(person, told.authors, now)
        text = texts.text_of_messages(named, told.title, language, is_group=told.is_group)
        name = str(told.conversation_id)
        return _Words(text, told.authors[0].pk, told.stretch, f"c{name}", {"conversation_id": name})
    shown = seen.seen_by(person, [row]) if row.read_at is None and row.person_id == person.pk else []
    if not shown:
        return None
    text = texts.text_of(shown[0], language, actors=_for_lock_screen(person, shown[0].actors, now))
    return _Words(text, shown[0].caused_by, str(row.pk), str(row.pk), {"notification_id": str(row.pk)})


def _for_lock_screen(person: User, actors: Sequence[User | None], now: datetime) -> Sequence[User | None]:
    """A teen's device names no adult whom they do not follow: a name, too, can say "write to me"."""
    today = now.date()
    adults = {actor.pk for actor in actors if actor is not None and not actor.is_teen(today)}
    if not adults or not person.is_teen(today):
        return actors
    known = Follow.objects.filter(follower=person, followee__in=adults).values_list("followee_id", flat=True)
    strangers = adults - set(known)
    return [actor if actor is not None and actor.pk not in strangers else None for actor in actors]


def _drop(claimed: Iterable[_Claimed]) -> None:
    Delivery.objects.filter(pk__in=[one.delivery.pk for one in claimed]).delete()


def _settle(one: _Claimed, answer: "Answer") -> None:
    from sora_social.inbox.push.services import Fate

    row = Delivery.objects.filter(pk=one.delivery.pk, attempts=one.attempts)
    match answer.fate:
        case Fate.ARRIVED:
            row.delete()
        case Fate.GONE:
            Device.objects.filter(pk=one.delivery.device_id, token=one.delivery.device.token).delete()
        case Fate.LATER if one.attempts < ATTEMPTS:
            pause = max(float(2**one.attempts), answer.retry_after or 0.0)
            row.update(due_at=Now() + timedelta(seconds=min(pause, LONGEST_PAUSE)))
        case _:
            log.warning("push_given_up", platform=one.delivery.device.platform, said=answer.said[:100])
            row.delete()
