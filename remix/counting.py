"""What came of each post, in numbers: derivations, all descendants, and the people behind them.

Counted is what others may see: from `shown_at` on, as long as it stands and is not private. What was made from a post
that is gone still counts. Detached edges do not count.

Changes are appended to tallies by whoever brings a post in or takes it out, and folded. Everything holds the shape of
the graph while it counts: shared by those that count posts, alone by who detaches a branch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from cameos import cards
from remix.events import DerivationDetached
from remix.lineage import relist
from remix.models import DESCENDANTS, PEOPLE, REMIXERS, REMIXES, Edge
from remix.walking import ancestors_of_each, counted_above, counted_below, counted_sources
from sora_social.accounts.models import CASTINGS, POSTS, REMIXES_RECEIVED
from sora_social.posts.events import PostPublished, PostRestored, PostsWithdrawn, PostVisibilityChanged
from sora_social.posts.models import Post, Visibility

_SHAPE_LOCK = 0x5EED_0001


def recount(*events: PostPublished | PostRestored | PostsWithdrawn | PostVisibilityChanged) -> None:
    """Bring posts into the public counts of their authors, cast, sources and every ancestor, or out of them.

    `Post.counted` says what was done, so any order of events ends at the truth.
    """
    post_ids = sorted({post_id for event in events for post_id in event.post_ids})
    with transaction.atomic():
        _hold_shape(shared=True)
        held = Post.objects.select_for_update(no_key=True).filter(pk__any=post_ids).order_by("pk")
        posts = list(held.values_list("pk", "author_id", "counted", "visibility"))
        standing = set(Post.objects.standing().filter(pk__any=post_ids).values_list("pk", flat=True))
        gone = [post_id for post_id, *_ in posts if post_id not in standing]
        Edge.objects.filter(derivation__any=list(standing), is_gone=True).update(is_gone=False)
        Edge.objects.filter(derivation__any=gone, is_gone=False).update(is_gone=True)
        relist(post_ids)
        _hold_people(author_id for _, author_id, *_ in posts)
        author_of: dict[bool, dict[int, int]] = {True: {}, False: {}}  # of those to count, and those to take out
        for post_id, author_id, is_counted, visibility in posts:
            is_seen = post_id in standing and visibility != Visibility.PRIVATE
            if is_seen != is_counted:
                author_of[is_seen][post_id] = author_id
        _count(author_of[True], 1)
        _count(author_of[False], -1)


def _count(author_of: Mapping[int, int], delta: int) -> None:
    if not author_of:
        return
    Post.objects.filter(pk__any=list(author_of)).update(counted=delta > 0)
    edges = Edge.objects.filter(derivation__any=list(author_of), is_counted=True)
    sources = list(edges.values_list("derivation_id", "source_id", "source__author_id"))
    faces = cards.owners_of_cast(author_of.keys())
    POSTS.add_all(author_of.values(), delta)
    REMIXES.add_all((source_id for _, source_id, _ in sources), delta)
    REMIXES_RECEIVED.add_all((author for made, _, author in sources if author != author_of[made]), delta)
    CASTINGS.add_all((owner for pk, owners in faces.items() for owner in owners - {author_of[pk]}), delta)
    if sources:
        DESCENDANTS.add_all((above for _, above in ancestors_of_each(list(author_of))), delta)
        change = _people_only_by(sorted({made for made, _, _ in sources}))
        REMIXERS.add_sums(change.direct, delta)
        PEOPLE.add_sums(change.total, delta)


def follow_detachment(event: DerivationDetached) -> None:
    """Take a branch out of the counts above it, or bring it back, as its edge says now."""
    with transaction.atomic():
        _hold_shape(shared=False)
        edge = Edge.objects.select_related("source", "derivation").filter(pk=event.edge_id).first()
        if edge is None or edge.is_counted != edge.is_detached:
            return
        delta = -1 if edge.is_detached else 1
        Edge.objects.filter(pk=edge.pk).update(is_counted=False)  # what the branch is worth is what is lost without it
        above, branch = counted_above([edge.source_id]), counted_below([edge.derivation_id])
        lost = _lost_without(above, branch)
        maker = edge.derivation.author_id
        if edge.derivation.counted:
            REMIXES.add(edge.source_id, delta)
            if maker != edge.source.author_id:
                REMIXES_RECEIVED.add(edge.source.author_id, delta)
                if not _made_directly(maker, edge.source_id, beside=edge.derivation_id):
                    REMIXERS.add(edge.source_id, delta)
        DESCENDANTS.add_sums(lost.posts, delta)
        PEOPLE.add_sums(lost.people, delta)
        Edge.objects.filter(pk=edge.pk).update(is_counted=not edge.is_detached)


def _hold_shape(*, shared: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}(%s)", [_SHAPE_LOCK])


def _hold_people(person_ids: Iterable[int]) -> None:
    """One at a time counts the posts of a person: whether they are new somewhere depends on what else they made."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_advisory_xact_lock(hashtextextended('counted ' || id, 0))
               FROM (SELECT unnest(%s::bigint[]) AS id ORDER BY 1) AS people""",
            [sorted(set(person_ids))],
        )


@dataclass(frozen=True, slots=True)
class _People:
    """For posts, how many people are concerned: those who made something directly from them, or anything below."""

    direct: Mapping[int, int]
    total: Mapping[int, int]


# what some posts were made from, and nothing else by the same person; the second walk goes no lower than the first
_ONLY_BY_THESE = f"""
WITH RECURSIVE these (person, id) AS MATERIALIZED (
    SELECT author_id, id FROM posts_post WHERE id = ANY(%(ids)s)),
above (person, id) AS (
    SELECT these.person, up.source_id FROM these, {counted_sources("these")} AS up
    UNION
    SELECT above.person, up.source_id FROM above, {counted_sources("above")} AS up),
lowest (id) AS MATERIALIZED (SELECT min(id) FROM above),
others (person, id) AS MATERIALIZED (
    SELECT p.author_id, p.id FROM (SELECT DISTINCT person FROM these) AS makers, LATERAL (
        SELECT author_id, id FROM posts_post WHERE author_id = makers.person AND id > (SELECT id FROM lowest)
        AND counted AND depth > 0 AND id <> ALL(%(ids)s) OFFSET 0) AS p),
also (person, id) AS (
    SELECT others.person, up.source_id FROM others, {counted_sources("others")} AS up
    WHERE up.source_id >= (SELECT id FROM lowest)
    UNION
    SELECT also.person, up.source_id FROM also, {counted_sources("also")} AS up
    WHERE up.source_id >= (SELECT id FROM lowest)),
only_here (person, id, is_direct) AS (
    (SELECT person, id, false FROM above EXCEPT SELECT person, id, false FROM also)
    UNION ALL
    (SELECT these.person, up.source_id, true FROM these, {counted_sources("these")} AS up
     EXCEPT SELECT others.person, up.source_id, true FROM others, {counted_sources("others")} AS up))
SELECT is_direct, id, count(*)::int FROM only_here, LATERAL (
    SELECT author_id FROM posts_post WHERE id = only_here.id OFFSET 0) AS p
WHERE p.author_id <> person GROUP BY is_direct, id"""  # noqa: S608 - our own text


def _people_only_by(post_ids: Sequence[int]) -> _People:
    """The people of these posts who made nothing else that came of the same source, or the same ancestor."""
    with connection.cursor() as cursor:
        cursor.execute(_ONLY_BY_THESE, {"ids": list(post_ids)})
        rows = cursor.fetchall()
    return _People(
        direct={post_id: people for is_direct, post_id, people in rows if is_direct},
        total={post_id: people for is_direct, post_id, people in rows if not is_direct},
    )


def _made_directly(person_id: int, source_id: int, *, beside: int) -> bool:
    made = Post.objects.filter(author_id=person_id, counted=True, pk__gt=source_id).exclude(pk=beside)
    return made.filter(
        Exists(Edge.objects.filter(source_id=source_id, derivation=OuterRef("pk"), is_counted=True))
    ).exists()


@dataclass(frozen=True, slots=True)
class _Branch:
    """What posts lose with a branch that ways around the cut do not lead to: how many posts, how many people."""

    posts: Mapping[int, int]
    people: Mapping[int, int]


def _lost_without(above: set[int], branch: set[int]) -> _Branch:
    """What each of `above` loses when it reaches `branch` by no counted edge but those that lead in elsewhere.

    Without stitches there are none of these, and everybody above loses the same.
    """
    maker_of = dict(Post.objects.filter(pk__any=list(branch), counted=True).values_list("pk", "author_id"))
    author_of = dict(Post.objects.filter(pk__any=list(above)).values_list("pk", "author_id"))
    kept_by = _kept_by(above, branch)
    posts, people = {}, {}
    still_there = _people_still_above(above, set(maker_of.values()))
    makers = set(maker_of.values())
    for post_id in above:
        posts[post_id] = len(maker_of) - sum(kept in maker_of for kept in kept_by.get(post_id, ()))
        people[post_id] = len(makers - still_there.get(post_id, set()) - {author_of[post_id]})
    return _Branch(posts, people)


def _kept_by(above: set[int], branch: set[int]) -> dict[int, frozenset[int]]:
    """The posts of a branch that posts above it still reach, from other sources of stitches in it."""
    edges = Edge.objects.filter(derivation__any=list(branch), is_counted=True)
    ways_in = [pair for pair in edges.values_list("source_id", "derivation_id") if pair[0] not in branch]
    reaching: dict[int, set[int]] = {outside_id: {outside_id} for outside_id, _ in ways_in}
    for outside_id, ancestor_id in ancestors_of_each(reaching):
        reaching[outside_id].add(ancestor_id)
    entered: dict[int, set[int]] = {}
    for outside_id, inside_id in ways_in:
        for post_id in reaching[outside_id] & above:
            entered.setdefault(post_id, set()).add(inside_id)
    below = {doors: frozenset(counted_below(doors)) for doors in map(frozenset, entered.values())}
    return {post_id: below[frozenset(doors)] for post_id, doors in entered.items()}


def _people_still_above(above: set[int], person_ids: set[int]) -> dict[int, set[int]]:
    """Which of these people made something that each of `above` is an ancestor of, by the edges that are counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE made (person, id) AS MATERIALIZED (
                   SELECT p.author_id, p.id FROM unnest(%(people)s::bigint[]) AS person, LATERAL (
                       SELECT author_id, id FROM posts_post WHERE author_id = person AND id > %(lowest)s
                       AND counted AND depth > 0 OFFSET 0) AS p),
               at (person, id) AS (
                   SELECT made.person, up.source_id FROM made, {counted_sources("made")} AS up
                   WHERE up.source_id >= %(lowest)s
                   UNION
                   SELECT at.person, up.source_id FROM at, {counted_sources("at")} AS up
                   WHERE up.source_id >= %(lowest)s)
               SELECT id, array_agg(person) FROM at WHERE id = ANY(%(above)s) GROUP BY id""",  # noqa: S608 - our own text
            {"people": list(person_ids), "lowest": min(above), "above": list(above)},
        )
        return {post_id: set(people) for post_id, people in cursor.fetchall()}
