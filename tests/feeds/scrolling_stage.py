"""People who scroll, and a clock that moves when it is told to."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from sora_social.studio import submitting
from sora_social.studio.models import Generation


class Clock:
    def __init__(self, traveller):
        self._traveller = traveller

    def forward(self, **span):
        self._traveller.shift(timedelta(**span))

    def to_ms(self, ms):
        self._traveller.move_to(datetime.fromtimestamp(ms / 1000, UTC))

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
