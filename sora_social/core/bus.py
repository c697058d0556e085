"""Redis as a bus: short-lived words between processes. Nothing is only here."""

import re
from functools import cache

import redis
import redis.asyncio
import structlog
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)


_RUN_ID = re.compile(rb"run_id:([0-9a-f]{40})")
_server_run = bytes(8)


@cache
def client() -> "redis.Redis":
    """This process's connection pool.

    Each call has a time limit, and is tried once more at once, for a connection that the server has closed meanwhile.
    Then the caller goes on without.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2.0,
        socket_connect_timeout=1.0,
        retry=Retry(NoBackoff(), 1),
        redis_connect_func=_note_server,
    )


def server_run() -> bytes:
    """Eight bytes that tell one run of the Redis server from the next, and from a replica that took over.

    As of the newest connection: none outlives the server it leads to. What a list must not be older than is written
    into it with this. All zeros where the server does not say.
    """
    return _server_run


def _note_server(connection: "redis.Connection") -> None:
    global _server_run  # noqa: PLW0603 - of this process, as its connections are
    connection.on_connect()  # type: ignore[no-untyped-call]
    connection.send_command("INFO", "server")  # type: ignore[no-untyped-call]
    try:
        found = _RUN_ID.search(bytes(connection.read_response()))
    except redis.ResponseError:  # it may not be asked
        found = None
    _server_run = bytes.fromhex(found[1][:16].decode()) if found else bytes(8)


def async_client() -> "redis.asyncio.Redis":
    """A connection pool for the event loop that asks for it. Nothing is tried twice: the caller knows what was lost."""
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2.0, socket_connect_timeout=1.0, retry=AsyncRetry(NoBackoff(), 0)
    )


def publish(channel: str, message: bytes) -> None:
    """Tell whoever listens. When nobody can be told, the listener's own look at the database makes up for it."""
    try:
        client().publish(channel, message)
    except redis.RedisError as error:
        log.warning("bus_publish_failed", channel=channel, error=str(error))
