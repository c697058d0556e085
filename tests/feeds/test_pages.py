"""Pages of a feed: no repeats, no gaps, nobody hidden shown, whatever happens meanwhile."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameos import consent
from cameos.models import Appearance, Cameo
from feeds import logbook
from feeds.models import Exposure, ServedPage
from feeds.order import pipeline, sources
from feeds.throttling import FreshFeedThrottle
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.core import bus
from sora_social.posts import posting
from sora_social.posts.models import Post
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


def many_posts(author, count, **fields):
    """Posts in bulk, all of one clip: rows to pass over, or a long scroll."""
    given = {"clip": cast.clip(), "provider": "preview", "model": "preview-1", **fields}
    Post.objects.bulk_create(Post(author=author, **given) for _ in range(count))


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


def test_a_snapshot_lost_late_in_a_long_scroll_repeats_nothing(ada, bo, api):
    many_posts(bo, 140)
    client, seen, cursor = api(ada), [], ""
    while cursor is not None and len(seen) <= 200:
        page = client.get("/v1/feed", {"limit": 1, "cursor": cursor}).json()
        seen += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
        if len(seen) == 130:
            for key in bus.client().scan_iter("feed:*"):
                bus.client().delete(key)
    assert len(seen) == len(set(seen)) == 140


def test_a_suspended_spammer_costs_a_page_only_a_few_rounds(ada, bo, cy, api, django_assert_max_num_queries):
    older = [cast.post(cy) for _ in range(7)]
    many_posts(bo, 400)
    newest = cast.post(cy)
    User.objects.filter(pk=bo.pk).update(is_active=False)
    client = api(ada)
    client.get("/v1/feed", {"feed": "following", "limit": 5})
    with django_assert_max_num_queries(10):  # the person, four rounds of order and policy, one rendering
        page = client.get("/v1/feed", {"feed": "latest", "limit": 5}).json()
    assert [item["post"]["id"] for item in page["items"]] == [str(newest.pk)]
    assert page["next"] is not None
    expected = [str(post.pk) for post in [newest, *reversed(older)]]
    assert flat(scroll(client, "latest")) == expected


def test_a_person_keeps_three_snapshots_and_an_older_scroll_still_repeats_nothing(world, ada, bo, api):
    client = api(ada)
    first = client.get("/v1/feed", {"limit": 5}).json()
    api(bo).get("/v1/feed")
    for _ in range(5):
        client.get("/v1/feed", {"limit": 1})
    snapshots = [key for key in bus.client().scan_iter(f"feed:{ada.pk}:*") if bus.client().type(key) == b"hash"]
    assert len(snapshots) == 3
    assert len(list(bus.client().scan_iter(f"feed:{bo.pk}:*"))) == 2  # nobody loses another's: a snapshot and the list
    assert all(bus.client().ttl(key) > 0 for key in bus.client().scan_iter("feed:*"))
    shown, cursor = [item["post"]["id"] for item in first["items"]], first["next"]
    while cursor:
        page = client.get("/v1/feed", {"limit": 5, "cursor": cursor}).json()
        shown += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(shown) == len(set(shown))


def test_fresh_pages_of_for_you_have_a_limit_and_following_pages_none(world, ada, bo, api, monkeypatch):
    monkeypatch.setattr(FreshFeedThrottle, "rate", "3/min", raising=False)
    client = api(ada)
    for _ in range(3):
        page = client.get("/v1/feed", {"limit": 2})
        assert page.status_code == 200
    refused = client.get("/v1/feed", {"limit": 2})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused["Retry-After"]) >= 1
    assert client.get("/v1/feed", {"feed": "for_you"}).status_code == 429
    for another_way in ({"feed": "mood", "mood": "calm"}, {"cursor": " "}, {"cursor": "begin"}, {"cursor": " begin "}):
        assert client.get("/v1/feed", another_way).status_code == 429, another_way
    for _ in range(5):
        assert client.get("/v1/feed", {"limit": 2, "cursor": page.json()["next"]}).status_code == 200
        assert client.get("/v1/feed", {"feed": "latest"}).status_code == 200
    assert api(bo).get("/v1/feed").status_code == 200


def query_of(viewer):
    return pipeline.ask(viewer, order_id=1, began=1)


def proposed_by(name, viewer):
    (source,) = (source for source in sources.FOR_ONE if source.name == name)
    return sources.propose(query_of(viewer), [source]).ids


def test_only_what_may_be_shown_takes_places_of_first_exposure(ada, bo, cy, settle):
    shown = cast.post(cy)
    for _ in range(20):
        cast.post(bo, visibility="private")
        cast.post(bo, shown_at=timezone.now() + timedelta(hours=1))
        posting.delete_post(bo, cast.post(bo).pk)
        cast.post(bo, visibility="unlisted")
    settle()
    assert proposed_by("exploration", ada) == [shown.pk]


def test_first_exposure_goes_to_the_newest_and_to_those_who_wait_longest(ada, bo, settle):
    posts = [cast.post(bo).pk for _ in range(100)]
    settle()
    assert sorted(proposed_by("exploration", ada)) == posts[:40] + posts[-40:]


def test_first_exposure_outranks_the_merely_new_when_places_are_few(ada, bo, cy, settle, settings):
    waiting = cast.post(cy)
    settle()
    many_posts(bo, 30)
    settings.FEED_CANDIDATES = 10
    query = query_of(ada)
    assert waiting.pk in pipeline.allow(query, sources.propose(query)).new


def test_scheduled_posts_take_no_places_of_fresh_ones(ada, bo, cy):
    shown = cast.post(cy)
    many_posts(bo, 210, shown_at=timezone.now() + timedelta(hours=1))
    assert proposed_by("fresh", ada) == [shown.pk]


def many_posts_casting(face, author, count):
    """Posts in bulk that cast a face, waiting for their first viewers."""
    many_posts(author, count, cast_count=1)
    posts = Post.objects.filter(author=author, cast_count=1)
    Exposure.objects.bulk_create(Exposure(post=post) for post in posts)
    Appearance.objects.bulk_create(
        Appearance(
            cameo=face, requester=author, job_id=post.pk, draft_id=post.pk, post_id=post.pk, terms_version=1, epoch=1
        )
        for post in posts
    )


def run_out(owner, face):
    Cameo.objects.filter(pk=face.pk).update(in_force_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(
    "end", [lambda owner, face: consent.revoke(owner, face.pk, mode=consent.Mode.UNPUBLISH_ALL), run_out]
)
def test_consent_that_ends_in_a_mass_leaves_no_source_empty(end, ada, bo, cy, settle):
    shown = cast.post(cy)
    face = cast.cameo(bo, audience="everyone")
    many_posts_casting(face, cast.person("dee"), 210)
    settle()
    assert shown.pk not in proposed_by("fresh", ada)
    end(bo, face)
    assert proposed_by("fresh", ada) == [shown.pk]
    assert proposed_by("exploration", ada) == [shown.pk]


def test_what_was_withdrawn_waits_for_no_viewers_until_it_comes_back(ada, settle):
    post = cast.post(ada)
    settle()
    Exposure.objects.filter(post=post).update(impression_count=3)
    posting.remove_post(post.pk)
    settle()
    assert Exposure.objects.get(post=post).waits is False
    posting.restore_post(post.pk)
    settle()
    assert Exposure.objects.filter(post=post, waits=True, impression_count=3).exists()


@pytest.mark.parametrize("feed", ["best", "FOR_YOU"])
def test_a_feed_that_does_not_exist_is_refused(feed, ada, api):
    answer = api(ada).get("/v1/feed", {"feed": feed})
    assert answer.status_code == 422
    assert "feed" in answer.json()["errors"]


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


def test_what_was_seen_in_an_earlier_session_comes_after_what_is_new(world, ada, bo, cy, api, settle):
    earlier = set(flat(scroll(api(ada), "for_you")))
    new = [cast.post(author) for author in (bo, cy, bo)]
    settle()
    later = flat(scroll(api(ada), "for_you"))
    assert set(later[:3]) == {str(post.pk) for post in new}
    assert earlier <= set(later)


def test_a_cursor_is_small_and_of_one_person_and_feed(world, ada, bo, api):
    cursor = api(ada).get("/v1/feed", {"limit": 2}).json()["next"]
    assert len(cursor) <= 64
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
