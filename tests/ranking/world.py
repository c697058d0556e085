"""Candidates for the tests: posts told by what is special about them, and whole seeded worlds."""

from collections.abc import Mapping

import numpy as np

from ranking.features import COLUMN, FEATURES, Candidates
from ranking.model import HeadModel
from ranking.order import Ranking, rank
from ranking.rates import AMONG, BASE_RATES, STEPS, head_probabilities
from ranking.training import Log
from ranking.value import contributions, scores
from ranking.weights import STARTING_WEIGHTS

HOUR = 3600.0


def a_post(**special: float) -> dict[str, float]:
    """An ordinary post, shown 10,000 times, at base rates, by an answered author, one hour old."""
    counts = {"impression": 10_000.0}
    for step, prior in BASE_RATES.items():
        counts[step] = counts[AMONG.get(step, "impression")] * prior.rate
    ordinary = {
        **{f"{step}_count": count for step, count in counts.items()},
        "age_seconds": HOUR,
        "cast_open": 1,
        "author_has_feedback": 1,
        "author_feedback_count_24h": 3,
    }
    return {**ordinary, **special}


def a_new_post(**special: float) -> dict[str, float]:
    """A post nobody has seen yet."""
    ordinary = {"age_seconds": HOUR, "cast_open": 1, "author_has_feedback": 1, "author_feedback_count_24h": 3}
    return {**ordinary, **special}


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
        "cast_submit_count": (casts := rng.binomial(opens, 0.03)),
        "cast_publish_count": rng.binomial(casts, 0.5),
        "cast_open": rng.random(n) < 0.4,
        "remix_closed": rng.random(n) < 0.05,
        "in_cast": rng.random(n) < 0.02,
        "in_my_lineage": rng.random(n) < 0.03,
        "same_country": rng.random(n) < 0.3,
        "prompt_open": rng.random(n) < 0.8,
        "author_impression_count": shown * rng.integers(1, 20, n),
        "author_publish_count": rng.poisson(shown * 0.01),
        "viewer_making_count": 4.0,
        "hour": 17.5,
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


def a_log(pages: int, *, seed: int, page_size: int = 20, viewers: int = 400) -> Log:
    """A log whose truth is known: who opens are friends of the author, lovers of the topic, those at the top of the
    page, and those who meet a post that others open; who submits is a friend; half of them publish.
    """
    rng = np.random.default_rng(seed)
    n = pages * page_size
    parts = [a_world(2_000, seed=seed * 1_000 + part) for part in range(-(-n // 2_000))]
    features = np.concatenate([part.features for part in parts])[:n]
    topics = np.concatenate([part.topics for part in parts])[:n]
    position = np.tile(np.arange(page_size, dtype=np.float32), pages)

    def of(name: str) -> np.ndarray:
        return features[:, COLUMN[name]]

    def chance(odds: np.ndarray | float) -> np.ndarray:
        return rng.random(n) < 1 / (1 + np.exp(-np.asarray(odds)))

    loved = (topics >> np.uint64(7)) & np.uint64(1)
    opened_by_others = 20 * (of("open_count") / (of("impression_count") + 1) - 0.04)
    did = dict.fromkeys(STEPS, np.zeros(n, np.bool_))
    did["open"] = chance(
        -2.6 + 1.2 * of("mutual") + 1.5 * of("topic_affinity") + loved + opened_by_others - 0.5 * np.log1p(position)
    )
    did["submit"] = did["open"] & chance(-0.8 + of("mutual")) & (of("remix_closed") == 0)
    did["publish"] = did["submit"] & chance(0.0)
    did["cast_submit"] = did["open"] & chance(-2.5 + of("mutual")) & (of("cast_open") == 1)
    did["cast_publish"] = did["cast_submit"] & chance(0.0)
    did["like"] = chance(-3 + 0.5 * of("mutual"))
    did["long_view"] = chance(-0.8)
    did["see_less"] = chance(-5.0)
    return Log(
        features=features,
        topics=topics,
        position=position,
        page=np.repeat(np.arange(pages, dtype=np.int64), page_size),
        scroll=np.repeat(np.arange(pages, dtype=np.int64), page_size),
        viewer=rng.integers(0, viewers, pages).repeat(page_size),
        acted=np.stack([did[step] for step in STEPS], axis=1),
    )


def scored(candidates: Candidates, model: HeadModel | None = None) -> np.ndarray:
    heads = (model.head_probabilities if model else head_probabilities)(candidates)
    return scores(candidates, contributions(candidates, heads, STARTING_WEIGHTS))


def ranked(
    candidates: Candidates,
    *,
    seed: int = 7,
    page_size: int = 20,
    limit: int | None = None,
    model: HeadModel | None = None,
) -> Ranking:
    return rank(candidates, weights=STARTING_WEIGHTS, seed=seed, model=model, page_size=page_size, limit=limit)
