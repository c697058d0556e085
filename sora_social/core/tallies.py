"""Counters that can go viral: a change is appended, a folder adds many at once to the column that readers see.

No row of a popular post is ever locked by the people who like it, and no count is lost: folding deletes the changes
and adds their sum in one statement.
"""

from collections import Counter as Counted
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from sora_social.core.models import Tally

_FOLDER_LOCK = 0x7A11_1E5
_COUNTERS: "dict[str, Counter]" = {}
_MIRRORS: "dict[str, list[Counter]]" = {}


@dataclass(frozen=True)
class Counter:
    """A column that holds a count, `table.column`, and the key column of its row."""

    table: str
    column: str
    key: str = "id"

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    def add(self, subject_id: int, delta: int = 1) -> None:
        """Append one change, in the transaction of what is counted."""
        Tally.objects.create(counter=self.name, subject_id=subject_id, delta=delta)

    def add_all(self, subject_ids: Iterable[int], delta: int = 1) -> None:
        """Append a change for each; who is named several times changes as often."""
        self.add_sums(Counted(subject_ids), delta)

    def add_sums(self, sums: Mapping[int, int], delta: int = 1) -> None:
        """Append a change of so many times `delta` for each subject."""
        changes = sorted((subject_id, times * delta) for subject_id, times in sums.items() if times)
        if not changes:
            return
        with connection.cursor() as cursor:  # thousands at a time, which as models would cost more than what is counted
            cursor.execute(
                """INSERT INTO core_tally (counter, subject_id, delta)
                   SELECT %s, subject_id, delta FROM unnest(%s::bigint[], %s::int[]) AS changes (subject_id, delta)""",
                [self.name, *map(list, zip(*changes, strict=True))],
            )


def counter(table: str, column: str, *, key: str = "id") -> Counter:
    """Declare a counter once, beside the model that has the column."""
    made = Counter(table, column, key)
    return _COUNTERS.setdefault(made.name, made)


def mirror(counted: Counter, table: str, column: str, *, key: str) -> None:
    """Keep a copy of a counter's column in other rows, those whose `key` is the subject; changed in the same fold."""
    _MIRRORS.setdefault(counted.name, []).append(Counter(table, column, key))


def fold(*, batch: int = 5_000) -> int:
    """Move appended changes into their columns. Returns how many were folded.

    One folder at a time. All rows of a table are locked first, in the order of their keys, as everybody does who
    locks several: folding cannot deadlock with them. A column may be below zero for a moment, when an end is folded
    before its beginning; the sum is always right.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_FOLDER_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            """WITH gone AS (
                   DELETE FROM core_tally WHERE id IN (SELECT id FROM core_tally ORDER BY id LIMIT %s)
                   RETURNING counter, subject_id, delta)
               SELECT counter, array_agg(subject_id ORDER BY subject_id), array_agg(total ORDER BY subject_id),
                      sum(changes)
               FROM (SELECT counter, subject_id, sum(delta)::int AS total, count(*) AS changes
                     FROM gone GROUP BY counter, subject_id) AS sums
               GROUP BY counter""",
            [batch],
        )
        sums = cursor.fetchall()
        _lock_rows(cursor, sums)
        for name, subjects, totals, _ in sums:
            for target in _targets(name):
                cursor.execute(
                    f"""UPDATE {target.table} SET {target.column} = {target.table}.{target.column} + s.total
                        FROM (SELECT * FROM unnest(%s::bigint[], %s::int[]) AS s(id, total) ORDER BY id) AS s
                        WHERE {target.table}.{target.key} = s.id AND s.total <> 0""",  # noqa: S608 - our own names
                    [subjects, totals],
                )
    return int(sum(changes for *_, changes in sums))


def _targets(name: str) -> list[Counter]:
    return [_COUNTERS[name], *_MIRRORS.get(name, ())]


def _lock_rows(cursor: Any, sums: Sequence[tuple[str, list[int], list[int], int]]) -> None:
    subjects: dict[tuple[str, str], set[int]] = {}
    for name, ids, _, _ in sums:
        for target in _targets(name):
            subjects.setdefault((target.table, target.key), set()).update(ids)
    for (table, key), found in sorted(subjects.items()):
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE {key} = ANY(%s) ORDER BY {key} FOR NO KEY UPDATE",  # noqa: S608 - our own names
            [sorted(found)],
        )
