"""G1: questions to the graph of a hit, each against the same question to a lineage of twenty posts."""

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.feed_pages import PRODUCT, Setting, fetch
from tests.bench.growth import World, copied, entered, named
from tests.bench.lineage_world import HUBS, Lineage, Lineages, Sizes, build_lineages
from tests.bench.report import Row, spread
from tests.bench.servers import Crowd, Server, asking, get, serving, settled
from tests.bench.world import Shape

DATABASE = "lineages"
POSTS = 8  # of a page, the same on both sides
PLACES = 20  # of a wide node that are asked for in turn
GOAL = 1.5
BUSH = 10  # children at least of a post in the middle of a lineage, which is not in a chain then
MANY, MILLION = "20,000", "1,000,000"


@dataclass(frozen=True)
class Question:
    """What is asked, as paths of pages: of twenty posts, and of many or the most."""

    what: str
    size: str
    few: Sequence[str]
    many: Sequence[str]
    promised: bool = True


@dataclass(frozen=True)
class Answer:
    """What a question cost in each round: milliseconds of processor time of all processes, and by the clock."""

    question: Question
    rounds: Sequence[tuple[tuple[float, float], tuple[float, float]]]  # few and many: processor, clock

    @property
    def ratios(self) -> list[float]:
        return [many[0] / few[0] for few, many in self.rounds]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def clock_ratio(self) -> float:
        return statistics.median(many[1] / few[1] for few, many in self.rounds)

    def ms(self, side: int) -> float:
        return statistics.median(each[side][0] for each in self.rounds)


@dataclass(frozen=True)
class Hit:
    """The lineages, in their database."""

    world: World
    lineages: Lineages

    @property
    def environ(self) -> dict[str, str]:
        address = {name: named(os.environ[name], DATABASE) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
        return {**address, "REDIS_URL": self.world.redis_url}


def build_hit(owner_url: str, redis_url: str, *, scale: float) -> Hit:
    began = time.perf_counter()
    around = Shape.grown(
        posts=max(1_000, round(50_000 * scale)), viewer_follows=20, people=max(400, round(2e4 * scale))
    )
    lineages = build_lineages(copied(owner_url, DATABASE), Sizes.scaled(scale), around)
    print(f"{DATABASE}: {lineages.sizes}, after {time.perf_counter() - began:.0f} s", flush=True)
    return Hit(World(DATABASE, around, lineages.people, redis_url.replace("db=0", "db=7")), lineages)


@dataclass(frozen=True)
class Found:
    """What was measured of a number of questions, and how much more memory the worker came to use over them."""

    answers: Sequence[Answer]
    asked: int
    grown_mb: float

    def rows(self) -> Iterator[Row]:
        for size in (MANY, MILLION):
            yield _row(size, [answer for answer in self.answers if answer.question.size == size])
        yield Row(
            "G1",
            "resident memory of the `api` worker at its peak, beyond that of one page about twenty posts each, after "
            f"{self.asked} questions about wide and deep lineages",
            f"{self.grown_mb:.0f} MB more",
            figure=f"{self.grown_mb:.0f} MB",
        )

    def table(self) -> Iterator[str]:
        """The lines of a table in Markdown."""
        yield "| Of | Question | 20 posts | many | ratio | by the clock |"
        yield "|---|---|---|---|---|---|"
        yield from map(line, self.answers)


def measure(setting: Setting, hit: Hit, *, every: int = 1) -> Found:
    """Each `every`th question under load; of the others only that both sides answer with as many posts."""
    seconds = setting.seconds / 2
    with serving(PRODUCT, hit.environ, setting.folder / "lineages.log") as server:
        token = _token(hit)
        answers = []
        questions = questions_of(hit, lambda path: json.loads(fetch(server, path, token)))
        for question in questions:  # what a page of each weighs at least, before anything wide is asked for
            fetch(server, question.few[0], token)
        before = peak_mb(server)
        for number, question in enumerate(questions):
            _same_number(server, token, question)
            if number % every:
                continue
            with ExitStack() as stack:
                few, many = (
                    stack.enter_context(asking(server, [get(path, token) for path in paths]))
                    for paths in (question.few, question.many)
                )
                for crowd in (few, many):
                    crowd.run(seconds / 2)
                rounds = [(_cost(setting, few, seconds), _cost(setting, many, seconds)) for _ in range(setting.rounds)]
            answers.append(Answer(question, rounds))
            print(line(answers[-1]), flush=True)
        return Found(answers, len(questions), peak_mb(server) - before)


def line(answer: Answer) -> str:
    asked = answer.question
    cells = (f"{answer.ms(0):.2f} ms", f"{answer.ms(1):.2f} ms", spread(answer.ratios), f"{answer.clock_ratio:.2f}")
    return f"| {asked.size} | {asked.what} | " + " | ".join(cells) + " |"


def _row(size: str, answers: Sequence[Answer]) -> Row:
    promised = [answer for answer in answers if answer.question.promised]
    worst = max(promised, key=lambda answer: answer.ratio)
    beyond = [answer for answer in answers if answer.ratio > GOAL]
    return Row(
        "G1",
        f"{len(promised)} questions to a lineage of {size} posts, pages of {POSTS}; other side: the same to one of 20. "
        f"Processor time of all processes; worst: {worst.question.what}"
        + (f". Beyond {GOAL}×: " + "; ".join(f"{a.question.what} {a.ratio:.1f}×" for a in beyond) if beyond else ""),
        f"{worst.ms(1):.2f} ms",
        f"{worst.ms(0):.2f} ms",
        f"median {statistics.median(answer.ratio for answer in promised):.2f}, worst {spread(worst.ratios)}",
        f"≤ {GOAL}×",
        worst.ratio <= GOAL,
    )


def _cost(setting: Setting, crowd: Crowd, seconds: float) -> tuple[float, float]:
    settled()
    engines = setting.engine_cpu_seconds()
    rate = crowd.run(seconds)
    spent = rate.cpu_seconds + setting.engine_cpu_seconds() - engines
    return 1000 * spent / rate.answers, 1000 * rate.seconds / rate.answers


def _same_number(server: Server, token: str, question: Question) -> None:
    """Both sides answer with as many posts, or the comparison is worth nothing."""
    numbers = {
        len(items_of(json.loads(fetch(server, path, token)))) for path in (question.few[0], *question.many[:PLACES])
    }
    assert len(numbers) == 1, (question.what, question.size, numbers)
    assert numbers != {0}, question.what


def items_of(body: Mapping[str, Any]) -> Sequence[Any]:
    return body["ancestors"] if "ancestors" in body else body["items"]


def peak_mb(server: Server) -> float:
    """The most memory that the worker ever had, as Linux knows it; what it has now, elsewhere."""
    status = Path(f"/proc/{server.worker().pid}/status")
    if not status.exists():
        return server.worker().memory_info().rss / 1e6
    found = next(row for row in status.read_text().splitlines() if row.startswith("VmHWM"))
    return int(found.split()[1]) / 1000


def _token(hit: Hit) -> str:
    from sora_social.accounts import sessions
    from sora_social.accounts.models import User

    with entered(hit.world):
        return sessions.open_session(User.objects.get(pk=hit.lineages.people[0]))


# what is asked


def questions_of(hit: Hit, ask: Callable[[str], Mapping[str, Any]]) -> list[Question]:
    of = hit.lineages.of
    star, tree, short_chain, chain, braid = (of[name] for name in ("star", "tree", "short chain", "chain", "braid"))
    large, small = of["large"], {name: of[f"small {name}"] for name in ("star", "tree", "chain", "braid")}

    def second(path: str) -> list[str]:
        return [f"{path}&cursor={ask(path)['next']}"]

    wide = [(MANY, star, 0, "the root"), (MILLION, large, 0, "the root"), (MILLION, large, 1, "a child of the root")]
    found = [
        question
        for size, lineage, place, name in wide
        for question in _of_children(size, lineage, place, f"{name}, {lineage.width[place]:,} wide", small, second)
    ]
    for size, lineage in ((MANY, tree), (MILLION, large)):
        found += _of_trees(size, lineage, small["tree"])
    few = _page(small["chain"], -1, "lineage")
    found.append(Question("ancestors, 200 deep, first page", MANY, few, _page(short_chain, -1, "lineage")))
    for lineage, promised in ((short_chain, True), (chain, False)):
        deep = len(lineage.first) - 1
        path = _page(lineage, -1, "lineage")[0]
        cursor = _seal(f"ancestors {lineage.ids[-1]}", deep - POSTS)
        last = [f"{path}&cursor={cursor}"]
        found.append(Question(f"ancestors, {deep:,} deep, last page", MANY, [_last_of(small["chain"])], last, promised))
    for size, lineage, place in ((MANY, braid, -1), (MILLION, large, _woven(large))):
        found.append(
            Question(
                "ancestors of a stitch in a braid of 20,000, first page",
                size,
                _page(small["braid"], -1, "lineage"),
                _page(lineage, place, "lineage"),
            )
        )
    found.append(
        Question("path from end to root, 10,000 deep, first page", MANY, _way(small["chain"]), _way(chain), False)
    )
    newest = _page(chain, 0, "tree", "order=newest")
    found.append(
        Question(
            "newest below the root of a chain 10,000 deep",
            MANY,
            _page(small["chain"], 0, "tree", "order=newest"),
            newest,
            False,
        )
    )
    return found


def _of_children(
    size: str,
    lineage: Lineage,
    place: int,
    name: str,
    small: Mapping[str, Lineage],
    second: Callable[[str], list[str]],
) -> Iterator[Question]:
    children = lineage.ids[lineage.children(place)]
    middle = children[np.linspace(len(children) // 2, len(children) * 3 // 4, PLACES).astype(int)].tolist()
    other = small["star"]
    for order in ("new", "top"):
        few, many = _page(other, 0, "remixes", f"sort={order}"), _page(lineage, place, "remixes", f"sort={order}")
        yield Question(f"remixes of {name}, {order}, first page", size, few, many)
        purpose = f"remixes {lineage.ids[place]} {order}"
        keys = [(pk,) if order == "new" else (1, pk) for pk in middle]
        deep = [f"{many[0]}&cursor={_seal(purpose, *key)}" for key in keys]
        yield Question(f"remixes of {name}, {order}, from the middle", size, second(few[0]), deep)
    for direction in ("left", "right"):
        few = _page(other, 10, "siblings", f"direction={direction}")
        many = [f"/v1/posts/{pk}/siblings?direction={direction}&limit={POSTS}" for pk in middle]
        yield Question(f"siblings {direction}, below {name}", size, few, many)


def _of_trees(size: str, lineage: Lineage, small: Lineage) -> Iterator[Question]:
    children = lineage.children(0)
    middle = lineage.ids[children[np.linspace(len(children) // 4, len(children) * 3 // 4, PLACES).astype(int)]].tolist()
    for what, order in (("tree", " depth"), ("leaves", "")):
        few, many = _page(small, 0, what), _page(lineage, 0, what)
        rest = (0,) if what == "leaves" else ()  # no node is open
        deep = [f"{many[0]}&cursor={_seal(f'{what} {lineage.ids[0]}{order}', pk, *rest)}" for pk in middle]
        yield Question(f"{what}, first page", size, few, many)
        after = _seal(f"{what} {small.ids[0]}{order}", small.ids[6], *rest)
        yield Question(f"{what}, from the middle of the root's children", size, [f"{few[0]}&cursor={after}"], deep)
    below, width = lineage.below, lineage.width
    hub = 1 + int(np.argmax(below[1 : 1 + HUBS]))
    bushes = np.flatnonzero(width >= min(BUSH, width[1 + HUBS :].max()))
    bushes = bushes[bushes > HUBS]
    places = {hub, *(int(bushes[np.argmin(np.abs(below[bushes] - some))]) for some in (1_000, 20_000))}
    for order in ("newest", "top"):
        words = f"order={order}"
        yield Question(
            f"tree, {order}, at the root", size, _page(small, 0, "tree", words), _page(lineage, 0, "tree", words)
        )
        few = _page(small, 1, "tree", words)
        for place in sorted(places):
            what = f"tree, {order}, at a post with {below[place]:,} below it"
            yield Question(what, size, few, _page(lineage, place, "tree", words))
    first = lineage.first
    second_level = [place for place in np.flatnonzero(np.isin(first, children)).tolist() if first[place] > HUBS]
    pairs = zip(second_level[:PLACES], second_level[-PLACES:], strict=True)
    yield Question(
        "path, four steps",
        size,
        [f"/v1/posts/{small.ids[6]}/path?to={small.ids[15]}&limit={POSTS}"],
        [
            f"/v1/posts/{lineage.ids[a]}/path?to={lineage.ids[b]}&limit={POSTS}"
            for a, b in pairs
            if first[a] != first[b]
        ],
    )


def _page(lineage: Lineage, place: int, what: str, words: str = "") -> list[str]:
    return [f"/v1/posts/{lineage.ids[place]}/{what}?limit={POSTS}{words and '&' + words}"]


def _last_of(small_chain: Lineage) -> str:
    cursor = _seal(f"ancestors {small_chain.ids[-1]}", len(small_chain.ids) - 1 - POSTS)
    return f"{_page(small_chain, -1, 'lineage')[0]}&cursor={cursor}"


def _woven(lineage: Lineage) -> int:
    """The last stitch of the braid."""
    return max(lineage.others)


def _way(lineage: Lineage) -> list[str]:
    return [f"/v1/posts/{lineage.ids[-1]}/path?to={lineage.ids[0]}&limit={POSTS}"]


def _seal(purpose: str, *values: int) -> str:
    from sora_social.core.cursors import seal

    return seal(purpose, *map(int, values))
