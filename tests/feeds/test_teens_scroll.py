"""Teens: pages that end, a pause that only time ends, a daily limit, quiet hours where they are; and adults' own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feeds.models import Nudge
from feeds.scroll import meters
from sora_social.accounts.models import User
from sora_social.core import bus
from tests.feeds.scrolling_stage import Scroller, card_of, job_now

POST, NUDGE, PAUSE = "post", "nudge", "pause"
pytestmark = pytest.mark.usefixtures("long_feed")


@pytest.fixture
def noon(clock):
    """Noon in Greenwich, of a day without surprises."""
    clock.to(2027, 3, 10, 12, 0)
    return clock


@pytest.fixture
def young(teen, noon):
    """A teen at noon; old enough to have an account then, too."""
    return teen


def lives_in(person, zone):
    """As if they had named the zone when they signed up."""
    User.objects.filter(pk=person.pk).update(time_zone=zone)


def forget_redis():
    bus.client().flushdb()
    meters._remembered.clear()


def test_a_teens_page_ends_after_fifteen_and_goes_on_by_a_tap(young, api):
    scroller = Scroller(api(young))
    page = scroller.page(100)
    assert [item["type"] for item in page["items"]] == [POST] * 15
    assert (page["next"], page["ends"]) == (None, "page_end")
    assert page["more"]
    page = scroller.page(100)
    assert [item["type"] for item in page["items"]] == [NUDGE] + [POST] * 15
    page = scroller.page(100)
    assert [item["type"] for item in page["items"]] == [PAUSE]
    assert (page["next"], page["ends"]) == (None, "pause")
    assert len(scroller.posts) == len(set(scroller.posts)) == 30


def test_an_adults_page_says_nothing_of_ends(ada, api):
    assert set(Scroller(api(ada)).page()) == {"items", "next"}


def test_a_teens_pause_ends_by_time_alone(young, noon, api, settle):
    scroller = Scroller(api(young))
    pause = scroller.to_the_pause()
    assert (pause["dismissible"], [action["code"] for action in pause["actions"]]) == (False, ["done"])
    refused = api(young).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert (refused.status_code, refused.json()["code"]) == (409, "pause_required")
    assert refused["Retry-After"] == "300"
    assert Nudge.objects.get(pk=pause["id"]).outcome == ""
    noon.forward(seconds=30)
    job_now(young)
    assert scroller.kinds() == [PAUSE]
    settle()
    noon.forward(minutes=4, seconds=29)
    assert scroller.kinds() == [PAUSE]
    noon.forward(seconds=1)
    assert scroller.kinds() == [POST] * 15


@pytest.mark.parametrize("is_wiped", [False, True])
def test_two_hundred_items_are_a_teens_day(is_wiped, young, noon, api):
    scroller = Scroller(api(young))
    kinds = []
    while kinds.count(POST) < 200:
        kinds += scroller.kinds()
        noon.forward(seconds=20)
        if kinds[-1] == PAUSE:
            noon.forward(minutes=5)
        if is_wiped:
            forget_redis()
    assert kinds.count(POST) == 200
    pause = scroller.page()["items"][0]["pause"]
    assert (pause["kind"], pause["until"]) == ("daily_limit", "2027-03-11T00:00:00Z")
    assert api(young).get("/v1/me/scrolling").json()["today"]["items"] == 200
    noon.to(2027, 3, 10, 21, 59)
    assert scroller.page()["items"][0]["pause"] == pause
    noon.to(2027, 3, 11, 6, 0)
    assert scroller.kinds() == [POST] * 15


def test_ninety_minutes_are_a_teens_day_whatever_they_make(young, noon, api, settle):
    scroller = Scroller(api(young))
    minutes = 0
    while scroller.kinds(1)[-1] != PAUSE or Nudge.objects.filter(viewer=young, kind="daily_limit").count() == 0:
        noon.forward(minutes=4)
        minutes += 4
        if minutes % 12 == 0:
            job_now(young)
            settle()
        assert minutes < 200
    today = api(young).get("/v1/me/scrolling").json()["today"]
    assert 90 <= today["minutes"] < 94
    assert today["minutes_at_most"] == 90


def test_quiet_hours_are_where_the_teen_is(teen, clock, api):
    lives_in(teen, "America/New_York")
    clock.to(2027, 1, 10, 2, 59)  # 21:59 there
    scroller = Scroller(api(teen))
    assert scroller.kinds(3) == [POST] * 3
    clock.forward(minutes=1)
    pause = scroller.page()["items"][0]["pause"]
    assert (pause["kind"], pause["until"], pause["dismissible"]) == ("quiet_hours", "2027-01-10T11:00:00Z", False)
    refused = api(teen).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert refused.json()["code"] == "pause_required"
    for _ in range(3):
        clock.forward(hours=2)
        forget_redis()
        assert scroller.page()["items"][0]["pause"] == pause
    clock.to(2027, 1, 10, 10, 59)
    assert scroller.page()["items"][0]["pause"] == pause
    clock.forward(minutes=1)
    assert scroller.kinds(3) == [POST] * 3


@pytest.mark.parametrize(
    ("zone", "asked_at", "until"),
    [
        # the night in which the clocks go forward, and the one in which they go back
        ("Europe/Berlin", (2027, 3, 27, 21, 30), "2027-03-28T04:00:00Z"),
        ("Europe/Berlin", (2027, 10, 30, 20, 30), "2027-10-31T05:00:00Z"),
        ("Australia/Lord_Howe", (2027, 4, 3, 11, 30), "2027-04-03T19:30:00Z"),
        ("Asia/Kathmandu", (2027, 3, 10, 16, 15), "2027-03-11T00:15:00Z"),
        ("Pacific/Kiritimati", (2027, 3, 10, 8, 0), "2027-03-10T16:00:00Z"),
        ("", (2027, 3, 10, 22, 0), "2027-03-11T06:00:00Z"),
    ],
)
def test_a_night_ends_at_six_of_the_clock_on_the_wall(zone, asked_at, until, teen, clock, api):
    lives_in(teen, zone)
    clock.to(*asked_at)
    assert Scroller(api(teen)).page()["items"][0]["pause"]["until"] == until


def test_naming_another_zone_leads_out_of_no_quiet_hour(teen, clock, api):
    clock.to(2027, 3, 10, 23, 0)
    scroller = Scroller(api(teen))
    assert scroller.kinds() == [PAUSE]
    me = api(teen).patch("/v1/me", {"time_zone": "Pacific/Honolulu"}).json()
    assert (me["time_zone"], me["next_time_zone"]) == ("UTC", "Pacific/Honolulu")
    assert me["next_time_zone_at"] == "2027-03-11T23:00:00Z"
    for hour in (23, 24 + 1, 24 + 5):
        clock.to(2027, 3, 10, 0, 0)
        clock.forward(hours=hour, minutes=30)
        assert scroller.kinds() == [PAUSE]
        forget_redis()
    clock.to(2027, 3, 11, 22, 59)
    assert scroller.kinds() == [PAUSE]
    clock.to(2027, 3, 11, 23, 1)  # the zone holds now; the night that was running runs to its end
    assert scroller.kinds() == [PAUSE]
    clock.to(2027, 3, 12, 5, 59)
    assert scroller.kinds() == [PAUSE]
    clock.to(2027, 3, 12, 6, 0)  # eight in the evening in Honolulu
    assert scroller.kinds(3) == [POST] * 3
    clock.to(2027, 3, 12, 8, 0)
    assert scroller.page()["items"][0]["pause"]["until"] == "2027-03-12T16:00:00Z"


def test_naming_another_zone_gives_no_second_day(young, noon, api, limits):
    limits.TEEN_DAILY_ITEMS = 20
    scroller = Scroller(api(young))
    scroller.page()
    scroller.page()
    assert scroller.kinds() == [PAUSE]
    api(young).patch("/v1/me", {"time_zone": "Pacific/Kiritimati"})  # where it is tomorrow
    assert scroller.kinds() == [PAUSE]
    noon.forward(hours=8)
    assert scroller.kinds() == [PAUSE]


def test_a_teen_changes_zones_once_in_a_while(young, noon, api):
    client = api(young)
    client.patch("/v1/me", {"time_zone": "Asia/Tokyo"})
    assert client.patch("/v1/me", {"time_zone": "Asia/Seoul"}).json()["next_time_zone"] == "Asia/Seoul"
    assert client.patch("/v1/me", {"time_zone": "UTC"}).json()["next_time_zone"] == ""  # taken back
    client.patch("/v1/me", {"time_zone": "Asia/Seoul"})
    noon.forward(days=1)
    assert client.get("/v1/me").json()["time_zone"] == "Asia/Seoul"
    refused = client.patch("/v1/me", {"time_zone": "Asia/Tokyo"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    noon.forward(days=1)
    me = client.patch("/v1/me", {"time_zone": "Asia/Tokyo"}).json()
    assert (me["time_zone"], me["next_time_zone"]) == ("Asia/Seoul", "Asia/Tokyo")


def test_an_adults_zone_holds_at_once_and_a_name_must_be_one(ada, api):
    assert api(ada).get("/v1/me").json()["time_zone"] == "UTC"
    assert api(ada).patch("/v1/me", {"time_zone": "Asia/Kathmandu"}).json()["time_zone"] == "Asia/Kathmandu"
    for name in ("Mars/Olympus", "../etc/passwd", "Europe", "posix/Europe/Berlin", "", "\u0000", "é" * 40):
        answer = api(ada).patch("/v1/me", {"time_zone": name})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["time_zone"]), name
    assert api(ada).get("/v1/me").json()["time_zone"] == "Asia/Kathmandu"


def test_teens_set_themselves_only_stricter_limits(young, api):
    client = api(young)
    for wrong in (
        {"quiet_hours": {"begins": "23:00", "ends": "06:00"}},
        {"quiet_hours": {"begins": "22:00", "ends": "05:59"}},
        {"daily_minutes": 91},
    ):
        answer = client.patch("/v1/me/scrolling", wrong)
        assert answer.status_code == 422, wrong
        assert next(iter(answer.json()["errors"].values()))[0]["code"] == "not_stricter"
    own = {"quiet_hours": {"begins": "20:00", "ends": "07:00"}, "daily_minutes": 30}
    told = client.patch("/v1/me/scrolling", own).json()
    assert told["own_quiet_hours"] == own["quiet_hours"]
    assert told["today"]["minutes_at_most"] == 30
    assert len(told["quiet_hours"]) == 2
    told = client.patch("/v1/me/scrolling", {"quiet_hours": None, "daily_minutes": None}).json()
    assert told["quiet_hours"] == [{"begins": "22:00", "ends": "06:00"}]
    assert told["today"]["minutes_at_most"] == 90


def test_an_adults_own_quiet_hours_hold_until_they_say_so(ada, noon, api):
    client, scroller = api(ada), Scroller(api(ada))
    client.patch("/v1/me", {"time_zone": "Europe/Berlin"})
    client.patch("/v1/me/scrolling", {"quiet_hours": {"begins": "12:30", "ends": "14:00"}})
    pause = scroller.page()["items"][0]["pause"]  # it is one there
    assert (pause["kind"], pause["until"], pause["dismissible"]) == ("quiet_hours", "2027-03-10T13:00:00Z", True)
    client.put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert scroller.kinds(3) == [POST] * 3
    forget_redis()
    noon.forward(seconds=10)
    assert scroller.kinds(3) == [POST] * 3  # waived for today, by what the database knows
    noon.forward(days=1)
    assert scroller.page()["items"][0]["pause"]["id"] != pause["id"]
    client.patch("/v1/me/scrolling", {"quiet_hours": None})
    assert scroller.kinds(3) == [POST] * 3
    forget_redis()
    assert scroller.kinds(3) == [POST] * 3


def test_an_adults_own_daily_limit_counts_minutes_of_their_day(ada, noon, api):
    api(ada).patch("/v1/me/scrolling", {"daily_minutes": 10})
    scroller = Scroller(api(ada))
    for _ in range(3):
        assert POST in scroller.kinds(1)
        noon.forward(minutes=4)
    pause = scroller.page()["items"][0]["pause"]
    assert (pause["kind"], pause["until"]) == ("daily_limit", "2027-03-11T00:00:00Z")
    noon.to(2027, 3, 11, 0, 0)
    assert scroller.kinds(3) == [POST] * 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_hours": {"begins": "22:00"}},
        {"quiet_hours": {"begins": "22:00", "ends": "22:00"}},
        {"quiet_hours": {"begins": "25:00", "ends": "06:00"}},
        {"quiet_hours": "22:00-06:00"},
        {"daily_minutes": 4},
        {"daily_minutes": 1441},
        {"pause": None},
    ],
)
def test_limits_that_are_none_are_refused(wrong, ada, api):
    assert api(ada).patch("/v1/me/scrolling", wrong).status_code == 422
    ada.refresh_from_db()
    assert (ada.quiet_from, ada.quiet_until, ada.daily_minutes) == (None, None, None)


def test_whoever_comes_of_age_scrolls_as_adults_do(young, noon, api):
    User.objects.filter(pk=young.pk).update(birthday=timezone.now().date() - timedelta(days=18 * 366))
    page = Scroller(api(young)).page()
    assert len(page["items"]) == 20
    assert page["next"]
    assert card_of(Scroller(api(young)).page())["step"] == 1
