"""The world that is measured: seeded, of a stated shape, written by COPY.

At scale 1.0: 20,000 people, 1.0 M follows by a power law (one author with 15,000 followers), 200,000 posts over 30
days of which every fourth is a remix (Zipf), and the viral lineages on top: one root with 18,000 direct and 120,000
total descendants, ten with 2,000; 1.5 M likes, 250,000 comments. Each viewer who will ask for pages has walled off or
muted authors of 5 % of what the others published. A tenth of the people have a cameo, and every third post casts one
to three of them, the popular ones more often; some of that consent was withdrawn, or taken back since.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import psycopg
from psycopg import sql

from tests.remix.lists import list_below

EPOCH_MS = 1_735_689_600_000
DAY_MS = 86_400_000
DAYS = 30
SEED = 20_25
VIEWERS = 200
Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Shape:
    """How many of everything."""

    people: int
    follows: int
    top_followers: int
    posts: int
    likes: int
    comments: int
    viral_direct: int
    viral_total: int
    big_roots: int
    big_total: int
    viewers: int
    cameos: int
    viewer_follows: int = 0  # each viewer's own, beside what the power law gives them

    @classmethod
    def grown(cls, posts: int, viewer_follows: int, people: int) -> "Shape":
        """A plain world of so many posts, for what should not change with their number."""
        return cls(
            people=people,
            follows=people * 20,
            top_followers=people // 2,
            posts=posts,
            likes=posts * 2,
            comments=posts // 2,
            viral_direct=max(2, posts // 100),
            viral_total=max(4, posts // 50),
            big_roots=1,
            big_total=max(2, posts // 200),
            viewers=20,
            cameos=people // 10,
            viewer_follows=viewer_follows,
        )

    @classmethod
    def scaled(cls, scale: float) -> "Shape":
        def some(number: int, least: int = 1) -> int:
            return max(least, round(number * scale))

        people = some(20_000, 200)
        return cls(
            people=people,
            follows=some(1_000_000, 4_000),
            top_followers=min(some(15_000), people - 1),
            posts=some(200_000, 1_000),
            likes=some(1_500_000, 2_000),
            comments=some(250_000, 500),
            viral_direct=some(18_000, 20),
            viral_total=some(120_000, 100),
            big_roots=10 if scale >= 0.1 else 2,
            big_total=some(2_000, 20),
            viewers=min(VIEWERS, people // 10),
            cameos=people // 10,
        )

    def __str__(self) -> str:
        return (
            f"{self.people:,} people, {self.follows:,} follows (one author with {self.top_followers:,} followers), "
            f"{self.posts:,} posts over {DAYS} days, every fourth a remix, and on top of them one root with "
            f"{self.viral_direct:,} direct and {self.viral_total:,} total descendants and {self.big_roots} with "
            f"{self.big_total:,}; {self.likes:,} likes, {self.comments:,} comments; each of {self.viewers} viewers "
            f"blocks or mutes the authors of 5 % of all posts; {self.cameos:,} cameos, cast in every third post, 2 % "
            "of their appearances withdrawn, 3 % of them revoked ten days ago"
        )


class Ids:
    """Time-ordered ids as the database would have made them at those moments."""

    def __init__(self) -> None:
        self._seq = 0

    def at(self, moments_ms: Ints) -> Ints:
        seq = (self._seq + np.arange(1, len(moments_ms) + 1)) & 0x3FFFFF
        self._seq += len(moments_ms)
        return ((moments_ms - EPOCH_MS) << 22) | seq


def power_law(size: int, exponent: float, *, flat: float = 20.0) -> np.ndarray[Any, np.dtype[np.float64]]:
    weights = (np.arange(size) + flat) ** -exponent
    return weights / weights.sum()


def build(url: str, shape: Shape, *, seed: int = SEED) -> list[int]:
    """Fill a migrated, empty database; the ids of the viewers. `url` is of the tables' owner."""
    with psycopg.connect(url) as connection:
        with without_foreign_keys(connection):
            viewers = _Builder(connection, shape, np.random.default_rng(seed)).build()
        list_below(connection)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
    return viewers


@contextmanager
def without_foreign_keys(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    """They are dropped for the load and made again after it, which checks every row at once."""
    found = connection.execute(
        """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""
    ).fetchall()
    for table, name, _ in found:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.SQL(table), sql.Identifier(name)))
    yield
    for table, name, definition in found:
        words = sql.SQL(table), sql.Identifier(name), sql.SQL(definition)
        connection.execute(sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(*words))


class Rows:
    """Rows written by COPY."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection

    def copy(self, into: str, lines: Iterable[str]) -> None:
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            kept: list[str] = []
            for line in lines:
                kept.append(line)
                if len(kept) == 2_000:
                    copy.write("".join(kept))
                    kept.clear()
            copy.write("".join(kept))

    def copy_ints(self, into: str, *columns: Ints, constants: "dict[str, Any] | None" = None) -> None:
        """Columns of 64-bit numbers. Numbers alone go over in COPY's binary form, as one block of memory."""
        if constants or "posts_room" in into:
            names = "".join(f", {name}" for name in constants or {})
            values = "".join(f"\t{value}" for value in (constants or {}).values())
            rows = zip(*(column.tolist() for column in columns), strict=True)
            self.copy(into.replace(")", f"{names})"), ("\t".join(map(str, row)) + values + "\n" for row in rows))
            return
        one: list[tuple[str, str]] = [("count", ">i2")]
        for place in range(len(columns)):
            one += [(f"size{place}", ">i4"), (f"value{place}", ">i8")]
        rows_block = np.zeros(len(columns[0]), np.dtype(one))
        rows_block["count"] = len(columns)
        for place, column in enumerate(columns):
            rows_block[f"size{place}"], rows_block[f"value{place}"] = 8, column
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {into} FROM STDIN (FORMAT binary)") as copy,
        ):
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            copy.write(rows_block.tobytes())
            copy.write(b"\xff\xff")


class _Builder(Rows):
    def __init__(self, connection: "psycopg.Connection[Any]", shape: Shape, chance: np.random.Generator) -> None:
        super().__init__(connection)
        self.shape, self.chance = shape, chance
        self.ids = Ids()
        self.now_ms = int(time.time() * 1000)

    def build(self) -> list[int]:
        shape, chance = self.shape, self.chance
        self.people = self.ids.at(self.now_ms - 60 * DAY_MS + np.arange(shape.people))
        self.viewers = chance.choice(np.arange(1, shape.people), shape.viewers, replace=False)
        follower, followee = self._follows()
        self._posts()
        likes = self._reactions(shape.likes, 0.7)
        commented, commenter = self._reactions(shape.comments, 0.6, twice=True)
        self._write_people(follower, followee)
        self._write_posts(np.bincount(likes[0], minlength=len(self.posts)), commented)
        self.copy_ints(
            "accounts_follow (id, follower_id, followee_id)",
            self.ids.at(np.sort(chance.integers(self.now_ms - 50 * DAY_MS, self.now_ms, len(follower)))),
            self.people[follower],
            self.people[followee],
        )
        moment = self._later(likes[0])
        order = np.argsort(moment)
        self.copy_ints(
            "posts_like (id, post_id, person_id)",
            self.ids.at(moment[order]),
            self.posts[likes[0][order]],
            self.people[likes[1][order]],
        )
        self._write_comments(commented, commenter)
        self._write_cast()
        return self._walls(follower, followee)

    # who follows whom, who made what, from what

    def _follows(self) -> tuple[Ints, Ints]:
        shape, chance = self.shape, self.chance
        top = chance.choice(np.arange(1, shape.people), shape.top_followers, replace=False)
        wanted = shape.follows - len(top)
        asked = round(wanted * 1.3)
        follower = chance.integers(0, shape.people, asked)
        followee = 1 + chance.choice(shape.people - 1, asked, p=power_law(shape.people - 1, 0.8))
        pairs = np.unique(follower * shape.people + followee)
        pairs = pairs[pairs // shape.people != pairs % shape.people]
        pairs = chance.permutation(pairs)[:wanted]
        of_viewers = [viewer * shape.people + self._followed_by_viewer(viewer) for viewer in self.viewers.tolist()]
        pairs = chance.permutation(np.unique(np.concatenate([pairs, top * shape.people, *of_viewers])))
        return pairs // shape.people, pairs % shape.people

    def _followed_by_viewer(self, viewer: int) -> Ints:
        others = np.setdiff1d(np.arange(self.shape.people), [viewer])
        return self.chance.choice(others, self.shape.viewer_follows, replace=False)

    def _posts(self) -> None:
        """`source` is the index of the post that a post was made from, or -1. Index order is the order in time."""
        shape, chance = self.shape, self.chance
        trees = [self._tree(shape.viral_direct, shape.viral_total)]
        trees += [self._tree(shape.big_total, shape.big_total) for _ in range(shape.big_roots)]
        count = shape.posts + sum(map(len, trees))
        # viral derivations lie scattered in time among the others, after their roots, which are the first posts
        scattered = len(trees) + np.sort(chance.choice(count - len(trees), count - shape.posts, replace=False))
        owner = chance.permutation(np.repeat(np.arange(len(trees)), [len(tree) for tree in trees]))
        self.source = np.full(count, -1, np.int64)
        for number, tree in enumerate(trees):
            places = np.concatenate([[number], scattered[owner == number]])
            self.source[places[1:]] = places[tree]
        plain = np.setdiff1d(np.arange(len(trees), count), scattered)
        remixes = plain[3::4]
        reach = chance.zipf(1.3, len(remixes)) % np.maximum(remixes, 1)  # most are made from something recent
        self.source[remixes] = np.maximum(remixes - 1 - reach, 0)
        self.cast_count = np.where(np.arange(count) % 3 == 1, chance.choice([1, 2, 3], count, p=[0.75, 0.2, 0.05]), 0)
        moments = np.sort(chance.integers(self.now_ms - DAYS * DAY_MS, self.now_ms - 60_000, count))
        self.posts, self.moments = self.ids.at(moments), moments
        self.author = chance.permutation(shape.people)[
            chance.choice(shape.people, count, p=power_law(shape.people, 0.6))
        ]
        self.depth, self.root = np.zeros(count, np.int64), np.arange(count)
        self.direct, self.below = np.bincount(self.source[self.source >= 0], minlength=count), np.zeros(count, np.int64)
        for index in np.flatnonzero(self.source >= 0):
            parent = self.source[index]
            self.depth[index], self.root[index] = self.depth[parent] + 1, self.root[parent]
        for index in np.flatnonzero(self.source >= 0)[::-1]:
            self.below[self.source[index]] += 1 + self.below[index]

    def _tree(self, direct: int, total: int) -> Ints:
        """For each descendant, the place of its parent in the tree; 0 is the root."""
        places = np.arange(1, total + 1)
        parents = 1 + (self.chance.random(total) * (places - 1)).astype(np.int64)
        parents[0] = 0
        parents[1 + self.chance.choice(total - 1, direct - 1, replace=False)] = 0
        return parents

    def _reactions(self, count: int, exponent: float, *, twice: bool = False) -> tuple[Ints, Ints]:
        """Pairs of post and person; the popular posts are any posts."""
        chance, posts = self.chance, len(self.posts)
        asked = round(count * 1.2)
        post = chance.permutation(posts)[chance.choice(posts, asked, p=power_law(posts, exponent))]
        person = chance.integers(0, self.shape.people, asked)
        pairs = post * self.shape.people + person
        pairs = pairs if twice else np.unique(pairs)
        pairs = chance.permutation(pairs)[:count]
        return pairs // self.shape.people, pairs % self.shape.people

    def _later(self, posts: Ints) -> Ints:
        """A moment after each post, sooner rather than later."""
        passed = self.now_ms - self.moments[posts]
        return self.moments[posts] + (passed * self.chance.random(len(posts)) ** 3).astype(np.int64)

    # rows

    def _write_people(self, follower: Ints, followee: Ints) -> None:
        count = self.shape.people
        figures = zip(
            self.people.tolist(),
            np.bincount(followee, minlength=count).tolist(),
            np.bincount(follower, minlength=count).tolist(),
            np.bincount(self.author, minlength=count).tolist(),
            strict=True,
        )
        joined = when_text(self.now_ms - 60 * DAY_MS)
        self.copy(
            """accounts_user (id, password, is_superuser, handle, display_name, bio, email, birthday, country,
               is_active, is_staff, joined_at, admitted_at, version, follower_count, following_count, post_count,
               like_count, remix_count, casting_count)""",
            (
                f"{pk}\t!unusable{number}\tf\tp{number}\tPerson {number}\tSomebody of the measured world.\t"
                f"p{number}@example.org\t1990-01-01\tNL\tt\tf\t{joined}\t{joined}\t1\t{followers}\t{following}\t{posts}"
                f"\t{posts}\t0\t0\n"
                for number, (pk, followers, following, posts) in enumerate(figures)
            ),
        )
        self.copy("accounts_handle (name, person_id)", (f"p{number}\t{pk}\n" for number, pk in enumerate(self.people)))

    def _write_posts(self, likes: Ints, commented: Ints) -> None:
        count, chance = len(self.posts), self.chance
        comments = np.bincount(commented, minlength=count)
        clips = self.ids.at(self.moments)
        shown = (likes + 1) * chance.integers(5, 60, count)
        shown[chance.random(count) < 0.02] = 3
        visibility = chance.choice(["public", "followers", "unlisted"], count, p=[0.94, 0.05, 0.01])
        tags = chance.choice(300, (count, 2), p=power_law(300, 1.0, flat=3.0))
        when = [when_text(moment) for moment in self.moments.tolist()]
        posts, source, root = self.posts.tolist(), self.source.tolist(), self.root.tolist()
        self.copy(
            """media_clip (id, video_key, poster_key, captions_key, mime, width, height, duration_ms, size_bytes,
               stream_sha256, created_at)""",
            (
                f"{clip}\tclips/{number}.mp4\tclips/shared.jpg\t{'clips/shared.vtt' if number % 3 == 0 else ''}\t"
                f"video/mp4\t480\t854\t5000\t400000\t{number % 997:064x}\t{when[number]}\n"
                for number, clip in enumerate(clips.tolist())
            ),
        )
        self.copy(
            """posts_post (id, author_id, clip_id, caption, prompt, visibility, remix_policy, prompt_visibility,
               provider, model, version, created_at, shown_at, root_id, depth, sources, remix_count, descendant_count,
               remixer_count, people_count, like_count, save_count, comment_count, view_count, counted, cast_count)""",
            (
                f"{pk}\t{self.people[self.author[i]]}\t{clips[i]}\tA quiet morning, number {i} #t{tags[i, 0]} "
                f"#t{tags[i, 1]}\tA quiet beach at dawn, seen from above, number {i}\t{visibility[i]}\t"
                f"{'mutuals' if i % 10 == 0 else 'everyone'}\t{'remixers' if i % 7 == 0 else 'public'}\tpreview\t"
                f"preview-1\t1\t{when[i]}\t{when[i]}\t{posts[root[i]] if source[i] >= 0 else NULL}\t{self.depth[i]}\t"
                f"{_sources(posts, source[i])}\t{self.direct[i]}\t{self.below[i]}\t{self.direct[i]}\t{self.below[i]}\t"
                f"{likes[i]}\t{likes[i] // 9}\t"
                f"{comments[i]}\t{shown[i] // 2}\tt\t{self.cast_count[i]}\n"
                for i, pk in enumerate(posts)
            ),
        )
        made = np.flatnonzero(self.source >= 0)
        self.copy_ints(
            "remix_edge (id, source_id, derivation_id, like_count)",
            self.ids.at(self.moments[made]),
            self.posts[self.source[made]],
            self.posts[made],
            likes[made],
            constants={"kind": "remix", "ordinal": 0},
        )
        pairs = np.unique(np.concatenate([np.arange(count) * 300 + tags[:, 0], np.arange(count) * 300 + tags[:, 1]]))
        self.copy(
            "posts_posttag (post_id, tag)",
            (f"{posts[place // 300]}\tt{place % 300}\n" for place in pairs.tolist()),
        )
        sure = self.chance.choice((0.3, 0.6, 0.88), len(pairs))  # its tags say what a post is about
        topics = np.unique(np.column_stack([pairs // 300, pairs % 300 % 61]), axis=0, return_index=True)
        self.copy(
            "feeds_posttopic (post_id, topic, confidence)",
            (
                f"{posts[post]}\t{topic}\t{confidence}\n"
                for (post, topic), confidence in zip(topics[0].tolist(), sure[topics[1]].tolist(), strict=True)
            ),
        )
        self.copy(
            """feeds_exposure (post_id, impression_count, open_count, submit_count, publish_count, long_view_count,
               see_less_count)""",
            (
                f"{posts[i]}\t{n}\t{n // 8}\t{n // 30}\t{min(n // 40, d)}\t{n // 3}\t{n // 200}\n"
                for i, (n, d) in enumerate(zip(shown.tolist(), self.direct.tolist(), strict=True))
            ),
        )

    def _write_comments(self, commented: Ints, commenter: Ints) -> None:
        moments = self._later(commented)
        order = np.lexsort((moments, commented))
        commented, commenter, moments = commented[order], commenter[order], moments[order]
        starts = np.searchsorted(commented, commented, side="left")
        seq = np.arange(len(commented)) - starts + 1
        ids = self.ids.at(moments)
        rows = zip(ids.tolist(), commented.tolist(), commenter.tolist(), seq.tolist(), moments.tolist(), strict=True)
        self.copy(
            """posts_comment (id, post_id, author_id, seq, text, client_id, created_at, like_count, reply_count)""",
            (
                f"{pk}\t{self.posts[post]}\t{self.people[person]}\t{number}\tWhat a view\t\t{when_text(moment)}\t0\t0\n"
                for pk, post, person, number, moment in rows
            ),
        )
        rooms, sizes = np.unique(commented, return_counts=True)
        self.copy_ints("posts_room (post_id, seq)", self.posts[rooms], sizes)

    def _write_cast(self) -> None:
        """Cameos in force of a tenth of the people, and whom every third post casts.

        Of the cameos, 3 % were revoked ten days ago with all that was published, and cast again since; 3 % were
        revoked for the future alone. Of the appearances, 2 % were withdrawn one by one.
        """
        shape, chance = self.shape, self.chance
        owner = chance.choice(shape.people, shape.cameos, replace=False)
        cameos = self.ids.at(self.now_ms - 45 * DAY_MS + np.arange(shape.cameos))
        audience = chance.choice(["everyone", "mutuals", "approved", "only_me"], shape.cameos, p=[0.6, 0.2, 0.15, 0.05])
        revoked_at = self.now_ms - 10 * DAY_MS
        fate = np.arange(shape.cameos) % 100 // 3  # 0: all that was published, 1: the future alone
        until, began = when_text(self.now_ms + 335 * DAY_MS), when_text(self.now_ms - 30 * DAY_MS)
        self.copy(
            """cameos_cameo (id, owner_id, kind, figure, display_name, status, rejection, audience, ask_first, limits,
               preferences, restrictions, in_catalogue, portrait_key, terms_version, epoch, in_force_from,
               in_force_until, version, created_at)""",
            (
                f"{pk}\t{self.people[owner[i]]}\tperson\t\t\tactive\t\t{audience[i]}\tf\t{{}}\t\t\tf\t\t1\t"
                f"{2 if fate[i] < 2 else 1}\t{2 if fate[i] == 0 else 1}\t{until}\t1\t{began}\n"
                for i, pk in enumerate(cameos.tolist())
            ),
        )
        post = np.repeat(np.arange(len(self.posts)), self.cast_count)
        first = chance.choice(shape.cameos, len(post), p=power_law(shape.cameos, 0.8))
        place = np.arange(len(post)) - np.searchsorted(post, post, side="left")
        member = (first[np.searchsorted(post, post, side="left")] + place) % shape.cameos  # each once in a post
        moments = self.moments[post]
        epoch = np.where((fate[member] < 2) & (moments > revoked_at), 2, 1)
        withdrawn = chance.random(len(post)) < 0.02
        rows = zip(
            self.ids.at(moments).tolist(),
            cameos[member].tolist(),
            self.people[self.author[post]].tolist(),
            self.posts[post].tolist(),
            epoch.tolist(),
            moments.tolist(),
            withdrawn.tolist(),
            strict=True,
        )
        self.copy(
            """cameos_appearance (id, cameo_id, requester_id, job_id, draft_id, post_id, is_inherited, terms_version,
               epoch, created_at, shown_at, withdrawn_at)""",
            (  # one job and one draft for each post; the studio's own rows are not there
                f"{pk}\t{cameo}\t{author}\t{made}\t{made}\t{made}\tf\t1\t{number}\t{when_text(moment)}\t{when_text(moment)}\t"
                f"{when_text(moment + 60_000) if gone else NULL}\n"
                for pk, cameo, author, made, number, moment, gone in rows
            ),
        )

    def _walls(self, follower: Ints, followee: Ints) -> list[int]:
        """Each viewer blocks or mutes authors, picked as often as they post, until 5 % of all posts are theirs."""
        chance = self.chance
        share = np.bincount(self.author, minlength=self.shape.people) / len(self.author)
        viewers = self.viewers
        blocks, mutes = [], []
        for viewer in viewers.tolist():
            met = self.author[chance.integers(0, len(self.author), 4 * self.shape.people)]
            met = met[np.sort(np.unique(met, return_index=True)[1])]  # each once, in the order they were met
            met = met[met != viewer]
            walled = met[: int(np.searchsorted(np.cumsum(share[met]), 0.05)) + 1]
            followed = np.isin(walled, followee[follower == viewer])
            half = (np.arange(len(walled)) % 2 == 0) & ~followed  # a block ends a follow, a mute does not
            blocks += [(viewer, other) for other in walled[half].tolist()]
            mutes += [(viewer, other) for other in walled[~half].tolist()]
        for table, pairs in (
            ("accounts_block (id, blocker_id, blocked_id)", blocks),
            ("accounts_mute (id, muter_id, muted_id)", mutes),
        ):
            both = np.array(pairs, np.int64).reshape(-1, 2)
            moments = np.full(len(both), self.now_ms - DAY_MS)
            self.copy_ints(table, self.ids.at(moments), self.people[both[:, 0]], self.people[both[:, 1]])
        return [int(person) for person in self.people[viewers]]


NULL = r"\N"


def _sources(posts: Sequence[int], source: int) -> str:
    return orjson.dumps([{"post_id": str(posts[source]), "kind": "remix"}] if source >= 0 else []).decode()


def when_text(moment_ms: int) -> str:
    second, part = divmod(moment_ms, 1000)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(second))}.{part:03d}+00"
