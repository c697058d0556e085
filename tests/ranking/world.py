"""Candidates for the tests: posts told by what is special about them, and whole seeded worlds."""

from collections.abc import Mapping

import numpy as np

from ranking.features import COLUMN, FEATURES, Candidates
from ranking.order import Ranking, rank
from ranking.rates import BASE_RATES, head_probabilities
from ranking.value import contributions, scores
from ranking.weights import STARTING_WEIGHTS

HOUR = 3600.0


def a_post(**special: float) -> dict[str, float]:
    """An ordinary post, shown 10,000 times, at base rates, by an answered author, one hour old."""
    shown = 10_000
    opens = shown * BASE_RATES["open"].rate
    submits = opens * BASE_RATES["submit"].rate
    ordinary = {
        "age_seconds": HOUR,
        "impression_count": shown,
        "open_count": opens,
        "submit_count": submits,
        "publish_count": submits * BASE_RATES["publish"].rate,
        "author_has_feedback": 1,
        "author_feedback_count_24h": 3,
    }
    for head in ("comment", "share", "follow", "like", "long_view", "see_less", "report"):
        ordinary[f"{head}_count"] = shown * BASE_RATES[head].rate
    return {**ordinary, **special}


def a_new_post(**special: float) -> dict[str, float]:
    """A post nobody has seen yet."""
    return {"age_seconds": HOUR, "author_has_feedback": 1, "author_feedback_count_24h": 3, **special}


def compete(*posts: Mapping[str, float]) -> Candidates:
    """Candidates 1, 2, 3 … of different authors, roots and no topics, unless a post says otherwise."""
    n = len(posts)
    features = np.zeros((n, len(FEATURES)), np.float32)
    ids = {
        "post_id": np.arange(1, n + 1),
        "author_id": np.arange(1, n + 1) + 1_000,
        "root_id": np.arange(1, n + 1),
        "topics": np.zeros(n, np.uint64),
        "steer": np.ones(n, np.float32),
    }
    for row, post in enumerate(posts):
        for name, amount in post.items():
            if name in ids:
                ids[name][row] = amount
            else:
                features[row, COLUMN[name]] = amount
    return Candidates(features=features, **ids)


def a_world(n: int, *, seed: int, authors: int = 200, roots: int = 20, new: float = 0.15) -> Candidates:
    """n seeded candidates with crowded authors, viral roots, ties, topics, steering and new posts."""
    rng = np.random.default_rng(seed)
    features = np.zeros((n, len(FEATURES)), np.float32)
    shown = np.where(rng.random(n) < new, rng.integers(0, 12, n), rng.lognormal(5, 1.5, n).astype(int) + 12)
    opens = rng.binomial(shown, rng.beta(2, 40, n))
    submits = rng.binomial(opens, 0.35)
    mutual = rng.random(n) < 0.15
    columns = {
        "age_seconds": rng.exponential(48 * HOUR, n),
        "impression_count": shown,
        "open_count": opens,
        "submit_count": submits,
        "publish_count": rng.binomial(submits, 0.5),
        "author_feedback_count_24h": rng.poisson(4, n),
        "author_has_feedback": rng.random(n) < 0.9,
        "topic_affinity": rng.random(n) * (rng.random(n) < 0.3),
        "mutual": mutual,
        "follows_author": mutual | (rng.random(n) < 0.2),
        "cast_permission": mutual & (rng.random(n) < 0.3),
        "past_remix_count": rng.poisson(0.2, n),
        "reply_count": rng.poisson(1, n) * mutual,
        "descent_count": (descents := rng.poisson(1, n)),
        "descent_log_sum": descents * rng.exponential(0.25, n),
    }
    for head in ("comment", "share", "follow", "like", "long_view", "see_less", "report"):
        rates = np.clip(BASE_RATES[head].rate * rng.lognormal(0, 1, n), 0, 1)
        columns[f"{head}_count"] = rng.binomial(shown, rates)
    for name, column in columns.items():
        features[:, COLUMN[name]] = column
    topics = np.zeros(n, np.uint64)
    for _ in range(2):
        topics |= np.uint64(1) << rng.integers(0, 60, n).astype(np.uint64)
    post_id = rng.permutation(max(n, 1) * 10)[:n].astype(np.int64)
    return Candidates(
        post_id=post_id,
        author_id=rng.integers(0, authors, n),
        root_id=np.where(rng.random(n) < 0.25, rng.integers(0, roots, n), post_id + 10**6),
        topics=topics,
        features=features,
        steer=rng.choice(np.array([0.2, 1, 1, 1, 1, 3], np.float32), n),
    )


def scored(candidates: Candidates) -> np.ndarray:
    heads = head_probabilities(candidates)
    return scores(candidates, contributions(candidates, heads, STARTING_WEIGHTS))


def ranked(candidates: Candidates, *, seed: int = 7, page_size: int = 20, limit: int | None = None) -> Ranking:
    return rank(candidates, weights=STARTING_WEIGHTS, seed=seed, page_size=page_size, limit=limit)
