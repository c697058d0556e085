"""What an order, a probability and a spread are worth, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_DRAWS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def ndcg_of_one(scores: Doubles, relevant: int, *, k: int = 10) -> float:
    """NDCG@k of an order by falling score in which one row is relevant, 0 … 1 (Järvelin & Kekäläinen 2002).

    Rows of equal score are in random order; the answer is the mean over all of these. With one relevant row the
    ideal order has gain 1, so the normalised gain is 1 / log2(1 + place) within the first k places.
    Raises ValueError when the relevant row has no comparable score.
    """
    mine = scores[relevant]
    if np.isnan(mine):
        raise ValueError("the relevant row has no score")
    better = int((scores > mine).sum())
    equal = int((scores == mine).sum())
    places = np.arange(better + 1, better + equal + 1)
    return float(np.where(places <= k, 1 / np.log2(1 + places), 0.0).mean())


def clustered_interval(values: Doubles, clusters: Ints, *, seed: int, rounds: int = 2_000) -> Interval:
    """Mean of the values and its 95 % percentile interval, clusters drawn whole (Field & Welsh 2007).

    values: float64[n]; clusters: int64[n], such as the person behind each. Decisions of one person are no
    independent witnesses: resampling them one by one would make the interval too narrow.
    Raises ValueError when there is nothing to average.
    """
    if not len(values):
        raise ValueError("no values")
    names, which = np.unique(clusters, return_inverse=True)
    sums, counts = np.bincount(which, values), np.bincount(which)
    rng = np.random.default_rng(seed)
    means: list[float] = []
    while len(means) < rounds:  # a part at a time: all draws of many clusters would fill the memory
        part = min(rounds - len(means), max(_DRAWS_AT_ONCE // len(names), 1))
        drawn = rng.integers(0, len(names), (part, len(names)))
        means += (sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)).tolist()
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Foretold against observed frequency in bins of equal size, lowest first; float64[bins] each."""

    foretold: Doubles
    observed: Doubles
    counts: Ints

    @property
    def error(self) -> float:
        """Expected calibration error: mean distance of foretold and observed, by the size of bins (Naeini 2015)."""
        return float(np.average(np.abs(self.foretold - self.observed), weights=self.counts))


def reliability(probabilities: Doubles, happened: Flags, *, bins: int = 10) -> Reliability:
    """How often what was foretold with about this probability happened. Both of length n ≥ 1."""
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return Reliability(
        foretold=np.array([probabilities[part].mean() for part in parts]),
        observed=np.array([happened[part].mean() for part in parts]),
        counts=np.array([len(part) for part in parts]),
    )


def log_loss(probabilities: Doubles, happened: Flags) -> float:
    """Mean negative logarithm of the probability given to what happened."""
    held = np.clip(probabilities, 1e-9, 1 - 1e-9)
    return float(-np.where(happened, np.log(held), np.log1p(-held)).mean())


def gini(amounts: npt.ArrayLike) -> float:
    """How unevenly amounts ≥ 0 are spread: 0 all equal, towards 1 one has everything. 0 when there is nothing."""
    ascending = np.sort(np.asarray(amounts, np.float64))
    total, n = ascending.sum(), len(ascending)
    if total == 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ascending / (n * total))


def effective_number(amounts: npt.ArrayLike) -> float:
    """Of how many equal parts this spread is worth: e to its Shannon entropy (Hill 1973). 0 when there is nothing."""
    shares = np.asarray(amounts, np.float64)
    shares = shares[shares > 0]
    if not len(shares):
        return 0.0
    shares = shares / shares.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))
