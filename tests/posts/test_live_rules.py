"""The rules of a room over its sockets: the same as over HTTP, and told to whom they concern."""

import json
from contextlib import contextmanager
from itertools import product

import pytest

from sora_social.accounts import people, ties
from sora_social.core import bus
from sora_social.posts.comments import commenting, hosting, rules
from sora_social.posts.live.frames import Frame, frame_of, message_of
from sora_social.posts.models import Comment
from tests import cast
from tests.live_processes import live, open_socket, read
from tests.posts.test_live_room import in_room, url  # noqa: F401 - a fixture

NUMBERED = ("comment", "comment_held", "comment_edited", "comment_removed", "comment_pinned", "comment_unpinned")
NUMBERED += ("timeout", "person_hidden", "person_shown", "room")


class Seat:
    """Somebody's socket in a room, and all with a number that came through it and was not looked at yet."""

    def __init__(self, socket):
        self.socket, self.waiting = socket, []

    def next(self, *kinds):
        while True:
            frame = read(self.socket, *kinds, *NUMBERED)
            if frame["type"] in kinds:
                return frame
            self.waiting.append(frame)

    def say(self, text, **words):
        self.socket.send(json.dumps({"type": "say", "client_id": text.replace(" ", "-"), "text": text, **words}))
        return self.next("said", "error")

    def heard(self, until):
        """What came with a number, up to a comment with these words."""
        frames, self.waiting = self.waiting, []
        while not frames or frames[-1].get("comment", {}).get("text") != until:
            frames.append(read(self.socket, *NUMBERED))
        return [_short(frame) for frame in frames]


def _short(frame):
    return f"{frame['type']} {frame['comment']['text']}" if "comment" in frame else frame["type"]


@contextmanager
def seated(url, person, post, **options):  # noqa: F811
    with in_room(url, person, post, **options) as socket:
        yield Seat(socket)


@pytest.fixture
def crowd(committed):
    return [cast.person(handle) for handle in ("ada", "bo", "cy")]


def test_a_change_of_the_rules_is_told_and_binds_the_next_word(url, crowd):  # noqa: F811
    ada, bo, _ = crowd
    post = cast.post(ada)
    with seated(url, ada, post) as hers, seated(url, bo, post) as his:
        rules.set_room(ada, post.pk, slow_mode_s=60, blocked_words=["rude"])
        told = {"post_id": str(post.pk), "slow_mode_s": 60, "who": "everyone", "hold": False}
        for socket in (hers, his):
            assert socket.next("room") == {"type": "room", "seq": 1, "room": told}
        assert his.say("one")["type"] == "said"
        error = his.say("two")
        assert (error["code"], error["client_id"]) == ("slow_mode", "two")
        assert 58 <= error["retry_after"] <= 60
        assert hers.say("host")["type"] == hers.say("host again")["type"] == "said"
        rules.set_room(ada, post.pk, who="mutuals", slow_mode_s=0)
        assert his.say("three")["code"] == "room_closed"
    with open_socket(url, bo, post.pk, after_seq=0) as his:
        hello = read(his)
        assert hello["room"]["viewer"] == {
            "may_speak": False,
            "code": "room_closed",
            "retry_after": None,
            "silent_until": None,
        }
        assert hello["room"]["blocked_words"] is None
        assert Seat(his).heard("host again") == ["room", "comment one", "comment host", "comment host again"]
        assert read(his, "room")["room"]["who"] == "mutuals"
    assert Comment.objects.count() == 3


def test_a_timeout_is_told_to_whom_it_is_for_alone(url, crowd):  # noqa: F811
    ada, bo, cy = crowd
    post = cast.post(ada)
    with seated(url, bo, post) as his, seated(url, cy, post) as theirs:
        restraint = hosting.silence(ada, post.pk, "bo", seconds=60)
        told = his.next("timeout")
        until = told.pop("silent_until")
        assert told == {"type": "timeout", "seq": 1}
        assert until[:19] == restraint.silent_until.isoformat()[:19]
        assert his.say("but")["code"] == "timed_out"
        assert theirs.say("calm")["type"] == "said"
        hosting.end_silence(ada, post.pk, "bo")
        assert his.next("timeout")["silent_until"] is None
        assert his.say("sorry")["type"] == "said"
        assert theirs.heard("sorry") == ["comment calm", "comment sorry"]
    with seated(url, bo, post, after_seq=0) as his:
        assert his.heard("sorry") == ["timeout", "comment calm", "timeout", "comment sorry"]


def test_what_is_held_is_told_to_two_and_comes_to_all_when_it_is_approved(url, crowd):  # noqa: F811
    ada, bo, cy = crowd
    post = cast.post(ada)
    rules.set_room(ada, post.pk, blocked_words=["rude"])
    with seated(url, ada, post) as hers, seated(url, bo, post) as his, seated(url, cy, post) as theirs:
        said = his.say("rude")
        assert (said["type"], said["comment"]["held"]) == ("said", True)
        his.say("fine")
        hosting.approve(ada, int(said["comment"]["id"]))
        commenting.say(ada, post.pk, text="end")
        for socket in (hers, his):
            assert socket.heard("end") == ["comment_held rude", "comment fine", "comment rude", "comment end"]
        assert theirs.heard("end") == ["comment fine", "comment rude", "comment end"]
    for person, held in ((ada, ["comment_held rude"]), (bo, ["comment_held rude"]), (cy, [])):
        with seated(url, person, post, after_seq=1) as socket:
            assert socket.heard("end") == [*held, "comment fine", "comment rude", "comment end"]


def test_who_is_hidden_notices_nothing_and_nobody_hears_them(url, crowd):  # noqa: F811
    ada, bo, cy = crowd
    post = cast.post(ada)
    with seated(url, ada, post) as hers, seated(url, bo, post) as his, seated(url, cy, post) as theirs:
        his.say("before")
        hosting.hide(ada, post.pk, "bo")
        his.say("after")
        hosting.show(ada, post.pk, "bo")
        commenting.say(ada, post.pk, text="end")
        assert his.heard("end") == ["comment before", "comment after", "comment end"]
        for socket in (hers, theirs):
            assert socket.heard("end") == ["comment before", "person_hidden", "person_shown", "comment end"]
    hosting.hide(ada, post.pk, "bo")
    commenting.say(ada, post.pk, text="last")
    with seated(url, bo, post, after_seq=0) as his:
        assert his.heard("last") == ["comment before", "comment after", "comment end", "comment last"]
    with seated(url, cy, post, after_seq=0) as theirs:
        told = ["person_hidden", "person_shown", "comment end", "person_hidden", "comment last"]
        assert theirs.heard("last") == told


def test_pins_are_told(url, crowd):  # noqa: F811
    ada, bo, _ = crowd
    post = cast.post(ada)
    one, two = (commenting.say(bo, post.pk, text=text) for text in ("one", "two"))
    with seated(url, bo, post) as his:
        hosting.pin(ada, one.pk)
        hosting.pin(ada, two.pk)
        frames = [his.next("comment_pinned", "comment_unpinned") for _ in range(3)]
        assert [(frame["type"], frame["id"], frame["seq"]) for frame in frames] == [
            ("comment_pinned", str(one.pk), 3),
            ("comment_unpinned", str(one.pk), 4),
            ("comment_pinned", str(two.pk), 5),
        ]


def test_nobody_is_named_to_whom_a_block_stands_between(url, crowd):  # noqa: F811
    ada, bo, cy = crowd
    post = cast.post(ada)
    ties.block(cy, "bo")
    with seated(url, ada, post) as hers, seated(url, cy, post) as theirs:
        comment = commenting.say(ada, post.pk, text="@bo @cy")
        both = [{"handle": "bo", "id": str(bo.pk)}, {"handle": "cy", "id": str(cy.pk)}]
        assert hers.next("comment")["comment"]["mentions"] == both
        assert theirs.next("comment")["comment"]["mentions"] == both[1:]
        commenting.edit(ada, comment.pk, text="@bo alone")
        assert hers.next("comment_edited")["mentions"] == both[:1]
        assert theirs.next("comment_edited")["mentions"] == []
    with seated(url, cy, post, after_seq=0) as theirs:
        assert theirs.next("comment")["comment"]["mentions"] == []


def test_the_envelope_carries_whom_a_frame_is_for():
    for narrow in ({}, {"only": frozenset({3, 4})}, {"but_for": 5}, {"mentioned": frozenset({6}), "author_id": 7}):
        frame = Frame.of_text('{"type": "x"}\n', seq=9, **narrow)
        assert frame_of(message_of(frame)) == frame


def test_slow_mode_is_one_over_two_processes(crowd):
    ada, bo, _ = crowd
    post = cast.post(ada)
    rules.set_room(ada, post.pk, slow_mode_s=60)
    with live(2) as (one, two), seated(one.url, bo, post) as here, seated(two.url, bo, post) as there:
        assert here.say("here")["type"] == "said"
        assert there.say("there")["code"] == "slow_mode"
        bus.client().flushdb()
        assert there.say("there again")["code"] == "slow_mode"
    assert Comment.objects.count() == 1


# every message of a socket meets everybody whom HTTP meets


def stranger(ada, person, post):
    return "said"


def blocked(ada, person, post):
    ties.block(ada, person.handle)
    return "not_found"


def blocks_the_host(ada, person, post):
    ties.block(person, "ada")
    return "not_found"


def suspended(ada, person, post):
    people.set_active(person.pk, active=False)
    return "not_found"


def timed_out(ada, person, post):
    hosting.silence(ada, post.pk, person.handle, seconds=60)
    return "timed_out"


def hidden(ada, person, post):
    hosting.hide(ada, post.pk, person.handle)
    return "said"


def not_a_follower(ada, person, post):
    rules.set_room(ada, post.pk, who="followers")
    return "room_closed"


def post_private_now(ada, person, post):
    type(post).objects.filter(pk=post.pk).update(visibility="private")
    return "not_found"


STANDINGS = (stranger, blocked, blocks_the_host, suspended, timed_out, hidden, not_a_follower, post_private_now)
HTTP_CODES = {"suspended": "suspended"}


def test_each_message_of_a_socket_is_answered_as_the_same_request(url, crowd, api):  # noqa: F811
    ada, *_ = crowd
    said = 0
    for number, (standing, age) in enumerate(product(STANDINGS, (30, 15))):
        post, person = cast.post(ada), cast.person(f"guest{number}", age=age)
        with in_room(url, person, post) as socket:
            client = api(person)
            expected = standing(ada, person, post)
            codes = {expected, HTTP_CODES.get(standing.__name__, expected)}
            socket.send(json.dumps({"type": "say", "client_id": "c1", "text": "hello"}))
            answer = read(socket, "said", "error", "closed")
        http = client.post(f"/v1/posts/{post.pk}/comments", {"text": "hello", "client_id": "c1"})
        where = standing.__name__, age
        if expected == "said":
            assert (answer["type"], http.status_code) == ("said", 201), where
            assert answer["comment"]["id"] == http.json()["id"], where
            said += 1
        else:
            assert answer["code"] in codes, where
            assert http.json()["code"] in codes, where
        assert Comment.objects.count() == said, where


def test_who_waits_or_is_signed_out_gets_no_socket_and_no_answer(url, crowd, api):  # noqa: F811
    ada, *_ = crowd
    post, waiting = cast.post(ada), cast.person("waiting", admitted=False)
    with open_socket(url, waiting, post.pk) as socket:
        assert read(socket)["code"] == api(waiting).get(f"/v1/posts/{post.pk}/room").json()["code"] == "waitlisted"
    assert api(None).get(f"/v1/posts/{post.pk}/room").json()["code"] == "not_authenticated"
    assert Comment.objects.count() == 0
