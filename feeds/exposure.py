"""The ranker's evidence, counted from the log in small steps that may die and be run again."""

from django.db import connection, transaction

from remix.models import Edge
from sora_social.posts.events import PostPublished

_PAGES = """
WITH page AS (
    UPDATE feeds_servedpage SET counted = true WHERE id IN (
        SELECT id FROM feeds_servedpage WHERE NOT counted ORDER BY id LIMIT 2000 FOR UPDATE SKIP LOCKED)
    RETURNING post_ids),
sums AS (SELECT post_id, count(*) AS n FROM page, unnest(post_ids) AS post_id GROUP BY 1 ORDER BY 1)
INSERT INTO feeds_exposure (post_id, impression_count, open_count, submit_count, publish_count, long_view_count,
                            see_less_count)
SELECT s.post_id, s.n, 0, 0, 0, 0, 0 FROM sums s JOIN posts_post p ON p.id = s.post_id ORDER BY s.post_id
ON CONFLICT (post_id) DO UPDATE SET impression_count = feeds_exposure.impression_count + excluded.impression_count"""

_WATCHES = """
WITH watch AS (
    UPDATE feeds_watch SET counted = true WHERE id IN (
        SELECT id FROM feeds_watch WHERE NOT counted ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED)
    RETURNING post_id, watched_ms, loops, ended, opened),
sums AS (SELECT w.post_id, count(*) FILTER (WHERE opened) AS opens,
                count(*) FILTER (WHERE ended OR loops > 0 OR watched_ms >= 0.8 * c.duration_ms) AS longs
         FROM watch w JOIN posts_post p ON p.id = w.post_id JOIN media_clip c ON c.id = p.clip_id
         GROUP BY 1 ORDER BY 1)
UPDATE feeds_exposure x SET open_count = open_count + s.opens, long_view_count = long_view_count + s.longs
FROM sums s WHERE x.post_id = s.post_id"""

_PULSE = """
WITH answers AS (
    SELECT p.author_id, l.person_id FROM posts_like l JOIN posts_post p ON p.id = l.post_id
    WHERE l.id > %(since)s AND l.person_id <> p.author_id
    UNION
    SELECT p.author_id, c.author_id FROM posts_comment c JOIN posts_post p ON p.id = c.post_id
    WHERE c.id > %(since)s AND c.author_id <> p.author_id),
now_answered AS (SELECT author_id, count(*)::int AS n FROM answers GROUP BY 1),
quiet AS (UPDATE feeds_authorpulse SET feedback_count_24h = 0, counted_at = now()
          WHERE feedback_count_24h > 0 AND author_id NOT IN (SELECT author_id FROM now_answered))
INSERT INTO feeds_authorpulse (author_id, feedback_count_24h, counted_at)
SELECT author_id, n, now() FROM now_answered ORDER BY author_id
ON CONFLICT (author_id) DO UPDATE SET feedback_count_24h = excluded.feedback_count_24h, counted_at = now()"""

_DAY_MS = 86_400_000


def count() -> None:
    """Fold new impressions and what clients said of them; take every author's pulse of the last 24 hours."""
    for step in (_PAGES, _WATCHES):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(step)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ((extract(epoch FROM now()) * 1000)::bigint - 1735689600000 - %s) << 22", [_DAY_MS])
        cursor.execute(_PULSE, {"since": cursor.fetchone()[0]})


def begin(event: PostPublished) -> None:
    """A new post starts with its first exposure budget; its sources are credited with a making by somebody else."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO feeds_exposure (post_id, impression_count, open_count, submit_count, publish_count,
                                           long_view_count, see_less_count)
               VALUES (%s, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING post_id""",
            [event.post_id],
        )
        if cursor.fetchone() is None:
            return
        edges = Edge.objects.filter(derivation_id=event.post_id).select_related("source", "derivation")
        sources = [e.source_id for e in edges if e.source.author_id != e.derivation.author_id]
        cursor.execute(
            """UPDATE feeds_exposure SET publish_count = publish_count + 1, submit_count = submit_count + 1,
                      open_count = open_count + 1 WHERE post_id = ANY(%s)""",
            [sources],
        )
