"""The `/me` sockets of one process: one connection to the bus, and who listens by it.

The bus is only a hurry. Each socket is told when it may have missed something, and what the mailbox holds that no frame
told of is found by a regular look at the database, in the same breath as who may still listen.
"""

import asyncio
import contextlib
import random
from collections.abc import Iterable
from typing import Any

import orjson
import redis
import structlog
from django.db import Error as DatabaseError

from sora_social.core import bus
from sora_social.core.telling import CHANNEL, opened
from sora_social.inbox.me import admitting, greeting
from sora_social.posts.live import hub
from sora_social.posts.live.frames import CONTROL, Frame
from sora_social.posts.live.hub import Hub
from sora_social.posts.live.outlet import Outlet

log = structlog.get_logger(__name__)

ASK_AGAIN_SECONDS = 3.0
_BUS_TROUBLE = (redis.RedisError, OSError, TimeoutError)


class Switchboard:
    """Who listens through this process. Lives on one event loop, and leans on its hub."""

    def __init__(self, of: Hub) -> None:
        self.hub = of
        self.sockets: dict[int, set[Outlet]] = {}
        self._before_hello: dict[Outlet, list[Frame]] = {}
        self._listens = asyncio.Event()
        self._listened_before = False
        of.farewells.append(self._say_goodbye)
        of.run(self._listen)
        of.run(self._keep_asking)

    # --- coming and going -----------------------------------------------------------------------------------------

    async def connect(self, outlet: Outlet) -> None:
        """Greet a socket, then let it have what comes. What happens while the greeting is read follows it."""
        with contextlib.suppress(TimeoutError):  # without the bus the regular look serves it
            await asyncio.wait_for(self._listens.wait(), 1.0)
        self.sockets.setdefault(outlet.held.person_id, set()).add(outlet)
        early = self._before_hello[outlet] = []
        seq, words = await self.hub.read(greeting.words_for, outlet.held.person_id)
        outlet.push(Frame.of("hello", **words))
        outlet.position = seq
        del self._before_hello[outlet]
        for frame in early:
            outlet.push(frame)

    def leave(self, outlet: Outlet) -> None:
        outlet.forget()
        self._before_hello.pop(outlet, None)
        person_id = outlet.held.person_id
        here = self.sockets.get(person_id, set())
        here.discard(outlet)
        if not here:
            self.sockets.pop(person_id, None)

    def _outlets(self) -> list[Outlet]:
        return [outlet for here in self.sockets.values() for outlet in here]

    def _push(self, outlet: Outlet, frame: Frame) -> None:
        early = self._before_hello.get(outlet)
        if early is None:
            outlet.push(frame)
        else:
            early.append(frame)

    # --- the bus ----------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        try:
            async with bus.async_client() as client, client.pubsub() as pubsub:
                await pubsub.subscribe(CHANNEL, CONTROL)
                async for message in pubsub.listen():
                    self._hear(message)
                    await asyncio.sleep(0)  # let the sockets take what they got
        except _BUS_TROUBLE as trouble:
            log.warning("bus_connection_lost", error=str(trouble))
        finally:
            self._listens.clear()
        await asyncio.sleep(random.uniform(0.2, 0.6))

    def _hear(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode()
        if message["type"] == "subscribe" and channel == CHANNEL:
            self._listens.set()
            if self._listened_before:
                self._tell_all(Frame.of("resync"))
            self._listened_before = True
        elif message["type"] != "message":
            return
        elif channel == CONTROL:
            self._ask_soon(**orjson.loads(message["data"]))
        else:
            seq, person_ids, text = opened(message["data"])
            frame = Frame.of_text(text, seq=seq)
            for person_id in person_ids:
                for outlet in tuple(self.sockets.get(person_id, ())):
                    self._push(outlet, frame)

    def _tell_all(self, frame: Frame) -> None:
        for outlet in self._outlets():
            self._push(outlet, frame)

    # --- who may stay, and what the bus did not say -----------------------------------------------------------------

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            await self._ask(self._outlets())

    def _ask_soon(self, people: Iterable[int], *, everybody: bool = False, **_: Any) -> None:
        asked = self._outlets() if everybody else [one for pk in people for one in self.sockets.get(pk, ())]
        if asked:
            self.hub.spawn(self._ask(asked))

    async def _ask(self, asked: list[Outlet]) -> None:
        """Ask again for each of these sockets: close it, or tell it how far its mailbox is."""
        if not asked:
            return
        try:
            refusals = await self.hub.read(admitting.ask_again, [outlet.held for outlet in asked])
            numbers = await self.hub.read(greeting.numbers_of, {outlet.held.person_id for outlet in asked})
        except (*_BUS_TROUBLE, DatabaseError) as trouble:
            log.warning("cannot_ask_again", error=str(trouble))
            return
        for outlet, refusal in zip(asked, refusals, strict=True):
            newest = numbers.get(outlet.held.person_id, 0)
            if refusal is not None:
                outlet.end(Frame.of("closed", code=refusal.code), code=4000 + refusal.status)
            elif outlet not in self._before_hello and newest > outlet.position:
                outlet.push(greeting.reminder(newest))

    def _say_goodbye(self) -> None:
        for outlet in self._outlets():
            outlet.end(hub.goodbye(), code=hub.GOING_AWAY)


_switchboards: "dict[Hub, Switchboard]" = {}


def of_this_loop() -> Switchboard:
    """The switchboard of the running event loop, started when the first socket asks for it."""
    here = hub.of_this_loop()
    if here not in _switchboards:
        _switchboards[here] = Switchboard(here)
    return _switchboards[here]
