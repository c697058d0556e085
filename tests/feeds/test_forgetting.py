"""The impression log is forgotten after its time; what was counted of it stays."""

from datetime import timedelta

import pytest
from django.db.models import F

from feeds import exposure, forgetting, logbook
from feeds.models import Exposure, ServedPage, Watch
from tests import cast


@pytest.fixture
def watched(ada, bo, api, settle):
    """Two pages that ada was served and watched."""
    post = cast.post(bo)
    settle()
    for _ in range(2):
        page = api(ada).get("/v1/feed", {"feed": "latest"}).json()
        said = {"impression_id": page["items"][0]["impression_id"], "visible_ms": 4_900, "watched_ms": 4_900}
        assert api(ada).post("/v1/impressions", {"items": [said]}).json() == {"stored": 1}
    logbook.flush()
    exposure.count()
    return post


def grow_old(page, days):
    span = int(timedelta(days=days).total_seconds() * 1000) << 21
    Watch.objects.filter(page=page.pk).update(page_id=F("page_id") - span)
    ServedPage.objects.filter(pk=page.pk).update(id=F("id") - span)


def test_what_is_older_than_the_settings_keep_is_forgotten_with_what_was_said_of_it(watched, settings):
    old, new = ServedPage.objects.order_by("pk")
    grow_old(old, settings.IMPRESSION_DAYS + 1)
    grow_old(new, settings.IMPRESSION_DAYS - 1)
    forgetting.forget_impressions()
    (left,) = ServedPage.objects.all()
    assert [watch.page_id for watch in Watch.objects.all()] == [left.pk]
    seen = Exposure.objects.get(pk=watched.pk)
    assert (seen.impression_count, seen.long_view_count) == (1, 1)


def test_what_was_not_counted_yet_is_kept_until_it_is(watched, settings):
    for page in ServedPage.objects.all():
        grow_old(page, settings.IMPRESSION_DAYS + 1)
    ServedPage.objects.update(counted=False)
    forgetting.forget_impressions()
    assert ServedPage.objects.count() == 2
    exposure.count()
    forgetting.forget_impressions()
    assert not ServedPage.objects.exists()


def test_a_long_backlog_goes_in_bounded_steps(ada, monkeypatch):
    given = {"candidate_set_hash": 0, "model": "m", "first_rank": 0, "scores": [], "propensities": [], "post_ids": []}
    ServedPage.objects.bulk_create(
        ServedPage(pk=n, viewer=ada, feed="latest", snapshot_id=n, counted=True, **given) for n in range(1, 26)
    )
    monkeypatch.setattr(forgetting, "PAGES_AT_ONCE", 10)
    monkeypatch.setattr(forgetting, "ROUNDS_AT_MOST", 2)
    forgetting.forget_impressions()
    assert ServedPage.objects.count() == 5
    forgetting.forget_impressions()
    assert not ServedPage.objects.exists()
