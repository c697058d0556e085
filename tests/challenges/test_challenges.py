"""Challenges as people see them: what there is, what entered, who leads."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from feeds.discovery import entries, leaderboards
from feeds.models import RankedPost, Turnout, Window
from sora_social.accounts import people, ties
from sora_social.challenges import hosting
from sora_social.posts import posting, reactions
from tests import cast
from tests.feeds.test_leaderboards import board


@pytest.fixture
def rain(mod):
    return cast.challenge(mod, description="One take.", prompt="a street in the rain", tag="raintake")


@pytest.fixture
def counted(settle):
    """Everything that follows is done, and the beat came by."""

    def count():
        settle()
        entries.count_stale()

    return count


def listed(client, path, **asked):
    """All posts of a list, page by page."""
    seen, cursor = [], ""
    while cursor is not None:
        answer = client.get(path, {**asked, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        seen += [int(post["id"]) for post in answer.json()["items"]]
        cursor = answer.json()["next"]
    return seen


def test_challenges_are_listed_by_their_state(mod, rain, ada, api):
    coming = cast.challenge(mod, title="Next", starts_in=3600, ends_in=7200)
    past = cast.challenge(mod, title="Then", starts_in=-7200, ends_in=-3600)
    cast.challenge(mod, title="Hidden", is_listed=False)
    client = api(ada)

    def titles(**asked):
        return [item["title"] for item in client.get("/v1/challenges", asked).json()["items"]]

    assert titles() == ["Then", "Next", "Rain in one shot"]
    assert [titles(state=state) for state in ("open", "coming", "past")] == [["Rain in one shot"], ["Next"], ["Then"]]
    assert client.get("/v1/challenges", {"state": "odd"}).status_code == 422
    first = client.get("/v1/challenges", {"limit": 2}).json()
    rest = client.get("/v1/challenges", {"limit": 2, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == [str(one.pk) for one in (past, coming, rain)]
    assert rest["next"] is None


def test_a_challenge_says_what_it_is_and_who_entered(rain, ada, bo, cy, api, counted):
    first = cast.entry(ada, rain)
    second = cast.entry(ada, rain)
    hidden = cast.entry(ada, rain, visibility="private")
    cast.entry(bo, rain)
    counted()
    seen = api(ada).get(f"/v1/challenges/{rain.pk}").json()
    stamp = {name: seen.pop(name) for name in ("starts_at", "ends_at")}
    assert all(value.endswith("Z") for value in stamp.values())
    assert seen == {
        "id": str(rain.pk),
        "title": "Rain in one shot",
        "description": "One take.",
        "prompt": "a street in the rain",
        "tag": "raintake",
        "state": "open",
        "counts": {"entries": 3, "people": 2},
        "viewer": {"entries": 3, "entry_ids": [str(post.pk) for post in (hidden, second, first)]},
    }
    assert api(cy).get(f"/v1/challenges/{rain.pk}").json()["viewer"] == {"entries": 0, "entry_ids": []}


def test_a_challenge_that_is_not_listed_is_not_there(rain, ada, api):
    hosting.list_challenge(rain.pk, is_listed=False)
    for tail in ("", "/posts", "/leaderboards/remixed"):
        assert api(ada).get(f"/v1/challenges/{rain.pk}{tail}").status_code == 404
    assert api(ada).get("/v1/challenges/1").status_code == 404
    assert api(ada).get(f"/v1/challenges/{rain.pk}/leaderboards/odd").status_code == 404


def test_entries_come_newest_first_and_only_those_that_may_come_up(rain, ada, bo, cy, mallory, api, settle):
    shown = [cast.entry(author, rain) for author in (ada, bo, ada)]
    for visibility in ("private", "unlisted"):
        cast.entry(bo, rain, visibility=visibility)
    followed = cast.entry(bo, rain, visibility="followers")
    cast.post(bo, sources=[shown[0]])  # a remix of an entry is none
    by_mallory = cast.entry(mallory, rain)
    settle()
    path = f"/v1/challenges/{rain.pk}/posts"
    newest = [by_mallory.pk, *(post.pk for post in reversed(shown))]
    assert listed(api(cy), path, limit=1) == newest
    ties.follow(cy, "bo")
    assert listed(api(cy), path) == [newest[0], followed.pk, *newest[1:]]
    ties.block(cy, "mallory")
    ties.mute(cy, "ada")
    assert listed(api(cy), path) == [followed.pk, shown[1].pk]
    posting.delete_post(bo, shown[1].pk)
    people.set_active(bo.pk, active=False)
    assert listed(api(cy), path) == []


def test_top_entries_are_those_most_people_made_something_of_and_all_of_them_are_there(
    rain, ada, bo, cy, mod, api, counted
):
    plain, liked, once, twice = (cast.entry(ada, rain) for _ in range(4))
    cast.post(ada, sources=[plain])
    cast.post(bo, sources=[once])
    cast.post(bo, sources=[once])
    for maker in (bo, cy):
        cast.post(maker, sources=[twice])
    reactions.like(cy, liked.pk)
    counted()
    path = f"/v1/challenges/{rain.pk}/posts"
    order = [twice.pk, once.pk, liked.pk, plain.pk]
    assert listed(api(cy), path, sort="top") == order
    assert listed(api(cy), path, sort="top", limit=1) == order
    leaders = board(api(cy), "remixed", path=f"/v1/challenges/{rain.pk}/leaderboards")
    assert leaders == [(1, 2, twice.pk), (2, 1, once.pk)]
    assert board(api(cy), "rising", path=f"/v1/challenges/{rain.pk}/leaderboards") == [(1, 2, twice.pk)]
    leaderboards.count(Window.WEEK)
    assert RankedPost.objects.filter(challenge=rain).count() == 5  # of everything and of a challenge are apart
    posting.delete_post(ada, twice.pk)
    assert listed(api(cy), path, sort="top") == order[1:]


def test_the_most_cast_of_a_challenge_are_those_in_its_entries(rain, ada, bo, cy, api, counted):
    face, other = cast.cameo(ada, audience="everyone"), cast.cameo(cy, audience="everyone")
    for maker, cameo, into in ((bo, face, rain), (cy, face, rain), (bo, other, rain), (cy, other, None)):
        words = {"cast": [str(cameo.pk)], "challenge_id": into.pk if into else None}
        draft = cast.finished_job(maker, **words).drafts.get()
        cast.publishing.publish_draft(
            maker, draft.pk, caption="", visibility="public", remix_policy="everyone", prompt_visibility="public"
        )
    counted()
    path = f"/v1/challenges/{rain.pk}/leaderboards"
    assert board(api(bo), "cast", path=path) == [(1, 2, "ada"), (2, 1, "cy")]


def test_counts_follow_what_comes_and_goes(rain, ada, bo, api, counted):
    posts = [cast.entry(ada, rain), cast.entry(ada, rain), cast.entry(bo, rain)]
    counted()

    def counts():
        return tuple(api(bo).get(f"/v1/challenges/{rain.pk}").json()["counts"].values())

    assert counts() == (3, 2)
    posting.delete_post(bo, posts[2].pk)
    posting.edit_post(ada, posts[0].pk, visibility="private")
    counted()
    assert counts() == (1, 1)
    posting.edit_post(ada, posts[0].pk, visibility="public")
    counted()
    assert counts() == (2, 1)
    people.set_active(ada.pk, active=False)  # announced of a person, not of posts: the slower beat counts it
    entries.count_open()
    assert counts() == (0, 0)


def test_a_challenge_in_which_nothing_changed_is_not_counted_again(rain, ada, counted):
    cast.entry(ada, rain)
    counted()
    before = Turnout.objects.get().counted_at
    counted()
    assert Turnout.objects.get().counted_at == before
    cast.post(ada)
    counted()
    assert Turnout.objects.get().counted_at == before


def test_a_challenge_with_very_many_entries_is_counted_less_often(rain, ada, counted):
    cast.entry(ada, rain)
    counted()
    Turnout.objects.update(entry_count=100_000)  # counted a moment ago
    cast.entry(ada, rain)
    counted()
    assert (Turnout.objects.get().entry_count, Turnout.objects.get().is_stale) == (100_000, True)
    Turnout.objects.update(counted_at=timezone.now() - timedelta(seconds=101))
    counted()
    assert (Turnout.objects.get().entry_count, Turnout.objects.get().is_stale) == (2, False)


def test_a_page_of_challenges_and_of_entries_costs_the_same_for_10_and_for_50(mod, ada, bo, rain, api, counted):
    for _ in range(60):
        cast.challenge(mod)
    for number in range(60):
        cast.entry(cast.person(f"maker{number}"), rain)
    counted()
    client = api(bo)
    for path, asked in (
        ("/v1/challenges", {}),
        (f"/v1/challenges/{rain.pk}/posts", {}),
        (f"/v1/challenges/{rain.pk}/posts", {"sort": "top"}),
    ):
        client.get(path, {**asked, "limit": 100})
        costs = {}
        for limit in (10, 50):
            with CaptureQueriesContext(connection) as queries:
                assert len(client.get(path, {**asked, "limit": limit}).json()["items"]) == limit
            costs[limit] = len(queries)
        assert costs[10] == costs[50] <= 5, (path, costs)
