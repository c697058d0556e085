"""The way out to one socket: straight through while it takes what it gets, a short queue while it does not."""

import asyncio
import functools
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

from sora_social.posts.live.admitting import Pass
from sora_social.posts.live.frames import Frame

Send = Callable[[Any], Coroutine[Any, Any, None]]

MOST_FRAMES = 256
MOST_BYTES = 1_000_000
TOO_SLOW = 4408


class Outlet:
    """One socket. `position` is the number up to which it has, or will have, everything that is for it; `handed` is the
    last number that the server took for it, which comes before anything else does.

    A frame is handed to the server by stepping its `send` here and now: no task, no switch, as long as the socket can
    take it. The first `send` that would wait is finished by a task, and what comes meanwhile waits in the queue.
    """

    __slots__ = ("_drain", "_queue", "_queued_bytes", "_send", "ended", "handed", "held", "position", "walled")

    def __init__(self, send: Send, held: Pass) -> None:
        self.held = held
        self.walled = held.walled
        self.position = 0
        self.handed = 0
        self.ended = False
        self._send = send
        self._queue: deque[Frame] = deque()
        self._queued_bytes = 0
        self._drain: asyncio.Task[None] | None = None

    def push(self, frame: Frame) -> None:
        """Hand a frame over now, or queue it. A socket that lets too much pile up is sent away with a resume point."""
        if self.ended:
            return
        if frame.seq:
            self.position = frame.seq
        if not frame.size or frame.author_id in self.walled or not frame.is_for(self.held.person_id):
            return
        if frame.mentioned and not self.walled.isdisjoint(frame.mentioned):
            frame = frame.without(self.walled)
        if self._drain is None:
            self._step(frame)
            return
        self._queue.append(frame)
        self._queued_bytes += frame.size
        if len(self._queue) > MOST_FRAMES or self._queued_bytes > MOST_BYTES:
            self._queue.clear()
            self.end(Frame.of("resync", after_seq=self.handed), code=TOO_SLOW)

    async def put(self, frame: Frame) -> None:
        """Like push, but wait until earlier frames are gone: for history, which may be longer than any queue."""
        while self._drain is not None and not self.ended:
            await asyncio.wait({self._drain})
        self.push(frame)

    def end(self, last: Frame, *, code: int) -> None:
        """Say one last thing and close. Nothing goes out after it."""
        if self.ended:
            return
        closing = Frame(0, 0, {"type": "websocket.close", "code": code}, 1)
        self.ended = True
        if self.is_backlogged:
            self._queue.append(last)
        else:
            self._step(last)
        if self.is_backlogged:
            self._queue.append(closing)
        else:
            self._step(closing)

    @property
    def is_backlogged(self) -> bool:
        return self._drain is not None

    def forget(self) -> None:
        """The socket is gone."""
        self.ended = True
        self._queue.clear()
        if self._drain is not None:
            self._drain.cancel()

    def _step(self, frame: Frame) -> None:
        if frame.seq:
            self.handed = frame.seq
        sending = self._send(frame.message)
        try:
            waits_for = sending.send(None)
        except StopIteration:
            pass
        except (OSError, RuntimeError):  # the server says so when the socket is gone, or closing
            self.ended = True
        else:
            self._drain = asyncio.get_running_loop().create_task(self._finish(_resumed(sending, waits_for)))

    async def _finish(self, sending: Awaitable[None]) -> None:
        try:
            await sending
            while self._queue:
                frame = self._queue.popleft()
                self._queued_bytes -= frame.size
                if frame.seq:
                    self.handed = frame.seq
                await self._send(frame.message)
        except (OSError, RuntimeError):
            self.ended = True
            self._queue.clear()
        finally:
            self._queued_bytes = 0
            self._drain = None


@types.coroutine
def _resumed(coroutine: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine that was already stepped and waits for something, from inside a task."""
    while True:
        try:
            value = yield waits_for
        except BaseException as error:
            step = functools.partial(coroutine.throw, error)
        else:
            step = functools.partial(coroutine.send, value)
        try:
            waits_for = step()
        except StopIteration:
            return
