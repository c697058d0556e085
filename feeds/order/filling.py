"""Pages that are full though not everything is for everybody to see.

An order says what comes next, in keys of whole numbers that end with an id; visibility is asked of each part of it, and
what it took away is made up for from further down. Only where it takes away hundreds in a row does a page stay short,
with a `next`: no viewer pays for all of them at once.
"""

from collections.abc import Callable, Mapping, Sequence

from feeds.order.places import SLACK
from sora_social.accounts.models import User
from sora_social.posts import presenting

ROUNDS_AT_MOST = 4  # each twice as wide as the one before

Key = tuple[int, ...]
Shown = list[tuple[Key, bytes]]


def fill(
    ask: Callable[[Key, int], Sequence[Key]],
    seen: Callable[[Sequence[int]], Mapping[int, bytes]],
    *,
    after: Key,
    limit: int,
) -> tuple[Shown, Key | None]:
    """A page of what may be seen, and the key to go on after; None at the end.

    `ask(after, count)` gives the keys that follow, fewer than `count` only at the end; `seen(ids)` what is shown of
    those of these ids that may be.
    """
    shown: Shown = []
    size = limit + SLACK + limit // 8
    for _ in range(ROUNDS_AT_MOST):
        keys = ask(after, size)
        visible = seen([key[-1] for key in keys]) if keys else {}
        for key in keys:
            if key[-1] in visible:
                if len(shown) == limit:
                    return shown, shown[-1][0]
                shown.append((key, visible[key[-1]]))
        if len(keys) < size:
            return shown, None
        after, size = keys[-1], 2 * size
    return shown, after


def listed_posts(viewer: User) -> Callable[[Sequence[int]], Mapping[int, bytes]]:
    """Posts that may come up unasked: listed for `viewer`, and not by somebody they muted."""
    return lambda post_ids: presenting.present(viewer, post_ids, listed=True)
