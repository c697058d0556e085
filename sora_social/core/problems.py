"""JSON answers, and the one shape of every failure: problem details (RFC 9457)."""

from typing import Any

import orjson
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

PROBLEM = "application/problem+json"
_TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "This path does not take that verb",
    406: "Only JSON is served here",
    409: "Not possible in the present state",
    413: "The request is too large",
    415: "This media type is not read here",
    422: "Some fields are not right",
    429: "A limit is reached",
    500: "Something broke on our side",
    503: "Try again in a moment",
}


def encode(data: Any) -> bytes:
    """JSON bytes. Times as RFC 3339 UTC."""
    return orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    return str(value)


def json_bytes(body: bytes, *, status: int = 200) -> HttpResponse:
    """Answer with JSON that is already encoded."""
    return HttpResponse(body, status=status, content_type="application/json")


def problem(
    status_code: int,
    code: str,
    *,
    detail: str = "",
    title: str = "",
    errors: Any = None,
    retry_after: float | None = None,
) -> HttpResponse:
    """A problem details answer (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"{settings.PUBLIC_URL}/v1/docs#problem-{code}",
        "title": title or _TITLES.get(status_code, "The request cannot be carried out"),
        "status": status_code,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = errors
    if retry_after is not None:
        body["retry_after"] = max(1, round(retry_after))
    body["request_id"] = structlog.contextvars.get_contextvars().get("request_id", "")
    answer = HttpResponse(encode(body), status=status_code, content_type=PROBLEM)
    if retry_after is not None:
        answer["Retry-After"] = str(max(1, round(retry_after)))
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_large = type(exception).__name__ in {"RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent"}
    return problem(413, "too_large") if too_large else problem(400, "bad_request")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(403, "forbidden")


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(404, "not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(500, "server_error")
