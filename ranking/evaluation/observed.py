"""What a service could have logged of a simulated world: all that a ranker in it may know."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ranking.evaluation.coefficients import CANDIDATE_DAYS, Size
from ranking.features import FEATURES, Bits, Candidates, Floats, Ints

HOUR: Final = 3_600.0
DAY: Final = 24 * HOUR
ACTS: Final = ("open", "submit", "publish", "comment", "share", "follow", "like", "long_view", "see_less", "report")
DESCENT_AFTER: Final = 7 * DAY
MADE_COUNTS: Final = 3.0  # likes, as the product weighs them when it asks what somebody leans to
LEANING_FROM: Final = 2.0  # imagined likes of the favourite topic: one like makes nobody a fan


class Observed:
    """The log of one world up to now. Posts are rows in the order of their ids; people are rows too.

    Everybody is shown a post at most once, so every count is one of distinct people. Times are seconds from the start.
    """

    def __init__(self, size: Size, capacity: int) -> None:
        people = size.people
        self.size = size
        self.posts = 0
        self.author: Ints = np.zeros(capacity, np.int64)
        self.root: Ints = np.zeros(capacity, np.int64)
        self.parent: Ints = np.full(capacity, -1, np.int64)
        self.topic: Ints = np.zeros(capacity, np.int64)
        self.shown_at = np.full(capacity, np.inf)
        self.counts = {name: np.zeros(capacity, np.float32) for name in ("impression", *ACTS)}
        self.descent_log_sum: Floats = np.zeros(capacity, np.float32)
        self.descent_count: Floats = np.zeros(capacity, np.float32)
        self.served = np.zeros((people, capacity), bool)
        self.acted: Floats = np.zeros((people, capacity), np.float32)  # strength of response, for factorisation
        self.follows = np.zeros((people, people), bool)
        self.cast_permission = np.zeros((people, people), bool)  # [viewer, author]
        self.past_remixes: Floats = np.zeros((people, people), np.float32)  # [viewer, author]
        self.replies: Floats = np.zeros((people, people), np.float32)  # both ways
        self.likes: Floats = np.zeros((people, people), np.float32)  # [viewer, author]
        self.by_author = {name: np.zeros(people, np.float32) for name in ("impression", "publish")}
        self.depth: Floats = np.zeros(capacity, np.float32)
        self.liked_topics: Floats = np.zeros((people, size.topics), np.float32)
        self.made_topics: Floats = np.zeros((people, size.topics), np.float32)  # posts of one's own
        self.watched_topics: Floats = np.zeros((people, size.topics), np.float32)  # seconds
        self.answered_at = np.full((people, people), -np.inf)  # [author, who responded], the last time

    def candidates(self, viewer: int, now: float) -> Ints:
        """Rows of the posts that compete: shown by now, not too old, by somebody else, not served to them before."""
        shown_at = self.shown_at[: self.posts]
        competes = (shown_at <= now) & (shown_at > now - CANDIDATE_DAYS * DAY)
        competes &= (self.author[: self.posts] != viewer) & ~self.served[viewer, : self.posts]
        return np.flatnonzero(competes).astype(np.int64)

    def tie(self, viewer: int, authors: Ints) -> Floats:
        """0 for a stranger, 0.4 for an author the viewer follows, 1 when both follow each other, float32[n]."""
        follows = self.follows[viewer, authors]
        mutual = follows & self.follows[authors, viewer]
        return np.where(mutual, 1.0, np.where(follows, 0.4, 0.0)).astype(np.float32)

    def features(self, viewer: int, now: float, rows: Ints) -> Candidates:
        """What the product's ranker is given for these posts, counted as the product counts."""
        author = self.author[rows]
        follows = self.follows[viewer, author]
        cared = self.liked_topics[viewer] + np.float32(MADE_COUNTS) * self.made_topics[viewer]
        leaning = cared / (cared.max() + np.float32(LEANING_FROM))
        posts = slice(self.posts)
        shown = self.shown_at[posts] <= now
        mine = shown & (self.author[posts] == viewer)
        remixed = self.parent[posts][shown & (self.parent[posts] >= 0)]
        columns: dict[str, npt.ArrayLike] = {
            "age_seconds": now - self.shown_at[rows],
            "impression_count": self.counts["impression"][rows],
            **{f"{act}_count": self.counts[act][rows] for act in ACTS},
            "descent_log_sum": self.descent_log_sum[rows],
            "descent_count": self.descent_count[rows],
            "maker_count": self.counts["publish"][rows],
            "remixer_count": np.bincount(remixed, minlength=self.posts)[rows],
            "depth": self.depth[rows],
            "author_follower_count": self.follows[:, author].sum(axis=0),
            "author_impression_count": self.by_author["impression"][author],
            "author_publish_count": self.by_author["publish"][author],
            "liked_author_count": self.likes[viewer, author],
            "in_my_lineage": np.isin(self.root[rows], self.root[posts][mine]),
            "viewer_making_count": mine.sum(),
            "hour": now % DAY / HOUR,
            "author_feedback_count_24h": (self.answered_at[author] > now - DAY).sum(axis=1),
            "author_has_feedback": (self.answered_at[author] > -np.inf).any(axis=1),
            "topic_affinity": leaning[self.topic[rows]],
            "mutual": follows & self.follows[author, viewer],
            "follows_author": follows,
            "cast_permission": self.cast_permission[viewer, author],
            "past_remix_count": self.past_remixes[viewer, author],
            "reply_count": self.replies[viewer, author],
        }
        features = np.zeros((len(rows), len(FEATURES)), np.float32)
        for place, name in enumerate(FEATURES):
            if name in columns:
                features[:, place] = columns[name]
        topics: Bits = np.left_shift(np.uint64(1), self.topic[rows].astype(np.uint64))
        steer: Floats = np.ones(len(rows), np.float32)
        return Candidates(rows, author, self.root[rows], topics, features, steer)

    def count_descent(self, now: float) -> None:
        """For each post: how far its remixes of at least 7 days carried on, told by distinct later makers."""
        self.descent_log_sum[:] = 0
        self.descent_count[:] = 0
        makers: dict[int, set[int]] = {}
        for post in range(self.posts - 1, -1, -1):  # children have greater rows than their parents
            parent = int(self.parent[post])
            if parent < 0 or self.shown_at[post] > now:
                continue
            below = makers.setdefault(post, set())
            if self.shown_at[post] <= now - DESCENT_AFTER:
                self.descent_log_sum[parent] += np.log1p(len(below))
                self.descent_count[parent] += 1
            makers.setdefault(parent, set()).update(below, {int(self.author[post])})
