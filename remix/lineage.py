"""A post's place in the graph, written when it is published, and the lists that it stands in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import connection

from remix import models, walking
from remix.models import Edge, Listing
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
    _list_below(first.pk, post.pk)


def _list_below(source_id: int, post_id: int) -> None:
    """Write a new post into the lists of all that came of its first source, and of what that came of."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH above AS (SELECT ancestor_id FROM remix_listing WHERE derivation_id = %(source)s)
               INSERT INTO remix_listing (derivation_id, ancestor_id)
               SELECT %(made)s, ancestor_id FROM above
               UNION ALL SELECT %(made)s, %(source)s WHERE (SELECT count(*) FROM above) < %(levels)s""",
            {"made": post_id, "source": source_id, "levels": models.LISTED_LEVELS},
        )


def relist(post_ids: Collection[int]) -> None:
    """Leave posts out of the lists of what they came of, or bring them back, as the edges to their first sources say.

    In the transaction that changed the edges.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE remix_listing AS listed SET is_left_out = NOT listed.is_left_out FROM remix_edge AS up
               WHERE up.derivation_id = ANY(%s) AND up.ordinal = 0 AND listed.derivation_id = up.derivation_id
               AND listed.is_left_out <> (up.is_gone OR up.is_hidden OR up.is_detached)""",
            [list(post_ids)],
        )


def list_with(post: Post) -> int:
    """The post in whose list stands what lies below `post`: itself, or the nearest above that has one."""
    if post.depth < models.LISTED_LEVELS:  # which is the steps to its root, or more where a stitch lies between
        return int(post.pk)
    above = Listing.objects.filter(derivation=post).order_by("-ancestor_id").values_list("ancestor_id", flat=True)
    return above[0] if len(above) >= models.LISTED_LEVELS else int(post.pk)


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
