"""Hours of the day in which nothing is served, and days, where a person is: time zones, with all their oddities.

An hour that the clocks skip or repeat is read in the way that makes the quiet longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From one time of the day to another, over midnight when the first is the later."""

    begins: time
    ends: time

    def covers(self, other: Window) -> bool:
        """Whether every minute of `other` is within this."""
        return _minutes(other) <= _minutes(self)


def _minutes(window: Window) -> frozenset[int]:
    begin, end = (at.hour * 60 + at.minute for at in (window.begins, window.ends))
    return frozenset(minute % 1440 for minute in range(begin, end if end > begin else end + 1440))


def quiet_until(window: Window, zone: tzinfo, moment: datetime) -> datetime | None:
    """The end (UTC) of the quiet that is running at `moment` in that zone; None when none is."""
    today = moment.astimezone(zone).date()
    for day in (today, today - _DAY):
        begins = min(_instants(day, window.begins, zone))
        over_night = _DAY if window.ends <= window.begins else timedelta(0)
        ends = max(_instants(day + over_night, window.ends, zone))
        if begins <= moment < ends:
            return ends
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """The zone that somebody is in, and perhaps another that holds from a moment on."""

    zone: tzinfo
    next_zone: tzinfo | None = None
    next_from: datetime | None = None

    def zone_at(self, moment: datetime) -> tzinfo:
        is_past = self.next_zone is not None and self.next_from is not None and moment >= self.next_from
        return self.next_zone if is_past and self.next_zone is not None else self.zone

    def quiet_until(self, window: Window, moment: datetime) -> datetime | None:
        """The end of the quiet that is running. One that was running when the zone changed runs to its own end."""
        ends = [quiet_until(window, self.zone_at(moment), moment)]
        if self.next_from is not None and moment >= self.next_from:
            ends.append(quiet_until(window, self.zone, self.next_from))
        return max((end for end in ends if end is not None and end > moment), default=None)


def local_day(zone: tzinfo, moment: datetime) -> int:
    """The ordinal of the date there."""
    return moment.astimezone(zone).date().toordinal()


def day_ends(zone: tzinfo, moment: datetime) -> datetime:
    """When the date there changes next (UTC)."""
    tomorrow = moment.astimezone(zone).date() + _DAY
    later = [instant for instant in _instants(tomorrow, time(0), zone) if instant > moment]
    return max(later, default=moment + _DAY)


def _instants(day: date, at: time, zone: tzinfo) -> list[datetime]:
    """What a time of a day can mean: two instants where the clocks skip or repeat it."""
    return [datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)]
