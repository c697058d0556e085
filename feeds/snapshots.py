"""The ranked order that a viewer scrolls through: made once, kept in Redis, cut into pages.

A cursor names the snapshot, the place in it, and the moment the scroll began; it never grows. When Redis has lost the
snapshot it is made again without what was served since that moment: nothing repeats, only time is lost. The one
exception: what another process served in the last quarter of a second is not in the log yet (`logbook`), and a snapshot
lost in that very moment may bring it once more.
"""

from collections.abc import Sequence
from typing import Any

import orjson
import redis
import structlog
from django.conf import settings

from feeds.page import Facts, Place
from sora_social.accounts.models import User
from sora_social.core import bus

log = structlog.get_logger(__name__)

CHUNK = 20
SNAPSHOTS_AT_MOST = 3  # of one viewer: Redis is also the broker, and must not fill with orders that nobody scrolls


def _key(viewer: User, snapshot_id: int) -> str:
    """Under the viewer's mark: an order made by rules and switches that they changed since is found no more."""
    return f"feed:{viewer.pk}:{viewer.feed_mark}-{snapshot_id}"


def _live_key(viewer_id: int) -> str:
    """The list of a viewer's snapshots, the newest first."""
    return f"feed:{viewer_id}:live"


def keep(viewer: User, snapshot_id: int, facts: Facts, places: Sequence[Place]) -> None:
    """Keep an order for the scroll; when that fails, the next page makes its own."""
    chunks: dict[Any, Any] = {
        str(start // CHUNK): orjson.dumps([[p.post_id, p.score, p.propensity, p.why] for p in places[start:][:CHUNK]])
        for start in range(0, len(places), CHUNK)
    }
    chunks["facts"] = orjson.dumps([facts.model, facts.candidate_set_hash, facts.length, facts.steering])
    key, live = _key(viewer, snapshot_id), _live_key(viewer.pk)
    try:
        with bus.client().pipeline(transaction=True) as pipe:
            pipe.hset(key, mapping=chunks)
            pipe.expire(key, settings.FEED_SNAPSHOT_SECONDS)
            pipe.lpush(live, key)
            pipe.lrange(live, SNAPSHOTS_AT_MOST, -1)
            pipe.ltrim(live, 0, SNAPSHOTS_AT_MOST - 1)
            pipe.expire(live, settings.FEED_SNAPSHOT_SECONDS)
            surplus = pipe.execute()[3]
        if surplus:
            bus.client().delete(*surplus)
    except redis.RedisError as error:
        log.warning("snapshot_not_kept", error=str(error))


def places_from(viewer: User, snapshot_id: int, offset: int, count: int) -> tuple[Facts, list[Place]] | None:
    """`count` places from `offset` on, in one round trip; None when the snapshot is gone."""
    first, last = offset // CHUNK, (offset + count - 1) // CHUNK
    fields = ["facts", *(str(chunk) for chunk in range(first, last + 1))]
    try:
        found = bus.client().hmget(_key(viewer, snapshot_id), fields)
    except redis.RedisError as error:
        log.warning("snapshot_not_read", error=str(error))
        return None
    if found[0] is None:
        return None
    rows = [row for chunk in found[1:] if chunk is not None for row in orjson.loads(chunk)]
    start = offset - first * CHUNK
    return Facts(*orjson.loads(found[0])), [Place(*row) for row in rows[start : start + count]]
