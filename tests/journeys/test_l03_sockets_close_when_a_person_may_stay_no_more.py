"""L03: block, ban, logout, a new password, a withdrawn post: open sockets are closed or cleansed within 5 s."""

import time
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed

from sora_social.accounts import people, sessions, ties
from sora_social.posts import posting
from sora_social.posts.comments import commenting
from tests import cast
from tests.live_processes import live, open_socket, read

WITHIN = 5.0


def logout(ada, person, token, post):
    sessions.close_session(token)


def new_password(ada, person, token, post):
    person.set_password("another long password")
    person.save(update_fields=["password"])


def ban(ada, person, token, post):
    people.set_active(person.pk, active=False)


def block_by_the_author(ada, person, token, post):
    ties.block(ada, person.handle)


def block_by_the_viewer(ada, person, token, post):
    ties.block(person, ada.handle)


def followers_only_from_now(ada, person, token, post):
    posting.edit_post(ada, post.pk, visibility="followers")


def post_deleted(ada, person, token, post):
    posting.delete_post(ada, post.pk)


ACTS = {
    logout: ("not_authenticated", 4401),
    new_password: ("not_authenticated", 4401),
    ban: ("suspended", 4403),
    block_by_the_author: ("not_found", 4404),
    block_by_the_viewer: ("not_found", 4404),
    followers_only_from_now: ("not_found", 4404),
    post_deleted: ("not_found", 4404),
}


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in silence"])
def test_each_closes_its_socket_and_no_other(announced, committed, settle):
    ada = cast.person("ada")
    with ExitStack() as stack:
        [process] = stack.enter_context(live(1))
        rooms = []
        for number, act in enumerate(ACTS):
            person, post = cast.person(f"viewer{number}", password=cast.PASSWORD), cast.post(ada)
            token = cast.session_token(person)
            socket = stack.enter_context(open_socket(process.url, person, post.pk, token=token))
            assert read(socket)["type"] == "hello"
            rooms.append((act, person, token, post, socket))
        bystander, untouched = cast.person("bystander"), cast.post(ada)
        stays = stack.enter_context(open_socket(process.url, bystander, untouched.pk))
        for act, person, token, post, _ in rooms:
            act(ada, person, token, post)
        if announced:
            settle()
        until = time.monotonic() + WITHIN
        for act, _, _, _, socket in rooms:
            closed = read(socket, "closed", seconds=until - time.monotonic())
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=2)
            assert (closed["code"], socket.close_code) == ACTS[act], act.__name__
        commenting.say(ada, untouched.pk, text="still here?")
        assert read(stays, "comment")["comment"]["text"] == "still here?"


def test_a_block_between_two_watchers_cleanses_their_sockets(committed, settle):
    ada, bo, cy = (cast.person(handle) for handle in ("ada", "bo", "cy"))
    post = cast.post(ada)
    with live(1) as (process,), open_socket(process.url, bo, post.pk) as his:
        assert read(his)["type"] == "hello"
        commenting.say(cy, post.pk, text="before")
        assert read(his, "comment")["comment"]["text"] == "before"
        ties.block(cy, "bo")
        settle()
        time.sleep(0.5)
        commenting.say(cy, post.pk, text="not for bo")
        commenting.say(ada, post.pk, text="for bo")
        assert read(his, "comment")["comment"]["text"] == "for bo"


def test_who_may_not_stay_cannot_speak_either(committed):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    with live(1) as (process,), open_socket(process.url, bo, post.pk) as his:
        assert read(his)["type"] == "hello"
        ties.block(ada, "bo")
        his.send('{"type": "say", "client_id": "c1", "text": "let me in"}')
        answer = read(his, "error", "closed")
        assert answer["code"] == "not_found"
        assert post.comments.count() == 0
