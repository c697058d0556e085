"""What the ranker may know of the posts that compete: one query for the features of all of them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from feeds import preferences
from ranking.features import FEATURES, Candidates
from sora_social.accounts.models import User
from sora_social.core.prepared import ids_param, prepared_rows

FEATURES_SQL = """
WITH asked AS (SELECT unnest(%(ids)s::bigint[]) AS id),
my_topics AS MATERIALIZED (
    SELECT topic, sum(weight) / (max(sum(weight)) OVER () + 2) AS leaning FROM (
        SELECT t.topic, t.confidence AS weight
        FROM (SELECT post_id FROM posts_like WHERE person_id = %(viewer)s AND id >= %(forget_before)s
              ORDER BY id DESC LIMIT %(likes)s) l
        JOIN feeds_posttopic t ON t.post_id = l.post_id
        UNION ALL
        SELECT t.topic, 3 * t.confidence
        FROM (SELECT id FROM posts_post WHERE author_id = %(viewer)s AND id >= %(forget_before)s
              ORDER BY id DESC LIMIT %(makes)s) m
        JOIN feeds_posttopic t ON t.post_id = m.id
        UNION ALL
        (SELECT topic, CASE source WHEN 'import' THEN 2 ELSE 4 END FROM feeds_interest WHERE viewer_id = %(viewer)s
         LIMIT %(interests)s)) told
    GROUP BY topic),
about AS (
    SELECT t.post_id, bit_or(1::bigint << t.topic) FILTER (WHERE t.confidence >= 0.5) AS bits,
           max(m.leaning * t.confidence) AS leaning
    FROM asked JOIN feeds_posttopic t ON t.post_id = asked.id LEFT JOIN my_topics m USING (topic) GROUP BY 1),
my_remixes AS (
    SELECT s.author_id, count(*) AS n FROM (
        SELECT id FROM posts_post WHERE author_id = %(viewer)s ORDER BY id DESC LIMIT 200) d
    JOIN remix_edge e ON e.derivation_id = d.id JOIN posts_post s ON s.id = e.source_id GROUP BY 1),
my_posts AS (SELECT id FROM posts_post WHERE author_id = %(viewer)s ORDER BY id DESC LIMIT 50),
answers AS (
    SELECT p.author_id FROM (
        SELECT post_id FROM posts_comment WHERE author_id = %(viewer)s ORDER BY id DESC LIMIT 200) c
    JOIN posts_post p ON p.id = c.post_id
    UNION ALL
    SELECT c.author_id FROM my_posts CROSS JOIN LATERAL (
        SELECT author_id FROM posts_comment WHERE post_id = my_posts.id ORDER BY seq DESC LIMIT 20) c
    UNION ALL
    SELECT p.author_id FROM my_posts CROSS JOIN LATERAL (
        SELECT derivation_id FROM remix_edge WHERE source_id = my_posts.id ORDER BY derivation_id DESC LIMIT 20) e
    JOIN posts_post p ON p.id = e.derivation_id),
my_replies AS (SELECT author_id, count(*) AS n FROM answers GROUP BY 1)
SELECT p.id, p.author_id, coalesce(p.root_id, p.id),
       coalesce(about.bits, 0),
       greatest(extract(epoch FROM now() - p.shown_at), 0)::float,
       coalesce(x.impression_count, 0), coalesce(x.open_count, 0), coalesce(x.submit_count, 0),
       coalesce(x.publish_count, 0), p.comment_count, p.save_count, p.like_count,
       coalesce(x.long_view_count, 0), coalesce(x.see_less_count, 0),
       coalesce(pulse.feedback_count_24h, 0), (a.like_count + a.remix_count > 0)::int,
       coalesce(about.leaning, 0),
       (f.id IS NOT NULL AND b.id IS NOT NULL)::int, (f.id IS NOT NULL)::int,
       coalesce(mr.n, 0), coalesce(mc.n, 0)
FROM asked JOIN posts_post p USING (id) JOIN accounts_user a ON a.id = p.author_id
LEFT JOIN feeds_exposure x ON x.post_id = p.id
LEFT JOIN feeds_authorpulse pulse ON pulse.author_id = p.author_id
LEFT JOIN accounts_follow f ON f.follower_id = %(viewer)s AND f.followee_id = p.author_id
LEFT JOIN accounts_follow b ON b.followee_id = %(viewer)s AND b.follower_id = p.author_id
LEFT JOIN about ON about.post_id = p.id
LEFT JOIN my_remixes mr ON mr.author_id = p.author_id
LEFT JOIN my_replies mc ON mc.author_id = p.author_id"""

_COLUMNS = (
    "age_seconds",
    "impression_count",
    "open_count",
    "submit_count",
    "publish_count",
    "comment_count",
    "share_count",
    "like_count",
    "long_view_count",
    "see_less_count",
    "author_feedback_count_24h",
    "author_has_feedback",
    "topic_affinity",
    "mutual",
    "follows_author",
    "past_remix_count",
    "reply_count",
)
_PLACES = [FEATURES.index(name) for name in _COLUMNS]
# heads are chained: nobody submits without opening, and nobody acts who was not shown the post
_CHAINS = (("submit_count", "publish_count"), ("open_count", "submit_count"))
_SHOWN = ("open_count", "comment_count", "share_count", "like_count", "long_view_count", "see_less_count")


def features_of(viewer: User | None, post_ids: Sequence[int]) -> Candidates:
    """What the ranker may know of these posts for this viewer, or for all who ask, in one query."""
    words = {"viewer": viewer.pk if viewer else 0, "ids": ids_param(post_ids), **_heard(viewer)}
    rows = prepared_rows(FEATURES_SQL, words)
    features = np.zeros((len(rows), len(FEATURES)), np.float32)
    if rows:
        features[:, _PLACES] = np.array([row[4:] for row in rows], np.float32)
    _consistent(features)
    return Candidates(
        post_id=_ints(rows, 0),
        author_id=_ints(rows, 1),
        root_id=_ints(rows, 2),
        topics=_ints(rows, 3).view(np.uint64),
        features=features,
        steer=np.ones(len(rows), np.float32),
    )


def _consistent(features: np.ndarray[Any, np.dtype[np.float32]]) -> None:
    """Counts are gathered at different moments; raise a parent to its child where it lags behind."""
    column: Callable[[str], int] = FEATURES.index
    for parent, child in _CHAINS:
        np.maximum(features[:, column(parent)], features[:, column(child)], out=features[:, column(parent)])
    shown = column("impression_count")
    for name in _SHOWN:
        np.maximum(features[:, shown], features[:, column(name)], out=features[:, shown])


def _ints(rows: Sequence[tuple[Any, ...]], column: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([row[column] for row in rows], np.int64)


LIKES_HEARD, MAKES_HEARD, INTERESTS_HEARD = 100, 50, 200  # the newest that tell what a viewer leans to


def _heard(viewer: User | None) -> dict[str, int]:
    """How much of what a viewer does may tell of the topics that they lean to: nothing of what they switched off."""
    allowed = preferences.of(viewer) if viewer else preferences.OF_NOBODY

    def at_most(count: int, *signals: str) -> int:
        return count if allowed.signals.issuperset(signals) else 0

    return {
        "forget_before": allowed.forget_before,
        "likes": at_most(LIKES_HEARD, "likes", "topics"),
        "makes": at_most(MAKES_HEARD, "creations", "topics"),
        "interests": at_most(INTERESTS_HEARD, "interests"),
    }
