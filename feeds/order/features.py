"""What the ranker may know of the posts that compete: one query for the features of all of them.

PostgreSQL sends the numbers of a post as one packed array, which numpy reads as it is: to make a Python number of each
would take longer than the ranking.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from feeds.moments import row_id_at
from feeds.steering.preferences import EVERYTHING_ALLOWED, SIGNALS, Preferences
from ranking.features import COLUMN, FEATURES, Candidates, Floats
from ranking.rates import LAST_FIRST
from ranking.topics.classifier import TOPIC_FROM
from sora_social.accounts.models import User
from sora_social.core.prepared import ids_param, prepared_rows

MAKING_WITHIN = timedelta(days=30)

_MUTUAL = "(f.id IS NOT NULL AND b.id IS NOT NULL)"
_OPEN_TO_ME = f"(p.remix_policy = 'everyone' OR p.remix_policy = 'mutuals' AND {_MUTUAL})"
_IS_LATIN = "2 * octet_length({0}) <= 3 * char_length({0}) + 2"  # others take two bytes and more for a character

# Every feature, as an expression over the joins below. Those of the post itself are packed before ties are joined to
# it: else PostgreSQL hands fifty columns from join to join.
_OF_POST: Final = {
    "age_seconds": "date_part('epoch', now() - p.shown_at)",
    **{
        f"{name}_count": f"coalesce(x.{name}_count, 0)"
        for name in (
            *("impression", "open", "submit", "publish", "cast_submit", "cast_publish", "prompt_submit"),
            *("prompt_publish", "follow", "long_view", "see_less", "report", "maker", "descent"),
        )
    },
    "comment_count": "p.comment_count",
    "share_count": "p.save_count",
    "like_count": "p.like_count",
    "remixer_count": "p.remixer_count",
    "people_count": "p.people_count",
    "descent_log_sum": "coalesce(x.descent_log_sum, 0)",
    "depth": "p.depth",
    "author_feedback_count_24h": "coalesce(pulse.feedback_count_24h, 0)",
    "author_follower_count": "a.follower_count",
    "author_impression_count": "coalesce(pulse.impression_count, 0)",
    "author_publish_count": "coalesce(pulse.publish_count, 0)",
    "author_has_feedback": "(a.like_count + a.remix_count > 0)::int",
    "cast_count": "p.cast_count",
    "duration_seconds": "clip.duration_ms::real / 1000",
    "has_captions": "(clip.captions_key <> '')::int",
    # counted, not searched: of an EXISTS PostgreSQL makes a hash of all appearances there are
    "cast_open": """(p.cast_count > 0 AND (
        SELECT count(*) FROM cameos_appearance i JOIN cameos_cameo c ON c.id = i.cameo_id
        WHERE i.post_id = p.id AND i.withdrawn_at IS NULL AND (
            c.audience = 'everyone' OR c.id IN (SELECT id FROM my_grants) OR c.audience = 'mutuals' AND (
                SELECT count(*) FROM accounts_follow t JOIN accounts_follow r
                ON r.follower_id = t.followee_id AND r.followee_id = t.follower_id
                WHERE t.follower_id = %(viewer)s AND t.followee_id = c.owner_id) > 0)) > 0)::int""",
    "in_cast": "(p.cast_count > 0 AND p.id IN (SELECT post_id FROM my_castings))::int",
    "in_my_lineage": "(coalesce(p.root_id, p.id) IN (SELECT root_id FROM my_posts))::int",
    "same_country": "(a.country <> '' AND a.country = me.country)::int",
    "same_script": f"coalesce(({_IS_LATIN.format('p.prompt')}) = me.is_latin, false)::int",
    "viewer_making_count": "me.making_count",
    "hour": "me.hour",
}
_OF_TIE: Final = {
    "topic_affinity": "coalesce(about.leaning, 0)",
    "mutual": f"{_MUTUAL}::int",
    "follows_author": "(f.id IS NOT NULL)::int",
    "cast_permission": "(p.author_id IN (SELECT owner_id FROM my_grants))::int",
    "past_remix_count": "coalesce(mr.n, 0)",
    "reply_count": "coalesce(mc.n, 0)",
    "liked_author_count": "coalesce(ml.n, 0)",
    "remix_closed": f"(NOT {_OPEN_TO_ME})::int",
    "prompt_open": f"(p.prompt_visibility = 'public' OR p.prompt_visibility = 'remixers' AND {_OPEN_TO_ME})::int",
}


def _packed(expressions: Mapping[str, str]) -> str:
    return "array_send(ARRAY[" + ", ".join(f"({expression})::real" for expression in expressions.values()) + "])"


def topics_told(*, liked: str, made: str) -> str:
    """SQL for (topic, weight) of what a viewer told: by posts that they liked and made, of which two queries give the
    ids, newest first, and by interests that they named or brought from elsewhere."""
    return f"""
        SELECT t.topic, t.confidence AS weight FROM ({liked} LIMIT %(likes)s) l(id)
        JOIN feeds_posttopic t ON t.post_id = l.id
        UNION ALL
        SELECT t.topic, 3 * t.confidence FROM ({made} LIMIT %(makes)s) m(id)
        JOIN feeds_posttopic t ON t.post_id = m.id
        UNION ALL
        (SELECT topic, CASE source WHEN 'import' THEN 2 ELSE 4 END FROM feeds_interest
         WHERE viewer_id = %(viewer)s LIMIT %(interests)s)"""  # noqa: S608 - our own words


_TOLD = topics_told(liked="SELECT post_id FROM my_likes", made="SELECT id FROM my_posts")
FEATURES_SQL = f"""
WITH asked AS (SELECT unnest(%(ids)s::bigint[]) AS id),
my_posts AS MATERIALIZED (
    SELECT id, coalesce(root_id, id) AS root_id, prompt FROM posts_post
    WHERE author_id = %(viewer)s AND id >= %(since)s ORDER BY id DESC LIMIT 200),
me AS MATERIALIZED (
    SELECT coalesce(u.country, '') AS country, date_part('epoch', (now() AT TIME ZONE 'UTC')::time) / 3600 AS hour,
           (SELECT count(*) FROM my_posts WHERE id >= %(month)s) AS making_count,
           (SELECT avg(({_IS_LATIN.format("prompt")})::int::real) >= 0.5 FROM my_posts WHERE prompt <> '') AS is_latin
    FROM (SELECT) everybody LEFT JOIN accounts_user u ON u.id = %(viewer)s),
my_likes AS MATERIALIZED (
    SELECT post_id FROM posts_like WHERE person_id = %(viewer)s AND id >= %(since)s ORDER BY id DESC LIMIT 100),
my_topics AS MATERIALIZED (
    SELECT topic, sum(weight) / (max(sum(weight)) OVER () + 2) AS leaning FROM ({_TOLD}) told
    GROUP BY topic),
about AS (
    SELECT t.post_id, bit_or(1::bigint << t.topic) FILTER (WHERE t.confidence >= {TOPIC_FROM}) AS bits,
           max(m.leaning * t.confidence) AS leaning
    FROM asked JOIN feeds_posttopic t ON t.post_id = asked.id LEFT JOIN my_topics m USING (topic) GROUP BY 1),
my_liked AS (
    SELECT p.author_id, count(*) AS n FROM my_likes l JOIN posts_post p ON p.id = l.post_id GROUP BY 1),
my_remixes AS (
    SELECT s.author_id, count(*) AS n FROM my_posts d
    JOIN remix_edge e ON e.derivation_id = d.id JOIN posts_post s ON s.id = e.source_id GROUP BY 1),
my_last AS (SELECT id FROM my_posts ORDER BY id DESC LIMIT 50),
answers AS (
    SELECT p.author_id FROM (
        SELECT post_id FROM posts_comment WHERE author_id = %(viewer)s AND id >= %(since)s
        ORDER BY id DESC LIMIT 200) c
    JOIN posts_post p ON p.id = c.post_id
    UNION ALL
    SELECT c.author_id FROM my_last CROSS JOIN LATERAL (
        SELECT author_id FROM posts_comment WHERE post_id = my_last.id ORDER BY seq DESC LIMIT 20) c
    UNION ALL
    SELECT p.author_id FROM my_last CROSS JOIN LATERAL (
        SELECT derivation_id FROM remix_edge WHERE source_id = my_last.id ORDER BY derivation_id DESC LIMIT 20) e
    JOIN posts_post p ON p.id = e.derivation_id),
my_replies AS (SELECT author_id, count(*) AS n FROM answers GROUP BY 1),
my_grants AS MATERIALIZED (
    SELECT c.id, c.owner_id FROM cameos_grant g JOIN cameos_cameo c ON c.id = g.cameo_id
    WHERE g.grantee_id = %(viewer)s AND c.status = 'active' AND c.audience <> 'only_me' AND c.in_force_until > now()),
my_castings AS MATERIALIZED (
    SELECT a.post_id FROM cameos_cameo c CROSS JOIN LATERAL (
        SELECT post_id FROM cameos_appearance
        WHERE cameo_id = c.id AND post_id IS NOT NULL AND withdrawn_at IS NULL ORDER BY post_id DESC LIMIT 200) a
    WHERE c.owner_id = %(viewer)s),
posts AS MATERIALIZED (
    SELECT p.id, p.author_id, coalesce(p.root_id, p.id) AS root_id, p.remix_policy, p.prompt_visibility,
           {_packed(_OF_POST)} AS packed
    FROM asked JOIN posts_post p USING (id) JOIN accounts_user a ON a.id = p.author_id
    JOIN media_clip clip ON clip.id = p.clip_id CROSS JOIN me
    LEFT JOIN feeds_exposure x ON x.post_id = p.id
    LEFT JOIN feeds_authorpulse pulse ON pulse.author_id = p.author_id)
SELECT p.id, p.author_id, p.root_id, coalesce(about.bits, 0), p.packed,
       {_packed(_OF_TIE)}
FROM posts p
LEFT JOIN accounts_follow f ON f.follower_id = %(viewer)s AND f.followee_id = p.author_id
LEFT JOIN accounts_follow b ON b.followee_id = %(viewer)s AND b.follower_id = p.author_id
LEFT JOIN about ON about.post_id = p.id
LEFT JOIN my_remixes mr ON mr.author_id = p.author_id
LEFT JOIN my_replies mc ON mc.author_id = p.author_id
LEFT JOIN my_liked ml ON ml.author_id = p.author_id"""  # noqa: S608 - our own expressions


# what of a viewer's doings a feature is made from; where a signal is switched off it says nothing
_MADE_FROM: Final = MappingProxyType(
    {
        "follows": ("mutual", "follows_author"),
        "likes": ("liked_author_count",),
        "creations": ("past_remix_count", "in_my_lineage", "viewer_making_count", "same_script"),
        "comments": ("reply_count",),
        "cast": ("cast_permission", "in_cast"),
        "location": ("same_country",),
    }
)

# how much of what a viewer does may tell of the topics that they lean to (the newest), and which signals it takes
_HEARD: Final = MappingProxyType(
    {"likes": (100, {"likes", "topics"}), "makes": (50, {"creations", "topics"}), "interests": (200, {"interests"})}
)

# heads are chained: nobody submits without opening, and nobody acts who was not shown the post
_CHAINS = tuple((f"{parent}_count", f"{child}_count") for child, parent in LAST_FIRST)
_SHOWN = tuple(
    f"{act}_count" for act in ("open", "comment", "share", "like", "follow", "long_view", "see_less", "report")
)


def features_of(viewer: User | None, post_ids: Sequence[int], allowed: Preferences = EVERYTHING_ALLOWED) -> Candidates:
    """What the ranker may know of these posts for this viewer, or for all who ask, in one query.

    What `allowed` switches off, or forgets, is as if it had not happened.
    """
    rows = prepared_rows(
        FEATURES_SQL,
        {
            "viewer": viewer.pk if viewer else 0,
            "ids": ids_param(post_ids),
            "month": row_id_at(timezone.now() - MAKING_WITHIN),
            **heard(allowed),
        },
        binary=True,
    )
    features = np.empty((len(rows), len(FEATURES)), np.float32)
    for place, names in ((4, _OF_POST), (5, _OF_TIE)):
        features[:, [COLUMN[name] for name in names]] = _numbers([row[place] for row in rows], len(names))
    np.maximum(features, 0, out=features)  # counts are below zero for a moment, when an end is folded first
    for signal in SIGNALS - allowed.signals:
        features[:, [COLUMN[name] for name in _MADE_FROM.get(signal, ())]] = 0
    _consistent(features)
    return Candidates(
        post_id=_ints(rows, 0),
        author_id=_ints(rows, 1),
        root_id=_ints(rows, 2),
        topics=_ints(rows, 3).view(np.uint64),
        features=features,
        steer=np.ones(len(rows), np.float32),
    )


def heard(allowed: Preferences) -> dict[str, int]:
    """How much of what a viewer does may tell of their topics, and since when: nothing of what they switched off."""
    counts = {name: at_most if signals <= allowed.signals else 0 for name, (at_most, signals) in _HEARD.items()}
    return {"since": allowed.forget_before, **counts}


def _numbers(packed: Sequence[bytes], width: int) -> npt.NDArray[Any]:
    """PostgreSQL's binary form of arrays without nulls: 20 bytes, then length and number of each cell."""
    array = np.dtype([("head", "V20"), ("cells", [("size", ">i4"), ("number", ">f4")], (width,))])
    numbers: npt.NDArray[Any] = np.frombuffer(b"".join(packed), array)["cells"]["number"]
    return numbers


def _consistent(features: Floats) -> None:
    """Counts are gathered at different moments; raise a parent to its child where it lags behind."""
    column: Callable[[str], int] = FEATURES.index
    for parent, child in _CHAINS:
        np.maximum(features[:, column(parent)], features[:, column(child)], out=features[:, column(parent)])
    shown = column("impression_count")
    for name in _SHOWN:
        np.maximum(features[:, shown], features[:, column(name)], out=features[:, shown])


def _ints(rows: Sequence[tuple[Any, ...]], column: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([row[column] for row in rows], np.int64)
