"""The ranker's evidence, counted from the log in small steps that may die and be run again."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef

from feeds.feedback import VIEW_MS
from feeds.models import Act, Exposure
from feeds.moments import row_id_before
from sora_social.posts.events import PostPublished, PostRestored, PostsWithdrawn
from sora_social.posts.models import Post

PAGES_AT_ONCE = 2_000
REPEATED_WITHIN = timedelta(days=1)
PAGES_LOOKED_BACK = 200  # of one viewer
WATCHES_AT_ONCE = 5_000
ACTS_AT_ONCE = 5_000
DESCENTS_AT_ONCE = 200
DESCENT_WITHIN = timedelta(days=7)
DESCENDANTS_AT_MOST = 5_000
ROUNDS_AT_MOST = 20  # of one run: the next beat goes on

# people, not repeats: who was shown a post before within a day, in this batch or in an earlier one, is no impression
# more; else one person who asks for a page over and over would use up a first exposure, and bury what they like
_PAGES = """
WITH page AS (
    UPDATE feeds_servedpage SET counted = true WHERE id IN (
        SELECT id FROM feeds_servedpage WHERE NOT counted ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id, viewer_id, post_ids, (served_at AT TIME ZONE 'UTC')::date AS day),
viewer AS (SELECT viewer_id, min(id) AS first_id FROM page GROUP BY 1),
known AS (
    SELECT viewer_id, post_id FROM viewer CROSS JOIN LATERAL (
        SELECT e.post_ids FROM feeds_servedpage e
        WHERE e.viewer_id = viewer.viewer_id AND e.id >= viewer.first_id - %s AND e.counted
        ORDER BY e.id DESC LIMIT %s) earlier, unnest(earlier.post_ids) AS post_id),
shown AS (
    SELECT viewer_id, post_id, min(day) AS day FROM page CROSS JOIN unnest(post_ids) AS post_id
    LEFT JOIN known USING (viewer_id, post_id) WHERE known.viewer_id IS NULL GROUP BY 1, 2),
sums AS (
    SELECT s.post_id, p.author_id, s.n FROM (SELECT post_id, count(*) AS n FROM shown GROUP BY 1) s
    JOIN posts_post p ON p.id = s.post_id),
days AS (
    INSERT INTO feeds_reachday (post_id, day, impression_count)
    SELECT s.post_id, s.day, s.n FROM (
        SELECT post_id, day, count(*) AS n FROM shown GROUP BY 1, 2) AS s
    JOIN posts_post p ON p.id = s.post_id ORDER BY s.post_id, s.day
    ON CONFLICT (post_id, day) DO UPDATE
    SET impression_count = feeds_reachday.impression_count + excluded.impression_count),
folded AS (
    INSERT INTO feeds_exposure (post_id, impression_count) SELECT post_id, n FROM sums ORDER BY post_id
    ON CONFLICT (post_id) DO UPDATE
    SET impression_count = feeds_exposure.impression_count + excluded.impression_count),
authors AS (
    INSERT INTO feeds_authorpulse (author_id, impression_count)
    SELECT author_id, sum(n) FROM sums GROUP BY 1 ORDER BY 1
    ON CONFLICT (author_id) DO UPDATE
    SET impression_count = feeds_authorpulse.impression_count + excluded.impression_count)
SELECT count(*) FROM page"""

LONG_VIEW = "(w.ended OR w.loops > 0 OR w.watched_ms >= 0.8 * c.duration_ms)"  # of a watch w of a clip c

# repeats by the same person were stored as counted (`feedback`)
_WATCHES = f"""
WITH watch AS (
    UPDATE feeds_watch SET counted = true WHERE id IN (
        SELECT id FROM feeds_watch WHERE NOT counted ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING post_id, watched_ms, loops, ended, (reported_at AT TIME ZONE 'UTC')::date AS day),
days AS (
    INSERT INTO feeds_reachday (post_id, day, view_count)
    SELECT post_id, day, count(*) FROM watch WHERE watched_ms >= {VIEW_MS} GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (post_id, day) DO UPDATE SET view_count = feeds_reachday.view_count + excluded.view_count),
sums AS (SELECT w.post_id, count(*) AS longs
         FROM watch w JOIN posts_post p ON p.id = w.post_id JOIN media_clip c ON c.id = p.clip_id
         WHERE {LONG_VIEW} GROUP BY 1),
folded AS (
    UPDATE feeds_exposure x SET long_view_count = long_view_count + s.longs FROM sums s WHERE x.post_id = s.post_id)
SELECT count(*) FROM watch"""  # noqa: S608 - our own numbers

_PUBLISHES = (Act.PUBLISH, Act.CAST_PUBLISH, Act.PROMPT_PUBLISH)
_ACTS = """
WITH act AS (
    UPDATE feeds_attribution SET counted = true WHERE id IN (
        SELECT id FROM feeds_attribution WHERE NOT counted ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING post_id, act, (at AT TIME ZONE 'UTC')::date AS day),
sums AS (SELECT post_id, {sums} FROM act GROUP BY 1),
days AS (
    INSERT INTO feeds_reachday (post_id, day, open_count, publish_count)
    SELECT post_id, day, count(*) FILTER (WHERE act = 'open'), count(*) FILTER (WHERE act = 'publish')
    FROM act WHERE act IN ('open', 'publish') GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (post_id, day) DO UPDATE
    SET open_count = feeds_reachday.open_count + excluded.open_count,
        publish_count = feeds_reachday.publish_count + excluded.publish_count),
folded AS (
    INSERT INTO feeds_exposure (post_id, {columns}) SELECT post_id, {columns} FROM sums ORDER BY post_id
    ON CONFLICT (post_id) DO UPDATE SET {added}),
authors AS (
    INSERT INTO feeds_authorpulse (author_id, publish_count)
    SELECT p.author_id, count(*) FROM act JOIN posts_post p ON p.id = act.post_id WHERE act.act IN ({publishes})
    GROUP BY 1 ORDER BY 1
    ON CONFLICT (author_id) DO UPDATE
    SET publish_count = feeds_authorpulse.publish_count + excluded.publish_count)
SELECT count(*) FROM act""".format(  # noqa: S608 - our own names
    sums=", ".join(f"count(*) FILTER (WHERE act = '{act}') AS {act}_count" for act in Act),
    columns=", ".join(f"{act}_count" for act in Act),
    added=", ".join(f"{act}_count = feeds_exposure.{act}_count + excluded.{act}_count" for act in Act),
    publishes=", ".join(f"'{act}'" for act in _PUBLISHES),
)

_PULSE = """
WITH answers AS (
    SELECT p.author_id, l.person_id FROM posts_like l JOIN posts_post p ON p.id = l.post_id
    WHERE l.id > %(since)s AND l.person_id <> p.author_id
    UNION
    SELECT p.author_id, s.person_id FROM posts_save s JOIN posts_post p ON p.id = s.post_id
    WHERE s.id > %(since)s AND s.person_id <> p.author_id
    UNION
    SELECT p.author_id, c.author_id FROM posts_comment c JOIN posts_post p ON p.id = c.post_id
    WHERE c.id > %(since)s AND c.author_id <> p.author_id
    UNION
    SELECT p.author_id, d.author_id FROM remix_edge e
    JOIN posts_post p ON p.id = e.source_id JOIN posts_post d ON d.id = e.derivation_id
    WHERE e.derivation_id > %(since)s AND d.author_id <> p.author_id AND d.counted AND e.is_counted),
now_answered AS (SELECT author_id, count(*)::int AS n FROM answers GROUP BY 1),
quiet AS (UPDATE feeds_authorpulse SET feedback_count_24h = 0, counted_at = now()
          WHERE feedback_count_24h > 0 AND author_id NOT IN (SELECT author_id FROM now_answered))
INSERT INTO feeds_authorpulse (author_id, feedback_count_24h, counted_at)
SELECT author_id, n, now() FROM now_answered ORDER BY author_id
ON CONFLICT (author_id) DO UPDATE SET feedback_count_24h = excluded.feedback_count_24h, counted_at = now()"""

# Who made something within seven days of a making, from it or from what came of it. A lineage of thousands says no more
# than one of hundreds: the sum is of logarithms, and its use is held to a factor of two.
_DESCENTS = """
WITH due AS (
    UPDATE feeds_attribution SET descended = true WHERE id IN (
        SELECT id FROM feeds_attribution WHERE made_id < %(week_ago)s AND made_id IS NOT NULL AND NOT descended
        ORDER BY made_id LIMIT %(at_once)s FOR UPDATE SKIP LOCKED)
    RETURNING post_id, person_id, made_id),
later AS (
    SELECT due.post_id, due.made_id, (
        WITH RECURSIVE below (id) AS (
            SELECT derivation_id FROM remix_edge WHERE source_id = due.made_id AND is_counted
            UNION
            SELECT e.derivation_id FROM below b JOIN remix_edge e ON e.source_id = b.id AND e.is_counted)
        SELECT count(DISTINCT p.author_id) FROM (SELECT id FROM below LIMIT %(at_most)s) b JOIN posts_post p USING (id)
        WHERE p.author_id <> due.person_id AND p.counted AND p.id < due.made_id + %(week)s) AS makers
    FROM due),
sums AS (SELECT post_id, sum(ln(1 + makers)) AS log_sum, count(*) AS n FROM later GROUP BY 1),
folded AS (
    INSERT INTO feeds_exposure (post_id, descent_log_sum, descent_count)
    SELECT post_id, log_sum, n FROM sums ORDER BY post_id
    ON CONFLICT (post_id) DO UPDATE
    SET descent_log_sum = feeds_exposure.descent_log_sum + excluded.descent_log_sum,
        descent_count = feeds_exposure.descent_count + excluded.descent_count)
SELECT count(*) FROM due"""


def count() -> None:
    """Fold new impressions, what clients said of them and what people did because of them, until nothing waits."""
    a_day = int(REPEATED_WITHIN.total_seconds() * 1000) << 21
    _in_rounds(_PAGES, [PAGES_AT_ONCE, a_day, PAGES_LOOKED_BACK], PAGES_AT_ONCE)
    for step, at_once in ((_WATCHES, WATCHES_AT_ONCE), (_ACTS, ACTS_AT_ONCE)):
        _in_rounds(step, [at_once], at_once)


def follow_descents() -> None:
    """Count what came of makings that are seven days old, each once."""
    numbers = {
        "week_ago": row_id_before(DESCENT_WITHIN),
        "week": int(DESCENT_WITHIN.total_seconds() * 1000) << 22,
        "at_once": DESCENTS_AT_ONCE,
        "at_most": DESCENDANTS_AT_MOST,
    }
    _in_rounds(_DESCENTS, numbers, DESCENTS_AT_ONCE)


def take_pulse() -> None:
    """Count for every author who answered them in the last 24 hours."""
    with transaction.atomic(), connection.cursor() as cursor:
        _take_turn(cursor)
        cursor.execute(_PULSE, {"since": row_id_before(timedelta(days=1))})


def _in_rounds(step: str, numbers: list[int] | dict[str, int], at_once: int) -> None:
    for _ in range(ROUNDS_AT_MOST):
        with transaction.atomic(), connection.cursor() as cursor:
            _take_turn(cursor)
            cursor.execute(step, numbers)
            (taken,) = cursor.fetchone()
        if taken < at_once:
            break


def _take_turn(cursor: CursorWrapper) -> None:
    """One count at a time, until its transaction ends: they touch the same posts and authors, each in its own order."""
    cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('exposure', 0))")


# a maker counts once for a source, by the first that they made of it, and only when others can come across it
_NEW_MAKER = """
UPDATE feeds_exposure SET maker_count = maker_count + 1
WHERE post_id IN (
    SELECT e.source_id FROM remix_edge e
    JOIN posts_post d ON d.id = e.derivation_id JOIN posts_post s ON s.id = e.source_id
    WHERE e.derivation_id = %s AND s.author_id <> d.author_id
      AND d.visibility IN ('public', 'followers') AND d.deleted_at IS NULL AND d.removed_at IS NULL
      AND NOT EXISTS (SELECT FROM posts_post m JOIN remix_edge earlier ON earlier.derivation_id = m.id
                      WHERE m.author_id = d.author_id AND m.id < d.id AND earlier.source_id = e.source_id))"""


def begin(event: PostPublished) -> None:
    """A new post starts with its first exposure budget; its sources have a maker more, if it is somebody's first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO feeds_exposure (post_id) VALUES (%s) ON CONFLICT DO NOTHING RETURNING post_id", [event.post_id]
        )
        if cursor.fetchone() is None:
            return
        cursor.execute(_NEW_MAKER, [event.post_id])


def follow(event: PostRestored | PostsWithdrawn) -> None:
    """What nobody may see waits for no viewers, so that it does not stand before those who do; what came back does.

    What was counted of it stays.
    """
    standing = Post.objects.standing().filter(pk=OuterRef("post_id"))
    Exposure.objects.filter(post__any=event.post_ids).update(waits=Exists(standing))
