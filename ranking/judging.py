"""How good a model is on impressions that it has not seen, and whether it may take the place of another.

Two things count: creation NDCG (does what people made something of stand high in their scroll?) and calibration (do
the probabilities say what happens?). Everything else is reported beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from threadpoolctl import threadpool_limits

from ranking import explain, rates, value
from ranking.features import Candidates, Floats, Ints
from ranking.model import HeadModel
from ranking.rates import HEAD, KINDS, STEPS, chained
from ranking.training import FULL_FROM, Log
from ranking.weights import GROUPS, Weights

Doubles = npt.NDArray[np.float64]
Predict = Callable[[Log], Floats]  # P(step | the step before), float32[n, len(STEPS)]

BINS = 10  # of a calibration curve, with equally many impressions each
COUNTED_FROM = 20  # successes below which a step's calibration is not judged
SCROLLS_AT_LEAST = 30  # with a making, below which an order is not judged
RESAMPLES = 500
CALIBRATION_SLACK = 0.10  # of the live one's error: differences below it are chance
CHALLENGED_ROWS_AT_MOST = 200_000
EXPLAINED_AT_MOST = 2_000


def predicted_by(model: HeadModel | None) -> Predict:
    """A model's probabilities at the positions where the log showed each post; without one, the smoothed rates."""
    if model is None:
        return lambda log: rates.step_rates(log.features)
    return lambda log: model.steps(log.features, log.topics, log.position)


def report(predict: Predict, log: Log) -> dict[str, Any]:
    """For each step: how many could, how many did, log loss, AUC and calibration; None where it cannot be said."""
    steps = predict(log)
    return {
        step: _step_report(steps[could, column], log.did(step)[could])
        for column, step in enumerate(STEPS)
        for could in [log.could(step)]
    }


def _step_report(foretold: Floats, did: npt.NDArray[np.bool_]) -> dict[str, Any]:
    count, successes = len(did), int(did.sum())
    told: dict[str, Any] = {"count": count, "successes": successes, "base_rate": successes / count if count else None}
    if not 0 < successes < count:
        return {**told, "log_loss": None, "auc": None, "calibration_error": None, "curve": []}
    curve = _curve(foretold.astype(np.float64), did)
    error = sum(size * abs(said - seen) for said, seen, size in curve) / count
    return {
        **told,
        "log_loss": float(log_loss(did, np.clip(foretold.astype(np.float64), 1e-9, 1 - 1e-9))),
        "auc": float(roc_auc_score(did, foretold)),
        "calibration_error": error,
        "curve": curve,
    }


def _curve(foretold: Doubles, did: npt.NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """What was said, what was seen, and of how many, bin by bin."""
    parts = np.array_split(np.argsort(foretold, kind="stable"), BINS)
    return [(float(foretold[part].mean()), float(did[part].mean()), len(part)) for part in parts if len(part)]


def calibration_error(told: dict[str, Any]) -> float | None:
    """The mean error over the steps that happen often enough, each relative to its base rate; 0 is perfect."""
    judged = [
        step["calibration_error"] / step["base_rate"]
        for step in told.values()
        if step["calibration_error"] is not None and step["successes"] >= COUNTED_FROM
    ]
    return float(np.mean(judged)) if judged else None


# the order


def creation_value(steps: Floats, log: Log, weights: Weights) -> Doubles:
    """What the making heads are worth together, float64[n]: the part of the score that is judged here."""
    heads = chained(steps, log.features)
    worth: Doubles = sum(heads[:, HEAD[kind]].astype(np.float64) * weights.heads[HEAD[kind]] for kind in KINDS)  # type: ignore[assignment]
    return worth


def gains(log: Log) -> Doubles:
    """1 for what led to something published, ½ for what led to something sent, float64[n]."""
    sent = np.any([log.did(submit) for submit, _ in KINDS.values()], axis=0)
    published = np.any([log.did(publish) for _, publish in KINDS.values()], axis=0)
    return np.where(published, 1.0, np.where(sent, 0.5, 0.0))


def ndcg_by_scroll(worth: Doubles, log: Log) -> tuple[Doubles, Ints]:
    """Normalised discounted cumulative gain of each scroll in which something was made, and its viewer.

    Järvelin & Kekäläinen, TOIS 2002. Of equals no matter which stands first, so that nobody is credited with the order
    in which they were shown.
    """
    gained = gains(log)
    by_chance = np.random.default_rng(0).random(len(log))
    order = np.lexsort((by_chance, -worth, log.scroll))
    edges = [0, *(np.flatnonzero(np.diff(log.scroll[order])) + 1).tolist(), len(log)]
    found, viewers = [], []
    for begin, end in pairwise(edges):
        of_scroll = gained[order[begin:end]]
        if not of_scroll.any():
            continue
        discount = 1 / np.log2(np.arange(2, end - begin + 2))
        found.append(of_scroll @ discount / (np.sort(of_scroll)[::-1] @ discount))
        viewers.append(int(log.viewer[order[begin]]))
    return np.array(found, np.float64), np.array(viewers, np.int64)


@dataclass(frozen=True)
class Comparison:
    """Two models on the same impressions. difference is of creation NDCG, new − live, with its 95 % interval,
    resampled by viewer; errors are of calibration, relative to base rates.
    """

    scrolls: int
    ndcg: float
    live_ndcg: float
    difference: float
    low: float
    high: float
    error: float | None
    live_error: float | None

    @property
    def objection(self) -> str:
        """Why the new one may not go live; empty when it may."""
        if self.scrolls < SCROLLS_AT_LEAST:
            return f"Only {self.scrolls} of the newest scrolls led to a making; {SCROLLS_AT_LEAST} are needed to judge."
        if not self.difference > 0:
            return f"Creation NDCG is not better: {self.ndcg:.4f} against {self.live_ndcg:.4f}."
        if self.error is None or self.live_error is None:
            return "No step happened often enough to judge calibration."
        if self.error > self.live_error * (1 + CALIBRATION_SLACK):
            return f"Calibration is worse: an error of {self.error:.3f} against {self.live_error:.3f}."
        return ""


def compare(new: Predict, live: Predict, log: Log, weights: Weights, *, seed: int = 0) -> Comparison:
    """Judge two on the same impressions, at the same weights."""
    steps, live_steps = new(log), live(log)
    of_new, viewers = ndcg_by_scroll(creation_value(steps, log, weights), log)
    of_live, _ = ndcg_by_scroll(creation_value(live_steps, log, weights), log)
    low, high = _interval(of_new - of_live, viewers, seed)
    return Comparison(
        scrolls=len(of_new),
        ndcg=_mean(of_new),
        live_ndcg=_mean(of_live),
        difference=_mean(of_new - of_live),
        low=low,
        high=high,
        error=calibration_error(report(lambda _: steps, log)),
        live_error=calibration_error(report(lambda _: live_steps, log)),
    )


def _mean(values: Doubles) -> float:
    return float(values.mean()) if len(values) else 0.0


def _interval(values: Doubles, viewers: Ints, seed: int) -> tuple[float, float]:
    """95 % of the means when whole viewers are drawn again (a cluster bootstrap)."""
    if not len(values):
        return 0.0, 0.0
    _, whose = np.unique(viewers, return_inverse=True)
    sums, sizes = np.bincount(whose, values), np.bincount(whose)
    drawn = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), RESAMPLES)
    low, high = np.quantile((drawn @ sums) / (drawn @ sizes), [0.025, 0.975])
    return float(low), float(high)


# beside them


def challenge(fitting: Log, judging: Log, weights: Weights, *, seed: int = 0) -> dict[str, Any]:
    """Gradient-boosted trees on the same impressions: what a model that is dearer to serve would gain.

    Steps too rare for trees keep their smoothed rates.
    """
    fitting = fitting.part(max(0, len(fitting) - CHALLENGED_ROWS_AT_MOST), len(fitting))
    steps = rates.step_rates(judging.features)
    inputs, known = (np.column_stack([log.features, np.log1p(log.position)]) for log in (judging, fitting))
    challenged = []
    for column, step in enumerate(STEPS):
        could, did = fitting.could(step), fitting.did(step)
        if min((did & could).sum(), (~did & could).sum()) >= FULL_FROM:
            trees = HistGradientBoostingClassifier(max_iter=100, random_state=seed)
            with threadpool_limits(1):
                trees.fit(known[could], did[could])
                steps[:, column] = trees.predict_proba(inputs)[:, 1]
            challenged.append(step)
    found, _ = ndcg_by_scroll(creation_value(steps, judging, weights), judging)
    told = report(lambda _: steps, judging)
    kept = ("log_loss", "auc", "calibration_error")
    return {
        "creation_ndcg": _mean(found),
        "steps": {step: {name: told[step][name] for name in kept} for step in challenged},
    }


def group_shares(model: HeadModel, log: Log, weights: Weights) -> dict[str, float]:
    """How much of the scores each group of reasons moves, up or down, on average; of the newest impressions."""
    log = log.part(max(0, len(log) - EXPLAINED_AT_MOST), len(log))
    ids = np.arange(len(log))
    candidates = Candidates(ids, ids, ids, log.topics, log.features, np.ones(len(log), np.float32))
    score, moved = explain.contributions(
        candidates, weights=weights, predict=model.head_probabilities, baseline=model.baseline
    )
    whole = float(np.abs(score).mean()) or 1.0
    return {name: float(np.abs(row).mean()) / whole for name, row in zip(explain.NEUTRAL, moved, strict=True)}


def value_shares(model: HeadModel, log: Log, weights: Weights) -> dict[str, float]:
    """What each group of the budget makes up of V on average: how far the weights hold what they promise."""
    log = log.part(max(0, len(log) - EXPLAINED_AT_MOST), len(log))
    ids = np.arange(len(log))
    candidates = Candidates(ids, ids, ids, log.topics, log.features, np.ones(len(log), np.float32))
    by_group = value.contributions(candidates, model.head_probabilities(candidates), weights).mean(axis=0)
    return dict(zip(GROUPS, map(float, by_group), strict=True))
