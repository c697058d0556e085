"""S10: bad input never gives 5xx; what is refused is refused with problem details."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

import hypothesis
import jsonschema
import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from rest_framework.response import Response
from schemathesis import GenerationMode
from schemathesis.checks import Failure, FailureGroup, not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from sora_social.core.http import JSONParser
from tests import cast
from tests.access.scene import OPERATIONS, SCHEMA, body_of, client_for, url_of
from tests.access.table import TABLE

PROBLEM = {**SCHEMA["components"]["schemas"]["Problem"], "additionalProperties": False}
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
EXAMPLES = 3

WRITES = [place for place in OPERATIONS if TABLE[place].body is not None]
UNICODE = [
    "🦄" * 40,
    "\u202egnirts desrever\u202c",
    "e\u0301\u200d\ufeff",
    "ﷺ" * 300,
    "\x7f\x1b[2J",
    "\n\r\t",
    "\u2028",
]


def faults(answer: Any, what: Any, *expected: int) -> Iterator[str]:
    """What is wrong with an answer: a 5xx, a refusal that is no problem details, another status than expected."""
    said = f"{what!r:.200} → {answer.status_code}"
    if answer.status_code >= 500:
        error = getattr(answer, "exc_info", None)
        yield f"{said} {error[1]!r:.300}" if error else said
    elif answer.status_code >= 400 and answer.request.get("REQUEST_METHOD") != "HEAD":
        if answer.get("Content-Type") != "application/problem+json":
            yield f"{said} {answer.get('Content-Type')}"
            return
        problem = answer.json()
        for error in jsonschema.Draft202012Validator(PROBLEM).iter_errors(problem):
            yield f"{said} {error.message}"
        if problem["status"] != answer.status_code or not problem["request_id"]:
            yield f"{said} {problem}"
    if expected and answer.status_code not in expected:
        yield f"{said}, not {expected}"


class Attempts:
    """Sends what it is told, keeps what went wrong, and takes back what was done."""

    def __init__(self, client: Any) -> None:
        self.client = client
        client.raise_request_exception = False
        self.wrong: list[str] = []

    def request(
        self,
        verb: str,
        url: str,
        body: bytes = b"",
        *expected: int,
        content_type: str = "application/json",
        **headers: str,
    ) -> None:
        before = transaction.savepoint()
        try:
            answer = self.client.generic(verb, url, body, content_type, **headers)
            self.wrong += faults(answer, (verb, url, body, headers), *expected)
        finally:
            transaction.savepoint_rollback(before)


@pytest.fixture
def attempts(scene, api):
    roles, things = scene
    return Attempts(client_for(api, roles["owner"])), things


# every operation, by the document


@pytest.fixture
def _connections_stay_open():
    """As Django's own test client has it: the end of a request must not close the test's transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_connections_stay_open")
def test_s10_the_whole_document_is_tried_with_made_up_input(scene):
    roles, things = scene
    token = cast.session_token(roles["owner"])
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", get_wsgi_application())
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        tried.add((operation.method.upper(), operation.path))
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _try(operation, mode, things, token)
    assert tried == set(OPERATIONS)


@pytest.mark.usefixtures("_connections_stay_open")
@pytest.mark.parametrize("fault", ["breaks", "leaks"])
def test_s10_mutant_views_that_break_or_say_too_much_are_noticed(fault, scene, monkeypatch):
    roles, things = scene
    answer = Response({"items": [{"code": "x"}]}) if fault == "leaks" else None

    def why(*_: Any) -> Any:
        if answer is None:
            raise KeyError("a fault")
        return answer

    monkeypatch.setattr("feeds.views.WhyView.get", why)
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", get_wsgi_application())
    operations = [found.ok() for found in schema.get_all_operations()]
    (operation,) = [operation for operation in operations if operation.path.endswith("/why")]
    with pytest.raises((FailureGroup, Failure, ExceptionGroup, KeyError)):
        _try(operation, GenerationMode.POSITIVE, things, cast.session_token(roles["owner"]))


def _try(operation: Any, mode: GenerationMode, things: Any, token: str) -> None:
    strategy = operation.as_strategy(generation_mode=mode)

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=strategy)
    def attempt(case: Any) -> None:
        if mode == GenerationMode.POSITIVE:  # where there is something
            case.path_parameters = {name: str(things.get(name, "2026-11")) for name in case.path_parameters or {}}
        before = transaction.savepoint()
        try:
            answer = case.call(headers={"X-Session-Token": token})
            case.validate_response(answer, checks=CHECKS)
        finally:
            transaction.savepoint_rollback(before)

    try:
        attempt()
    except hypothesis.errors.Unsatisfiable:
        assert mode == GenerationMode.NEGATIVE


# every operation, by hand

RAW = [
    (b"", (400, 415, 422)),
    (b"null", (400,)),
    (b"[]", (400,)),
    (b"[{}]", (400,)),
    (b'"words"', (400,)),
    (b"1e400", (400,)),
    (b"{", (400,)),
    (b"{}{}", (400,)),
    (b"\xff\xfe{}", (400,)),
    (b"\xef\xbb\xbf{}", (400,)),
    (b'{"a": NaN}', (400,)),
    (b'{"a": -Infinity}', (400,)),
    (b'{"a": 1e400}', (400, 422)),
    (b'{"a": "\\ud800"}', (400,)),
    (b'{"\\udfff": 1}', (400,)),
    (b'{"a": "\xed\xa0\x80"}', (400,)),
    (b'{"\\u0000": "\\u0000"}', (422,)),
    (b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", (400,)),
    (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, (400,)),
    (b'{"a": ' + b"9" * 100_000 + b"}", (400, 422)),
    (b'{"a": "' + b"a" * 300_000 + b'"}', (413,)),
]


@pytest.mark.parametrize(("verb", "path"), WRITES, ids=lambda part: part)
def test_s10_bodies_that_are_not_what_they_should_be(verb, path, attempts):
    trying, things = attempts
    url = url_of(verb, path, things)
    must_have_one = SCHEMA["paths"][path][verb.lower()]["requestBody"].get("required", False)
    for body, expected in RAW:
        trying.request(verb, url, body, *(expected if body or must_have_one else ()))
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "é"):
        trying.request(verb, url, b'{"caption": "x"}', 415, content_type=content_type)
    trying.request(
        verb, url, json.dumps(body_of(verb, path, things)).encode(), content_type="application/json; charset=é"
    )
    for place, (name, fields) in enumerate(_fields(verb, path)):
        for value in islice(_hostile(fields), place % 2, None, 2):  # each value for every other field
            words = {**body_of(verb, path, things), name: value}
            trying.request(verb, url, json.dumps(words).encode())
        twice = json.dumps({name: "b"}).encode()
        trying.request(verb, url, twice[:-1] + b"," + twice[1:])
    assert trying.wrong == []


def _fields(verb: str, path: str) -> Iterable[tuple[str, Any]]:
    content = SCHEMA["paths"][path][verb.lower()]["requestBody"]["content"]["application/json"]["schema"]
    return SCHEMA["components"]["schemas"][content["$ref"].rpartition("/")[2]]["properties"].items()


def _hostile(field: Any) -> Iterator[Any]:
    yield from (2**31, 2**63 - 1, 2**63, 2**64, 10**400, -1, -(2**63), 0.5, 1e308, -0.0)
    yield from ("", " ", "\0", "a\0b", "9" * 5000, "-1", "1e400", "NaN", "null", "0" * 40, "²", "٣", *UNICODE)
    yield from ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-02-30", "10000-01-01T00:00:00Z")
    yield from (None, True, [], {}, [[]], [None], [""], [{}], [{"a": 1}], {"a": {}}, ["a"] * 1000)
    if field.get("type") == "array" and "$ref" in field.get("items", {}):
        inner = SCHEMA["components"]["schemas"][field["items"]["$ref"].rpartition("/")[2]].get("properties", ())
        for name in inner:
            for value in (None, "\0", 2**63, -1, [], {}, "9" * 30, "🦄", True, 1e308):
                yield [{name: value}]
                yield [{**dict.fromkeys(inner, "1"), name: value}]


SEGMENTS = [
    "%00",
    "a%00b",
    "%ff",
    "%ed%a0%80",
    "9" * 19,
    str(2**63),
    str(2**63 - 1),
    "-1",
    "0",
    "1e400",
    "..",
    "%2e%2e%2f",
]
SEGMENTS += ["a" * 5000, "%2f", "%3f", "null", "+", "%20", *map(quote, UNICODE)]


def test_s10_paths_that_lead_nowhere(attempts):
    trying, things = attempts
    for verb, path in OPERATIONS:
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            for segment in SEGMENTS:
                url = path.format(**{**things, name: segment})
                trying.request(verb, url, cast.as_json(body_of(verb, path, things)).encode())
    for segment in SEGMENTS:
        for url in (f"/v1/{segment}", f"/media/p/1/{segment}/video.mp4", f"/media/p/1/1.1.a/{segment}", f"/{segment}"):
            trying.request("GET", url)
    assert trying.wrong == []


def test_s10_queries_that_mean_nothing(attempts):
    trying, things = attempts
    values = ["%00", "%ff", "%ed%a0%80", "", "0", "-1", "101", "9" * 400, "1e400", "NaN", "null", "[]", "a" * 5000]
    values += [*map(quote, UNICODE), "AAAA", "A" * 200, "%C2%B2"]
    for verb, path in OPERATIONS:
        names = [p["name"] for p in SCHEMA["paths"][path][verb.lower()].get("parameters", []) if p["in"] == "query"]
        for place, name in enumerate(names):
            for value in values[place % 2 :: 2]:
                trying.request(verb, f"{url_of(verb, path, things)}?{name}={value}")
            trying.request(verb, f"{url_of(verb, path, things)}?{name}=1&{name}=2&{name}[]=3")
        trying.request(
            verb,
            f"{url_of(verb, path, things)}?%00=%00&%ff=%ff&=&&",
            cast.as_json(body_of(verb, path, things)).encode(),
        )
    assert trying.wrong == []


def test_s10_headers_that_nobody_sends(attempts, scene):
    trying, things = attempts
    trying.client.credentials()
    garbage = [
        "x",
        "x" * 10_000,
        "\x01\x02\x7f",
        "\0" * 32,
        "é" * 32,
        "a" * 31 + "\0",
        "🦄".encode().decode("latin-1"),
        "'; --",
    ]
    for token in garbage:
        for verb, path in (("GET", "/v1/me"), ("POST", "/v1/generations"), ("GET", "/v1/config")):
            expected = 200 if path == "/v1/config" else 401
            trying.request(verb, path, b"{}", expected, HTTP_X_SESSION_TOKEN=token)
    trying.client.credentials(HTTP_X_SESSION_TOKEN=cast.session_token(scene[0]["owner"]))
    for key in ["", "x" * 256, "x" * 100_000, "\0", "é", "\x7f", "\n"]:
        for verb, path in WRITES:
            if SCHEMA["paths"][path][verb.lower()].get("parameters") and verb == "POST" and _takes_key(verb, path):
                body = json.dumps(body_of(verb, path, things)).encode()
                trying.request(verb, url_of(verb, path, things), body, 422, HTTP_IDEMPOTENCY_KEY=key)
    for header in (
        "HTTP_X_REQUEST_ID",
        "HTTP_ACCEPT_LANGUAGE",
        "HTTP_RANGE",
        "HTTP_IF_NONE_MATCH",
        "HTTP_COOKIE",
        "HTTP_HOST",
    ):
        for value in garbage:
            trying.request("GET", "/v1/me", **{header: value})
    for value in ("text/html", "image/png", "application/xml;q=0.9"):
        for verb, path in OPERATIONS:
            body = cast.as_json(body_of(verb, path, things)).encode()
            trying.request(verb, url_of(verb, path, things), body, 406, HTTP_ACCEPT=value)
    for value in ("*/*", "text/html,*/*;q=0.8", "application/*"):
        trying.request("GET", "/v1/me", b"", 200, HTTP_ACCEPT=value)
    trying.request("GET", "/v1/me", HTTP_ACCEPT="\0/🦄,,;q=x")
    assert trying.wrong == []


def _takes_key(verb: str, path: str) -> bool:
    return any(p["name"] == "Idempotency-Key" for p in SCHEMA["paths"][path][verb.lower()].get("parameters", []))


def test_s10_verbs_that_a_path_does_not_take(attempts):
    trying, things = attempts
    for path in sorted({path for _, path in OPERATIONS}):
        taken = {verb for verb, other in OPERATIONS if other == path}
        url = url_of(min(verb for verb, other in OPERATIONS if other == path), path, things)
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "LINK", "🦄"):
            if verb not in taken and not (verb == "HEAD" and "GET" in taken):
                trying.request(verb, url, b"", 405)
    assert trying.wrong == []


def test_s10_a_verb_that_is_not_taken_says_which_are(ada, api):
    answer = api(ada).delete("/v1/feed")
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]
    assert not {"POST", "PUT", "PATCH", "DELETE"} & set(answer["Allow"].split(", "))


def test_s10_mutant_without_strict_json(attempts, monkeypatch):
    """With a lenient parser a deep body is more than the process can take."""
    monkeypatch.setattr(JSONParser, "parse", lambda self, stream, *_: json.loads(stream.read()))
    trying, _ = attempts
    trying.request("POST", "/v1/generations", b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert trying.wrong


# signing in: allauth's own shapes, and no 5xx

SIGN_IN = [
    ("POST", "auth/signup", {"email": "x@example.org", "username": "xenia", "password": "correct horse battery"}),
    ("POST", "auth/login", {"username": "ada", "password": "wrong"}),
    ("GET", "auth/session", None),
    ("DELETE", "auth/session", None),
    ("POST", "auth/email/verify", {"key": "ABCDEF"}),
    ("GET", "auth/email/verify", None),
    ("POST", "auth/email/verify/resend", {}),
    ("POST", "auth/password/request", {"email": "ada@example.org"}),
    ("GET", "auth/password/reset", None),
    ("POST", "auth/password/reset", {"key": "ABCDEF", "password": "another horse battery"}),
    ("POST", "auth/reauthenticate", {"password": "wrong"}),
    ("POST", "auth/2fa/authenticate", {"code": "000000"}),
    ("GET", "account/email", None),
    ("POST", "account/email", {"email": "new@example.org"}),
    ("PUT", "account/email", {"email": "new@example.org"}),
    ("PATCH", "account/email", {"email": "ada@example.org", "primary": True}),
    ("DELETE", "account/email", {"email": "ada@example.org"}),
    ("POST", "account/password/change", {"current_password": "wrong", "new_password": "another horse battery"}),
    ("GET", "account/authenticators", None),
    ("GET", "account/authenticators/totp", None),
    ("POST", "account/authenticators/totp", {"code": "000000"}),
    ("DELETE", "account/authenticators/totp", None),
    ("GET", "account/authenticators/recovery-codes", None),
    ("GET", "config", None),
]


@pytest.mark.parametrize("signed_in", [True, False])
def test_s10_signing_in_survives_anything(signed_in, ada, api):
    trying = Attempts(api(ada if signed_in else None))
    wrong = []
    for verb, path, body in SIGN_IN:
        for raw, headers in _attacks(body):
            before = transaction.savepoint()
            answer = trying.client.generic(verb, f"/_allauth/app/v1/{path}", raw, "application/json", **headers)
            transaction.savepoint_rollback(before)
            if answer.status_code >= 500:
                wrong.append((verb, path, raw[:80], headers and str(headers)[:80], repr(answer.exc_info[1])[:200]))
    assert wrong == []


def _attacks(body: Any) -> Iterator[tuple[bytes, dict[str, str]]]:
    if body is not None:
        yield from ((raw, {}) for raw, _ in RAW)
        values = (
            "\0",
            "a\0b@example.org",
            "🦄",
            "a" * 10_000,
            2**64,
            1e308,
            -1,
            None,
            [],
            {},
            [[]],
            True,
            "\u202e",
            "@",
            "%00",
        )
        for name in body:
            for value in values:
                yield json.dumps({**body, name: value}).encode(), {}
            yield json.dumps({**body, name: "X"}).replace('"X"', '"\\ud800"').encode(), {}
    for value in ("\0" * 32, "x" * 10_000, "é", "\x7f", "a" * 32):
        yield json.dumps(body or {}).encode(), {"HTTP_X_SESSION_TOKEN": value}
        yield json.dumps(body or {}).encode(), {"HTTP_X_PASSWORD_RESET_KEY": value}
        yield json.dumps(body or {}).encode(), {"HTTP_X_EMAIL_VERIFICATION_KEY": value}
