"""Large lineages in a second: rows that are written at once, as publishing and counting would have left them."""

import random
from collections import Counter
from collections.abc import Sequence

from django.db import connection

from remix.models import Edge
from sora_social.accounts.models import User
from sora_social.posts.models import Post
from tests import cast

KINDS = ("remix", "remix", "remix", "stitch", "extend", "template")


def grow(
    authors: Sequence[User], sources: Sequence[Sequence[int]], *, root: Post | None = None, seed: int = 1
) -> list[int]:
    """Posts, the first of them a root (or the one given); `sources[n]` are the numbers of what post n is made from.

    Gives their ids. Likes are made up, counts are exact.
    """
    chance = random.Random(seed)
    clip = cast.clip()
    ids = _ids(len(sources))
    if root is not None:
        ids[0] = root.pk
    kinds = [chance.choice(KINDS) if len(above) < 2 else "stitch" for above in sources]
    roots, depths = [ids[0]], [0]
    for above in sources[1:]:
        roots.append(roots[above[0]] if above else 0)
        depths.append(1 + max(depths[number] for number in above) if above else 0)
    remixes = Counter(number for above in sources for number in above)
    descendants = _descendants(sources)
    posts = [
        Post(
            id=ids[number],
            author=authors[number % len(authors)],
            clip=clip,
            caption=f"number {number}",
            prompt="waves",
            provider="preview",
            model="preview-1",
            root_id=roots[number] if above else None,
            depth=depths[number],
            sources=[{"post_id": str(ids[source]), "kind": kinds[number]} for source in above],
            remix_count=remixes[number],
            descendant_count=descendants[number],
            like_count=int(chance.paretovariate(1.2)) - 1,
            counted=True,
        )
        for number, above in enumerate(sources)
    ]
    Post.objects.bulk_create(posts[1:] if root is not None else posts, batch_size=5_000)
    if root is not None:
        Post.objects.filter(pk=root.pk).update(remix_count=remixes[0], descendant_count=descendants[0])
    Edge.objects.bulk_create(
        [
            Edge(source_id=ids[source], derivation_id=ids[number], kind=kinds[number], ordinal=place)
            for number, above in enumerate(sources)
            for place, source in enumerate(above)
        ],
        batch_size=10_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE posts_post")
        cursor.execute("ANALYZE remix_edge")
    return ids


def _ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core_next_id() FROM generate_series(1, %s)", [count])
        return sorted(row[0] for row in cursor.fetchall())


def _descendants(sources: Sequence[Sequence[int]]) -> list[int]:
    """Of each post, all that came of it: exact where every post has one source, else by first sources."""
    below = [0] * len(sources)
    for number in range(len(sources) - 1, 0, -1):
        if sources[number]:
            below[sources[number][0]] += 1 + below[number]
    return below


def star(count: int) -> list[list[int]]:
    return [[], *([0] for _ in range(count - 1))]


def chain(count: int) -> list[list[int]]:
    return [[], *([number] for number in range(count - 1))]


def attached(count: int, *, stitched: float = 0.0, seed: int = 1) -> list[list[int]]:
    """Who has many gets more (preferential attachment); some are stitched from two or three."""
    chance = random.Random(seed)
    urn, sources = [0], [[]]
    for number in range(1, count):
        above = [chance.choice(urn)]
        if chance.random() < stitched:
            others = {chance.randrange(number) for _ in range(chance.choice((1, 2)))} - set(above)
            above += sorted(others)
        sources.append(above)
        urn += [number, *above]
    return sources


def hit(count: int, *, wide: int, seed: int = 1) -> list[list[int]]:
    """A root with `wide` direct remixes, of which a few have very many themselves."""
    chance = random.Random(seed)
    favoured = list(range(1, 9))
    sources = star(wide + 1)
    for number in range(len(sources), count):
        sources.append([chance.choice(favoured) if chance.random() < 0.8 else chance.randrange(1, number)])
    return sources
