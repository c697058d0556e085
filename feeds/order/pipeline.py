"""How an order of For You is made: query → sources → policy → features → ranking → places.

Each stage takes the typed result of the one before it, and notes what it took and what it dropped (`trace`). Warm pages
are cut from the order that is made here, and never come this way.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from django.conf import settings

from feeds import metrics
from feeds.learning import serving_model
from feeds.learning.serving_model import Serving
from feeds.models import ServedPage
from feeds.order import features, sources
from feeds.order.places import Facts, Place
from feeds.order.query import Query
from feeds.order.sources import Proposed
from feeds.order.trace import Trace
from feeds.steering import preferences, steered
from feeds.steering.steered import Steered
from ranking.features import LAYOUT, RECORD, Candidates
from ranking.order import Ranking, rank
from ranking.slate import PAGE_SIZE
from ranking.topics.classifier import TOPIC_FROM
from sora_social.accounts.models import User
from sora_social.core.prepared import Prepared, ids_param, prepared_rows
from sora_social.posts.models import Post, Visibility

PLACES_AT_MOST = 200
SEEN_PAGES = 100


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may compete: new to the viewer, or, for want of it, also what they saw in earlier scrolls.

    `hidden` did not pass policy, `beside` are about other topics than the feed is of, `surplus` was beyond what
    competes at once.
    """

    new: Sequence[int]
    again: Sequence[int]
    hidden: Sequence[int]
    beside: int
    surplus: int


@dataclass(frozen=True, slots=True)
class Order:
    """Places, best first, and how they came about. `rankings`: of what is new, then of what comes again."""

    facts: Facts
    places: Sequence[Place]
    query: Query
    proposed: Proposed
    allowed: Allowed
    rankings: Sequence[Ranking]
    trace: Trace


def make(query: Query) -> Order:
    """Order what may be shown next. What was seen before comes last, and only for want of a page of new things."""
    trace = Trace()
    proposed = sources.propose(query)
    trace.stage("sources", entered=proposed.count, left=len(proposed.ids), repeated=proposed.count - len(proposed.ids))
    allowed = allow(query, proposed)
    competing = [*allowed.new, *allowed.again]
    trace.stage(
        "policy",
        entered=len(proposed.ids),
        left=len(competing),
        hidden=len(allowed.hidden),
        other_topics=allowed.beside,
        surplus=allowed.surplus,
        served_or_seen=len(proposed.ids) - len(competing) - len(allowed.hidden) - allowed.beside - allowed.surplus,
    )
    candidates = features.features_of(query.viewer, competing, query.preferences)
    trace.stage("features", entered=len(competing), left=len(candidates), vanished=len(competing) - len(candidates))
    steering = steered.steer(query.viewer, candidates)
    candidates = steering.candidates
    kept = int((candidates.steer > 0).sum())
    trace.stage("steering", entered=len(candidates), left=kept, steered_away=len(candidates) - kept)
    serving = serving_model.current()
    rankings = [_ranked(query, candidates, ids, serving) for ids in (allowed.new, allowed.again)]
    ranked = sum(len(ranking.post_ids) for ranking in rankings)
    trace.stage("ranking", entered=kept, left=ranked, beyond=kept - ranked)
    places = [place for ranking in rankings for place in places_of(ranking, steering)]
    trace.stage("places", entered=ranked, left=len(places))
    metrics.ORDERS.labels("own" if query.viewer else "all").inc()
    facts = Facts(rankings[0].version, _signed(rankings[0].candidate_set_hash), len(places), steering.logged, LAYOUT)
    return Order(facts, places, query, proposed, allowed, rankings, trace)


def ask(viewer: User, *, order_id: int, began: int, topics: tuple[int, ...] = ()) -> Query:
    """The query of one viewer: what they let us use, and what they saw already.

    What was served since `began` (a page's id) is left out for good.
    """
    pages = ServedPage.objects.filter(viewer=viewer).order_by("-pk").values_list("post_ids", flat=True)
    allowed = preferences.of(viewer)
    remembered = pages.filter(pk__gte=allowed.forget_pages_before)
    return Query(
        viewer=viewer,
        order_id=order_id,
        seed=order_id,
        preferences=allowed,
        at_most=settings.FEED_CANDIDATES,
        places_at_most=PLACES_AT_MOST,
        topics=topics,
        served=frozenset(post_id for ids in pages.filter(pk__gte=began) for post_id in ids),
        seen=frozenset(post_id for ids in remembered[:SEEN_PAGES] for post_id in ids),
    )


def ask_for_all(region: str, *, order_id: int, seed: int, topics: tuple[int, ...] = ()) -> Query:
    """The query of everybody in a region: nothing in it is of one viewer."""
    return Query(
        viewer=None,
        order_id=order_id,
        seed=seed,
        preferences=preferences.OF_NOBODY,
        at_most=settings.FEED_CANDIDATES,
        places_at_most=settings.FEED_CANDIDATES,
        region=region,
        topics=topics,
    )


_LISTED = Prepared(
    lambda viewer, ids: (
        Post.objects.listed_for(viewer)
        .not_muted_by(viewer)
        .filter(pk__any=ids)
        .exclude(author=viewer)
        .values_list("pk")
    ),
    "viewer",
    "ids",
)
_PUBLIC = Prepared(
    lambda ids: (
        Post.objects.standing()
        .filter(visibility=Visibility.PUBLIC, author__is_active=True)
        .filter(pk__any=ids)
        .values_list("pk")
    ),
    "ids",
)


_ABOUT = f"""
SELECT DISTINCT post_id FROM feeds_posttopic
WHERE post_id = ANY(%(ids)s::bigint[]) AND topic = ANY(%(topics)s::smallint[]) AND confidence >= {TOPIC_FROM}"""  # noqa: S608 - our own number


def allow(query: Query, proposed: Proposed) -> Allowed:
    """Which of the proposed posts may be shown: to this viewer, new ones before those that they saw; or to anybody."""
    asked = [post_id for post_id in proposed.ids if post_id not in query.served]
    ids = ids_param(asked)
    rows = _LISTED.rows(viewer=query.viewer_id, ids=ids) if query.viewer else _PUBLIC.rows(ids=ids)
    shown = {row[0] for row in rows}
    passed = shown
    if query.topics:
        about = prepared_rows(_ABOUT, {"ids": ids_param(shown), "topics": ids_param(query.topics)})
        passed = {row[0] for row in about}
    open_to_them = [post_id for post_id in asked if post_id in passed]
    new = [post_id for post_id in open_to_them if post_id not in query.seen]
    again = [post_id for post_id in open_to_them if post_id in query.seen] if len(new) < PAGE_SIZE else []
    room = query.at_most
    return Allowed(
        new=new[:room],
        again=again[: room - len(new[:room])],
        hidden=[post_id for post_id in asked if post_id not in shown],
        beside=len(shown) - len(passed),
        surplus=max(0, len(new) + len(again) - room),
    )


def _ranked(query: Query, candidates: Candidates, post_ids: Sequence[int], serving: Serving) -> Ranking:
    rows = np.flatnonzero(np.isin(candidates.post_id, np.array(post_ids, np.int64)))
    chosen = candidates.take(rows) if len(rows) < len(candidates) else candidates
    return rank(chosen, weights=serving.weights, model=serving.model, seed=query.seed, limit=query.places_at_most)


def places_of(ranking: Ranking, steering: Steered) -> list[Place]:
    """The places of a ranking, with their reasons as JSON, what is to be said of the viewer's rules, and what the
    ranker knew of each post.
    """
    reasons = ranking.explain_rows(range(len(ranking.post_ids))) if len(ranking.post_ids) else []
    packed, size = ranking.packed(), RECORD.itemsize
    return [
        Place(
            post_id,
            score,
            propensity,
            orjson.dumps(
                [
                    *({"code": r.code, "text": r.text, "weight": round(r.weight, 4)} for r in why),
                    *steering.told(post_id),
                ]
            ).decode(),
            slot,
            packed[rank * size : (rank + 1) * size],
        )
        for rank, (post_id, score, propensity, slot, why) in enumerate(
            zip(
                ranking.post_ids.tolist(),
                ranking.scores.tolist(),
                ranking.propensities.tolist(),
                ranking.slots.tolist(),
                reasons,
                strict=True,
            )
        )
    ]


def _signed(candidate_set_hash: str) -> int:
    return int.from_bytes(hashlib.sha256(candidate_set_hash.encode()).digest()[:8], "big", signed=True)
