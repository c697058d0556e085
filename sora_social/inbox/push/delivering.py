"""Notifications on their way to devices: queued with the notification, sent by a worker, at least once, shown once.

A delivery is claimed for a minute by one UPDATE; whoever sent it deletes it. A worker that dies in between lets it be
sent again, under the same collapse id, and the device shows it once. Whether it is still to be seen, unread and wanted,
and whether the hour allows it, is asked when it is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
from sora_social.inbox.models import Delivery, Device, Mailbox, Notification
from sora_social.inbox.notifications import choices, seen, texts

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

    row, device = delivery.notification, delivery.device
    if (
        mailbox is None
        or row.kind in mailbox.unpushed
        or row.read_at is not None
        or now - delivery.created_at > GOOD_FOR
    ):
        return None
    person = sessions.person_of_session(device.session_token)
    if person is None or person.pk != device.owner_id:
        device.delete()  # signed out, or another password: whoever holds it now is nobody we know
        return None
    refusal = admission.refusal_of(person, person.country)
    if refusal is not None or row.person_id != person.pk or choices.is_quiet(person, mailbox, now):
        return None
    shown = seen.seen_by(person, [row])
    if not shown:
        return None
    language: Language = "zh" if device.language == "zh" else "en"
    return Message(
        device_token=device.token,
        text=texts.text_of(_for_lock_screen(person, shown[0], now), language),
        collapse_id=str(row.pk),
        data={"notification_id": str(row.pk), "notification_type": str(row.kind)},
        good_for=int(GOOD_FOR.total_seconds()),
    )


def _for_lock_screen(person: User, shown: seen.Seen, now: datetime) -> seen.Seen:
    """A teen's device names no adult whom they do not follow: a name, too, can say "write to me"."""
    today = now.date()
    adults = {actor.pk for actor in shown.actors if actor is not None and not actor.is_teen(today)}
    if not adults or not person.is_teen(today):
        return shown
    known = Follow.objects.filter(follower=person, followee__in=adults).values_list("followee_id", flat=True)
    strangers = adults - set(known)
    actors = [actor if actor is not None and actor.pk not in strangers else None for actor in shown.actors]
    return replace(shown, actors=actors)


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
