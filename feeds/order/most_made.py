"""Which posts others make something of: a short list that a beat counts anew, so that no page counts edges."""

from datetime import timedelta
from typing import Final

from django.db import connection, transaction

from feeds.moments import row_id_before
from ranking.rates import BASE_RATES

MAKERS_WITHIN = timedelta(days=7)
RATED_WITHIN = timedelta(days=3)
BY_MAKERS, BY_RATE = 500, 200

# A maker counts once for a post, and only by what others may come across; the edge of a derivation has its moment.
_COUNT = """
WITH made AS (
    SELECT e.source_id AS post_id, count(DISTINCT d.author_id) AS makers
    FROM remix_edge e JOIN posts_post d ON d.id = e.derivation_id JOIN posts_post s ON s.id = e.source_id
    WHERE e.derivation_id >= %(week)s AND NOT e.is_detached AND d.author_id <> s.author_id
      AND d.visibility IN ('public', 'followers')
      AND d.deleted_at IS NULL AND d.removed_at IS NULL AND d.shown_at <= statement_timestamp()
      AND s.visibility = 'public' AND s.deleted_at IS NULL AND s.removed_at IS NULL
    GROUP BY 1 ORDER BY 2 DESC, 1 DESC LIMIT %(by_makers)s),
rated AS (
    SELECT post_id, (publish_count + %(alpha)s) / (impression_count + %(trials)s) AS rate
    FROM feeds_exposure WHERE post_id >= %(days)s AND publish_count > 0 AND waits
    ORDER BY 2 DESC, 1 DESC LIMIT %(by_rate)s),
now_made AS (
    SELECT post_id, coalesce(makers, 0) AS makers, coalesce(rate, 0) AS rate
    FROM made FULL JOIN rated USING (post_id)),
gone AS (DELETE FROM feeds_mostmade WHERE post_id NOT IN (SELECT post_id FROM now_made))
INSERT INTO feeds_mostmade (post_id, maker_count, creation_rate, counted_at)
SELECT post_id, makers, rate, now() FROM now_made ORDER BY post_id
ON CONFLICT (post_id) DO UPDATE
SET maker_count = excluded.maker_count, creation_rate = excluded.creation_rate, counted_at = now()"""

_OPEN: Final = BASE_RATES["open"]
_RATE = _OPEN.rate * BASE_RATES["submit"].rate * BASE_RATES["publish"].rate


def count() -> None:
    """Count anew who made something of what in the last days. May be repeated; two at once take turns."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('most made', 0))")
        cursor.execute(
            _COUNT,
            {
                "week": row_id_before(MAKERS_WITHIN),
                "days": row_id_before(RATED_WITHIN),
                "by_makers": BY_MAKERS,
                "by_rate": BY_RATE,
                "alpha": _RATE * _OPEN.strength,
                "trials": _OPEN.strength,
            },
        )
