"""L01: a room under reconnects, with the bus cut and Redis wiped in the middle of it."""

import time
from collections.abc import Iterator

from tests.drill.table import Tried


def drill(scale: float) -> Iterator[Tried]:
    from sora_social.core import bus
    from sora_social.posts.models import Comment
    from tests import cast
    from tests.journeys.test_l01_each_watcher_sees_each_comment_once_in_order import (
        cut_the_bus,
        everybody_saw_everything,
        say_many,
    )
    from tests.live_processes import Watcher, live

    count = max(100, round(1_500 * scale))
    often = max(7, count // 15)  # whoever comes back takes some time: they must be able to keep up
    people = [cast.person(handle) for handle in ("watcher1", "watcher2", "watcher3", "watcher4")]
    post = cast.post(people[0])
    with live(2) as (one, two):
        urls = [one.url, two.url]
        watchers = [Watcher(people[n], post.pk, urls[n % 2 :] + urls[: n % 2], leave_every=often * n) for n in range(4)]
        for watcher in watchers:
            assert watcher.ready.wait(15)

        def disturb() -> None:
            for turn in range(8):
                time.sleep(0.5)
                if turn == 5:
                    one.kill()
                bus.client().flushdb()
                cut_the_bus()

        say_many(people, post, count, pause=0.03, disturb=disturb)
        try:
            everybody_saw_everything(watchers, post, Comment.objects.filter(post=post).count())
            trouble = ""
        except AssertionError as error:
            trouble = f"{error} {[each.trouble for each in watchers if each.trouble]}"[:300]
    stored = Comment.objects.filter(post=post).count()
    yield Tried(
        "L01",
        "a comment is stored before it is seen; each watcher sees each once, in order, over any reconnect",
        f"sockets left every {often} to {3 * often} frames, Redis wiped and the bus cut eight times, one of two processes killed",
        f"{count:,} comments, 4 watchers",
        f"{stored:,} stored; {sum(watcher.entries for watcher in watchers)} entries; "
        + (trouble or "everybody saw each once, in order"),
        not trouble and stored == count,
    )
