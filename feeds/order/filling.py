"""Full pages of a list of posts, with what is shown of each."""

from collections.abc import Callable, Collection, Mapping, Sequence

from sora_social.accounts.models import User
from sora_social.core.filling import Key, filled
from sora_social.posts import presenting

Shown = list[tuple[Key, bytes]]


def fill(
    ask: Callable[[Key, int], Sequence[Key]],
    seen: Callable[[Sequence[int]], Mapping[int, bytes]],
    *,
    after: Key,
    limit: int,
) -> tuple[Shown, Key | None]:
    """`filled`, with what `seen(ids)` shows of those of these ids that may be seen."""
    shown: dict[int, bytes] = {}

    def seen_among(ids: Sequence[int]) -> Collection[int]:
        found = seen(ids)
        shown.update(found)
        return found

    keys, following = filled(ask, seen_among, after=after, limit=limit)
    return [(key, shown[key[-1]]) for key in keys], following


def listed_posts(viewer: User) -> Callable[[Sequence[int]], Mapping[int, bytes]]:
    """Posts that may come up unasked: listed for `viewer`, and not by somebody they muted."""
    return lambda post_ids: presenting.present(viewer, post_ids, listed=True)
