"""What the access tests share: the operations of the OpenAPI document, and requests that go through."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from drf_spectacular.generators import SchemaGenerator

from sora_social.accounts.models import User
from tests import cast
from tests.access.table import TABLE

SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = sorted((verb.upper(), path) for path, verbs in SCHEMA["paths"].items() for verb in verbs)
# what a request may leave behind without changing anything for anybody
NOISE = {"django_session", "feeds_servedpage", "moderation_auditentry"}


def fingerprint() -> dict[str, tuple[int, str]]:
    """Every row of every table, in a few bytes."""
    query = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM \"{table}\" t"  # noqa: S608
        for table in _tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {table: (count, digest) for table, count, digest in cursor.fetchall()}


def _tables() -> Iterator[str]:
    return (model._meta.db_table for model in apps.get_models() if model._meta.db_table not in NOISE)


def client_for(api: Any, who: User | str | None) -> Any:
    client = api(who if not isinstance(who, str) else None)
    if isinstance(who, str):
        client.credentials(HTTP_X_SESSION_TOKEN=who)
    return client


def url_of(verb: str, path: str, things: Mapping[str, Any]) -> str:
    """The address of an operation on the things of the scene."""
    row = TABLE[verb, path]
    return path.format(**{**things, **{name: value.format(**things) for name, value in row.path.items()}})


def body_of(verb: str, path: str, things: Mapping[str, Any]) -> Any:
    return filled(TABLE[verb, path].body, things)


def query_of(query: Mapping[str, Any]) -> str:
    return "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""


def filled(value: Any, things: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return value.format(**things)
    if isinstance(value, Mapping):
        return {name: filled(inner, things) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, things) for inner in value]
    return value


def send(client: Any, verb: str, path: str, things: Mapping[str, Any], body: Any = None, **headers: str) -> Any:
    """The request of the operation's row, with another body if one is given."""
    words = body_of(verb, path, things) if body is None else body
    url = url_of(verb, path, things) + query_of(filled(TABLE[verb, path].query, things))
    if TABLE[verb, path].upload:
        words = {"file": SimpleUploadedFile("rex.jpg", cast.portrait()), **(body or {})}
        return client.post(url, words, format="multipart", **headers)
    return _read(client.generic(verb, url, cast.as_json(words), "application/json", **headers))


def _read(answer: Any) -> Any:
    """An answer to its end, also one that is streamed."""
    if answer.streaming:
        body = cast.whole(answer)
        answer.json = lambda: json.loads(body)
    return answer
