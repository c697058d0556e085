"""Is this process alive, and can it do its work? Both outside `/v1`, without an account."""

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from sora_social.core import bus
from sora_social.core.problems import encode, json_bytes


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return json_bytes(encode({"status": "ok"}))


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when PostgreSQL takes writes and Redis answers, else 503 with the part that does not."""
    parts = {"postgresql": _postgresql_ready(), "redis": _redis_ready()}
    ready = all(parts.values())
    return json_bytes(encode({"status": "ok" if ready else "unavailable", **parts}), status=200 if ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _postgresql_ready() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT pg_is_in_recovery()")
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        return False


def _redis_ready() -> bool:
    try:
        return bool(bus.client().ping())
    except redis.RedisError:
        return False
