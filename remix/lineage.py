"""A post's place in the graph, written when it is published."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from remix import walking
from remix.models import Descent, Edge
from sora_social.core.errors import Unavailable
from sora_social.posts.models import Post


@dataclass(frozen=True)
class Source:
    """A post that another is made from."""

    post_id: int
    kind: str
    ordinal: int = 0


def attach(post: Post, *, sources: Sequence[Source]) -> None:
    """Write the edges of a new post, and its places in lists, in the transaction that publishes it.

    Depth is one more than the deepest source's; the root is the first source's. A post without sources is a root.
    Raises Unavailable when the clock went backwards and ids no longer rise: the publisher tries again.
    """
    if not sources:
        return
    parents = _held([source.post_id for source in sources])
    if any(parent_id >= post.pk for parent_id in parents):
        raise Unavailable("The database's clock went backwards; try again in a moment.", retry_after=5)
    first = parents[sources[0].post_id]
    post.root_id = first.root_id or first.pk
    post.depth = 1 + max(parent.depth for parent in parents.values())
    post.sources = [{"post_id": str(source.post_id), "kind": source.kind} for source in sources]
    post.save(update_fields=["root", "depth", "sources"])
    Edge.objects.bulk_create(
        Edge(
            source_id=source.post_id,
            derivation=post,
            kind=source.kind,
            ordinal=source.ordinal,
        )
        for source in sources
    )
    _list_below(first, post.pk)


def _list_below(parent: Post, post_id: int) -> None:
    """Write a new post into the lists of all that came of its first source, and of what that came of."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO remix_descent (derivation_id, ancestor_id)
               SELECT %(made)s, ancestor_id FROM remix_descent WHERE derivation_id = %(parent)s
               UNION ALL SELECT %(made)s, %(parent)s WHERE %(has_list)s""",
            {"made": post_id, "parent": parent.pk, "has_list": Descent.has_list(parent)},
        )


def _held(post_ids: Sequence[int]) -> dict[int, Post]:
    """The sources, held until the end of the transaction against deletion and removal, not against each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM posts_post WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(post_ids)])
    return Post.objects.in_bulk(post_ids)


def authors_of(post_ids: Sequence[int]) -> set[int]:
    return set(Post.objects.filter(pk__in=post_ids).values_list("author_id", flat=True))


def ancestor_ids(post_id: int, *, at_most: int) -> list[int]:
    """The nearest ancestors, each once, nearest first."""
    found = walking.above_of(post_id, at_most=at_most + 1).distances
    return [ancestor_id for ancestor_id in found if ancestor_id != post_id][:at_most]
