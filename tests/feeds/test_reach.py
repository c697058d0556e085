"""Authors see how far a post came, in numbers that name nobody."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from feeds import exposure, logbook
from feeds.discovery import reach
from feeds.models import GainedFollow, ReachDay, ServedPage
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.studio import publishing
from tests import cast


def watch(client, post, *, watched_ms=3_000, opened=False):
    """Look at the latest feed, and say of the post in it what was seen."""
    items = client.get("/v1/feed", {"feed": "latest"}).json()["items"]
    (seen,) = [item for item in items if item["post"]["id"] == str(post.pk)]
    report = {"impression_id": seen["impression_id"], "visible_ms": 5_000, "watched_ms": watched_ms, "opened": opened}
    assert client.post("/v1/impressions", {"items": [report]}).json() == {"stored": 1}


@pytest.fixture
def counted(settle):
    def count():
        logbook.flush()
        settle()
        exposure.count()
        settle()

    return count


def test_an_author_sees_how_far_a_post_came(ada, bo, cy, mallory, api, counted):
    post = cast.post(ada)
    counted()
    watch(api(bo), post, opened=True)
    watch(api(cy), post, watched_ms=200)
    watch(api(bo), post)
    api(mallory).get("/v1/feed", {"feed": "latest"})
    logbook.flush()
    job = cast.finished_job(bo, sources=[Source(post.pk, "remix")])
    words = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    publishing.publish_draft(bo, job.drafts.get().pk, **words)
    cast.post(bo, sources=[post])
    cast.post(cast.person("dee"), sources=[post])  # who came by a link: no feed had shown it to her
    ties.follow(cy, "ada")
    counted()
    seen = api(ada).get(f"/v1/posts/{post.pk}/reach").json()
    today = {"impressions": 3, "views": 1, "opens": 1, "publishes": 1, "follows": 1}
    assert seen == {
        "post_id": str(post.pk),
        "impressions": 3,
        "views": 1,
        "opens": 1,
        "submits": 1,
        "publishes": 1,
        "follows_gained": 1,
        "first_exposure": {"shown": 3, "of": 5},
        "by_day": [{"day": str(timezone.now().date()), **today}],
    }


def test_nobody_else_learns_of_it(ada, bo, mod, api):
    post = cast.post(ada)
    for somebody in (bo, mod):
        assert api(somebody).get(f"/v1/posts/{post.pk}/reach").status_code == 404
    assert api(ada).get("/v1/posts/1/reach").status_code == 404


def test_a_post_that_nobody_saw_yet_has_a_row_of_zeros(ada, api):
    seen = api(ada).get(f"/v1/posts/{cast.post(ada).pk}/reach").json()
    assert (seen["impressions"], seen["first_exposure"]) == (0, {"shown": 0, "of": 5})
    assert [(day["impressions"], day["follows"]) for day in seen["by_day"]] == [(0, 0)]


def test_a_follow_is_gained_by_the_last_post_that_was_shown_within_a_day(ada, bo, cy, api, counted):
    first = cast.post(ada)
    counted()
    api(bo).get("/v1/feed", {"feed": "latest"})
    second = cast.post(ada)
    counted()
    api(bo).get("/v1/feed", {"feed": "latest", "limit": 1})  # shows the second alone
    counted()
    ties.follow(bo, "ada")
    ties.follow(cy, "ada")  # was shown nothing
    counted()
    assert dict(GainedFollow.objects.values_list("post_id", "follower_id")) == {second.pk: bo.pk}
    ties.unfollow(bo, "ada")
    ties.follow(bo, "ada")
    counted()
    assert GainedFollow.objects.count() == 1  # once for each pair
    ServedPage.objects.all().delete()
    page_of_yesterday = (int(timezone.now().timestamp() * 1000) - 25 * 3_600_000 - 1_735_689_600_000) << 21
    ServedPage.objects.create(
        pk=page_of_yesterday,
        viewer=cy,
        feed="latest",
        snapshot_id=1,
        candidate_set_hash=1,
        model="chronological",
        first_rank=0,
        post_ids=[first.pk],
        scores=[0],
        propensities=[1],
    )
    ties.unfollow(cy, "ada")
    ties.follow(cy, "ada")
    counted()
    assert GainedFollow.objects.count() == 1  # too long ago


def test_thirty_days_are_told_and_older_ones_forgotten(ada, api):
    post = cast.post(ada)
    today = timezone.now().date()
    type(post).objects.filter(pk=post.pk).update(shown_at=timezone.now() - timedelta(days=60))
    for days in (0, 1, 29, 30, 35, 36):
        ReachDay.objects.create(post=post, day=today - timedelta(days=days), impression_count=days + 1)
    by_day = api(ada).get(f"/v1/posts/{post.pk}/reach").json()["by_day"]
    assert len(by_day) == 30
    assert [date.fromisoformat(day["day"]) for day in by_day] == [today - timedelta(days=n) for n in range(29, -1, -1)]
    assert [day["impressions"] for day in by_day if day["impressions"]] == [30, 2, 1]
    reach.forget_old_days()
    assert sorted((today - day.day).days for day in ReachDay.objects.all()) == [0, 1, 29, 30, 35]
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        reach.forget_old_days()
    assert ReachDay.objects.count() == 4
