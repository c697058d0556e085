"""E6 against the service itself: whole sessions over HTTP's own path, watched by who knows the promises alone."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, time

import pytest

from feeds import pages
from feeds.scroll import meters, scrolling
from ranking.evaluation.nudge_sessions import ADULTS, NIGHT, TEENS, Person, Watch
from ranking.quiet_hours import Place, Window
from sora_social.accounts.models import User
from sora_social.core import bus
from sora_social.studio.events import GenerationQueued
from tests import cast
from tests.feeds.scrolling_stage import job_now

SESSIONS = 25  # of each kind of person
OWN = Window(time(12, 30), time(14))


class ServedPerson(Person):
    """The same habits, lived in the service: what the page says is what the watch is told."""

    def __init__(self, rng, viewer, clock):
        super().__init__(rng)
        self.viewer, self.clock = viewer, clock
        self.now = int(datetime(2027, 3, 1, tzinfo=UTC).timestamp()) * 1000
        self.place = viewer.place
        is_teen = viewer.is_teen(datetime(2027, 3, 1, tzinfo=UTC).date())
        own = OWN if viewer.quiet_from else None
        self.rules, self.night = (TEENS, NIGHT) if is_teen else (ADULTS, own)
        self.watch = Watch(self.rules, Place(self.place.zone), self.night)
        self.pause = None

    def _ask(self):
        self.seen["requests"] += 1
        self._set_clock()
        if self.rng.random() < 0.05:  # Redis is wiped, and another process answers
            bus.client().flushdb()
            meters._remembered.clear()
        session = self.watch.asked(self.now)
        limit = self.rng.choice((1, 2, 5, 20, 100))
        feed = self.rng.choice(("for_you", "latest"))
        page = json.loads(pages.page_for(self.viewer, feed=feed, cursor="", limit=limit))
        kinds = Counter(item["type"] for item in page["items"])
        self.watch.granted(self.now, kinds["post"])
        self.watch.served(session, self.watch.day, kinds["post"])
        self.seen.update(kinds)
        for place, item in enumerate(page["items"]):
            if item["type"] == "pause":
                self._hold(item["pause"])
            elif item["type"] == "nudge":
                assert place <= 20
                self.watch.card(self.now, session, item["nudge"]["step"])
                self._react_to(item["nudge"])

    def _answer(self, asked):
        """The page came at once."""

    def _set_clock(self):
        self.clock.to_ms(self.now)

    def _hold(self, pause):
        until = round(datetime.fromisoformat(pause["until"]).timestamp() * 1000)
        if pause["id"] != self.pause:
            assert not self.watch.hold
            self.watch.held(self.now, pause["kind"], until)
        assert (self.watch.hold, self.watch.held_until) == (pause["kind"], until)
        self.pause = pause["id"]

    def _react_to(self, card):
        habit = self.rng.random()
        if habit < 0.4:
            scrolling.answer(self.viewer, int(card["id"]), outcome="dismissed")
            self.watch.dismissed(self.now)
        elif habit < 0.5:
            self._make()

    def _make(self):
        self.now += 1
        self._set_clock()
        job = job_now(self.viewer)
        scrolling.follow_making(GenerationQueued(job_id=job.pk))
        self.watch.made(self.now)

    def _wait(self):
        if not self.watch.hold:
            return True
        habit = self.rng.random()
        self.now += self.rng.randrange(1, 60_000)
        self._set_clock()
        if habit < 0.3:
            return False
        if habit < 0.6 and self.rules.is_dismissible and self.watch.held_until > self.now:
            scrolling.answer(self.viewer, int(self.pause), outcome="acknowledged")
            self.watch.acknowledged(self.now)
            return True
        for _ in range(self.rng.randint(1, 5)):
            self.now += self.rng.randrange(1, 120_000)
            self._ask()
        return True

    def _travel(self):
        """They stay where they are."""


@pytest.mark.parametrize("kind", ["adult", "adult with limits", "teen"])
def test_e6_the_service_keeps_every_promise(kind, long_feed, ada, teen, clock, limits):
    limits.CLIPS_PER_DAY = limits.CLIPS_AT_ONCE = 10_000
    zone = {"adult": "Asia/Kathmandu", "adult with limits": "America/Havana", "teen": "Australia/Lord_Howe"}[kind]
    viewer = teen if kind == "teen" else ada
    User.objects.filter(pk=viewer.pk).update(time_zone=zone)
    if kind == "adult with limits":
        User.objects.filter(pk=viewer.pk).update(quiet_from=OWN.begins, quiet_until=OWN.ends)
    viewer.refresh_from_db()
    person = ServedPerson(random.Random(5), viewer, clock)
    for _ in range(SESSIONS):
        person.scroll()
    assert +person.watch.breaches == {}
    assert person.seen["post"] > 400
    assert person.seen["nudge"] > 3
    assert person.seen["pause"] > 10
    assert cast.Generation.objects.filter(owner=viewer).exists()
