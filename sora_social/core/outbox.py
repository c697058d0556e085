"""What follows from an act: the act writes an event in its own transaction, `aftermath.py` says who handles it.

Delivery is at least once, and a handler's effects in the database are made once: the handler runs in the transaction
that crosses it off the event. A lost message costs a sweep (5 s), never an event. What goes `FIRST` waits for nothing
that follows from other acts: a hit that is remixed by thousands holds up no revocation.

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

Handler = Callable[..., None]
Aftermath = Mapping[type, Sequence[Handler]]
_PARTS: Mapping[bool | None, Sequence[str]] = {
    True: ["FIRST"],
    False: ["AFTERMATH"],
    None: ["FIRST", "AFTERMATH"],  # written by a process that knew nothing of parts
}
_TOGETHER_AT_MOST = 200
_COUNTED_ATTEMPTS = 1_000


def announce(event: Any, *, due_at: datetime | None = None) -> None:
    """Write a typed event (a frozen dataclass of ids and plain values) with the transaction that is open.

    It is handled at `due_at`, or as soon as somebody comes to it; by the handlers that are `AT_ONCE` here and now. One
    that nobody handles later is not kept.
    """
    for handler in _aftermath("AT_ONCE").get(type(event), ()):
        handler(event)
    parts = [goes_first for goes_first in (True, False) if type(event) in _aftermath(*_PARTS[goes_first])]
    if not parts:
        return
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            kind=type(event).__name__,
            payload=dataclasses.asdict(event),
            goes_first=goes_first,
            due_at=Now() if due_at is None else due_at,
        )
        for goes_first in parts
    )
    transaction.on_commit(_hint)


def _hint() -> None:
    from sora_social.core.tasks import relay as relay_task

    try:
        relay_task.delay()
    except BrokerDown as error:  # the sweep of `beat` finds the event
        log.warning("relay_hint_lost", error=str(error))


def relay(*, at_most: int = 500) -> int:
    """Hand due events to their handlers, what goes first before all others, oldest first, until none is left.

    Returns how many were taken up. Several relays may run at once: each takes events that no other holds. A handler
    that fails is tried again with a growing pause, the others of the same event are not repeated.
    """
    parts = {goes_first: _handlers(*names) for goes_first, names in _PARTS.items()}
    taken = 0
    while taken < at_most and (count := _relay_some(parts)):
        taken += count
    return taken


@dataclasses.dataclass(frozen=True)
class _Handlers:
    """What handles a kind of event; `together` when all of it takes many events at once."""

    kind: type
    by_name: Mapping[str, Handler]
    together: bool


def _handlers(*parts: str) -> Mapping[str, _Handlers]:
    """By the names of the kinds."""
    together = import_string(f"{settings.AFTERMATH}.TOGETHER")
    return {
        kind.__name__: _Handlers(kind, {_name(each): each for each in handlers}, together.issuperset(handlers))
        for kind, handlers in _aftermath(*parts).items()
    }


def _relay_some(parts: Mapping[bool | None, Mapping[str, _Handlers]]) -> int:
    with transaction.atomic():
        due = OutboxEvent.objects.select_for_update(skip_locked=True).filter(due_at__lte=Now())
        due = due.order_by("-goes_first", "id")
        row = due.first()
        if row is None:
            return 0
        handlers = parts[row.goes_first].get(row.kind)
        rows = [row]
        if handlers and handlers.together and not row.attempts:
            rows = list(due.filter(kind=row.kind, goes_first=row.goes_first, attempts=0)[:_TOGETHER_AT_MOST])
        left = _left_of(rows, handlers, parts[None].get(row.kind))
        if left is None or left:
            OutboxEvent.objects.filter(pk__in=[each.pk for each in rows]).update(
                pending=left,
                attempts=min(row.attempts + 1, _COUNTED_ATTEMPTS),  # of several it is the first one for all
                due_at=Now() + timedelta(seconds=min(600, 2 ** (row.attempts + 1))),
            )
        else:
            OutboxEvent.objects.filter(pk__in=[each.pk for each in rows]).delete()
    return len(rows)


def _left_of(rows: Sequence[OutboxEvent], part: _Handlers | None, whole: _Handlers | None) -> list[str] | None:
    """Run what is pending of one event, or of several of a kind; the names of the handlers that must be tried again.
    As it was, when nobody here can read an event: during a rolling restart it may be newer than this process.

    What was never tried is its `part`; what was may have been by a process that parts events in another way.
    """
    row = rows[0]
    try:
        events = [whole.kind(**each.payload) for each in rows] if whole else []
    except TypeError:
        events = []
    if whole is None and row.kind in {kind.__name__ for kind in _aftermath("AT_ONCE")}:
        return []  # all of it was done at once; a process of before kept it nevertheless
    if whole is None or not events:
        log.error("event_not_understood", event_kind=row.kind, event_id=row.id)
        return row.pending
    left = []
    for name in (part.by_name if part else ()) if row.pending is None else row.pending:
        if name not in whole.by_name:  # renamed since it failed: somebody must say what it is called now
            log.error("handler_gone", event_kind=row.kind, event_id=row.id, handler=name)
            left.append(name)
        elif not _handled(row, whole.by_name[name], events):
            left.append(name)
    return left


def _handled(row: OutboxEvent, handler: Handler, events: Sequence[Any]) -> bool:
    try:
        with transaction.atomic():
            handler(*events)
    except Exception:  # the handler is tried again; what it wrote is rolled back
        log.exception("handler_failed", event_kind=row.kind, event_id=row.id, handler=_name(handler))
        return False
    return True


def _aftermath(*parts: str) -> Aftermath:
    found: dict[type, list[Handler]] = {}
    for part in parts:
        for kind, handlers in import_string(f"{settings.AFTERMATH}.{part}").items():
            found.setdefault(kind, []).extend(handlers)
    return found


def _name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__qualname__}"
