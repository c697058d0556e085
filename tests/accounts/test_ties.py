"""Follow, block, mute, names: what each does to what people see of each other."""

import pytest

from feeds.order import most_made
from feeds.pages import FEEDS
from sora_social.accounts import people, ties
from sora_social.accounts.models import Block, Follow, Handle, Mute, User
from sora_social.posts import reactions
from sora_social.posts.comments import commenting
from sora_social.studio.templates.recipes import credit_of
from tests import cast
from tests.access.scene import fingerprint


def profile(api, viewer, handle):
    return api(viewer).get(f"/v1/people/{handle}")


def counts(api, viewer, handle) -> tuple[int, int]:
    found = profile(api, viewer, handle).json()["counts"]
    return found["followers"], found["following"]


# following


def test_following_twice_is_following_once(ada, bo, api, settle):
    for _ in range(2):
        assert api(ada).put("/v1/people/bo/follow").status_code == 204
    settle()
    assert profile(api, ada, "bo").json()["viewer"] == {
        "follows": True,
        "followed_by": False,
        "blocks": False,
        "mutes": False,
    }
    assert profile(api, bo, "ada").json()["viewer"]["followed_by"] is True
    assert counts(api, bo, "bo") == (1, 0)
    assert counts(api, bo, "ada") == (0, 1)
    for _ in range(2):
        assert api(ada).delete("/v1/people/bo/follow").status_code == 204
    settle()
    assert counts(api, bo, "bo") == counts(api, bo, "ada") == (0, 0)


def test_nobody_follows_blocks_or_mutes_themselves(ada, api):
    before = fingerprint()
    for act in ("follow", "block", "mute"):
        answer = api(ada).put(f"/v1/people/ada/{act}")
        assert (answer.status_code, answer.json()["errors"]["handle"][0]["code"]) == (422, "yourself")
    assert fingerprint() == before


def test_followers_and_following_are_pages_without_repeats_newest_first(ada, api):
    fans = [cast.person(f"fan{number}") for number in range(5)]
    for fan in fans:
        ties.follow(fan, "ada")
    seen, cursor = [], ""
    while cursor is not None:
        page = api(ada).get(f"/v1/people/ada/followers?limit=2&cursor={cursor}").json()
        seen += [person["handle"] for person in page["items"]]
        cursor = page["next"]
        if len(seen) == 2:  # somebody arrives and somebody leaves while we read
            ties.follow(cast.person("late"), "ada")
            ties.unfollow(fans[4], "ada")
    assert seen == ["fan4", "fan3", "fan2", "fan1", "fan0"]


# names


def test_a_new_handle_leaves_the_old_one_leading_to_its_owner(ada, bo, api):
    assert api(ada).patch("/v1/me", {"handle": "Countess"}).json()["handle"] == "countess"
    for name in ("ada", "ADA", "countess"):
        assert profile(api, bo, name).json()["handle"] == "countess"
    assert api(bo).put("/v1/people/ada/follow").status_code == 204
    answer = api(bo).patch("/v1/me", {"handle": "ada"})
    assert (answer.status_code, answer.json()["errors"]["handle"][0]["code"]) == (422, "handle_taken")
    assert api(ada).patch("/v1/me", {"handle": "ada"}).json()["handle"] == "ada"
    assert set(Handle.objects.filter(person=ada).values_list("name", flat=True)) == {"ada", "countess"}


@pytest.mark.parametrize("handle", ["ab", "a" * 31, "with space", "émile", "me", "ａｄａ２", ""])
def test_what_is_no_handle_is_no_new_handle(handle, ada, api):
    before = fingerprint()
    answer = api(ada).patch("/v1/me", {"handle": handle, "bio": "changed"})
    assert answer.status_code == 422
    assert "handle" in answer.json()["errors"]
    assert fingerprint() == before


def test_a_handle_is_taken_once_however_many_ask_for_it(committed, at_once):
    crowd = [cast.person(f"person{number}") for number in range(6)]
    at_once(lambda number: people.update_profile(crowd[number], handle="nina"), 6)
    assert User.objects.filter(handle="nina").count() == 1
    assert Handle.objects.get(name="nina").person.handle == "nina"


# muting


@pytest.fixture
def pattern(mod):
    return cast.template(mod)


@pytest.fixture
def feeds(mod, pattern):
    """The query of every feed: those that are of one are of #sea, a challenge, a template, a mood that the sea has."""
    of_one = {
        "tag": "&tag=sea",
        "challenge": f"&challenge={cast.challenge(mod).pk}",
        "template": f"&template={pattern.pk}",
        "mood": "&mood=calm",
    }
    return {feed: feed + of_one.get(feed, "") for feed in FEEDS}


def made_with(pattern) -> dict:
    return {"sources": [pattern.post], "kind": "template", "template": credit_of(pattern.recipe)}


def into(feeds) -> int:
    return int(feeds["challenge"].rpartition("=")[2])


def test_a_mute_is_nobodys_business_and_keeps_posts_out_of_feeds(ada, bo, cy, api, settle, feeds, pattern):
    post = cast.post(bo, caption="hello #sea", challenge_id=into(feeds), **made_with(pattern))
    for fan in (ada, cy):
        ties.follow(fan, "bo")
    cast.post(cast.person("dee"), sources=[post])
    settle()
    most_made.count()
    for feed in feeds.values():
        assert str(post.pk) in shown(api, cy, f"/v1/feed?feed={feed}")
    assert str(post.pk) in shown(api, ada, "/v1/feed?feed=latest")
    assert api(ada).put("/v1/people/bo/mute").status_code == 204
    for feed in feeds.values():
        assert str(post.pk) not in shown(api, ada, f"/v1/feed?feed={feed}")
    assert api(ada).get(f"/v1/posts/{post.pk}").status_code == 200
    assert profile(api, ada, "bo").json()["viewer"]["mutes"] is True
    assert profile(api, bo, "ada").json()["viewer"]["mutes"] is False
    assert str(post.pk) in shown(api, cy, "/v1/feed?feed=latest")
    assert api(ada).delete("/v1/people/bo/mute").status_code == 204
    assert str(post.pk) in shown(api, ada, "/v1/feed?feed=latest")
    assert not Mute.objects.exists()


def shown(api, viewer, path) -> set[str]:
    answer = api(viewer).get(path)
    assert answer.status_code == 200, answer.content
    return {item["post"]["id"] for item in answer.json()["items"]}


# blocking: two-way, total, from the next request on


@pytest.fixture
def neighbours(ada, bo, cy, settle, feeds, pattern):
    """Ada and bo with everything between them that can be; cy in the middle."""
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    for fan in (ada, bo):
        ties.follow(fan, "cy")
        ties.follow(cy, fan.handle)
    posts = {}
    for one, other in ((ada, bo), (bo, ada)):
        post = cast.post(one, caption="hello #sea", challenge_id=into(feeds), **made_with(pattern))
        remix = cast.post(other, sources=[post], caption="again #sea")
        posts[one.handle] = post
        posts[f"{other.handle} remixed"] = remix
        commenting.say(other, post.pk, text=f"{other.handle} was here")
        reactions.save(other, post.pk)
    root = cast.post(cy, caption="by cy #sea")
    for one in (ada, bo):
        posts[f"{one.handle} on cy"] = cast.post(one, sources=[root])
        commenting.say(one, root.pk, text=f"{one.handle} at cy's")
    posts["cy"] = root
    settle()
    return posts


def everything(api, viewer, posts, feeds) -> str:
    """All that a person can list or open, as text."""
    client = api(viewer)
    paths = ["/v1/me/saves", "/v1/me/blocks", "/v1/tags/sea", "/v1/invites"]
    paths += [f"/v1/feed?feed={feed}&limit=100" for feed in feeds.values()]
    for handle in ("ada", "bo", "cy"):
        paths += [f"/v1/people/{handle}{part}" for part in ("", "/posts", "/followers", "/following")]
    for post in posts.values():
        paths += [f"/v1/posts/{post.pk}{part}" for part in ("", "/comments", "/comments?after_seq=0", "/remixes")]
        paths += [f"/v1/posts/{post.pk}{part}" for part in ("/lineage", "/tree", "/remixes?sort=top")]
    answers = [client.get(path) for path in paths]
    odd = [
        (path, answer.status_code)
        for path, answer in zip(paths, answers, strict=True)
        if answer.status_code not in {200, 404}
    ]
    assert odd == []
    return "\n".join(answer.content.decode() for answer in answers)


@pytest.mark.parametrize("blocker", ["ada", "bo"])
def test_behind_a_block_nothing_of_the_other_is_left_in_any_list(blocker, ada, bo, cy, api, neighbours, feeds):
    crowd = {"ada": ada, "bo": bo}
    other = "bo" if blocker == "ada" else "ada"
    assert other in everything(api, crowd[blocker], neighbours, feeds)
    assert api(crowd[blocker]).put(f"/v1/people/{other}/block").status_code == 204
    for viewer, hidden in ((crowd[blocker], crowd[other]), (crowd[other], crowd[blocker])):
        seen = everything(api, viewer, neighbours, feeds)
        if viewer.handle == blocker:  # the list of my own blocks names whom I blocked, and nothing else does
            mine = api(viewer).get("/v1/me/blocks").content.decode()
            assert hidden.handle in mine
            seen = seen.replace(mine, "")
        assert f'"handle":"{hidden.handle}"' not in seen
        assert str(hidden.pk) not in seen
        assert f"{hidden.handle} was here" not in seen
        assert f"{hidden.handle} at cy" not in seen
        for post in neighbours.values():
            if post.author_id == hidden.pk:
                answer = api(viewer).get(f"/v1/posts/{post.pk}")
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "ada" in everything(api, cy, neighbours, feeds)
    assert "bo" in everything(api, cy, neighbours, feeds)


@pytest.mark.parametrize("act", ["follow", "mute", "block"])
def test_across_a_block_no_tie_can_be_made_by_who_is_blocked(act, ada, bo, api):
    ties.block(ada, "bo")
    before = fingerprint()
    answer = api(bo).put(f"/v1/people/ada/{act}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert fingerprint() == before


def test_a_block_and_nobody_at_all_are_one_answer(ada, bo, api):
    ties.block(ada, "bo")
    for path in ("", "/posts", "/followers", "/following"):
        walled, nobody = api(bo).get(f"/v1/people/ada{path}"), api(bo).get(f"/v1/people/nobody{path}")
        words = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in (walled, nobody)]
        assert words[0] == words[1]


def test_a_block_ends_follows_in_both_directions_for_good(ada, bo, api, settle):
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    ties.block(ada, "bo")
    settle()
    assert not Follow.objects.exists()
    assert api(ada).delete("/v1/people/bo/block").status_code == 204
    assert not Block.objects.exists()
    assert not Follow.objects.exists()
    assert counts(api, ada, "ada") == counts(api, ada, "bo") == (0, 0)


def test_an_old_handle_does_not_lead_around_a_block(ada, bo, api):
    api(ada).patch("/v1/me", {"handle": "countess"})
    ties.block(ada, "bo")
    for name in ("ada", "countess"):
        assert profile(api, bo, name).status_code == 404


def test_blocking_by_an_old_handle_and_again_blocks_once(ada, bo, api):
    api(bo).patch("/v1/me", {"handle": "bodil"})
    for name in ("bo", "bodil", "bo"):
        assert api(ada).put(f"/v1/people/{name}/block").status_code == 204
    assert Block.objects.count() == 1
    assert api(ada).delete("/v1/people/bo/block").status_code == 204
    assert not Block.objects.exists()


def test_follow_and_block_at_once_never_leave_a_follow_across_the_wall(committed, at_once):
    ada, bo = cast.person("ada"), cast.person("bo")
    for _ in range(10):
        at_once(lambda number: ties.follow(bo, "ada") if number % 2 else ties.block(ada, "bo"), 4)
        assert Block.objects.count() == 1
        assert Follow.objects.count() == 0
        ties.unblock(ada, "bo")


def test_who_is_suspended_is_not_there_for_anybody(ada, bo, api):
    post = cast.post(bo)
    people.set_active(bo.pk, active=False)
    assert profile(api, ada, "bo").status_code == 404
    assert api(ada).get(f"/v1/posts/{post.pk}").status_code == 404
    people.set_active(bo.pk, active=True)
    assert profile(api, ada, "bo").status_code == 200
    assert api(ada).get(f"/v1/posts/{post.pk}").status_code == 200
