"""L02 and L03 at full size, a deploy under fifty sockets, and a soak: rooms for ten minutes with steady memory."""

import random
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import psutil

from tests.drill.table import Tried

SLOW, FRAMES, SIZE = 1_000, 600, 16_000
SOAK_SECONDS, SOAK_SOCKETS, SOAK_PER_SECOND = 600, 300, 10
STEADY_MB = 12


def slow(scale: float) -> Iterator[Tried]:
    """Clients that never read, and one that does."""
    from sora_social.core import bus
    from sora_social.posts.live import tickets
    from sora_social.posts.live.frames import Frame, channel_of, message_of
    from tests import cast
    from tests.live_processes import live, open_socket, read

    count = max(20, round(SLOW * scale))
    _allow_files(3 * count)
    people = [cast.person(f"slow{number}") for number in range(1 + count // 50)]
    tokens = [cast.session_token(person) for person in people]
    post = cast.post(people[0])
    with ExitStack() as stack:
        [process] = stack.enter_context(live(1))
        quick = stack.enter_context(open_socket(process.url, people[0], post.pk))
        read(quick, "hello")
        for number in range(count):
            which = number % len(people)
            ticket = tickets.issue(people[which], session_token=tokens[which])["ticket"]
            stack.callback(_never_reading(process.port, post.pk, ticket).close)
        memory = psutil.Process(process.process.pid)
        before, most, latencies = memory.memory_info().rss, 0, []
        for seq in range(1, FRAMES + 1):
            text = f'{{"type":"comment","seq":{seq},"padding":"{"x" * SIZE}"}}'
            began = time.monotonic()
            bus.publish(channel_of(post.pk), message_of(Frame.of_text(text, seq=seq)))
            read(quick, "comment", seconds=30)
            latencies.append(time.monotonic() - began)
            if seq % 20 == 0:
                most = max(most, memory.memory_info().rss - before)
        each = most / count / 1e6
        late = sorted(latencies)[int(FRAMES * 0.95)]
    yield Tried(
        "L02",
        "a silent or slow socket costs ≤ 1 MB and slows nobody",
        f"clients that never read, while {FRAMES * SIZE / 1e6:.0f} MB go to each",
        f"{count:,} sockets",
        f"{each:.3f} MB each at most; who reads has 95 % within {late * 1e3:.0f} ms",
        each <= 1.0 and late <= 0.25,
    )


def _never_reading(port: int, post_id: int, ticket: str) -> socket.socket:
    """A socket that greets and then never reads again."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    plain.settimeout(30)
    plain.connect(("127.0.0.1", port))
    plain.sendall(
        f"GET /posts/{post_id}?ticket={ticket} HTTP/1.1\r\nHost: live\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    got = b""
    while b'"hello"' not in got:
        got += plain.recv(4096)
    return plain


def closing(scale: float) -> Iterator[Tried]:
    """Each act that ends somebody's stay, again and again, in silence: nothing hurries the sockets."""
    from tests import cast
    from tests.journeys.test_l03_sockets_close_when_a_person_may_stay_no_more import ACTS, WITHIN
    from tests.live_processes import live, open_socket, read

    rounds = max(2, round(20 * scale))
    slowest, wrong = 0.0, []
    author = cast.person("closing")
    with live(1) as (process,):
        for turn in range(rounds):
            with ExitStack() as stack:
                rooms = []
                for number, act in enumerate(ACTS):
                    person = cast.person(f"leaving{turn}.{number}", password=cast.PASSWORD)
                    post, token = cast.post(author), cast.session_token(person)
                    room = stack.enter_context(open_socket(process.url, person, post.pk, token=token))
                    read(room, "hello")
                    rooms.append((act, person, token, post, room))
                for act, person, token, post, room in rooms:
                    began = time.monotonic()
                    act(author, person, token, post)
                    closed = read(room, "closed", seconds=2 * WITHIN)
                    slowest = max(slowest, time.monotonic() - began)
                    if closed["code"] != ACTS[act][0]:
                        wrong.append((act.__name__, closed["code"]))
    yield Tried(
        "L03",
        "block, ban, logout, revoke close or cleanse open sockets within 5 s",
        f"{len(ACTS)} acts, the hurry lost",
        f"{rounds * len(ACTS)} sockets",
        f"the slowest after {slowest:.1f} s" + (f"; wrong: {wrong[:3]}" if wrong else ""),
        slowest <= WITHIN and not wrong,
    )


def soak(scale: float) -> Iterator[Tried]:
    """People come, speak and go for ten minutes in two processes; memory is the same at the end as after a while."""
    from sora_social.core import bus
    from sora_social.posts.comments import commenting
    from tests import cast
    from tests.live_processes import Watcher, live

    seconds, sockets = max(30.0, SOAK_SECONDS * scale), max(20, round(SOAK_SOCKETS * min(1.0, scale * 4)))
    people = [cast.person(f"soak{number}") for number in range(1 + sockets // 40)]
    posts = [cast.post(people[0]) for _ in range(5)]
    over = threading.Event()
    with live(2) as processes:
        urls = [process.url for process in processes]
        watchers = [
            Watcher(people[n % len(people)], posts[n % 5].pk, urls, leave_every=random.choice([0, 40, 90]))
            for n in range(sockets)
        ]
        for watcher in watchers:
            watcher.ready.wait(60)
        passing = threading.Thread(target=_come_and_go, args=[people, posts, urls, over], daemon=True)
        passing.start()
        said, memory, began = [0] * 5, [], time.monotonic()
        while (now := time.monotonic() - began) < seconds:
            place = sum(said) % 5
            commenting.say(people[sum(said) % len(people)], posts[place].pk, text=f"number {said[place]}")
            said[place] += 1
            if sum(said) % 50 == 0:
                memory.append(sum(psutil.Process(each.process.pid).memory_info().rss for each in processes) / 1e6)
            time.sleep(max(0.0, sum(said) / SOAK_PER_SECOND - now))
        over.set()
        passing.join(10)
        trouble = _not_all(watchers, posts, said)
        for watcher in watchers:
            watcher.stop()
        end = time.monotonic() + 60
        while bus.client().keys("live:viewers:*") and time.monotonic() < end:
            time.sleep(1)
        keys = len(bus.client().keys("live:viewers:*"))
    third = max(1, len(memory) // 3)
    early, late = (sorted(part)[len(part) // 2] for part in (memory[third : 2 * third], memory[-third:]))
    yield Tried(
        "L01",
        "rooms for ten minutes: steady memory, nothing lost, nothing left behind",
        "sockets that come and go all the time",
        f"{seconds:.0f} s, {sockets} watchers, 5 rooms, 2 processes, {sum(said):,} comments",
        f"{early:.0f} MB in the middle third, {late:.0f} MB in the last; {keys} keys left" + trouble,
        not trouble and late - early <= STEADY_MB and keys == 0,
    )


def _not_all(watchers: list[Any], posts: list[Any], said: list[int]) -> str:
    """What somebody has not got, or not in order, when there was time enough."""
    wanted = {post.pk: list(range(1, count + 1)) for post, count in zip(posts, said, strict=True)}
    end = time.monotonic() + 30
    while any(watcher.seqs != wanted[watcher.post_id] for watcher in watchers) and time.monotonic() < end:
        time.sleep(0.5)
    wrong = sum(watcher.seqs != wanted[watcher.post_id] for watcher in watchers)
    return f"; {wrong} watchers have not got all of it in order" if wrong else ""


def _come_and_go(people: list[Any], posts: list[Any], urls: list[str], over: threading.Event) -> None:
    from tests import cast
    from tests.live_processes import open_socket, read

    token, turn = cast.session_token(people[0]), 0
    while not over.is_set():
        turn += 1
        with (
            suppress(OSError, EOFError),
            open_socket(urls[turn % 2], people[0], posts[turn % 5].pk, token=token) as room,
        ):
            read(room, "hello")
        time.sleep(0.1)


def deploy(scale: float) -> Iterator[Tried]:
    """A process is told to stop, and then one is killed, while people speak."""
    from tests.journeys.test_l01_a_deploy_loses_nobody import (
        SOCKETS,
        test_all_come_back_elsewhere_with_nothing_lost_or_doubled,
    )

    for end, how in ((signal.SIGTERM, "told to stop"), (signal.SIGKILL, "killed")):
        try:
            test_all_come_back_elsewhere_with_nothing_lost_or_doubled(end, None)
            trouble = ""
        except AssertionError as error:
            trouble = str(error)[:200]
        yield Tried(
            "L01",
            "a deploy loses nobody",
            f"a process with all the sockets {how}",
            f"{SOCKETS} sockets",
            trouble or "all came back elsewhere; nothing lost, nothing twice",
            not trouble,
        )


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
