"""The impression log: pages are handed over, and written in batches by a thread of this process.

A page of a feed does not wait for its log. What a killed process had not written yet (at most a quarter of a second)
is lost to the ranker, and to nobody else.
"""

import atexit
import queue
import threading
import time
from collections.abc import Sequence

import structlog
from django.db import DatabaseError, connection

from feeds.models import ServedPage

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.25
_waiting: "queue.SimpleQueue[ServedPage]" = queue.SimpleQueue()
_writer: threading.Thread | None = None
_start = threading.Lock()
_write = threading.Lock()


def record(page: ServedPage) -> None:
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
        pages: list[ServedPage] = []
        while not _waiting.empty():
            pages.append(_waiting.get())
        if pages:
            _store(pages)
        return len(pages)


_COLUMNS = tuple(field for field in ServedPage._meta.concrete_fields if field.name != "served_at")
_INSERT = "INSERT INTO feeds_servedpage ({}) VALUES ({}) ON CONFLICT DO NOTHING".format(  # noqa: S608 - our own names
    ", ".join(str(field.column) for field in _COLUMNS), ", ".join(["%s"] * len(_COLUMNS))
)


def _store(pages: Sequence[ServedPage]) -> None:
    rows = [[field.get_db_prep_save(getattr(page, field.attname), connection) for field in _COLUMNS] for page in pages]
    with connection.cursor() as cursor:  # one statement, sent once and executed for each page in one round trip
        cursor.executemany(_INSERT, rows)


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
