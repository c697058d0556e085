"""G2 and K1: eight at once publish remixes of one post, or of eight; and like one post, or ten thousand."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from tests.bench.growth import entered
from tests.bench.lineages import Hit
from tests.bench.report import Row, spread
from tests.bench.servers import ROOT

WRITERS = 8
RELAYS = 2
SPREAD = 10_000
GOAL, SETTLED = 0.8, 2.0
WAITS_FOR = 120.0
COUNTS = ("remix_count", "descendant_count", "remixer_count", "people_count")


class Writer:
    """One process that does what it is told."""

    def __init__(self, environ: Mapping[str, str], *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.writers", *words],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "A writer ended."
        return line.strip()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def _writing(hit: Hit) -> Iterator[list[Writer]]:
    """The writers, with relays and a folder beside them."""
    with ExitStack() as stack:

        def started(*words: str) -> Writer:
            writer = Writer(hit.environ, *words)
            stack.callback(writer.stop)
            return writer

        for _ in range(RELAYS):
            started("relay")
        started("fold")
        writers = [started() for _ in range(WRITERS)]
        assert {writer.answer() for writer in writers} == {"ready"}
        yield writers


def _together(writers: Sequence[Writer], orders: Sequence[Mapping[str, Any]]) -> float:
    """Acts per second, all writers at work at once."""
    began = time.perf_counter()
    for writer, order in zip(writers, orders, strict=True):
        writer.order(**order)
    done = sum(int(writer.answer()) for writer in writers)
    return done / (time.perf_counter() - began)


def run(hit: Hit, wanted: Callable[[str], bool], *, rounds: int, drafts: int = 25, likes: int = 200) -> Iterator[Row]:
    with entered(hit.world), _writing(hit) as writers:
        if wanted("G2"):
            yield from _publishing(hit, writers, rounds, drafts)
        if wanted("K1"):
            yield from _liking(hit, writers, rounds, likes)


def _publishing(hit: Hit, writers: Sequence[Writer], rounds: int, drafts: int) -> Iterator[Row]:
    from sora_social.accounts.models import Block
    from sora_social.posts.models import Post

    root = int(hit.lineages.of["large"].ids[0])
    plain = Post.objects.filter(
        depth=0, descendant_count=0, cast_count=0, visibility="public", remix_policy="everyone"
    ).exclude(author__in=[*hit.lineages.people, *Block.objects.values_list("blocker", flat=True)])
    sides = {"one": [root] * WRITERS, "eight": list(plain.order_by("pk").values_list("pk", flat=True)[:WRITERS])}
    drafts = min(drafts, len(hit.lineages.people) // WRITERS)
    people = [hit.lineages.people[number * drafts : (number + 1) * drafts] for number in range(WRITERS)]
    rates: dict[str, list[float]] = {side: [] for side in sides}
    waits: dict[str, list[float]] = {side: [] for side in sides}
    for number in range(rounds + 1):  # the first one warms all of them up, and brings the people in
        for side, posts in sides.items():
            _together(
                writers,
                [
                    {"act": "draft", "side": side, "post_id": post_id, "people": some}
                    for post_id, some in zip(posts, people, strict=True)
                ],
            )
            _until(_is_quiet)
            expected = {post_id: list(counts) for post_id, counts in _counts(posts).items()}
            for post_id, some in zip(posts, people, strict=True):
                for place, change in enumerate((len(some), len(some), *(() if number else (len(some), len(some))))):
                    expected[post_id][place] += change
            rate = _together(writers, [{"act": "publish", "side": side}] * WRITERS)
            wait = _until(lambda posts=posts, expected=expected: _counts(posts) == expected)
            if number:
                rates[side].append(rate)
                waits[side].append(wait)
    yield _ratio_row(
        "G2",
        f"publish remixes of one root with {hit.lineages.sizes.large_width:,} children, {WRITERS} writers at once, "
        f"{WRITERS * drafts} in each round; other side: of {WRITERS} roots",
        "publishes",
        rates["one"],
        rates["eight"],
    )
    yield Row(
        "G2",
        f"from the last of these until the four counts of the root are exact, {RELAYS} relays and a folder beside; "
        f"other side: of the {WRITERS} roots",
        f"{statistics.median(waits['one']):.2f} s",
        f"{statistics.median(waits['eight']):.2f} s",
        f"{spread(waits['one'])} s",
        f"≤ {SETTLED:.0f} s",
        statistics.median(waits["one"]) <= SETTLED,
    )


def _liking(hit: Hit, writers: Sequence[Writer], rounds: int, likes: int) -> Iterator[Row]:
    from sora_social.accounts.models import Block, User
    from sora_social.posts.models import Post

    large = hit.lineages.of["large"].ids
    known = User.objects.exclude(pk__in=Block.objects.values("blocker")).order_by("pk")
    people = list(known.values_list("pk", flat=True))
    likes = min(likes, len(people) // (rounds + 1) // WRITERS)
    popular, others = int(large[1]), [int(pk) for pk in large[100 : 100 + SPREAD]]
    rates: dict[str, list[float]] = {"one": [], "many": []}
    for number in range(rounds + 1):
        for side, found in rates.items():
            orders = []
            for writer in range(WRITERS):
                start = (number * WRITERS + writer) * likes
                some = people[start : start + likes]
                posts = [popular if side == "one" else others[(start + i) % len(others)] for i in range(len(some))]
                orders.append({"act": "like", "pairs": list(zip(some, posts, strict=True))})
            before = _likes([popular, *others])
            rate = _together(writers, orders)
            _until(lambda total=before + WRITERS * likes: _likes([popular, *others]) == total)
            if number:
                found.append(rate)
    assert Post.objects.get(pk=popular).like_count >= rounds * WRITERS * likes
    yield _ratio_row(
        "K1",
        f"likes of one post by {rounds * WRITERS * likes:,} people, {WRITERS} writers at once; other side: spread over "
        f"{len(others):,} posts",
        "likes",
        rates["one"],
        rates["many"],
    )


def _ratio_row(name: str, what: str, acts: str, ours: Sequence[float], other: Sequence[float]) -> Row:
    ratios = [mine / theirs for mine, theirs in zip(ours, other, strict=True)]
    return Row(
        name,
        what,
        f"{statistics.median(ours):,.0f} {acts}/s",
        f"{statistics.median(other):,.0f} {acts}/s",
        spread(ratios),
        f"≥ {GOAL}×",
        statistics.median(ratios) >= GOAL,
    )


def _counts(post_ids: Sequence[int]) -> dict[int, list[int]]:
    from sora_social.posts.models import Post

    return {pk: counts for pk, *counts in Post.objects.filter(pk__in=post_ids).values_list("pk", *COUNTS)}


def _likes(post_ids: Sequence[int]) -> int:
    from django.db.models import Sum

    from sora_social.posts.models import Post

    return int(Post.objects.filter(pk__in=post_ids).aggregate(all=Sum("like_count"))["all"])


def _is_quiet() -> bool:
    """Nothing is waiting to follow from something, or to be folded."""
    from django.db.models.functions import Now

    from sora_social.core.models import OutboxEvent, Tally

    return not OutboxEvent.objects.filter(due_at__lte=Now()).exists() and not Tally.objects.exists()


def _until(holds: Callable[[], bool]) -> float:
    """How long it took until that held, in seconds."""
    began = time.perf_counter()
    while not holds():
        assert time.perf_counter() - began < WAITS_FOR, "This never came to rest."
        time.sleep(0.02)
    return time.perf_counter() - began
