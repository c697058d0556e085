"""Smoothed probabilities of what a viewer does after an impression, before any model is learned.

Each rate is the mean of a Beta posterior (Gelman et al., Bayesian Data Analysis, 2.1): what was seen, plus a prior
of `strength` imagined trials at the base rate. Making is chained, open → submit → publish, so that a post that only
baits people into opening the composer gains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from ranking.features import COLUMN, FEATURES, Candidates, Floats


@dataclass(frozen=True, slots=True)
class Prior:
    """A step's base rate (probability per trial) and how many imagined trials stand behind it."""

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
BASE_RATES: Final = MappingProxyType(
    {
        "open": Prior(0.04, 50),  # making is what the product offers on every post
        "submit": Prior(0.35, 10),  # given open: most people look and go back
        "publish": Prior(0.50, 6),  # given submit: every second draft is kept
        "cast_submit": Prior(0.04, 20),  # given open, of posts with somebody whom the viewer may cast
        "cast_publish": Prior(0.50, 6),
        "prompt_submit": Prior(0.04, 20),
        "prompt_publish": Prior(0.50, 6),
        "comment": Prior(0.006, 60),
        "share": Prior(0.008, 60),
        "follow": Prior(0.004, 80),
        "like": Prior(0.05, 30),
        "long_view": Prior(0.30, 20),
        "see_less": Prior(0.005, 100),
        "report": Prior(0.0005, 400),  # a lone report is moderation's business, not the ranker's
    }
)
STEPS = tuple(BASE_RATES)  # what is counted, and what a model predicts
# what a step is counted among; what is not named here, among all who were shown the post
AMONG = MappingProxyType(
    {
        "submit": "open",
        "publish": "submit",
        "cast_submit": "open",
        "cast_publish": "cast_submit",
        "prompt_submit": "open",
        "prompt_publish": "prompt_submit",
    }
)
LAST_FIRST = tuple(reversed(list(AMONG.items())))  # (step, the step before), so that what is raised is raised on
KINDS = MappingProxyType(
    {
        "remix": ("submit", "publish"),
        "cast": ("cast_submit", "cast_publish"),
        "prompt": ("prompt_submit", "prompt_publish"),
    }
)

HEADS = (*KINDS, "comment", "share", "follow", "like", "any_feedback", "long_view", "see_less", "report")
HEAD = MappingProxyType({name: index for index, name in enumerate(HEADS)})
FEEDBACK = ("remix", "comment", "share", "like")  # what tells an author that they were seen

TOPIC_ODDS = 3.0  # at full affinity the odds of opening, commenting, sharing and liking are three times as high
_MOVED_BY_TOPIC = ("open", "comment", "share", "like")


@dataclass(frozen=True, eq=False)
class Baseline:
    """What is ordinary: each step's prior, and typical values of the features, float32[len(FEATURES)]."""

    priors: Mapping[str, Prior]
    typical: Floats


ASSUMED = Baseline(BASE_RATES, np.zeros(len(FEATURES), np.float32))


def posterior_mean(successes: Floats, trials: Floats, prior: Prior) -> Floats:
    """Mean of the Beta posterior, float32[n], 0 … 1.

    Counts are folded at different moments, so an act may be counted before its impression: trials are never
    fewer than successes.
    """
    trials = np.maximum(trials, successes)
    return (successes + np.float32(prior.alpha)) / (trials + np.float32(prior.strength))


def head_probabilities(candidates: Candidates) -> Floats:
    """P(act | shown) for each head, float32[n, len(HEADS)], from the smoothed rates alone."""
    return chained(step_rates(candidates.features), candidates.features)


def step_rates(features: Floats) -> Floats:
    """P(step | the step before), float32[n, len(STEPS)], smoothed. features: float32[n, len(FEATURES)]."""
    odds = np.float32(TOPIC_ODDS) ** features[:, COLUMN["topic_affinity"]]
    steps = np.empty((len(features), len(STEPS)), np.float32)
    for column, (name, prior) in enumerate(BASE_RATES.items()):
        trials = features[:, COLUMN[f"{AMONG.get(name, 'impression')}_count"]]
        rate = posterior_mean(features[:, COLUMN[f"{name}_count"]], trials, prior)
        steps[:, column] = _with_odds(rate, odds) if name in _MOVED_BY_TOPIC else rate
    return steps


def chained(steps: Floats, features: Floats) -> Floats:
    """P(act | shown) for each head, float32[n, len(HEADS)], of the steps' probabilities, float32[n, len(STEPS)].

    Who may not remix a post does not, and who may cast nobody in it casts nobody. any_feedback is 1 − Π(1 − p) over
    FEEDBACK: the acts taken as independent.
    """
    columns = dict(zip(STEPS, steps.T, strict=True))
    heads = np.empty((len(features), len(HEADS)), np.float32)
    for kind, (submit, publish) in KINDS.items():
        np.multiply(columns["open"], columns[submit], out=heads[:, HEAD[kind]])
        heads[:, HEAD[kind]] *= columns[publish]
    heads[:, HEAD["remix"]] *= 1 - features[:, COLUMN["remix_closed"]]
    heads[:, HEAD["cast"]] *= features[:, COLUMN["cast_open"]]
    for name, column in columns.items():
        if name in HEAD:
            heads[:, HEAD[name]] = column
    none = np.prod([1 - heads[:, HEAD[name]] for name in FEEDBACK], axis=0)
    heads[:, HEAD["any_feedback"]] = 1 - none
    return heads


def base_probabilities(priors: Mapping[str, Prior] = BASE_RATES) -> dict[str, float]:
    """P(act | shown) for each head of a post about which nothing is known, which may be remixed and cast."""
    rates = {name: prior.rate for name, prior in priors.items()}
    heads = {kind: rates["open"] * rates[submit] * rates[publish] for kind, (submit, publish) in KINDS.items()}
    heads |= {name: rates[name] for name in HEADS if name in rates}
    heads["any_feedback"] = 1 - math.prod(1 - heads[name] for name in FEEDBACK)
    return {name: heads[name] for name in HEADS}


def _with_odds(p: Floats, odds: Floats) -> Floats:
    """The probability whose odds are `odds` times those of p; stays between 0 and 1."""
    lifted: Floats = np.divide(p * odds, 1 - p + p * odds)
    return lifted
