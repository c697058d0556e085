"""Smoothed probabilities of what a viewer does after an impression, before any model is learned.

Each rate is the mean of a Beta posterior (Gelman et al., Bayesian Data Analysis, 2.1): what was seen, plus a prior
of `strength` imagined trials at the base rate. Making is chained, open → submit → publish, so that a post that only
baits people into opening the composer gains nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ranking.features import Candidates, Floats


@dataclass(frozen=True, slots=True)
class Prior:
    """A head's base rate (probability per trial) and how many imagined trials stand behind it."""

    rate: float
    strength: float

    @property
    def alpha(self) -> float:
        return self.rate * self.strength

    @property
    def beta(self) -> float:
        return (1.0 - self.rate) * self.strength


# Starting values, to be replaced by the service's own log: assumptions of a plausible order of magnitude, nothing
# measured. The rarer the act, the stronger the prior, so that one act among ten views is a hint and no proof.
BASE_RATES = MappingProxyType(
    {
        "open": Prior(0.04, 50),  # making is what the product offers on every post
        "submit": Prior(0.35, 10),  # given open: most people look and go back
        "publish": Prior(0.50, 6),  # given submit: every second draft is kept
        "comment": Prior(0.006, 60),
        "share": Prior(0.008, 60),
        "follow": Prior(0.004, 80),
        "like": Prior(0.05, 30),
        "long_view": Prior(0.30, 20),
        "see_less": Prior(0.005, 100),
        "report": Prior(0.0005, 400),  # a lone report is moderation's business, not the ranker's
    }
)

HEADS = ("remix", "comment", "share", "follow", "like", "any_feedback", "long_view", "see_less", "report")
HEAD = MappingProxyType({name: index for index, name in enumerate(HEADS)})

TOPIC_ODDS = 3.0  # at full affinity the odds of opening, commenting, sharing and liking are three times as high


def posterior_mean(successes: Floats, trials: Floats, prior: Prior) -> Floats:
    """Mean of the Beta posterior, float32[n], 0 … 1.

    Counts are folded at different moments, so an act may be counted before its impression: trials are never
    fewer than successes.
    """
    trials = np.maximum(trials, successes)
    return (successes + np.float32(prior.alpha)) / (trials + np.float32(prior.strength))


def head_probabilities(candidates: Candidates) -> Floats:
    """P(act | shown) for each head, float32[n, len(HEADS)].

    any_feedback is 1 − Π(1 − p) over remix, comment, share and like: the acts taken as independent.
    """
    shown = candidates["impression_count"]
    odds = np.float32(TOPIC_ODDS) ** candidates["topic_affinity"]

    def rate(name: str) -> Floats:
        return posterior_mean(candidates[f"{name}_count"], shown, BASE_RATES[name])

    opens, submits = candidates["open_count"], candidates["submit_count"]
    remix = (
        _with_odds(rate("open"), odds)
        * posterior_mean(submits, opens, BASE_RATES["submit"])
        * posterior_mean(candidates["publish_count"], submits, BASE_RATES["publish"])
    )
    comment, share, like = (_with_odds(rate(name), odds) for name in ("comment", "share", "like"))
    heads = np.empty((len(candidates), len(HEADS)), np.float32)
    columns = {
        "remix": remix,
        "comment": comment,
        "share": share,
        "follow": rate("follow"),
        "like": like,
        "any_feedback": _any_of(remix, comment, share, like),
        "long_view": rate("long_view"),
        "see_less": rate("see_less"),
        "report": rate("report"),
    }
    for name, column in columns.items():
        heads[:, HEAD[name]] = column
    return heads


def base_probabilities() -> dict[str, float]:
    """P(act | shown) for each head of a post about which nothing is known."""
    rates = {name: prior.rate for name, prior in BASE_RATES.items()}
    rates["remix"] = rates.pop("open") * rates.pop("submit") * rates.pop("publish")
    acts = ("remix", "comment", "share", "like")
    rates["any_feedback"] = 1 - math.prod(1 - rates[name] for name in acts)
    return {name: rates[name] for name in HEADS}


def _with_odds(p: Floats, odds: Floats) -> Floats:
    """The probability whose odds are `odds` times those of p; stays between 0 and 1."""
    lifted: Floats = np.divide(p * odds, 1 - p + p * odds)
    return lifted


def _any_of(*probabilities: Floats) -> Floats:
    none: Floats = np.prod([1 - p for p in probabilities], axis=0)
    any_one: Floats = 1 - none
    return any_one
