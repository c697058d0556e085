"""One request, one effect, however often it is sent.

A POST that spends or publishes may carry `Idempotency-Key`. The first answer is stored in the transaction of its
effect: both are there, or neither. The same key with the same body gets that answer again; with another body, 422.
A repeat that arrives while the first is under way waits for it, at most 5 s, then gets 409.
An answer that shows what may be taken back meanwhile is looked at again before it is repeated (`idempotent_while`).
(Codes after the IETF draft "The Idempotency-Key HTTP Header Field".)
"""

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from psycopg.errors import LockNotAvailable
from rest_framework.request import Request
from rest_framework.response import Response

from sora_social.core.errors import Conflict, Invalid
from sora_social.core.models import KeyedAnswer
from sora_social.core.problems import encode

if TYPE_CHECKING:  # DRF imports this module while it is importing its own views
    from rest_framework.views import APIView

HEADER = "Idempotency-Key"
KEPT = timedelta(days=7)
Answer = Response | HttpResponse
Objection = Callable[[Any, Any], None]


class KeyReused(Invalid):
    """The same key with another body: one of the two is a mistake of the client."""

    code = "idempotency_conflict"
    title = "This key was used for another request"


def idempotent(handler: Callable[..., Response]) -> Callable[..., Answer]:
    """Mark a view's POST as one that a client may repeat safely. Needs a signed-in person."""
    return idempotent_while(lambda request, shown: None)(handler)


def idempotent_while(may_be_shown: Objection) -> Callable[[Callable[..., Response]], Callable[..., Answer]]:
    """The same, with a question asked of the first answer before it is given again: it raises what is said instead."""
    return functools.partial(_repeatable, may_be_shown)


def _repeatable(may_be_shown: Objection, handler: Callable[..., Response]) -> Callable[..., Answer]:

    @functools.wraps(handler)
    def wrapper(view: "APIView", request: Request, **kwargs: Any) -> Answer:
        key = request.headers.get(HEADER)
        if key is None:
            answer = handler(view, request, **kwargs)
            answer["Warning"] = f'299 - "Send {HEADER}: without one a repeated request acts again"'
            return answer
        if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
            raise Invalid.field(HEADER, "1 to 255 printable ASCII characters.")
        with transaction.atomic():
            return _answer_once(key, request, lambda: handler(view, request, **kwargs), may_be_shown)

    wrapper.is_idempotent = True  # type: ignore[attr-defined]
    return wrapper


def _answer_once(key: str, request: Request, act: Callable[[], Response], may_be_shown: Objection) -> Answer:
    route = f"{request.method} {request.path}"[:200]
    body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS)
    fingerprint = hashlib.sha256(body).digest()
    person_id = int(request.user.pk or 0)
    row_id = _claim(person_id, route, key, fingerprint)
    if row_id is None:
        first = KeyedAnswer.objects.get(person_id=person_id, route=route, key=key)
        if bytes(first.fingerprint) != fingerprint:
            raise KeyReused("This key was used for another request.")
        may_be_shown(request, orjson.loads(bytes(first.body or b"null")))
        again = HttpResponse(first.body, status=first.status, content_type="application/json")
        again["Idempotent-Replay"] = "true"
        return again
    answer = act()
    KeyedAnswer.objects.filter(pk=row_id).update(status=answer.status_code, body=encode(answer.data))
    return answer


def _claim(person_id: int, route: str, key: str, fingerprint: bytes) -> int | None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
            cursor.execute(
                """INSERT INTO core_keyedanswer (person_id, route, key, fingerprint) VALUES (%s, %s, %s, %s)
                   ON CONFLICT (person_id, route, key) DO NOTHING RETURNING id""",
                [person_id, route, key, fingerprint],
            )
            row = cursor.fetchone()
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Conflict(
                "The first request with this key is still under way.", code="idempotency_in_progress", retry_after=1
            ) from error
        raise
    return row[0] if row else None


def forget_old_answers() -> None:
    """Forget the keys of last week. May run at any time."""
    KeyedAnswer.objects.filter(created_at__lt=Now() - KEPT).delete()
