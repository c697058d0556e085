"""E4: do the off-policy estimators find a truth that is known? Over logs drawn with known propensities.

Two kinds of log: a policy that mixes some uniform choice into a soft order of 20 items, and the exploration places of
the product's own slate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ranking.evaluation.heads import Head, fit_head, on_one_thread
from ranking.evaluation.metrics import Doubles, Ints
from ranking.evaluation.offpolicy import LEAST_EFFECTIVE, Estimate, Refused, clipped_snips, doubly_robust
from ranking.evaluation.report import Bars, Report, Table, Verdict
from ranking.features import COLUMN, FEATURES, Candidates
from ranking.order import rank
from ranking.slate import EXPLORATION_SHARE, Slot
from ranking.weights import STARTING_WEIGHTS

DECISIONS: Final = 5_000
MIX: Final = 0.05
ITEMS: Final = 20
FACTS: Final = 4  # what is known of an item; its reward also depends on one thing that is not
LOGS: Final = 200
SLATE_LOGS: Final = 10
LARGEST_ERROR: Final = 0.05
SEED: Final = 11
PAGE: Final = 20
EXPLORED_PLACE: Final = PAGE // (int(PAGE * EXPLORATION_SHARE) + 1)  # the first exploration place of a page

# What the policies and the rewards look at.
LOGGED_TASTE: Final = np.array([1.0, 0.4, 0.0, 0.0])
OTHER_TASTE: Final = np.array([0.5, 0.8, 0.3, 0.0])
REWARD_TASTE: Final = np.array([0.3, 0.6, 0.2, 0.3])


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """Decisions with what was earned; `truth` is what the other policy earns, known because we made the world."""

    rewards: Doubles
    propensities: Doubles
    target: Doubles
    expected: Doubles
    expected_by_target: Doubles
    truth: float

    def snips(self) -> Estimate:
        return clipped_snips(self.rewards, self.propensities, self.target)

    def robust(self) -> Estimate:
        return doubly_robust(
            self.rewards,
            self.propensities,
            self.target,
            expected=self.expected,
            expected_by_target=self.expected_by_target,
        )


ESTIMATORS: Final[dict[str, Callable[[Log], Estimate]]] = {"clipped SNIPS": Log.snips, "doubly robust": Log.robust}


class MixedWorld:
    """Items with four known facts and a hidden one.

    base: log-odds of the reward of an ordinary item. sharpness: how sure the other policy is of its choice.
    known_by: decisions that the truth is averaged over.
    """

    def __init__(self, *, base: float, mix: float, sharpness: float = 1.0, known_by: int = 200_000) -> None:
        self.base, self.mix, self.sharpness = base, mix, sharpness
        self.model = self._model(np.random.default_rng([SEED, 1]))
        self.truth = self._truth(np.random.default_rng([SEED, 2]), known_by)

    def log(self, rng: np.random.Generator, decisions: int) -> Log:
        facts, chances = self._items(rng, decisions)
        logged, other = self.logged(facts), self.other(facts)
        shown = _drawn(rng, logged)
        at = np.arange(decisions)
        rewards = (rng.random(decisions) < chances[at, shown]).astype(np.float64)
        foretold = _expectation(self.model, facts)
        return Log(
            rewards,
            logged[at, shown],
            other[at, shown],
            foretold[at, shown],
            (other * foretold).sum(axis=1),
            self.truth,
        )

    def logged(self, facts: Doubles) -> Doubles:
        return (1 - self.mix) * _soft(facts @ LOGGED_TASTE) + self.mix / ITEMS

    def other(self, facts: Doubles) -> Doubles:
        return _soft(facts @ OTHER_TASTE * self.sharpness)

    def _items(self, rng: np.random.Generator, decisions: int) -> tuple[Doubles, Doubles]:
        facts = rng.normal(size=(decisions, ITEMS, FACTS))
        hidden = rng.normal(0, 0.5, (decisions, ITEMS))
        return facts, 1 / (1 + np.exp(-(self.base + facts @ REWARD_TASTE + hidden)))

    def _model(self, rng: np.random.Generator) -> Head:
        """A reward model from a log of its own; it does not know the last fact."""
        facts, chances = self._items(rng, DECISIONS)
        shown = _drawn(rng, self.logged(facts))
        at = np.arange(DECISIONS)
        happened = rng.random(DECISIONS) < chances[at, shown]
        columns: Ints = np.arange(FACTS - 1)
        return fit_head(facts[at, shown], happened, columns=columns, regularisation=1.0)

    def _truth(self, rng: np.random.Generator, decisions: int) -> float:
        parts = []
        for _ in range(20):
            facts, chances = self._items(rng, decisions // 20)
            parts.append(float((self.other(facts) * chances).sum(axis=1).mean()))
        return float(np.mean(parts))


def slate_log(rng: np.random.Generator, decisions: int) -> Log:
    """Decisions at the exploration place of pages that `rank` made; the other policy draws evenly what may be explored.

    Every candidate is by an author of its own, so that what could be drawn is what has few impressions and is not
    on the page yet. What is opened at all is opened more often by whoever opened it before.
    """
    rewards, propensities, target, expected, expected_by_target, truths = (np.zeros(decisions) for _ in range(6))
    for row in range(decisions):
        candidates, chances = _with_newcomers(rng)
        ranking = rank(
            candidates,
            weights=STARTING_WEIGHTS,
            seed=int(rng.integers(2**31)),
            page_size=PAGE,
            limit=EXPLORED_PLACE + 1,
        )
        if ranking.slots[EXPLORED_PLACE] != Slot.EXPLORATION:
            raise ValueError("the slate has no exploration place where one was expected")
        placed = np.isin(candidates.post_id, ranking.post_ids[:EXPLORED_PLACE])
        could = np.flatnonzero((candidates["impression_count"] < 12) & ~placed)
        shown = int(np.flatnonzero(candidates.post_id == ranking.post_ids[EXPLORED_PLACE])[0])
        guess = 0.25 + 0.05 * candidates["open_count"]  # roughly right, and not more
        rewards[row] = rng.random() < chances[shown]
        propensities[row] = ranking.propensities[EXPLORED_PLACE]
        target[row] = 1 / len(could)
        expected[row], expected_by_target[row] = guess[shown], guess[could].mean()
        truths[row] = chances[could].mean()
    return Log(rewards, propensities, target, expected, expected_by_target, float(truths.mean()))


def _with_newcomers(rng: np.random.Generator) -> tuple[Candidates, Doubles]:
    """Twelve posts that are well known and twelve that few saw, with the chance of a response to each."""
    known = new = 12
    n = known + new
    features = np.zeros((n, len(FEATURES)), np.float32)
    features[:, COLUMN["impression_count"]] = [*[1_000] * known, *rng.integers(5, 12, new)]
    features[:known, COLUMN["open_count"]] = rng.integers(60, 120, known)
    features[known:, COLUMN["open_count"]] = rng.binomial(3, 0.3, new)
    features[:, COLUMN["age_seconds"]] = rng.integers(3_600, 86_400, n)
    ids = np.arange(1, n + 1)
    candidates = Candidates(ids, ids + 1_000, ids, np.zeros(n, np.uint64), features, np.ones(n, np.float32))
    chances = np.clip(0.2 + 0.1 * features[:, COLUMN["open_count"]] + rng.normal(0, 0.1, n), 0.05, 0.95)
    return candidates, chances.astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Recovered:
    """How far an estimator was off over many logs, in parts of the truth."""

    log: str
    estimator: str
    truth: float
    bias: float
    error: float  # root of the mean square
    worst: float  # 95th percentile of the absolute error
    covered: float  # share of the intervals that hold the truth
    effective: float

    def row(self) -> tuple[str, ...]:
        numbers = (self.bias, self.error, self.worst, self.covered, self.effective)
        return (self.log, self.estimator, f"{self.truth:.3f}", f"{numbers[0]:+.1%}", *(f"{n:.1%}" for n in numbers[1:]))


def _recover(name: str, logs: list[Log]) -> Iterator[_Recovered]:
    truths = np.array([log.truth for log in logs])
    for estimator, estimate in ESTIMATORS.items():
        found = [estimate(log) for log in logs]
        off = np.array([one.value for one in found]) / truths - 1
        held = [one.interval.low <= truth <= one.interval.high for one, truth in zip(found, truths, strict=True)]
        yield _Recovered(
            name,
            estimator,
            float(truths.mean()),
            float(off.mean()),
            float(np.sqrt((off**2).mean())),
            float(np.quantile(np.abs(off), 0.95)),
            float(np.mean(held)),
            float(np.mean([one.effective for one in found])),
        )


@on_one_thread()
def run(*, decisions: int = DECISIONS, logs: int = LOGS, slate_logs: int = SLATE_LOGS) -> Report:
    """Both estimators on every kind of log, and a policy that must be refused."""
    main = f"{MIX:.0%} uniform mix"
    kinds = {
        main: {"base": -0.8, "mix": MIX},
        "20% uniform mix": {"base": -0.8, "mix": 0.20},
        f"{main}, a policy surer of itself": {"base": -0.8, "mix": MIX, "sharpness": 4.0},
        f"{main}, rarer reward": {"base": -3.0, "mix": MIX},
        f"{main}, as rare as making": {"base": -5.5, "mix": MIX},
    }
    worlds = {name: MixedWorld(**kind, known_by=40 * decisions) for name, kind in kinds.items()}
    rng = np.random.default_rng([SEED, 3])
    recovered = [
        line
        for name, world in worlds.items()
        for line in _recover(name, [world.log(rng, decisions) for _ in range(logs)])
    ]
    slates = list(_recover("exploration places", [slate_log(rng, decisions) for _ in range(slate_logs)]))
    judged = [line for line in recovered if line.log == main] + slates
    effective = _refused(worlds[main].log(rng, decisions), rng)
    return Report(
        code="E4",
        title="off-policy estimates against a known truth",
        scope=f"{decisions:,} decisions a log; {logs} logs of each mix, {slate_logs} of exploration places",
        region="E4",
        tables=(
            Table(
                "Errors in parts of the truth",
                ("log", "estimator", "truth", "bias", "error", "95 % within", "intervals hold", "effective"),
                tuple(line.row() for line in [*recovered, *slates]),
            ),
        ),
        pictures=(_bars(recovered + slates),),
        verdicts=(
            *(
                Verdict(
                    f"error of {line.estimator} at most {LARGEST_ERROR:.0%}, {line.log}",
                    f"{line.error:.1%}",
                    line.error <= LARGEST_ERROR,
                )
                for line in judged
            ),
            Verdict(
                f"refused below an effective sample of {LEAST_EFFECTIVE:.0%}",
                "not refused" if effective is None else f"refused at {effective:.1%}",
                effective is not None and effective < LEAST_EFFECTIVE,
            ),
        ),
    )


def smoke() -> Report:
    """A few small logs, to see that all of it runs; its figures say nothing."""
    return run(decisions=300, logs=3, slate_logs=1)


def _refused(log: Log, rng: np.random.Generator) -> float | None:
    """The effective share at which a policy that is always sure, and mostly of something else, is refused."""
    sure = (rng.random(len(log.target)) < 1 / ITEMS).astype(np.float64)
    try:
        clipped_snips(log.rewards, log.propensities, sure)
    except Refused as refusal:
        return refusal.effective
    return None


def _bars(lines: list[_Recovered]) -> Bars:
    shown = lines[::-1]
    zero = tuple(line.error for line in shown)
    return Bars(
        name="E4 errors",
        title="E4, errors of the estimators",
        axis="root mean square error, in parts of the truth",
        labels=tuple(f"{line.log}: {line.estimator}" for line in shown),
        values=zero,
        lows=zero,
        highs=zero,
        mark=LARGEST_ERROR,
    )


def _soft(scores: Doubles) -> Doubles:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Doubles = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _drawn(rng: np.random.Generator, chances: Doubles) -> Ints:
    """One column for each row, drawn by its chances."""
    below = chances.cumsum(axis=1) > rng.random((len(chances), 1)) * chances.sum(axis=1, keepdims=True)
    column: Ints = below.argmax(axis=1)
    return column


def _expectation(model: Head, facts: Doubles) -> Doubles:
    log_odds = model.score(facts.reshape(-1, FACTS)).reshape(facts.shape[:2])
    expected: Doubles = 1 / (1 + np.exp(-log_odds))
    return expected
