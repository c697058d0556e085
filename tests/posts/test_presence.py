"""The number of viewers over all processes."""

import asyncio
import time

from sora_social.core import bus
from sora_social.posts.live import presence


def exchange(process, **words):
    async def once():
        client = bus.async_client()
        try:
            return await presence.exchange(client, process, **words)
        finally:
            await client.aclose()

    return asyncio.run(once())


def test_each_process_counts_the_others():
    exchange("one", mine={7: 2})
    exchange("two", mine={7: 3, 8: 1})
    assert exchange("one", mine={}, ask=[7, 8]) == {7: 2 + 1, 8: 1}


def test_a_process_that_died_is_soon_not_counted_and_its_key_goes():
    exchange("one", mine={7: 2})
    bus.client().hset("live:viewers:7", "dead", f"5 {int(time.time()) - 1}")
    assert exchange("two", mine={}, ask=[7]) == {7: 2}
    assert 0 < bus.client().ttl("live:viewers:7") <= 60


def test_a_room_that_nobody_watches_leaves_no_key():
    exchange("one", mine={7: 2})
    exchange("one", mine={}, left=[7])
    assert bus.client().keys("live:*") == []
