"""Redis as a bus: short-lived words between processes. Nothing is only here."""

from functools import cache

import redis
import redis.asyncio
import structlog
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = structlog.get_logger(__name__)


@cache
def client() -> "redis.Redis":
    """This process's connection pool. Each call has a time limit."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2.0, socket_connect_timeout=1.0)


def async_client() -> "redis.asyncio.Redis":
    """A connection pool for the event loop that asks for it. Nothing is tried twice: the caller knows what was lost."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
    )


def publish(channel: str, message: bytes) -> None:
    """Tell whoever listens. When nobody can be told, the listener's own look at the database makes up for it."""
    try:
        client().publish(channel, message)
    except redis.RedisError as error:
        log.warning("bus_publish_failed", channel=channel, error=str(error))
