"""What a process keeps of a room: nothing, once nobody watches it."""

import asyncio

import pytest
from django.db import connection

from sora_social.core import bus
from sora_social.posts.comments import commenting
from sora_social.posts.live import admitting, hub, presence, tickets
from sora_social.posts.live.frames import CONTROL, channel_of
from sora_social.posts.live.outlet import Outlet
from tests import cast


async def _until(holds, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


def listening():
    return {name.decode() for name in bus.client().pubsub_channels()}


@pytest.fixture(autouse=True)
def _threads_let_go(monkeypatch):
    """The threads of the hub outlive it by a moment; the test's database must not be held by them."""

    def and_close(function, *words, **named):
        try:
            return function(*words, **named)
        finally:
            connection.close()

    monkeypatch.setattr(hub, "_with_fresh_connections", and_close)


def watch_and_leave():
    ada, bo = cast.person("ada"), cast.person("bo")
    posts = [cast.post(ada) for _ in range(5)]
    commenting.say(bo, posts[0].pk, text="hello")
    token = cast.session_token(bo)
    passes = [admitting.enter(tickets.issue(bo, session_token=token)["ticket"], post.pk, headers={}) for post in posts]

    async def watch():
        sent = []

        async def send(message):
            sent.append(message)

        heard_by_others = listening()
        here = hub.Hub()
        here.start()
        base = len(here._tasks)
        outlets = [Outlet(send, held) for held in passes]
        for outlet in outlets:
            await here.serve(await here.join(outlet), outlet)
        await _until(lambda: len(bus.client().keys("live:viewers:*")) == len(posts))
        assert len(here.rooms) == len(posts)
        rooms = {channel_of(post.pk) for post in posts}
        assert listening() - heard_by_others - {CONTROL} == rooms
        assert [b"hello" in str(message).encode() for message in sent if "hello" in str(message)] == [True]
        for outlet in outlets:
            here.leave(outlet)
        await _until(lambda: not listening() & rooms and bus.client().keys("live:*") == [])
        await _until(lambda: len(here._tasks) == base)
        assert here.rooms == {}
        await here.stop()
        assert len(here._tasks) == 0

    asyncio.run(watch())
    assert bus.client().keys("live:*") == []


def test_a_room_without_watchers_leaves_no_task_no_channel_and_no_key(committed):
    watch_and_leave()


def test_what_a_process_that_died_left_goes_within_a_minute():
    assert presence.KEY_SECONDS < 60


@pytest.mark.mutant("a room is kept when its last watcher leaves")
def test_the_check_sees_a_room_that_stays(committed, monkeypatch):
    monkeypatch.setattr(hub.Hub, "leave", lambda self, outlet: outlet.forget())
    with pytest.raises(TimeoutError):
        watch_and_leave()
