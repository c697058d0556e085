"""The rules of a room: who sets them, whom they bind, and that nobody slips past them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.core.errors import DomainError
from sora_social.posts.comments import commenting, hosting, numbers, rules
from sora_social.posts.comments.rules import RoomClosed, SlowMode, TimedOut
from sora_social.posts.models import Comment, Restraint, Room, RoomEvent
from tests import cast
from tests.access.scene import fingerprint


@pytest.fixture
def post(ada):
    return cast.post(ada)


def refused(act, *words, **named):
    """What an act is refused with, and that it changed nothing."""
    before = fingerprint()
    with pytest.raises(DomainError) as refusal:
        act(*words, **named)
    assert fingerprint() == before
    return refusal.value


def kinds(post):
    return list(RoomEvent.objects.filter(post=post).order_by("seq").values_list("kind", flat=True))


def test_everybody_reads_the_rules_and_only_the_host_sets_them(ada, bo, post, api):
    path = f"/v1/posts/{post.pk}/room"
    rules_now = {"post_id": str(post.pk), "slow_mode_s": 0, "who": "everyone", "hold": False}
    free = {"may_speak": True, "code": None, "retry_after": None, "silent_until": None}
    assert api(bo).get(path).json() == {**rules_now, "blocked_words": None, "viewer": free}
    words = {"slow_mode_s": 30, "who": "followers", "blocked_words": ["Spam", "spam ", "广告"], "hold": True}
    assert api(bo).patch(path, words).status_code == 403
    answer = api(ada).patch(path, words)
    changed = {**rules_now, "slow_mode_s": 30, "who": "followers", "hold": True}
    assert answer.json() == {**changed, "blocked_words": ["spam", "广告"], "viewer": free}
    assert api(ada).get(path).json() == answer.json()
    closed = {**free, "may_speak": False, "code": "room_closed"}
    assert api(bo).get(path).json() == {**changed, "blocked_words": None, "viewer": closed}
    assert kinds(post) == ["room"]
    assert api(ada).patch(path, {"slow_mode_s": 30}).status_code == 200
    assert (kinds(post), Room.objects.get().seq) == (["room"], 1), "nothing changed, nothing happened"


@pytest.mark.parametrize(
    "words",
    [
        {"slow_mode_s": -1},
        {"slow_mode_s": 3601},
        {"slow_mode_s": "x"},
        {"who": "friends"},
        {"blocked_words": ["x"] * 101},
        {"blocked_words": ["x" * 51]},
        {"blocked_words": [""]},
        {"blocked_words": "spam"},
        {"blocked_words": ["a\u0007"]},
        {"hold": "perhaps"},
        {"seq": 7},
    ],
)
def test_bad_rules_are_refused_and_nothing_changes(words, ada, post, api):
    before = fingerprint()
    answer = api(ada).patch(f"/v1/posts/{post.pk}/room", words)
    assert answer.status_code == 422, answer.content
    assert fingerprint() == before


def test_a_slow_room_lets_each_speak_once_in_a_while_and_says_when(ada, bo, cy, post, api):
    rules.set_room(ada, post.pk, slow_mode_s=60)
    path = f"/v1/posts/{post.pk}/comments"
    assert api(bo).post(path, {"text": "one"}).status_code == 201
    too_soon = api(bo).post(path, {"text": "two"})
    assert (too_soon.status_code, too_soon.json()["code"]) == (429, "slow_mode")
    assert 58 <= int(too_soon["Retry-After"]) <= 60
    refused(commenting.say, bo, post.pk, text="two")
    assert api(bo).get(f"/v1/posts/{post.pk}/room").json()["viewer"]["code"] == "slow_mode"
    commenting.say(cy, post.pk, text="cy waits for nobody")
    for number in range(3):
        commenting.say(ada, post.pk, text=f"the host is never slowed {number}")
    Comment.objects.filter(author=bo).update(created_at=timezone.now() - timedelta(seconds=61))
    commenting.say(bo, post.pk, text="two")
    assert Comment.objects.filter(author=bo).count() == 2


def test_what_was_removed_still_slows(ada, bo, post):
    rules.set_room(ada, post.pk, slow_mode_s=60)
    commenting.remove(bo, commenting.say(bo, post.pk, text="one").pk)
    assert isinstance(refused(commenting.say, bo, post.pk, text="two"), SlowMode)


def test_a_repeat_is_no_second_comment_in_a_slow_room(ada, bo, post, api):
    rules.set_room(ada, post.pk, slow_mode_s=60)
    first = commenting.say(bo, post.pk, text="one", client_id="c1")
    assert commenting.say(bo, post.pk, text="one", client_id="c1").pk == first.pk


def test_nobody_says_two_things_at_once_in_a_slow_room(committed, at_once):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    rules.set_room(ada, post.pk, slow_mode_s=3600)
    said = at_once(lambda number: commenting.say(bo, post.pk, text=f"{number}"), 12)
    assert sorted(type(each).__name__ for each in said) == ["Comment", *["SlowMode"] * 11]
    assert Comment.objects.count() == 1
    assert list(RoomEvent.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]


def test_nothing_is_said_after_the_room_closed(committed, at_once):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)

    def act(number):
        if number == 5:
            return rules.set_room(ada, post.pk, who="nobody")
        return commenting.say(bo, post.pk, text=f"{number}")

    at_once(act, 12)
    closed = RoomEvent.objects.get(kind="room").seq
    assert RoomEvent.objects.filter(seq__gt=closed).count() == 0
    assert Comment.objects.count() == closed - 1


@pytest.mark.mutant("the rules are asked before the room is locked")
def test_the_check_sees_the_race_when_the_rules_are_asked_before_the_lock(committed, at_once, monkeypatch):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    rules.set_room(ada, post.pk, slow_mode_s=3600)
    require, found = rules.require_may_speak, commenting.post_for

    def asked_early(actor, post_id):
        require(actor, numbers.scene_of(Room.objects.get(pk=post_id), ada.pk, [actor.pk]))
        return found(actor, post_id)

    monkeypatch.setattr(commenting, "post_for", asked_early)
    monkeypatch.setattr(rules, "require_may_speak", lambda *_: None)
    at_once(lambda number: commenting.say(bo, post.pk, text=f"{number}"), 12)
    assert Comment.objects.count() > 1


@pytest.mark.parametrize(
    ("who", "speak"),
    [
        ("everyone", {"ada", "fan", "friend", "stranger"}),
        ("followers", {"ada", "fan", "friend"}),
        ("mutuals", {"ada", "friend"}),
        ("nobody", {"ada"}),
    ],
)
def test_who_may_speak(who, speak, ada, post, api):
    crowd = {"ada": ada, **{name: cast.person(name) for name in ("fan", "friend", "stranger")}}
    ties.follow(crowd["fan"], "ada")
    ties.follow(crowd["friend"], "ada")
    ties.follow(ada, "friend")
    rules.set_room(ada, post.pk, who=who)
    for name, person in crowd.items():
        answer = api(person).post(f"/v1/posts/{post.pk}/comments", {"text": "hello"})
        if name in speak:
            assert answer.status_code == 201, name
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "room_closed"), name
            assert isinstance(refused(commenting.say, person, post.pk, text="hello"), RoomClosed)
        may = api(person).get(f"/v1/posts/{post.pk}/room").json()["viewer"]["may_speak"]
        assert may == (name in speak)


def test_under_a_teens_post_only_those_adults_speak_whom_the_teen_follows(teen, bo, cy):
    post = cast.post(teen)
    other_teen = cast.person("another.teen", age=16)
    ties.follow(bo, teen.handle)
    ties.follow(teen, "cy")
    for who in ("everyone", "followers"):
        rules.set_room(teen, post.pk, who=who)
        assert isinstance(refused(commenting.say, bo, post.pk, text="hello"), RoomClosed)
    rules.set_room(teen, post.pk, who="everyone")
    commenting.say(cy, post.pk, text="hello")
    commenting.say(other_teen, post.pk, text="hello")


def test_a_timeout_lets_somebody_read_and_not_speak(ada, bo, cy, post, api):
    earlier = commenting.say(bo, post.pk, text="loud")
    path = f"/v1/posts/{post.pk}/timeouts/bo"
    for person, status in ((cy, 403), (bo, 403)):
        assert api(person).put(path, {"seconds": 60}).status_code == status
    for seconds in (9, 86_401, "x"):
        assert api(ada).put(path, {"seconds": seconds}).status_code == 422
    answer = api(ada).put(path, {"seconds": 60})
    assert (answer.status_code, answer.json()["person"]["handle"], answer.json()["hidden"]) == (200, "bo", False)
    said = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": "louder"})
    assert (said.status_code, said.json()["code"]) == (403, "timed_out")
    assert 58 <= int(said["Retry-After"]) <= 60
    assert isinstance(refused(commenting.say, bo, post.pk, text="louder"), TimedOut)
    assert isinstance(refused(commenting.edit, bo, earlier.pk, text="louder"), TimedOut)
    viewer = api(bo).get(f"/v1/posts/{post.pk}/room").json()["viewer"]
    assert (viewer["may_speak"], viewer["code"]) == (False, "timed_out")
    assert viewer["silent_until"] == answer.json()["silent_until"]
    assert api(bo).get(f"/v1/posts/{post.pk}/comments").status_code == 200
    commenting.say(bo, cast.post(ada).pk, text="elsewhere he may")
    commenting.say(cy, post.pk, text="others may")
    assert api(ada).delete(path).status_code == 204
    assert api(ada).delete(path).status_code == 204, "may be repeated"
    commenting.say(bo, post.pk, text="quiet now")
    assert kinds(post) == ["comment", "timeout", "comment", "timeout", "comment"]


def test_a_timeout_ends_by_itself(ada, bo, post, api):
    hosting.silence(ada, post.pk, "bo", seconds=60)
    assert [one["person"]["handle"] for one in api(ada).get(f"/v1/posts/{post.pk}/restraints").json()["items"]] == [
        "bo"
    ]
    Restraint.objects.update(silent_until=timezone.now() - timedelta(seconds=1))
    commenting.say(bo, post.pk, text="back")
    assert api(ada).get(f"/v1/posts/{post.pk}/restraints").json() == {"items": [], "next": None}


def test_nobody_restrains_the_host_or_somebody_behind_a_wall(ada, bo, mod, post):
    assert refused(hosting.silence, ada, post.pk, "ada", seconds=60).status == 422
    assert refused(hosting.hide, mod, post.pk, "ada", reason="because").status == 422
    assert refused(hosting.hide, ada, post.pk, "nobody.there").status == 404
    ties.block(bo, "ada")
    assert refused(hosting.hide, ada, post.pk, "bo").status == 404


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        (["spam"], "this is SPAM!", True),
        (["spam"], "spammer and antispam", False),
        (["spam"], "ѕрam with letters that look alike", True),
        (["spam"], "s p a m", True),
        (["spam"], "s.p.a.m", True),
        (["café"], "the CAFE is open", True),
        (["buy now"], "buy   NOW", True),
        (["buy now"], "buy it now", False),
        (["广告"], "这里没有广告吗", True),
        (["广告"], "广场上的告示", False),
        (["광고"], "광고입니다", True),
        (["ab+c"], "AB+C", True),
        (["spam"], "", False),
        ([], "anything", False),
        (["\u200b"], "anything", False),
    ],
)
def test_what_a_blocked_word_finds(words, text, found):
    assert rules.has_blocked_word(text, tuple(words)) is found
