"""Who competes for a page of For You: sources that each propose posts.

Every source is bounded, whatever the viewer's number of follows or likes, in posts and in time, and may fail alone.
What is proposed passes visibility before it is scored, and again each time it is shown.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from time import perf_counter
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from cameos.models import Appearance
from feeds import metrics
from feeds.models import Exposure, MostMade
from feeds.moments import row_id_before
from feeds.order import features, following
from feeds.order.query import Query
from feeds.order.trace import Outcome, SourceNote
from feeds.steering import steered
from ranking.topics.classifier import TOPIC_FROM
from sora_social.core.prepared import Prepared, ids_param, prepared_rows
from sora_social.posts.models import Post, Visibility, with_whole_cast

log = structlog.get_logger(__name__)

# newest posts of the 500 people followed last, for who has no list of Following at hand
CONNECTIONS_AT_MOST = 150
CONNECTIONS = f"""
SELECT p.id FROM (SELECT followee_id FROM accounts_follow WHERE follower_id = %(viewer)s ORDER BY id DESC LIMIT 500) f
CROSS JOIN LATERAL (SELECT id FROM posts_post WHERE author_id = f.followee_id AND deleted_at IS NULL
                    ORDER BY id DESC LIMIT 3) p
ORDER BY p.id DESC LIMIT {CONNECTIONS_AT_MOST}"""  # noqa: S608 - our own number

_CAME_OF = """
SELECT e.derivation_id FROM ({}) mine
CROSS JOIN LATERAL (SELECT derivation_id FROM remix_edge WHERE source_id = mine.id
                    ORDER BY derivation_id DESC LIMIT 4) e
ORDER BY 1 DESC LIMIT 60"""
MY_LINEAGE = _CAME_OF.format("SELECT id FROM posts_post WHERE author_id = %(viewer)s ORDER BY id DESC LIMIT 30")
LIKED_LINEAGE = _CAME_OF.format(
    "SELECT post_id AS id FROM posts_like WHERE person_id = %(viewer)s AND posts_like.id >= %(since)s "
    "ORDER BY posts_like.id DESC LIMIT 60"
)

# where somebody cast a cameo of mine; and the newest of those whom I cast last, who let me cast them, and of friends
CAST = """
WITH faces AS (
    (SELECT a.cameo_id FROM (SELECT id FROM posts_post WHERE author_id = %(viewer)s AND cast_count > 0
                             ORDER BY id DESC LIMIT 20) p
     JOIN cameos_appearance a ON a.post_id = p.id)
    UNION (SELECT cameo_id FROM cameos_grant WHERE grantee_id = %(viewer)s ORDER BY id DESC LIMIT 20)
    UNION (SELECT c.id FROM (SELECT followee_id FROM accounts_follow WHERE follower_id = %(viewer)s
                             ORDER BY id DESC LIMIT 100) f
           JOIN accounts_follow b ON b.follower_id = f.followee_id AND b.followee_id = %(viewer)s
           JOIN cameos_cameo c ON c.owner_id = f.followee_id AND c.kind = 'person' AND c.status = 'active'))
(SELECT a.post_id FROM (SELECT id FROM cameos_cameo WHERE owner_id = %(viewer)s ORDER BY id DESC LIMIT 10) c
 CROSS JOIN LATERAL (SELECT post_id, requester_id FROM cameos_appearance
                     WHERE cameo_id = c.id AND post_id IS NOT NULL AND withdrawn_at IS NULL
                     ORDER BY post_id DESC LIMIT 40) a
 WHERE a.requester_id <> %(viewer)s ORDER BY 1 DESC LIMIT 20)
UNION
(SELECT a.post_id FROM faces
 CROSS JOIN LATERAL (SELECT post_id FROM cameos_appearance
                     WHERE cameo_id = faces.cameo_id AND post_id IS NOT NULL AND withdrawn_at IS NULL
                     ORDER BY post_id DESC LIMIT 3) a
 ORDER BY 1 DESC LIMIT 40)"""

# the tags of what I liked last
TAGS = """
SELECT t.post_id FROM (
    SELECT pt.tag FROM (SELECT post_id FROM posts_like WHERE person_id = %(viewer)s AND id >= %(since)s
                  ORDER BY id DESC LIMIT 60) l
    JOIN posts_posttag pt ON pt.post_id = l.post_id GROUP BY pt.tag ORDER BY count(*) DESC, pt.tag LIMIT 5) mine
CROSS JOIN LATERAL (SELECT post_id FROM posts_posttag WHERE tag = mine.tag ORDER BY post_id DESC LIMIT 20) t
LIMIT 100"""

# the topics that I lean to, by what I liked and made and told last
TOPICS = f"""
SELECT t.post_id FROM (
    SELECT topic FROM (
        SELECT t.topic, t.confidence AS weight
        FROM (SELECT post_id FROM posts_like WHERE person_id = %(viewer)s AND id >= %(since)s
              ORDER BY id DESC LIMIT %(likes)s) l JOIN feeds_posttopic t ON t.post_id = l.post_id
        UNION ALL
        SELECT t.topic, 3 * t.confidence
        FROM (SELECT id FROM posts_post WHERE author_id = %(viewer)s AND id >= %(since)s
              ORDER BY id DESC LIMIT %(makes)s) m JOIN feeds_posttopic t ON t.post_id = m.id
        UNION ALL
        (SELECT topic, 4 FROM feeds_interest WHERE viewer_id = %(viewer)s LIMIT %(interests)s)) told
    GROUP BY topic ORDER BY sum(weight) DESC, topic LIMIT 5) mine
CROSS JOIN LATERAL (SELECT post_id FROM feeds_posttopic WHERE topic = mine.topic AND confidence >= {TOPIC_FROM}
                    ORDER BY post_id DESC LIMIT 20) t
LIMIT 100"""  # noqa: S608 - our own number

# the newest about what a feed is of
ABOUT = f"""
SELECT t.post_id FROM unnest(%(topics)s::smallint[]) AS asked(topic)
CROSS JOIN LATERAL (SELECT post_id FROM feeds_posttopic WHERE topic = asked.topic AND confidence >= {TOPIC_FROM}
                    ORDER BY post_id DESC LIMIT 100) t
ORDER BY 1 DESC LIMIT 400"""  # noqa: S608 - our own number

# what leads those who are shown it to make something, lately
_MADE_OF = Prepared(
    lambda: MostMade.objects.filter(creation_rate__gt=0).order_by("-creation_rate", "-pk").values_list("pk")[:60]
)

# the newest of those who live there, among the newest of all
REGION = """
SELECT p.id FROM (SELECT id, author_id FROM posts_post
                  WHERE visibility = 'public' AND deleted_at IS NULL AND removed_at IS NULL
                  ORDER BY id DESC LIMIT 2000) p
JOIN accounts_user a ON a.id = p.author_id AND a.country = %(region)s
ORDER BY p.id DESC LIMIT 100"""

# Who is cast is asked in these two as everywhere: they hold little, and what lapsed in a mass would leave them empty.
_FRESH = Prepared(
    lambda: Post.objects.standing().filter(visibility=Visibility.PUBLIC).order_by("-pk").values_list("pk")[:200]
)


def _first_shown(since: int) -> QuerySet[Exposure, Any]:
    """Posts that few have seen yet: everybody gets a first exposure. Half are the newest of those since an id, and
    half have waited longest."""
    waiting = Exposure.objects.filter(
        with_whole_cast(Appearance.objects.in_force(), prefix="post__"),
        impression_count__lt=12,
        waits=True,
        post__gte=since,
        post__visibility=Visibility.PUBLIC,
        post__deleted_at=None,
        post__removed_at=None,
        post__shown_at__lte=Now(),
        post__author__is_active=True,
    ).values_list("post_id")
    return waiting.order_by("-post")[:40].union(waiting.order_by("post")[:40])


_EXPLORATION = Prepared(_first_shown, "since")
WAITS_AT_MOST = timedelta(days=14)


Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """`needs` names the signals that must be switched on; `ask` gives rows that begin with a post's id, best first.

    One that is the `last_resort` is asked however late it is, and fills what room the others leave.
    """

    name: str
    ask: Callable[[Query], Rows]
    needs: frozenset[str] = frozenset()
    last_resort: bool = False


def _of_viewer(sql: str) -> Callable[[Query], Rows]:
    return lambda query: prepared_rows(sql, {"viewer": query.viewer_id, "since": query.preferences.forget_before})


def _connections(query: Query) -> Rows:
    at_hand = following.listed(query.viewer, count=CONNECTIONS_AT_MOST) if query.viewer else None
    return _of_viewer(CONNECTIONS)(query) if at_hand is None else [(post_id,) for post_id in at_hand]


def _leanings(query: Query) -> Rows:
    return prepared_rows(TOPICS, {"viewer": query.viewer_id, **features.heard(query.preferences)})


CREATION_RATE = Source("creation_rate", lambda query: _MADE_OF.rows())
EXPLORATION = Source("exploration", lambda query: _EXPLORATION.rows(since=row_id_before(WAITS_AT_MOST)))
FRESH = Source("fresh", lambda query: _FRESH.rows(), last_resort=True)
FOR_ONE = (
    Source("asked_for", lambda query: steered.sought(query.viewer)),
    Source("connections", _connections, frozenset({"follows"})),
    Source("my_lineage", _of_viewer(MY_LINEAGE), frozenset({"creations"})),
    Source("liked_lineage", _of_viewer(LIKED_LINEAGE), frozenset({"likes"})),
    Source("cast", _of_viewer(CAST), frozenset({"cast"})),
    Source("topics", _leanings, frozenset({"topics"})),
    Source("tags", _of_viewer(TAGS), frozenset({"likes", "topics"})),
    CREATION_RATE,
    EXPLORATION,
    FRESH,
)
OF_TOPICS = Source("of_topics", lambda query: prepared_rows(ABOUT, {"topics": ids_param(query.topics)}))
FOR_ALL = (
    Source("region", lambda query: prepared_rows(REGION, {"region": query.region})),
    CREATION_RATE,
    EXPLORATION,
    FRESH,
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """Ids in the order in which they compete for room, each once; and what each source gave."""

    ids: Sequence[int]
    by_source: Sequence[tuple[str, Sequence[int]]]
    notes: Sequence[SourceNote]

    @property
    def count(self) -> int:
        return sum(len(ids) for _, ids in self.by_source)


def propose(query: Query, among: Sequence[Source] = ()) -> Proposed:
    """Posts that may compete for the next pages: each source's first, then each one's second, and so on.

    `among` these sources, or those for one viewer or for all.
    """
    usual = FOR_ONE if query.viewer else FOR_ALL
    answers = _answers(query, among or ((OF_TOPICS, *usual) if query.topics else usual))
    ids: dict[int, None] = {}
    for last in (False, True):
        in_turn = zip_longest(*(found for source, found, *_ in answers if source.last_resort is last))
        ids.update(dict.fromkeys(post_id for turn in in_turn for post_id in turn if post_id is not None))
    return Proposed(
        ids=list(ids),
        by_source=[(source.name, found) for source, found, *_ in answers],
        notes=_notes(answers),
    )


_Answer = tuple[Source, Sequence[int], float, Outcome]


def _answers(query: Query, among: Sequence[Source]) -> list[_Answer]:
    """Ask one after the other, in one transaction with a limit of time for each statement.

    What fails takes the transaction along: the rest is asked in a new one.
    """
    answers: list[_Answer] = []
    deadline = perf_counter() + settings.FEED_SOURCES_SECONDS
    while len(answers) < len(among):
        source, began = None, perf_counter()
        try:
            with _limited(settings.FEED_SOURCE_SECONDS):
                for source in among[len(answers) :]:
                    began = perf_counter()
                    answers.append(_answer(query, source, late=began > deadline))
        except Exception:  # whatever broke it, this source rests; the order is made from the others
            if source is None:  # no transaction could be begun: the database is not there
                raise
            log.exception("feed_source_failed", source=source.name)
            answers.append((source, (), perf_counter() - began, Outcome.FAILED))
    return answers


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """A transaction in which each statement has so much time. One that is open already keeps the limits it has."""
    is_ours = not connection.in_atomic_block
    with transaction.atomic():
        if is_ours:
            prepared_rows("SELECT set_config('statement_timeout', %s, true)", [str(round(1000 * seconds))])
        yield


def _answer(query: Query, source: Source, *, late: bool) -> _Answer:
    if not source.needs <= query.preferences.signals:
        return source, (), 0.0, Outcome.OFF
    if late and not source.last_resort:
        return source, (), 0.0, Outcome.LATE
    began = perf_counter()
    ids = list(dict.fromkeys(row[0] for row in source.ask(query)))
    return source, ids, perf_counter() - began, Outcome.ASKED


def _notes(answers: Sequence[_Answer]) -> list[SourceNote]:
    known: set[int] = set()
    notes = []
    for source, ids, seconds, outcome in answers:
        notes.append(SourceNote(source.name, seconds, len(ids), len(set(ids) - known), outcome))
        known.update(ids)
        metrics.SOURCE_OUTCOMES.labels(source.name, outcome).inc()
        if outcome is Outcome.ASKED:
            metrics.SOURCE_SECONDS.labels(source.name).observe(seconds)
            metrics.SOURCE_POSTS.labels(source.name).observe(len(ids))
    return notes
