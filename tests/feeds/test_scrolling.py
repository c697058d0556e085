"""The scroll session: what it counts, the pause that nobody gets past, and what is left of it when Redis is not."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feeds import logbook, pages
from feeds.models import Nudge, ServedPage
from feeds.scroll import meters
from ranking import nudging
from sora_social.challenges import hosting
from sora_social.core import bus
from sora_social.posts.models import Post
from tests import cast
from tests.feeds.scrolling_stage import Scroller, card_of, job_now

POST, NUDGE, PAUSE = "post", "nudge", "pause"


def test_pages_of_twenty_come_plain_then_with_a_card_then_as_a_pause(long_feed, ada, api):
    ada = Scroller(api(ada))
    assert ada.kinds() == [POST] * 20
    assert ada.kinds() == [NUDGE] + [POST] * 20
    page = ada.page()
    assert [item["type"] for item in page["items"]] == [PAUSE]
    pause = page["items"][0]["pause"]
    assert page["items"][0]["id"] == pause["id"]
    assert (pause["kind"], pause["dismissible"]) == ("pause", True)
    assert len(ada.posts) == len(set(ada.posts)) == 40


def test_after_the_pause_the_scroll_goes_on_where_it_was(long_feed, ada, api):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    answer = api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "acknowledged")
    assert scroller.kinds() == [POST] * 20
    assert len(scroller.posts) == len(set(scroller.posts)) == 60


def test_a_pause_before_the_first_page_leads_to_the_beginning_of_a_feed(long_feed, ada, api):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    other = Scroller(api(ada), "for_you")
    page = other.page()
    assert page["items"][0]["pause"]["id"] == pause["id"]
    assert page["next"]
    api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert other.kinds() == [POST] * 20


@pytest.mark.parametrize("limit", [1, 3, 7, 20, 33, 100])
def test_no_page_size_gets_past_forty(limit, long_feed, ada, api):
    scroller = Scroller(api(ada))
    kinds = []
    while not kinds or kinds[-1] != PAUSE:
        kinds += scroller.kinds(limit)
    assert kinds.count(POST) == 40
    assert kinds.index(NUDGE) in {20, 21}


def test_a_card_lies_where_its_threshold_falls_inside_a_large_page(long_feed, ada, api):
    scroller = Scroller(api(ada))
    kinds = scroller.kinds(100)
    assert kinds == [POST] * 20 + [NUDGE] + [POST] * 20
    assert scroller.kinds(100) == [PAUSE]


def test_the_second_card_is_firmer_and_stands_at_the_top(long_feed, ada, api):
    scroller = Scroller(api(ada))
    cards = [
        (n, item["nudge"]) for n in range(4) for i, item in enumerate(scroller.page(10)["items"]) if "nudge" in item
    ]
    assert [(page, card["step"]) for page, card in cards] == [(2, 1), (3, 2)]
    assert cards[1][1]["text"].startswith("Before you scroll on: ")
    assert not cards[0][1]["text"].startswith("Before you scroll on: ")


def test_every_feed_and_every_device_counts_on_one_meter(long_feed, ada, bo, api):
    phone, tablet = Scroller(api(ada), "for_you"), Scroller(api(ada), "latest")
    assert phone.kinds(15) == [POST] * 15
    assert tablet.kinds(5) == [POST] * 5
    assert phone.kinds(5) == [NUDGE] + [POST] * 5
    assert tablet.kinds(100).count(POST) == 15
    assert phone.kinds() == tablet.kinds() == [PAUSE]
    assert Scroller(api(bo)).kinds() == [POST] * 20


def test_during_a_pause_whatever_is_asked_for_gets_the_same_page(long_feed, ada, api, clock):
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


def test_five_minutes_are_enough_and_a_second_less_is_not(long_feed, ada, api, clock):
    scroller = Scroller(api(ada))
    scroller.to_the_pause()
    clock.forward(minutes=4, seconds=59)
    assert scroller.kinds() == [PAUSE]
    clock.forward(seconds=1)
    assert scroller.kinds() == [POST] * 20
    assert scroller.kinds() == [NUDGE] + [POST] * 20


def test_minutes_count_between_pages_that_are_less_than_five_apart(long_feed, ada, api, clock):
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


def test_a_long_gap_resets_no_items_and_half_an_hour_ends_the_session(long_feed, ada, api, clock):
    scroller = Scroller(api(ada))
    assert scroller.kinds(19) == [POST] * 19
    clock.forward(minutes=29, seconds=59)
    assert scroller.kinds(2) == [POST, NUDGE, POST]
    clock.forward(minutes=30)
    assert scroller.kinds(40).count(NUDGE) == 1
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 40


def test_making_something_resets_items_and_minutes_and_ends_the_pause(long_feed, ada, api, clock, settle):
    scroller = Scroller(api(ada))
    pause = scroller.to_the_pause()
    clock.forward(seconds=30)
    job_now(ada)
    assert scroller.kinds() == [POST] * 20  # before anybody told the meter: the pause asks the database
    settle()
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 20
    assert Nudge.objects.get(pk=pause["id"]).outcome == "created"
    assert scroller.kinds() == [NUDGE] + [POST] * 20


def test_lists_that_would_lead_past_a_pause_say_that_there_is_one(long_feed, ada, api, clock, mod):
    now = timezone.now()
    challenge = hosting.announce_challenge(mod, title="Rain", starts_at=now, ends_at=now + timedelta(days=1))
    lists = ("/v1/tags/sea", f"/v1/challenges/{challenge.pk}/posts")
    assert [api(ada).get(path).status_code for path in lists] == [200, 200]
    pause = Scroller(api(ada)).to_the_pause()
    for path in lists:
        answer = api(ada).get(path)
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "pause_required", "300")
    assert Nudge.objects.filter(kind="pause").count() == 1
    api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert [api(ada).get(path).status_code for path in lists] == [200, 200]


def test_a_making_that_is_told_late_forgets_nothing_that_was_served_since(long_feed, ada, api, clock, settle):
    scroller = Scroller(api(ada))
    scroller.page(15)
    clock.forward(seconds=30)
    job_now(ada)
    clock.forward(seconds=30)
    scroller.page(18)
    settle()
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 18
    assert api(ada).get("/v1/me/scrolling").json()["minutes"] == 0.5


def test_a_refused_prompt_is_no_making(long_feed, ada, api, settle):
    scroller = Scroller(api(ada))
    scroller.page(15)
    assert job_now(ada, prompt="a naked child").status == "refused"
    settle()
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 15


def test_a_page_that_fails_gives_its_items_back(long_feed, ada, api):
    client = api(ada)
    for _ in range(5):
        assert client.get("/v1/feed", {"feed": "latest", "cursor": "nonsense"}).status_code == 422
    assert client.get("/v1/me/scrolling").json()["items"] == 0


def test_what_a_short_page_did_not_serve_is_given_back(long_feed, ada, api):
    assert Scroller(api(ada), "following").kinds() == []
    assert api(ada).get("/v1/me/scrolling").json()["items"] == 0


# Redis


def test_r06_a_wipe_in_mid_scroll_costs_only_time(long_feed, ada, api, clock):
    scroller = Scroller(api(ada), "for_you")
    kinds = []
    while not kinds or kinds[-1] != PAUSE:
        kinds += scroller.kinds(7)
        bus.client().flushdb()
        meters._remembered.clear()
        clock.forward(seconds=20)
    assert kinds == [POST] * 20 + [NUDGE] + [POST] * 15 + [NUDGE] + [POST] * 5 + [PAUSE]
    pause = scroller.page()["items"][0]["pause"]
    bus.client().flushdb()
    meters._remembered.clear()
    assert scroller.page()["items"][0]["pause"] == pause
    api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    bus.client().flushdb()
    meters._remembered.clear()
    assert scroller.kinds() == [POST] * 20
    assert len(scroller.posts) == len(set(scroller.posts)) == 60


class Away:
    """A Redis that does not answer."""

    def __getattr__(self, name):
        def fails(*_, **__):
            raise redis.ConnectionError("away")

        return fails


@pytest.fixture
def engine(monkeypatch):
    """Takes Redis away, and brings it back as it was."""
    monkeypatch.setattr(meters, "_down_at", 0)
    here = bus.client
    return lambda *, is_there: monkeypatch.setattr(bus, "client", here if is_there else Away)


def test_while_redis_is_away_the_scroll_pauses_all_the_same(long_feed, ada, api, clock, engine):
    scroller = Scroller(api(ada))
    assert scroller.kinds(15) == [POST] * 15
    engine(is_there=False)
    clock.forward(seconds=10)
    assert scroller.kinds(20) == [POST] * 5 + [NUDGE] + [POST] * 15
    meters._remembered.clear()  # another process has no account of its own: it goes by the log
    clock.forward(seconds=10)
    assert scroller.kinds(20) == [NUDGE] + [POST] * 5
    clock.forward(seconds=10)
    pause = scroller.page()["items"][0]["pause"]
    engine(is_there=True)  # back, with what it held before
    clock.forward(seconds=10)
    assert scroller.page()["items"][0]["pause"] == pause
    api(ada).put(f"/v1/nudges/{pause['id']}/outcome", {"outcome": "acknowledged"})
    assert scroller.kinds() == [POST] * 20


def test_what_redis_kept_from_before_it_was_away_lets_nobody_past(long_feed, ada, api, clock, engine):
    scroller = Scroller(api(ada))
    scroller.page(10)
    engine(is_there=False)
    clock.forward(seconds=10)
    scroller.page(25)
    engine(is_there=True)
    clock.forward(seconds=10)
    assert scroller.kinds(20).count(POST) == 5


def test_keys_of_scrolls_end_by_themselves(long_feed, ada, api):
    Scroller(api(ada)).page()
    (key,) = bus.client().scan_iter("scroll:*")
    assert 0 < bus.client().ttl(key) <= 26 * 3600


def test_f3_the_meter_costs_a_warm_page_no_statement(long_feed, ada, api, limits, django_assert_max_num_queries):
    limits.SCROLL_ITEMS = (200, 300, 400)
    scroller = Scroller(api(ada), "for_you")
    scroller.page(20)
    scroller.page(20)
    with CaptureQueriesContext(connection) as queries:
        scroller.page(20)
    told = [query["sql"] for query in queries]
    assert [sql for sql in told if "feeds_" in sql or "pg_advisory" in sql] == []
    assert len(told) <= 4


def test_the_log_says_where_in_the_session_a_page_was(long_feed, ada, api, clock):
    scroller = Scroller(api(ada))
    scroller.page(20)
    clock.forward(minutes=1)
    card = card_of(scroller.page(20))
    logbook.flush()
    first, second = ServedPage.objects.filter(viewer=ada).order_by("pk")
    assert first.nudge_state == {"items": 0, "minutes": 0.0, "step": 0, "nudge": None}
    assert second.nudge_state == {"items": 20, "minutes": 1.0, "step": 0, "nudge": card["id"]}
    assert first.arm == second.arm == ""


# many at once


def crowd(requests, viewer, limit=20):
    """So many page requests of one person, each in a thread of its own, begun together. How many posts came."""
    together = threading.Barrier(requests)

    def ask(_):
        together.wait()
        try:
            page = json.loads(pages.page_for(viewer, feed="latest", cursor="", limit=limit))
        finally:
            connection.close()
        return [item["type"] for item in page["items"]]

    with ThreadPoolExecutor(requests) as pool:
        return [kind for kinds in pool.map(ask, range(requests)) for kind in kinds]


@pytest.fixture
def crowded(committed, limits):
    clip_of = cast.person("cy")
    Post.objects.bulk_create(
        Post(author=clip_of, clip=clip, provider="preview", model="preview-1") for clip in [cast.clip()] * 120
    )
    return cast.person("ada")


@pytest.mark.parametrize("limit", [3, 20, 100])
def test_twenty_requests_at_once_never_get_past_forty(limit, crowded):
    kinds = crowd(20, crowded, limit)
    assert kinds.count(POST) == 40
    assert kinds.count(NUDGE) <= 2
    assert Nudge.objects.filter(viewer=crowded, kind="pause").count() == 1
    assert len(set(Nudge.objects.filter(viewer=crowded).exclude(kind="pause").values_list("step", flat=True))) == (
        kinds.count(NUDGE)
    )


def test_mutant_without_setting_aside_first_the_crowd_gets_through(crowded, monkeypatch):
    """Items that are counted when the page is ready, instead of before it is built, let a crowd past."""

    def counted_late(meter, at, wanted, rules):
        turn = asked(meter, at, wanted, rules)
        return replace(turn, meter=turn.meter._replace(items=turn.items_before, day_items=meter.day_items))

    asked = nudging.ask
    monkeypatch.setattr(nudging, "ask", counted_late)
    assert crowd(20, crowded).count(POST) > 40


def test_mutant_with_a_blind_write_the_crowd_gets_through(crowded, monkeypatch):
    """A meter that is written without a look at who was quicker lets a crowd past."""

    def blind(person_id, there, new):
        bus.client().set(meters._key(person_id), new, px=meters.KEPT_MS)

    monkeypatch.setattr(meters, "_swap", blind)
    assert crowd(20, crowded).count(POST) > 40


@pytest.mark.parametrize("mutant", ["no pause", "no rebuild"])
def test_mutants_of_the_pause_are_seen(mutant, long_feed, ada, api, monkeypatch, clock):
    scroller = Scroller(api(ada))
    if mutant == "no pause":
        monkeypatch.setattr(nudging, "_held_if_due", lambda meter, at, rules: meter)
        monkeypatch.setattr(nudging, "_room", lambda meter, wanted, rules: wanted)
    else:
        monkeypatch.setattr(meters, "rebuilt", lambda viewer, rules: nudging.Meter())
    for _ in range(4):
        scroller.page(20)
        if mutant == "no rebuild":
            bus.client().flushdb()
            meters._remembered.clear()
    assert len(scroller.posts) > 40
