"""The counts of lineages, compared with what there is, and mended where they differ."""

import secrets
from collections.abc import Iterable

import orjson
import structlog
from django.db import connection, transaction
from django.db.models import Max, Min

from remix.models import DESCENDANTS, PEOPLE, REMIXERS, REMIXES, Edge

log = structlog.get_logger(__name__)
_LOCK = 0x5EED_0002
_COUNTERS = (REMIXES, DESCENDANTS, REMIXERS, PEOPLE)

# one statement sees columns, waiting changes and rows of one moment, whatever is counted meanwhile
_DIFFERENCE = """
WITH RECURSIVE below (id, step) AS (
    SELECT derivation_id, 1 FROM remix_edge WHERE source_id = %(id)s AND is_counted
    UNION
    SELECT down.derivation_id, 2 FROM below, LATERAL (
        SELECT derivation_id FROM remix_edge WHERE source_id = below.id AND is_counted OFFSET 0) AS down),
made AS (
    SELECT below.id, min(step) AS step, p.author_id FROM below JOIN posts_post p USING (id)
    WHERE p.counted GROUP BY below.id, p.author_id),
waiting AS (
    SELECT counter, sum(delta)::int AS delta FROM core_tally
    WHERE subject_id = %(id)s AND counter = ANY(%(counters)s) GROUP BY counter)
SELECT (SELECT count(*) FROM below),
       (SELECT count(*) FROM made WHERE step = 1) - remix_count,
       (SELECT count(*) FROM made) - descendant_count,
       (SELECT count(DISTINCT made.author_id) FROM made WHERE step = 1 AND made.author_id <> a.author_id)
           - remixer_count,
       (SELECT count(DISTINCT made.author_id) FROM made WHERE made.author_id <> a.author_id) - people_count,
       (SELECT jsonb_object_agg(counter, delta) FROM waiting)
FROM posts_post a WHERE id = %(id)s"""


def reconcile(post_ids: Iterable[int], *, visits: int | None = None) -> int:
    """Mend the counts of these posts. Returns how many were wrong. Ends early once `visits` descendants were looked at.

    May run while others publish, delete and fold; a second one waits for the first.
    """
    mended = visited = 0
    for post_id in post_ids:
        if visits is not None and visited >= visits:
            break
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute(_DIFFERENCE, {"id": post_id, "counters": [counter.name for counter in _COUNTERS]})
            row = cursor.fetchone()
            if row is None:
                continue
            below, *differences, waiting = row
            visited += below + 1
            changes = orjson.loads(waiting or "{}")
            missing = {
                counter: difference - changes.get(counter.name, 0)
                for counter, difference in zip(_COUNTERS, differences, strict=True)
            }
            for counter, delta in missing.items():
                if delta:
                    counter.add(post_id, delta)
            if any(missing.values()):
                mended += 1
                log.warning(
                    "lineage_counts_mended",
                    post_id=post_id,
                    **{counter.column: delta for counter, delta in missing.items() if delta},
                )
    return mended


def reconcile_some(*, sources: int = 500, visits: int = 200_000) -> int:
    """Mend the counts of a stretch of sources that chance chooses, of which not too much came. Returns how many were
    wrong."""
    ends = Edge.objects.aggregate(first=Min("source_id"), last=Max("source_id"))
    if ends["first"] is None:
        return 0
    start = ends["first"] + secrets.randbelow(ends["last"] - ends["first"] + 1)
    found = Edge.objects.filter(source_id__gte=start, source__descendant_count__lte=visits).order_by("source_id")
    return reconcile(found.values_list("source_id", flat=True).distinct()[:sources], visits=visits)


def reconcile_all() -> int:
    """Mend the counts of all posts that something was made from. Returns how many were wrong."""
    found = Edge.objects.order_by("source_id").values_list("source_id", flat=True).distinct()
    return reconcile(found.iterator())
