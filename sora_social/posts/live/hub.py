"""The rooms of one process: one connection to the bus, one look at the database every two seconds, and their sockets.

What the bus says is only ever a hurry. Each room knows the last number it has delivered; a number that is missing is
read from the database before anything newer goes out, and the regular look finds what the bus never said: after a
lost publish, a wiped or restarted Redis, or a cut connection, watchers are late by seconds and miss nothing.
"""

import asyncio
import contextlib
import functools
import random
import secrets
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any, ParamSpec, TypeVar

import orjson
import redis
import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections

from sora_social.core import bus
from sora_social.core.errors import NotFound
from sora_social.posts.live import admitting, history, presence
from sora_social.posts.live.frames import CONTROL, Frame, channel_of, frame_of, post_of
from sora_social.posts.live.outlet import Outlet
from sora_social.posts.live.room import LiveRoom

log = structlog.get_logger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

THREADS = 8  # database connections of this process
PULSE_SECONDS = 1.5
SHORTEST_PULSE_SECONDS = 0.5
PATIENCE_SECONDS = 0.03  # messages overtake each other; so long a number may be late before the database is asked
ASK_AGAIN_SECONDS = 3.0
PRESENCE_SECONDS = 10.0
GOING_AWAY = 1012
GOODBYE_SECONDS = 0.2
RECONNECT_WITHIN_MS = 5_000
_ENGINE_TROUBLE = (redis.RedisError, DatabaseError, OSError, TimeoutError)


class Hub:
    """All rooms that somebody watches through this process. Lives on one event loop."""

    def __init__(self) -> None:
        self.rooms: dict[int, LiveRoom] = {}
        self.is_leaving = False
        self.farewells: list[Callable[[], None]] = []  # of others who hold sockets on this loop
        self._process = secrets.token_hex(6)
        self._redis = bus.async_client()
        self._pubsub: Any = None
        self._channels: set[str] = set()
        self._wire = asyncio.Lock()
        self._look_now = asyncio.Event()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="live-db")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._left: set[int] = set()
        self._present: dict[int, int] = {}
        self._presence_at = 0.0

    def start(self) -> None:
        for keep_going in (self._listen, self._pulse, self._keep_asking):
            self.run(keep_going)

    def run(self, keep_going: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Keep a loop going until this process stops."""
        self.spawn(self._for_ever(keep_going))

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(*_ENGINE_TROUBLE):
            await presence.exchange(self._redis, self._process, mine={}, left={*self.rooms, *self._left})
        await self._redis.aclose()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _for_ever(self, keep_going: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """The promises hang on these loops: one that breaks in an unforeseen way is reported, and goes on."""
        while True:
            try:
                await keep_going()
            except Exception:
                log.exception("live_loop_broke", loop=keep_going.__name__)
                await asyncio.sleep(1.0)

    async def read(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what talks to the database in a thread of our own: the loop never waits for it.

        Channels' `database_sync_to_async` would carry the socket's context into the thread, and Django keeps caches per
        context: every socket would end up with a Redis connection of its own. Here they belong to the thread.
        """
        call = functools.partial(_with_fresh_connections, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    # --- coming and going ---------------------------------------------------------------------------------------

    async def join(self, outlet: Outlet) -> LiveRoom:
        """Let a socket into its room; the first one opens it. It is not served before `serve`. Raises NotFound."""
        post_id = outlet.held.post_id
        room = self.rooms.get(post_id)
        if room is None:
            room = self.rooms[post_id] = LiveRoom(post_id, self._fill_soon)
            self._left.discard(post_id)
            room.opening = self.spawn(self._open(room))
        room.sockets.add(outlet)
        if room.opening is not None:
            await asyncio.shield(room.opening)
        return room

    async def serve(self, room: LiveRoom, outlet: Outlet) -> None:
        """Give a socket everything after its position from the database, then whatever happens."""
        while not outlet.ended:
            page = await self.read(history.events_after, room.post_id, outlet.position, viewer_id=outlet.held.person_id)
            for frame in page:
                await outlet.put(frame)
            if len(page) < history.PAGE and room.last_seq is not None:
                room.hear(outlet.position)
                if outlet.position >= room.last_seq:  # nothing is awaited from here: no number falls between
                    room.live.add(outlet)
                    return

    def leave(self, outlet: Outlet) -> None:
        outlet.forget()
        room = self.rooms.get(outlet.held.post_id)
        if room is None:
            return
        room.sockets.discard(outlet)
        room.live.discard(outlet)
        if not room.sockets:
            del self.rooms[room.post_id]
            self._left.add(room.post_id)
            for task in (room.filling, room.opening):
                if task is not None:
                    task.cancel()

    async def _open(self, room: LiveRoom) -> None:
        """Listen first, read then: what is said in between is heard."""
        await self._subscribe(room)
        standings = await self.read(history.standings, [room.post_id])
        if not standings:
            raise NotFound
        with contextlib.suppress(*_ENGINE_TROUBLE):
            found = await presence.exchange(self._redis, self._process, mine={}, ask=[room.post_id])
            room.viewers_elsewhere = found[room.post_id]
        room.open_at(standings[0])
        room.opening = None

    # --- the bus ------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    wanted = {CONTROL, *(channel_of(post_id) for post_id in self.rooms)}
                    async with self._wire:
                        await pubsub.subscribe(*wanted)
                        self._channels, self._pubsub = wanted, pubsub
                    async for message in pubsub.listen():
                        self._hear(message)
                        await asyncio.sleep(0)  # let the sockets take what they got
            except _ENGINE_TROUBLE as trouble:
                log.warning("bus_connection_lost", error=str(trouble))
            finally:
                self._pubsub, self._channels = None, set()
            await asyncio.sleep(random.uniform(0.2, 0.6))

    def _hear(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode()
        if channel == CONTROL:
            if message["type"] == "message":
                self.spawn(self._ask_now(**orjson.loads(message["data"])))
            return
        room = self.rooms.get(post_of(channel))
        if room is None:
            return
        if message["type"] == "subscribe":
            room.subscribed.set()
            self._look_now.set()  # after a reconnect: see what was not heard
        elif message["type"] == "message":
            room.take(frame_of(message["data"]))

    async def _subscribe(self, room: LiveRoom) -> None:
        """Wait a moment for the bus; without it the regular look at the database serves the room."""
        channel = channel_of(room.post_id)
        try:
            async with self._wire:
                if self._pubsub is not None and channel not in self._channels:
                    self._channels.add(channel)
                    await self._pubsub.subscribe(channel)
                elif channel in self._channels:
                    room.subscribed.set()
            await asyncio.wait_for(room.subscribed.wait(), 1.0)
        except _ENGINE_TROUBLE as trouble:
            log.warning("room_without_bus", post_id=room.post_id, error=str(trouble))

    async def _match_channels(self) -> None:
        async with self._wire:
            wanted = {CONTROL, *(channel_of(post_id) for post_id in self.rooms)}
            gone, missing = self._channels - wanted, wanted - self._channels
            if self._pubsub is None:
                return
            if gone:
                await self._pubsub.unsubscribe(*gone)
            if missing:
                await self._pubsub.subscribe(*missing)
            self._channels = wanted

    # --- what the bus did not say -------------------------------------------------------------------------------

    def _fill_soon(self, room: LiveRoom) -> None:
        if room.filling is None:
            room.filling = self.spawn(self._fill(room))

    async def _fill(self, room: LiveRoom) -> None:
        """Bring the numbers between the last delivered and the newest heard of from the database."""
        try:
            await asyncio.sleep(PATIENCE_SECONDS)
            while room.last_seq is not None and room.last_seq < room.heard:
                page = await self.read(history.events_after, room.post_id, room.last_seq)
                for frame in page:
                    room.take(frame)
                if not page:
                    return
        except DatabaseError as trouble:
            log.warning("room_cannot_be_read", post_id=room.post_id, error=str(trouble))
        finally:
            room.filling = None

    async def _pulse(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look_now.wait(), PULSE_SECONDS)
            self._look_now.clear()
            try:
                await self._look()
            except _ENGINE_TROUBLE as trouble:
                log.warning("look_failed", error=str(trouble))
            with contextlib.suppress(*_ENGINE_TROUBLE):
                await self._match_channels()
                await self._count_viewers()
            self._tell_counts()
            await asyncio.sleep(SHORTEST_PULSE_SECONDS)  # however often we are hurried

    async def _look(self) -> None:
        """Compare every open room with the database, in one query."""
        rooms = {post_id: room for post_id, room in self.rooms.items() if room.last_seq is not None}
        if not rooms:
            return
        for standing in await self.read(history.standings, list(rooms)):
            room = rooms[standing.post_id]
            room.standing = standing
            room.hear(standing.seq)

    async def _count_viewers(self) -> None:
        here = {post_id: len(room.sockets) for post_id, room in self.rooms.items()}
        left, self._left = self._left, set()
        if time.monotonic() - self._presence_at > PRESENCE_SECONDS:
            self._present, self._presence_at = {}, time.monotonic()
        changed = {post_id: count for post_id, count in here.items() if self._present.get(post_id) != count}
        if not (changed or left or here):
            return
        try:
            found = await presence.exchange(self._redis, self._process, mine=changed, left=left, ask=here)
        except _ENGINE_TROUBLE:
            self._left |= left
            raise
        self._present = here
        for post_id, elsewhere in found.items():
            if room := self.rooms.get(post_id):
                room.viewers_elsewhere = elsewhere

    def _tell_counts(self) -> None:
        """One frame of counts for each room where one of them changed."""
        for room in self.rooms.values():
            if room.standing is None:
                continue
            now = (room.standing.likes, room.standing.comments, room.standing.remixes, room.viewers)
            if now != room.told:
                room.told = now
                likes, comments, remixes, viewers = now
                room.tell(Frame.of("counts", likes=likes, comments=comments, remixes=remixes, viewers=viewers))

    # --- who may stay -------------------------------------------------------------------------------------------

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            await self._ask(outlet for room in self.rooms.values() for outlet in room.sockets)

    async def _ask_now(self, people: list[int], posts: list[int], *, everybody: bool = False) -> None:
        await self._ask(
            outlet
            for room in self.rooms.values()
            for outlet in room.sockets
            if everybody or room.post_id in posts or outlet.held.person_id in people
        )

    async def _ask(self, outlets: Iterable[Outlet]) -> None:
        """Ask again for each of these sockets; close or filter them as the answer says."""
        asked = list(outlets)
        if not asked:
            return
        try:
            verdicts = await self.read(admitting.ask_again, [outlet.held for outlet in asked])
        except _ENGINE_TROUBLE as trouble:
            log.warning("cannot_ask_again", error=str(trouble))
            return
        for outlet, verdict in zip(asked, verdicts, strict=True):
            outlet.walled = verdict.walled
            if verdict.refusal is not None:
                outlet.end(Frame.of("closed", code=verdict.refusal.code), code=4000 + verdict.refusal.status)

    # --- the end ------------------------------------------------------------------------------------------------

    def on_stop_signal(self) -> None:
        """Say goodbye on SIGTERM and SIGINT, and let the server's own handler act a moment later."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            servers = signal.getsignal(number)

            def leave(signum: int, frame: FrameType | None, servers: Any = servers) -> None:
                loop.call_soon_threadsafe(self.say_goodbye)
                loop.call_soon_threadsafe(loop.call_later, GOODBYE_SECONDS, servers, signum, frame)

            if callable(servers):
                signal.signal(number, leave)

    def say_goodbye(self) -> None:
        """Ask every client to come back in a moment, each at its own."""
        self.is_leaving = True
        for room in self.rooms.values():
            for outlet in tuple(room.sockets):
                outlet.end(goodbye(), code=GOING_AWAY)
        for say_goodbye in self.farewells:
            say_goodbye()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("live_task_failed", error=repr(error))


def _with_fresh_connections(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """As a request does it: a database connection that broke, or is too old, is replaced."""
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()


def goodbye() -> Frame:
    return Frame.of("closed", code="going_away", reconnect_in_ms=random.randint(0, RECONNECT_WITHIN_MS))


_hubs: "dict[asyncio.AbstractEventLoop, Hub]" = {}


def of_this_loop() -> Hub:
    """The hub of the running event loop, started when it is first asked for."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
        _hubs[loop].start()
    return _hubs[loop]


async def lifespan(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Start with the server; say goodbye when it is told to stop, before it cuts the sockets."""
    await receive()
    hub = of_this_loop()
    hub.on_stop_signal()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _hubs.pop(asyncio.get_running_loop()).stop()
    await send({"type": "lifespan.shutdown.complete"})
