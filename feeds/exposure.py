"""The ranker's evidence, counted from the log in small steps that may die and be run again."""

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from feeds.models import Exposure
from sora_social.posts.events import PostPublished, PostRestored, PostsWithdrawn
from sora_social.posts.models import Post

PAGES_AT_ONCE = 2_000
WATCHES_AT_ONCE = 5_000
ROUNDS_AT_MOST = 20  # of one run: the next beat goes on

# people, not repeats: who was shown a post many times within a batch is one impression
_PAGES = """
WITH page AS (
    UPDATE feeds_servedpage SET counted = true WHERE id IN (
        SELECT id FROM feeds_servedpage WHERE NOT counted ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING viewer_id, post_ids, (served_at AT TIME ZONE 'UTC')::date AS day),
sums AS (SELECT post_id, count(DISTINCT viewer_id) AS n FROM page, unnest(post_ids) AS post_id GROUP BY 1),
days AS (
    INSERT INTO feeds_reachday (post_id, day, impression_count)
    SELECT s.post_id, s.day, s.n FROM (
        SELECT post_id, day, count(DISTINCT viewer_id) AS n FROM page, unnest(post_ids) AS post_id GROUP BY 1, 2) AS s
    JOIN posts_post p ON p.id = s.post_id ORDER BY s.post_id, s.day
    ON CONFLICT (post_id, day) DO UPDATE
    SET impression_count = feeds_reachday.impression_count + excluded.impression_count),
folded AS (
    INSERT INTO feeds_exposure (post_id, impression_count, open_count, submit_count, publish_count, long_view_count,
                                see_less_count)
    SELECT s.post_id, s.n, 0, 0, 0, 0, 0 FROM sums s JOIN posts_post p ON p.id = s.post_id ORDER BY s.post_id
    ON CONFLICT (post_id) DO UPDATE
    SET impression_count = feeds_exposure.impression_count + excluded.impression_count)
SELECT count(*) FROM page"""

# repeats by the same person were stored as counted (`feedback`)
_WATCHES = """
WITH watch AS (
    UPDATE feeds_watch SET counted = true WHERE id IN (
        SELECT id FROM feeds_watch WHERE NOT counted ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING post_id, watched_ms, loops, ended, opened, (reported_at AT TIME ZONE 'UTC')::date AS day),
days AS (
    INSERT INTO feeds_reachday (post_id, day, view_count, open_count)
    SELECT post_id, day, count(*) FILTER (WHERE watched_ms >= 1000), count(*) FILTER (WHERE opened)
    FROM watch GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (post_id, day) DO UPDATE
    SET view_count = feeds_reachday.view_count + excluded.view_count,
        open_count = feeds_reachday.open_count + excluded.open_count),
sums AS (SELECT w.post_id, count(*) FILTER (WHERE opened) AS opens,
                count(*) FILTER (WHERE ended OR loops > 0 OR watched_ms >= 0.8 * c.duration_ms) AS longs
         FROM watch w JOIN posts_post p ON p.id = w.post_id JOIN media_clip c ON c.id = p.clip_id
         GROUP BY 1 ORDER BY 1),
folded AS (
    UPDATE feeds_exposure x SET open_count = open_count + s.opens, long_view_count = long_view_count + s.longs
    FROM sums s WHERE x.post_id = s.post_id)
SELECT count(*) FROM watch"""

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
    """Fold new impressions and what clients said of them, batch by batch, until nothing waits."""
    for step, at_once in ((_PAGES, PAGES_AT_ONCE), (_WATCHES, WATCHES_AT_ONCE)):
        for _ in range(ROUNDS_AT_MOST):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(step, [at_once])
                (taken,) = cursor.fetchone()
            if taken < at_once:
                break


def take_pulse() -> None:
    """Count for every author who answered them in the last 24 hours."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ((extract(epoch FROM now()) * 1000)::bigint - 1735689600000 - %s) << 22", [_DAY_MS])
        cursor.execute(_PULSE, {"since": cursor.fetchone()[0]})


# a maker counts once for a source, by the first that they made of it, and only when others can come across it
_CREDIT = """
WITH credited AS (
    UPDATE feeds_exposure SET publish_count = publish_count + 1, submit_count = submit_count + 1,
                              open_count = open_count + 1
    WHERE post_id IN (
        SELECT e.source_id FROM remix_edge e
        JOIN posts_post d ON d.id = e.derivation_id JOIN posts_post s ON s.id = e.source_id
        WHERE e.derivation_id = %s AND s.author_id <> d.author_id
          AND d.visibility IN ('public', 'followers') AND d.deleted_at IS NULL AND d.removed_at IS NULL
          AND NOT EXISTS (SELECT FROM posts_post m JOIN remix_edge earlier ON earlier.derivation_id = m.id
                          WHERE m.author_id = d.author_id AND m.id < d.id AND earlier.source_id = e.source_id))
    RETURNING post_id)
INSERT INTO feeds_reachday (post_id, day, publish_count)
SELECT post_id, (now() AT TIME ZONE 'UTC')::date, 1 FROM credited ORDER BY post_id
ON CONFLICT (post_id, day) DO UPDATE SET publish_count = feeds_reachday.publish_count + 1"""


def begin(event: PostPublished) -> None:
    """A new post starts with its first exposure budget; its sources are credited with a making by somebody else.

    Each maker is credited once for a source, and only for what others may come across.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO feeds_exposure (post_id, impression_count, open_count, submit_count, publish_count,
                                           long_view_count, see_less_count)
               VALUES (%s, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING RETURNING post_id""",
            [event.post_id],
        )
        if cursor.fetchone() is None:
            return
        cursor.execute(_CREDIT, [event.post_id])


def follow(event: PostRestored | PostsWithdrawn) -> None:
    """What nobody may see waits for no viewers, so that it does not stand before those who do; what came back does.

    What was counted of it stays.
    """
    standing = Post.objects.standing().filter(pk=OuterRef("post_id"))
    Exposure.objects.filter(post__in=event.post_ids).update(waits=Exists(standing))
