"""The orders in which an index has derivations: newest, oldest, most liked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sora_social.core.prepared import prepared_rows

Key = tuple[int, ...]
LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Order:
    """Rows of derivations after a key; the last number of each is the derivation's id, and each is a key itself.

    `start` is the key before all.
    """

    sql: str
    start: Key

    def rows_after(self, *scope: int) -> Callable[[Key, int], Sequence[Key]]:
        return lambda key, count: prepared_rows(self.sql, [*scope, *key, count])


def rows_in_order(table: str, scope: str) -> Mapping[str, Order]:
    """The orders of those rows of a table that a condition is true of; its parameters are the scope."""

    def order(columns: str, is_after: str, sorting: str, start: Key) -> Order:
        statement = f"SELECT {columns} FROM {table} WHERE {scope} AND {is_after} ORDER BY {sorting} LIMIT %s"  # noqa: S608 - our own text
        return Order(statement, start)

    return {
        "newest": order("derivation_id", "derivation_id < %s", "derivation_id DESC", (LAST,)),
        "oldest": order("derivation_id", "derivation_id > %s", "derivation_id", (0,)),
        "top": order(
            "like_count, derivation_id",
            "(like_count, derivation_id) < (%s, %s)",
            "like_count DESC, derivation_id DESC",
            (2**31 - 1, LAST),
        ),
    }
