"""The orders in which an index of edges has derivations: newest, oldest, most liked."""

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


def orders_of(statement: str) -> Mapping[str, Order]:
    """The orders of a statement with `{columns}`, `{is_after}` and `{sorting}`.

    Its parameters are the scope, the key (where it says `{is_after}`) and the number of rows.
    """

    def order(columns: str, is_after: str, sorting: str, start: Key) -> Order:
        return Order(statement.format(columns=columns, is_after=is_after, sorting=sorting), start)

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


def edges_in_order(scope: str) -> Mapping[str, Order]:
    """The orders of those edges that a condition with one parameter is true of."""
    rows = f"FROM remix_edge WHERE {scope} AND {{is_after}} ORDER BY {{sorting}} LIMIT %s"
    return orders_of(f"SELECT {{columns}} {rows}")
