"""The HTTP edge: JSON in and out, every failure as problem details, request ids, write limits."""

import re
from collections.abc import Callable
from random import getrandbits
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
import redis
import structlog
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware as DjangoAuthentication
from django.contrib.messages.middleware import MessageMiddleware as DjangoMessages
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSession
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware as DjangoFrameOptions
from django.middleware.csrf import CsrfViewMiddleware as DjangoCsrf
from rest_framework import exceptions, parsers, renderers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from sora_social.core import metrics
from sora_social.core.errors import DomainError, TooLarge
from sora_social.core.problems import encode, problem
from sora_social.core.wire import field_errors

if TYPE_CHECKING:  # importing it here would import this module again, through DRF's settings
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)

API_PATHS = ("/v1/", "/media/", "/p/", "/oembed", "/healthz", "/readyz", "/metrics")


class JSONRenderer(renderers.JSONRenderer):
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else encode(data)


class Negotiation(DefaultContentNegotiation):
    """What an Accept header means does not change: the header is read once for all requests that carry the same."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        accept = request.META.get("HTTP_ACCEPT", "*/*")
        key = (accept, *(type(renderer) for renderer in renderers))
        media_type = _accepted.get(key) if len(renderers) == 1 and not format_suffix else None
        if media_type is not None:
            return renderers[0], media_type
        renderer, media_type = super().select_renderer(request, renderers, format_suffix)
        if len(renderers) == 1 and len(accept) <= 200:
            while len(_accepted) >= _ACCEPTED_AT_MOST:
                _accepted.pop(next(iter(_accepted)), None)
            _accepted[key] = media_type
        return renderer, media_type


_ACCEPTED_AT_MOST = 256
_accepted: dict[tuple[Any, ...], str] = {}


class JSONParser(parsers.JSONParser):
    """Strict JSON: UTF-8 without lone surrogates or NUL, no NaN, bounded depth."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            return json_object(raw)
        except ValueError as error:
            raise exceptions.ParseError(str(error), code="invalid_json") from error


def json_object(raw: bytes) -> dict[str, Any]:
    """The strict JSON object that these bytes are. Raises ValueError with a sentence."""
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ValueError("The body must be a JSON object.")  # noqa: TRY004 - the value is what is wrong
    return data


_CODES = {
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "not_authenticated",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "rate_limited",
}


def answer_exception(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Where every failure of a view leaves. An unforeseen one is logged by Django and answered by `server_error`."""
    answer = _answer(error)
    if answer is not None:
        request = context.get("request")
        if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            answer["WWW-Authenticate"] = 'SessionToken realm="sora-social"'
        if isinstance(error, exceptions.MethodNotAllowed) and request is not None:
            answer["Allow"] = ", ".join(context["view"].allowed_methods)
    return answer


def _answer(error: Exception) -> HttpResponse | None:  # noqa: PLR0911 - a table of failures
    match error:
        case DomainError():
            return problem(
                error.status,
                error.code,
                title=error.title,
                detail=error.detail,
                errors=error.errors,
                retry_after=error.retry_after,
            )
        case exceptions.ValidationError():
            return problem(422, "invalid", errors=field_errors(error.detail))
        case exceptions.APIException():
            codes = error.get_codes()
            own = codes if isinstance(codes, str) else error.default_code
            code = own if own in _KEPT_CODES else _CODES.get(type(error), own)
            wait = getattr(error, "wait", None)
            if isinstance(error, exceptions.Throttled):
                return problem(429, "rate_limited", detail="Too many requests.", retry_after=wait or 1)
            return problem(error.status_code, code, detail=str(error.detail))
        case Http404():
            return problem(404, "not_found")
        case PermissionDenied():
            return problem(403, "forbidden")
        case OperationalError() | InterfaceError() | redis.RedisError():
            log.error("engine_unavailable", error=str(error))
            return problem(503, "unavailable", retry_after=2)
        case _:
            return None


_KEPT_CODES = {"waitlisted", "suspended", "unsupported_country_code", "invalid_json", "birthday_required"}


class WriteThrottle(UserRateThrottle):
    """At most so many writes a minute by one person; reads are not counted here."""

    scope = "write"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return True
        return bool(super().allow_request(request, view))


GetResponse = Callable[[HttpRequest], HttpResponseBase]
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id that its logs and its answer carry; count it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        offered = request.headers.get("X-Request-Id", "")
        request_id = offered if _REQUEST_ID.fullmatch(offered) else f"{getrandbits(128):032x}"
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        if not response.streaming and "Content-Length" not in response:
            response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        if request.path_info.startswith("/v1/") and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        method = request.method if request.method in _METHODS else "other"
        metrics.REQUESTS.labels(method, str(response.status_code)).inc()
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Refusals of plain Django views leave in the same shape as those of the API."""
        return _answer(error) if isinstance(error, DomainError | OperationalError | InterfaceError) else None


SIGN_IN_PATHS = "/_allauth/"
SESSION_TOKEN = re.compile(r"[a-z0-9]{32}")  # as Django makes session keys
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class SignInGuard:
    """What reaches allauth is strict JSON without NUL, and headers that can be looked up: it checks neither itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(SIGN_IN_PATHS):
            refusal = self._refusal(request)
            if refusal is not None:
                return refusal
        return self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        token = request.headers.get("X-Session-Token")
        if token and not SESSION_TOKEN.fullmatch(token):
            return problem(401, "not_authenticated", detail="This is no session token.")
        if not all(value.isprintable() for name, value in request.headers.items() if name.startswith("X-")):
            return problem(400, "bad_request")
        if request.body and request.method not in {"GET", "HEAD"}:
            if _NUL.search(request.body):
                return problem(400, "invalid_json", detail="NUL is no character here.")
            try:
                request._body = orjson.dumps(json_object(request.body))
            except ValueError as error:
                return problem(400, "invalid_json", detail=str(error))
        return None


class BrowserPagesOnly:
    """Mix in before a Django middleware that only pages in a browser need: the API's own paths pass it by."""

    skipped: ClassVar[tuple[str, ...]] = API_PATHS

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(self.skipped):
            return self.get_response(request)  # type: ignore[attr-defined, no-any-return]
        return super().__call__(request)  # type: ignore[misc, no-any-return]

    def process_view(self, request: HttpRequest, *rest: Any) -> Any:
        inherited = getattr(super(), "process_view", None)
        if inherited is None or request.path_info.startswith(self.skipped):
            return None
        return inherited(request, *rest)


class SessionMiddleware(BrowserPagesOnly, DjangoSession):
    pass


class CsrfViewMiddleware(BrowserPagesOnly, DjangoCsrf):
    pass


class AuthenticationMiddleware(BrowserPagesOnly, DjangoAuthentication):
    pass


class MessageMiddleware(BrowserPagesOnly, DjangoMessages):
    pass


class XFrameOptionsMiddleware(BrowserPagesOnly, DjangoFrameOptions):
    pass
