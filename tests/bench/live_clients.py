"""Many sockets that read and count, in one process: raw, so that they cost less than the server that is measured."""

import asyncio
import base64
import contextlib
import json
import os
import re
import sys
import time
from typing import Any
from urllib.parse import urlsplit

NEEDLE = b'"comment",'  # the type of a frame, not the property of that name
SAID_AT = re.compile(rb'"text":"t=(\d+\.\d+)"')
TIMED_ONE_IN = 10


class Client(asyncio.Protocol):
    """A WebSocket client that knows just enough: a handshake, and how to count text frames with a number."""

    def __init__(self, crowd: "Crowd", url: str) -> None:
        self.crowd, self.url = crowd, urlsplit(url)
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.seen, self.rest, self.is_complete = 0, b"", False
        crowd.made += 1
        self.is_timed = crowd.made % TIMED_ONE_IN == 0

    def connection_made(self, transport: Any) -> None:
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.url.path}?{self.url.query} HTTP/1.1\r\nHost: {self.url.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self.rest += data
            if b'"hello"' in self.rest:
                assert self.rest.startswith(b"HTTP/1.1 101"), self.rest[:80]
                self.opened.set_result(None)
                self.rest = b""
            return
        # a frame may come in two pieces: look at the seam, too
        piece = self.rest + data
        self.seen += piece.count(NEEDLE)
        if self.is_timed and (said := SAID_AT.search(piece)) is not None:
            self.crowd.latencies.append(time.monotonic() - float(said[1]))
        self.rest = piece[-(len(NEEDLE) - 1) :]
        if self.seen >= self.crowd.frames and not self.is_complete:
            self.is_complete = True
            self.crowd.one_is_complete()


class Crowd:
    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.clients: list[Client] = []
        self.made = self.complete = 0
        self.latencies: list[float] = []
        self.all_complete = asyncio.Event()

    async def open(self, urls: list[str]) -> int:
        async def one(url: str) -> None:
            client = Client(self, url)
            place = client.url
            await asyncio.get_running_loop().create_connection(lambda: client, place.hostname, place.port)
            await asyncio.wait_for(client.opened, 60)
            self.clients.append(client)

        for start in range(0, len(urls), 50):
            await asyncio.gather(*(one(url) for url in urls[start : start + 50]))
        return len(self.clients)

    def one_is_complete(self) -> None:
        self.complete += 1
        if self.complete == len(self.clients):
            self.all_complete.set()

    async def wait(self) -> dict[str, Any]:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.all_complete.wait(), 60)
        seen = sum(client.seen for client in self.clients)
        return {"complete": self.complete, "at": time.monotonic(), "seen": seen, "latencies": self.latencies}


async def main(frames: int) -> None:
    crowd = Crowd(frames)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        what, words = json.loads(line)
        match what:
            case "open":
                answer: Any = await crowd.open(words)
            case "wait":
                answer = await crowd.wait()
            case _:
                answer = None
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
