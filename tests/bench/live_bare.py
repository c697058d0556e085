"""The least that broadcasts: every frame from the bus goes to every socket, in a loop. Keeps no promise."""

import asyncio
import os
from typing import Any

import redis.asyncio

SENDS: "dict[str, set[Any]]" = {}


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        listening = asyncio.create_task(_listen())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        listening.cancel()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": '{"type": "hello"}'})
    room = SENDS.setdefault(scope["path"].rpartition("/")[2], set())
    room.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    room.discard(send)


async def _listen() -> None:
    client = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])
    async with client.pubsub() as pubsub:
        await pubsub.psubscribe("live:room:*")
        async for message in pubsub.listen():
            if message["type"] == "pmessage":
                text = message["data"].partition(b"\n")[2].decode()
                frame = {"type": "websocket.send", "text": text}
                for send in tuple(SENDS.get(message["channel"].decode().rpartition(":")[2], ())):
                    await send(frame)
