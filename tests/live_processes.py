"""Real socket processes, and people who watch through them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from sora_social.accounts.models import User
from sora_social.posts.live import tickets
from tests import cast
from tests.processes import ROOT, eventually, free_port

APPLICATION = "sora_social.asgi:application"


class LiveProcess:
    """`uvicorn` with the sockets, as `make run` starts it."""

    def __init__(
        self, application: str = APPLICATION, *, prefix: tuple[str, ...] = (), options: tuple[str, ...] = ()
    ) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                *prefix,
                *(sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(self.port)),
                *("--lifespan", "auto", "--ws", "websockets-sansio", "--ws-max-size", "65536"),
                *("--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning"),
                *("--timeout-graceful-shutdown", "3", "--backlog", "4096"),
                *options,
            ],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "sora_social.settings"},
        )

    def wait_until_it_listens(self) -> None:
        def listens() -> bool:
            assert self.process.poll() is None, "the process ended"
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return True
            return False

        eventually(listens, seconds=30, what="the sockets do not listen")

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@contextlib.contextmanager
def live(count: int = 1, application: str = APPLICATION) -> Iterator[list[LiveProcess]]:
    processes = [LiveProcess(application) for _ in range(count)]
    try:
        for process in processes:
            process.wait_until_it_listens()
        yield processes
    finally:
        for process in processes:
            if process.process.poll() is None:
                process.kill()


def open_socket(
    url: str, person: User, post_id: int, *, after_seq: int | None = None, token: str = "", **options: Any
) -> ClientConnection:
    """A socket in a room, by a ticket of the real kind."""
    ticket = tickets.issue(person, session_token=token or cast.session_token(person))["ticket"]
    place = "" if after_seq is None else f"&after_seq={after_seq}"
    return connect(f"{url}/posts/{post_id}?ticket={ticket}{place}", compression=None, **options)


def read(connection: ClientConnection, *kinds: str, seconds: float = 10.0) -> dict[str, Any]:
    """The next frame of one of these kinds; of any kind when none is named."""
    end = time.monotonic() + seconds
    while True:
        frame = json.loads(connection.recv(timeout=max(0.01, end - time.monotonic())))
        if not kinds or frame["type"] in kinds:
            return dict(frame)


class Watcher(threading.Thread):
    """Somebody who keeps every numbered frame they get, and comes back with their last number when cut off."""

    def __init__(self, person: User, post_id: int, urls: list[str], *, leave_every: int = 0) -> None:
        super().__init__(daemon=True)
        self.person, self.post_id, self.urls, self.leave_every = person, post_id, urls, leave_every
        self.token = cast.session_token(person)
        self.seqs: list[int] = []
        self.texts: list[str] = []
        self.entries = 0
        self.ready = threading.Event()
        self._over = threading.Event()
        self.trouble: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            while not self._over.is_set():
                # a ticket may be gone with Redis before it is used: then the next one is asked for
                with contextlib.suppress(ConnectionClosed, InvalidStatus, OSError, EOFError, TimeoutError):
                    self._watch(self.urls[self.entries % len(self.urls)])
                time.sleep(0.02)
        except BaseException as error:
            self.trouble = error

    def _watch(self, url: str) -> None:
        self.entries += 1
        after = self.seqs[-1] if self.seqs else 0
        with open_socket(url, self.person, self.post_id, after_seq=after, token=self.token, open_timeout=5) as room:
            seen = 0
            while not self._over.is_set():
                try:
                    frame = json.loads(room.recv(timeout=0.1))
                except TimeoutError:
                    continue
                self.ready.set()
                if "seq" in frame and frame["type"] != "hello":
                    self.seqs.append(frame["seq"])
                    if frame["type"] == "comment":
                        self.texts.append(frame["comment"]["text"])
                    seen += 1
                    if self.leave_every and seen == self.leave_every:
                        return

    def stop(self) -> None:
        self._over.set()
        self.join(10)
        if self.trouble is not None:
            raise self.trouble
