"""Where posts come from, and what came of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from cameos import cards
from remix.models import Edge
from sora_social.accounts.models import CASTINGS, POSTS, REMIXES_RECEIVED, User
from sora_social.core import tallies
from sora_social.core.cursors import Page, keyset_page, seal, unseal
from sora_social.core.errors import Unavailable
from sora_social.core.prepared import Prepared
from sora_social.posts.events import PostPublished, PostRestored, PostsWithdrawn, PostVisibilityChanged
from sora_social.posts.models import Post, Visibility
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


def authors_of(post_ids: Sequence[int]) -> set[int]:
    return set(Post.objects.filter(pk__in=post_ids).values_list("author_id", flat=True))


def recount(event: PostPublished | PostRestored | PostsWithdrawn | PostVisibilityChanged) -> None:
    """Bring posts into the public counts of their authors, cast, sources and every ancestor, or out of them.

    Counted is what others may see: from `shown_at` on, as long as it stands and is not private. What was made from a
    post that is gone still counts. `Post.counted` says what was done, so any order of events ends at the truth.
    """
    with transaction.atomic():
        posts = list(Post.objects.select_for_update(no_key=True).filter(pk__in=event.post_ids).order_by("pk"))
        standing = Post.objects.standing().exclude(visibility=Visibility.PRIVATE)
        stand = set(standing.filter(pk__in=event.post_ids).values_list("pk", flat=True))
        _count([post for post in posts if not post.counted and post.pk in stand], 1)
        _count([post for post in posts if post.counted and post.pk not in stand], -1)


def _count(posts: Sequence[Post], delta: int) -> None:
    if not posts:
        return
    author_of = {post.pk: post.author_id for post in posts}
    Post.objects.filter(pk__in=author_of).update(counted=delta > 0)
    edges = Edge.objects.filter(derivation__in=author_of)
    sources = list(edges.values_list("derivation_id", "source_id", "source__author_id"))
    faces = cards.owners_of_cast(author_of.keys())
    POSTS.add_all(author_of.values(), delta)
    REMIXES.add_all((source_id for _, source_id, _ in sources), delta)
    REMIXES_RECEIVED.add_all((author for made, _, author in sources if author != author_of[made]), delta)
    DESCENDANTS.add_all(_ancestors_of_each(list(author_of)), delta)
    CASTINGS.add_all((owner for pk, owners in faces.items() for owner in owners - {author_of[pk]}), delta)


def _ancestors_of_each(post_ids: list[int]) -> list[int]:
    """The ancestors of these posts; who is above several of them is there as often."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE up (post_id, id) AS (
                   SELECT derivation_id, source_id FROM remix_edge WHERE derivation_id = ANY(%s)
                   UNION
                   SELECT up.post_id, e.source_id FROM up JOIN remix_edge e ON e.derivation_id = up.id)
               SELECT id FROM up""",
            [post_ids],
        )
        return [row[0] for row in cursor.fetchall()]


def ancestor_ids(post_id: int, *, at_most: int | None = None) -> list[int]:
    """Every ancestor once, nearest first; the walk is bounded by the depth of the lineage, not by its width."""
    return [ancestor.post_id for ancestor in _ancestors(post_id, at_most=at_most)]


def _ancestors(post_id: int, *, at_most: int | None) -> list[Ancestor]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE up (id, distance) AS (
                   SELECT source_id, 1 FROM remix_edge WHERE derivation_id = %s
                   UNION
                   SELECT e.source_id, up.distance + 1 FROM up JOIN remix_edge e ON e.derivation_id = up.id
                   WHERE %s::int IS NULL OR up.distance < %s)
               SELECT id, min(distance) FROM up GROUP BY id ORDER BY min(distance), id DESC LIMIT %s""",
            [
                post_id,
                at_most,
                at_most,
                at_most,
            ],  # each step up brings one more at least, so the nearest are no farther
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

    A node is a post that is listed for `viewer`, or the tombstone of one that was. Others are left out: what was made
    from them stands under the nearest node above. A post made from several stands under its first source. The next
    node is found by index steps from the last one, so a page costs the same however wide the tree is. Raises NotFound.
    """
    post_for(viewer, post_id)
    purpose = f"tree {post_id}"
    way = _way_to(viewer, post_id, *unseal(purpose, cursor, 1)) if cursor else [_Step(post_id, post_id, 0)]
    nodes: list[TreeNode] = []
    while way and len(nodes) <= limit:
        below = _next_below(viewer, way)
        if below is None:
            break
        child_id, is_known = below
        above = way[-1]
        if is_known:
            nodes.append(TreeNode(child_id, above.node_id, above.depth + 1))
            way.append(_Step(child_id, child_id, above.depth + 1))
        else:
            way.append(_Step(child_id, above.node_id, above.depth))
    more = len(nodes) > limit
    return Page(nodes[:limit], seal(purpose, nodes[limit - 1].post_id) if more else None)


@dataclass(frozen=True, slots=True)
class _Step:
    """A post on the way from the top of a tree to where a walk is; itself or the nearest above that is a node."""

    post_id: int
    node_id: int
    depth: int


_CHILD = Prepared(
    lambda viewer, parent, after: (
        Edge.objects.filter(source_id=parent, ordinal=0, derivation_id__gt=after)
        .annotate(
            is_known=Exists(Post.objects.known_to(viewer).not_muted_by(viewer).filter(pk=OuterRef("derivation_id")))
        )
        .filter(Q(is_known=True) | Exists(Edge.objects.filter(source_id=OuterRef("derivation_id"), ordinal=0)))
        .order_by("derivation_id")
        .values_list("derivation_id", "is_known")
    ),
    "viewer",
    "parent",
    "after",
    limited=True,
)


def _child(viewer: User, parent_id: int, *, after: int) -> tuple[int, bool] | None:
    """The next child to visit, and whether it is a node; those that are none and have no children are passed over."""
    rows = _CHILD.rows(viewer=viewer.pk, parent=parent_id, after=after, limit=1)
    return (rows[0][0], rows[0][1]) if rows else None


def _next_below(viewer: User, way: list[_Step]) -> tuple[int, bool] | None:
    """The post that follows in the walk; `way` is left at the post above it."""
    found = _child(viewer, way[-1].post_id, after=0)
    while found is None:
        at = _climb(way)
        if at is None:
            return None
        found = _child(viewer, way[-1].post_id, after=at)
    return found


_CLIMBED_AT_ONCE = 1_000


def _climb(way: list[_Step]) -> int | None:
    """Go up to the nearest post that has a later child than the one come from, which is returned; None at the top.

    One query for each thousand levels, and in it an index step for each level passed.
    """
    while len(way) > 1:
        part = [step.post_id for step in way[-_CLIMBED_AT_ONCE - 1 :]][::-1]
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT level.place FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY
                       AS level (child_id, parent_id, place),
                   LATERAL (SELECT 1 FROM remix_edge WHERE source_id = level.parent_id AND ordinal = 0
                            AND derivation_id > level.child_id LIMIT 1) AS later
                   ORDER BY level.place LIMIT 1""",
                [part[:-1], part[1:]],
            )
            row = cursor.fetchone()
        passed = row[0] if row else len(part) - 1
        del way[-passed:]
        if row:
            return part[passed - 1]
    return None


def _way_to(viewer: User, top_id: int, post_id: int) -> list[_Step]:
    """The way from the top of a tree down to a post in it: one climb. Empty when the post was taken back since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE up (id, distance) AS (
                   SELECT %s::bigint, 0
                   UNION ALL
                   SELECT e.source_id, up.distance + 1
                   FROM up JOIN remix_edge e ON e.derivation_id = up.id AND e.ordinal = 0 WHERE up.id > %s)
               SELECT id FROM up ORDER BY distance DESC""",
            [post_id, top_id],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if ids[0] != top_id:
        return []
    nodes = set(Post.objects.known_to(viewer).not_muted_by(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    way = [_Step(top_id, top_id, 0)]
    for below in ids[1:]:
        above = way[-1]
        is_node = below in nodes
        way.append(_Step(below, below if is_node else above.node_id, above.depth + is_node))
    return way
