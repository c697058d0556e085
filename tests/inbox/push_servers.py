"""Push services that run in the test process and misbehave when told to: FCM over HTTP/1.1, APNs over HTTP/2."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import h2.config
import h2.connection
import h2.events

HANG = "hang"
GARBAGE = "garbage"
TRICKLE = "trickle"
CUT = "cut"


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    how: str = ""


class Server:
    """Answers by `replies`, one after the other, then by `usual`; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.replies: list[Reply] = []
        self.usual = Reply()
        self.connections = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve_quietly, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.05))
        self._loop.close()

    async def _serve_quietly(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.serve(reader, writer)
        writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError

    def reply_to(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.replies.pop(0) if self.replies else self.usual

    def __enter__(self) -> "Server":
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class Http1(Server):
    """Plain HTTP/1.1, as FCM and Google's tokens are asked for in tests."""

    def reply_to(self, asked: Asked) -> Reply:
        if asked.path == "/token" and not (self.replies and self.replies[0].how == "token"):
            self.asked.append(asked)
            return Reply(body=json.dumps({"access_token": "at-1", "expires_in": 3600}).encode())
        return super().reply_to(asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode():
            headers = {}
            while header := (await reader.readline()).decode().strip():
                name, _, value = header.partition(":")
                headers[name.lower()] = value.strip()
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            reply = self.reply_to(Asked(line.split()[1], headers, body))
            if reply.how == HANG:
                await asyncio.sleep(60)
            if reply.how == CUT:
                return
            if reply.how == GARBAGE:
                writer.write(b"\x00\xff not HTTP at all\r\n\r\n")
                return
            extra = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            head = f"HTTP/1.1 {reply.status} Said\r\nContent-Length: {len(reply.body)}\r\n{extra}\r\n".encode()
            for piece in [head + reply.body] if reply.how != TRICKLE else [bytes([byte]) for byte in head]:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.2 if reply.how == TRICKLE else 0)


class Http2(Server):
    """HTTP/2 with prior knowledge, as APNs is asked in tests."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        talk.initiate_connection()
        writer.write(talk.data_to_send())
        open_ones: dict[int, Asked] = {}
        while data := await reader.read(65536):
            for event in talk.receive_data(data):
                match event:
                    case h2.events.RequestReceived():
                        headers = dict(event.headers)
                        open_ones[event.stream_id] = Asked(headers[":path"], headers, b"")
                    case h2.events.DataReceived():
                        open_ones[event.stream_id].body += event.data
                        talk.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    case h2.events.StreamEnded():
                        reply = self.reply_to(open_ones.pop(event.stream_id))
                        if reply.how == CUT:
                            return
                        if reply.how == GARBAGE:
                            writer.write(b"\x00\xff not HTTP at all\r\n\r\n")
                            return
                        if reply.how != HANG:
                            headers = [(":status", str(reply.status)), *reply.headers.items()]
                            talk.send_headers(event.stream_id, headers)
                            talk.send_data(event.stream_id, reply.body, end_stream=True)
            writer.write(talk.data_to_send())
            await writer.drain()


@contextlib.contextmanager
def push_servers() -> Iterator[tuple[Http1, Http2]]:
    with Http1() as fcm, Http2() as apns:
        yield fcm, apns
