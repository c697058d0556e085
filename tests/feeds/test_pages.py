"""Pages of a feed: no repeats, no gaps, nobody hidden shown, whatever happens meanwhile."""

import pytest

from feeds import logbook
from feeds.models import ServedPage
from sora_social.accounts import ties
from sora_social.core import bus
from sora_social.posts import posting
from tests import cast


def scroll(client, feed, *, limit=5, pages=50):
    """All ids of a feed, page by page."""
    seen, cursor = [], ""
    for _ in range(pages):
        answer = client.get("/v1/feed", {"feed": feed, "limit": limit, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        body = answer.json()
        seen.append([item["post"]["id"] for item in body["items"]])
        cursor = body["next"]
        if cursor is None:
            break
    return seen


def flat(pages):
    return [post_id for page in pages for post_id in page]


@pytest.fixture
def world(ada, bo, cy, settle):
    ties.follow(ada, "bo")
    posts = [cast.post(author, caption=f"#tag{n % 3}") for n in range(12) for author in (bo, cy)]
    settle()
    return posts


@pytest.mark.parametrize("feed", ["for_you", "latest"])
def test_a_feed_shows_everything_once_and_full_pages(feed, world, ada, api):
    pages = scroll(api(ada), feed)
    assert sorted(flat(pages)) == sorted(str(post.pk) for post in world)
    assert [len(page) for page in pages[:-1]] == [5] * (len(pages) - 1)


def test_following_shows_those_i_follow_newest_first(world, ada, bo, api):
    expected = [str(post.pk) for post in reversed(world) if post.author_id == bo.pk]
    assert flat(scroll(api(ada), "following")) == expected


@pytest.mark.parametrize("feed", ["for_you", "following", "latest"])
def test_posts_that_arrive_or_vanish_neither_repeat_nor_hide_others(feed, world, ada, bo, api):
    first = api(ada).get("/v1/feed", {"feed": feed, "limit": 5}).json()
    shown = [item["post"]["id"] for item in first["items"]]
    gone = [post for post in world if str(post.pk) not in shown and post.author_id == bo.pk][:3]
    for post in gone:
        posting.delete_post(bo, post.pk)
    cast.post(bo)
    cursor = first["next"]
    while cursor:
        page = api(ada).get("/v1/feed", {"feed": feed, "limit": 5, "cursor": cursor}).json()
        shown += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(shown) == len(set(shown))
    mine = [post for post in world if feed != "following" or post.author_id == bo.pk]
    assert {str(post.pk) for post in mine} - {str(post.pk) for post in gone} <= set(shown)
    assert not {str(post.pk) for post in gone} & set(shown)


def test_r06_redis_wiped_in_mid_scroll_repeats_nothing(world, ada, api):
    seen, cursor = [], ""
    while cursor is not None:
        page = api(ada).get("/v1/feed", {"limit": 4, "cursor": cursor}).json()
        seen += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
        bus.client().flushdb()
    assert sorted(seen) == sorted(str(post.pk) for post in world)


@pytest.mark.parametrize("feed", ["for_you", "following", "latest"])
def test_a_block_empties_feeds_at_the_next_page(feed, world, ada, bo, api):
    first = api(ada).get("/v1/feed", {"feed": feed, "limit": 5}).json()
    ties.block(bo, "ada")
    rest, cursor = [], first["next"]
    while cursor:
        page = api(ada).get("/v1/feed", {"feed": feed, "limit": 5, "cursor": cursor}).json()
        rest += page["items"]
        cursor = page["next"]
    assert "bo" not in {item["post"]["author"]["handle"] for item in rest}
    again = flat(scroll(api(ada), feed))
    assert not set(again) & {str(post.pk) for post in world if post.author_id == bo.pk}


def test_muted_and_unlisted_and_private_posts_do_not_come_up(ada, bo, cy, api, settle):
    ties.mute(ada, "cy")
    cast.post(cy)
    cast.post(bo, visibility="unlisted")
    cast.post(bo, visibility="private")
    cast.post(bo, visibility="followers")
    shown = cast.post(bo)
    settle()
    for feed in ("for_you", "latest"):
        assert flat(scroll(api(ada), feed)) == [str(shown.pk)]


def test_what_was_seen_in_an_earlier_session_comes_after_what_is_new(world, ada, bo, api, settle):
    earlier = set(flat(scroll(api(ada), "for_you")))
    new = [cast.post(bo) for _ in range(3)]
    settle()
    later = flat(scroll(api(ada), "for_you"))
    assert set(later[:3]) == {str(post.pk) for post in new}
    assert earlier <= set(later)


def test_a_cursor_is_small_and_of_one_person_and_feed(world, ada, bo, api):
    cursor = api(ada).get("/v1/feed", {"limit": 2}).json()["next"]
    assert len(cursor) < 60
    deep = api(ada).get("/v1/feed", {"limit": 2, "cursor": cursor}).json()["next"]
    assert len(deep) == len(cursor)
    for client, query in (
        (api(bo), {"cursor": cursor}),
        (api(ada), {"cursor": cursor, "feed": "latest"}),
        (api(ada), {"cursor": cursor[:-2] + "xx"}),
        (api(ada), {"cursor": "💥"}),
    ):
        answer = client.get("/v1/feed", query)
        assert answer.status_code == 422
        assert "cursor" in answer.json()["errors"]


def test_impressions_are_logged_with_what_the_ranker_learns_from(world, ada, api):
    page = api(ada).get("/v1/feed", {"limit": 5}).json()
    logbook.flush()
    logged = ServedPage.objects.get(viewer=ada)
    assert [str(post_id) for post_id in logged.post_ids] == [item["post"]["id"] for item in page["items"]]
    assert [item["impression_id"] for item in page["items"]] == [f"{logged.pk}-{n}" for n in range(5)]
    assert logged.model
    assert logged.candidate_set_hash
    assert len(logged.scores) == len(logged.reasons) == 5
    assert all(score > 0 for score in logged.scores)
    assert all(0 < propensity <= 1 for propensity in logged.propensities)


@pytest.mark.parametrize("feed", ["for_you", "following", "latest"])
@pytest.mark.parametrize("limit", [5, 20])
def test_f3_a_page_costs_the_same_queries_for_any_size(feed, limit, world, ada, api, django_assert_max_num_queries):
    client = api(ada)
    warm = client.get("/v1/feed", {"feed": feed, "limit": 1}).json()["next"]
    client.get("/v1/feed", {"feed": feed, "limit": limit, "cursor": warm})
    with django_assert_max_num_queries(4):  # the person, the order, the policy, what this process has not rendered
        client.get("/v1/feed", {"feed": feed, "limit": limit, "cursor": warm})


def test_each_item_says_why_and_the_question_can_be_asked_later(world, ada, bo, api):
    page = api(ada).get("/v1/feed").json()
    item = page["items"][0]
    assert item["why"]
    assert {"code", "text", "weight"} <= set(item["why"][0])
    assert api(ada).get(f"/v1/posts/{item['post']['id']}/why").json()["items"] == item["why"]
    assert api(bo).get(f"/v1/posts/{item['post']['id']}/why").status_code == 404
