"""All that came of a post: its subtree in several orders, and the leaves of it.

A post made from several stands under its first source. What its source's author hid or detached is left out with all
below it. A node is a post that is listed for the viewer, or the tombstone of one that was; others are left out, and
what was made from them stands under the nearest node above.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from remix.lineage import list_with
from remix.orders import Order, rows_in_order
from remix.walking import Step, depth_first, first_sources, paths_up
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.filling import filled
from sora_social.core.prepared import Prepared, ids_param
from sora_social.posts import presenting
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for

ORDERS = ("depth", "newest", "oldest", "top")
_VISITED_AT_MOST = 500
_STEPS_AT_ONCE = 1_000
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
    places, step = _reached(viewer, post_id, before)
    for visited, (at, node) in enumerate(_walk(viewer, post_id, places, step, limit=limit)):
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
    places, step = _reached(viewer, post_id, before, open_id)
    last = places.get(open_id)  # the node that the walk met last: a leaf, unless another stands below it
    if last and last.post_id != open_id:  # not for this viewer to know of any more
        last = None
    leaves: list[TreeNode] = []
    for visited, (at, node) in enumerate(_walk(viewer, post_id, places, step, limit=limit)):
        if node and last and node.depth <= last.depth:
            leaves.append(last)
            last = None
        if len(leaves) == limit or visited == _VISITED_AT_MOST:
            return Page(_standing(viewer, leaves), seal(purpose, before, last.post_id if last else 0))
        before, last = at, node or last
    return Page(_standing(viewer, [*leaves, last] if last else leaves), None)


def _standing(viewer: User, nodes: Sequence[TreeNode]) -> list[TreeNode]:
    standing = presenting.listed_among(viewer, [node.post_id for node in nodes])
    return [node for node in nodes if node.post_id in standing]


def _walk(
    viewer: User, top_id: int, places: dict[int, TreeNode], after: Step, *, limit: int
) -> Iterator[tuple[int, TreeNode | None]]:
    """A walk through a tree after a step: the posts that it comes to, each with the node that it is.

    `places` has the way down to where it stands. Two queries for a page of `limit`, unless much lies between its nodes.
    """
    size = 3 * limit
    while True:
        steps = depth_first(top_id, after, at_most=size)
        nodes = _nodes_among(viewer, [step.post_id for step in steps if step.is_down])
        for post_id, source_id, is_down in steps:
            if is_down:
                above = places[source_id]
                places[post_id] = TreeNode(post_id, above.post_id, above.depth + 1) if post_id in nodes else above
                yield post_id, places[post_id] if post_id in nodes else None
        if len(steps) < size:
            return
        after, size = steps[-1], min(2 * size, _STEPS_AT_ONCE)


def _reached(viewer: User, top_id: int, post_id: int, *others: int) -> tuple[dict[int, TreeNode], Step]:
    """Where a walk stands that came to a post: the places on the ways down to it and others, and the step to go on at.

    That is behind the branch with the post, when it was hidden, detached or taken back without a trace meanwhile.
    """
    source_of = first_sources(post_id, top_id)
    places = _places(viewer, top_id, [*source_of, *others])
    for below_id, source_id in sorted(source_of.items()):
        if source_id in places and below_id not in places:
            return places, Step(below_id, source_id, is_down=False)
    return places, Step(post_id, source_of.get(post_id, 0))


def _places(viewer: User, top_id: int, post_ids: Collection[int]) -> dict[int, TreeNode]:
    """The posts on the ways from the top of a tree down to these, each with the node that it is, or the nearest above.

    What does not stand below the top, or not any more (taken back, or hidden), has no place.
    """
    source_of = paths_up(post_ids, top_id)
    nodes = _nodes_among(viewer, source_of)
    places = {top_id: TreeNode(top_id, top_id, 0)}
    for post_id, source_id in source_of.items():
        above = places[source_id]
        places[post_id] = TreeNode(post_id, above.post_id, above.depth + 1) if post_id in nodes else above
    return places


_NODES = Prepared(
    lambda viewer, ids: Post.objects.known_to(viewer).not_muted_by(viewer).filter(pk__any=ids).values_list("pk"),
    "viewer",
    "ids",
)


def _nodes_among(viewer: User, post_ids: Collection[int]) -> set[int]:
    return {row[0] for row in _NODES.rows(viewer=viewer.pk, ids=ids_param(post_ids))} if post_ids else set()


# nothing that came of a post has a smaller id: where its own list is not kept, that of another is read as far as that
_BELOW = rows_in_order("remix_listing", "ancestor_id = %s AND derivation_id > %s AND NOT is_left_out")


def _flat_page(viewer: User, top: Post, order: Order, *, purpose: str, cursor: str, limit: int) -> Page[TreeNode]:
    places: dict[int, TreeNode] = {}

    def shown_among(ids: Collection[int]) -> Collection[int]:
        listed = presenting.listed_among(viewer, ids)
        places.update(_places(viewer, top.pk, listed))
        return {pk for pk in listed if pk in places and places[pk].post_id == pk}  # one may have gone between the two

    keys, following = filled(
        order.rows_after(list_with(top), top.pk),
        shown_among,
        after=unseal(purpose, cursor, len(order.start)) if cursor else order.start,
        limit=limit,
        rounds=_SIFTED_ROUNDS,
    )
    return Page([places[key[-1]] for key in keys], seal(purpose, *following) if following else None)
