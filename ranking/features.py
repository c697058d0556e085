"""What the ranker knows about each candidate: ids and one packed matrix of named numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

# Counts are of distinct people; what an author does to their own post, and repeats by one person, are left out.
COUNTS = (
    "impression_count",  # people who were shown the post
    "open_count",  # of those, who opened the composer from it
    "submit_count",  # of those, who sent a generation
    "publish_count",  # of those, who published the remix
    "comment_count",
    "share_count",  # shares, saves and reposts
    "follow_count",  # people who began to follow the author from this post
    "like_count",
    "long_view_count",
    "see_less_count",
    "report_count",
)
TIE_FLAGS = ("mutual", "follows_author", "cast_permission")
TIE_COUNTS = ("past_remix_count", "reply_count")
FEATURES = (
    "age_seconds",  # since publishing
    *COUNTS,
    "descent_log_sum",  # over remixes at least 7 days old: sum of ln(1 + distinct later makers among their descendants)
    "descent_count",  # how many remixes that sum is over
    "author_feedback_count_24h",  # people who liked, commented, shared or remixed the author in the last 24 h
    "author_has_feedback",  # flag: the author has been answered at least once, ever
    "topic_affinity",  # 0 … 1: the viewer's own leaning to the post's topics; 0 is unknown
    *TIE_FLAGS,  # flags; cast permission counts when it was given to this viewer, not to everyone
    *TIE_COUNTS,  # the viewer's remixes of the author; replies between the two, both ways
)
FLAGS = ("author_has_feedback", *TIE_FLAGS)
COLUMN = {name: index for index, name in enumerate(FEATURES)}
_FLAG_COLUMNS = [COLUMN[name] for name in FLAGS]

STEER_RANGE = (np.float32(0.2), np.float32(3.0))
MAX_CANDIDATES = 2_000  # likeness between candidates is held as a square


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """n distinct posts that compete for a viewer's page.

    post_id, author_id, root_id: int64[n]; a post without a source is its own root.
    topics: uint64[n], one bit per topic of the vocabulary, 0 when unclassified.
    features: float32[n, len(FEATURES)], columns in the order of FEATURES.
    steer: float32[n], 1 when the viewer said nothing, 0.2 … 3 by their rules, 0 when filtered.
    Raises ValueError on a wrong shape or dtype, a repeated post, NaN, infinity, or a number out of its range.
    """

    post_id: Ints
    author_id: Ints
    root_id: Ints
    topics: Bits
    features: Floats
    steer: Floats

    def __post_init__(self) -> None:
        n = len(self.post_id)
        if n > MAX_CANDIDATES:
            raise ValueError(f"{n} candidates, at most {MAX_CANDIDATES} can compete")
        expected = {
            "post_id": ((n,), np.int64),
            "author_id": ((n,), np.int64),
            "root_id": ((n,), np.int64),
            "topics": ((n,), np.uint64),
            "features": ((n, len(FEATURES)), np.float32),
            "steer": ((n,), np.float32),
        }
        for name, (shape, dtype) in expected.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(f"{name} is {array.dtype}{list(array.shape)}, expected {dtype.__name__}{list(shape)}")
        if len(np.unique(self.post_id)) != n:
            raise ValueError("a post is a candidate twice")
        if not (np.isfinite(self.features).all() and (self.features >= 0).all()):
            raise ValueError("features are finite and not negative")
        flags = self.features[:, _FLAG_COLUMNS]
        if not ((flags == 0) | (flags == 1)).all():
            raise ValueError(f"{', '.join(FLAGS)} are 0 or 1")
        if not (self["topic_affinity"] <= 1).all():
            raise ValueError("topic_affinity is between 0 and 1")
        low, high = STEER_RANGE
        if not ((self.steer == 0) | ((self.steer >= low) & (self.steer <= high))).all():
            raise ValueError(f"steer is 0 or between {low} and {high}")

    def __len__(self) -> int:
        return len(self.post_id)

    def __getitem__(self, feature: str) -> Floats:
        """One feature's column, float32[n]."""
        return self.features[:, COLUMN[feature]]

    def take(self, rows: npt.NDArray[np.intp]) -> Self:
        """The candidates at these distinct rows, in this order."""
        return replace(
            self,
            post_id=self.post_id[rows],
            author_id=self.author_id[rows],
            root_id=self.root_id[rows],
            topics=self.topics[rows],
            features=self.features[rows],
            steer=self.steer[rows],
        )
