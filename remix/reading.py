"""The whole of a lineage, a page at a time: what exports read, and pictures of what is small enough to be drawn whole.

A walk goes down by first sources, as `tree.tree_of` does, so that it meets each post once, and past nothing that the
source's author hid or detached. All that it keeps is where it stands. Each page is a short query of its own, by index
steps; nothing is held in the database between two pages.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from remix.derivations import remixes_of
from remix.models import Edge
from remix.walking import Link, Step, depth_first
from sora_social.accounts.models import User
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared, ids_param
from sora_social.posts import crediting, presenting
from sora_social.posts.models import Post

PAGE = 400


def steps_below(top_id: int) -> Iterator[list[Step]]:
    """Everything below a post, each once and after what it was made from, in pages that are full but for the last."""
    found: list[Step] = []
    after = Step(top_id, 0)
    while steps := depth_first(top_id, after, at_most=PAGE):
        found += [step for step in steps if step.is_down]
        if len(found) >= PAGE:
            yield found[:PAGE]
            found = found[PAGE:]
        after = steps[-1]
    if found:
        yield found


class Node(NamedTuple):
    """A post in a lineage, as far as somebody may know of it; what is a tombstone for them has no face."""

    post_id: int
    handle: str
    caption: str
    created_at: datetime
    kind: str
    """Of its first source; empty for a root."""
    likes: int
    remixes: int
    descendants: int
    is_shown: bool
    source_id: int
    """The first one; 0 for a root."""
    template: str
    """The title of what it was made with; empty where that is nothing, or not to be known of."""
    co_creators: Sequence[str]
    """Handles of those who are credited beside the author."""


_COLUMNS = (
    "pk",
    "author__handle",
    "caption",
    "created_at",
    "sources",
    "like_count",
    "remix_count",
    "descendant_count",
    "is_shown",
    "template",
    "credit_count",
)
_STANDS = ExpressionWrapper(Q(deleted_at=None, removed_at=None), output_field=BooleanField())


class Sight(Protocol):
    """For whose eyes a lineage is read: which of its posts they may know of."""

    def opened(self, post_id: int) -> Node | None:
        """The post that was asked for, if they may open it."""
        ...

    def top(self, post_id: int, limit: int) -> list[int]:
        """Some of what was made directly of a post, the most liked first; posts alone, no tombstones."""
        ...

    def upper(self, post_ids: Sequence[int]) -> dict[int, Node]:
        """Those on the way up, by id."""
        ...

    def lower(self, post_ids: Sequence[int]) -> dict[int, Node]:
        """Those below, by id."""
        ...


_UPPER = Prepared(
    lambda viewer, ids: (
        Post.objects.known_to(viewer)
        .annotate(is_shown=Exists(Post.objects.visible_to(viewer).filter(pk=OuterRef("pk"))))
        .filter(pk__any=ids)
        .values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)
_LOWER = Prepared(
    lambda viewer, ids: (
        Post.objects.known_to(viewer)
        .not_muted_by(viewer)
        .annotate(is_shown=Exists(Post.objects.visible_to(viewer).filter(pk=OuterRef("pk"))))
        .filter(pk__any=ids)
        .values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)
_OPENED = Prepared(
    lambda viewer, ids: (
        Post.objects.visible_to(viewer).annotate(is_shown=_STANDS).filter(pk__any=ids).values_list(*_COLUMNS)
    ),
    "viewer",
    "ids",
)
_EVERY = Prepared(lambda ids: Post.objects.annotate(is_shown=_STANDS).filter(pk__any=ids).values_list(*_COLUMNS), "ids")


@dataclass(frozen=True)
class ViewerSight:
    """What one viewer may know of: as `lineage_of` shows ancestors, and as `tree_of` shows what is below."""

    viewer: User

    def opened(self, post_id: int) -> Node | None:
        """Visible, and perhaps by its link alone."""
        return self._faced(_OPENED.rows(viewer=self.viewer.pk, ids=ids_param([post_id]))).get(post_id)

    def top(self, post_id: int, limit: int) -> list[int]:
        try:
            return list(remixes_of(self.viewer, post_id, sort="top", cursor="", limit=limit).items)
        except NotFound:  # it went while the lineage was read
            return []

    def upper(self, post_ids: Sequence[int]) -> dict[int, Node]:
        return self._faced(_UPPER.rows(viewer=self.viewer.pk, ids=ids_param(post_ids)))

    def lower(self, post_ids: Sequence[int]) -> dict[int, Node]:
        return self._faced(_LOWER.rows(viewer=self.viewer.pk, ids=ids_param(post_ids)))

    def _faced(self, rows: Sequence[tuple[Any, ...]]) -> dict[int, Node]:
        """Nodes by id: of tombstones no more than that they stand there, and templates where their post is known."""
        nodes = _nodes(rows)
        known = presenting.known_among(self.viewer, {node.source_id for node in nodes.values() if node.template})
        return {pk: _as_known(node, known) for pk, node in nodes.items()}


@dataclass(frozen=True)
class StaffSight:
    """What the desk shows: every post, also what was removed or never shown."""

    def opened(self, post_id: int) -> Node | None:
        return self.lower([post_id]).get(post_id)

    def top(self, post_id: int, limit: int) -> list[int]:
        shown = Edge.objects.shown().filter(source=post_id)
        edges = shown.order_by("-like_count", "-derivation_id")
        return list(edges.values_list("derivation_id", flat=True)[:limit])

    def upper(self, post_ids: Sequence[int]) -> dict[int, Node]:
        return self.lower(post_ids)

    def lower(self, post_ids: Sequence[int]) -> dict[int, Node]:
        return _nodes(_EVERY.rows(ids=ids_param(post_ids)))


def _nodes(rows: Sequence[tuple[Any, ...]]) -> dict[int, Node]:
    credited = crediting.credits_of_posts([row[0] for row in rows if row[-1]])
    nodes = {}
    for post_id, handle, caption, created_at, sources, likes, remixes, descendants, is_shown, template, _ in rows:
        first = (orjson.loads(sources) or [{"post_id": 0, "kind": ""}])[0]
        nodes[post_id] = Node(
            post_id,
            handle,
            caption,
            created_at,
            str(first["kind"]),
            likes,
            remixes,
            descendants,
            is_shown,
            source_id=int(first["post_id"]),
            template=orjson.loads(template)["title"] if template else "",
            co_creators=[one.shape["handle"] for one in credited.get(post_id, ()) if one.shape is not None],
        )
    return nodes


_FACELESS: dict[str, Any] = {"handle": "", "caption": "", "kind": "", "template": "", "co_creators": ()}


def _as_known(node: Node, known: Collection[int]) -> Node:
    if not node.is_shown:
        return node._replace(**_FACELESS, likes=0, remixes=0, descendants=0)
    return node if node.source_id in known or not node.template else node._replace(template="")


def links_into(post_ids: Sequence[int], *, shown_below: bool) -> list[Link]:
    """Every edge that leads to one of these posts; `shown_below`: without what the source's author hid or detached,
    which is no longer below the source, though it comes from there.
    """
    edges = Edge.objects.filter(derivation__any=list(post_ids))
    if shown_below:
        edges = edges.filter(is_hidden=False, is_detached=False)
    rows = edges.order_by("derivation", "ordinal").values_list("source_id", "derivation_id", "kind", "ordinal")
    return [Link(*row) for row in rows]
