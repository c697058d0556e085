"""What an order of posts and a page of it are made of, whichever feed it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """One rank of an order: a post, and what is logged with its impression.

    `why` is JSON; `slot` by what right it is there (`ranking.slate.Slot`); `features` what the ranker knew of it, one
    record of `ranking.features.RECORD`, empty where nobody ranked.
    """

    post_id: int
    score: float
    propensity: float
    why: str
    slot: int = 0
    features: bytes = b""


@dataclass(frozen=True, slots=True)
class Facts:
    """What all impressions of an order share. `steering` names the viewer's rules that it was made under, `layout` the
    version of its records of features.
    """

    model: str
    candidate_set_hash: int
    length: int
    steering: dict[str, Any] | None = None
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """Which page is asked for: from a cursor on (empty: from the beginning), by which request."""

    cursor: str
    limit: int
    request_id: int


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Posts in their places, rendered, before cards are laid between them.

    `order_id` names the snapshot that they are from, `first_rank` the rank of the first in it. `next` is the cursor
    to go on with, None at the end.
    """

    shown: Sequence[tuple[Place, bytes]]
    facts: Facts
    next: str | None
    order_id: int
    first_rank: int = 0
