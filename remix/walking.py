"""Walks over the edges, each one statement: up to what a post was made from, down to what was made from it.

Every step is an index look-up (`OFFSET 0` keeps the planner from joining whole tables instead), so that a walk costs
what it visits, whatever the size of the graph around it.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from sora_social.core.prepared import ids_param, prepared_rows


def counted_sources(rows: str) -> str:
    """SQL: the sources of each `id` of the rows named so, along the edges that are counted."""
    return f"LATERAL (SELECT source_id FROM remix_edge WHERE derivation_id = {rows}.id AND is_counted OFFSET 0)"  # noqa: S608


class Link(NamedTuple):
    """An edge of the graph."""

    source_id: int
    derivation_id: int
    kind: str
    ordinal: int


def ancestors_of_each(post_ids: Collection[int]) -> list[tuple[int, int]]:
    """Pairs of these posts and each of their ancestors, along the edges that are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE at (post_id, id) AS (
                   SELECT start, start FROM unnest(%s::bigint[]) AS start
                   UNION
                   SELECT at.post_id, up.source_id FROM at, {counted_sources("at")} AS up)
               SELECT post_id, id FROM at WHERE id <> post_id""",  # noqa: S608 - our own text
            [list(post_ids)],
        )
        return [(post_id, ancestor_id) for post_id, ancestor_id in cursor.fetchall()]


def counted_above(post_ids: Collection[int]) -> set[int]:
    """These posts and all their ancestors along the edges that are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE at (id) AS (
                   SELECT unnest(%s::bigint[])
                   UNION
                   SELECT up.source_id FROM at, {counted_sources("at")} AS up)
               SELECT id FROM at""",  # noqa: S608 - our own text
            [list(post_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def counted_below(post_ids: Collection[int]) -> set[int]:
    """These posts and all that came of them along the edges that are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE at (id) AS (
                   SELECT unnest(%s::bigint[])
                   UNION
                   SELECT down.derivation_id FROM at,
                   LATERAL (SELECT derivation_id FROM remix_edge
                            WHERE source_id = at.id AND is_counted OFFSET 0) AS down)
               SELECT id FROM at""",
            [list(post_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Above:
    """A post and what lies above it: the number of steps to each ancestor, nearest first, and the last step there."""

    distances: Mapping[int, int]
    steps: Mapping[int, Link]

    def way_to(self, ancestor_id: int) -> list[Link]:
        """The edges of the shortest way up."""
        way = []
        while (step := self.steps.get(ancestor_id)) is not None:
            way.append(step)
            ancestor_id = step.derivation_id
        return way[::-1]


def above_of(post_id: int, *, at_most: int) -> Above:
    """A post and its nearest ancestors, so many together or a level more, each once.

    All edges are credit, so all are walked: level by level, each in the order of the one below and of its sources.
    The walk stops early: what is near costs the same however much lies above it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE at (id) AS (
                   SELECT %s::bigint
                   UNION
                   SELECT up.source_id FROM at, LATERAL (
                       SELECT source_id FROM remix_edge WHERE derivation_id = at.id ORDER BY ordinal OFFSET 0) AS up)
               SELECT e.source_id, e.derivation_id, e.kind, e.ordinal
               FROM (SELECT id FROM at LIMIT %s) AS near, LATERAL (
                   SELECT * FROM remix_edge WHERE derivation_id = near.id ORDER BY ordinal OFFSET 0) AS e""",
            [post_id, at_most],
        )
        links: dict[int, list[Link]] = {}
        for row in cursor.fetchall():
            links.setdefault(row[1], []).append(Link(*row))
    distances, steps = {post_id: 0}, {}
    waiting = deque([post_id])
    while waiting:
        here = waiting.popleft()
        for link in links.get(here, ()):
            if link.source_id not in distances:
                distances[link.source_id] = distances[here] + 1
                steps[link.source_id] = link
                waiting.append(link.source_id)
    return Above(distances, steps)


class Step(NamedTuple):
    """Where a walk through a tree stands: it came down to a post from its first source, or is back at it from below."""

    post_id: int
    source_id: int
    is_down: bool = True


_DEPTH_FIRST = """
WITH RECURSIVE walk (number, post_id, source_id, is_down) AS (
    SELECT 0, %s::bigint, %s::bigint, %s::boolean
    UNION ALL
    SELECT walk.number + 1, next.post_id, next.source_id, next.is_down FROM walk, LATERAL (
        (SELECT 1 AS choice, derivation_id AS post_id, source_id, true AS is_down FROM remix_edge
         WHERE walk.is_down AND source_id = walk.post_id AND ordinal = 0 AND NOT is_hidden AND NOT is_detached
         ORDER BY derivation_id LIMIT 1)
        UNION ALL
        (SELECT 2, derivation_id, source_id, true FROM remix_edge
         WHERE source_id = walk.source_id AND ordinal = 0 AND NOT is_hidden AND NOT is_detached
         AND derivation_id > walk.post_id ORDER BY derivation_id LIMIT 1)
        UNION ALL
        SELECT 3, derivation_id, source_id, false FROM remix_edge
        WHERE derivation_id = walk.source_id AND ordinal = 0 AND walk.source_id > %s
        ORDER BY choice LIMIT 1) AS next
    WHERE walk.number < %s)
SELECT post_id, source_id, is_down FROM walk WHERE number > 0 ORDER BY number"""


def depth_first(top_id: int, after: Step, *, at_most: int) -> list[Step]:
    """The next steps of a walk through the tree below a post, as far as it is shown; fewer than asked for at its end.

    Down to the first child, else on to the next sibling, else back up: a few look-ups for each, whatever lies beside.
    A walk begins at `Step(top_id, 0)`.
    """
    return [Step(*row) for row in prepared_rows(_DEPTH_FIRST, [*after, top_id, at_most])]


_FIRST_SOURCES = """
WITH RECURSIVE way (post_id, source_id) AS (
    SELECT id, (sources #>> '{0,post_id}')::bigint FROM posts_post WHERE id = %s
    UNION ALL
    SELECT above.id, above.source_id FROM way, LATERAL (
        SELECT id, (sources #>> '{0,post_id}')::bigint AS source_id FROM posts_post WHERE id = way.source_id OFFSET 0
        ) AS above WHERE way.source_id > %s)
SELECT post_id, source_id FROM way WHERE post_id > %s AND source_id IS NOT NULL"""


def first_sources(post_id: int, top_id: int) -> dict[int, int]:
    """The first source of a post and of each on the way up from it to `top_id`, also where that was hidden, or where a
    post was taken back without a trace."""
    return dict(prepared_rows(_FIRST_SOURCES, [post_id, top_id, top_id]))


_PATHS_UP = """
WITH RECURSIVE way (post_id, source_id) AS (
    SELECT up.derivation_id, up.source_id FROM unnest(%s::bigint[]) AS start, LATERAL (
        SELECT derivation_id, source_id FROM remix_edge WHERE derivation_id = start AND ordinal = 0
        AND NOT is_hidden AND NOT is_detached OFFSET 0) AS up
    UNION
    SELECT up.derivation_id, up.source_id FROM way, LATERAL (
        SELECT derivation_id, source_id FROM remix_edge WHERE derivation_id = way.source_id AND ordinal = 0
        AND NOT is_hidden AND NOT is_detached OFFSET 0) AS up WHERE way.source_id > %s)
SELECT post_id, source_id FROM way"""


def paths_up(post_ids: Iterable[int], top_id: int) -> dict[int, int]:
    """For each of these posts that is shown below `top_id`, and every post between the two, its first source.

    Where the source's author hid or detached something on the way, and where it leads elsewhere, it is left out. Each
    post is visited once, however many start below it. In the order of ids: sources before what was made from them.
    """
    starts = [post_id for post_id in post_ids if post_id > top_id]
    rows = prepared_rows(_PATHS_UP, [ids_param(starts), top_id]) if starts else ()
    source_of: dict[int, int] = {}
    for post_id, source_id in sorted(rows):  # what a post was made from has the smaller id
        if source_id == top_id or source_id in source_of:
            source_of[post_id] = source_id
    return source_of
