"""The impression log: pages are handed over, and written in batches by a thread of this process.

A page of a feed does not wait for its log. What a killed process had not written yet (at most a quarter of a second)
is lost to the ranker, and to nobody else.
"""

import atexit
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
import structlog
from django.db import DatabaseError, connection

from feeds.models import ServedPage
from sora_social.core.prepared import prepared_rows

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.25
_waiting: "queue.SimpleQueue[Served]" = queue.SimpleQueue()
_writer: threading.Thread | None = None
_start = threading.Lock()
_write = threading.Lock()


@dataclass(frozen=True, slots=True)
class Served:
    """A page as it was served, in the columns of `ServedPage`."""

    id: int
    viewer_id: int
    feed: str
    snapshot_id: int
    candidate_set_hash: int
    model: str
    arm: str
    steering: Mapping[str, Any] | None
    nudge_state: Mapping[str, Any] | None
    first_rank: int
    post_ids: Sequence[int]
    scores: Sequence[float]
    propensities: Sequence[float]
    slots: Sequence[int]
    reasons: Sequence[str]
    features: bytes | None
    layout: str


def record(page: Served) -> None:
    """Hand over one served page."""
    global _writer  # noqa: PLW0603 - one writer per process
    _waiting.put(page)
    if _writer is None or not _writer.is_alive():
        with _start:
            if _writer is None or not _writer.is_alive():
                _writer = threading.Thread(target=_keep_writing, name="impressions", daemon=True)
                _writer.start()


def flush() -> int:
    """Write what is waiting, now. Returns how many pages."""
    with _write:
        pages: list[Served] = []
        while not _waiting.empty():
            pages.append(_waiting.get())
        if pages:
            _store(pages)
        return len(pages)


@cache
def _insert() -> str:
    """All pages of a batch are one parameter, which PostgreSQL takes apart."""
    columns = [field for field in ServedPage._meta.concrete_fields if field.column in Served.__slots__]
    names = ", ".join(str(field.column) for field in columns)
    types = ", ".join(f"{field.column} {field.db_type(connection)}" for field in columns)
    return f"""
        WITH written AS (
            INSERT INTO feeds_servedpage ({names}, counted)
            SELECT {names}, false FROM jsonb_to_recordset(%s::jsonb) AS page({types})
            ON CONFLICT DO NOTHING RETURNING 1)
        SELECT count(*) FROM written"""  # noqa: S608 - our own names


def _store(pages: Sequence[Served]) -> None:
    prepared_rows(_insert(), [orjson.dumps(pages, default=_hexadecimal).decode()])


def _hexadecimal(value: Any) -> str:
    """Bytes as PostgreSQL writes them."""
    if not isinstance(value, bytes):
        raise TypeError(type(value).__name__)
    return f"\\x{value.hex()}"


def _keep_writing() -> None:
    while True:
        time.sleep(FLUSH_SECONDS)
        try:
            flush()
        except DatabaseError:  # impressions of this batch are lost; the service goes on
            log.exception("impressions_not_written")
            connection.close()


@atexit.register
def _last_flush() -> None:
    if not _waiting.empty():
        try:
            flush()
        except DatabaseError:
            log.exception("impressions_not_written")
