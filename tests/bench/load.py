"""A client process that asks for prepared requests over a few connections that stay open, and counts the answers."""

import asyncio
import itertools
import json
import sys
import time
from typing import Any

import uvloop

CHUNKED = 1 << 60  # a body that does not say how long it is


class Client(asyncio.Protocol):
    """HTTP/1.1 with just enough understanding to know where an answer ends."""

    def __init__(self, load: "Load") -> None:
        self.load, self.rest = load, b""
        self.missing: int | None = None  # bytes of the body that are still to come

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        if self.missing is None:
            self.rest += data
            head, found, body = self.rest.partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 200"), self.rest[:500]
            self.rest = b""
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self.missing, data = int(length) if length else CHUNKED, body
        self.missing -= len(data)
        self.rest = (self.rest + data)[-7:]
        if self.missing == 0 or (self.missing > CHUNKED // 2 and self.rest == b"\r\n0\r\n\r\n"):
            self.missing, self.rest = None, b""
            self.load.answers += 1
            if time.perf_counter() < self.load.until:
                self.transport.write(next(self.load.requests))
            else:
                self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.load.ended.append(error or self.missing)


class Load:
    def __init__(self, requests: list[bytes], start: int) -> None:
        self.requests = itertools.islice(itertools.cycle(requests), start, None)
        self.answers, self.until, self.ended = 0, 0.0, []

    async def run(self, port: int, connections: int, seconds: float) -> dict[str, float]:
        began = time.perf_counter()
        self.until = began + seconds
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: Client(self), "127.0.0.1", port)
        while len(self.ended) < connections:
            await asyncio.sleep(0.005)
        assert not any(self.ended), self.ended
        return {"answers": self.answers, "seconds": time.perf_counter() - began}


def main() -> None:
    """Requests as JSON on the first line; then one line for each run, answered by one line."""
    requests = [text.encode() for text in json.loads(sys.stdin.readline())]
    start = 0
    while line := sys.stdin.readline():
        load = Load(requests, start % len(requests))
        said = uvloop.run(load.run(**json.loads(line)))
        start += int(said["answers"])
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
