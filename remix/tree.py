"""All that came of a post: its subtree in several orders, and the leaves of it.

A post made from several stands under its first source. What its source's author hid or detached is left out with all
below it. A node is a post that is listed for the viewer, or the tombstone of one that was; others are left out, and
what was made from them stands under the nearest node above.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from django.db import connection
from django.db.models import Exists, OuterRef

from remix.models import Descent, Edge
from remix.orders import Order, edges_in_order
from remix.walking import paths_up
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.filling import filled
from sora_social.core.prepared import Prepared, ids_param
from sora_social.posts import presenting
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for

ORDERS = ("depth", "newest", "oldest", "top")
_VISITED_AT_MOST = 500
_SIFTED_ROUNDS = 7


@dataclass(frozen=True)
class TreeNode:
    """A node of a subtree; `depth` counts from the post that was asked for."""

    post_id: int
    parent_id: int
    depth: int


def tree_of(viewer: User, post_id: int, *, order: str = "depth", cursor: str, limit: int) -> Page[TreeNode]:
    """The subtree below a post in pages: depth first with children in the order they were made, or flat, newest,
    oldest or most liked first.

    Depth first, a page goes on by index steps from where the one before ended, and visits 500 posts at most; flat pages
    hold no tombstones. Either may be short, where little is for this viewer or lies below the post, and has a next.
    Raises NotFound.
    """
    post = post_for(viewer, post_id)
    purpose = f"tree {post_id} {order}"
    if order != "depth":
        return _flat_page(viewer, post, _BELOW[order], purpose=purpose, cursor=cursor, limit=limit)
    nodes: list[TreeNode] = []
    before = unseal(purpose, cursor, 1)[0] if cursor else post_id
    for visited, (at, node) in enumerate(_walk(viewer, _way_to(viewer, post_id, before), at_once=limit + 1)):
        if visited == _VISITED_AT_MOST or (node and len(nodes) == limit):
            return Page(nodes, seal(purpose, before))
        if node:
            nodes.append(node)
        before = at
    return Page(nodes, None)


def leaves_of(viewer: User, post_id: int, *, cursor: str, limit: int) -> Page[TreeNode]:
    """The posts below a post of which nothing came that `viewer` may know of, depth first.

    A page visits 500 posts at most, so it may be short, or empty, before the end. Raises NotFound.
    """
    post_for(viewer, post_id)
    purpose = f"leaves {post_id}"
    before, open_id = unseal(purpose, cursor, 2) if cursor else (post_id, 0)
    way = _way_to(viewer, post_id, before)
    # the node that the walk met last: a leaf, unless another stands below it
    last = next(
        (TreeNode(at.post_id, above.node_id, at.depth) for above, at in pairwise(way) if at.post_id == open_id), None
    )
    leaves: list[TreeNode] = []
    for visited, (at_id, node) in enumerate(_walk(viewer, way, at_once=limit + 1)):
        if node and last and node.depth <= last.depth:
            leaves.append(last)
            last = None
        if len(leaves) == limit or visited == _VISITED_AT_MOST:
            return Page(_standing(viewer, leaves), seal(purpose, before, last.post_id if last else 0))
        before, last = at_id, node or last
    return Page(_standing(viewer, [*leaves, last] if last else leaves), None)


def _standing(viewer: User, nodes: Sequence[TreeNode]) -> list[TreeNode]:
    standing = presenting.listed_among(viewer, [node.post_id for node in nodes])
    return [node for node in nodes if node.post_id in standing]


@dataclass(slots=True)
class _Level:
    """A post on the way from the top of a tree to where a walk is; itself or the nearest above that is a node.

    `after` is its child that the walk came to last, `ahead` are those that were read in advance, `is_read` that there
    are no others.
    """

    post_id: int
    node_id: int
    depth: int
    after: int = 0
    ahead: deque[tuple[int, bool, bool]] = field(default_factory=deque)
    is_read: bool = False


_CHILDREN = Prepared(
    lambda viewer, parent, after: (
        Edge.objects.filter(source_id=parent, ordinal=0, is_hidden=False, is_detached=False, derivation_id__gt=after)
        .annotate(
            is_known=Exists(Post.objects.known_to(viewer).not_muted_by(viewer).filter(pk=OuterRef("derivation_id"))),
            has_children=Exists(
                Edge.objects.filter(source_id=OuterRef("derivation_id"), ordinal=0, is_hidden=False, is_detached=False)
            ),
        )
        .order_by("derivation_id")
        .values_list("derivation_id", "is_known", "has_children")
    ),
    "viewer",
    "parent",
    "after",
    limited=True,
)


def _walk(viewer: User, way: list[_Level], *, at_once: int) -> Iterator[tuple[int, TreeNode | None]]:
    """The walk through a tree from where a way leads to on: the posts it comes to, and the nodes that they are.

    One query for each post that has children, and each `at_once` of them, whoever may know of these.
    """
    while way:
        level = way[-1]
        if not level.ahead and not level.is_read:
            rows = _CHILDREN.rows(viewer=viewer.pk, parent=level.post_id, after=level.after, limit=at_once)
            level.ahead.extend((row[0], row[1], row[2]) for row in rows)
            level.is_read = len(rows) < at_once
        if not level.ahead:
            way.pop()
            _climb(way)
            continue
        child_id, is_node, has_children = level.ahead.popleft()
        level.after = child_id
        yield child_id, TreeNode(child_id, level.node_id, level.depth + 1) if is_node else None
        if has_children:
            way.append(_Level(child_id, child_id if is_node else level.node_id, level.depth + is_node))


_CLIMBED_AT_ONCE = 1_000


def _climb(way: list[_Level]) -> None:
    """Leave those levels at the end of a way of which nothing was read yet and that have no later child.

    One query for each thousand, and in it an index step for each level passed.
    """
    while way and not way[-1].ahead and not way[-1].is_read:
        unread = list(takewhile(lambda level: not level.ahead and not level.is_read, way[: -_CLIMBED_AT_ONCE - 1 : -1]))
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT level.place FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY
                       AS level (child_id, parent_id, place),
                   LATERAL (SELECT 1 FROM remix_edge WHERE source_id = level.parent_id AND ordinal = 0
                            AND NOT is_hidden AND NOT is_detached AND derivation_id > level.child_id LIMIT 1) AS later
                   ORDER BY level.place LIMIT 1""",
                [[level.after for level in unread], [level.post_id for level in unread]],
            )
            row = cursor.fetchone()
        if row:
            del way[len(way) - row[0] + 1 :]
            return
        del way[len(way) - len(unread) :]


def _way_to(viewer: User, top_id: int, post_id: int) -> list[_Level]:
    """The way from the top of a tree down to a post in it. Empty when it is there no more: taken back, or hidden."""
    way = [_Level(top_id, top_id, 0)]
    if post_id == top_id:
        return way
    ids = _ids_down_to(post_id, paths_up([post_id], top_id), top_id)
    nodes = _nodes_among(viewer, ids)
    for below in ids:
        above = way[-1]
        above.after = below
        is_node = below in nodes
        way.append(_Level(below, below if is_node else above.node_id, above.depth + is_node))
    return way if ids else []


def _ids_down_to(post_id: int, source_of: Mapping[int, int], top_id: int) -> list[int]:
    """The posts from below the top down to `post_id`; none when it is not below."""
    ids = []
    while post_id in source_of:
        ids.append(post_id)
        post_id = source_of[post_id]
    return ids[::-1] if post_id == top_id else []


_NODES = Prepared(
    lambda viewer, ids: Post.objects.known_to(viewer).not_muted_by(viewer).filter(pk__any=ids).values_list("pk"),
    "viewer",
    "ids",
)


def _nodes_among(viewer: User, post_ids: Iterable[int]) -> set[int]:
    return {row[0] for row in _NODES.rows(viewer=viewer.pk, ids=ids_param(post_ids))}


_BELOW = edges_in_order("ancestor_id = %s AND NOT is_gone", of="remix_descent")


def _flat_page(viewer: User, top: Post, order: Order, *, purpose: str, cursor: str, limit: int) -> Page[TreeNode]:
    ways: dict[int, int] = {}

    def shown_among(ids: Collection[int]) -> Collection[int]:
        ways.update(paths_up(ids, top.pk))
        return presenting.listed_among(viewer, [pk for pk in ids if _ids_down_to(pk, ways, top.pk)])

    keys, following = filled(
        order.rows_after(_listed_at(top)),
        shown_among,
        after=unseal(purpose, cursor, len(order.start)) if cursor else order.start,
        limit=limit,
        rounds=_SIFTED_ROUNDS,
    )
    nodes = _nodes(viewer, top.pk, [key[-1] for key in keys], ways)
    return Page(nodes, seal(purpose, *following) if following else None)


def _listed_at(top: Post) -> int:
    """The post in whose list stands what lies below `top`: itself, or the nearest above that has one."""
    if Descent.has_list(top):
        return int(top.pk)
    above = Descent.objects.filter(derivation=top).order_by("-ancestor_id")
    return above.values_list("ancestor_id", flat=True)[0]


def _nodes(viewer: User, top_id: int, post_ids: Sequence[int], ways: Mapping[int, int]) -> list[TreeNode]:
    """The nodes of these posts below `top_id`, each under the nearest that `viewer` may know of."""
    downs = {post_id: _ids_down_to(post_id, ways, top_id) for post_id in post_ids}
    known = _nodes_among(viewer, {pk for down in downs.values() for pk in down})
    nodes = []
    for post_id in post_ids:
        above = [top_id, *(pk for pk in downs[post_id][:-1] if pk in known)]
        nodes.append(TreeNode(post_id, above[-1], len(above)))
    return nodes
