"""Pages of a wide list of which a reader may see only some: filled up, at a bounded cost."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=tuple[int, ...])

_ROUNDS = 10


def refilled(
    rows_after: Callable[[Key, int], Sequence[Key]],
    seen_among: Callable[[Sequence[int]], Collection[int]],
    *,
    start: Key,
    limit: int,
    batch_size: int | None = None,
) -> tuple[list[Key], Key | None]:
    """At most `limit` rows that the reader may see, and the key from which to go on, None at the end.

    A row is its own key; its last number is the id that `seen_among` is asked of. Many rows in a row that are not for
    this reader make a page short, never slow: after ten batches it ends where it has come to.
    """
    key, found, size = start, list[Key](), batch_size or limit + 1
    for _ in range(_ROUNDS):
        batch = rows_after(key, size)
        seen = seen_among([row[-1] for row in batch])
        for row in batch:
            if row[-1] not in seen:
                continue
            if len(found) == limit:
                return found, found[-1]
            found.append(row)
        if len(batch) < size:
            return found, None
        key = batch[-1]
    return found, key
