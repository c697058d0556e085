"""L2: what an idle socket costs, and how soon 2,000 of them have what was said.

One real process on one core. Comments go the whole way: a commit, a number, a publish, a frame. The time is from before
the comment is said until a client on the other core has it, read off the frame itself, at one socket in ten; every
socket counts what it gets. Run alone: `python -m tests.bench.live_rooms [sockets] [seconds]`.
"""

import os
import statistics
import sys
import time
from typing import Any

import psutil

from tests.bench.live_fanout import _allow_files, _clients
from tests.bench.report import Row
from tests.bench.servers import alone

PER_SECOND = 20
IDLE_GOAL_KB, P95_GOAL_MS = 60, 250


def run(*, sockets: int = 2_000, seconds: float = 30.0) -> list[Row]:
    """Measure. Needs the engines' environment and Django to be set up, and a database that may be written to."""
    from tests import cast
    from tests.live_processes import LiveProcess

    _allow_files(2 * sockets + 500)
    prefix = ("taskset", "-c", str(min(os.sched_getaffinity(0)))) if sys.platform == "linux" else ()
    people = [cast.person(f"l2_{number}_{time.time_ns() % 10**9}") for number in range(1 + sockets // 50)]
    tokens = [cast.session_token(person) for person in people]
    post = cast.post(people[0])
    frames = round(PER_SECOND * seconds)
    process = LiveProcess(prefix=prefix, options=("--ws-ping-interval", "3600"))  # these clients answer no ping
    try:
        process.wait_until_it_listens()
        with _clients(frames) as clients:
            _open(clients, process.url, people, tokens, post.pk, range(50))  # what the first ones load is no socket's
            time.sleep(3)  # what opening them took is freed, or kept
            before = psutil.Process(process.process.pid).memory_info().rss
            _open(clients, process.url, people, tokens, post.pk, range(50, sockets))
            time.sleep(3)  # the same
            idle = (psutil.Process(process.process.pid).memory_info().rss - before) / max(1, sockets - 50) / 1e3
            clients.ask("begin")
            began, spent = time.monotonic(), _cpu(process.process.pid)
            late = _speak(people, post.pk, frames)
            told = clients.ask("wait")
            busy = (_cpu(process.process.pid) - spent) / (told["at"] - began)
    finally:
        process.kill()
    lost = sockets * frames - told["seen"]
    latencies = sorted(told["latencies"])
    p95 = latencies[int(len(latencies) * 0.95)] * 1e3
    return [
        Row(
            "L2",
            f"memory of an idle socket, {sockets:,} in one process",
            f"{idle:.0f} kB",
            figure=f"{idle:.0f} kB",
            goal=f"≤ {IDLE_GOAL_KB} kB",
            met=idle <= IDLE_GOAL_KB,
        ),
        Row(
            "L2",
            f"a room of {sockets:,} sockets, {PER_SECOND} comments/s for {seconds:.0f} s, from `say` to the client",
            f"median {statistics.median(latencies) * 1e3:.0f} ms, most {latencies[-1] * 1e3:.0f} ms; "
            f"{busy:.0%} of a core; said {late * 1e3:.0f} ms late at most",
            figure=f"95 %: {p95:.0f} ms; {lost:,} of {sockets * frames:,} lost",
            goal=f"95 % ≤ {P95_GOAL_MS} ms; 0 lost",
            met=p95 <= P95_GOAL_MS and lost == 0,
        ),
    ]


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _open(clients: Any, url: str, people: list[Any], tokens: list[str], post_id: int, numbers: range) -> None:
    from sora_social.posts.live import tickets

    for start in range(numbers.start, numbers.stop, 200):
        addresses = []
        for number in range(start, min(numbers.stop, start + 200)):
            person, token = people[number % len(people)], tokens[number % len(people)]
            ticket = tickets.issue(person, session_token=token)["ticket"]
            addresses.append(f"{url}/posts/{post_id}?ticket={ticket}")
        clients.ask("open", addresses)


def _speak(people: list[Any], post_id: int, frames: int) -> float:
    """Say something twenty times a second, each with the moment in it. How late the latest was said, in seconds."""
    from sora_social.posts.comments import commenting

    began, late = time.monotonic(), 0.0
    for number in range(frames):
        due = began + number / PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        late = max(late, time.monotonic() - due)
        commenting.say(people[number % len(people)], post_id, text=f"t={time.monotonic():.6f}")
    return late


if __name__ == "__main__":
    alone(run, "sockets", "seconds")
