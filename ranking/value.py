"""The value of a post for a viewer, and its score at this moment.

    C     = Σ_k w_k · p_k · D · (1 + δ · tie)                        creation; k ∈ remix, cast, prompt
    S     = w_comment p_comment + w_share p_share + w_follow p_follow + w_like p_like
    F     = p_any_feedback · (1 + [author has none yet]) / sqrt(1 + author's feedback in 24 h)
    V     = C + S + γF + w_long_view p_long_view − w_see_less p_see_less − w_report p_report
    score = V · 2^(−max(age − 24 h, 0) / 72 h) · steer

This is the value formula of the project's ranking design (docs/ranking.md). What carries on is counted for all kinds
of making together: castings and prompts are too few for a D of their own.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from ranking.features import Candidates, Floats
from ranking.rates import HEAD, HEADS, KINDS
from ranking.weights import DESCENT_MEAN, GROUP_OF, GROUPS, Weights

FRESH_SECONDS = 24 * 3600  # a post keeps its full value this long
HALF_LIFE_SECONDS = 72 * 3600  # and loses half of the rest in each such span

# How much each bond adds to the tie; together 1. Counts saturate: two past remixes are worth half of ever so many.
TIE_SHARES = MappingProxyType(
    {"mutual": 0.35, "past_remix_count": 0.25, "cast_permission": 0.15, "reply_count": 0.15, "follows_author": 0.10}
)
TIE_HALFWAY = 2.0

DESCENT_STRENGTH = 5.0  # makings that a post must show before what came of them outweighs the mean
DESCENT_RANGE = (0.5, 2.0)

_GROUP_COLUMN = np.array([GROUPS.index(GROUP_OF[head]) for head in HEADS])
_MAKING = [HEAD[kind] for kind in KINDS]
_SUM_BY_GROUP = (_GROUP_COLUMN[:, None] == np.arange(len(GROUPS))).astype(np.float32)


def bonds(candidates: Candidates) -> Floats:
    """What each bond of TIE_SHARES adds to the tie, float32[n, len(TIE_SHARES)]."""
    columns = []
    for name, share in TIE_SHARES.items():
        amount = candidates[name]
        strength = amount / (amount + np.float32(TIE_HALFWAY)) if name.endswith("_count") else amount
        columns.append(np.float32(share) * strength)
    return np.stack(columns, axis=1)


def descent(candidates: Candidates, mean: float = DESCENT_MEAN) -> Floats:
    """D: how far what is made from this post carries on, against the mean, smoothed and held to DESCENT_RANGE.

    float32[n].
    """
    seen = candidates["descent_log_sum"] + np.float32(DESCENT_STRENGTH * mean)
    expected = (candidates["descent_count"] + np.float32(DESCENT_STRENGTH)) * np.float32(mean)
    low, high = DESCENT_RANGE
    held: Floats = np.clip(seen / expected, np.float32(low), np.float32(high))
    return held


def contributions(candidates: Candidates, heads: Floats, weights: Weights) -> Floats:
    """What each group of GROUPS adds to V, float32[n, len(GROUPS)]; V is the sum of a row.

    heads: P(act | shown), float32[n, len(HEADS)], from the smoothed rates or from any model.
    """
    terms = heads * np.array(weights.heads, np.float32)
    tie = bonds(candidates).sum(axis=1)
    carried = descent(candidates, weights.descent_mean) * (1 + np.float32(weights.tie_bonus) * tie)
    terms[:, _MAKING] *= carried[:, None]
    unanswered = 1 - candidates["author_has_feedback"]
    terms[:, HEAD["any_feedback"]] *= (1 + unanswered) / np.sqrt(1 + candidates["author_feedback_count_24h"])
    by_group: Floats = terms @ _SUM_BY_GROUP
    return by_group


def scores(candidates: Candidates, contributions: Floats) -> Floats:
    """V, faded by age and multiplied by the viewer's steering, float32[n].

    Age and steering multiply what is above 0 only. A value below 0 stays as it is: otherwise growing old, or being
    asked for less, would lift a post that people want to be rid of.
    """
    value: Floats = contributions.sum(axis=1)
    faded_seconds = np.maximum(candidates["age_seconds"] - np.float32(FRESH_SECONDS), 0)
    factor: Floats = np.exp2(-faded_seconds / np.float32(HALF_LIFE_SECONDS)) * candidates.steer
    return np.where(value > 0, value * factor, value)
