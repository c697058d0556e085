"""When somebody who scrolls is offered something to make, and when the scroll pauses.

The policy alone: values and a moment in, a decision out. There is no clock here and no I/O; who keeps the meter asks
with every page, and keeps what comes back. All times are milliseconds since 1970 (UTC) unless a name says otherwise.

Items count when they are given out. Minutes are those between two pages that are asked for less than five minutes
apart. A making resets both; so does half an hour without a page, and the end of a pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from ranking.rates import Prior

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

HoldKind = Literal["", "pause", "quiet_hours", "daily_limit"]

CARDS_AT_MOST: Final = 6
# A day has 25 hours where the clocks go back: so no calendar day of any time zone has more cards than that.
CARDS_WITHIN: Final = 25 * HOUR
HISTORY: Final = 24  # cards that are looked back at
# after so many dismissals in a row there are no cards for so long; the gravest first
BACK_OFF: Final = ((4, 14 * DAY), (2, DAY))


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one person. Zero means: no such limit.

    step_items and step_ms are the three steps: a card, a firmer card, the pause. page_items is where their pages end.
    """

    step_items: tuple[int, int, int] = (20, 30, 40)
    step_ms: tuple[int, int, int] = (8 * MINUTE, 12 * MINUTE, 20 * MINUTE)
    gap_ms: int = 5 * MINUTE
    session_ms: int = 30 * MINUTE
    pause_ms: int = 5 * MINUTE
    page_items: int = 0
    daily_items: int = 0
    daily_ms: int = 0
    is_dismissible: bool = True


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as it is where the person is: the ordinal of their day and when it ends, and the end of a quiet hour that
    is running (0 when none is)."""

    now: int
    day: int = 0
    day_ends: int = 0
    quiet_until: int = 0


class Meter(NamedTuple):
    """The scroll session of one person, on all their devices.

    reset_at is when they last made something or a hold ended; asked_at when they last asked for a page. A hold stands
    between them and the feed until hold_until; waived ones were acknowledged and do not come again before that time.
    """

    asked_at: int = 0
    items: int = 0
    watched_ms: int = 0
    step: int = 0
    reset_at: int = 0
    day: int = 0
    day_items: int = 0
    day_ms: int = 0
    hold: HoldKind = ""
    hold_until: int = 0
    hold_id: int = 0
    waived_quiet_until: int = 0
    waived_daily_until: int = 0
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to one page request: so many items are set aside in `meter`, or a hold stands in the way.

    items_before and step_before are as they stood; a hold with hold_id 0 is a new one, which wants an id.
    """

    meter: Meter
    granted: int
    items_before: int
    step_before: int
    watched_ms: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card is due: of this step, before the item at `position` of the page."""

    step: int
    position: int


# pages


def ask(meter: Meter, at: Moment, wanted: int, rules: Rules) -> Turn:
    """Ask for a page of `wanted` items. What is granted counts from now on: give back what was not served (`settle`).

    A page never crosses the item at which the pause is due, nor the end of a daily limit.
    """
    meter = arrive(meter, at, rules)
    if not meter.hold:
        meter = _held_if_due(meter, at, rules)
    granted = 0 if meter.hold else _room(meter, wanted, rules)
    return Turn(
        meter=_with_items(meter, granted) if granted else meter,
        granted=granted,
        items_before=meter.items,
        step_before=meter.step,
        watched_ms=meter.watched_ms,
    )


def arrive(meter: Meter, at: Moment, rules: Rules) -> Meter:
    """The meter as it stands when a page is asked for: a hold or a session that is over has ended, and time counts."""
    now = max(at.now, meter.asked_at)
    if at.day > meter.day:  # where a new zone brings a date back, it is not begun again
        meter = meter._replace(day=at.day, day_items=0, day_ms=0)
    if meter.hold and meter.hold_until > now:
        return meter._replace(asked_at=now)
    if meter.hold:
        meter = _begun(meter, meter.hold_until)
    silence = now - meter.asked_at
    if silence >= rules.session_ms:
        meter = meter._replace(items=0, watched_ms=0, step=0)
    elif silence < rules.gap_ms:
        watched = max(0, now - max(meter.asked_at, meter.reset_at))
        meter = meter._replace(watched_ms=meter.watched_ms + watched, day_ms=meter.day_ms + watched)
    return meter._replace(asked_at=now)


def _held_if_due(meter: Meter, at: Moment, rules: Rules) -> Meter:
    if at.quiet_until > at.now and meter.waived_quiet_until <= at.now:
        return meter._replace(hold="quiet_hours", hold_until=at.quiet_until, hold_id=0)
    is_spent = 0 < rules.daily_items <= meter.day_items or 0 < rules.daily_ms <= meter.day_ms
    if is_spent and meter.waived_daily_until <= at.now:
        return meter._replace(hold="daily_limit", hold_until=max(at.day_ends, at.now + 1), hold_id=0)
    if meter.items >= rules.step_items[2] or meter.watched_ms >= rules.step_ms[2]:
        return meter._replace(hold="pause", hold_until=meter.asked_at + rules.pause_ms, hold_id=0)
    return meter


def _room(meter: Meter, wanted: int, rules: Rules) -> int:
    room = min(wanted, rules.step_items[2] - meter.items)
    if rules.page_items:
        room = min(room, rules.page_items)
    if rules.daily_items and meter.waived_daily_until <= meter.asked_at:
        room = min(room, rules.daily_items - meter.day_items)
    return room


def _with_items(meter: Meter, count: int) -> Meter:
    return meter._replace(items=meter.items + count, day_items=meter.day_items + count)


def settle(meter: Meter, turn: Turn, served: int, *, step: int = 0) -> Meter:
    """Give back what a turn was granted and did not serve, and note the step of a card that is laid.

    `meter` is as it stands now: others may have asked meanwhile, and what was reset since owes nothing.
    """
    unserved = turn.granted - served
    if meter.reset_at == turn.meter.reset_at:
        meter = meter._replace(items=max(0, meter.items - unserved), step=max(meter.step, step))
    if meter.day == turn.meter.day:
        meter = meter._replace(day_items=max(0, meter.day_items - unserved))
    return meter


def card_due(turn: Turn, served: int, rules: Rules) -> Card | None:
    """The card that belongs on a page of `served` items, if any: at most one, and each step once in a session.

    The second step stands at the top of a page. The first stands where its threshold falls, inside a large page.
    """
    if served == 0:
        return None
    if turn.step_before < 2 and _reached(turn, rules, 1):
        return Card(step=2, position=0)
    if turn.step_before < 1:
        if _reached(turn, rules, 0):
            return Card(step=1, position=0)
        position = rules.step_items[0] - turn.items_before
        if position < served:
            return Card(step=1, position=position)
    return None


def _reached(turn: Turn, rules: Rules, step: int) -> bool:
    return turn.items_before >= rules.step_items[step] or turn.watched_ms >= rules.step_ms[step]


# resets


def _begun(meter: Meter, at: int) -> Meter:
    """A new session, from a reset on; a hold that was there is over."""
    return meter._replace(
        items=0, watched_ms=0, step=0, reset_at=max(at, meter.reset_at), hold="", hold_until=0, hold_id=0
    )


def made(meter: Meter, at: int, rules: Rules) -> Meter:
    """They made something at `at`: items and minutes begin anew, and a pause that they could dismiss is over."""
    if at <= meter.reset_at:
        return meter
    if meter.hold == "pause" and rules.is_dismissible:
        return _begun(meter, at)
    return meter._replace(items=0, watched_ms=0, step=0, reset_at=at)


def acknowledged(meter: Meter, hold_id: int, at: int) -> Meter:
    """The hold of that id is over at `at` because they said so. A quiet hour or daily limit stays waived to its end."""
    if not meter.hold or meter.hold_id != hold_id:
        return meter
    until = meter.hold_until
    if meter.hold == "quiet_hours":
        meter = meter._replace(waived_quiet_until=until)
    elif meter.hold == "daily_limit":
        meter = meter._replace(waived_daily_until=until)
    return _begun(meter, at)


def lifted(meter: Meter, kind: HoldKind, at: int) -> Meter:
    """A hold of that kind is over at `at`, because what it stood on is there no more."""
    return _begun(meter, at) if meter.hold == kind else meter


# what is known when the meter is lost


@dataclass(frozen=True, slots=True)
class Event:
    """What the log says of a scroll: a page of `count` items, a card of step `count`, or a reset."""

    at: int
    kind: Literal["page", "card", "reset"]
    count: int = 0
    day: int = 0


def replay(events: Iterable[Event], rules: Rules) -> Meter:
    """The meter that these events lead to, by the same rules that it is kept by."""
    meter = Meter()
    for event in sorted(events, key=lambda event: event.at):
        if event.kind == "page":
            meter = _with_items(arrive(meter, Moment(event.at, day=event.day), rules), event.count)
        elif event.kind == "card":
            meter = meter._replace(step=max(meter.step, event.count))
        else:
            meter = _begun(meter, event.at)
    return meter


def stricter(one: Meter, other: Meter, rules: Rules) -> Meter:
    """Of two accounts of the same scroll the one that lets less through. A reset that only one of them knows counts."""
    old, new = sorted((one, other), key=lambda meter: (meter.reset_at, meter.asked_at))
    day = max(old.day, new.day)
    day_items = max(meter.day_items for meter in (old, new) if meter.day == day)
    day_ms = max(meter.day_ms for meter in (old, new) if meter.day == day)
    new = new._replace(day=day, day_items=day_items, day_ms=day_ms)
    if old.reset_at < new.reset_at or abs(old.asked_at - new.asked_at) >= rules.session_ms:
        return new
    held = max((old, new), key=lambda meter: meter.hold_until)
    return new._replace(
        items=max(old.items, new.items),
        watched_ms=max(old.watched_ms, new.watched_ms),
        step=max(old.step, new.step),
        hold=held.hold,
        hold_until=held.hold_until,
        hold_id=held.hold_id,
        waived_quiet_until=max(old.waived_quiet_until, new.waived_quiet_until),
        waived_daily_until=max(old.waived_daily_until, new.waived_daily_until),
    )


# cards


@dataclass(frozen=True, slots=True)
class PastCard:
    """A card that was laid, or logged as a ghost. `outcome` is empty while there is none."""

    at: int
    outcome: str = ""
    outcome_at: int = 0
    is_ghost: bool = False


def may_lay_card(history: Sequence[PastCard], now: int) -> bool:
    """Whether another card may be laid. `history` is the newest first; the last 24 count.

    Dismissals are in a row when nothing was made or acknowledged between them: a card that was passed over in silence
    breaks no row. Ghosts fill the day's number as cards do, so that arms of an experiment have equal chances.
    """
    if sum(card.at > now - CARDS_WITHIN for card in history) >= CARDS_AT_MOST:
        return False
    row = 0
    last = 0
    for card in history[:HISTORY]:
        if card.outcome == "dismissed":
            row += 1
            last = max(last, card.outcome_at)
        elif card.outcome in {"created", "remixed", "acknowledged"}:
            break
    return not any(row >= dismissals and now < last + span for dismissals, span in BACK_OFF)


# How often an offer of a kind is taken up before anything is known: assumptions of a plausible order, nothing measured.
TAKEN_UP: Final = MappingProxyType(
    {
        "draft": Prior(0.10, 20),  # the work is done, it only wants to be shown
        "remix": Prior(0.04, 40),
        "challenge": Prior(0.04, 40),
        "cast": Prior(0.03, 40),
        "prompt": Prior(0.01, 60),
    }
)
_OWN_STRENGTH = 5.0  # so many cards of one's own weigh as much as what everybody did


def p_create(action: str, *, laid: int, taken: int, own_laid: int = 0, own_taken: int = 0) -> float:
    """The probability that an offer of this action is taken up by one person.

    The mean of a Beta posterior over everybody's cards is the prior of the person's own: who passes an action over
    again and again is offered another.
    """
    prior = TAKEN_UP[action]
    everybody = (prior.alpha + taken) / (prior.strength + max(laid, taken))
    return (everybody * _OWN_STRENGTH + own_taken) / (_OWN_STRENGTH + max(own_laid, own_taken))
