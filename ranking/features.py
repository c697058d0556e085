"""What the ranker knows about each candidate: ids and one packed matrix of named numbers."""

from __future__ import annotations

import hashlib
from copy import copy
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]

# Acts of people who were shown the post in a feed, each person once for each act; the author's own are left out.
# Comments, saves and likes are the post's public counts: they hold what happened elsewhere, too.
COUNTS = (
    "impression_count",
    "open_count",  # opened the composer from it
    "submit_count",  # sent a remix of it
    "publish_count",  # published that remix
    "cast_submit_count",  # sent something with somebody of its cast
    "cast_publish_count",
    "prompt_submit_count",  # sent something with its prompt, or a prompt of their own right after it
    "prompt_publish_count",
    "comment_count",
    "share_count",  # shares, saves and reposts
    "follow_count",  # began to follow the author
    "like_count",
    "long_view_count",
    "see_less_count",
    "report_count",
)
LINEAGE_COUNTS = (
    "maker_count",  # distinct people who published a remix of it, wherever they came from
    "remixer_count",  # people beside the maker of whom others can come across a remix
    "people_count",  # people beside the maker who made anything that came of it
    "descent_log_sum",  # over makings at least 7 days old: sum of ln(1 + distinct later makers in their first 7 days)
    "descent_count",  # how many makings that sum is over
    "depth",  # how many derivations it stands below its root
)
AUTHOR_COUNTS = (
    "author_feedback_count_24h",  # people who liked, commented, shared or remixed the author in the last 24 h
    "author_follower_count",
    "author_impression_count",  # of all posts by the author, so far
    "author_publish_count",  # what others published because of them, of all three kinds
)
TIE_FLAGS = ("mutual", "follows_author", "cast_permission")
TIE_COUNTS = ("past_remix_count", "reply_count")
VIEWER_FLAGS = (
    "in_cast",  # the viewer's own face is in it
    "in_my_lineage",  # it shares its root with something that the viewer made
    "cast_open",  # the viewer may cast somebody who is in it
    "remix_closed",  # the viewer may not remix it
    "prompt_open",  # the viewer may read its prompt
    "same_country",  # viewer and author declared the same one
    "same_script",  # its words are written like the viewer's own: Latin, or not
)
FEATURES = (
    "age_seconds",  # since publishing
    *COUNTS,
    *LINEAGE_COUNTS,
    *AUTHOR_COUNTS,
    "author_has_feedback",  # flag: the author has been answered at least once, ever
    "cast_count",  # cameos in it
    "duration_seconds",
    "has_captions",  # flag
    "topic_affinity",  # 0 … 1: the viewer's own leaning to the post's topics; 0 is unknown
    *TIE_FLAGS,  # flags; cast permission counts when it was given to this viewer, not to everyone
    *TIE_COUNTS,  # the viewer's remixes of the author; replies between the two, both ways
    "liked_author_count",  # of the viewer's last likes, those of this author
    *VIEWER_FLAGS,
    "viewer_making_count",  # what the viewer published in the last 30 days
    "hour",  # 0 … 24, UTC, of the moment of ranking
)
FLAGS = ("author_has_feedback", "has_captions", *TIE_FLAGS, *VIEWER_FLAGS)
COLUMN = {name: index for index, name in enumerate(FEATURES)}
_FLAG_COLUMNS = [COLUMN[name] for name in FLAGS]

TOPIC_BITS = "topics by number, from confidence 0.5 on"  # what a bit means: a model of other bits cannot be served
LAYOUT = hashlib.sha256("\n".join((*FEATURES, TOPIC_BITS)).encode()).hexdigest()[:12]
RECORD = np.dtype([("features", "<f4", (len(FEATURES),)), ("topics", "<u8")])  # one impression, as it is logged

STEER_RANGE = (np.float32(0.2), np.float32(3.0))
MAX_CANDIDATES = 2_000  # for each place of an order the likeness to all of them is asked


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
        taken = copy(self)  # they were checked when they came
        for column in fields(self):
            object.__setattr__(taken, column.name, getattr(self, column.name)[rows])
        return taken

    def packed(self) -> bytes:
        """Features and topics as they are logged: n records of RECORD, one after the other."""
        records = np.empty(len(self), RECORD)
        records["features"], records["topics"] = self.features, self.topics
        return records.tobytes()


def unpacked(log: bytes) -> tuple[Floats, Bits]:
    """features float32[n, len(FEATURES)] and topics uint64[n] of logged records.

    Raises ValueError when these are no whole records.
    """
    records = np.frombuffer(log, RECORD)
    return records["features"].astype(np.float32), records["topics"].astype(np.uint64)
