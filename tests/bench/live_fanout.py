"""L1: deliveries per second in a room of many sockets, one core for the server.

Ours is the real process: Redis, order, gaps, walls, bounded queues. The other side is a bare ASGI application under the
same server that sends the same frames, which come over the same bus, to a list of sockets; a third is the stock way, a
consumer in a Channels group, whose layer is in memory. The clients live in a
process of their own on the other core, and only count bytes. Rounds alternate; what is reported is the ratio.

Run alone: `python -m tests.bench.live_fanout [sockets] [frames] [rounds]`. It starts engines of its own.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.report import Row, spread
from tests.bench.servers import alone

ROOT = Path(__file__).resolve().parents[2]
BARE = "tests.bench.live_bare:application"
STOCK = "tests.bench.live_stock:application"
FRAME_BYTES = 600
TARGET = 0.5


@dataclass(frozen=True)
class Round:
    ours: float
    bare: float
    stock: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def run(*, sockets: int = 1_000, frames: int = 100, rounds: int = 5) -> list[Row]:
    """Measure. Needs the engines' environment and Django to be set up, and a database that may be written to."""
    measured = list(_rounds(sockets, frames, rounds))
    ratios = [each.ratio for each in measured]
    return [
        Row(
            "L1",
            f"a room of {sockets:,} sockets, frames of {FRAME_BYTES} bytes; other side: a bare ASGI loop that sends "
            "the same frames",
            f"{statistics.median(each.ours for each in measured):,.0f} deliveries/s",
            f"{statistics.median(each.bare for each in measured):,.0f} deliveries/s",
            spread(ratios),
            f"≥ {TARGET}",
            statistics.median(ratios) >= TARGET,
        ),
        Row(
            "L1",
            "the same; other side: the stock way, `group_send` of Channels with the layer in memory",
            f"{statistics.median(each.ours for each in measured):,.0f} deliveries/s",
            f"{statistics.median(each.stock for each in measured):,.0f} deliveries/s",
            spread([each.ours / each.stock for each in measured]) + "×",
        ),
    ]


def _rounds(sockets: int, frames: int, rounds: int) -> Iterator[Round]:
    from tests import cast
    from tests.live_processes import APPLICATION, LiveProcess

    _allow_files(3 * sockets + 500)
    some = max(1, frames // 10)  # the stock way takes more than ten times as long for each
    prefix = ("taskset", "-c", str(min(os.sched_getaffinity(0)))) if sys.platform == "linux" else ()
    watchers = [cast.person(f"watcher{number}_{time.time_ns() % 10**9}") for number in range(25)]
    sides = {
        name: LiveProcess(application, prefix=prefix)
        for name, application in (("ours", APPLICATION), ("bare", BARE), ("stock", STOCK))
    }
    try:
        for process in sides.values():
            process.wait_until_it_listens()
        tokens = [cast.session_token(person) for person in watchers]
        for _ in range(rounds):
            # a new room each time: what is measured never went through the database, so that its numbers begin at 1
            yield Round(
                **{
                    name: _measure(process.url, watchers, tokens, cast.post(watchers[0]).pk, sockets, count)
                    for (name, process), count in zip(sides.items(), (frames, frames, some), strict=True)
                }
            )
    finally:
        for process in sides.values():
            process.kill()


def _measure(url: str, people: list[Any], tokens: list[str], post_id: int, sockets: int, frames: int) -> float:
    from sora_social.core import bus
    from sora_social.posts.live import tickets
    from sora_social.posts.live.frames import Frame, channel_of, message_of

    def address(number: int) -> str:
        person, token = people[number % len(people)], tokens[number % len(people)]
        return f"{url}/posts/{post_id}?ticket={tickets.issue(person, session_token=token)['ticket']}"

    with _clients(frames) as clients:
        for start in range(0, sockets, 200):
            clients.ask("open", [address(number) for number in range(start, min(sockets, start + 200))])
        time.sleep(2.5)  # the first counts go out
        clients.ask("begin")
        began = time.monotonic()
        for seq in range(1, frames + 1):
            text = json.dumps({"type": "comment", "seq": seq, "padding": "x" * FRAME_BYTES})
            bus.publish(channel_of(post_id), message_of(Frame.of_text(text, seq=seq)))
        ended = clients.ask("wait")
        assert ended["complete"] == sockets, ended
        return sockets * frames / (ended["at"] - began)


class Clients:
    """The process of the clients, told what to do line by line."""

    def __init__(self, frames: int) -> None:
        self.process = subprocess.Popen(
            [*_other_core(), sys.executable, "-m", "tests.bench.live_clients", str(frames)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, what: str, words: Any = None) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([what, words]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def _clients(frames: int) -> Iterator[Clients]:
    clients = Clients(frames)
    try:
        yield clients
    finally:
        clients.process.kill()
        clients.process.wait()


def _other_core() -> tuple[str, ...]:
    cores = os.sched_getaffinity(0) if sys.platform == "linux" else set()
    return ("taskset", "-c", str(max(cores))) if len(cores) > 1 else ()


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= wanted, f"needs {wanted} open files: raise `ulimit -n`"


if __name__ == "__main__":
    alone(run, "sockets", "frames", "rounds")
