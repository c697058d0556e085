"""What follows from an act: the act writes an event in its own transaction, `aftermath.py` says who handles it.

Delivery is at least once, and a handler's effects in the database are made once: the handler runs in the transaction
that crosses it off the event. A lost message costs a sweep (5 s), never an event.

What must be true when the act returns cannot wait for that: such handlers are listed as `AT_ONCE`, and run in the
transaction of the act itself.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerDown

from sora_social.core.models import OutboxEvent

log = structlog.get_logger(__name__)

Handler = Callable[[Any], None]
Aftermath = Mapping[type, Sequence[Handler]]


def announce(event: Any, *, due_at: datetime | None = None) -> None:
    """Write a typed event (a frozen dataclass of ids and plain values) with the transaction that is open.

    It is handled at `due_at`, or as soon as somebody comes to it; by the handlers that are `AT_ONCE` here and now. One
    that nobody handles later is not kept.
    """
    at_once: Aftermath = import_string(settings.AT_ONCE)
    for handler in at_once.get(type(event), ()):
        handler(event)
    if type(event) in at_once and type(event) not in import_string(settings.AFTERMATH):
        return
    OutboxEvent.objects.create(
        kind=type(event).__name__, payload=dataclasses.asdict(event), due_at=Now() if due_at is None else due_at
    )
    transaction.on_commit(_hint)


def _hint() -> None:
    from sora_social.core.tasks import relay as relay_task

    try:
        relay_task.delay()
    except BrokerDown as error:  # the sweep of `beat` finds the event
        log.warning("relay_hint_lost", error=str(error))


def relay(*, at_most: int = 500) -> int:
    """Hand due events to their handlers, oldest first, until none is left. Returns how many were taken up.

    Several relays may run at once: each takes events that no other holds. A handler that fails is tried again with a
    growing pause, the others of the same event are not repeated.
    """
    aftermath: Aftermath = import_string(settings.AFTERMATH)
    kinds = {kind.__name__: (kind, handlers) for kind, handlers in aftermath.items()}
    taken = 0
    while taken < at_most and _relay_one(kinds):
        taken += 1
    return taken


def _relay_one(kinds: Mapping[str, tuple[type, Sequence[Handler]]]) -> bool:
    with transaction.atomic():
        due = OutboxEvent.objects.select_for_update(skip_locked=True).filter(due_at__lte=Now())
        row = due.order_by("id").first()
        if row is None:
            return False
        left = _left_of(row, kinds)
        if left is None or left:
            row.pending, row.attempts = left, row.attempts + 1
            row.due_at = Now() + timedelta(seconds=min(600, 2**row.attempts))
            row.save(update_fields=["pending", "attempts", "due_at"])
        else:
            row.delete()
    return True


def _left_of(row: OutboxEvent, kinds: Mapping[str, tuple[type, Sequence[Handler]]]) -> list[str] | None:
    """Run what is pending; the names of the handlers that must be tried again. As it was, when nobody here can read
    the event: during a rolling restart it may be newer than this process."""
    kind, handlers = kinds.get(row.kind, (None, ()))
    try:
        event = kind(**row.payload) if kind is not None else None
    except TypeError:
        event = None
    if event is None:
        log.error("event_not_understood", event_kind=row.kind, event_id=row.id)
        return row.pending
    by_name = {_name(handler): handler for handler in handlers}
    left = []
    for name in by_name if row.pending is None else row.pending:
        if name not in by_name:  # renamed since it failed: somebody must say what it is called now
            log.error("handler_gone", event_kind=row.kind, event_id=row.id, handler=name)
            left.append(name)
        elif not _handled(row, by_name[name], event):
            left.append(name)
    return left


def _handled(row: OutboxEvent, handler: Handler, event: Any) -> bool:
    try:
        with transaction.atomic():
            handler(event)
    except Exception:  # the handler is tried again; what it wrote is rolled back
        log.exception("handler_failed", event_kind=row.kind, event_id=row.id, handler=_name(handler))
        return False
    return True


def _name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
