"""Lineages of twenty posts, of 20,000 and of a million, in a database of their own with a plain world around them.

Of the shapes that cost differently: a star, chains, braids of stitches that are each made from two or three earlier
ones, and trees in which what is remixed already is remixed more. The largest is such a tree: its root has 18,000
children, ten of these 6,000 to 8,000, and a chain and a braid hang on it. Ids are time-ordered in each.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import psycopg

from tests.bench.world import DAY_MS, NULL, SEED, Ids, Ints, Rows, Shape, build, when_text, without_foreign_keys
from tests.remix.lists import list_below

CLIPS = 997
HUBS = 10
LATER_PEOPLE = 0.1  # this share of the people made nothing in these lineages: they are who acts on them later


@dataclass(frozen=True)
class Sizes:
    """How many posts."""

    star: int = 20_000
    tree: int = 20_000
    braid: int = 20_000
    chain: int = 10_000
    short_chain: int = 200
    large: int = 1_000_000
    large_width: int = 18_000

    @classmethod
    def scaled(cls, scale: float) -> "Sizes":
        def some(number: int) -> int:
            return max(400, round(number * scale))

        return cls(
            *map(some, (cls.star, cls.tree, cls.braid, cls.chain)),
            large=some(cls.large),
            large_width=some(cls.large_width),
        )

    def __str__(self) -> str:
        return (
            f"a star of {self.star:,}, a tree of {self.tree:,}, a braid of {self.braid:,}, chains of {self.chain:,} "
            f"and {self.short_chain:,}; and one of {self.large:,} posts whose root has {self.large_width:,} children"
        )


@dataclass(frozen=True)
class Lineage:
    """Posts in the order they were made; for each the place of its first source (-1 for the root), and of others."""

    first: Ints
    others: Mapping[int, Sequence[int]] = field(default_factory=dict)
    ids: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def children(self, place: int) -> Ints:
        return np.flatnonzero(self.first == place)

    @property
    def width(self) -> Ints:
        return np.bincount(self.first[1:], minlength=len(self.first))

    @property
    def below(self) -> Ints:
        """How many lie below each, by first sources."""
        first, found = self.first.tolist(), [0] * len(self.first)
        for place in range(len(first) - 1, 0, -1):
            found[first[place]] += 1 + found[place]
        return np.array(found)

    @property
    def depth(self) -> Ints:
        first, found = self.first.tolist(), [0] * len(self.first)
        for place in range(1, len(first)):
            found[place] = 1 + max(found[source] for source in (first[place], *self.others.get(place, ())))
        return np.array(found)


def star(size: int) -> Lineage:
    return Lineage(np.concatenate([[-1], np.zeros(size - 1, np.int64)]))


def chain(size: int) -> Lineage:
    return Lineage(np.arange(-1, size - 1))


def twenty() -> Lineage:
    """A tree of twenty: the root has five children, and the first of them nine."""
    return Lineage(np.array([-1, *[0] * 5, *[1] * 9, 2, 2, 3, 3, 4]))


def braid(size: int, chance: np.random.Generator) -> Lineage:
    first, others = _braided(np.arange(size), chance)
    return Lineage(np.array(first), others)


def _braided(places: Ints, chance: np.random.Generator) -> tuple[list[int], dict[int, list[int]]]:
    """Each but the first made from two or three of the five before it; from fewer where there are no more."""
    first, others = [-1], dict[int, list[int]]()
    for number in range(1, len(places)):
        reach = np.arange(max(0, number - 5), number)
        chosen = chance.choice(reach, min(len(reach), int(chance.integers(2, 4))), replace=False)
        first.append(int(places[chosen[0]]))
        if len(chosen) > 1:
            others[int(places[number])] = [int(places[place]) for place in chosen[1:]]
    return first, others


def tree(size: int, width: int, chance: np.random.Generator, *, chained: int = 0, braided: int = 0) -> Lineage:
    """Preferential attachment around a root and hubs of set widths, with a chain and a braid that were there first."""
    first = [-1, *[0] * HUBS]
    start = len(first)
    first += [0, *range(start, start + chained - 1)] if chained else []
    start = len(first)
    woven, others = _braided(np.arange(start, start + braided), chance) if braided else ([], {})
    first += [0, *woven[1:]] if braided else []
    start = len(first)
    hub_widths = chance.integers(width // 3, max(width // 3 + 1, width * 4 // 9), HUBS)
    wanted = np.repeat(np.arange(HUBS + 1), [width - first.count(0), *hub_widths])
    rest = np.full(size - start, -1, np.int64)
    rest[chance.choice(len(rest), min(len(rest) // 2, len(wanted)), replace=False)] = chance.permutation(wanted)[
        : len(rest) // 2
    ]
    lots, follows = chance.random(len(rest)), chance.random(len(rest)) < 0.5
    for number, (fixed, lot, follow) in enumerate(zip(rest.tolist(), lots.tolist(), follows.tolist(), strict=True)):
        if fixed >= 0 or number == 0:
            first.append(max(fixed, 0))
            continue
        met = start + int(lot * number)  # any earlier one, or what that was made from: who has many gets more
        first.append(first[met] if follow and first[met] > HUBS else met)
    return Lineage(np.array(first), others)


@dataclass(frozen=True)
class Lineages:
    """What was built, by name, and people who made nothing in it."""

    sizes: Sizes
    of: Mapping[str, Lineage]
    people: Sequence[int]


def build_lineages(url: str, sizes: Sizes, around: Shape) -> Lineages:
    """Fill a migrated, empty database. `url` is of the tables' owner."""
    viewers = build(url, around)
    chance = np.random.default_rng(SEED)
    shapes = {
        "small star": star(20),
        "small tree": twenty(),
        "small chain": chain(20),
        "small braid": braid(20, chance),
        "star": star(sizes.star),
        "tree": tree(sizes.tree, sizes.tree // 10, chance),
        "braid": braid(sizes.braid, chance),
        "short chain": chain(sizes.short_chain + 1),
        "chain": chain(sizes.chain + 1),
        "large": tree(sizes.large, sizes.large_width, chance, chained=sizes.chain, braided=sizes.braid),
    }
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT id FROM accounts_user WHERE id <> ALL(%s) ORDER BY id", [viewers]).fetchall()
        people = [pk for (pk,) in found]
        later = max(16, round(len(people) * LATER_PEOPLE))
        with without_foreign_keys(connection):
            writer = _Writer(connection, np.array(people[:-later]), chance)
            of = {name: writer.write(shape) for name, shape in shapes.items()}
        list_below(connection)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return Lineages(sizes, of, people[-later:])


class _Writer(Rows):
    def __init__(self, connection: "psycopg.Connection[object]", people: Ints, chance: np.random.Generator) -> None:
        super().__init__(connection)
        self.people, self.chance, self.ids = people, chance, Ids()
        self.now_ms = int(time.time() * 1000)
        self.clips = self.ids.at(self.now_ms - 59 * DAY_MS + np.arange(CLIPS)).tolist()
        made = when_text(self.now_ms - 59 * DAY_MS)
        self.copy(
            """media_clip (id, video_key, poster_key, captions_key, mime, width, height, duration_ms, size_bytes,
               stream_sha256, created_at)""",
            (
                f"{clip}\tlineages/{number}.mp4\tclips/shared.jpg\t\tvideo/mp4\t480\t854\t5000\t400000\t{number:064x}"
                f"\t{made}\n"
                for number, clip in enumerate(self.clips)
            ),
        )

    def write(self, shape: Lineage) -> Lineage:
        """The lineage with its ids, made before everything in the world around it."""
        count = len(shape.first)
        moments = np.sort(self.chance.integers(self.now_ms - 58 * DAY_MS, self.now_ms - 31 * DAY_MS, count))
        ids = self.ids.at(moments)
        posts, first, depth = ids.tolist(), shape.first.tolist(), shape.depth.tolist()
        author = self.people[self.chance.integers(0, len(self.people), count)].tolist()
        likes = (self.chance.zipf(1.6, count) % 100_000).tolist()
        direct, below = shape.width.tolist(), shape.below.tolist()
        sources = [[] if place == 0 else [first[place], *shape.others.get(place, ())] for place in range(count)]
        kinds = ["stitch" if len(found) > 1 else "remix" for found in sources]
        self.copy(
            """posts_post (id, author_id, clip_id, caption, prompt, visibility, remix_policy, prompt_visibility,
               provider, model, version, created_at, shown_at, root_id, depth, sources, remix_count, descendant_count,
               remixer_count, people_count, like_count, save_count, comment_count, view_count, counted, cast_count)""",
            (
                f"{pk}\t{author[i]}\t{self.clips[i % CLIPS]}\tOne of many, number {i}\tA quiet beach, number {i}\t"
                f"public\teveryone\tpublic\tpreview\tpreview-1\t1\t{when}\t{when}\t{posts[0] if i else NULL}\t"
                f"{depth[i]}\t{_sources(posts, sources[i], kinds[i])}\t{direct[i]}\t{below[i]}\t{direct[i]}\t{below[i]}"
                f"\t{likes[i]}\t0\t0\t{likes[i]}\tt\t0\n"
                for i, (pk, when) in enumerate(zip(posts, map(when_text, moments.tolist()), strict=True))
            ),
        )
        edges = [
            (posts[source], posts[place], likes[place], kinds[place], ordinal)
            for place, found in enumerate(sources)
            for ordinal, source in enumerate(found)
        ]
        edge_ids = self.ids.at(np.repeat(moments, [len(found) for found in sources])).tolist()
        self.copy(
            "remix_edge (id, source_id, derivation_id, like_count, kind, ordinal)",
            (
                f"{pk}\t{source}\t{made}\t{liked}\t{kind}\t{ordinal}\n"
                for pk, (source, made, liked, kind, ordinal) in zip(edge_ids, edges, strict=True)
            ),
        )
        return Lineage(shape.first, shape.others, ids)


def _sources(posts: Sequence[int], places: Sequence[int], kind: str) -> str:
    return orjson.dumps([{"post_id": str(posts[place]), "kind": kind} for place in places]).decode()
