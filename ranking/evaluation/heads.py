"""Fitting the probability of one act over arrays: a logistic head, its challenger, and the table that calibrates it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ranking.evaluation.metrics import Doubles, Flags, Ints


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Numeric libraries keep to one thread: the arrays here are small, and several would mostly wait for each other."""
    import sklearn.ensemble  # noqa: F401  only what is loaded already is limited
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


class Scorer(Protocol):
    def score(self, features: Doubles) -> Doubles: ...


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A logistic head over some columns of the features. Scores are log-odds, float64[n], not yet calibrated."""

    columns: Ints
    slope: Doubles  # per unit of a feature
    intercept: float

    def score(self, features: Doubles) -> Doubles:
        scores: Doubles = features[:, self.columns] @ self.slope + self.intercept
        return scores


def fit_head(
    features: Doubles, happened: Flags, *, columns: Ints, weights: Doubles | None = None, regularisation: float
) -> Head:
    """Maximum likelihood with a ridge penalty over features of unit variance (scikit-learn).

    features: float64[n, f]; happened: bool[n]; weights: float64[n], how many rows each stands for.
    regularisation: scikit-learn's C, smaller is stricter. Raises ValueError when only one outcome is seen.
    """
    from sklearn.linear_model import LogisticRegression

    chosen = features[:, columns].astype(np.float64)  # in single precision the solver stops early
    mean, spread = chosen.mean(axis=0), chosen.std(axis=0)
    spread[spread == 0] = 1.0
    fitted = LogisticRegression(C=regularisation, max_iter=1_000).fit((chosen - mean) / spread, happened, weights)
    slope: Doubles = fitted.coef_[0] / spread
    return Head(columns, slope, float(fitted.intercept_[0] - slope @ mean))


@dataclass(frozen=True, slots=True, eq=False)
class Challenger:
    """Boosted trees over the same columns; they find crosses by themselves."""

    columns: Ints
    trees: Any

    def score(self, features: Doubles) -> Doubles:
        scores: Doubles = self.trees.decision_function(features[:, self.columns])
        return scores


def fit_challenger(features: Doubles, happened: Flags, *, columns: Ints, weights: Doubles | None = None) -> Challenger:
    """HistGradientBoosting with small trees, as the data is small (scikit-learn)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.05,
        max_leaf_nodes=8,
        min_samples_leaf=40,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=0,
    )
    return Challenger(columns, trees.fit(features[:, columns], happened, weights))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A table from scores to probabilities, both ascending; straight lines between its points."""

    scores: Doubles
    probabilities: Doubles

    def __call__(self, scores: Doubles) -> Doubles:
        return np.interp(scores, self.scores, self.probabilities)


def fit_calibration(scores: Doubles, happened: Flags) -> Calibration:
    """The isotonic regression of outcomes on scores (Zadrozny & Elkan 2002), kept as its table."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, happened)
    return Calibration(fitted.X_thresholds_, fitted.y_thresholds_)
