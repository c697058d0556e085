"""All that came of a post: its subtree in several orders, and the leaves of it.

A post made from several stands under its first source. What its source's author hid or detached is left out with all
below it. A node is a post that is listed for the viewer, or the tombstone of one that was; others are left out, and
what was made from them stands under the nearest node above.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from remix.models import Edge
from remix.refilling import refilled
from remix.walking import paths_up
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.prepared import Prepared, prepared_rows
from sora_social.posts import presenting
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for

ORDERS = ("depth", "newest", "oldest", "top")
_VISITED_FOR_LEAVES = 500
_SORTED_AT_MOST = 10_000
_SIFTED_AT_ONCE = 200
_LAST = 2**63 - 1


@dataclass(frozen=True)
class TreeNode:
    """A node of a subtree; `depth` counts from the post that was asked for."""

    post_id: int
    parent_id: int
    depth: int


def tree_of(viewer: User, post_id: int, *, order: str = "depth", cursor: str, limit: int) -> Page[TreeNode]:
    """The subtree below a post in pages: depth first with children in the order they were made, or flat, newest,
    oldest or most liked first.

    Depth first, the next node is found by index steps from the last one. Flat pages hold no tombstones; they may be
    short where little of a wide lineage lies below the post. No page costs more for a wider tree. Raises NotFound.
    """
    post = post_for(viewer, post_id)
    purpose = f"tree {post_id} {order}"
    if order != "depth":
        return _flat_page(viewer, post, order, purpose=purpose, cursor=cursor, limit=limit)
    nodes: list[TreeNode] = []
    for node in _nodes_after(viewer, post_id, unseal(purpose, cursor, 1)[0] if cursor else post_id):
        if len(nodes) == limit:
            return Page(nodes, seal(purpose, nodes[-1].post_id))
        nodes.append(node)
    return Page(nodes, None)


def leaves_of(viewer: User, post_id: int, *, cursor: str, limit: int) -> Page[TreeNode]:
    """The posts below a post of which nothing came that `viewer` may know of, depth first.

    A page visits 500 nodes at most, so it may be short, or empty, before the end. Raises NotFound.
    """
    post_for(viewer, post_id)
    purpose = f"leaves {post_id}"
    before = unseal(purpose, cursor, 1)[0] if cursor else post_id
    leaves: list[TreeNode] = []
    open_node: TreeNode | None = None
    for visited, node in enumerate(_nodes_after(viewer, post_id, before)):
        if open_node is not None:
            if node.depth <= open_node.depth:
                leaves.append(open_node)
            before = open_node.post_id
        if len(leaves) == limit or visited == _VISITED_FOR_LEAVES:
            return Page(_standing(viewer, leaves), seal(purpose, before))
        open_node = node
    if open_node is not None:
        leaves.append(open_node)
    return Page(_standing(viewer, leaves), None)


def _standing(viewer: User, nodes: Sequence[TreeNode]) -> list[TreeNode]:
    standing = presenting.listed_among(viewer, [node.post_id for node in nodes])
    return [node for node in nodes if node.post_id in standing]


@dataclass(frozen=True, slots=True)
class _Step:
    """A post on the way from the top of a tree to where a walk is; itself or the nearest above that is a node."""

    post_id: int
    node_id: int
    depth: int


def _nodes_after(viewer: User, top_id: int, post_id: int) -> Iterator[TreeNode]:
    """The walk through a tree from a post in it on; `post_id` is the top itself at the beginning."""
    way = _way_to(viewer, top_id, post_id)
    while way and (below := _next_below(viewer, way)) is not None:
        child_id, is_node = below
        above = way[-1]
        if is_node:
            yield TreeNode(child_id, above.node_id, above.depth + 1)
            way.append(_Step(child_id, child_id, above.depth + 1))
        else:
            way.append(_Step(child_id, above.node_id, above.depth))


_CHILD = Prepared(
    lambda viewer, parent, after: (
        Edge.objects.filter(source_id=parent, ordinal=0, is_hidden=False, is_detached=False, derivation_id__gt=after)
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
                            AND NOT is_hidden AND NOT is_detached AND derivation_id > level.child_id LIMIT 1) AS later
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
    """The way from the top of a tree down to a post in it. Empty when it is there no more: taken back, or hidden."""
    way = [_Step(top_id, top_id, 0)]
    if post_id == top_id:
        return way
    ids = _ids_down_to(post_id, paths_up([post_id], top_id), top_id)
    nodes = _nodes_among(viewer, ids)
    for below in ids:
        above = way[-1]
        is_node = below in nodes
        way.append(_Step(below, below if is_node else above.node_id, above.depth + is_node))
    return way if ids else []


def _ids_down_to(post_id: int, source_of: Mapping[int, int], top_id: int) -> list[int]:
    """The posts from below the top down to `post_id`; none when it is not below."""
    ids = []
    while post_id in source_of:
        ids.append(post_id)
        post_id = source_of[post_id]
    return ids[::-1] if post_id == top_id else []


def _nodes_among(viewer: User, post_ids: Collection[int]) -> set[int]:
    known = Post.objects.known_to(viewer).not_muted_by(viewer)
    return set(known.filter(pk__in=post_ids).values_list("pk", flat=True))


_IN_LINEAGE = "root_id = %s AND ordinal = 0 AND NOT is_gone AND NOT is_hidden AND NOT is_detached"
_NEWEST = f"""SELECT derivation_id FROM remix_edge WHERE {_IN_LINEAGE} AND derivation_id < %s
    ORDER BY derivation_id DESC LIMIT %s"""  # noqa: S608 - our own text
_OLDEST = f"""SELECT derivation_id FROM remix_edge WHERE {_IN_LINEAGE} AND derivation_id > %s
    ORDER BY derivation_id LIMIT %s"""  # noqa: S608 - our own text
_TOP = f"""SELECT like_count, derivation_id FROM remix_edge WHERE {_IN_LINEAGE}
    AND (like_count, derivation_id) < (%s, %s)
    ORDER BY like_count DESC, derivation_id DESC LIMIT %s"""  # noqa: S608 - our own text
_FLAT = {"newest": (_NEWEST, (_LAST,)), "oldest": (_OLDEST, (0,)), "top": (_TOP, (2**31 - 1, _LAST))}
_Key = tuple[int, ...]


def _flat_page(viewer: User, top: Post, order: str, *, purpose: str, cursor: str, limit: int) -> Page[TreeNode]:
    """The posts below `top` out of the index of its lineage; those of a small part of one are sorted instead."""
    sql, beginning = _FLAT[order]
    few = None if top.root_id is None else _few_below(top.pk)

    def rows_after(key: _Key, count: int) -> Sequence[_Key]:
        return prepared_rows(sql, [top.root_id or top.pk, *key, count])

    def seen_among(ids: Collection[int]) -> Collection[int]:
        ways = paths_up(ids, top.pk)
        return presenting.listed_among(viewer, [pk for pk in ids if _ids_down_to(pk, ways, top.pk)])

    found, following = refilled(
        rows_after if few is None else _sorted(few, order),
        seen_among if few is None else lambda ids: presenting.listed_among(viewer, ids),
        start=unseal(purpose, cursor, len(beginning)) if cursor else beginning,
        limit=limit,
        batch_size=None if top.root_id is None else _SIFTED_AT_ONCE,
    )
    ids = [key[-1] for key in found]
    return Page(_nodes(viewer, top.pk, ids), seal(purpose, *following) if following else None)


def _few_below(top_id: int) -> list[tuple[int, int]] | None:
    """Likes and id of everything below a post, or None when that is more than 10,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE at (id, like_count, is_gone) AS (
                   SELECT %(top)s::bigint, 0, true
                   UNION ALL
                   SELECT down.derivation_id, down.like_count, down.is_gone FROM at, LATERAL (
                       SELECT * FROM remix_edge WHERE source_id = at.id AND ordinal = 0
                       AND NOT is_hidden AND NOT is_detached LIMIT %(at_most)s) AS down)
               SELECT like_count, id, is_gone FROM at LIMIT %(at_most)s""",
            {"top": top_id, "at_most": _SORTED_AT_MOST + 1},
        )
        rows = cursor.fetchall()
    if len(rows) > _SORTED_AT_MOST:
        return None
    return [(likes, post_id) for likes, post_id, is_gone in rows if not is_gone]


def _sorted(rows: Sequence[tuple[int, int]], order: str) -> Callable[[_Key, int], Sequence[_Key]]:
    """The rows after a key, as the index of the lineage would give them."""
    sign = 1 if order == "oldest" else -1
    keys = sorted(tuple(sign * number for number in (row if order == "top" else row[1:])) for row in rows)

    def rows_after(key: _Key, count: int) -> Sequence[_Key]:
        begin = bisect_right(keys, tuple(sign * number for number in key))
        return [tuple(sign * number for number in found) for found in keys[begin : begin + count]]

    return rows_after


def _nodes(viewer: User, top_id: int, post_ids: Sequence[int]) -> list[TreeNode]:
    """The nodes of these posts below `top_id`, each under the nearest that `viewer` may know of."""
    ways = paths_up(post_ids, top_id)
    known = _nodes_among(viewer, ways.keys())
    nodes = []
    for post_id in post_ids:
        above = [top_id, *(pk for pk in _ids_down_to(post_id, ways, top_id)[:-1] if pk in known)]
        nodes.append(TreeNode(post_id, above[-1], len(above)))
    return nodes
