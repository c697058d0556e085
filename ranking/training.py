"""Finding the weights of a HeadModel in the log of impressions: one logistic model for each step of making, and for
every other act.

The log is cut by time: the oldest 70 % to fit, then 15 % to calibrate, and the newest 15 % that neither has seen, to
judge. Rare steps lean on their parent. scikit-learn lives here and nowhere on the way to a page: nothing that serves
imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ranking.features import COLUMN, FEATURES, Bits, Floats, Ints
from ranking.model import EXPANDED, EXPANDED_COLUMN, KNOTS_AT_MOST, SHAPE, BrokenModel, HeadModel, expand, require_shape
from ranking.rates import AMONG, BASE_RATES, KINDS, STEPS, Baseline, Prior, base_probabilities
from ranking.weights import DESCENT_MEAN, SHARES, Weights, weights_by_budget

Flags = npt.NDArray[np.bool_]
Recipe = dict[str, Any]  # what `fold` makes a model of: estimators of scikit-learn, arrays, plain values

FIT_SHARE, CALIBRATE_SHARE = 0.70, 0.15
IMPRESSIONS_AT_LEAST = 3_000
OPENS_AT_LEAST = MappingProxyType({"fit": 100, "calibrate": 20, "judge": 20})
FULL_FROM = 200  # successes below which a step leans on its parent
LEANS_FROM = 20  # successes below which a step keeps its smoothed rate
REGULARISATION = 0.1  # C of scikit-learn: the smaller, the closer to the smoothed odds
UNSHRUNK = 10.0  # how much wider the smoothed odds stand, so that their weight is hardly shrunk
PRIOR_TRIALS = 100.0  # what was foretold, in imagined trials, where calibration has few cases
RARER_AT_MOST = 10.0  # than assumed, where weights are set
MEASURED_TRIALS = 500.0  # of the assumed base rate, before the measured one outweighs it

# what a rare step is most like; parents are fitted first
PARENT: Final = MappingProxyType(
    {
        "cast_submit": "submit",
        "cast_publish": "publish",
        "prompt_submit": "submit",
        "prompt_publish": "publish",
        "comment": "like",
        "share": "like",
        "follow": "like",
        "report": "see_less",
    }
)
_ORDER = (*(step for step in STEPS if step not in PARENT), *PARENT)


class TooLittle(ValueError):
    """The log does not hold enough to learn from; the sentence says how much is needed."""


@dataclass(frozen=True, eq=False)
class Log:
    """Impressions in the order of time, and what followed each within the horizon.

    features: float32[n, len(FEATURES)] and topics: uint64[n], as they were when the post was ranked.
    position: float32[n], the rank at which it was shown, 0 is the top. page, scroll and viewer: int64[n]; pages are
    time-ordered ids, a scroll is what was ranked together. acted: bool[n, len(STEPS)]; who submits has opened, who
    publishes has submitted.
    Raises ValueError on a wrong shape or order, or a broken chain.
    """

    features: Floats
    topics: Bits
    position: Floats
    page: Ints
    scroll: Ints
    viewer: Ints
    acted: Flags

    def __post_init__(self) -> None:
        n = len(self.page)
        shapes = {
            "features": (n, len(FEATURES)),
            "topics": (n,),
            "position": (n,),
            "scroll": (n,),
            "viewer": (n,),
            "acted": (n, len(STEPS)),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, expected {shape}")
        if (np.diff(self.page) < 0).any():
            raise ValueError("impressions are not in the order of time")
        for step, before in AMONG.items():
            if (self.did(step) & ~self.did(before)).any():
                raise ValueError(f"somebody has {step} without {before}")

    def __len__(self) -> int:
        return len(self.page)

    def did(self, step: str) -> Flags:
        """Who took this step, bool[n]."""
        return self.acted[:, STEPS.index(step)]

    def could(self, step: str) -> Flags:
        """Whose step it was to take, bool[n]: who took the one before, of a post that allows it."""
        could = self.did(AMONG[step]).copy() if step in AMONG else np.ones(len(self), np.bool_)
        if step in KINDS["remix"]:
            could &= self.features[:, COLUMN["remix_closed"]] == 0
        elif step in KINDS["cast"]:
            could &= self.features[:, COLUMN["cast_open"]] == 1
        return could

    def part(self, begin: int, end: int) -> Log:
        return Log(*(getattr(self, name)[begin:end] for name in self.__dataclass_fields__))

    def cut(self) -> tuple[Log, Log, Log]:
        """To fit, to calibrate, to judge: by time, a page is never torn apart."""
        first, second = (self._page_edge(share) for share in (FIT_SHARE, FIT_SHARE + CALIBRATE_SHARE))
        return self.part(0, first), self.part(first, second), self.part(second, len(self))

    def _page_edge(self, share: float) -> int:
        at = min(int(share * len(self)), max(len(self) - 1, 0))
        return int(np.searchsorted(self.page, self.page[at])) if len(self) else 0


def require_enough(log: Log) -> None:
    """Raises TooLittle."""
    opens = dict(zip(OPENS_AT_LEAST, (int(part.did("open").sum()) for part in log.cut()), strict=True))
    if len(log) < IMPRESSIONS_AT_LEAST or any(opens[part] < least for part, least in OPENS_AT_LEAST.items()):
        have = ", ".join(f"{count} to {part}" for part, count in opens.items())
        need = ", ".join(f"{count} to {part}" for part, count in OPENS_AT_LEAST.items())
        raise TooLittle(
            f"{len(log)} impressions that are old enough, and openings of the composer after them: {have}. "
            f"Needed: {IMPRESSIONS_AT_LEAST} impressions, openings: {need}."
        )


def measured(log: Log) -> dict[str, Prior]:
    """Each step's base rate as the log has it, leaning on the assumed one where there is little.

    Behind it stand as many imagined successes as behind the assumed one: the rarer an act turns out, the more trials
    it takes to believe that one post is an exception.
    """
    priors = {}
    for step, assumed in BASE_RATES.items():
        could, did = log.could(step), log.did(step)
        rate = ((did & could).sum() + assumed.rate * MEASURED_TRIALS) / (could.sum() + MEASURED_TRIALS)
        priors[step] = Prior(float(rate), float(assumed.alpha / rate))
    return priors


def weights_of(log: Log, *, descent_mean: float = DESCENT_MEAN) -> Weights:
    """The budget's weights at the base rates of this log; a weight is at most ten times the assumed one.

    An act that nobody takes would else be worth so much that the first who takes it turns the order around.
    """
    assumed, found = base_probabilities(), base_probabilities(measured(log))
    rates = {head: max(rate, assumed[head] / RARER_AT_MOST) for head, rate in found.items()}
    return weights_by_budget(SHARES, rates, descent_mean=descent_mean)


def fit(log: Log) -> Recipe:
    """Everything that a model is made of, found in `log` (the judging part is not looked at). Raises TooLittle.

    On one core: these products are small, and threads that wait for each other take ten times as long.
    """
    require_enough(log)
    with threadpool_limits(1):
        return _fitted(log)


def _fitted(log: Log) -> Recipe:
    fitting, calibrating, _ = log.cut()
    baseline = Baseline(measured(fitting), np.median(fitting.features, axis=0).astype(np.float32))
    wide = expand(fitting.features, fitting.topics, baseline.priors)
    position = np.log1p(fitting.position).astype(np.float32)
    recipe: Recipe = {
        "shape": SHAPE,
        "position_mean": float(position.mean()),
        "priors": {step: [prior.rate, prior.strength] for step, prior in baseline.priors.items()},
        "typical": baseline.typical,
        "steps": {},
        "tables": {step: _sigmoid_table(0.0) for step in STEPS},
    }
    position -= np.float32(recipe["position_mean"])
    for step in _ORDER:
        recipe["steps"][step] = _fit_step(step, fitting, wide, position, recipe)
    raw = fold(recipe)
    odds = raw.log_odds(calibrating.features, calibrating.topics, calibrating.position)
    for column, step in enumerate(STEPS):
        could = calibrating.could(step)
        recipe["tables"][step] = _calibrated(odds[could, column], calibrating.did(step)[could])
    return recipe


def _fit_step(step: str, log: Log, wide: Floats, position: Floats, recipe: Recipe) -> dict[str, Any]:
    """How the log odds of one step are put together: kind full, leaning or rate."""
    could = log.could(step)
    did = log.did(step)[could]
    fewer = min(int(did.sum()), int((~did).sum()))
    if fewer < LEANS_FROM:
        return {"kind": "rate"}
    rows = wide[could]
    own = EXPANDED_COLUMN[f"{step}_odds"]
    if fewer >= FULL_FROM:
        mean, scale = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
        scale[scale < 1e-6] = 1e6  # the same for all: says nothing
        scale[own] /= UNSHRUNK
        # doubles: with single precision the solver calls what we do not shrink ill-conditioned
        classifier = _logistic().fit(np.column_stack([(rows - mean) / scale, position[could]]), did)
        return {"kind": "full", "classifier": classifier, "mean": mean, "scale": scale}
    columns = [rows[:, own]]
    parent = PARENT.get(step, "")
    if recipe["steps"].get(parent, {}).get("kind") == "full":
        weights, bias, _ = _linear(parent, recipe)
        columns.append((rows @ weights + bias).astype(np.float32))
    else:
        parent = ""
    classifier = _logistic().fit(np.column_stack(columns).astype(np.float64) * UNSHRUNK, did)
    return {"kind": "leaning", "classifier": classifier, "parent": parent}


def _logistic() -> LogisticRegression:
    return LogisticRegression(C=REGULARISATION, solver="newton-cholesky", max_iter=200)


def _linear(step: str, recipe: Recipe) -> tuple[npt.NDArray[np.float64], float, float]:
    """A step's log odds as weights over EXPANDED, bias and position weight: standardisation folded away."""
    found = recipe["steps"][step]
    own = EXPANDED_COLUMN[f"{step}_odds"]
    weights = np.zeros(len(EXPANDED))
    if found["kind"] == "rate":
        weights[own] = 1.0
        return weights, 0.0, 0.0
    coefficients = found["classifier"].coef_[0].astype(np.float64)
    bias = float(found["classifier"].intercept_[0])
    if found["kind"] == "full":
        weights = coefficients[:-1] / found["scale"]
        return weights, bias - float(weights @ found["mean"]), float(coefficients[-1])
    weights[own] = coefficients[0] * UNSHRUNK
    if found["parent"]:
        of_parent, bias_of_parent, _ = _linear(found["parent"], recipe)
        weights += coefficients[1] * UNSHRUNK * of_parent
        bias += coefficients[1] * UNSHRUNK * bias_of_parent
    return weights, bias, 0.0


def fold(recipe: Mapping[str, Any]) -> HeadModel:
    """The model as it is served. Raises BrokenModel when the recipe is of another shape or something is missing."""
    require_shape(recipe)
    try:
        linear = [_linear(step, dict(recipe)) for step in STEPS]
        return HeadModel(
            weights=np.stack([weights for weights, _, _ in linear], axis=1).astype(np.float32),
            bias=np.array([bias for _, bias, _ in linear], np.float32),
            position_weights=np.array([weight for _, _, weight in linear], np.float32),
            position_mean=float(recipe["position_mean"]),
            tables=tuple((recipe["tables"][step][0], recipe["tables"][step][1]) for step in STEPS),
            baseline=Baseline(
                MappingProxyType({step: Prior(*map(float, recipe["priors"][step])) for step in STEPS}),
                recipe["typical"],
            ),
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise BrokenModel(f"the recipe is not whole: {error}") from error


# calibration: log odds → probability, as a table that never falls (Zadrozny & Elkan, KDD 2002)


def _calibrated(odds: Floats, did: Flags) -> tuple[Floats, Floats]:
    """An isotonic table where both outcomes are seen often enough, else a shift to what was observed."""
    if min(did.sum(), (~did).sum()) < LEANS_FROM:
        return _sigmoid_table(_shift(odds, did))
    steps = IsotonicRegression().fit_transform(odds.astype(np.float64), did.astype(np.float64))
    values, block = np.unique(steps, return_inverse=True)
    sizes = np.bincount(block)
    centres = np.bincount(block, odds) / sizes
    share = float(did.mean())
    rates = np.maximum.accumulate((np.bincount(block, did) + share) / (sizes + 1))  # never quite 0 or 1
    if len(values) > KNOTS_AT_MOST - 2 * len(_TAIL):
        kept = np.unique(np.linspace(0, len(values) - 1, KNOTS_AT_MOST - 2 * len(_TAIL)).astype(int))
        centres, rates = centres[kept], rates[kept]
    return _with_tails(centres, rates)


_TAIL = np.array([0.5, 1.0, 2.0, 4.0, 8.0])


def _with_tails(centres: npt.NDArray[np.float64], rates: npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
    """Beyond what was seen the odds go on with their own slope, so that the best are still told apart."""
    rising = np.concatenate([[True], (np.diff(rates) > 1e-9) & (np.diff(centres) > 1e-4)])
    centres, rates = centres[rising], rates[rising]
    edges = np.log(rates[[0, -1]] / (1 - rates[[0, -1]]))
    below, above = centres[0] - _TAIL[::-1], centres[-1] + _TAIL
    low, high = _sigmoid(edges[0] - _TAIL[::-1]), _sigmoid(edges[1] + _TAIL)
    knots = np.concatenate([below, centres, above]).astype(np.float32)
    table = np.maximum.accumulate(np.concatenate([low, rates, high]).astype(np.float32))
    apart = np.concatenate([[True], np.diff(knots) > 0])
    return knots[apart], table[apart]


def _sigmoid_table(shift: float) -> tuple[Floats, Floats]:
    knots = np.linspace(-14, 6, KNOTS_AT_MOST).astype(np.float32)
    return knots, _sigmoid(knots + shift).astype(np.float32)


def _shift(odds: Floats, did: Flags) -> float:
    """How far all odds move for their mean to be what was observed, leaning on what was foretold."""
    if not len(odds):
        return 0.0
    foretold = float(_sigmoid(odds).mean())
    wanted = (did.sum() + foretold * PRIOR_TRIALS) / (len(did) + PRIOR_TRIALS)
    low, high = -10.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _sigmoid(odds + middle).mean() < wanted else (low, middle)
    return (low + high) / 2


def _sigmoid(odds: Any) -> Any:
    return 1 / (1 + np.exp(-np.asarray(odds, np.float64)))
