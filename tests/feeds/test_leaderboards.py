"""Leaderboards count people once, and show what the viewer may see."""

import random
import time
from datetime import timedelta
from math import sqrt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cameos import consent
from feeds.discovery import leaderboards
from feeds.models import RankedCameo, RankedPost, Window
from remix.models import Edge
from sora_social.accounts import people, ties
from sora_social.posts import posting, reactions
from sora_social.posts.models import Post
from sora_social.studio import publishing
from tests import cast

WORDS = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
HOUR = 3600


def board(client, name, *, limit=20, pages=50, path="/v1/leaderboards", **asked):
    """A whole leaderboard: rank, makers, and the id of the post or the handle of the cameo."""
    places, cursor = [], ""
    for _ in range(pages):
        answer = client.get(f"{path}/{name}", {**asked, "limit": limit, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        for item in answer.json()["items"]:
            thing = int(item["post"]["id"]) if "post" in item else item["cameo"]["handle"]
            places.append((item["rank"], item["makers"], thing))
        cursor = answer.json()["next"]
        if cursor is None:
            return places
    raise AssertionError("it does not end")


@pytest.fixture
def crowd(db):
    return [cast.person(f"maker{n}") for n in range(6)]


def test_whoever_makes_ten_remixes_counts_once_and_ones_own_do_not_count(ada, bo, crowd, api, settle):
    wide, deep, own = (cast.post(ada, caption=name) for name in ("wide", "deep", "own"))
    for maker in crowd[:3]:
        cast.post(maker, sources=[wide])
    for maker in (crowd[0], crowd[1]) * 5:
        cast.post(maker, sources=[deep])
    for _ in range(8):
        cast.post(ada, sources=[own])
    settle()
    leaderboards.count(*Window)
    for window in ("day", "week", "all"):
        assert board(api(bo), "remixed", window=window) == [(1, 3, wide.pk), (2, 2, deep.pk)]


def test_likes_decide_between_equals(ada, bo, crowd, api, settle):
    posts = [cast.post(ada) for _ in range(3)]
    for post in posts:
        cast.post(crowd[0], sources=[post])
    reactions.like(bo, posts[1].pk)
    settle()
    leaderboards.count(Window.WEEK)
    assert [pk for *_, pk in board(api(bo), "remixed")] == [posts[1].pk, posts[2].pk, posts[0].pk]


def test_likes_alone_bring_nothing_onto_a_board(ada, bo, crowd, api, settle):
    made_of, liked = cast.post(ada), cast.post(ada)
    cast.post(bo, sources=[made_of])
    for person in crowd:
        reactions.like(person, liked.pk)
    settle()
    leaderboards.count(Window.DAY)
    assert [pk for *_, pk in board(api(bo), "remixed", window="day")] == [made_of.pk]


@pytest.mark.parametrize("away", ["private", "followers", "unlisted", "deleted", "suspended"])
def test_what_does_not_stand_in_public_counts_for_nothing(away, ada, bo, crowd, api, settle):
    source = cast.post(ada)
    remixes = [cast.post(maker, sources=[source]) for maker in crowd[:2]]
    match away:
        case "deleted":
            posting.delete_post(crowd[0], remixes[0].pk)
        case "suspended":
            people.set_active(crowd[0].pk, active=False)
        case _:
            posting.edit_post(crowd[0], remixes[0].pk, visibility=away)
    settle()
    leaderboards.count(Window.WEEK)
    assert board(api(bo), "remixed") == [(1, 1, source.pk)]


@pytest.mark.parametrize("away", ["deleted", "private", "suspended", "blocking", "muted"])
def test_what_is_gone_is_on_no_board_at_the_next_request_and_places_close_up(away, ada, bo, crowd, api, settle):
    posts = [cast.post(author) for author in (ada, bo, ada)]
    for number, post in enumerate(posts):
        for maker in crowd[number:]:
            cast.post(maker, sources=[post])
    settle()
    leaderboards.count(Window.DAY, Window.WEEK)
    viewer = crowd[5]
    assert board(api(viewer), "remixed") == [(1, 6, posts[0].pk), (2, 5, posts[1].pk), (3, 4, posts[2].pk)]
    match away:
        case "deleted":
            posting.delete_post(bo, posts[1].pk)
        case "private":
            posting.edit_post(bo, posts[1].pk, visibility="private")
        case "suspended":
            people.set_active(bo.pk, active=False)
        case "blocking":
            ties.block(bo, viewer.handle)
        case "muted":
            ties.mute(viewer, "bo")
    for name in ("remixed", "rising"):
        assert board(api(viewer), name) == [(1, 6, posts[0].pk), (2, 4, posts[2].pk)]
        assert board(api(viewer), name, limit=1) == [(1, 6, posts[0].pk), (2, 4, posts[2].pk)]


def test_cameos_are_ranked_by_people_who_cast_them_and_shown_to_whom_they_are_open(ada, bo, cy, crowd, api, settle):
    wide = cast.cameo(ada, audience="everyone")
    deep = cast.cameo(cy, audience="everyone")
    for maker, face in [*((maker, wide) for maker in crowd[:3]), *[(crowd[0], deep)] * 3, (ada, wide), (cy, deep)]:
        draft = cast.finished_job(maker, cast=[str(face.pk)]).drafts.get()
        publishing.publish_draft(maker, draft.pk, caption="", **WORDS)
    settle()
    leaderboards.count(Window.WEEK)
    assert board(api(bo), "cast") == [(1, 3, "ada"), (2, 1, "cy")]
    consent.set_terms(ada, wide.pk, audience="only_me")
    assert board(api(bo), "cast") == [(1, 1, "cy")]
    assert board(api(ada), "cast") == [(1, 1, "cy")]
    consent.revoke(cy, deep.pk, mode=consent.Mode.UNPUBLISH_ALL)
    settle()
    leaderboards.count(Window.WEEK)
    assert RankedCameo.objects.get().cameo_id == wide.pk


# against a plain model


def moment_id(hours_ago, number):
    """An id as the database would have made it then."""
    return (int((time.time() - hours_ago * HOUR) * 1000) - 1_735_689_600_000 << 22) + number


class PlainWorld:
    """Posts and remixes over nine days, some of them hidden or gone, by a few people, one of whom is suspended."""

    def __init__(self, seed, authors):
        chance = random.Random(seed)
        self.authors = {author.pk: author for author in authors}
        self.posts, self.edges = {}, []
        clip = cast.clip()
        ages = [*(chance.uniform(0.1, 24) for _ in range(80)), *(chance.uniform(0.1, 220) for _ in range(80))]
        for number, hours in enumerate(sorted(ages, reverse=True)):
            visibility = chance.choices(["public", "followers", "unlisted", "private"], [8, 1, 1, 1])[0]
            gone = timezone.now() if chance.random() < 0.1 else None
            pk = moment_id(hours, number)
            self.posts[pk] = Post(
                pk=pk,
                author=chance.choice(authors),
                clip=clip,
                visibility=visibility,
                deleted_at=gone,
                counted=visibility != "private" and gone is None,
                like_count=chance.randrange(3),
                provider="preview",
                model="preview-1",
            )
        ids = list(self.posts)
        for place, pk in enumerate(ids):
            if place and chance.random() < 0.8:
                self.edges.append((chance.choice(ids[: min(place, 30)]), pk))
        Post.objects.bulk_create(self.posts.values())
        Edge.objects.bulk_create(Edge(source_id=one, derivation_id=other, kind="remix") for one, other in self.edges)

    def stands(self, pk):
        post = self.posts[pk]
        return post.counted and post.visibility == "public" and self.authors[post.author_id].is_active

    def makers(self, pk):
        """Who made something of a post, each with the moment of their first."""
        firsts = {}
        for source, made in self.edges:
            maker = self.posts[made].author_id
            if source == pk and self.stands(made) and maker != self.posts[pk].author_id:
                firsts[maker] = min(made, firsts.get(maker, made))
        return firsts

    def remixed(self, since):
        found = []
        for pk, post in self.posts.items():
            recent = {
                self.posts[made].author_id
                for source, made in self.edges
                if source == pk and made >= since and self.stands(made)
            } - {post.author_id}
            if self.stands(pk) and recent:
                found.append((len(recent), post.like_count, pk))
        return sorted(found, reverse=True)

    def rising(self):
        day, week = moment_id(24, 0), moment_id(8 * 24, 0)
        found = []
        for pk, post in self.posts.items():
            firsts = self.makers(pk).values()
            today = sum(first >= day for first in firsts)
            expected = sum(week <= first < day for first in firsts) / 7
            if self.stands(pk) and today >= 2 and today > expected:
                score = round(1000 * (today - expected) / sqrt(expected + 1))
                found.append((score, post.like_count, pk, today))
        return sorted(found, reverse=True)


@pytest.mark.parametrize("seed", range(8))
def test_boards_are_what_a_plain_count_of_people_gives(seed, ada, crowd, api):
    people.set_active(crowd[5].pk, active=False)
    crowd[5].refresh_from_db()
    world = PlainWorld(seed, crowd)
    leaderboards.count(*Window)
    client = api(ada)
    for window, hours in (("day", 24), ("week", 168), ("all", 1_000)):
        expected = world.remixed(moment_id(hours, 0))
        shown = board(client, "remixed", window=window, limit=7)
        assert shown == [(rank, makers, pk) for rank, (makers, _, pk) in enumerate(expected, start=1)]
    rising = [(rank, today, pk) for rank, (_, _, pk, today) in enumerate(world.rising(), start=1)]
    assert board(client, "rising", limit=3) == rising
    assert len(world.remixed(0)) > 5
    if seed == 0:
        assert rising


def test_growth_of_the_same_size_counts_more_where_there_was_less(ada, crowd, api):
    """Five new makers rise above five of whom as many came every day of the week before."""
    makers = [*crowd, *(cast.person(f"more{n}") for n in range(40))]
    clip = cast.clip()
    words = {"clip": clip, "provider": "preview", "model": "preview-1", "counted": True}
    steady, new = (Post(pk=moment_id(200, n), author=ada, **words) for n in (1, 2))
    today = [Post(pk=moment_id(2, n), author=makers[n], **words) for n in range(5)]
    again = [Post(pk=moment_id(3, n), author=makers[n], **words) for n in range(5)]
    before = [Post(pk=moment_id(30 + 3 * n, n), author=makers[10 + n], **words) for n in range(35)]
    Post.objects.bulk_create([steady, new, *today, *again, *before])
    edges = [*((new, post) for post in today), *((steady, post) for post in (*again, *before))]
    Edge.objects.bulk_create(Edge(source=one, derivation=other, kind="remix") for one, other in edges)
    leaderboards.count(Window.DAY)
    assert board(api(ada), "rising") == [(1, 5, new.pk)]
    assert dict(RankedPost.objects.filter(board="rising").values_list("post_id", "score")) == {new.pk: 5000}


# what is asked, and what it costs


def test_a_board_that_there_is_not_is_not_found(ada, api):
    assert api(ada).get("/v1/leaderboards/watched").status_code == 404
    assert api(ada).get("/v1/leaderboards/remixed", {"window": "year"}).status_code == 422
    assert api(ada).get("/v1/leaderboards/remixed").json() == {"items": [], "next": None}


def test_a_cursor_is_good_for_its_board_and_person_alone(ada, bo, crowd, api, settle):
    for post in [cast.post(ada) for _ in range(3)]:
        cast.post(crowd[0], sources=[post])
    settle()
    leaderboards.count(Window.DAY, Window.WEEK)
    cursor = api(bo).get("/v1/leaderboards/remixed", {"limit": 1}).json()["next"]
    for viewer, name, window in ((ada, "remixed", "week"), (bo, "rising", "week"), (bo, "remixed", "day")):
        answer = api(viewer).get(f"/v1/leaderboards/{name}", {"cursor": cursor, "window": window})
        assert answer.status_code == 422


def test_a_reader_meets_the_old_board_or_the_new_one(ada, crowd, settle, monkeypatch):
    """A count that fails half-way leaves what there was."""
    cast.post(crowd[0], sources=[source := cast.post(ada)])
    settle()
    leaderboards.count(Window.WEEK)
    monkeypatch.setattr(leaderboards, "_REMIXED", "SELECT 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        leaderboards.count(Window.WEEK)
    assert list(RankedPost.objects.values_list("post_id", flat=True)) == [source.pk]


@pytest.mark.parametrize("name", ["remixed", "cast"])
def test_a_page_costs_the_same_for_10_and_for_50_places(name, ada, bo, crowd, api, settle):
    for number in range(60):
        if name == "remixed":
            cast.post(crowd[number % 6], sources=[cast.post(ada)])
        else:
            face = cast.cameo(cast.person(f"face{number}"), audience="everyone")
            RankedCameo.objects.create(within="week", cameo=face, maker_count=number + 1)
    settle()
    if name == "remixed":
        leaderboards.count(Window.WEEK)
    client, costs = api(bo), {}
    client.get(f"/v1/leaderboards/{name}", {"limit": 100})
    for limit in (10, 50):
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/v1/leaderboards/{name}", {"limit": limit}).json()
        assert len(page["items"]) == limit
        costs[limit] = len(asked)
    assert costs[10] == costs[50] <= 5


def test_windows_are_as_long_as_they_say():
    assert {Window.DAY: timedelta(days=1), Window.WEEK: timedelta(days=7)} == leaderboards.SPANS
