"""How lineages look to one viewer, as JSON bytes."""

from remix.lineage import Lineage, TreeNode
from sora_social.accounts.models import User
from sora_social.core.cursors import Page
from sora_social.core.problems import encode
from sora_social.posts import presenting


def lineage_bytes(viewer: User, found: Lineage) -> bytes:
    shown = presenting.present(viewer, [ancestor.post_id for ancestor in found.ancestors])
    post = found.post
    head = {
        "post_id": str(post.pk),
        "lineage": {
            "sources": post.sources,
            "root_id": str(post.root_id or post.pk),
            "depth": post.depth,
            "remix_count": post.remix_count,
            "descendant_count": post.descendant_count,
        },
    }
    ancestors = (
        b'{"post_id":"%d","distance":%d,"post":%b}' % (a.post_id, a.distance, shown.get(a.post_id, b"null"))
        for a in found.ancestors
    )
    return encode(head)[:-1] + b',"ancestors":[' + b",".join(ancestors) + b"]}"


def tree_bytes(viewer: User, page: Page[TreeNode]) -> bytes:
    shown = presenting.present(viewer, [node.post_id for node in page.items])
    nodes = (
        b'{"post_id":"%d","parent_id":"%d","depth":%d,"post":%b}'
        % (node.post_id, node.parent_id, node.depth, shown.get(node.post_id, b"null"))
        for node in page.items
    )
    return presenting.list_bytes(nodes, page.next)
