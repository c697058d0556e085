"""How lineages look to one viewer, as JSON bytes."""

from collections.abc import Iterable

from remix.ancestry import Lineage, Path
from remix.derivations import Derivation
from remix.tree import TreeNode
from sora_social.accounts.models import User
from sora_social.core.cursors import Page
from sora_social.core.problems import encode
from sora_social.posts import presenting
from sora_social.posts.presenting import Origin, Presented, known_id


def lineage_bytes(viewer: User, found: Lineage) -> bytes:
    """A post's lineage. An ancestor that is not for `viewer` to know of has a distance, and neither id nor post."""
    post, origin = found.post, Origin.of(found.post)
    known, shown = _known_and_shown(viewer, (a.post_id for a in found.ancestors.items), beside=origin.other_ids)
    ancestors = (
        b'{"post_id":%b,"distance":%d,"post":%b}'
        % (known_id(a.post_id, known), a.distance, shown.get(a.post_id, b"null"))
        for a in found.ancestors.items
    )
    return (
        b'{"post_id":"%d","lineage":{"depth":%d%b,"remix_count":%d,"descendant_count":%d},'
        b'"people":{"direct":%d,"total":%d},"ancestors":[%b],"next":%b}'
    ) % (
        post.pk,
        post.depth,
        presenting.origin_bytes(origin, known),
        post.remix_count,
        post.descendant_count,
        post.remixer_count,
        post.people_count,
        b",".join(ancestors),
        encode(found.ancestors.next),
    )


def path_bytes(viewer: User, path: Path) -> bytes:
    """The way between two posts; what is not for `viewer` to know of has neither id nor post."""
    common_ids = [] if path.common_id is None else [path.common_id]
    known, shown = _known_and_shown(viewer, (step.post_id for step in path.steps.items), beside=common_ids)
    steps = (
        b'{"post_id":%b,"kind":%b,"direction":%b,"post":%b}'
        % (known_id(s.post_id, known), encode(s.kind), encode(s.direction), shown.get(s.post_id, b"null"))
        for s in path.steps.items
    )
    common = b"null" if path.common_id is None else known_id(path.common_id, known)
    items = presenting.list_bytes(steps, path.steps.next)
    return b'{"length":%d,"common_id":%b,%b' % (path.length, common, items[1:])


def tree_bytes(viewer: User, page: Page[TreeNode]) -> bytes:
    shown = presenting.present(viewer, [node.post_id for node in page.items])
    nodes = (
        b'{"post_id":"%d","parent_id":"%d","depth":%d,"post":%b}'
        % (node.post_id, node.parent_id, node.depth, shown.get(node.post_id, b"null"))
        for node in page.items
    )
    return presenting.list_bytes(nodes, page.next)


def derivations_bytes(viewer: User, page: Page[Derivation]) -> bytes:
    shown = presenting.present(viewer, [row.post_id for row in page.items])
    return presenting.list_bytes((_derivation_bytes(row, shown) for row in page.items), page.next)


def derivation_bytes(viewer: User, row: Derivation) -> bytes:
    return _derivation_bytes(row, presenting.present(viewer, [row.post_id]))


def _derivation_bytes(row: Derivation, shown: Presented) -> bytes:
    words = encode(
        {"post_id": str(row.post_id), "kind": row.kind, "hidden": row.is_hidden, "detached": row.is_detached}
    )
    return b'%b,"post":%b}' % (words[:-1], shown.get(row.post_id, b"null"))


def _known_and_shown(
    viewer: User, post_ids: Iterable[int], *, beside: Iterable[int]
) -> tuple[frozenset[int], Presented]:
    ids = set(post_ids)
    known = presenting.known_among(viewer, ids | set(beside))
    return known, presenting.present(viewer, [post_id for post_id in ids if post_id in known])
