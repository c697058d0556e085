"""Where posts come from: ancestors, and the way from one post to another."""

from collections.abc import Sequence
from dataclasses import dataclass

from remix import walking
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, seal, unseal
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for

ANCESTORS_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A post on the way up; `distance` is the number of steps."""

    post_id: int
    distance: int


@dataclass(frozen=True, slots=True)
class Lineage:
    """A post and a page of its ancestors."""

    post: Post
    ancestors: Page[Ancestor]


@dataclass(frozen=True, slots=True)
class Step:
    """A post on the way between two; how it was come to from the one before, nothing for the first."""

    post_id: int
    kind: str | None
    direction: str | None


@dataclass(frozen=True, slots=True)
class Path:
    """The shortest way between two posts through what both come from, `common_id`; empty where that is nothing."""

    common_id: int | None
    length: int
    steps: Page[Step]


def lineage_of(viewer: User, post_id: int, *, cursor: str = "", limit: int = 100) -> Lineage:
    """A post and its ancestors up to the roots, each once: nearest first, then in the order of the sources.

    What lies above a post never changes, so a page is a place in that order; it costs what lies between. After 20,000
    the list ends. Raises NotFound.
    """
    post = post_for(viewer, post_id)
    purpose = f"ancestors {post_id}"
    (offset,) = unseal(purpose, cursor, 1) if cursor else (0,)
    end = min(offset + limit, ANCESTORS_AT_MOST)
    found = walking.above_of(post_id, at_most=end + 2).distances
    ancestors = [Ancestor(*pair) for pair in found.items()][1:]
    more = len(ancestors) > end and end < ANCESTORS_AT_MOST
    return Lineage(post, Page(ancestors[offset:end], seal(purpose, end) if more else None))


def path_between(viewer: User, post_id: int, to_id: int, *, cursor: str = "", limit: int = 100) -> Path:
    """The shortest way from one post to another, up to something that both come from and down again.

    Of several the one through the newest common ancestor. Looks 20,000 ancestors far. Raises NotFound for either.
    """
    post_for(viewer, post_id)
    post_for(viewer, to_id)
    here = walking.above_of(post_id, at_most=ANCESTORS_AT_MOST)
    there = walking.above_of(to_id, at_most=ANCESTORS_AT_MOST)
    common = here.distances.keys() & there.distances.keys()
    if not common:
        return Path(None, 0, Page([], None))
    meeting = min(common, key=lambda pk: (here.distances[pk] + there.distances[pk], -pk))
    up = [Step(link.source_id, link.kind, "up") for link in here.way_to(meeting)]
    down = [Step(link.derivation_id, link.kind, "down") for link in reversed(there.way_to(meeting))]
    steps = [Step(post_id, None, None), *up, *down]
    purpose = f"path {post_id} {to_id}"
    (offset,) = unseal(purpose, cursor, 1) if cursor else (0,)
    end = offset + limit
    page: Sequence[Step] = steps[offset:end]
    return Path(meeting, len(steps) - 1, Page(page, seal(purpose, end) if len(steps) > end else None))
