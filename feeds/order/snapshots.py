"""The ranked orders that people scroll through: made once, kept in Redis, cut into pages (`cutting`).

An owner is a viewer under their mark (`ranked`), or a name where the order is the same for everybody (`shared`).

A cursor names the snapshot, the place in it, and the moment the scroll began; it never grows. When Redis has lost the
snapshot it is made again without what was served since that moment: nothing repeats, only time is lost. The one
exception: what another process served in the last quarter of a second is not in the log yet (`logbook`), and a snapshot
lost in that very moment may bring it once more.
"""

from collections.abc import Sequence
from typing import Any, cast

import orjson
import redis
import structlog
from django.conf import settings

from feeds.order.places import Facts, Place
from sora_social.core import bus

log = structlog.get_logger(__name__)

CHUNK = 20
SNAPSHOTS_AT_MOST = 3  # of one viewer: Redis is also the broker, and must not fill with orders that nobody scrolls


def _key(owner: str, snapshot_id: int) -> str:
    return f"feed:{owner}:{snapshot_id}"


def _live_key(owner: str) -> str:
    """The list of an owner's snapshots, the newest first."""
    return f"feed:{owner}:live"


def keep(
    owner: str, snapshot_id: int, facts: Facts, places: Sequence[Place], *, at_most: int = SNAPSHOTS_AT_MOST
) -> None:
    """Keep an order for the scroll, among the newest `at_most` of its owner. If that fails, the next page makes one."""
    chunks: dict[Any, Any] = {
        "facts": orjson.dumps([facts.model, facts.candidate_set_hash, facts.length, facts.steering, facts.layout])
    }
    for start in range(0, len(places), CHUNK):
        part = places[start : start + CHUNK]
        chunks[str(start // CHUNK)] = orjson.dumps([[p.post_id, p.score, p.propensity, p.why, p.slot] for p in part])
        if facts.layout:  # as they are: to make JSON of them and read it again is dear
            chunks[f"features {start // CHUNK}"] = b"".join([p.features for p in part])
    key, live = _key(owner, snapshot_id), _live_key(owner)
    try:
        with bus.client().pipeline(transaction=True) as pipe:
            pipe.hset(key, mapping=chunks)
            pipe.expire(key, settings.FEED_SNAPSHOT_SECONDS)
            pipe.lpush(live, key)
            pipe.lrange(live, at_most, -1)
            pipe.ltrim(live, 0, at_most - 1)
            pipe.expire(live, settings.FEED_SNAPSHOT_SECONDS)
            surplus = pipe.execute()[3]
        if surplus:
            bus.client().delete(*surplus)
    except redis.RedisError as error:
        log.warning("snapshot_not_kept", error=str(error))


def places_from(owner: str, snapshot_id: int, offset: int, count: int) -> tuple[Facts, list[Place]] | None:
    """`count` places from `offset` on, in one round trip; None when the snapshot is gone."""
    first, last = offset // CHUNK, (offset + count - 1) // CHUNK
    fields = ["facts", *(f"{kind}{chunk}" for chunk in range(first, last + 1) for kind in ("", "features "))]
    try:
        found = bus.client().hmget(_key(owner, snapshot_id), fields)
    except redis.RedisError as error:
        log.warning("snapshot_not_read", error=str(error))
        return None
    if found[0] is None:
        return None
    places: list[Place] = []
    begins = range(first * CHUNK, last * CHUNK + 1, CHUNK)
    for begin, chunk, features in zip(begins, found[1::2], found[2::2], strict=True):
        if chunk is None:
            break
        rows, packed = orjson.loads(chunk), cast(bytes, features or b"")
        size = len(packed) // len(rows)
        for k in range(max(0, offset - begin), min(len(rows), offset + count - begin)):
            post_id, score, propensity, why, slot = rows[k]
            places.append(Place(post_id, score, propensity, why, slot, packed[k * size : (k + 1) * size]))
    return Facts(*orjson.loads(found[0])), places
