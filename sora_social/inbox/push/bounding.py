"""One person wakes another's devices so many times an hour, whatever they do; the rest lies in the mailbox, silently.

The count is in Redis, by pairs, for an hour. Emptied or away, more may be sent than that, and nothing else changes.
"""

import redis
import structlog
from django.conf import settings
from django.utils import timezone

from sora_social.core import bus
from sora_social.core.moments import milliseconds

log = structlog.get_logger(__name__)

WINDOW_MS = 3_600_000
_COUNT = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2] - ARGV[3])
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1"""


def may_wake(actor_id: int, person_id: int, thing: str) -> bool:
    """Whether `actor_id` may wake `person_id` for this thing: counted once, on however many devices, however often it
    is tried again."""
    words = (thing, milliseconds(timezone.now()), WINDOW_MS, settings.PUSHES_BY_ONE_PER_HOUR)
    try:
        return bool(bus.client().eval(_COUNT, 1, f"pushed:{person_id}:{actor_id}", *words))
    except redis.RedisError as error:
        log.warning("pushes_not_counted", error=str(error))
        return True
