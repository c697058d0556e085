"""L01: a room under reconnects, then with the bus cut and Redis wiped, then with a process killed."""

import time
from collections.abc import Iterator
from typing import Any

from tests.drill.table import Tried


def drill(scale: float) -> Iterator[Tried]:
    from sora_social.core import bus
    from tests.journeys.test_l01_each_watcher_sees_each_comment_once_in_order import cut_the_bus

    count = max(100, round(500 * scale))

    def wipe(processes: Any) -> None:
        for _ in range(5):
            time.sleep(0.15)
            bus.client().flushdb()
            cut_the_bus()

    def kill(processes: Any) -> None:
        time.sleep(0.4)
        processes[0].kill()

    yield _room("sockets left every 7 frames", count, 7, None)
    yield _room("Redis wiped and the bus cut five times in mid-room", count, 0, wipe)
    yield _room("one of two processes killed in mid-room", count, 0, kill)


def _room(fault: str, count: int, leave_every: int, disturb: Any) -> Tried:
    from sora_social.posts.models import Comment
    from tests import cast
    from tests.journeys.test_l01_each_watcher_sees_each_comment_once_in_order import everybody_saw_everything, say_many
    from tests.live_processes import Watcher, live

    people = [cast.person(f"{name}.{len(fault)}") for name in ("ana", "ben", "cleo")]
    post = cast.post(people[0])
    with live(2) as processes:
        one, two = (process.url for process in processes)
        ways = [[one, two], [two], [one, two]]
        watchers = [
            Watcher(person, post.pk, urls, leave_every=leave_every * (number == 2))
            for number, (person, urls) in enumerate(zip(people, ways, strict=True))
        ]
        for watcher in watchers:
            assert watcher.ready.wait(15)
        say_many(people, post, count, pause=0.04, disturb=disturb and (lambda: disturb(processes)))
        try:
            everybody_saw_everything(watchers, post, count)
            trouble = ""
        except AssertionError as error:
            trouble = f"{error} {[each.trouble for each in watchers if each.trouble]}"[:300]
    stored = Comment.objects.filter(post=post).count()
    return Tried(
        "L01",
        "a comment is stored before it is seen; each watcher sees each once, in order, over any reconnect",
        fault,
        f"{count:,} comments, {len(watchers)} watchers, 2 processes",
        f"{stored:,} stored; {sum(watcher.entries for watcher in watchers)} entries; "
        + (trouble or "everybody saw each once, in order"),
        not trouble and stored == count,
    )
