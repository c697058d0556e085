"""Pages that are full though not everything is for everybody to see, at a bounded cost.

An order says what comes next, in keys of whole numbers that end with an id; visibility is asked of each part of it, and
what it took away is made up for from further down. Only where it takes away hundreds in a row does a page stay short,
with a `next`: no viewer pays for all of them at once.
"""

from collections.abc import Callable, Collection, Sequence

SLACK = 8  # taken beyond the page, so that a few vanished posts cost no second round
ROUNDS_AT_MOST = 4  # each twice as wide as the one before

Key = tuple[int, ...]


def filled(
    ask: Callable[[Key, int], Sequence[Key]],
    seen_among: Callable[[Sequence[int]], Collection[int]],
    *,
    after: Key,
    limit: int,
    rounds: int = ROUNDS_AT_MOST,
) -> tuple[list[Key], Key | None]:
    """The keys of a page of what may be seen, and the key to go on after; None at the end.

    `ask(after, count)` gives the keys that follow, fewer than `count` only at the end; `seen_among(ids)` those of these
    ids that may be seen.
    """
    found: list[Key] = []
    size = limit + SLACK + limit // 8
    for _ in range(rounds):
        keys = ask(after, size)
        seen = seen_among([key[-1] for key in keys]) if keys else ()
        for key in keys:
            if key[-1] in seen:
                if len(found) == limit:
                    return found, found[-1]
                found.append(key)
        if len(keys) < size:
            return found, None
        after, size = keys[-1], 2 * size
    return found, after
