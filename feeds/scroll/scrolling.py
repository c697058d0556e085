"""The scroll session: how many items the next page may have, and whether a pause stands in its place.

The policy is in `ranking.nudging`, the state in `meters`; here is who asks, in the order of a page: it enters,
with its items set aside before anything is built, so that no crowd of requests gets past the pause; it leaves, with
what was not served given back, and with the card that is due.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from feeds.models import Nudge
from feeds.models.scrolling import NudgeOutcome
from feeds.scroll import meters, nudges
from feeds.scroll.quiet import moment_of, own_window_of, rules_of, windows_of
from ranking import nudging
from ranking.nudging import Meter, Moment, Rules, Turn
from ranking.quiet_hours import Window
from sora_social.accounts.models import User
from sora_social.core.errors import Conflict
from sora_social.core.moments import milliseconds
from sora_social.studio.events import GenerationQueued
from sora_social.studio.models import Generation


class PauseRequired(Conflict):
    """The scroll pauses: nothing is served until it is acknowledged, or its time is over."""

    code = "pause_required"
    title = "The scroll pauses"


@dataclass(slots=True)
class Entrance:
    """What one page request may have: `granted` items, or the hold that stands in its place.

    `card` is there once the page left: the card that lies on it, before the item at `position`.
    """

    viewer: User
    now: datetime
    rules: Rules
    turn: Turn
    hold: Nudge | None
    card: nudges.Card | None = None
    position: int = 0

    @property
    def granted(self) -> int:
        return self.turn.granted

    @property
    def has_end(self) -> bool:
        """Whether this person's pages end, and go on only by their own doing."""
        return bool(self.rules.page_items)

    @property
    def arm(self) -> str:
        return self.card.nudge.arm if self.card is not None else self.turn.meter.arm

    @property
    def state(self) -> dict[str, Any]:
        """What the impression log keeps of the session, as it was when the page was asked for."""
        return {
            "items": self.turn.items_before,
            "minutes": _minutes(self.turn.watched_ms),
            "step": self.turn.step_before,
            "nudge": str(self.card.nudge.pk) if self.card is not None else None,
        }

    def leave(self, served: int) -> None:
        """The page has so many items: what it was granted beside is given back, and the card that is due is made."""
        card = nudging.card_due(self.turn, served, self.rules)
        if card is None and served == self.granted:
            return
        step = card.step if card is not None else 0

        def settled(meter: Meter) -> tuple[Meter, bool]:
            is_first = meter.step < step and meter.reset_at == self.turn.meter.reset_at
            return nudging.settle(meter, self.turn, served, step=step), is_first

        is_first = meters.change(self.viewer, self.rules, settled)
        if card is None or not is_first:  # another page of the same moment has it
            return
        self.card = nudges.make_card(self.viewer, self.now, step=step)
        self.position = card.position
        arm = self.arm
        if arm != self.turn.meter.arm:
            meters.change(self.viewer, self.rules, lambda meter: (meter._replace(arm=arm), None))


@contextmanager
def page(viewer: User, *, wanted: int) -> Iterator[Entrance]:
    """Enter for a page of at most `wanted` items. What a page that fails was granted is given back."""
    entrance = _enter(viewer, wanted)
    try:
        yield entrance
    except BaseException:
        if entrance.granted:
            entrance.leave(served=0)
        raise


def _enter(viewer: User, wanted: int) -> Entrance:
    now = timezone.now()
    rules = rules_of(viewer, now)
    at = moment_of(viewer, now, rules)

    def asked(meter: Meter) -> tuple[Meter, tuple[Turn, Nudge | None]]:
        turn = nudging.ask(meter, at, wanted, rules)
        if not turn.meter.hold:
            return turn.meter, (turn, None)
        return _before_hold(viewer, turn, at, wanted, rules)

    turn, hold = meters.change(viewer, rules, asked)
    return Entrance(viewer, now, rules, turn, hold)


def _before_hold(
    viewer: User, turn: Turn, at: Moment, wanted: int, rules: Rules
) -> tuple[Meter, tuple[Turn, Nudge | None]]:
    """Nobody is held on the word of Redis alone: a making or an acknowledgement that it missed lets them pass."""
    truth = meters.rebuilt(viewer, rules)
    if truth.reset_at > turn.meter.reset_at:
        turn = nudging.ask(nudging.stricter(turn.meter, truth, rules), at, wanted, rules)
        if not turn.meter.hold:
            return turn.meter, (turn, None)
    hold = nudges.hold_for(viewer, turn.meter, made_at=at.now)
    meter = turn.meter._replace(hold_id=hold.pk, hold_until=milliseconds(hold.ends_at))
    return meter, (turn, hold)


def require_none(viewer: User) -> None:
    """For lists of posts that are no feed page and would be one more way past a pause. Raises PauseRequired."""
    with page(viewer, wanted=0) as entrance:
        if entrance.hold is not None:
            wait = entrance.hold.ends_at - entrance.now
            raise PauseRequired("Acknowledge it, or wait.", retry_after=wait.total_seconds())


# what ends it


def answer(viewer: User, nudge_id: int, *, outcome: str) -> Nudge:
    """Say what became of a card or a hold. The first word counts, and what is said again changes nothing; but who left
    a hold and came back may still acknowledge it.

    Raises NotFound for what was not shown to this person, Invalid for a word that is not theirs to say, PauseRequired
    for a hold that only time ends.
    """
    nudge = nudges.nudge_for(viewer, nudge_id)
    nudges.require_says(nudge, outcome)
    now = timezone.now()
    if nudge.is_card or outcome != NudgeOutcome.ACKNOWLEDGED:
        return nudges.settle(nudge, NudgeOutcome(outcome), now)
    rules = rules_of(viewer, now)
    if not rules.is_dismissible and nudge.ends_at > now:
        raise PauseRequired("It ends by itself.", retry_after=(nudge.ends_at - now).total_seconds())
    settled = nudges.settle(nudge, NudgeOutcome.ACKNOWLEDGED, now, over=(NudgeOutcome.LEFT,))
    at = milliseconds(now)
    meters.change(viewer, rules, lambda meter: (nudging.acknowledged(meter, nudge.pk, at), None))
    return settled


def follow_making(event: GenerationQueued) -> None:
    """Who made something begins anew, and what led them to it is noted. May be repeated."""
    job = Generation.objects.select_related("owner").filter(pk=event.job_id).first()
    if job is None:
        return
    nudges.note_making(job)
    rules = rules_of(job.owner, timezone.now())
    made_at = milliseconds(job.created_at)

    def made(meter: Meter) -> tuple[Meter, None]:
        if made_at <= meter.reset_at:
            return meter, None
        truth = meters.rebuilt(job.owner, rules)  # what was served since counts
        return nudging.stricter(nudging.made(meter, made_at, rules), truth, rules), None

    meters.change(job.owner, rules, made)


# what it says of itself


@dataclass(frozen=True)
class NextStep:
    """1 is a card, 2 a firmer one, 3 the pause; whichever is reached first, by items or by minutes."""

    step: int
    items_left: int
    minutes_left: float


@dataclass(frozen=True)
class Today:
    items: int
    minutes: float
    items_at_most: int | None
    minutes_at_most: int | None


@dataclass(frozen=True)
class Session:
    """Where somebody stands in their scroll, for themselves."""

    meter: Meter
    minutes: float
    next_step: NextStep
    hold: Nudge | None
    today: Today | None
    quiet_hours: Sequence[Window]
    own_quiet_hours: Window | None
    own_daily_minutes: int | None
    time_zone: str


def session_of(viewer: User) -> Session:
    """The meter as a page that is asked for now would find it. Asking changes nothing."""
    now = timezone.now()
    rules = rules_of(viewer, now)
    meter = nudging.arrive(meters.look(viewer, rules), moment_of(viewer, now, rules), rules)
    return Session(
        meter=meter,
        minutes=_minutes(meter.watched_ms),
        next_step=_next_step(meter, rules),
        hold=Nudge.objects.shown_to(viewer).filter(pk=meter.hold_id).first() if meter.hold_id else None,
        today=_today(meter, rules),
        quiet_hours=windows_of(viewer, now),
        own_quiet_hours=own_window_of(viewer),
        own_daily_minutes=viewer.daily_minutes,
        time_zone=viewer.zone_name(now),
    )


def _today(meter: Meter, rules: Rules) -> Today | None:
    """What a daily limit has counted; None where there is none, and no day is kept."""
    if not (rules.daily_items or rules.daily_ms):
        return None
    return Today(
        items=meter.day_items,
        minutes=_minutes(meter.day_ms),
        items_at_most=rules.daily_items or None,
        minutes_at_most=rules.daily_ms // nudging.MINUTE or None,
    )


def _next_step(meter: Meter, rules: Rules) -> NextStep:
    step = min(meter.step, 2)
    return NextStep(
        step=step + 1,
        items_left=max(0, rules.step_items[step] - meter.items),
        minutes_left=max(0.0, _minutes(rules.step_ms[step] - meter.watched_ms)),
    )


def _minutes(ms: int) -> float:
    return round(ms / nudging.MINUTE, 1)
