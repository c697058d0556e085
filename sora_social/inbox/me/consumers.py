"""The door to what is mine: a socket in, frames out."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from sora_social.inbox.me import admitting, switchboard
from sora_social.posts.live.consumers import PersonConsumer
from sora_social.posts.live.outlet import Outlet


class MeConsumer(PersonConsumer):
    """`hello` with what is unread, then a frame for each thing of mine that changes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.switchboard = switchboard.of_this_loop()
        await super().__call__(scope, receive, send)

    async def enter(self, ticket: str, asked: QueryDict, headers: Mapping[str, str]) -> None:
        held = await self.hub.read(admitting.enter, ticket, headers=headers)
        await self.switchboard.connect(self.seat(held))

    def leave(self, outlet: Outlet) -> None:
        self.switchboard.leave(outlet)
