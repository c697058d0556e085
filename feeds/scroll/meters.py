"""Where the meter of a scroll is kept: in Redis, one short value for each person, swapped whole.

A change reads the meter, lets the policy decide, and puts the new one in place if nobody else was quicker; else it
decides again on what is there now. The policy so stays in one place, and twenty requests at once are one after the
other. This process remembers what it wrote last, so that a scroll costs one round trip a page.

Redis may lose it all. Then the meter is made anew from what was served, made and paused in the database, by the same
policy (`replay`). While Redis does not answer, this process keeps it, by the stricter of its own account and the log's.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

import orjson
import redis
import structlog

from feeds import logbook
from feeds.models.scrolling import MADE, NudgeKind, NudgeOutcome
from feeds.moments import page_id_at, served_at
from ranking import nudging
from ranking.nudging import HOUR, Event, HoldKind, Meter, Rules
from ranking.quiet_hours import local_day
from sora_social.accounts.models import User
from sora_social.core import bus
from sora_social.core.errors import Unavailable
from sora_social.core.moments import milliseconds, moment
from sora_social.core.prepared import prepared_rows

log = structlog.get_logger(__name__)
T = TypeVar("T")

KEPT_MS = 26 * HOUR  # a day of 25 hours, for limits that hold for a day
SHAPE = 1  # of the value: another one has other keys, and begins with what the database knows
TRIES = 500
_NOTHING = b""

_SWAP = """
local there = redis.call('GET', KEYS[1]) or ''
if there ~= ARGV[1] then return there end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return false"""
_SWAP_SHA = hashlib.sha1(_SWAP.encode(), usedforsecurity=False).hexdigest()  # how Redis names a script

_REMEMBERED_AT_MOST = 10_000
_remembered: dict[int, bytes] = {}
_keeping = threading.Lock()
_down_at = 0  # when Redis last failed this process; what it holds from before then is not the whole truth


def change(viewer: User, rules: Rules, act: Callable[[Meter], tuple[Meter, T]]) -> T:
    """Change somebody's meter: `act` is given it and says what it is to be; again, when another was quicker.

    Gives what `act` told beside. Raises Unavailable when there is no end to others.
    """
    there = _remembered.get(viewer.pk) or _read(viewer.pk)
    for _ in range(TRIES):
        new, told = act(_meter(viewer, there, rules))
        other = _swap(viewer.pk, there, orjson.dumps(tuple(new)))
        if other is None:
            return told
        there = other
    raise Unavailable("Too many requests of one person at once.", retry_after=1)


def look(viewer: User, rules: Rules) -> Meter:
    """The meter as it is."""
    return _meter(viewer, _read(viewer.pk), rules)


def _meter(viewer: User, there: bytes, rules: Rules) -> Meter:
    kept = Meter(*orjson.loads(there)) if there else None
    if kept is not None and kept.asked_at > _down_at:
        return kept
    known = _remembered.get(viewer.pk)
    accounts = [kept, Meter(*orjson.loads(known)) if known else None]
    meter = rebuilt(viewer, rules)
    for account in accounts:
        if account is not None:
            meter = nudging.stricter(meter, account, rules)
    return meter


# Redis, or this process while it is away


def _key(person_id: int) -> str:
    return f"scroll:{SHAPE}:{person_id}"


def _read(person_id: int) -> bytes:
    try:
        return cast(bytes, bus.client().get(_key(person_id)) or _NOTHING)
    except redis.RedisError as error:
        _note_down(error)
        return _remembered.get(person_id, _NOTHING)


def _swap(person_id: int, there: bytes, new: bytes) -> bytes | None:
    """Put `new` in the place of `there`; None when that is done, else what is there instead."""
    try:
        other = _run_swap(_key(person_id), there, new, KEPT_MS)
    except redis.RedisError as error:
        _note_down(error)
        return _swap_here(person_id, there, new)
    if other is None:
        _remember(person_id, new)
    return other


def _swap_here(person_id: int, there: bytes, new: bytes) -> bytes | None:
    with _keeping:
        other = _remembered.get(person_id, there)
        if other != there:
            return other
        _remember(person_id, new)
        return None


def _run_swap(*words: bytes | str | int) -> bytes | None:
    try:
        return cast(bytes | None, bus.client().evalsha(_SWAP_SHA, 1, *words))
    except redis.exceptions.NoScriptError:  # Redis is new, or was emptied
        return cast(bytes | None, bus.client().eval(_SWAP, 1, *words))


def _remember(person_id: int, meter: bytes) -> None:
    while len(_remembered) >= _REMEMBERED_AT_MOST and person_id not in _remembered:
        _remembered.pop(next(iter(_remembered)), None)
    _remembered[person_id] = meter


def _note_down(error: redis.RedisError) -> None:
    global _down_at  # noqa: PLW0603 - one Redis, one moment
    _down_at = int(time.time() * 1000)
    log.warning("scroll_not_kept", error=str(error))


# the log

PAGES_READ = 500
# Pages with their items; the last making; cards and holds. Each part reads the newest rows of one index.
_HISTORY = """
(SELECT 'page'::text, id, NULL::timestamptz, NULL::timestamptz, cardinality(post_ids)::int, ''::text, ''::text
 FROM feeds_servedpage WHERE viewer_id = %(viewer)s AND id >= %(since)s ORDER BY id DESC LIMIT %(pages)s)
UNION ALL
(SELECT 'making', id, created_at, NULL, 0, '', '' FROM studio_generation
 WHERE owner_id = %(viewer)s AND hold_id IS NOT NULL ORDER BY id DESC LIMIT 1)
UNION ALL
(SELECT kind, id, outcome_at, until, step, outcome, arm FROM feeds_nudge
 WHERE viewer_id = %(viewer)s AND id >= %(since)s ORDER BY id DESC LIMIT 50)"""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the history. `at` is when a making was, or an outcome; `until` when a hold ends by itself."""

    what: str
    pk: int
    at: datetime | None
    until: datetime | None
    count: int
    outcome: str
    arm: str

    @property
    def made_at(self) -> int:
        return milliseconds(self.at) if self.what == "making" and self.at else milliseconds(served_at(self.pk))

    def ended_at(self, made: int, rules: Rules) -> int | None:
        """When this hold ended or ends; None when a making (the last was at `made`) ended it, or it is no hold."""
        if self.until is None:
            return None
        if self.outcome == NudgeOutcome.ACKNOWLEDGED and self.at is not None:
            return milliseconds(self.at)
        until = milliseconds(self.until)
        is_overtaken = self.outcome in MADE or self.made_at < made <= until
        return None if is_overtaken and self.what == NudgeKind.PAUSE and rules.is_dismissible else until


def rebuilt(viewer: User, rules: Rules) -> Meter:
    """The meter from what the database knows. What another process served in the last quarter of a second may miss."""
    logbook.flush()
    now = int(time.time() * 1000)
    params = {"viewer": viewer.pk, "since": page_id_at(moment(now - KEPT_MS)), "pages": PAGES_READ}
    rows = [_Row(*row) for row in prepared_rows(_HISTORY, params)]
    made = max((row.made_at for row in rows if row.what == "making"), default=0)
    meter = nudging.replay(_events(rows, viewer, made, now, rules), rules)
    for row in rows:
        ended_at = row.ended_at(made, rules)
        if row.until is None:
            meter = meter._replace(arm=meter.arm or row.arm)  # the newest comes first
        elif ended_at is not None and ended_at > now and not meter.hold:
            kind = cast(HoldKind, row.what)
            meter = meter._replace(hold=kind, hold_until=ended_at, hold_id=row.pk)
        elif row.outcome == NudgeOutcome.ACKNOWLEDGED and row.what == NudgeKind.QUIET_HOURS:
            meter = meter._replace(waived_quiet_until=max(meter.waived_quiet_until, milliseconds(row.until)))
        elif row.outcome == NudgeOutcome.ACKNOWLEDGED and row.what == NudgeKind.DAILY_LIMIT:
            meter = meter._replace(waived_daily_until=max(meter.waived_daily_until, milliseconds(row.until)))
    return meter


def _events(rows: Sequence[_Row], viewer: User, made: int, now: int, rules: Rules) -> Iterator[Event]:
    has_days = bool(rules.daily_ms or rules.daily_items)
    place = viewer.place if has_days else None
    for row in rows:
        ended_at = row.ended_at(made, rules)
        if row.what == "page":
            at = moment(row.made_at)
            day = local_day(place.zone_at(at), at) if place else 0
            yield Event(row.made_at, "page", row.count, day)
        elif row.what == "making":
            yield Event(row.made_at, "reset")
        elif row.until is None:
            yield Event(row.made_at, "card", row.count)
        elif ended_at is not None and ended_at <= now:
            yield Event(ended_at, "reset")
