"""Nights and days in every zone: summer time, odd offsets, days that are not there."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.quiet_hours import Place, Window, day_ends, local_day, quiet_until

NIGHT = Window(time(22), time(6))
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


MOMENTS = st.integers(788_918_400, 2_051_222_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # 1995–2034


def at(zone, *when, fold=0):
    return datetime(*when, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@settings(deadline=None, max_examples=400)
@given(
    zone=st.sampled_from(ZONES),
    now=MOMENTS,
    begins=st.times(),
    ends=st.times(),
)
def test_a_quiet_hour_ends_after_now_and_within_a_day(zone, now, begins, ends):
    if begins.replace(second=0, microsecond=0) == ends.replace(second=0, microsecond=0):
        return
    window = Window(begins.replace(second=0, microsecond=0), ends.replace(second=0, microsecond=0))
    until = quiet_until(window, ZoneInfo(zone), now)
    if until is not None:
        assert now < until <= now + timedelta(hours=49)  # a day can be missing in between
        assert quiet_until(window, ZoneInfo(zone), until) is None


@settings(deadline=None, max_examples=400)
@given(zone=st.sampled_from(ZONES), now=MOMENTS)
def test_nobody_is_awake_by_the_clock_on_the_wall_in_the_night(zone, now):
    wall = now.astimezone(ZoneInfo(zone)).time()
    if wall >= NIGHT.begins or wall < NIGHT.ends:
        assert quiet_until(NIGHT, ZoneInfo(zone), now) is not None


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        ("Europe/Berlin", (2027, 3, 27, 22, 0), 7),
        ("Europe/Berlin", (2027, 10, 30, 22, 0), 9),
        ("Australia/Lord_Howe", (2027, 4, 3, 22, 0), 8.5),
        ("Australia/Lord_Howe", (2027, 10, 2, 22, 0), 7.5),
        ("Asia/Kathmandu", (2027, 1, 1, 22, 0), 8),
        ("Pacific/Apia", (2011, 12, 29, 22, 0), 8),  # the 30th was left out
    ],
)
def test_how_long_a_night_is(zone, evening, hours):
    begins = at(zone, *evening)
    assert quiet_until(NIGHT, ZoneInfo(zone), begins) == begins + timedelta(hours=hours)
    assert quiet_until(NIGHT, ZoneInfo(zone), begins - timedelta(seconds=1)) is None


def test_an_hour_that_is_skipped_or_repeated_makes_the_quiet_longer():
    until_half_past_two = Window(time(23), time(2, 30))
    berlin = ZoneInfo("Europe/Berlin")
    skipped = quiet_until(until_half_past_two, berlin, at("Europe/Berlin", 2027, 3, 28, 1, 59))
    assert skipped == at("Europe/Berlin", 2027, 3, 28, 3, 30)
    repeated = quiet_until(until_half_past_two, berlin, at("Europe/Berlin", 2027, 10, 31, 1, 59))
    assert repeated == at("Europe/Berlin", 2027, 10, 31, 2, 30, fold=1)


def test_a_window_may_lie_within_a_day():
    siesta = Window(time(13), time(15))
    madrid = ZoneInfo("Europe/Madrid")
    assert quiet_until(siesta, madrid, at("Europe/Madrid", 2027, 7, 1, 14)) == at("Europe/Madrid", 2027, 7, 1, 15)
    assert quiet_until(siesta, madrid, at("Europe/Madrid", 2027, 7, 1, 15)) is None


@pytest.mark.parametrize(
    ("own", "covers"),
    [
        ((22, 6), True),
        ((20, 7), True),
        ((22, 5), False),
        ((23, 6), False),
        ((6, 22), False),
        ((12, 11), True),
        ((0, 6), False),
    ],
)
def test_what_covers_the_night(own, covers):
    assert Window(time(own[0]), time(own[1])).covers(NIGHT) is covers


@settings(deadline=None, max_examples=300)
@given(zone=st.sampled_from(ZONES), now=MOMENTS)
def test_a_day_ends_when_the_date_changes(zone, now):
    ends = day_ends(ZoneInfo(zone), now)
    assert now < ends <= now + timedelta(hours=50)
    assert local_day(ZoneInfo(zone), ends) > local_day(ZoneInfo(zone), now)


def test_a_zone_that_waits_holds_from_its_moment_and_cuts_no_night_short():
    moves = at("UTC", 2027, 3, 11, 23)
    place = Place(ZoneInfo("UTC"), ZoneInfo("Pacific/Honolulu"), moves)
    morning = at("UTC", 2027, 3, 12, 6)
    assert place.quiet_until(NIGHT, moves - timedelta(minutes=1)) == morning
    assert place.quiet_until(NIGHT, moves + timedelta(hours=2)) == morning
    assert place.quiet_until(NIGHT, morning) is None
    assert place.quiet_until(NIGHT, at("UTC", 2027, 3, 12, 8)) == at("UTC", 2027, 3, 12, 16)
