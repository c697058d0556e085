"""The socket of what is mine: who gets in, what it says, and when it must close."""

import json
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sora_social.accounts import people, sessions, ties
from sora_social.core import bus
from sora_social.credits import ledger
from sora_social.inbox import me
from sora_social.inbox.models import Mailbox
from sora_social.inbox.notifications import mailbox
from sora_social.posts.live import tickets
from sora_social.studio import cancelling, generating, submitting
from tests import cast
from tests.live_processes import live, read

WITHIN = 5.0


@contextmanager
def listening(url, person, token=""):
    ticket = tickets.issue(person, session_token=token or cast.session_token(person))["ticket"]
    with connect(f"{url}/me?ticket={ticket}", compression=None) as socket:
        yield socket


def reason(socket):
    code = read(socket, "closed", seconds=WITHIN)["code"]
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=5)
    return code, socket.close_code


def test_who_gets_in_and_what_is_said_first(committed, settle):
    ada, bo, waiting, banned = (
        cast.person(name, admitted=name != "waiting") for name in ("ada", "bo", "waiting", "x1")
    )
    people.set_active(banned.pk, active=False)
    banned.refresh_from_db()
    ties.follow(bo, "ada")
    settle()
    with live(1) as (process,):
        with listening(process.url, ada) as socket:
            assert read(socket) == {"type": "hello", "seq": 2, "unread": {"total": 1, "by_type": {"follow": 1}}}
            socket.send('{"type": "ping"}')
            assert read(socket) == {"type": "pong"}
            socket.send('{"type": "say", "text": "hello"}')
            assert read(socket)["errors"]["type"][0]["code"] == "unknown_type"
        for person, refused in ((waiting, ("waitlisted", 4403)), (banned, ("suspended", 4403))):
            with listening(process.url, person) as socket:
                assert reason(socket) == refused
        for query in ("", "?ticket=made-up"):
            with connect(f"{process.url}/me{query}") as socket:
                assert reason(socket) == ("not_authenticated", 4401)


def test_each_thing_of_mine_is_told_to_all_my_devices_in_both_processes_and_to_nobody_else(committed, settle):
    ada, bo = cast.person("ada"), cast.person("bo")
    with live(2) as (one, two), ExitStack() as stack:
        mine = [stack.enter_context(listening(process.url, ada)) for process in (one, two)]
        his = stack.enter_context(listening(two.url, bo))
        for socket in (*mine, his):
            assert read(socket)["type"] == "hello"
        me.tell([ada.pk], "message", {"text": "你好"})
        assert [read(socket) for socket in mine] == [{"type": "message", "text": "你好"}] * 2
        ties.follow(bo, "ada")
        settle()
        for socket in mine:
            frame = read(socket)
            assert (frame["type"], frame["seq"], frame["notification_type"]) == ("notification", 2, "follow")
        mailbox.mark_read(ada, up_to=2, ids=None)
        assert [read(socket) for socket in mine] == [{"type": "unread", "total": 0, "by_type": {}}] * 2
        job = submitting.submit(ada, prompt="a quiet beach")
        assert read(mine[0], "credits") == {"type": "credits"}
        cast_job = {"id": str(job.pk), "status": "cancelled", "progress": 0.0}
        cancelling.cancel(ada, job.pk)
        assert read(mine[1], "generation") == {"type": "generation", **cast_job}
        claimed = generating.claim(submitting.submit(ada, prompt="a quiet beach").pk)
        lease = generating.Lease(claimed)
        lease._wrote_at -= generating.PROGRESS_EVERY
        lease.advance(0.5)
        words = {"id": str(claimed.pk), "status": "in_progress", "progress": 0.5}
        assert read(mine[1], "generation") == {"type": "generation", **words}
        done = cast.finished_job(ada)
        draft = read(mine[0], "draft")
        assert (draft["id"], draft["generation_id"]) == (str(done.drafts.get().pk), str(done.pk))
        assert read(mine[0], "generation")["status"] == "completed"
        card = cast.card_laid(ada)
        assert read(mine[1], "nudge") == {"type": "nudge", "id": str(card.pk), "kind": card.kind}
        his.send('{"type": "ping"}')
        assert read(his) == {"type": "pong"}, "bo heard what is ada's"
        assert ledger.balance_of(ada).credits == 0


def logout(person, token):
    sessions.close_session(token)


def new_password(person, token):
    person.set_password("another long password")
    person.save(update_fields=["password"])


def ban(person, token):
    people.set_active(person.pk, active=False)


ACTS = {logout: ("not_authenticated", 4401), new_password: ("not_authenticated", 4401), ban: ("suspended", 4403)}


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in silence"])
def test_l03_it_closes_within_five_seconds_and_no_other_does(announced, committed, settle):
    with live(1) as (process,), ExitStack() as stack:
        open_ones = []
        for number, act in enumerate(ACTS):
            person = cast.person(f"person{number}", password=cast.PASSWORD)
            token = cast.session_token(person)
            socket = stack.enter_context(listening(process.url, person, token))
            assert read(socket)["type"] == "hello"
            open_ones.append((act, person, token, socket))
        other = cast.person("other")
        stays = stack.enter_context(listening(process.url, other))
        assert read(stays)["type"] == "hello"
        for act, person, token, _ in open_ones:
            act(person, token)
        if announced:
            settle()
        until = time.monotonic() + WITHIN
        for act, _, _, socket in open_ones:
            closed = read(socket, "closed", seconds=until - time.monotonic())
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=2)
            assert (closed["code"], socket.close_code) == ACTS[act], act.__name__
        me.tell([other.pk], "message", {"n": 1})
        assert read(stays) == {"type": "message", "n": 1}


def test_what_the_bus_lost_is_found_by_itself(committed, settle, monkeypatch):
    ada, bo = cast.person("ada"), cast.person("bo")
    with live(1) as (process,), listening(process.url, ada) as socket:
        assert read(socket)["type"] == "hello"
        monkeypatch.setattr(bus, "publish", lambda channel, message: None)
        ties.follow(bo, "ada")
        settle()
        assert read(socket, seconds=6) == {"type": "notification", "seq": Mailbox.objects.get(person=ada).seq}


def test_after_the_bus_was_cut_everybody_is_asked_to_look_again(committed):
    ada = cast.person("ada")
    with live(1) as (process,), listening(process.url, ada) as socket:
        assert read(socket)["type"] == "hello"
        bus.client().client_kill_filter(_type="pubsub")
        assert read(socket, seconds=6) == {"type": "resync"}
        me.tell([ada.pk], "message", {"n": 1})
        assert read(socket) == {"type": "message", "n": 1}


def test_a_socket_that_never_reads_is_sent_away_and_others_are_served(committed):
    ada, bo = cast.person("ada"), cast.person("bo")
    with live(1) as (process,), listening(process.url, ada) as slow, listening(process.url, bo) as quick:
        for socket in (slow, quick):
            assert read(socket)["type"] == "hello"
        words = {"text": "x" * 60_000}
        for _ in range(400):
            me.tell([ada.pk], "message", words)
        me.tell([bo.pk], "message", {"n": 1})
        assert read(quick) == {"type": "message", "n": 1}
        frames = []
        with suppress(ConnectionClosed):
            while True:
                frames.append(json.loads(slow.recv(timeout=10)))
        assert (frames[-1]["type"], slow.close_code) == ("resync", 4408)
        assert len(frames) < 400


def test_when_the_process_leaves_it_says_when_to_come_back(committed):
    ada = cast.person("ada")
    with live(1) as (process,), listening(process.url, ada) as socket:
        assert read(socket)["type"] == "hello"
        process.stop()
        closed = read(socket, "closed")
        assert closed["code"] == "going_away"
        assert 0 <= closed["reconnect_in_ms"] <= 5000
