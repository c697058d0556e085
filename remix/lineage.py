"""Where posts come from, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from remix.models import Edge
from sora_social.accounts.models import REMIXES_RECEIVED, User
from sora_social.core import tallies
from sora_social.core.cursors import Page, keyset_page, seal, unseal
from sora_social.core.errors import Unavailable
from sora_social.posts.events import PostPublished, PostRestored, PostWithdrawn
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for

REMIXES = tallies.counter("posts_post", "remix_count")
DESCENDANTS = tallies.counter("posts_post", "descendant_count")
ANCESTORS_AT_MOST = 1_000


@dataclass(frozen=True)
class Source:
    """A post that another is made from."""

    post_id: int
    kind: str
    ordinal: int = 0


@dataclass(frozen=True)
class Ancestor:
    """A post on the way up; `distance` is the number of steps."""

    post_id: int
    distance: int


@dataclass(frozen=True)
class Lineage:
    """All a viewer may know of where a post comes from; what they may not see is a tombstone without a face."""

    post: Post
    ancestors: Sequence[Ancestor]


@dataclass(frozen=True)
class TreeNode:
    """A node of a subtree in depth-first order; `depth` counts from the post that was asked for."""

    post_id: int
    parent_id: int
    depth: int


def attach(post: Post, *, sources: Sequence[Source]) -> None:
    """Write the edges of a new post, in the transaction that publishes it.

    Depth is one more than the deepest source's; the root is the first source's. A post without sources is a root.
    Raises Unavailable when the clock went backwards and ids no longer rise: the publisher tries again.
    """
    if not sources:
        return
    parents = _held([source.post_id for source in sources])
    if any(parent_id >= post.pk for parent_id in parents):
        raise Unavailable("The database's clock went backwards; try again in a moment.", retry_after=5)
    Edge.objects.bulk_create(
        Edge(source_id=source.post_id, derivation=post, kind=source.kind, ordinal=source.ordinal) for source in sources
    )
    first = parents[sources[0].post_id]
    post.root_id = first.root_id or first.pk
    post.depth = 1 + max(parent.depth for parent in parents.values())
    post.sources = [{"post_id": str(source.post_id), "kind": source.kind} for source in sources]
    post.save(update_fields=["root", "depth", "sources"])


def _held(post_ids: Sequence[int]) -> dict[int, Post]:
    """The sources, held until the end of the transaction against deletion and removal, not against each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM posts_post WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(post_ids)])
    return Post.objects.in_bulk(post_ids)


def count_published(event: PostPublished | PostRestored) -> None:
    """Count a new (or restored) post on its sources and on every ancestor."""
    _count(event.post_id, 1)


def count_withdrawn(event: PostWithdrawn) -> None:
    """Take a post that is gone off those counts. What was made from it still counts."""
    _count(event.post_id, -1)


def _count(post_id: int, delta: int) -> None:
    sources = Edge.objects.filter(derivation_id=post_id).select_related("source", "derivation")
    ancestors = ancestor_ids(post_id)
    with transaction.atomic():
        REMIXES.add_all([edge.source_id for edge in sources], delta)
        others = [e.source.author_id for e in sources if e.source.author_id != e.derivation.author_id]
        REMIXES_RECEIVED.add_all(others, delta)
        DESCENDANTS.add_all(ancestors, delta)


def ancestor_ids(post_id: int) -> list[int]:
    """Every ancestor once, nearest first; the walk is bounded by the depth of the lineage, not by its width."""
    return [ancestor.post_id for ancestor in _ancestors(post_id, at_most=None)]


def _ancestors(post_id: int, *, at_most: int | None) -> list[Ancestor]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE up (id, distance) AS (
                   SELECT source_id, 1 FROM remix_edge WHERE derivation_id = %s
                   UNION
                   SELECT e.source_id, up.distance + 1 FROM up JOIN remix_edge e ON e.derivation_id = up.id)
               SELECT id, min(distance) FROM up GROUP BY id ORDER BY min(distance), id DESC LIMIT %s""",
            [post_id, at_most],
        )
        return [Ancestor(*row) for row in cursor.fetchall()]


def lineage_of(viewer: User, post_id: int) -> Lineage:
    """A post and its ancestors up to the roots, nearest first, at most 1,000. Raises NotFound."""
    post = post_for(viewer, post_id)
    return Lineage(post, _ancestors(post_id, at_most=ANCESTORS_AT_MOST))


def remixes_of(viewer: User, post_id: int, *, sort: str, cursor: str, limit: int) -> Page[int]:
    """What was made directly from a post: newest first, or most liked first. Raises NotFound."""
    post_for(viewer, post_id)
    edges = Edge.objects.filter(
        source_id=post_id, derivation__in=Post.objects.listed_for(viewer).not_muted_by(viewer).values("pk")
    )
    top = sort == "top"
    order = ("-derivation__like_count", "-derivation_id") if top else ("-derivation_id",)
    edges = edges.select_related("derivation") if top else edges
    page = keyset_page(edges, purpose=f"remixes {post_id} {sort}", cursor=cursor, limit=limit, order=order)
    return Page([edge.derivation_id for edge in page.items], page.next)


def tree_of(viewer: User, post_id: int, *, cursor: str, limit: int) -> Page[TreeNode]:
    """The subtree below a post, depth first, children in the order they were made.

    A post made from several stands under its first source. The next node is found by index steps from the last one,
    so a page costs the same however wide the tree is. Raises NotFound.
    """
    post_for(viewer, post_id)
    purpose = f"tree {post_id}"
    at, depth = unseal(purpose, cursor, 2) if cursor else (post_id, 0)
    nodes: list[TreeNode] = []
    while len(nodes) < limit:
        node = _next_node(post_id, at, depth)
        if node is None:
            return Page(nodes, None)
        nodes.append(node)
        at, depth = node.post_id, node.depth
    return Page(nodes, seal(purpose, at, depth) if _next_node(post_id, at, depth) else None)


def _next_node(top_id: int, at: int, depth: int) -> TreeNode | None:
    child = _first_child(at, after=0)
    if child is not None:
        return TreeNode(child, at, depth + 1)
    while at != top_id:
        parent = Edge.objects.filter(derivation_id=at, ordinal=0).values_list("source_id", flat=True).get()
        sibling = _first_child(parent, after=at)
        if sibling is not None:
            return TreeNode(sibling, parent, depth)
        at, depth = parent, depth - 1
    return None


def _first_child(post_id: int, *, after: int) -> int | None:
    children = Edge.objects.filter(source_id=post_id, ordinal=0, derivation_id__gt=after).order_by("derivation_id")
    return children.values_list("derivation_id", flat=True).first()
