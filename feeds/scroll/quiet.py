"""What holds for one person's scroll: the rules of their age, the limits that they set themselves, the hour there."""

from collections.abc import Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction

from feeds.models import Nudge
from feeds.models.scrolling import NudgeKind
from feeds.scroll import meters
from ranking import nudging
from ranking.nudging import MINUTE, HoldKind, Moment, Rules
from ranking.quiet_hours import Window, day_ends, local_day
from sora_social.accounts import people
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid
from sora_social.core.moments import milliseconds

SHORTEST_DAY = 5  # minutes: a limit of one's own that is less is a mistake


def rules_of(viewer: User, now: datetime) -> Rules:
    """The steps, limits and pauses that hold for somebody: those of their age, with a daily limit of their own."""
    gap, session, pause = (
        milliseconds(span) for span in (settings.SCROLL_GAP, settings.SCROLL_SESSION, settings.PAUSE)
    )
    own = viewer.daily_minutes or 0
    if not viewer.is_teen(now.date()):
        return _rules(settings.SCROLL_ITEMS, settings.SCROLL_MINUTES, gap, session, pause, daily_minutes=own)
    daily = [minutes for minutes in (own, settings.TEEN_DAILY_MINUTES) if minutes]
    return _rules(
        settings.TEEN_SCROLL_ITEMS,
        settings.TEEN_SCROLL_MINUTES,
        gap,
        session,
        pause,
        daily_minutes=min(daily, default=0),
        daily_items=settings.TEEN_DAILY_ITEMS,
        page_items=settings.TEEN_PAGE_ITEMS,
        is_dismissible=False,
    )


@lru_cache(maxsize=1_000)
def _rules(
    items: tuple[int, int, int],
    minutes: tuple[float, float, float],
    gap_ms: int,
    session_ms: int,
    pause_ms: int,
    *,
    daily_minutes: int,
    **others: Any,
) -> Rules:
    first, second, third = (int(each * MINUTE) for each in minutes)
    return Rules(items, (first, second, third), gap_ms, session_ms, pause_ms, daily_ms=daily_minutes * MINUTE, **others)


def windows_of(viewer: User, now: datetime) -> Sequence[Window]:
    """The quiet hours that hold for somebody, where they are."""
    windows = []
    if settings.TEEN_QUIET_HOURS and viewer.is_teen(now.date()):
        windows.append(_window(settings.TEEN_QUIET_HOURS))
    own = own_window_of(viewer)
    return [*windows, own] if own is not None else windows


def own_window_of(viewer: User) -> Window | None:
    """The quiet hours that somebody set themselves."""
    if viewer.quiet_from is None or viewer.quiet_until is None:
        return None
    return Window(viewer.quiet_from, viewer.quiet_until)


@lru_cache(maxsize=8)
def _window(words: str) -> Window:
    begins, _, ends = words.partition("-")
    return Window(time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip()))


def moment_of(viewer: User, now: datetime, rules: Rules) -> Moment:
    """Now, as far as it matters for this person: without a limit that hangs on the hour nothing is worked out."""
    windows = windows_of(viewer, now)
    if not (windows or rules.daily_ms or rules.daily_items):
        return Moment(milliseconds(now))
    place = viewer.place
    zone = place.zone_at(now)
    ends = [place.quiet_until(window, now) for window in windows]
    return Moment(
        milliseconds(now),
        day=local_day(zone, now),
        day_ends=milliseconds(day_ends(zone, now)),
        quiet_until=max((milliseconds(end) for end in ends if end is not None), default=0),
    )


def set_limits(person: User, now: datetime, **changes: Any) -> User:
    """Set one's own quiet hours (`quiet_hours`, a Window or None) or daily limit (`daily_minutes`, or None).

    A teen's may only be stricter than those of all teens. An adult's hold that stood on what was changed is over.
    Raises Invalid.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        window: Window | None = changes.get("quiet_hours", own_window_of(person))
        minutes: int | None = changes.get("daily_minutes", person.daily_minutes)
        is_teen = person.is_teen(now.date())
        if is_teen:
            _require_stricter(window, minutes)
        quiet = None if window is None else (window.begins, window.ends)
        people.set_rest(person, quiet=quiet, daily_minutes=minutes)
    person.refresh_from_db()
    if not is_teen:
        if "quiet_hours" in changes:
            _lift(person, NudgeKind.QUIET_HOURS, "quiet_hours", now)
        if "daily_minutes" in changes:
            _lift(person, NudgeKind.DAILY_LIMIT, "daily_limit", now)
    return person


def _require_stricter(window: Window | None, minutes: int | None) -> None:
    if window is not None and settings.TEEN_QUIET_HOURS and not window.covers(_window(settings.TEEN_QUIET_HOURS)):
        raise Invalid.field("quiet_hours", f"They must contain {settings.TEEN_QUIET_HOURS}.", code="not_stricter")
    if minutes is not None and 0 < settings.TEEN_DAILY_MINUTES < minutes:
        raise Invalid.field("daily_minutes", f"{settings.TEEN_DAILY_MINUTES} at most.", code="not_stricter")


def _lift(person: User, kind: NudgeKind, hold: HoldKind, now: datetime) -> None:
    Nudge.objects.shown_to(person).filter(kind=kind, until__gt=now).update(until=now)
    meters.change(person, rules_of(person, now), lambda meter: (nudging.lifted(meter, hold, milliseconds(now)), None))
