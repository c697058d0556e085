"""The impressions that the ranker learns from: what was ranked, where it stood, and what its viewer did within a day.

Read backwards from the newest that are old enough, some pages at a time, until there are enough: what is held is
bounded, however long the log is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from django.db import connection

from feeds.attributing import HORIZON
from feeds.exposure import LONG_VIEW
from feeds.models import ServedPage
from feeds.moments import page_id_at
from ranking.features import FEATURES, LAYOUT, RECORD, Floats, Ints, unpacked
from ranking.rates import LAST_FIRST, STEPS
from sora_social.core.moments import IDS_SINCE

PAGES_AT_ONCE = 500
HORIZON_MS: Final = int(HORIZON.total_seconds() * 1000)

_FOLLOWED = f"""
WITH item AS (
    SELECT s.id AS page_id, s.viewer_id, i.post_id, i.place - 1 AS place, s.id >> 21 AS ms
    FROM feeds_servedpage s, unnest(s.post_ids) WITH ORDINALITY AS i (post_id, place) WHERE s.id = ANY(%(pages)s))
SELECT i.page_id, i.place, a.act FROM item i
JOIN feeds_attribution a ON a.post_id = i.post_id AND a.person_id = i.viewer_id
WHERE a.at >= to_timestamp((i.ms + %(epoch)s) / 1000.0) AND a.at < to_timestamp((i.ms + %(epoch)s + %(span)s) / 1000.0)
UNION ALL
SELECT i.page_id, i.place, 'like' FROM item i
JOIN posts_like l ON l.post_id = i.post_id AND l.person_id = i.viewer_id
WHERE l.id >> 22 BETWEEN i.ms AND i.ms + %(span)s
UNION ALL
SELECT i.page_id, i.place, 'share' FROM item i
JOIN posts_save l ON l.post_id = i.post_id AND l.person_id = i.viewer_id
WHERE l.id >> 22 BETWEEN i.ms AND i.ms + %(span)s
UNION ALL
SELECT i.page_id, i.place, 'comment' FROM item i
JOIN posts_comment c ON c.author_id = i.viewer_id AND c.post_id = i.post_id
WHERE c.id >> 22 BETWEEN i.ms AND i.ms + %(span)s
UNION ALL
SELECT i.page_id, i.place, 'follow' FROM item i
JOIN feeds_gainedfollow g ON g.post_id = i.post_id AND g.follower_id = i.viewer_id
WHERE g.followed_at >= to_timestamp((i.ms + %(epoch)s) / 1000.0)
  AND g.followed_at < to_timestamp((i.ms + %(epoch)s + %(span)s) / 1000.0)
UNION ALL
SELECT i.page_id, i.place, 'see_less' FROM item i
JOIN feeds_notinterested n ON n.viewer_id = i.viewer_id AND n.post_id = i.post_id
WHERE n.said_at >= to_timestamp((i.ms + %(epoch)s) / 1000.0)
  AND n.said_at < to_timestamp((i.ms + %(epoch)s + %(span)s) / 1000.0)
UNION ALL
SELECT i.page_id, i.place, 'long_view' FROM item i
JOIN feeds_watch w ON w.page_id = i.page_id AND w.position = i.place
JOIN posts_post p ON p.id = i.post_id JOIN media_clip c ON c.id = p.clip_id
WHERE {LONG_VIEW}"""  # noqa: S608 - our own words

_STEP = {step: column for column, step in enumerate(STEPS)}


@dataclass(frozen=True, eq=False)
class Impressions:
    """What `ranking.training.Log` is made of, without scikit-learn."""

    features: Floats
    topics: npt.NDArray[np.uint64]
    position: Floats
    page: Ints
    scroll: Ints
    viewer: Ints
    post: Ints
    acted: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.page)


def read(*, until: datetime, since: datetime, at_most: int) -> Impressions:
    """The newest impressions of For You that are a day old at `until`, in the order of time, at most so many.

    Shown again to the same viewer within the horizon, a post is one impression: the last.
    """
    parts: list[Impressions] = []
    for part in _batches(page_id_at(until - HORIZON), page_id_at(since)):
        parts.append(part)
        if sum(map(len, parts)) >= at_most:
            break
    if not parts:
        return _impressions([])
    whole = Impressions(
        *(
            np.concatenate([getattr(part, name) for part in reversed(parts)])[-at_most:]
            for name in Impressions.__dataclass_fields__
        )
    )
    kept = _not_shown_again(whole)
    return Impressions(*(getattr(whole, name)[kept] for name in Impressions.__dataclass_fields__))


def _batches(before: int, from_id: int) -> Iterator[Impressions]:
    """Some pages at a time, the newest first; inside of each the oldest first."""
    ranked = ServedPage.objects.filter(feed="for_you", layout=LAYOUT, features__isnull=False, pk__gte=from_id)
    columns = ("pk", "viewer_id", "first_rank", "snapshot_id", "post_ids", "features")
    while True:
        rows = list(ranked.filter(pk__lt=before).order_by("-pk").values_list(*columns)[:PAGES_AT_ONCE])
        if not rows:
            return
        before = rows[-1][0]
        whole = [row for row in rows[::-1] if len(row[5]) == len(row[4]) * RECORD.itemsize]
        yield _impressions(whole)


def _impressions(rows: Sequence[tuple[int, int, int, int, list[int], Any]]) -> Impressions:
    sizes = np.array([len(post_ids) for *_, post_ids, _ in rows], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    features, topics = unpacked(b"".join([bytes(packed) for *_, packed in rows]))
    pages, viewers, ranks, scrolls = (np.array([row[place] for row in rows], np.int64) for place in range(4))
    place = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
    return Impressions(
        features=features.reshape(-1, len(FEATURES)),
        topics=topics,
        position=(np.repeat(ranks, sizes) + place).astype(np.float32),
        page=np.repeat(pages, sizes),
        scroll=np.repeat(scrolls, sizes),
        viewer=np.repeat(viewers, sizes),
        post=np.array([post_id for *_, post_ids, _ in rows for post_id in post_ids], np.int64),
        acted=_acted(pages, starts),
    )


def _acted(pages: Ints, starts: Ints) -> npt.NDArray[np.bool_]:
    acted = np.zeros((int(starts[-1]), len(STEPS)), np.bool_)
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOWED, {"pages": pages.tolist(), "epoch": IDS_SINCE, "span": HORIZON_MS})
        found = cursor.fetchall()
    begins = dict(zip(pages.tolist(), starts.tolist(), strict=False))
    for page_id, place, step in found:
        acted[begins[page_id] + place, _STEP[step]] = True
    # each act is put down once: who submits again opened earlier, and is no contradiction
    for step, before in LAST_FIRST:
        acted[:, _STEP[before]] |= acted[:, _STEP[step]]
    return acted


def _not_shown_again(shown: Impressions) -> npt.NDArray[np.intp]:
    order = np.lexsort((shown.page, shown.post, shown.viewer))
    same = (np.diff(shown.viewer[order]) == 0) & (np.diff(shown.post[order]) == 0)
    soon = np.diff(shown.page[order] >> 21) < HORIZON_MS
    kept = np.ones(len(order), np.bool_)
    kept[:-1] = ~(same & soon)
    return np.sort(order[kept])
