"""From scores to an order: variety, friends, and a fair start for new posts.

Pages are filled place by place. At most places the winner is the post with the greatest maximal marginal relevance
(Carbonell & Goldstein, SIGIR 1998), λ · relevance − (1 − λ) · likeness to the most alike post already on the page.
Caps are relaxed, never a page cut short: when all that is left breaks a cap, first the root's gives way, then the
author's, and what exceeds them is spread as evenly as it can be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from ranking.features import Candidates, Floats, Ints
from ranking.rates import BASE_RATES

Doubles = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

MMR_LAMBDA = 0.5
PAGE_SIZE = 20  # what the caps and shares below are meant for
PER_AUTHOR = 2  # on a page
PER_ROOT = 2
AUTHOR_REPEAT = 0.5  # a second post by an author on the page competes with half its score
# Likeness of two posts, 0 … 1; the greatest that applies. For topics it is multiplied by their cosine; an unclassified
# post is like no topic.
# To win against a median post that is like nothing shown, a second post of the same topics must be worth 2.3 median
# posts, of the same root 4, and, as its score is halved too, of the same author 4.7.
SAME_ROOT, SAME_AUTHOR, SAME_TOPICS = 0.3, 0.2, 0.2

FRIENDS_SHARE = 0.20  # of a page: 4 of 20, one in each quarter
EXPLORATION_SHARE = 0.10  # of a page: 2 of 20, at the 7th and the 14th place
EXPLORED_AT = 12  # impressions after which a post stands on its own
FIRST_EXPOSURE = 5  # impressions that every new post is owed
EXPLORATION_UNIFORM = 0.10  # of exploration is a plain draw, so that no propensity comes near 0
MAX_PAGE_SIZE = 50

_ROOT_BLOCK, _AUTHOR_BLOCK = 10.0, 1_000.0  # far apart from marginal relevance (−1 … 0.5) and, on a page, each other
_UNBLOCKED = -5.0
_ROOT_PENALTY = np.float32((1 - MMR_LAMBDA) * SAME_ROOT)
_AUTHOR_PENALTY = np.float32((1 - MMR_LAMBDA) * SAME_AUTHOR)
_GRID = ((np.arange(96) + 0.5) / 96) ** 2  # open rates, finer near 0 where they live


class Slot(IntEnum):
    """By what right a post holds its place."""

    OPEN = 0
    FRIEND = 1
    EXPLORATION = 2


@dataclass(frozen=True, slots=True, eq=False)
class Slate:
    """An order of candidates at m places; every array follows that order.

    rows: intp[m], rows of the candidates, none twice.
    slots: uint8[m], a Slot each.
    propensities: float32[m], P(this post at this place | the places before it). Open and friends' places follow
        from what stands before them, so theirs is 1; an exploration place carries the probability with which its
        draw picks this post. The product over a prefix is the probability of that prefix. What a place would have
        shown under other earlier draws is not summed over, so estimators must treat places one after another.
    lifts: float32[m], in units of score: how far below the post that would have won an open place this one is;
        0 at open places and where it would have had the score anyway.
    """

    rows: Rows
    slots: npt.NDArray[np.uint8]
    propensities: Floats
    lifts: Floats


def arrange(candidates: Candidates, scores: Floats, *, seed: int, page_size: int, limit: int | None = None) -> Slate:
    """Order the candidates in pages of page_size: all of them, or the first `limit` places. scores: float32[n].

    The same candidates, in whatever order, with the same seed give the same slate. Friends' and exploration
    places take only posts that score above 0 and that the viewer did not ask for less of.
    What stands at a place does not depend on the limit.
    Raises ValueError when page_size is not 1 … MAX_PAGE_SIZE, or limit is negative.
    """
    if not 1 <= page_size <= MAX_PAGE_SIZE:
        raise ValueError(f"a page has 1 to {MAX_PAGE_SIZE} posts")
    if limit is not None and limit < 0:
        raise ValueError("a limit is not negative")
    places = len(candidates) if limit is None else min(limit, len(candidates))
    rng = np.random.default_rng(seed)
    # Of equals the younger goes first, then the later id: were it the seed, no open place would be certain.
    by_score = np.lexsort((-candidates.post_id, candidates["age_seconds"], -scores))
    pool = _Pool(candidates, scores, by_score, rng)

    friends_due = int(page_size * FRIENDS_SHARE)
    explorations = int(page_size * EXPLORATION_SHARE)
    exploring = {page_size * (k + 1) // (explorations + 1): k for k in range(explorations)}

    rows = np.empty(places, np.intp)
    slots = np.zeros(places, np.uint8)
    propensities = np.ones(places, np.float32)
    lifts = np.zeros(places, np.float32)
    for start in range(0, places, page_size):
        pool.turn_page()
        friends = 0
        for place in range(min(page_size, places - start)):
            at = start + place
            chosen = winner = pool.winner()
            if place in exploring and (drawn := pool.explore(owed_only=exploring[place] == 0)):
                chosen, propensities[at] = drawn
                slots[at] = Slot.EXPLORATION
            elif friends < (place + 1) * friends_due // page_size and (friend := pool.best_friend()) is not None:
                chosen = friend
                slots[at] = Slot.FRIEND if friend != winner else Slot.OPEN
            if chosen != winner:
                lifts[at] = max(pool.scores[winner] - pool.scores[chosen], 0)
            friends += pool.is_friend[chosen]
            pool.place(chosen)
            rows[at] = by_score[chosen]
    return Slate(rows=rows, slots=slots, propensities=propensities, lifts=lifts)


class _Pool:
    """The candidates not yet placed, by falling score, and what the page so far does to each of them."""

    def __init__(self, candidates: Candidates, scores: Floats, by_score: Rows, rng: np.random.Generator) -> None:
        n = len(candidates)
        scores = scores[by_score]
        self.scores: list[float] = scores.tolist()
        self.rng = rng
        sizes = np.sort(np.abs(scores))
        scale = (sizes[(n - 1) // 2] + sizes[n // 2]) / np.float32(2) if n else np.float32(0)  # the median
        relevance = _relevance(scores, scale)
        repeated = _relevance(np.where(scores > 0, scores * np.float32(AUTHOR_REPEAT), scores), scale)
        self.repeat_cost = np.float32(MMR_LAMBDA) * (relevance - repeated)
        self.fresh_page = np.float32(MMR_LAMBDA) * relevance  # −inf once placed
        self.base = self.fresh_page.copy()
        self.topics = candidates.topics[by_score]
        length = np.sqrt(np.maximum(np.bitwise_count(self.topics), 1), dtype=np.float32)
        self.topic_penalty = np.sqrt(np.float32((1 - MMR_LAMBDA) * SAME_TOPICS)) / length
        self.penalty = np.zeros(n, np.float32)
        self.marginal = np.empty(n, np.float32)
        self.by_author = _Groups(candidates.author_id[by_score])
        self.by_root = _Groups(candidates.root_id[by_score])
        self.authors_on_page: Counter[int] = Counter()
        self.roots_on_page: Counter[int] = Counter()

        may_lift = (scores > 0) & (candidates.steer[by_score] >= 1)
        mutual = candidates["mutual"][by_score] > 0
        self.is_friend: list[bool] = mutual.tolist()
        self.friends = np.flatnonzero(mutual & may_lift)
        shown = candidates["impression_count"][by_score]
        self.explorable = np.flatnonzero((shown < EXPLORED_AT) & may_lift)
        opened = candidates["open_count"][by_score][self.explorable]
        self.thompson = _Thompson(
            shown[self.explorable].astype(np.intp), np.minimum(opened, EXPLORED_AT).astype(np.intp)
        )
        self.owed = shown[self.explorable] < FIRST_EXPOSURE

    def turn_page(self) -> None:
        np.copyto(self.base, self.fresh_page)
        self.penalty.fill(0)
        self.authors_on_page.clear()
        self.roots_on_page.clear()

    def winner(self) -> int:
        np.subtract(self.base, self.penalty, out=self.marginal)
        return int(self.marginal.argmax())

    def best_friend(self) -> int | None:
        """The friend's post of greatest marginal relevance that breaks no cap."""
        if not len(self.friends):
            return None
        best = int(self.friends[self.marginal[self.friends].argmax()])
        return best if self.marginal[best] > _UNBLOCKED else None

    def explore(self, *, owed_only: bool) -> tuple[int, float] | None:
        """A new post drawn by its chance of having the best open rate, with that chance.

        owed_only: while posts are owed their first exposure, the draw is among them.
        """
        free = self.marginal[self.explorable] > _UNBLOCKED
        if owed_only and (free & self.owed).any():
            free &= self.owed
        among = np.flatnonzero(free)
        if not len(among):
            return None
        chances = self.thompson.chances(among)
        drawn = min(int(np.searchsorted(chances.cumsum(), self.rng.random(), side="right")), len(among) - 1)
        return int(self.explorable[among[drawn]]), float(chances[drawn])

    def place(self, row: int) -> None:
        """Put the post on the page: it leaves the pool, and those like it lose ground."""
        if topics := self.topics[row]:
            # Bit counts, not a matrix product: a threaded BLAS spends more on waking its threads than on this.
            alike = np.bitwise_count(self.topics & topics) * self.topic_penalty
            alike *= self.topic_penalty[row]
            np.maximum(self.penalty, alike, out=self.penalty)
        author, by_author = self.by_author.others(row)
        if by_author is not None:
            self.penalty[by_author] = np.maximum(self.penalty[by_author], _AUTHOR_PENALTY)
            self.authors_on_page[author] += 1
            if self.authors_on_page[author] == 1:
                self.base[by_author] -= self.repeat_cost[by_author]
            if self.authors_on_page[author] >= PER_AUTHOR:
                self.base[by_author] -= _AUTHOR_BLOCK
        root, by_root = self.by_root.others(row)
        if by_root is not None:
            self.penalty[by_root] = np.maximum(self.penalty[by_root], _ROOT_PENALTY)
            self.roots_on_page[root] += 1
            if self.roots_on_page[root] >= PER_ROOT:
                self.base[by_root] -= _ROOT_BLOCK
        self.base[row] = self.fresh_page[row] = -np.inf


class _Thompson:
    """Thompson sampling over open rates, with exact chances (Thompson 1933; quadrature over a grid).

    A draw from each post's Beta posterior wins when it is the greatest. Instead of drawing and never knowing how
    likely the outcome was, the chance of each to win is integrated, ∫ f_i Π_{j≠i} F_j, and one is drawn by these
    chances. Posts with equal counts share one posterior.
    """

    def __init__(self, shown: Rows, opened: Rows) -> None:
        self.kind = shown * (EXPLORED_AT + 1) + opened

    def chances(self, among: Rows) -> Doubles:
        """The probability of each of these posts to be drawn, float64[len(among)], sum 1, each at least 10 % / m."""
        density, log_below = _posteriors()
        kind = self.kind[among]
        counts = np.bincount(kind, minlength=len(density))
        present = np.flatnonzero(counts)
        below = log_below[present]
        everyone_below = counts[present] @ below
        wins_of_kind = np.zeros(len(density))
        wins_of_kind[present] = (density[present] * np.exp(np.minimum(everyone_below - below, 0))).sum(axis=1)
        wins = wins_of_kind[kind]
        chances: Doubles = (1 - EXPLORATION_UNIFORM) * wins / wins.sum() + EXPLORATION_UNIFORM / len(among)
        return chances


@cache
def _posteriors() -> tuple[Doubles, Doubles]:
    """For each number of views below EXPLORED_AT and each of openings: density over the grid, and log of what is
    below. There are few, so they are made once.
    """
    trials, successes = np.divmod(np.arange(EXPLORED_AT * (EXPLORED_AT + 1)), EXPLORED_AT + 1)
    prior = BASE_RATES["open"]
    alpha = successes + prior.alpha
    beta = np.maximum(trials - successes, 0) + prior.beta
    # √x more mass per grid cell, as cells widen with √x
    log_density = np.outer(alpha - 0.5, np.log(_GRID)) + np.outer(beta - 1, np.log1p(-_GRID))
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    density /= density.sum(axis=1, keepdims=True)
    below = density.cumsum(axis=1) - density / 2
    return density, np.log(np.maximum(below, 1e-30))


def _relevance(scores: Floats, scale: np.float32) -> Floats:
    """Scores on −1 … 1, order kept: ½ is as good as the median candidate, whatever the unit of the score."""
    relevance: Floats = np.divide(scores, np.abs(scores) + (scale or np.float32(1)))
    return relevance


class _Groups:
    """Which rows have the same id."""

    def __init__(self, ids: Ints) -> None:
        self.order = np.argsort(ids)
        by_id = ids[self.order]
        is_first = np.ones(len(ids), np.bool_)
        np.not_equal(by_id[1:], by_id[:-1], out=is_first[1:])
        starts = np.flatnonzero(is_first)
        self.of_row = np.empty(len(ids), np.intp)
        self.of_row[self.order] = is_first.cumsum() - 1
        self.starts = [*starts.tolist(), len(ids)]

    def others(self, row: int) -> tuple[int, Rows | None]:
        """The group of a row, and its rows when it is not alone."""
        group = int(self.of_row[row])
        start, end = self.starts[group], self.starts[group + 1]
        return group, self.order[start:end] if end - start > 1 else None
