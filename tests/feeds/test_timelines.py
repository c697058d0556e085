"""Lists of Following: never taken for more than they are, whatever happens meanwhile."""

import tempfile
import threading
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from struct import pack

import pytest
import redis
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from feeds.models import LoudAuthor
from feeds.order import following, timelines
from sora_social.accounts import ties
from sora_social.accounts.models import Follow, User
from sora_social.core import bus, embedded, outbox
from sora_social.core.children import Child
from sora_social.core.models import OutboxEvent
from sora_social.posts import posting
from sora_social.posts.events import PostPublished
from sora_social.posts.models import Post
from tests import cast
from tests.feeds import interleavings as taking_turns
from tests.feeds.test_pages import flat, many_posts, scroll


def key(viewer):
    return f"timeline:{viewer.pk}"


def list_of(viewer):
    """The ids in a list, newest first, and its mark; None when there is none to rely on."""
    found = timelines.window(viewer.pk, before=following.NEWEST, count=10_000)
    return (list(found.ids), found.floor) if isinstance(found, timelines.Window) else None


def look(viewer, count=20, **words):
    return following.newest(viewer, count=count, **words)


@pytest.fixture
def fans(ada, bo, cy, settle):
    """ada follows bo and cy, and has looked."""
    ties.follow(ada, "bo")
    ties.follow(ada, "cy")
    posts = [cast.post(author) for _ in range(3) for author in (bo, cy)]
    settle()
    look(ada)
    assert list_of(ada) == ([post.pk for post in reversed(posts)], 0)
    return posts


def test_a_post_is_pushed_to_who_has_looked_and_to_nobody_else(fans, ada, bo, cy, settle):
    ties.follow(cy, "bo")
    settle()
    post = cast.post(bo)
    settle()
    assert list_of(ada)[0] == [post.pk, *(old.pk for old in reversed(fans))]
    assert [name.decode() for name in bus.client().scan_iter("timeline:*")] == [key(ada)]
    assert 0 < bus.client().ttl(key(ada)) <= 7 * 86_400


def test_a_list_is_relied_on_until_so_many_wait_to_be_pushed_counted_once_each(fans, ada):
    rows = [OutboxEvent(kind="PostPublished", payload={"post_id": 1}, goes_first=True) for _ in range(2_001)]
    OutboxEvent.objects.bulk_create(rows)  # the parts that count, and push nothing
    assert following.listed(ada, count=20) is not None
    OutboxEvent.objects.update(goes_first=False)
    assert following.listed(ada, count=20) is None


def test_a_look_keeps_the_list_for_another_week(fans, ada, bo, settle):
    bus.client().expire(key(ada), 10)
    cast.post(bo)
    settle()
    assert bus.client().ttl(key(ada)) <= 10  # a push does not
    look(ada)
    assert bus.client().ttl(key(ada)) > 600_000


def test_a_post_is_there_before_it_is_pushed(fans, ada, bo, settle):
    post = cast.post(bo)
    assert look(ada)[0] == post.pk
    assert post.pk not in list_of(ada)[0]
    settle()
    assert look(ada)[0] == list_of(ada)[0][0] == post.pk


def test_a_post_whose_push_fails_stays_there_and_is_pushed_later(fans, ada, bo, settle, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(timelines, "_pushed", _no_redis)
        post = cast.post(bo)
        settle()
        assert OutboxEvent.objects.filter(kind="PostPublished", attempts=1).exists()
        assert look(ada)[0] == post.pk
    OutboxEvent.objects.update(due_at="2025-01-01T00:00:00Z")
    settle()
    assert list_of(ada)[0][0] == post.pk
    assert not OutboxEvent.objects.exists()


def _no_redis(*args):
    raise redis.ConnectionError("gone")


def test_my_own_post_is_there_at_once_for_me_and_in_nobodys_list_of_mine(fans, ada, api, settle):
    post = cast.post(ada)
    item = api(ada).get("/v1/feed", {"feed": "following"}).json()["items"][0]
    assert (item["post"]["id"], item["why"][0]["code"]) == (str(post.pk), "mine")
    settle()
    assert look(ada)[0] == post.pk
    assert post.pk not in list_of(ada)[0]


def test_whom_i_follow_now_is_there_from_the_next_page_on(fans, ada, settle):
    dee = cast.person("dee")
    old = [cast.post(dee).pk for _ in range(2)]
    settle()
    ties.follow(ada, "dee")
    assert set(old) <= set(look(ada))
    settle()
    assert list_of(ada) is None
    assert set(old) <= set(look(ada))
    assert set(old) <= set(list_of(ada)[0])


@pytest.mark.parametrize("part", [lambda ada, bo: ties.unfollow(ada, "bo"), lambda ada, bo: ties.block(bo, "ada")])
def test_whom_i_follow_no_more_is_gone_from_the_next_page_on(part, fans, ada, bo, cy, settle):
    part(ada, bo)
    of_cy = [post.pk for post in reversed(fans) if post.author_id == cy.pk]
    assert look(ada) == of_cy
    settle()
    assert list_of(ada) is None
    assert look(ada) == of_cy


def test_a_scheduled_post_takes_its_place_among_older_ones_when_its_time_has_come(fans, ada, bo, cy, settle):
    scheduled = cast.post(bo)
    OutboxEvent.objects.update(due_at="2099-01-01T00:00:00Z")
    later = cast.post(cy)
    settle()
    assert look(ada)[0] == later.pk
    OutboxEvent.objects.update(due_at="2025-01-01T00:00:00Z")
    settle()
    assert list_of(ada)[0][:2] == [later.pk, scheduled.pk]


def test_a_list_that_is_full_forgets_the_oldest_and_knows_it(fans, ada, bo, settle, settings):
    settings.TIMELINE_POSTS = 8
    for _ in range(5):
        cast.post(bo)
        settle()
    ids, mark = list_of(ada)
    assert (len(ids), mark) == (8, ids[-1])
    expected = list(Post.objects.order_by("-pk").values_list("pk", flat=True))
    assert len(expected) == 11
    assert look(ada, 20) == expected
    assert look(ada, 4, before=ids[5]) == expected[6:10]
    assert look(ada, 4, before=expected[9]) == expected[10:]


def test_what_is_pushed_below_the_mark_is_left_to_the_database(fans, ada, bo, settle, monkeypatch):
    monkeypatch.setattr(timelines, "FILLED_WITH", 3)
    timelines._delete([ada.pk])
    look(ada)
    ids, mark = list_of(ada)
    assert (len(ids), mark) == (3, ids[-1])
    timelines.push(PostPublished(fans[0].pk))
    assert list_of(ada) == (ids, mark)
    assert look(ada) == [post.pk for post in reversed(fans)]


def test_pushing_twice_changes_nothing(fans, ada, settle):
    before = list_of(ada)
    for post in fans:
        timelines.push(PostPublished(post.pk))
    assert list_of(ada) == before


def test_a_loud_author_is_pulled_and_the_step_to_it_leaves_no_hole(fans, ada, bo, cy, settle, settings):
    settings.FANOUT_AT_MOST = 1
    ties.follow(cy, "bo")
    settle()
    look(ada)
    posts = [cast.post(bo).pk for _ in range(2)]
    assert look(ada)[:2] == posts[::-1]
    settle()
    assert list(LoudAuthor.objects.values_list("pk", flat=True)) == [bo.pk]
    assert not set(posts) & set(list_of(ada)[0])
    assert look(ada) == [*posts[::-1], *(post.pk for post in reversed(fans))]
    ties.unfollow(cy, "bo")  # fewer again: still loud, as lists made meanwhile do without their posts
    settle()
    posts.append(cast.post(bo).pk)
    settle()
    assert look(ada)[:3] == posts[::-1]
    assert not set(posts) & set(list_of(ada)[0])


def test_a_backlog_of_events_makes_lists_untrusted_and_pages_no_dearer(fans, ada, bo, monkeypatch):
    monkeypatch.setattr(following, "BESIDE", following.BESIDE.replace("2000", "1").replace("2001", "2"))
    posts = [cast.post(bo).pk for _ in range(4)]
    assert look(ada)[:4] == posts[::-1]


@pytest.mark.parametrize(
    "lose", [lambda: bus.client().flushdb(), lambda: bus.client().delete(*bus.client().scan_iter("timeline:*"))]
)
def test_r06_a_lost_list_is_made_again_and_no_page_is_blank(lose, fans, ada, bo, api, settle):
    expected = [str(post.pk) for post in reversed(fans)]
    client, seen, cursor = api(ada), [], ""
    while cursor is not None:
        lose()
        page = client.get("/v1/feed", {"feed": "following", "limit": 2, "cursor": cursor}).json()
        seen += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == expected
    assert list_of(ada)[0] == [int(post_id) for post_id in expected]


@contextmanager
def without_redis(monkeypatch):
    with monkeypatch.context() as broken:
        dead = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 1))
        broken.setattr(bus, "client", lambda: dead)
        timelines._script.cache_clear()
        yield
    timelines._script.cache_clear()


def test_without_redis_following_is_read_from_the_database(fans, ada, bo, api, settle, monkeypatch):
    client = api(ada)
    with without_redis(monkeypatch):
        post = cast.post(bo)
        shown = flat(scroll(client, "following", limit=3))
    assert shown == [str(post.pk), *(str(old.pk) for old in reversed(fans))]
    assert look(ada)[0] == post.pk


def test_a_list_of_another_run_of_redis_is_nobodys(fans, ada, bo, monkeypatch):
    """A restart from an old copy, a replica that took over: pushes may be missing."""
    list_before = bus.client().get(key(ada))
    timelines.push(PostPublished(cast.post(bo).pk))
    OutboxEvent.objects.all().delete()
    bus.client().set(key(ada), list_before)  # the old copy
    assert look(ada) == [post.pk for post in reversed(fans)]  # a hole, were it not for the run
    monkeypatch.setattr(bus, "_server_run", b"nextrun.")
    assert len(look(ada)) == len(fans) + 1
    assert bus.client().get(key(ada))[8:16] == b"nextrun."
    assert len(list_of(ada)[0]) == len(fans) + 1


@pytest.fixture
def own_redis(tmp_path, settings):
    """A Redis server of the test's own, that keeps what it is told to save; call it to kill it and start it again."""
    folder = Path(tempfile.mkdtemp(prefix="sora-redis-"))  # a socket's path is short
    server = Child(
        name="redis",
        argv=[
            embedded._redis_program(),
            "--port",
            "0",
            "--unixsocket",
            f"{folder}/s",
            "--dir",
            str(folder),
            "--save",
            "",
        ],
        log=tmp_path / "redis.log",
    )

    def start():
        if server.is_running:
            server.process.kill()
            server.process.wait()
        assert embedded._redis_answers(server, folder / "s")

    start()
    settings.REDIS_URL = f"unix://{folder}/s?db=0"
    bus.client.cache_clear(), timelines._script.cache_clear()
    yield start
    server.stop()
    bus.client.cache_clear(), timelines._script.cache_clear()


def test_r06_redis_that_comes_back_with_an_old_copy_hides_no_post(own_redis, ada, bo, settle):
    ties.follow(ada, "bo")
    posts = [cast.post(bo).pk]
    settle()
    assert look(ada) == posts
    bus.client().save()
    posts.insert(0, cast.post(bo).pk)
    settle()
    assert list_of(ada)[0] == posts
    own_redis()
    assert len(bus.client().get(key(ada))) == timelines.HEAD + 8  # the list as it was, without what was pushed since
    assert look(ada) == posts
    assert list_of(ada)[0] == posts


def test_a_warm_page_of_following_costs_three_statements_beside_the_session(
    fans, ada, bo, cy, api, settle, django_assert_num_queries
):
    cast.post(bo, sources=[cast.post(cy)])
    settle()
    client = api(ada)
    for limit in (5, 5, 8, 8):
        client.get("/v1/feed", {"feed": "following", "limit": limit})
    for limit in (5, 8):
        with django_assert_num_queries(4):  # the person; what is beside the list; the policy; the known sources
            assert len(client.get("/v1/feed", {"feed": "following", "limit": limit}).json()["items"]) == limit


def test_both_ways_to_read_the_database_agree(ada, settle):
    chance = Random(7)
    authors = [cast.person(f"author{n}") for n in range(6)]
    for author in authors[:4]:
        ties.follow(ada, author.handle)
    many_posts(authors[0], 30)
    for _ in range(60):
        cast.post(chance.choice(authors))
    followed = [author.pk for author in authors[:4]]
    expected = list(Post.objects.filter(author__in=followed).order_by("-pk").values_list("pk", flat=True))
    for count in (1, 2, 3, 5, 20, 200):
        for before in (following.NEWEST, expected[10], expected[-1]):
            wanted = [post_id for post_id in expected if post_id < before][:count]
            for following_count in (0, following.SCANNED_FROM):
                ada.following_count = following_count
                assert following.followed_by(ada, before=before, count=count) == wanted


# every order in which a look and what happens meanwhile can take turns


@pytest.fixture
def scenes(ada, bo, cy, settle):
    ties.follow(ada, "bo")
    for author in (bo, cy, bo):
        cast.post(author)
    settle()

    def nothing():
        """No list."""

    def a_list():
        look(ada, taking_turns.COUNT)

    def somebody_at_it():
        timelines.begin(ada.pk)

    def somebody_who_went_away():
        timelines.begin(ada.pk)
        stored = bus.client().get(key(ada))
        bus.client().set(key(ada), pack(">q", 1) + stored[8:], ex=99)

    prepared = [
        ("a list", a_list, 2),
        ("nothing", nothing, 4),
        ("at it", somebody_at_it, 3),
        ("away", somebody_who_went_away, 4),
    ]
    others = {
        "publishing": lambda: taking_turns.publishing(bo),
        "following more": lambda: taking_turns.following_more(ada, "cy"),
        "following less": lambda: taking_turns.following_less(ada, "bo"),
        "becoming loud": lambda: taking_turns.becoming_loud(bo),
        "losing Redis": lambda: taking_turns.losing_redis(bo),
        "following more, others look": lambda: taking_turns.following_more_while_others_look(ada, "cy"),
    }
    return [
        taking_turns.Scene(f"{left}, {what}", prepare, turns, acts)
        for left, prepare, turns in prepared
        for what, acts in others.items()
        if left != "away" or what == "publishing"
    ]


def test_no_order_of_steps_leaves_a_hole(scenes, ada):
    assert list(islice(taking_turns.breaks(ada, scenes), 3)) == []


def _built_before_it_is_begun(monkeypatch):
    def build(viewer, before, count):
        rising = following.followed_by(viewer, before=following.NEWEST, count=timelines.FILLED_WITH)[::-1]
        token = timelines.begin(viewer.pk)
        if token is None:
            return timelines.Absence.NOT_NOW
        timelines.fill(viewer.pk, token, rising, mark=0)
        return timelines.Window.cut(rising, 0, before=before, count=count)

    monkeypatch.setattr(following, "_build", build)


def _changed(name, old, new):
    def change(monkeypatch):
        text = getattr(timelines, name)
        assert old in text
        monkeypatch.setattr(timelines, name, text.replace(old, new))

    return change


def _list_before_what_is_beside(monkeypatch):
    def list_and_beside(viewer, before, count):
        found = timelines.window(viewer.pk, before=before, count=count)
        beside = following._rows(following.BESIDE, viewer, before, count)
        return [post_id for post_id in beside if post_id], timelines.Absence.NOT_NOW if 0 in beside else found

    monkeypatch.setattr(following, "beside_and_list", list_and_beside)


def _beside_without(old, new):
    def change(monkeypatch):
        assert old in following.BESIDE
        monkeypatch.setattr(following, "BESIDE", following.BESIDE.replace(old, new))

    return change


MUTANTS = {
    "read before it is begun": _built_before_it_is_begun,
    "filled whatever the token": _changed("_FILL", "string.sub(list, 1, 16) ~= string.sub(ARGV[1], 1, 16)", "false"),
    "what was pushed meanwhile is lost": _changed("_FILL", "for place = 25, #list, 8 do", "for place = 1, 0 do"),
    "the list is read first": _list_before_what_is_beside,
    "the outbox is not read": _beside_without("w.kind = 'PostPublished'", "false"),
    "follows on their way are not asked for": _beside_without("'PersonFollowed', ", ""),
    "unfollows on their way are not asked for": _beside_without(", 'PersonUnfollowed'", ""),
    "loud authors are not pulled": _beside_without(
        "FROM feeds_loudauthor l\n", "FROM feeds_loudauthor l JOIN (SELECT WHERE false) none ON true\n"
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_the_orders_of_steps_see_a_mutant(mutant, scenes, ada, monkeypatch):
    mutant(monkeypatch)
    assert list(islice(taking_turns.breaks(ada, scenes), 1))


def test_a_push_to_who_went_away_meanwhile_is_taken_back(fans, ada, bo, cy, settle, monkeypatch):
    pushed = timelines._pushed

    def unfollowed_meanwhile(post_id, viewer_ids):
        ties.unfollow(ada, "bo")
        timelines._delete([ada.pk])
        OutboxEvent.objects.filter(kind="PersonUnfollowed").delete()
        look(ada)
        return pushed(post_id, viewer_ids)

    monkeypatch.setattr(timelines, "_pushed", unfollowed_meanwhile)
    timelines.push(PostPublished(cast.post(bo).pk))
    OutboxEvent.objects.all().delete()
    assert look(ada) == [post.pk for post in reversed(fans) if post.author_id == cy.pk]


# real concurrency


def test_readers_writers_and_followers_at_once_leave_no_hole(committed):
    ada, bo, cy, dee = (cast.person(name) for name in ("ada", "bo", "cy", "dee"))
    ties.follow(ada, "bo"), ties.follow(ada, "cy")
    stop, failures, told = threading.Event(), [], {bo.pk: [], cy.pk: []}

    def run(act):
        try:
            while not stop.is_set():
                act()
        except BaseException as error:  # a thread's failure is the test's
            failures.append(error)
        finally:
            connection.close()

    def publish(author):
        told[author.pk].append(cast.post(author).pk)

    def read():
        known = [post_id for ids in told.values() for post_id in list(ids)]
        seen = look(ada, 10_000)
        assert set(known) <= set(seen), f"missed {set(known) - set(seen)}"
        assert seen == sorted(set(seen), reverse=True)

    def waver():
        ties.follow(ada, "dee")
        ties.unfollow(ada, "dee")

    def forget():
        bus.client().delete(key(ada))

    acts = [lambda: publish(bo), lambda: publish(cy), read, read, outbox.relay, waver, forget]
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    stop.wait(4.0)
    stop.set()
    for thread in threads:
        thread.join(60)
    assert not failures, failures
    while outbox.relay():
        pass
    authors = [ada.pk, *Follow.objects.filter(follower=ada).values_list("followee", flat=True)]
    expected = list(Post.objects.filter(author__in=authors).order_by("-pk").values_list("pk", flat=True))
    assert len(expected) > 20
    for _ in range(2):
        assert look(User.objects.get(pk=ada.pk), 10_000) == expected
    assert list_of(ada)[0][:50] == expected[:50]
    assert dee.pk not in authors


def test_a_deleted_post_costs_no_gap(fans, ada, bo, api, settle):
    client = api(ada)
    first = client.get("/v1/feed", {"feed": "following", "limit": 2}).json()
    posting.delete_post(bo, fans[2].pk)
    rest = client.get("/v1/feed", {"feed": "following", "limit": 9, "cursor": first["next"]}).json()
    expected = [str(post.pk) for post in reversed(fans) if post.pk != fans[2].pk]
    assert [item["post"]["id"] for item in first["items"] + rest["items"]] == expected
