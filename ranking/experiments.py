"""Experiments: who is in which arm, and what the arms can be said to have done.

People are assigned by a stable hash, so that nobody changes sides and nothing has to be stored. What is compared are
rates per card, and cards of one person resemble each other: every interval is clustered by person.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

ARMS: Final = ("control", "break_only", "create_offer", "friend_offer")
DEFAULT_ARM: Final = "create_offer"  # what everybody gets while no experiment runs
CONFIDENCE: Final = 0.95
POWER: Final = 0.80

_NORMAL = NormalDist()
_STEPS = 2**64


def arm_of(person_id: int, salt: str, shares: Mapping[str, float]) -> str:
    """The arm of one person: the same whenever it is asked, and independent of every other salt.

    `shares` are in proportion; an arm with a share of 0 has nobody. Raises ValueError when none has any.
    """
    whole = math.fsum(shares.values())
    if not whole > 0 or min(shares.values()) < 0:
        raise ValueError("An experiment needs an arm with people in it.")
    digest = hashlib.blake2b(f"{person_id}".encode(), key=salt.encode()[:64], digest_size=8).digest()
    place = int.from_bytes(digest, "big") / _STEPS * whole
    peopled = [(arm, share) for arm, share in shares.items() if share > 0]
    for arm, share in peopled:
        place -= share
        if place < 0:
            return arm
    return peopled[-1][0]  # the last of the place may be lost in rounding


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate per card, clustered by person: its standard error, and the design effect (how many times the variance is
    that of independent cards)."""

    value: float
    error: float
    people: int
    cards: int
    design_effect: float

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        half = z_of(confidence) * self.error
        return max(0.0, self.value - half), min(1.0, self.value + half)


@dataclass(frozen=True, slots=True)
class Difference:
    """One arm's rate minus another's, with its interval."""

    value: float
    low: float
    high: float


def rate_of(successes: npt.ArrayLike, cards: npt.ArrayLike) -> Rate:
    """The ratio estimator Σy / Σn over people, with its linearised variance (Cochran, Sampling Techniques, 6.8).

    successes, cards: one figure per person, shape (people,), 0 ≤ successes ≤ cards. Without cards the rate is 0 and
    its error infinite, and so is the error of a single person's rate.
    """
    y = np.asarray(successes, np.float64)
    n = np.asarray(cards, np.float64)
    total, people = float(n.sum()), len(n)
    if total == 0:
        return Rate(0.0, math.inf, people, 0, 1.0)
    value = float(y.sum()) / total
    if people < 2:
        return Rate(value, math.inf, people, int(total), 1.0)
    residuals = y - value * n
    variance = people / (people - 1) * float(residuals @ residuals) / total**2
    independent = value * (1 - value) / total
    return Rate(
        value,
        math.sqrt(variance),
        people,
        int(total),
        variance / independent if independent else 1.0,
    )


def difference(one: Rate, other: Rate, *, confidence: float = CONFIDENCE) -> Difference:
    """one − other, of two arms: different people, so their variances add."""
    value = one.value - other.value
    half = z_of(confidence) * math.hypot(one.error, other.error)
    return Difference(value, value - half, value + half)


def z_of(confidence: float) -> float:
    """How many standard errors an interval of this confidence reaches to either side."""
    return _NORMAL.inv_cdf(0.5 + confidence / 2)


def needed_people(
    baseline: Rate, *, relative_effect: float, comparisons: int, confidence: float = CONFIDENCE, power: float = POWER
) -> int | None:
    """How many people each arm needs so that a relative change of the baseline is seen with that power.

    The two-proportion formula (Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 4.2) in cards,
    times the design effect, over the cards of a person; confidence is shared out among the comparisons (Bonferroni).
    None when the baseline is 0 or 1: there is nothing to compute from. Raises ValueError for an effect of 0.
    """
    if relative_effect <= 0:
        raise ValueError("The effect to be seen must be greater than 0.")
    p, q = baseline.value, min(1.0, baseline.value * (1 + relative_effect))
    if not 0 < p < 1 or p == q:
        return None
    z = z_of(shared_confidence(confidence, comparisons)) + _NORMAL.inv_cdf(power)
    cards = z**2 * (p * (1 - p) + q * (1 - q)) / (q - p) ** 2
    return math.ceil(cards * max(1.0, baseline.design_effect) * baseline.people / baseline.cards)


def shared_confidence(confidence: float, comparisons: int) -> float:
    """That of each comparison, so that all of them together have the one that is asked for (Bonferroni)."""
    return 1 - (1 - confidence) / max(1, comparisons)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an arm has won. `winner` is empty when none has; `reason` says why in a sentence. `needed` is the number
    of people that each arm must have before one is called, None while it cannot be told."""

    winner: str
    reason: str
    needed: int | None


def verdict(rates: Mapping[str, Rate], *, baseline: str, relative_effect: float, minimum_people: int) -> Verdict:
    """Which arm has won, by the rate that the experiment is about; none is called before every arm has the people.

    An arm wins when the interval of its difference to each other arm, at a confidence shared among all comparisons,
    lies above 0.
    """
    if len(rates) < 2 or baseline not in rates:
        return Verdict("", "There are no two arms to compare.", None)
    pairs = len(rates) * (len(rates) - 1) // 2
    computed = needed_people(rates[baseline], relative_effect=relative_effect, comparisons=pairs)
    if computed is None:
        return Verdict("", f"No winner is called: {baseline} has no rate to compute the needed people from.", None)
    needed = max(minimum_people, computed)
    fewest = min(rates, key=lambda arm: rates[arm].people)
    if rates[fewest].people < needed:
        return Verdict("", f"No winner is called: {fewest} has {rates[fewest].people} of {needed} people.", needed)
    confidence = shared_confidence(CONFIDENCE, pairs)
    for arm, rate in rates.items():
        rest = [other for name, other in rates.items() if name != arm]
        if all(difference(rate, other, confidence=confidence).low > 0 for other in rest):
            return Verdict(arm, f"{arm} is ahead of every other arm, beyond chance.", needed)
    return Verdict("", "No arm is ahead of every other beyond chance.", needed)
