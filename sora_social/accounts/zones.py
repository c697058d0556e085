"""Where people are, as far as the hour goes.

Quiet hours and daily limits hang on the time zone, so a teen cannot step out of them by naming another: their change
holds after a day, the first one too. Who names a zone at sign-up has it from the beginning.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils import timezone

from sora_social.accounts.models import User
from sora_social.core.errors import Invalid, TooMany

TEENS_WAIT = timedelta(days=1)


@cache
def _known_names() -> frozenset[str]:
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def well_formed_zone(name: str) -> str:
    """An IANA name that this machine knows. Raises Invalid."""
    if name not in _known_names():
        raise Invalid.field("time_zone", "A name of the IANA time zone database, as Europe/Amsterdam.", code="bad_zone")
    return name


def zone_change(person: User, name: str) -> Mapping[str, Any]:
    """The columns that change when `person`, whose row is locked, names a zone.

    For a teen the new zone holds after a day; naming the one in force takes a waiting one back. Raises Invalid, and
    TooMany for a day after a change of a teen's began to hold: a quiet hour that was running then runs to its end.
    """
    zone, now = well_formed_zone(name), timezone.now()
    nothing_waits = {"next_time_zone": "", "next_time_zone_at": None}
    if not person.is_teen(now.date()):
        return {"time_zone": zone, **nothing_waits}
    changed_at = person.next_time_zone_at
    if changed_at is not None and changed_at <= now:
        rest = changed_at + TEENS_WAIT - now
        if rest > timedelta(0):
            raise TooMany("Your time zone changed within the last day.", retry_after=rest.total_seconds())
    in_force = person.zone_name(now)
    if zone == in_force:
        return {"time_zone": zone, **nothing_waits}
    return {"time_zone": in_force, "next_time_zone": zone, "next_time_zone_at": now + TEENS_WAIT}
