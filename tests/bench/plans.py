"""The plan of every statement that the questions to the largest lineage send, and what each question takes.

`python -m tests.bench.plans 1000 > plans.txt`; the number is the size of the lineages, in thousandths.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg
from psycopg import sql
from psycopg._queries import PostgresQuery
from psycopg.adapt import Transformer

from tests.bench.growth import entered
from tests.bench.lineages import MILLION, Question, build_hit, questions_of
from tests.bench.servers import alone

TIMES = 20


def run(*, thousandths: int = 1_000) -> Iterator[str]:
    hit = build_hit(os.environ["DATABASE_OWNER_URL"], os.environ["REDIS_URL"], scale=thousandths / 1_000)
    from django.test import Client

    from sora_social.accounts import sessions
    from sora_social.accounts.models import User

    with entered(hit.world):
        headers = {"X-Session-Token": sessions.open_session(User.objects.get(pk=hit.lineages.people[0]))}
        client = Client(SERVER_NAME="localhost", headers=headers)
        explained: set[str] = set()
        for question in questions_of(hit, lambda path: json.loads(client.get(path).content)):
            if question.size == MILLION or not question.promised:
                yield from _explained(client, question, explained)


def _explained(client: Any, question: Question, explained: set[str]) -> Iterator[str]:
    for path in question.many[:1] * 7:  # so that what is prepared after some uses is prepared
        client.get(path)
    seconds = []
    for path in (question.many * TIMES)[:TIMES]:
        began = time.perf_counter()
        client.get(path)
        seconds.append(time.perf_counter() - began)
    with _heard() as statements:
        client.get(question.many[-1])
    took = f"{1000 * statistics.median(seconds):.2f} ms in this process"
    yield f"\n{'=' * 100}\n{question.what} ({question.size}): {took}"
    for cursor, query, params in statements:
        text = str(query)
        if text in explained:
            yield f"\n-- as above: {' '.join(text.split())[:110]} …"
            yield from _figures(cursor, text, params, whole=False)
            continue
        explained.add(text)
        yield f"\n-- {text}\n"
        yield from _figures(cursor, text, params, whole=True)


@contextmanager
def _heard() -> Iterator[list[tuple["psycopg.Cursor[Any]", Any, Any]]]:
    """What is sent to PostgreSQL meanwhile, with its parameters."""
    heard: list[tuple[psycopg.Cursor[Any], Any, Any]] = []
    execute = psycopg.Cursor.execute

    def hearing(cursor: Any, query: Any, params: Any = None, **how: Any) -> Any:
        heard.append((cursor, query, params))
        return execute(cursor, query, params, **how)

    with mock.patch.object(psycopg.Cursor, "execute", hearing):
        yield heard


def _figures(cursor: "psycopg.Cursor[Any]", text: str, params: Any, *, whole: bool) -> Iterator[str]:
    if not text.lstrip().upper().startswith(("SELECT", "WITH")):
        return
    connection = cursor.connection
    explain = "EXPLAIN (ANALYZE, BUFFERS, VERBOSE OFF)"
    if isinstance(cursor, psycopg.ClientCursor) or not isinstance(params, Sequence):
        rows = psycopg.ClientCursor(connection).execute(f"{explain} {text}", params).fetchall()
    else:  # as it is kept after five uses: for any values
        asked = PostgresQuery(Transformer(connection))
        asked.convert(text, params)
        values = sql.SQL(", ").join(map(sql.Literal, params)).as_string(connection)
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.execute(b"PREPARE asked AS " + asked.query)
        rows = connection.execute(f"{explain} EXECUTE asked({values})").fetchall()
        connection.execute("DEALLOCATE asked")
        connection.execute("RESET plan_cache_mode")
    lines = [row[0] for row in rows]
    yield from (f"    {line}" for line in (lines if whole else [lines[0], lines[-2], lines[-1]]))


if __name__ == "__main__":
    os.environ.update(NO_RATE_LIMITS="1", NO_SCROLL_LIMITS="1", ALLOWED_HOSTS="*")
    alone(run, "thousandths")
