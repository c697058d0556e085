"""Large lineages in a second: rows that are written at once, as publishing and counting would have left them."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from sora_social.accounts.models import User
from sora_social.posts.models import Post
from tests import cast
from tests.remix.lists import list_below

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
    likes = [int(chance.paretovariate(1.2)) - 1 for _ in sources]
    first = 0 if root is None else 1
    now = datetime.now(UTC)
    _copy(
        "posts_post (id, author_id, clip_id, caption, prompt, visibility, remix_policy, prompt_visibility, provider,"
        " model, version, root_id, depth, sources, remix_count, descendant_count, like_count, save_count,"
        " comment_count, view_count, counted, created_at, shown_at)",
        (
            (
                *(ids[number], authors[number % len(authors)].pk, clip.pk, f"number {number}", "waves"),
                *("public", "everyone", "public", "preview", "preview-1", 1),
                *(roots[number] if above else None, depths[number]),
                json.dumps([{"post_id": str(ids[source]), "kind": kinds[number]} for source in above]),
                *(remixes[number], descendants[number], likes[number], 0, 0, 0, True, now, now),
            )
            for number, above in list(enumerate(sources))[first:]
        ),
    )
    if root is not None:
        Post.objects.filter(pk=root.pk).update(remix_count=remixes[0], descendant_count=descendants[0])
    _copy(
        "remix_edge (source_id, derivation_id, kind, ordinal, like_count)",
        (
            (ids[source], ids[number], kinds[number], place, likes[number])
            for number, above in enumerate(sources)
            for place, source in enumerate(above)
        ),
    )
    list_below(connection)
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")  # those made for a few rows; elsewhere autovacuum's ANALYZE sees to that
    return ids


def owner() -> psycopg.Connection[Any]:
    """A connection of who owns the tables; it sees what is committed."""
    database = settings.DATABASES["owner"]
    return psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
        autocommit=True,
    )


def _copy(table: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as target:
        for row in rows:
            target.write_row(row)


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
