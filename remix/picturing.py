"""How lineages look to one viewer, as JSON bytes."""

from remix.lineage import Lineage, TreeNode
from sora_social.accounts.models import User
from sora_social.core.cursors import Page
from sora_social.posts import presenting
from sora_social.posts.presenting import Origin, known_id


def lineage_bytes(viewer: User, found: Lineage) -> bytes:
    """A post's lineage. An ancestor that is not for `viewer` to know of has a distance, and neither id nor post."""
    post, origin = found.post, Origin.of(found.post)
    ids = {ancestor.post_id for ancestor in found.ancestors}
    known = presenting.known_among(viewer, ids | origin.other_ids)
    shown = presenting.present(viewer, [post_id for post_id in ids if post_id in known])
    ancestors = (
        b'{"post_id":%b,"distance":%d,"post":%b}'
        % (known_id(a.post_id, known), a.distance, shown.get(a.post_id, b"null"))
        for a in found.ancestors
    )
    return b'{"post_id":"%d","lineage":{"depth":%d%b,"remix_count":%d,"descendant_count":%d},"ancestors":[%b]}' % (
        post.pk,
        post.depth,
        presenting.origin_bytes(origin, known),
        post.remix_count,
        post.descendant_count,
        b",".join(ancestors),
    )


def tree_bytes(viewer: User, page: Page[TreeNode]) -> bytes:
    shown = presenting.present(viewer, [node.post_id for node in page.items])
    nodes = (
        b'{"post_id":"%d","parent_id":"%d","depth":%d,"post":%b}'
        % (node.post_id, node.parent_id, node.depth, shown.get(node.post_id, b"null"))
        for node in page.items
    )
    return presenting.list_bytes(nodes, page.next)
