"""The socket of a room: who gets in, what is said through it, and what it does with nonsense."""

import json
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager, suppress

import pytest
from django.core.management import call_command
from django.db import connection
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sora_social.accounts import people, sessions, ties
from sora_social.core import bus
from sora_social.posts import reactions
from sora_social.posts.comments import commenting, rules
from sora_social.posts.live import tickets
from sora_social.posts.models import Comment
from tests import cast
from tests.live_processes import live, open_socket, read
from tests.processes import eventually


@pytest.fixture
def url(committed):
    with live(1) as (process,):
        yield process.url


@contextmanager
def in_room(url, person, post, **options):
    with open_socket(url, person, post.pk, **options) as socket:
        assert read(socket)["type"] == "hello"
        yield socket


def refusal(url, person, post_id, **options):
    with open_socket(url, person, post_id, **options) as socket:
        return reason(socket)


def reason(socket):
    code = read(socket, "closed")["code"]
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=5)
    return code, socket.close_code


def test_who_gets_in(url):
    ada, bo, mallory = (cast.person(handle) for handle in ("ada", "bo", "mallory"))
    waiting, banned = cast.person("waiting", admitted=False), cast.person("banned")
    people.set_active(banned.pk, active=False)
    banned.refresh_from_db()
    post, private = cast.post(ada), cast.post(ada, visibility="private")
    ties.block(ada, "mallory")
    assert refusal(url, mallory, post.pk) == ("not_found", 4404)
    assert refusal(url, bo, private.pk) == ("not_found", 4404)
    assert refusal(url, bo, 1) == ("not_found", 4404)
    assert refusal(url, waiting, post.pk) == ("waitlisted", 4403)
    assert refusal(url, banned, post.pk) == ("suspended", 4403)
    for path in ("/", "/posts/abc", "/nowhere", f"/posts/{10**25}"):
        with connect(url + path) as socket:
            assert reason(socket) == ("not_found", 4404)
    for query in ("", "?ticket=made-up", "?ticket=%00%ff"):
        with connect(f"{url}/posts/{post.pk}{query}") as socket:
            assert reason(socket) == ("not_authenticated", 4401)
    for number in ("-1", "x", "9" * 30):
        assert refusal(url, bo, post.pk, after_seq=number) == ("invalid", 4422)
    for path in (f"/posts/{post.pk}", "/me"):
        with connect(f"{url}{path}?{'a=1&' * 1_500}") as socket:
            assert reason(socket) == ("invalid", 4422)


def test_a_ticket_is_good_once_and_only_while_its_session_lives(url, api):
    ada = cast.person("ada")
    post = cast.post(ada)
    client = api(ada)
    answer = client.post("/v1/live-tickets")
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 30)
    ticket = answer.json()["ticket"]
    [key] = bus.client().keys("live:ticket:*")
    assert ticket.encode() not in key
    assert 0 < bus.client().ttl(key) <= 30
    with connect(f"{url}/posts/{post.pk}?ticket={ticket}") as socket:
        assert read(socket)["type"] == "hello"
    with connect(f"{url}/posts/{post.pk}?ticket={ticket}") as socket:
        assert reason(socket) == ("not_authenticated", 4401)
    token = cast.session_token(ada)
    late = tickets.issue(ada, session_token=token)["ticket"]
    sessions.close_session(token)
    with connect(f"{url}/posts/{post.pk}?ticket={late}") as socket:
        assert reason(socket) == ("not_authenticated", 4401)


def test_what_is_said_reaches_the_room_and_who_said_it(url):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    with in_room(url, ada, post) as hers, in_room(url, bo, post) as his:
        his.send(json.dumps({"type": "say", "client_id": "c1", "text": "hi", "at_ms": 5}))
        said = read(his, "said")
        assert (said["client_id"], said["comment"]["text"], said["comment"]["at_ms"]) == ("c1", "hi", 5)
        his.send(json.dumps({"type": "say", "client_id": "c1", "text": "hi again"}))
        assert read(his, "said")["comment"]["id"] == said["comment"]["id"]
        heard = read(hers, "comment")
        assert heard == {"type": "comment", "seq": 1, "comment": said["comment"]}
        comment = Comment.objects.get()
        commenting.edit(bo, comment.pk, text="hello")
        edited = read(hers, "comment_edited")
        assert (edited["id"], edited["seq"], edited["text"]) == (str(comment.pk), 2, "hello")
        commenting.remove(bo, comment.pk)
        assert read(hers, "comment_removed") == {"type": "comment_removed", "seq": 3, "id": str(comment.pk)}
    with in_room(url, bo, post, after_seq=0) as later:
        assert [read(later)["type"] for _ in range(3)] == ["comment", "comment_edited", "comment_removed"]


def test_who_comes_late_gets_all_of_it_in_order(url):
    count = 450
    ada = cast.person("ada")
    post = cast.post(ada)
    for number in range(count):
        commenting.say(ada, post.pk, text=str(number))
    with open_socket(url, ada, post.pk, after_seq=0) as socket:
        hello = read(socket)
        assert (hello["type"], hello["seq"], hello["viewers"]) == ("hello", count, 1)
        assert hello["room"] == rules_of_a_new_room(post)
        assert [read(socket, "comment")["seq"] for _ in range(count)] == list(range(1, count + 1))
    with in_room(url, ada, post) as socket:
        commenting.say(ada, post.pk, text="now")
        assert read(socket, "comment")["seq"] == count + 1
    with in_room(url, ada, post, after_seq=10**9) as socket:
        commenting.say(ada, post.pk, text="a number from the future means now")
        assert read(socket, "comment")["seq"] == count + 2


def test_nonsense_is_answered_and_never_ends_the_socket(url):
    ada = cast.person("ada")
    post = cast.post(ada)
    other = cast.post(ada)
    elsewhere = commenting.say(ada, other.pk, text="elsewhere")
    with in_room(url, ada, post) as socket:
        for frame, code in (
            ("{", "invalid_json"),
            ("[1]", "invalid_json"),
            ('"' + "x" * 9000 + '"', "too_large"),
            (b"\x00\x01", "invalid_json"),
            ("{}", "invalid"),
            ('{"type": {"a": 1}}', "invalid"),
            ('{"type": "say"}', "invalid"),
            ('{"type": "say", "text": "\\u0007"}', "invalid"),
            ('{"type": "say", "text": "a", "surprise": 1}', "invalid"),
            (json.dumps({"type": "say", "text": "a", "parent_id": str(elsewhere.pk)}), "invalid"),
            ('{"type": "say", "text": "a", "client_id": ["x"]}', "invalid"),
            ("[" * 4000, "invalid_json"),
        ):
            socket.send(frame)
            assert read(socket, "error")["code"] == code, frame
        socket.send('{"type": "ping"}')
        assert read(socket, "pong") == {"type": "pong"}
    assert Comment.objects.filter(post=post).count() == 0


def test_who_floods_is_slowed_and_then_sent_away(url):
    ada = cast.person("ada")
    post = cast.post(ada)
    with in_room(url, ada, post) as socket:
        for number in range(30):
            socket.send(json.dumps({"type": "say", "client_id": f"c{number}", "text": f"{number}"}))
        error = read(socket, "error")
        assert (error["code"], error["retry_after"]) == ("rate_limited", 1)
        with suppress(ConnectionClosed):
            for _ in range(400):
                socket.send('{"type": "ping"}')
        with suppress(ConnectionClosed):
            while True:
                socket.recv(timeout=5)
        assert socket.close_code == 4429
    assert Comment.objects.count() < 30


def test_people_across_a_block_do_not_meet_in_a_room(url):
    ada, bo, cy = (cast.person(handle) for handle in ("ada", "bo", "cy"))
    post = cast.post(ada)
    ties.block(cy, "bo")
    with in_room(url, bo, post) as his, in_room(url, cy, post) as theirs:
        commenting.say(bo, post.pk, text="by bo")
        commenting.say(cy, post.pk, text="by cy")
        commenting.say(ada, post.pk, text="by ada")
        assert [read(his, "comment")["seq"] for _ in range(2)] == [1, 3]
        assert [read(theirs, "comment")["seq"] for _ in range(2)] == [2, 3]
    with in_room(url, cy, post, after_seq=0) as theirs:
        assert [read(theirs, "comment")["seq"] for _ in range(2)] == [2, 3]


def test_viewers_and_counts_are_told_when_they_change(url, settle):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    with in_room(url, ada, post) as hers:
        assert read(hers, "counts")["viewers"] == 1
        with in_room(url, bo, post):
            assert read(hers, "counts")["viewers"] == 2
        reactions.like(bo, post.pk)
        settle()
        eventually(lambda: read(hers, "counts") == counts(likes=1, viewers=1))
    eventually(lambda: bus.client().keys("live:viewers:*") == [], what="nobody watches, and a key is left")


def rules_of_a_new_room(post):
    viewer = {"may_speak": True, "code": None, "retry_after": None, "silent_until": None}
    rules = {"slow_mode_s": 0, "who": "everyone", "hold": False, "blocked_words": []}
    return {"post_id": str(post.pk), **rules, "viewer": viewer}


def counts(likes, viewers):
    return {"type": "counts", "likes": likes, "comments": 0, "remixes": 0, "viewers": viewers}


def test_plain_http_is_told_what_is_spoken_here(url):
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(url.replace("ws:", "http:") + "/posts/1", timeout=5)
    assert answer.value.code == 426


def test_more_sockets_of_a_person_may_not_say_more(url):
    ada = cast.person("ada")
    post = cast.post(ada)
    with open_socket(url, ada, post.pk) as one, open_socket(url, ada, post.pk) as two:
        for socket in (one, two):
            for _ in range(15):
                socket.send('{"type": "ping"}')
        answers = [read(socket, "pong", "error") for socket in (one, two) for _ in range(15)]
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert len(refused) >= 5
    assert {answer["code"] for answer in refused} == {"rate_limited"}


def test_sockets_share_the_connections_of_their_process(url):
    ada = cast.person("ada")
    post = cast.post(ada)
    connected_before = len(bus.client().client_list())
    with ExitStack() as stack:
        for _ in range(40):
            socket = stack.enter_context(open_socket(url, ada, post.pk))
            assert read(socket)["type"] == "hello"
        assert len(bus.client().client_list()) - connected_before < 20
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert cursor.fetchone()[0] < 20


def test_anybody_joins_a_room_from_the_terminal_and_speaks(url, settings, capsys):
    settings.LIVE_URL = url
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)
    rules.set_room(ada, post.pk, slow_mode_s=60)
    call_command("watch_room", str(post.pk), handle="bo", frames=4, say=["hello from here", "too soon"])
    shown = capsys.readouterr().out
    assert "@bo: hello from here" in shown
    assert "refused: slow_mode, try again in" in shown
    assert list(post.comments.values_list("author", "text")) == [(bo.pk, "hello from here")]
