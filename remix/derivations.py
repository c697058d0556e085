"""What was made directly from a post: its remixes, the swipe among them, and what its author decides about them."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from remix.events import DerivationDetached
from remix.lineage import relist
from remix.models import Edge
from remix.orders import Order, rows_in_order
from remix.walking import first_sources
from sora_social.accounts.events import PersonBlocked
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.errors import Forbidden, NotFound
from sora_social.core.filling import filled
from sora_social.posts import presenting
from sora_social.posts.models import Post
from sora_social.posts.posting import post_for

_SHOWN = rows_in_order("remix_edge", "source_id = %s AND NOT is_gone AND NOT is_hidden AND NOT is_detached")
_EVERY = rows_in_order("remix_edge", "source_id = %s")["newest"]


@dataclass(frozen=True, slots=True)
class Derivation:
    """Something made directly from a post, and what the post's author decided about it."""

    post_id: int
    kind: str
    is_hidden: bool
    is_detached: bool


def remixes_of(viewer: User, post_id: int, *, sort: str, cursor: str, limit: int) -> Page[int]:
    """What was made directly from a post: newest first, or most liked first. Raises NotFound."""
    post_for(viewer, post_id)
    return _children(
        viewer,
        post_id,
        _SHOWN["top" if sort == "top" else "newest"],
        purpose=f"remixes {post_id} {sort}",
        cursor=cursor,
        limit=limit,
    )


def siblings_of(viewer: User, post_id: int, *, direction: str, cursor: str, limit: int) -> Page[int]:
    """What else was made from the first source of a post, nearest first: earlier to the left, later to the right.

    The order is that of making, so nothing that arrives moves what is there. A root, and what was made from something
    that `viewer` may not know of, has no siblings. Raises NotFound.
    """
    post = post_for(viewer, post_id)
    source_id = int(post.sources[0]["post_id"]) if post.sources else 0
    if source_id not in presenting.known_among(viewer, [source_id]):
        return Page([], None)
    return _children(
        viewer,
        source_id,
        _SHOWN["newest" if direction == "left" else "oldest"],
        purpose=f"siblings {post_id} {direction}",
        cursor=cursor,
        limit=limit,
        start=(post_id,),
    )


def derivations_of(author: User, post_id: int, *, cursor: str, limit: int) -> Page[Derivation]:
    """All that was made directly from one's own post, newest first, also what one hid or detached, and tombstones.

    What its maker does not show to the author is left out. Raises NotFound, Forbidden.
    """
    _require_own(author, post_id)
    page = _children(author, post_id, _EVERY, purpose=f"derivations {post_id}", cursor=cursor, limit=limit)
    edges = {edge.derivation_id: edge for edge in Edge.objects.filter(source_id=post_id, derivation__in=page.items)}
    return Page([_derivation(edges[child_id]) for child_id in page.items if child_id in edges], page.next)


def decide(
    author: User, post_id: int, child_id: int, *, hidden: bool | None = None, detached: bool | None = None
) -> Derivation:
    """Hide a derivation of one's own post, with all that came of it, from what is shown below the post; or detach it,
    so that it is not counted there either; or take that back. None leaves a thing as it is.

    What stands below the post because all between is not for the author to know of is decided on with the branch that
    it is in. The derivation stays what it is, a post that names its source. Raises NotFound, Forbidden.
    """
    _require_own(author, post_id)
    with transaction.atomic():
        branch_id = _branch_with(author, post_id, child_id)
        edge = Edge.objects.filter(source_id=post_id, derivation_id=branch_id).select_for_update(no_key=True).first()
        if edge is None:
            raise NotFound
        was_detached = edge.is_detached
        edge.is_hidden = edge.is_hidden if hidden is None else hidden
        edge.is_detached = was_detached if detached is None else detached
        edge.save(update_fields=["is_hidden", "is_detached"])
        relist([edge.derivation_id])
        if edge.is_detached != was_detached:
            outbox.announce(DerivationDetached(edge_id=edge.pk))
    return Derivation(child_id, edge.kind, edge.is_hidden, edge.is_detached)


def _branch_with(author: User, post_id: int, child_id: int) -> int | None:
    """The derivation of a post by which another one stands below it, as the post's author sees it: that one itself, or
    what is not for them to know of; None where they see something between, or not even the post that they name."""
    if not presenting.known_among(author, [child_id]):
        return None
    if Edge.objects.filter(source_id=post_id, derivation_id=child_id).exists():
        return child_id
    source_of = first_sources(child_id, post_id)
    between = [child_id]
    while (above_id := source_of.get(between[-1], post_id)) != post_id:
        between.append(above_id)
    return None if presenting.known_among(author, between[1:]) else between[-1]


def hide_across_wall(event: PersonBlocked) -> None:
    """What two people made of each other's posts is shown below these no more, from a block between them on.

    Neither could hide it any more: it is behind the block for them. In its transaction; who made the post may take it
    back when the block is gone.
    """
    pairs = ((event.blocker_id, event.blocked_id), (event.blocked_id, event.blocker_id))
    made = [Q(source__author=one, derivation__in=Post.objects.filter(author=other)) for one, other in pairs]
    edges = Edge.objects.filter(made[0] | made[1], is_hidden=False).select_for_update(no_key=True, of=("self",))
    found = dict(edges.order_by("derivation").values_list("pk", "derivation_id"))
    Edge.objects.filter(pk__in=found).update(is_hidden=True)
    relist(found.values())


def _derivation(edge: Edge) -> Derivation:
    return Derivation(edge.derivation_id, edge.kind, edge.is_hidden, edge.is_detached)


def _require_own(author: User, post_id: int) -> Post:
    post = post_for(author, post_id)
    if post.author_id != author.pk:
        raise Forbidden("Only its author may do this.")
    return post


def _children(
    viewer: User,
    source_id: int,
    order: Order,
    *,
    purpose: str,
    cursor: str,
    limit: int,
    start: tuple[int, ...] | None = None,
) -> Page[int]:
    beginning = start or order.start
    seen_among = presenting.known_among if order is _EVERY else presenting.listed_among
    found, following = filled(
        order.rows_after(source_id),
        lambda ids: seen_among(viewer, ids),
        after=unseal(purpose, cursor, len(beginning)) if cursor else beginning,
        limit=limit,
    )
    return Page([row[-1] for row in found], seal(purpose, *following) if following else None)
