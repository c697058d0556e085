"""E6: whether the policy of the nudge keeps its word, over simulated clocks, time zones and devices.

People of all kinds of habits scroll: bursts from several devices at once, every page size, long silences, dismissals,
makings, nights and days where clocks are put forward and back. What the policy lets through is watched by somebody who
knows the product's promises and nothing of how the policy keeps them; every breach is counted.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from ranking import nudging
from ranking.nudging import DAY, HOUR, MINUTE, Meter, Moment, PastCard, Rules, Turn
from ranking.quiet_hours import Place, Window, day_ends, local_day

SECOND: Final = 1_000
ADULTS: Final = Rules()
TEENS: Final = Rules(
    step_items=(15, 20, 30),
    step_ms=(5 * MINUTE, 8 * MINUTE, 15 * MINUTE),
    page_items=15,
    daily_items=200,
    daily_ms=90 * MINUTE,
    is_dismissible=False,
)
NIGHT: Final = Window(time(22), time(6))
ZONES: Final = tuple(
    ZoneInfo(name)
    for name in (
        "UTC",
        "America/Havana",  # clocks change at midnight
        "America/Los_Angeles",
        "America/Sao_Paulo",
        "Africa/Casablanca",  # winter time in Ramadan alone
        "Asia/Beirut",
        "Asia/Kathmandu",  # +05:45
        "Australia/Lord_Howe",  # half an hour of summer time
        "Europe/Berlin",
        "Pacific/Apia",  # had no 30 December 2011
        "Pacific/Chatham",
        "Pacific/Kiritimati",  # +14
    )
)
LIMITS: Final = (1, 5, 10, 15, 20, 20, 20, 33, 50, 100)
SLOWLY: Final = (1, 1, 1, 2)  # who looks long at little meets the minutes before the items
BACK_OFF: Final = ((4, 14 * DAY), (2, DAY))  # as the product says it, not as the policy has it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run saw; `breaches` counts by promise, and is empty when all were kept."""

    sessions: int
    requests: int
    items: int
    cards: int
    pauses: int
    breaches: Counter[str]


def run(sessions: int, seed: int = 0) -> Outcome:
    """Simulate so many scroll sessions. The same seed gives the same run."""
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    breaches: Counter[str] = Counter()
    while seen["sessions"] < sessions:
        person = Person(rng)
        for _ in range(min(rng.randint(1, 60), sessions - seen["sessions"])):
            person.scroll()
            seen["sessions"] += 1
        seen.update(person.seen)
        breaches.update(person.watch.breaches)
    return Outcome(seen["sessions"], seen["requests"], seen["items"], seen["cards"], seen["pauses"], +breaches)


@dataclass(slots=True)
class Watch:
    """Who watches one person's scroll and knows the promises. Items and minutes are counted here once more.

    `session` grows with every reset: a page belongs to the session in which it was asked for.
    """

    rules: Rules
    place: Place
    night: Window | None
    breaches: Counter[str] = field(default_factory=Counter)
    session: int = 0
    promised: Counter[int] = field(default_factory=Counter)
    items: Counter[int] = field(default_factory=Counter)
    steps: set[tuple[int, int]] = field(default_factory=set)
    watched: int = 0
    asked_at: int = 0
    reset_at: int = 0
    hold: str = ""
    held_until: int = 0
    waived: dict[str, int] = field(default_factory=dict)
    day: int = 0
    day_items: Counter[int] = field(default_factory=Counter)
    day_ms: Counter[int] = field(default_factory=Counter)
    cards: deque[int] = field(default_factory=lambda: deque(maxlen=8))
    answers: deque[str] = field(default_factory=lambda: deque(maxlen=24))
    dismissed_at: int = 0

    def asked(self, now: int) -> int:
        """A page is asked for. Gives the session that it belongs to."""
        if self.hold and self.held_until <= now:
            self.reset(self.held_until)
        silence = now - self.asked_at
        if silence >= 30 * MINUTE and not self.hold:
            self.session += 1
            self.watched = 0
        if self.rules.daily_ms:
            # where a new zone brings a date back, it is not begun again
            self.day = max(self.day, local_day(self.place.zone_at(_at(now)), _at(now)))
        if silence < 5 * MINUTE and not self.hold:
            watched = now - max(self.asked_at, self.reset_at)
            self.watched += watched
            self.day_ms[self.day] += watched
        self.asked_at = now
        return self.session

    def granted(self, now: int, count: int) -> None:
        """So many items are promised to who asked now."""
        if count == 0:
            return
        self.promised[self.session] += count
        self._breach("served during a hold", is_broken=bool(self.hold))
        self._breach("served after 20 minutes", is_broken=self.watched >= self.rules.step_ms[2])
        self._breach("a teen's page does not end", is_broken=not self.rules.is_dismissible and count > 15)
        if now >= self.waived.get("daily_limit", 0):
            self._breach("a day's minutes are over", is_broken=0 < self.rules.daily_ms <= self.day_ms[self.day])
        if self.night is not None and now >= self.waived.get("quiet_hours", 0):
            self._breach("served in a quiet hour", is_broken=self._is_quiet(self.night, now))

    def _is_quiet(self, night: Window, now: int) -> bool:
        """By the clock on the wall."""
        local = _at(now).astimezone(self.place.zone_at(_at(now))).time()
        if night.begins < night.ends:
            return night.begins <= local < night.ends
        return local >= night.begins or local < night.ends

    def served(self, session: int, day: int, count: int) -> None:
        """A page went out that was asked for in that session, on that day."""
        self.items[session] += count
        self.day_items[day] += count
        self._breach("more than 40 items", is_broken=self.items[session] > self.rules.step_items[2])
        self._breach("a day's items are over", is_broken=0 < self.rules.daily_items < self.day_items[day])

    def card(self, now: int, session: int, step: int) -> None:
        self.cards.append(now)
        self._breach("more than 6 cards in 24 hours", is_broken=sum(at > now - DAY for at in self.cards) > 6)
        for zone in ZONES if len(self.cards) > 6 else ():
            days = Counter(local_day(zone, _at(at)) for at in self.cards)
            self._breach("more than 6 cards on a day", is_broken=max(days.values()) > 6)
        self._breach("a step was shown twice", is_broken=(session, step) in self.steps)
        self.steps.add((session, step))
        for dismissals, span in BACK_OFF:
            in_a_row = "".join(reversed(self.answers)).partition("m")[0].count("d")
            too_soon = in_a_row >= dismissals and now < self.dismissed_at + span
            self._breach(f"a card after {dismissals} dismissals", is_broken=too_soon)
        self.answers.append("")

    def held(self, now: int, kind: str, until: int) -> None:
        self.hold, self.held_until = kind, until
        few = self.promised[self.session] < self.rules.step_items[2] and self.watched < self.rules.step_ms[2]
        self._breach("paused without need", is_broken=kind == "pause" and few)
        self._breach("a pause is not 5 minutes", is_broken=kind == "pause" and until != now + 5 * MINUTE)

    def reset(self, at: int) -> None:
        self.session += 1
        self.watched, self.hold, self.held_until, self.reset_at = 0, "", 0, at

    def made(self, now: int) -> None:
        hold, until = self.hold, self.held_until
        self.reset(now)
        if hold and not (hold == "pause" and self.rules.is_dismissible):
            self.hold, self.held_until = hold, until
        if self.answers:
            self.answers[-1] = "m"

    def acknowledged(self, now: int) -> None:
        self._breach("a teen dismissed a hold", is_broken=not self.rules.is_dismissible)
        self.waived[self.hold] = self.held_until
        self.reset(now)

    def dismissed(self, now: int) -> None:
        self.answers[-1] = "d"
        self.dismissed_at = now

    def _breach(self, promise: str, *, is_broken: bool) -> None:
        if is_broken:
            self.breaches[promise] += 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that a device asked for and has not got yet."""

    session: int
    day: int
    turn: Turn


class Person:
    """Somebody with devices, habits and a zone; and the service's side of their scroll, as the service has it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        is_teen = rng.random() < 0.3
        self.rules = TEENS if is_teen else ADULTS
        self.night: Window | None = NIGHT if is_teen else None
        if not is_teen and rng.random() < 0.2:
            self.night = Window(time(23, 30), time(6, 15))
            self.rules = replace(ADULTS, daily_ms=rng.choice((0, 45 * MINUTE)))
        self.is_slow = rng.random() < 0.25
        self.dismisses = rng.choice((0.1, 0.35, 0.95))
        self.place = Place(rng.choice(ZONES))
        begin = datetime(rng.choice((2011, 2018, 2026)), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
        self.now = int(begin.timestamp()) * SECOND + rng.randrange(DAY)
        self.watch = Watch(self.rules, self.place, self.night)
        self.meter = Meter()
        self.history: deque[PastCard] = deque(maxlen=40)
        self.seen: Counter[str] = Counter()

    def scroll(self) -> None:
        """One session: pages until they have had enough, are held, or put the phone away."""
        rng = self.rng
        self.now += rng.choice((31 * MINUTE, HOUR, 3 * HOUR, 9 * HOUR)) + rng.randrange(HOUR)
        if not self.rules.is_dismissible and self.place.next_from is None and rng.random() < 0.05:
            self._travel()
        for _ in range(rng.randint(1, 24 if self.is_slow else 10)):
            at_once = [self._ask() for _ in range(rng.choice((1, 1, 1, 1, 1, 1, 2, 5)))]
            rng.shuffle(at_once)
            for asked in at_once:
                self._answer(asked)
            if self.watch.hold and not self._wait():
                return
            if rng.random() < 0.02:
                self._make()
            self.now += self._silence()

    def _silence(self) -> int:
        habit = self.rng.random()
        if habit < 0.80:
            return self.rng.randrange(1, 90 * SECOND)
        if habit < 0.95:
            return self.rng.randrange(MINUTE, 5 * MINUTE)
        return self.rng.choice((5 * MINUTE, 29 * MINUTE, 30 * MINUTE)) + self.rng.randrange(-2, 3)

    def _moment(self) -> Moment:
        if self.night is None and not self.rules.daily_ms:
            return Moment(self.now)
        at = _at(self.now)
        quiet = self.place.quiet_until(self.night, at) if self.night is not None else None
        zone = self.place.zone_at(at)
        return Moment(
            self.now,
            day=local_day(zone, at),
            day_ends=_ms(day_ends(zone, at)),
            quiet_until=_ms(quiet) if quiet is not None else 0,
        )

    def _ask(self) -> Asked:
        """A device asks; the items are set aside before anything else happens."""
        self.seen["requests"] += 1
        session = self.watch.asked(self.now)
        turn = nudging.ask(self.meter, self._moment(), self.rng.choice(SLOWLY if self.is_slow else LIMITS), self.rules)
        self.meter = turn.meter
        if turn.meter.hold and not turn.meter.hold_id:
            self.seen["pauses"] += 1
            self.meter = turn.meter._replace(hold_id=self.seen["pauses"])
            self.watch.held(self.now, turn.meter.hold, turn.meter.hold_until)
        self.watch.granted(self.now, turn.granted)
        self.now += self.rng.randrange(3)
        return Asked(session, self.watch.day, turn)

    def _answer(self, asked: Asked) -> None:
        """The page is built, of what is left of the feed, and goes out with the card that is due."""
        turn = asked.turn
        if not turn.granted:
            return
        served = turn.granted if self.rng.random() < 0.9 else self.rng.randint(0, turn.granted)
        card = nudging.card_due(turn, served, self.rules)
        step = card.step if card else 0
        is_first = self.meter.step < step and self.meter.reset_at == turn.meter.reset_at
        self.meter = nudging.settle(self.meter, turn, served, step=step)
        self.seen["items"] += served
        self.watch.served(asked.session, asked.day, served)
        if is_first and nudging.may_lay_card(tuple(self.history), self.now):
            self.seen["cards"] += 1
            self.history.appendleft(PastCard(self.now))
            self.watch.card(self.now, asked.session, step)
            self._react()

    def _react(self) -> None:
        """What they do with a card: nothing, mostly."""
        habit = self.rng.random()
        if habit < self.dismisses:
            self.history[0] = replace(self.history[0], outcome="dismissed", outcome_at=self.now)
            self.watch.dismissed(self.now)
        elif habit < self.dismisses + 0.1:
            self._make()

    def _make(self) -> None:
        self.now += 1
        self.meter = nudging.made(self.meter, self.now, self.rules)
        self.watch.made(self.now)
        if self.history:  # a making outranks what they said of the last card
            self.history[0] = replace(self.history[0], outcome="created", outcome_at=self.now)

    def _wait(self) -> bool:
        """Before a hold: they leave (False), or say that they saw it where that helps, or keep asking."""
        habit = self.rng.random()
        if habit < 0.25:
            return False
        self.now += self.rng.randrange(1, MINUTE)
        if habit < 0.6 and self.rules.is_dismissible and self.meter.hold_until > self.now:
            self.meter = nudging.acknowledged(self.meter, self.meter.hold_id, self.now)
            self.watch.acknowledged(self.now)
            return True
        for _ in range(self.rng.randint(1, 6)):
            self.now += self.rng.randrange(1, 2 * MINUTE)
            self._answer(self._ask())
        return True

    def _travel(self) -> None:
        """A teen says that they are elsewhere: it holds after a day."""
        self.place = replace(self.place, next_zone=self.rng.choice(ZONES), next_from=_at(self.now + DAY))
        self.watch.place = self.place


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
