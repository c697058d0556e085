"""What a page of a feed is made of, whichever feed it is."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sora_social.core.moments import IDS_SINCE

SLACK = 8  # taken beyond the page, so that a few vanished posts cost no second round


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
    first_rank: int = field(default=0)


def new_request_id() -> int:
    """A time-ordered id made here: milliseconds since 2025, and 21 random bits."""
    return id_at(int(time.time() * 1000)) | secrets.randbits(21)


def id_at(ms: int) -> int:
    """The smallest request id of a moment (milliseconds since 1970)."""
    return (ms - IDS_SINCE) << 21


def time_of(request_id: int) -> int:
    """When a request id was made, in milliseconds since 1970."""
    return (request_id >> 21) + IDS_SINCE


def id_before(span: timedelta) -> int:
    """The smallest id of a post of the last `span`: 41 bits of milliseconds since 2025, and 22 more."""
    return (int((time.time() - span.total_seconds()) * 1000) - 1_735_689_600_000) << 22
