"""Doors to the live rooms: a socket in, frames out."""

import time
from collections.abc import Mapping
from typing import Any
from weakref import WeakValueDictionary

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import TooManyFieldsSent
from django.db import Error as DatabaseError
from django.http import QueryDict

from sora_social.core.errors import DomainError, Invalid, NotFound, TooLarge, TooMany, Unavailable
from sora_social.posts.comments import commenting, rules
from sora_social.posts.comments.room_wire import RoomOut
from sora_social.posts.comments.wire import CommentIn, CommentOut
from sora_social.posts.live import admitting, hub
from sora_social.posts.live.admitting import Pass
from sora_social.posts.live.frames import Frame
from sora_social.posts.live.outlet import Outlet

LARGEST_FRAME = 8 * 1024
BURST = 20  # frames at once
FRAMES_PER_SECOND = 4.0
PATIENCE = 100  # frames over the limit before the socket is closed
LARGEST_NUMBER = 2**63 - 1
LARGEST_DIGITS = 19
SOCKETS_AT_ONCE = 64  # of one person, in one process


class Bucket:
    """A token bucket, one for all sockets of a person: BURST frames at once, FRAMES_PER_SECOND in the long run."""

    def __init__(self) -> None:
        self.sockets = 0
        self.left = float(BURST)
        self.refilled_at = time.monotonic()
        self.refused = 0

    def take(self) -> None:
        """Raises TooMany."""
        now = time.monotonic()
        self.left = min(BURST, self.left + (now - self.refilled_at) * FRAMES_PER_SECOND)
        self.refilled_at = now
        if self.left < 1:
            self.refused += 1
            raise TooMany(retry_after=(1 - self.left) / FRAMES_PER_SECOND)
        self.left -= 1


_buckets: "WeakValueDictionary[int, Bucket]" = WeakValueDictionary()


class SocketConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A socket that says why before it closes."""

    async def dispatch(self, message: dict[str, Any]) -> None:
        # without Channels' own look after database connections: ours are used, and looked after, in the hub's threads
        handler = getattr(self, message["type"].replace(".", "_"))
        await handler(message)

    async def refuse(self, refusal: DomainError) -> None:
        await self.send(text_data=Frame.of("closed", code=refusal.code).message["text"])
        await self.close(4000 + refusal.status)


class Nowhere(SocketConsumer):
    """Every path that leads nowhere."""

    async def connect(self) -> None:
        await self.accept()
        await self.refuse(NotFound())


class PersonConsumer(SocketConsumer):
    """A socket that a ticket opened for a person: what all such sockets do with floods, nonsense and refusals."""

    outlet: Outlet | None = None
    verbs = "ping"  # what may be said, named to who says something else

    async def enter(self, ticket: str, asked: QueryDict, headers: Mapping[str, str]) -> None:
        """Let the holder of the ticket in. Raises what refuses them."""
        raise NotImplementedError

    def leave(self, outlet: Outlet) -> None:
        """The socket is gone."""
        raise NotImplementedError

    async def act(self, outlet: Outlet, kind: Any, words: dict[str, Any]) -> None:
        """Do what a frame asks. Raises Invalid for one that is not understood, and whatever refuses it."""
        if kind != "ping":
            raise Invalid.field("type", f"One of: {self.verbs}.", code="unknown_type")
        outlet.push(Frame.of("pong"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.hub, self.bucket = hub.of_this_loop(), Bucket()
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.bucket.sockets -= 1
            if self.outlet is not None:
                self.leave(self.outlet)

    async def connect(self) -> None:
        await self.accept()
        headers = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in self.scope["headers"]}
        try:
            asked = _asked(self.scope["query_string"])
            await self.enter(asked.get("ticket", ""), asked, headers)
        except DomainError as refusal:
            await self.refuse(refusal)
        except DatabaseError:
            await self.refuse(Unavailable())

    def seat(self, held: Pass) -> Outlet:
        """The way out to who was let in. Raises TooMany, and Unavailable while this process is leaving."""
        if self.hub.is_leaving:
            raise Unavailable
        self.bucket = _buckets.setdefault(held.person_id, self.bucket)
        self.bucket.sockets += 1
        if self.bucket.sockets > SOCKETS_AT_ONCE:
            raise TooMany("Too many sockets at once.", retry_after=10)
        self.outlet = Outlet(self.base_send, held)
        return self.outlet

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        outlet = self.outlet
        if outlet is None or outlet.ended:
            return
        words: dict[str, Any] = {}
        try:
            self.bucket.take()
            words = _words(text_data)
            await self.act(outlet, words.pop("type", None), words)
        except DomainError as refusal:
            self._answer_refusal(outlet, refusal, words)
        except DatabaseError:
            self._answer_refusal(outlet, Unavailable(retry_after=2), words)

    def _answer_refusal(self, outlet: Outlet, refusal: DomainError, words: dict[str, Any]) -> None:
        wait = refusal.retry_after
        client_id = words.get("client_id")
        outlet.push(
            Frame.of(
                "error",
                client_id=client_id if isinstance(client_id, str) else None,
                code=refusal.code,
                detail=refusal.detail,
                errors=refusal.errors,
                retry_after=None if wait is None else max(1, round(wait)),
            )
        )
        if self.bucket.refused > PATIENCE:
            outlet.end(Frame.of("closed", code=refusal.code), code=4000 + TooMany.status)


class RoomConsumer(PersonConsumer):
    """The room of a post: `hello`, then everything after `after_seq`, then what happens, each once and in order."""

    verbs = "say, ping"

    async def enter(self, ticket: str, asked: QueryDict, headers: Mapping[str, str]) -> None:
        after_seq = _number(asked.get("after_seq"))
        post_id: int = self.scope["url_route"]["kwargs"]["post_id"]
        outlet = self.seat(await self.hub.read(admitting.enter, ticket, post_id, headers=headers))
        room = await self.hub.join(outlet)
        newest = room.last_seq or 0
        outlet.position = newest if after_seq is None else min(after_seq, newest)
        outlet.handed = outlet.position
        view = await self.hub.read(rules.room_as, outlet.held.person_id, post_id)
        outlet.push(Frame.of("hello", seq=newest, viewers=room.viewers, room=RoomOut(view).data))
        await self.hub.serve(room, outlet)

    def leave(self, outlet: Outlet) -> None:
        self.hub.leave(outlet)

    async def act(self, outlet: Outlet, kind: Any, words: dict[str, Any]) -> None:
        if kind == "say":
            await self._say(outlet, words)
        else:
            await super().act(outlet, kind, words)

    async def _say(self, outlet: Outlet, words: dict[str, Any]) -> None:
        said = CommentIn.checked(words)
        seen = await self.hub.read(commenting.say_as, outlet.held.person_id, outlet.held.post_id, **said)
        outlet.push(Frame.of("said", client_id=said["client_id"], comment=CommentOut(seen).data))


def _words(text: str | None) -> dict[str, Any]:
    """What a frame says. Raises Invalid, TooLarge."""
    if text is None:
        raise Invalid("Frames are text.", code="invalid_json")
    if len(text) > LARGEST_FRAME:
        raise TooLarge
    try:
        words = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid("Frames are JSON objects.", code="invalid_json") from error
    if not isinstance(words, dict):
        raise Invalid("Frames are JSON objects.", code="invalid_json")
    return words


def _asked(query: bytes) -> QueryDict:
    """What the query says. Raises Invalid for one with more in it than Django reads."""
    try:
        return QueryDict(query)
    except TooManyFieldsSent as error:
        raise Invalid("Too many parameters.") from error


def _number(text: str | None) -> int | None:
    """A number of the query. Raises Invalid."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= LARGEST_DIGITS) or int(text) > LARGEST_NUMBER:
        raise Invalid.field("after_seq", "A number from 0 on.")
    return int(text)


async def sockets_only(scope: Any, receive: Any, send: Any) -> None:
    """Plain HTTP to the port of the sockets: say what is spoken here."""
    headers = [(b"content-type", b"application/problem+json"), (b"upgrade", b"websocket"), (b"connection", b"close")]
    body = b'{"status":426,"code":"upgrade_required","title":"Only WebSockets are served here"}'
    await send({"type": "http.response.start", "status": 426, "headers": headers})
    await send({"type": "http.response.body", "body": body})
