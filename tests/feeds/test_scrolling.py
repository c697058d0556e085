"""The scroll session: what it counts, the pause that nobody gets past, and what is left of it when Redis is not."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feeds import nudges, scrolling, scrolling_state
from feeds.models import Nudge, ServedPage
from sora_social.core import bus
from sora_social.core.errors import Invalid
from tests.feeds.scrolling_stage import Clock, Scroller, card_of, clock, job_now, limits, posts  # noqa: F401

POST, NUDGE, PAUSE = "post", "nudge", "pause"
pytestmark = pytest.mark.usefixtures("posts")


def test_pages_of_twenty_come_plain_then_with_a_card_then_as_a_pause(ada, api):
    ada = Scroller(api(ada))
    assert ada.kinds() == [POST] * 20
    assert ada.kinds() == [NUDGE] + [POST] * 20
    page = ada.page()
    assert [item["type"] for item in page["items"]] == [PAUSE]
    pause = page["items"][0]["pause"]
    assert page["items"][0]["id"] == pause["id"]
    assert (pause["kind"], pause["dismissible"]) == ("pause", True)
    assert len(ada.posts) == len(set(ada.posts)) == 40


def test_after_the_pause_the_scroll_goes_on_where_it_was(ada, api):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    answer = api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "acknowledged")
    assert scroller.kinds() == [POST] * 20
    assert len(scroller.posts) == len(set(scroller.posts)) == 60


def test_a_pause_before_the_first_page_leads_to_the_beginning_of_a_feed(ada, api):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    other = Scroller(api(ada), "for_you")
    page = other.page()
    assert page["items"][0]["pause"]["id"] == pause["id"]
    assert page["next"]
    api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert other.kinds() == [POST] * 20


@pytest.mark.parametrize("limit", [1, 3, 7, 20, 33, 100])
def test_no_page_size_gets_past_forty(limit, ada, api):
    scroller = Scroller(api(ada))
    kinds = []
    while not kinds or kinds[-1] != PAUSE:
        kinds += scroller.kinds(limit)
    assert kinds.count(POST) == 40
    assert kinds.index(NUDGE) in {20, 21}


def test_a_card_lies_where_its_threshold_falls_inside_a_large_page(ada, api):
    scroller = Scroller(api(ada))
    kinds = scroller.kinds(100)
    assert kinds == [POST] * 20 + [NUDGE] + [POST] * 20
    assert scroller.kinds(100) == [PAUSE]


def test_the_second_card_is_firmer_and_stands_at_the_top(ada, api):
    scroller = Scroller(api(ada))
    cards = [(n, item["nudge"]) for n in range(4) for i, item in enumerate(scroller.page(10)["items"]) if "nudge" in item]
    assert [(page, card["step"]) for page, card in cards] == [(2, 1), (3, 2)]
    assert cards[1][1]["text"].startswith("Before you scroll on: ")
    assert not cards[0][1]["text"].startswith("Before you scroll on: ")


def test_every_feed_and_every_device_counts_on_one_meter(ada, bo, api):
    phone, tablet = Scroller(api(ada), "for_you"), Scroller(api(ada), "latest")
    assert phone.kinds(15) == [POST] * 15
    assert tablet.kinds(5) == [POST] * 5
    assert phone.kinds(5) == [NUDGE] + [POST] * 5
    assert tablet.kinds(100).count(POST) == 15
    assert phone.kinds() == tablet.kinds() == [PAUSE]
    assert Scroller(api(bo)).kinds() == [POST] * 20


def test_during_a_pause_whatever_is_asked_for_gets_the_same_page(ada, api, clock):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    for feed in ("for_you", "following", "latest"):
        for cursor in ("", scroller.cursor, "nonsense"):
            clock.forward(seconds=10)
            items = scroller.page(100, feed=feed, cursor=cursor)["items"]
            assert [item["pause"] for item in items] == [pause]
    assert Nudge.objects.filter(viewer=ada, kind="pause").count() == 1
    assert ServedPage.objects.filter(viewer=ada).count() == 2
    clock.forward(minutes=4)
    assert Scroller(api(ada)).kinds() == [POST] * 20


def test_five_minutes_are_enough_and_a_second_less_is_not(ada, api, clock):
    scroller = Scroller(api(ada))
    scroller.to_the_pause()
    clock.forward(minutes=4, seconds=59)
    assert scroller.kinds() == [PAUSE]
    clock.forward(seconds=1)
    assert scroller.kinds() == [POST] * 20
    assert scroller.kinds() == [NUDGE] + [POST] * 20


def test_minutes_count_between_pages_that_are_less_than_five_apart(ada, api, clock):
    scroller = Scroller(api(ada))
    for _ in range(2):
        assert scroller.kinds(1) == [POST]
        clock.forward(minutes=4)
    assert scroller.kinds(1) == [NUDGE, POST]  # 8 minutes
    clock.forward(minutes=4)
    assert scroller.kinds(1) == [NUDGE, POST]  # 12
    clock.forward(minutes=5)
    assert scroller.kinds(1) == [POST]  # a longer gap adds none
    for _ in range(2):
        clock.forward(minutes=3, seconds=59)
        assert scroller.kinds(1) == [POST]  # 19:58
    clock.forward(seconds=2)
    assert scroller.kinds(1) == [PAUSE]


def test_a_long_gap_resets_no_items_and_half_an_hour_ends_the_session(ada, api, clock):
    scroller = Scroller(api(ada))
    assert scroller.kinds(19) == [POST] * 19
    clock.forward(minutes=29, seconds=59)
    assert scroller.kinds(2) == [POST, NUDGE, POST]
    clock.forward(minutes=30)
    assert scroller.kinds(40).count(NUDGE) == 1
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 40


def test_making_something_resets_items_and_minutes_and_ends_the_pause(ada, api, clock, settle):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    clock.forward(seconds=30)
    job_now(ada)
    assert scroller.kinds() == [POST] * 20  # before anybody told the meter: the pause asks the database
    settle()
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 20
    assert Nudge.objects.get(pk=pause["id"]).outcome == "created"
    assert scroller.kinds() == [NUDGE] + [POST] * 20


def test_a_making_that_is_told_late_forgets_nothing_that_was_served_since(ada, api, clock, settle):
    scroller = Scroller(api(ada))
    scroller.page(15)
    clock.forward(seconds=30)
    job_now(ada)
    clock.forward(seconds=30)
    scroller.page(18)
    settle()
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 18
    assert api(ada).get("/v1/me/scrolling").json()["minutes"] == 0.5


def test_a_refused_prompt_is_no_making(ada, api, settle):
    scroller = Scroller(api(ada))
    scroller.page(15)
    assert job_now(ada, prompt="a naked child").status == "refused"
    settle()
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 15


def test_a_page_that_fails_gives_its_items_back(ada, api):
    client = api(ada)
    for _ in range(5):
        assert client.get("/v1/feed", {"feed": "latest", "cursor": "nonsense"}).status_code == 422
    assert client.get("/v1/me/scrolling").json()["items"] == 0


def test_what_a_short_page_did_not_serve_is_given_back(ada, api):
    assert Scroller(api(ada), "following").kinds() == []
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 0


# Redis


def test_r06_a_wipe_in_mid_scroll_costs_only_time(ada, api, clock):
    scroller = Scroller(api(ada), "for_you")
    kinds = []
    while not kinds or kinds[-1] != PAUSE:
        kinds += scroller.kinds(7)
        bus.client().flushdb()
        scrolling_state._remembered.clear()
        clock.forward(seconds=20)
    assert kinds == [POST] * 20 + [NUDGE] + [POST] * 20 + [PAUSE] or kinds.count(POST) == 40
    pause = scroller.page()["items"][0]["pause"]
    bus.client().flushdb()
    scrolling_state._remembered.clear()
    assert scroller.page()["items"][0]["pause"] == pause
    api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    bus.client().flushdb()
    scrolling_state._remembered.clear()
    assert scroller.kinds() == [POST] * 20
    assert len(scroller.posts) == len(set(scroller.posts)) == 60
