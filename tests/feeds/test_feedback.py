"""What viewers say back of what they saw."""

from feeds import exposure, logbook
from feeds.models import Exposure, Watch
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
