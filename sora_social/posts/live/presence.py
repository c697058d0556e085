"""How many watch a room, over all processes: a hash per room in Redis, with a field per process that grows old.

A process that dies leaves its field behind; after a while nobody counts it, and the hash expires.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import redis.asyncio

FIELD_SECONDS = 25  # a field that was not refreshed for so long counts no more
KEY_SECONDS = 45


def _key(post_id: int) -> str:
    return f"live:viewers:{post_id}"


async def exchange(
    client: "redis.asyncio.Redis",
    process: str,
    *,
    mine: Mapping[int, int],
    left: Iterable[int] = (),
    ask: Iterable[int] = (),
) -> dict[int, int]:
    """Write how many watch here (`mine`), take back rooms that nobody here watches, and count the others' for `ask`."""
    asked, now = list(ask), int(time.time())
    pipeline: Any = client.pipeline(transaction=False)
    for post_id, count in mine.items():
        pipeline.hset(_key(post_id), process, f"{count} {now + FIELD_SECONDS}")
        pipeline.expire(_key(post_id), KEY_SECONDS)
    for post_id in left:
        pipeline.hdel(_key(post_id), process)
    for post_id in asked:
        pipeline.hgetall(_key(post_id))
    answers = await pipeline.execute()
    found = answers[len(answers) - len(asked) :] if asked else []
    return {post_id: _elsewhere(fields, process, now) for post_id, fields in zip(asked, found, strict=True)}


def _elsewhere(fields: Mapping[bytes, bytes], process: str, now: int) -> int:
    total = 0
    for name, value in fields.items():
        count, until = value.split()
        if name.decode() != process and int(until) >= now:
            total += int(count)
    return total
