"""A stage for scrolls: the product's own limits, a feed that does not end, a clock, and people who scroll through it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from sora_social.posts.models import Post
from sora_social.studio import submitting
from sora_social.studio.models import Generation
from tests import cast

NIGHT = "22:00-06:00"


@pytest.fixture
def limits(settings):
    """What the product says: the tests of other rooms scroll without end."""
    settings.SCROLL_ITEMS = (20, 30, 40)
    settings.SCROLL_MINUTES = (8.0, 12.0, 20.0)
    settings.TEEN_SCROLL_ITEMS = (15, 20, 30)
    settings.TEEN_SCROLL_MINUTES = (5.0, 8.0, 15.0)
    settings.TEEN_PAGE_ITEMS = 15
    settings.TEEN_DAILY_ITEMS = 200
    settings.TEEN_DAILY_MINUTES = 90
    settings.TEEN_QUIET_HOURS = NIGHT
    return settings


@pytest.fixture
def posts(limits, cy):
    """More than anybody scrolls through."""
    clip = cast.clip()
    given = {"clip": clip, "provider": "preview", "model": "preview-1"}
    Post.objects.bulk_create(Post(author=cy, **given) for _ in range(300))


@pytest.fixture
def clock():
    """Begins now, and moves when it is told to. The database's own clock stays: nothing here asks it for the hour."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield Clock(traveller)


class Clock:
    def __init__(self, traveller):
        self._traveller = traveller

    def forward(self, **span):
        self._traveller.shift(timedelta(**span))

    def to(self, *when):
        self._traveller.move_to(datetime(*when, tzinfo=UTC))


class Scroller:
    """Somebody who scrolls: asks for the next page of the feed they are in."""

    def __init__(self, client, feed="latest"):
        self.client, self.feed, self.cursor = client, feed, ""
        self.posts = []

    def page(self, limit=20, *, feed=None, cursor=None, **headers):
        query = {"feed": feed or self.feed, "limit": limit, "cursor": self.cursor if cursor is None else cursor}
        answer = self.client.get("/v1/feed", query, **headers)
        assert answer.status_code == 200, answer.content
        body = answer.json()
        self.cursor = body["next"] or body.get("more") or ""
        self.posts += [item["post"]["id"] for item in body["items"] if item["type"] == "post"]
        return body

    def kinds(self, limit=20, **words):
        return [item["type"] for item in self.page(limit, **words)["items"]]

    def to_the_pause(self):
        while True:
            page = self.page()
            if page["items"][0]["type"] == "pause":
                return page["items"][0]["pause"]


def card_of(page):
    (card,) = [item["nudge"] for item in page["items"] if item["type"] == "nudge"]
    return card


def job_now(owner, **words):
    """A job, sent at the moment that the clock of the test shows."""
    job = submitting.submit(owner, **{"prompt": "a quiet beach", **words})
    Generation.objects.filter(pk=job.pk).update(created_at=timezone.now())
    return job
