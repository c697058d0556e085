"""What viewers say back of what they saw."""

from django.conf import settings
from django.db.models import F

from feeds import exposure, logbook
from feeds.models import AuthorPulse, Exposure, ServedPage, Watch
from sora_social.posts import reactions
from tests import cast


def said(page, position=0, **more):
    return {
        "impression_id": page["items"][position]["impression_id"],
        "visible_ms": 6000,
        "watched_ms": 5200,
        **more,
    }


def test_a_watch_is_stored_once_and_counts_one_view(ada, bo, api, settle):
    post = cast.post(bo)
    settle()
    page = api(ada).get("/v1/feed").json()
    for _ in range(2):
        answer = api(ada).post("/v1/impressions", {"items": [said(page, opened=True)]}, format="json")
        assert answer.status_code == 202
    assert answer.json() == {"stored": 0}
    assert Watch.objects.count() == 1
    logbook.flush()
    exposure.count()
    settle()
    assert api(ada).get(f"/v1/posts/{post.pk}").json()["counts"]["views"] == 1
    seen = Exposure.objects.get(pk=post.pk)
    assert (seen.impression_count, seen.open_count, seen.long_view_count) == (1, 1, 1)
    exposure.count()
    seen.refresh_from_db()
    assert (seen.impression_count, seen.open_count, seen.long_view_count) == (1, 1, 1)


def test_impressions_of_others_and_made_up_ones_are_passed_over(ada, bo, mallory, api, settle):
    cast.post(bo)
    settle()
    page = api(ada).get("/v1/feed").json()
    made_up = {**said(page), "impression_id": "1-0"}
    beyond = {**said(page), "impression_id": page["items"][0]["impression_id"].split("-")[0] + "-77"}
    answer = api(mallory).post("/v1/impressions", {"items": [said(page), made_up]}, format="json")
    assert (answer.status_code, answer.json()) == (202, {"stored": 0})
    assert api(ada).post("/v1/impressions", {"items": [beyond]}, format="json").json() == {"stored": 0}
    assert not Watch.objects.exists()


def test_bad_reports_are_refused_whole(ada, bo, api, settle):
    cast.post(bo)
    settle()
    page = api(ada).get("/v1/feed").json()
    for bad in (
        {"items": []},
        {"items": [said(page, watched_ms=-1)]},
        {"items": [said(page), {"impression_id": "x"}]},
        {"items": [{**said(page), "impression_id": f"{2**63}-0"}]},
        {"items": [said(page, viewer=1)]},
        {},
    ):
        assert api(ada).post("/v1/impressions", bad, format="json").status_code == 422, bad
    assert not Watch.objects.exists()


def test_evidence_counts_people_not_repeats(ada, bo, cy, api, settle):
    post = cast.post(bo)
    settle()
    for client in (api(ada), api(cy)):
        pages = [client.get("/v1/feed", {"feed": "latest"}).json() for _ in range(3)]
        both = [said(page, opened=True) for page in pages[:2]]
        assert client.post("/v1/impressions", {"items": both}, format="json").json() == {"stored": 2}
        later = [said(pages[2], opened=True)]
        assert client.post("/v1/impressions", {"items": later}, format="json").json() == {"stored": 1}
    exposure.count()
    seen = Exposure.objects.get(pk=post.pk)
    assert (seen.impression_count, seen.open_count, seen.long_view_count) == (2, 2, 2)
    assert not Watch.objects.filter(counted=False).exists()


def test_a_source_has_each_maker_once_and_only_for_what_others_may_come_across(ada, bo, cy, mallory, settle):
    source = cast.post(bo)
    settle()

    def makers():
        settle()
        return Exposure.objects.get(pk=source.pk).maker_count

    cast.post(ada, sources=[source], visibility="private")
    cast.post(mallory, sources=[source], visibility="unlisted")
    cast.post(bo, sources=[source])
    assert makers() == 0
    for _ in range(3):
        cast.post(cy, sources=[source])
    assert makers() == 1
    cast.post(cast.person("dee"), sources=[source], visibility="followers")
    assert makers() == 2


def test_one_count_catches_up_with_a_rush(ada, bo, settle):
    post = cast.post(bo)
    settle()
    shown = {"candidate_set_hash": 0, "model": "m", "first_rank": 0, "post_ids": [post.pk]}
    ServedPage.objects.bulk_create(
        ServedPage(pk=n, viewer=ada, feed="latest", snapshot_id=n, scores=[0.0], propensities=[1.0], **shown)
        for n in range(1, 4_200)
    )
    exposure.count()
    assert not ServedPage.objects.filter(counted=False).exists()


def test_the_pulse_has_its_own_slower_beat(ada, bo, settle):
    post = cast.post(bo)
    reactions.like(ada, post.pk)
    settle()
    exposure.count()
    assert not AuthorPulse.objects.exists()
    exposure.take_pulse()
    assert AuthorPulse.objects.get(pk=bo.pk).feedback_count_24h == 1
    beats = {entry["task"]: entry["schedule"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert beats["feeds.tasks.take_pulse"] == 300.0


def test_only_who_was_shown_a_post_speaks_against_it(ada, bo, mallory, api, settle):
    post = cast.post(bo)
    settle()
    api(ada).get("/v1/feed", {"feed": "latest"})
    for person in (ada, ada, mallory):
        assert api(person).post(f"/v1/posts/{post.pk}/not-interested").status_code == 204
    assert Exposure.objects.get(pk=post.pk).see_less_count == 1
    for person in (mallory, ada):
        api(person).post("/v1/feed/reset")
    assert Exposure.objects.get(pk=post.pk).see_less_count == 0


def test_who_asks_for_the_same_page_again_and_again_is_one_viewer_of_it_a_day(ada, bo, cy, api, settle):
    post = cast.post(bo, caption="#rare")
    settle()
    for person in (ada, ada, ada, cy, ada):
        api(person).get("/v1/feed", {"feed": "tag", "tag": "rare"})
        logbook.flush()
        exposure.count()
    assert Exposure.objects.get(pk=post.pk).impression_count == 2
    assert AuthorPulse.objects.get(pk=bo.pk).impression_count == 2
    (day,) = api(bo).get(f"/v1/posts/{post.pk}/reach").json()["by_day"]
    assert day["impressions"] == 2
    ServedPage.objects.update(id=F("id") - (25 * 3_600_000 << 21))
    api(ada).get("/v1/feed", {"feed": "tag", "tag": "rare"})
    logbook.flush()
    exposure.count()
    assert Exposure.objects.get(pk=post.pk).impression_count == 3
