"""The same room the stock way: a consumer in a Channels group, with the cheapest layer there is, the one in memory.

A layer that goes through Redis does the same work for every socket, and a round trip besides. Keeps no promise.
"""

import asyncio
import os
from typing import Any

import django
import redis.asyncio
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={
        "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 100_000, "expiry": 600}}
    }
)
django.setup()

_listening: "list[asyncio.Task[None]]" = []


class Watcher(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        if not _listening:
            _listening.append(asyncio.create_task(_listen(self.channel_layer)))
        self.group = self.scope["path"].rpartition("/")[2]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send(text_data='{"type": "hello"}')

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def room_frame(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


async def _listen(layer: Any) -> None:
    client = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])
    async with client.pubsub() as pubsub:
        await pubsub.psubscribe("live:room:*")
        async for message in pubsub.listen():
            if message["type"] == "pmessage":
                group = message["channel"].decode().rpartition(":")[2]
                text = message["data"].partition(b"\n")[2].decode()
                await layer.group_send(group, {"type": "room.frame", "text": text})


application = Watcher.as_asgi()
