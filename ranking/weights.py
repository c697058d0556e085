"""What each act is worth, set by the share of a post's value that it may make up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from ranking.rates import HEADS, base_probabilities

# group → head → share of the value that the head makes up for a post at base rates
BUDGET: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "creation": {"remix": 0.40, "cast": 0.05, "prompt": 0.05},  # a making is worth the same, whichever it is
        "conversation": {"comment": 0.10, "share": 0.06, "follow": 0.06},
        "like": {"like": 0.06},
        "creator_feedback": {"any_feedback": 0.10},
        "long_view": {"long_view": 0.04},
        "negatives": {"see_less": -0.05, "report": -0.03},
    }
)
GROUPS = tuple(BUDGET)
GROUP_OF = MappingProxyType({head: group for group, shares in BUDGET.items() for head in shares})

# An author who was answered before and by three people in the last 24 h: the factor of the feedback term is then ½.
BASE_FEEDBACK_COUNT_24H = 3.0
BASE_FEEDBACK_FACTOR = (1.0 + BASE_FEEDBACK_COUNT_24H) ** -0.5

TIE_BONUS = 1.0  # δ: the closest tie doubles the creation term
DESCENT_MEAN = 0.25  # starting value for the mean of ln(1 + later makers) over all makings, until one is measured


@dataclass(frozen=True)
class Weights:
    """Value per unit of probability: heads in the order of HEADS, negatives below 0; tie_bonus is δ.

    descent_mean: the mean of ln(1 + later makers) over all makings, to which a post's own is compared.
    """

    heads: tuple[float, ...]
    tie_bonus: float = TIE_BONUS
    descent_mean: float = DESCENT_MEAN

    def __post_init__(self) -> None:
        if len(self.heads) != len(HEADS):
            raise ValueError(f"{len(self.heads)} weights for {len(HEADS)} heads")
        if not self.descent_mean > 0:
            raise ValueError("the mean of descent is above 0")

    @cached_property
    def version(self) -> str:
        """A hash of the content: equal weights have equal versions, on every machine."""
        return content_version(asdict(self))

    def as_json(self) -> dict[str, object]:
        """By name, so that heads may be added and moved."""
        return {
            "heads": dict(zip(HEADS, self.heads, strict=True)),
            "tie_bonus": self.tie_bonus,
            "descent_mean": self.descent_mean,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Raises ValueError when a weight is missing."""
        try:
            heads = tuple(float(stored["heads"][head]) for head in HEADS)
            return cls(heads, float(stored["tie_bonus"]), float(stored["descent_mean"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"these are no weights: {error}") from error


def weights_by_budget(
    shares: Mapping[str, float], base_rates: Mapping[str, float], *, descent_mean: float = DESCENT_MEAN
) -> Weights:
    """The weights at which a post at base rates gets each head's share of value.

    shares and base_rates map every name of HEADS to a share and to P(act | shown). At base rates the tie is 0, the
    descent factor 1 and the feedback factor BASE_FEEDBACK_FACTOR. Watching is the exception: its share is its
    ceiling, reached when a long view is certain, so that watch time never is more than a tie-break.
    Raises ValueError when a head is missing or a base rate is not above 0 and at most 1.
    """
    if set(shares) != set(HEADS) or set(base_rates) != set(HEADS):
        raise ValueError(f"shares and base rates name each of {', '.join(HEADS)}")
    if not all(0 < rate <= 1 for rate in base_rates.values()):
        raise ValueError("base rates are above 0 and at most 1")
    reference = dict(base_rates)
    reference["any_feedback"] *= BASE_FEEDBACK_FACTOR
    reference["long_view"] = 1.0
    return Weights(heads=tuple(shares[head] / reference[head] for head in HEADS), descent_mean=descent_mean)


def content_version(content: Mapping[str, object]) -> str:
    """Twelve hex digits of SHA-256 over canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


SHARES = MappingProxyType({head: share for shares in BUDGET.values() for head, share in shares.items()})
STARTING_WEIGHTS = weights_by_budget(SHARES, base_probabilities())
