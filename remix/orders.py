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

    def rows_after(self, scope_id: int) -> Callable[[Key, int], Sequence[Key]]:
        return lambda key, count: prepared_rows(self.sql, [scope_id, *key, count])


def orders_of(scope: str) -> Mapping[str, Order]:
    """The orders of those edges that a condition with one parameter is true of."""
    rows = f"SELECT {{}} FROM remix_edge WHERE {scope} AND {{}} ORDER BY {{}} LIMIT %s"  # noqa: S608 - our own text
    return {
        "newest": Order(rows.format("derivation_id", "derivation_id < %s", "derivation_id DESC"), (LAST,)),
        "oldest": Order(rows.format("derivation_id", "derivation_id > %s", "derivation_id"), (0,)),
        "top": Order(
            rows.format(
                "like_count, derivation_id",
                "(like_count, derivation_id) < (%s, %s)",
                "like_count DESC, derivation_id DESC",
            ),
            (2**31 - 1, LAST),
        ),
    }
