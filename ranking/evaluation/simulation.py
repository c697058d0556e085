"""E3: the product's ranker and its rivals in two simulated worlds, each from the same beginnings.

Conservative: what makes a post good to build on is drawn anew for every remix. Adverse: it is inherited, so that a
ranker that follows it alone ends in a monoculture. Days of warm-up are newest first for everybody and are not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from ranking.evaluation.coefficients import SMALL, Size
from ranking.evaluation.heads import on_one_thread
from ranking.evaluation.metrics import Doubles, clustered_interval, effective_number, gini
from ranking.evaluation.observed import DAY, HOUR, Observed
from ranking.evaluation.rankers import BASELINES, OURS, Gravity, Knowing, Newest, Ranker, Trained
from ranking.evaluation.report import Bars, Report, Table, Verdict
from ranking.evaluation.world import Session, World

SEEDS: Final = tuple(range(1, 11))
LEARN_EVERY: Final = 6 * HOUR
CONSERVATIVE, ADVERSE = "conservative", "adverse"
WORLDS: Final = {CONSERVATIVE: False, ADVERSE: True}  # remixability inherited?

CREATION_RATIO: Final = 1.5
MOST_GINI: Final = 0.82
MOST_UNSEEN: Final = 0.05
LEAST_ADVERSE_DIVERSITY: Final = 0.50


@dataclass(frozen=True, slots=True)
class Measures:
    """What came of one ranker in one world after its warm-up.

    creations: remixes published. watch_hours: watched by all together, beside it so that neither is read alone.
    diversity: effective number of topics in what was watched, as a share of all topics; 1 is an even mix.
    page_topics: effective number of topics on one page, mean over pages. roots: effective number of lineages watched.
    author_gini: of posts watched by author, over all who had a post in the time judged. unseen: share of the posts
    of that time, but for the last day, that nobody watched. see_less: per post watched.
    """

    creations: float
    watch_hours: float
    creations_per_1000: float
    likes_per_1000: float
    diversity: float
    page_topics: float
    roots: float
    author_gini: float
    unseen: float
    see_less: float


NAMES: Final = {
    "creations": "creations",
    "watch_hours": "hours watched",
    "creations_per_1000": "creations per 1,000 watched",
    "likes_per_1000": "likes per 1,000",
    "diversity": "diversity",
    "page_topics": "topics of a page",
    "roots": "lineages",
    "author_gini": "author Gini",
    "unseen": "never seen",
    "see_less": "see less",
}
_DIGITS: Final = {
    "creations": 0,
    "watch_hours": 1,
    "creations_per_1000": 1,
    "likes_per_1000": 1,
    "page_topics": 1,
    "roots": 0,
}


def simulate(ranker: Ranker, size: Size, *, remixability_inherited: bool, seed: int) -> Measures:
    """Let one ranker serve one world from its first to its last day."""
    world = World(size, remixability_inherited=remixability_inherited, seed=seed)
    seen, newest = world.observed, Newest()
    if isinstance(ranker, Knowing):
        ranker.world = world
    judged: list[Session] = []
    day, learned_at = -1, -np.inf
    for number, (now, viewer) in enumerate(world.sessions):
        while day < now // DAY:
            day += 1
            seen.count_descent(day * DAY)
            world.make_originals(day)
        warm = now >= size.warm_up_days * DAY
        if warm and now >= learned_at + LEARN_EVERY:
            ranker.learn(seen, now)
            learned_at = now
        rows = seen.candidates(viewer, now)
        serving = ranker if warm else newest
        page = serving.page(seen, viewer, now, rows, size=size.page_size, seed=seed * 1_000_003 + number)
        log = ranker.log if isinstance(ranker, Trained) else None
        known = seen.features(viewer, now, page) if log else None
        session = world.show(viewer, now, page)
        if log and known:
            log.take(known, session)
        if warm:
            judged.append(session)
    return _measured(judged, seen, size)


def _measured(sessions: Sequence[Session], seen: Observed, size: Size) -> Measures:
    watched = np.concatenate([session.watched for session in sessions])
    began, ended = size.warm_up_days * DAY, size.days * DAY
    shown_at = seen.shown_at[: seen.posts]
    counts = np.bincount(watched, minlength=seen.posts)
    authors = np.unique(seen.author[: seen.posts][(shown_at > began - 4 * DAY) & (shown_at <= ended)])
    by_author = np.bincount(seen.author[watched], minlength=size.people)[authors]
    fresh = (shown_at >= began) & (shown_at < ended - DAY)
    thousand = len(watched) / 1_000

    def total(act: str) -> int:
        return int(sum(session.acts[act].sum() for session in sessions))

    return Measures(
        creations=total("publish"),
        watch_hours=sum(float(session.seconds.sum()) for session in sessions) / HOUR,
        creations_per_1000=total("publish") / thousand,
        likes_per_1000=total("like") / thousand,
        diversity=effective_number(np.bincount(seen.topic[watched])) / size.topics,
        page_topics=float(
            np.mean([effective_number(np.bincount(seen.topic[session.watched])) for session in sessions])
        ),
        roots=effective_number(np.bincount(seen.root[watched])),
        author_gini=gini(by_author),
        unseen=float((counts[fresh] == 0).mean()),
        see_less=total("see_less") / len(watched),
    )


@dataclass(slots=True)
class _World:
    """All that was measured in one world: ranker → measure → a value for each seed."""

    name: str
    found: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def take(self, ranker: str, measures: Measures) -> None:
        columns = self.found.setdefault(ranker, {})
        for measure in fields(measures):
            columns.setdefault(measure.name, []).append(getattr(measures, measure.name))

    def of(self, ranker: str, measure: str) -> Doubles:
        return np.array(self.found[ranker][measure])

    def mean(self, ranker: str, measure: str) -> float:
        return float(self.of(ranker, measure).mean())

    @property
    def best_baseline(self) -> str:
        """The rival with the most creations."""
        return max((baseline.name for baseline in BASELINES), key=lambda name: self.mean(name, "creations"))

    def table(self) -> Table:
        rows = []
        for ranker, columns in self.found.items():
            cells = []
            for measure, values in columns.items():
                digits = _DIGITS.get(measure, 3)
                half = 1.96 * np.std(values, ddof=1) / len(values) ** 0.5 if len(values) > 1 else 0.0
                cells.append(f"{np.mean(values):,.{digits}f} ± {half:.{digits}f}")
            rows.append((ranker, *cells))
        return Table(f"The {self.name} world", ("ranker", *NAMES.values()), tuple(rows))

    def bars(self, measure: str) -> Bars:
        rankers = list(self.found)[::-1]
        intervals = [
            clustered_interval(self.of(ranker, measure), np.arange(len(self.of(ranker, measure))), seed=1)
            for ranker in rankers
        ]
        return Bars(
            name=f"E3 {self.name} {measure}",
            title=f"E3, the {self.name} world",
            axis=NAMES[measure],
            labels=tuple(rankers),
            values=tuple(interval.mean for interval in intervals),
            lows=tuple(interval.low for interval in intervals),
            highs=tuple(interval.high for interval in intervals),
        )


@on_one_thread()
def run(*, size: Size | None = None, seeds: Sequence[int] = SEEDS) -> Report:
    """Every ranker in both worlds with every seed."""
    size = size or Size()
    worlds = {name: _World(name) for name in WORLDS}
    everybody: tuple[Callable[[], Ranker], ...] = (*OURS, *BASELINES, Knowing)
    for name, inherited in WORLDS.items():
        for seed in seeds:
            for make in everybody:
                ranker = make()
                measures = simulate(ranker, size, remixability_inherited=inherited, seed=seed)
                worlds[name].take(ranker.name, measures)
    return Report(
        code="E3",
        title="the product's ranker and its rivals in simulated worlds",
        scope=f"{len(seeds)} seeds, {size.people} people, {size.days - size.warm_up_days} days judged",
        region="E3",
        tables=tuple(world.table() for world in worlds.values()),
        pictures=tuple(world.bars(measure) for world in worlds.values() for measure in ("creations", "diversity")),
        verdicts=tuple(verdict for ours in OURS for verdict in _verdicts(ours.name, worlds)),
    )


def smoke() -> Report:
    """Tiny worlds, to see that all of it runs; its figures say nothing."""
    return run(size=SMALL, seeds=SEEDS[:1])


def _verdicts(ours: str, worlds: dict[str, _World]) -> Iterator[Verdict]:
    calm, adverse = worlds[CONSERVATIVE], worlds[ADVERSE]
    best = calm.best_baseline
    ratio = calm.mean(ours, "creations") / max(calm.mean(best, "creations"), 1)
    paired = calm.of(ours, "creations") / np.maximum(calm.of(best, "creations"), 1)
    spread = clustered_interval(paired, np.arange(len(paired)), seed=1)
    yield Verdict(
        f"{ours}: creations at least {CREATION_RATIO} times the best baseline, conservative world",
        f"{ratio:.2f} times {best}; over seeds {spread.low:.2f} to {spread.high:.2f}",
        ratio >= CREATION_RATIO,
    )
    newest, gravity = calm.mean(Newest.name, "diversity"), calm.mean(Gravity.name, "see_less")
    for world, measure, limit, is_least, claim in (
        (calm, "diversity", newest, True, "diversity at least that of newest first"),
        (calm, "author_gini", MOST_GINI, False, f"author Gini at most {MOST_GINI}"),
        (calm, "unseen", MOST_UNSEEN, False, f"posts that nobody sees at most {MOST_UNSEEN:.0%}"),
        (calm, "see_less", gravity, False, "see less at most as with gravity"),
        (adverse, "diversity", LEAST_ADVERSE_DIVERSITY, True, "diversity in the adverse world at least 0.50"),
    ):
        found = world.mean(ours, measure)
        yield Verdict(
            f"{ours}: {claim}",
            f"{found:.3f} against {limit:.3f}",
            found >= limit if is_least else found <= limit,
        )
