"""The numbers of the simulated world, in a file of their own so that its history shows when they changed.

Written down before any ranker was run in that world, and not changed since. They are assumptions of a plausible size,
nothing measured with people: what an act's chance is for an ordinary post (`BASE_RATES`), and how far it moves, in
log-odds, with what is known and unknown of a post and its viewer (`EFFECTS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Size:
    """How big a world is, and how long it is watched. Days before `warm_up_days` are for learning, not for figures."""

    people: int = 240
    topics: int = 16
    days: int = 12
    warm_up_days: int = 3
    sessions_per_day: float = 0.8  # by each person
    originals_per_day: float = 24.0  # by all together
    page_size: int = 20


SMALL: Final = Size(people=40, topics=8, days=3, warm_up_days=1, originals_per_day=12.0)

WATCHED_MEAN: Final = 14.0  # posts of a page until the viewer leaves (geometric); the page ends it too
CANDIDATE_DAYS: Final = 4.0  # older posts are no candidates, for any ranker
CLIP_SECONDS: Final = 10.0
LONG_VIEW_SECONDS: Final = 9.0
WATCH_MEDIAN_SECONDS: Final = 5.5

INTEREST_CONCENTRATION: Final = 0.25  # Dirichlet: a person cares for two or three of 16 topics
ACTIVITY_SPREAD: Final = 1.2  # log-normal: the busiest tenth makes half of all originals
MAKER_SPREAD: Final = 0.8  # log-odds: how much likelier some people are to make anything at all
FOLLOWS_MEAN: Final = 8.0
FOLLOWED_BACK: Final = 0.35
CAST_PERMISSION: Final = 0.2  # among mutuals

OFF_TOPIC: Final = 0.15  # originals outside their author's interests, remixes outside their source's topic
APPEAL_AND_REMIXABILITY: Final = 0.2  # correlation: what is good to watch is hardly what is good to build on
INHERITED: Final = 0.7  # of remixability, parent to child, in the world where it is inherited; else 0
APPEAL_INHERITED: Final = 0.3  # in both
REMIX_DELAY_HOURS: Final = 1.0  # from opening the composer to the remix in the feed, mean of an exponential
ANSWERED_AUTHORS_MAKE: Final = 1.1  # times as many originals on a day after any response

BASE_RATES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "open": 0.03,
        "submit": 0.35,  # given open
        "publish": 0.50,  # given submit
        "comment": 0.006,
        "share": 0.008,
        "follow": 0.003,
        "like": 0.05,
        "see_less": 0.006,
        "report": 0.0004,
    }
)

# Log-odds per unit of: remixability, appeal, bait (standard normal); interest (0 … 1, about its mean); tie (0 none,
# 0.4 followed, 1 mutual); posts of the same root, and of the same topic, watched earlier on the page.
EFFECTS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "open": {"remixability": 1.0, "bait": 0.4, "interest": 1.3, "tie": 0.7, "same_root": -0.4},
        "submit": {"remixability": 0.4, "bait": -0.8},
        "publish": {"interest": 0.4},
        "comment": {"appeal": 0.4, "interest": 0.6, "tie": 1.0},
        "share": {"appeal": 0.7, "interest": 0.6},
        "follow": {"appeal": 0.5, "interest": 1.0},
        "like": {"appeal": 0.8, "interest": 1.0, "tie": 0.4},
        "see_less": {"appeal": -0.4, "interest": -1.0, "bait": 0.3, "same_root": 0.4, "same_topic": 0.25},
        "report": {"appeal": -0.4, "bait": 0.5},
    }
)
WATCH_EFFECTS: Final[Mapping[str, float]] = MappingProxyType({"appeal": 0.35, "interest": 0.4, "same_root": -0.1})
WATCH_SPREAD: Final = 0.5  # of the logarithm of seconds watched
