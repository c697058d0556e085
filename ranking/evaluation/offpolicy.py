"""What another policy would have earned, estimated from what the logged one showed and with which probability.

For each decision the log holds the reward, the probability with which the shown item was chosen (its propensity), and,
asked afterwards, the probability with which the policy in question would have chosen the same. Nothing is guessed for
what was never shown: where the two policies hardly meet, the estimators refuse.

A slate's propensities are conditional on the places before (`ranking.slate.Slate`): take one place as one decision,
given what stands before it. Open places have propensity 1 and say nothing about another order; the exploration places
and a uniform mix do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ranking.evaluation.metrics import Doubles, Interval, Ints, clustered_interval

LEAST_EFFECTIVE: Final = 0.10
LEAST_SUPPORT: Final = 0.8  # mean weight, which is 1 where all that the other policy shows could have been shown
CLIP: Final = 20.0
SEED: Final = 7


class Refused(Exception):
    """The log says too little about the other policy. effective: share of decisions that speak, 0 … 1."""

    def __init__(self, reason: str, effective: float) -> None:
        super().__init__(reason)
        self.effective = effective


@dataclass(frozen=True, slots=True)
class Estimate:
    """Reward per decision under the other policy.

    interval: the estimate with the ends of its 95 % interval, clustered by person when told who decided.
    effective: effective sample, as a share of the decisions. clipped: share of decisions whose weight was cut.
    """

    interval: Interval
    effective: float
    clipped: float

    @property
    def value(self) -> float:
        return self.interval.mean


def effective_share(weights: Doubles) -> float:
    """(Σw)² / (n Σw²): how many equally weighted decisions these are worth, by their number (Kish 1965)."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / (len(weights) * squares) if squares > 0 else 0.0


def clipped_snips(
    rewards: Doubles, propensities: Doubles, target: Doubles, *, people: Ints | None = None, clip: float = CLIP
) -> Estimate:
    """Self-normalised inverse propensity estimate with clipped weights (Swaminathan & Joachims, NIPS 2015).

    rewards: float64[n]. propensities: float64[n], with which the logged policy showed what it showed, above 0.
    target: float64[n], the other policy's probability of the same. people: int64[n], who decided.
    Σ w r / Σ w over w = min(target / propensity, clip). Dividing by Σ w instead of n makes the estimate independent of
    an added constant, and keeps it within the range of the rewards.
    Raises ValueError on arrays that do not fit, Refused when the effective sample is below a tenth or part of what
    the other policy shows could not have been shown.
    """
    ratios = _ratios(rewards, propensities, target)
    effective = _require_overlap(ratios)
    weights = _cut(ratios, clip)
    mean = float(weights @ rewards / weights.sum())
    # influence of each decision on the ratio (delta method): its mean is 0, its spread that of the estimate
    influence = weights * (rewards - mean) / weights.mean()
    return Estimate(_around(mean, influence, people), effective, float((ratios > clip).mean()))


def doubly_robust(
    rewards: Doubles,
    propensities: Doubles,
    target: Doubles,
    *,
    expected: Doubles,
    expected_by_target: Doubles,
    people: Ints | None = None,
    clip: float = CLIP,
) -> Estimate:
    """A model of rewards, corrected by what was seen (Dudík, Langford & Li, ICML 2011).

    expected: float64[n], the model's reward for what was shown. expected_by_target: float64[n], its reward averaged
    over what the other policy would show, Σ_a π(a) q(a). The mean of expected_by_target + w (reward − expected): right
    when either the model or the propensities are, as long as no weight is clipped. The model must not have been
    fitted to these decisions.
    Raises ValueError on arrays that do not fit, Refused as `clipped_snips` does.
    """
    ratios = _ratios(rewards, propensities, target)
    if not len(expected) == len(expected_by_target) == len(rewards):
        raise ValueError("the model has an expectation for every decision")
    effective = _require_overlap(ratios)
    weights = _cut(ratios, clip)
    terms = expected_by_target + weights * (rewards - expected)
    mean = float(terms.mean())
    return Estimate(_around(mean, terms - mean, people), effective, float((ratios > clip).mean()))


def _ratios(rewards: Doubles, propensities: Doubles, target: Doubles) -> Doubles:
    if not len(rewards) == len(propensities) == len(target) or not len(rewards):
        raise ValueError("rewards, propensities and targets are of one length, and not empty")
    if not ((propensities > 0) & (propensities <= 1)).all():
        raise ValueError("a propensity is above 0 and at most 1: what was shown could be shown")
    if not ((target >= 0) & (target <= 1)).all():
        raise ValueError("the other policy's probabilities are between 0 and 1")
    return target / propensities


def _require_overlap(ratios: Doubles) -> float:
    """The effective share, from weights that are not cut yet: cutting hides how few decisions speak."""
    effective = effective_share(ratios)
    if effective < LEAST_EFFECTIVE:
        raise Refused(
            f"the effective sample is {effective:.1%} of the decisions, at least {LEAST_EFFECTIVE:.0%} are needed",
            effective,
        )
    mean = float(ratios.mean())
    error = float(ratios.std()) / len(ratios) ** 0.5
    if mean < LEAST_SUPPORT and mean + 3 * error < 1:
        raise Refused(f"about {1 - mean:.0%} of what the other policy shows could not have been shown", effective)
    return effective


def _cut(ratios: Doubles, clip: float) -> Doubles:
    if not clip > 0:
        raise ValueError("weights are cut at a number above 0")
    return np.minimum(ratios, clip)


def _around(mean: float, influence: Doubles, people: Ints | None) -> Interval:
    """influence: what each decision adds to the estimate, about 0; people are resampled whole when they are told."""
    if people is None:
        half = 1.96 * float(influence.std()) / len(influence) ** 0.5
        return Interval(mean, mean - half, mean + half)
    spread = clustered_interval(influence, people, seed=SEED)
    return Interval(mean, mean + spread.low, mean + spread.high)
