"""Whatever people do to a graph, also at once: every question is answered as by a model that has it all in memory."""

import contextlib
import itertools
import json
import random
import threading

import pytest
from django.db import connections

from remix import ancestry, counting, derivations, exporting, models, reconciling, tree
from remix.events import DerivationDetached
from remix.models import Edge, Listing
from sora_social.core import outbox, tallies
from sora_social.core.errors import DomainError
from sora_social.core.models import Tally
from sora_social.posts import posting, reactions
from sora_social.posts.events import PostPublished, PostsWithdrawn
from sora_social.posts.models import Post
from tests import cast
from tests.remix.lists import list_below
from tests.remix.model import Graph, Made

PEOPLE = ("ada", "bo", "cy", "dee")


class Person(threading.Thread):
    """Somebody who makes things of all there is, and decides about their own, at random; and remembers it."""

    def __init__(self, user, stage, seed):
        super().__init__()
        self.user, self.stage, self.chance = user, stage, random.Random(seed)
        self.fault = None

    def run(self):
        try:
            for _ in range(self.stage.acts):
                self.act()
        except BaseException as fault:
            self.fault = fault
        finally:
            for connection in connections.all():
                connection.close()

    def act(self):
        mine = [made for made in list(self.stage.graph.posts.values()) if made.author == self.user.handle]
        acts = [self.publish] * 5 + [self.decide] * 3 + [self.delete, self.turn, self.like, self.like]
        act = self.chance.choice(acts) if mine else self.publish
        with contextlib.suppress(DomainError):  # deleted, removed or hidden from them meanwhile; then nothing was done
            act(self.chance.choice(mine) if mine else None)

    def publish(self, _):
        everything = list(self.stage.graph.posts)
        times = min(self.chance.choice((0, 1, 1, 1, 1, 2, 3)), len(everything))
        sources = [Post(pk=pk) for pk in self.chance.sample(everything, times)]
        visibility = self.chance.choice(("public", "public", "public", "private"))
        made = cast.post(self.user, sources=sources, kind="stitch" if times > 1 else "remix", visibility=visibility)
        ids = [source.pk for source in sources]
        self.stage.graph.add(Made(made.pk, self.user.handle, ids, private=visibility == "private"))

    def decide(self, made):
        found = self.stage.graph.derivations(made.id)
        if not found:
            return
        child = self.chance.choice(found)
        name = self.chance.choice(("hidden", "detached"))
        wanted = self.chance.random() < 0.6
        derivations.decide(self.user, made.id, child, **{name: wanted})
        (getattr(made, name).add if wanted else getattr(made, name).discard)(child)

    def delete(self, made):
        posting.delete_post(self.user, made.id)
        made.gone = True

    def turn(self, made):
        posting.edit_post(self.user, made.id, visibility="public" if made.private else "private")
        made.private = not made.private

    def like(self, _):
        post_id = self.chance.choice(list(self.stage.graph.posts))
        reactions.like(self.user, post_id)
        self.stage.likes.add((self.user.handle, post_id))


class Moderator(Person):
    def act(self):
        if not self.stage.graph.posts:
            return
        made = self.chance.choice(list(self.stage.graph.posts.values()))
        if made.removed:
            made.removed = not posting.restore_post(made.id)
        elif posting.remove_post(made.id):
            made.removed = True


class Stage:
    def __init__(self, seed, acts):
        self.acts = acts
        self.graph, self.likes = Graph(), set()
        self.users = {handle: cast.person(handle) for handle in PEOPLE}
        self.viewer = cast.person("eve")
        self.players = [Person(user, self, f"{seed} {user.handle}") for user in self.users.values()]
        self.players.append(Moderator(self.viewer, self, f"{seed} mod"))

    def play(self):
        over = threading.Event()
        worker = threading.Thread(target=self.settle, args=[over])
        worker.start()
        for player in self.players:
            player.start()
        for player in self.players:
            player.join()
        over.set()
        worker.join()
        for player in self.players:
            if player.fault:
                raise player.fault
        self.settle()
        for _, post_id in self.likes:
            self.graph.posts[post_id].likes += 1

    def settle(self, over=None):
        while over is not None and not over.wait(0.01):
            outbox.relay()
            tallies.fold()
        while outbox.relay() or tallies.fold():
            pass
        if over is not None:
            connections.close_all()


def every(page_of, limit):
    items, cursor = [], ""
    while cursor is not None:
        page = page_of(cursor=cursor, limit=limit)
        items += page.items
        assert len(page.items) <= limit
        cursor = page.next
    return items


def nodes(page_of, limit):
    return [(node.post_id, node.parent_id, node.depth) for node in every(page_of, limit)]


def exported(viewer, post_id):
    file = json.loads(b"".join(exporting.export(viewer, post_id, form=exporting.JsonFormat())))
    nodes = {int(node["post_id"]): (node["relation"], node["is_tombstone"]) for node in file["nodes"]}
    edges = {(int(edge["source"]), int(edge["target"]), edge["ordinal"]) for edge in file["edges"]}
    assert (len(nodes), len(edges)) == (len(file["nodes"]), len(file["edges"]))
    return nodes, edges


def check(graph, viewer, chance):
    name = viewer.handle
    ids = [pk for pk in graph.posts if graph.listed(name, pk)]
    for pk in ids:
        limit = chance.choice((1, 3, 20))

        def ask(question, pk=pk, **words):
            return lambda **page: question(viewer, pk, **words, **page)

        for sort in ("new", "top"):
            assert every(ask(derivations.remixes_of, sort=sort), limit) == graph.remixes(name, pk, sort)
        for direction in ("left", "right"):
            found = every(ask(derivations.siblings_of, direction=direction), limit)
            assert found == graph.siblings(name, pk, direction)
        assert nodes(ask(tree.tree_of), limit) == graph.tree(name, pk)
        for order in ("newest", "oldest", "top"):
            assert nodes(ask(tree.tree_of, order=order), limit) == graph.flat(name, pk, order)
        assert [leaf for leaf, *_ in nodes(ask(tree.leaves_of), limit)] == graph.leaves(name, pk)
        up = every(lambda pk=pk, **page: ancestry.lineage_of(viewer, pk, **page).ancestors, limit)
        assert [(pk, 0), *((a.post_id, a.distance) for a in up)] == list(graph.distances(pk).items())
        to = chance.choice(ids)
        found = ancestry.path_between(viewer, pk, to)
        steps = every(lambda pk=pk, to=to, **page: ancestry.path_between(viewer, pk, to, **page).steps, limit)
        assert (None if found.common_id is None else (found.length, found.common_id)) == graph.path(pk, to)
        assert [step.post_id for step in (steps[:1] + steps[-1:])] == ([pk, to] if steps else [])
        assert all(
            one.post_id in {*graph.posts[two.post_id].sources, *graph.derivations(two.post_id)}
            for one, two in itertools.pairwise(steps)
        )
        assert exported(viewer, pk) == graph.export(name, pk)
        if graph.posts[pk].author == name:
            rows = every(ask(derivations.derivations_of), limit)
            above = graph.posts[pk]
            expected = [child for child in graph.derivations(pk)[::-1] if graph.known(name, child)]
            assert [row.post_id for row in rows] == expected
            assert {row.post_id for row in rows if row.is_hidden} == above.hidden & set(expected)
            assert {row.post_id for row in rows if row.is_detached} == above.detached & set(expected)


def counts():
    columns = ("pk", "remix_count", "descendant_count", "remixer_count", "people_count")
    return {row[0]: row[1:] for row in Post.objects.values_list(*columns)}


@pytest.mark.parametrize(("seed", "listed"), [(0, 32), (1, 2)])
def test_many_at_once_leave_the_graph_that_a_model_has(seed, listed, committed, monkeypatch):
    monkeypatch.setattr(models, "LISTED_LEVELS", listed)
    stage = Stage(seed, acts=30)
    stage.play()
    graph, chance = stage.graph, random.Random(seed)
    assert counts() == {pk: graph.counts(pk) for pk in graph.posts}
    assert {edge.derivation_id: edge.like_count for edge in Edge.objects.all()} == {
        pk: made.likes for pk, made in graph.posts.items() if made.sources
    }
    rows = Listing.objects.values_list("ancestor_id", "derivation_id", "like_count", "is_left_out")
    assert {row[:2]: row[2:] for row in rows} == graph.listings(listed)
    if listed == 32:  # as many as whoever upgrades gets
        Listing.objects.all().delete()
        list_below(connections["default"])
        assert {row[:2]: row[2:] for row in rows.all()} == graph.listings(listed)
    for viewer in (stage.viewer, stage.users["ada"]):
        check(graph, viewer, chance)
    assert reconciling.reconcile(list(graph.posts)) == 0
    assert not Tally.objects.exists()


@pytest.mark.parametrize("column", ["remix_count", "descendant_count", "remixer_count", "people_count"])
def test_counts_that_went_wrong_are_mended_also_while_changes_wait(column, ada, bo, cy, settle):
    root = cast.post(ada)
    middle = cast.post(bo, sources=[root])
    cast.post(cy, sources=[middle])
    settle()
    right = counts()
    Post.objects.filter(pk=root.pk).update(**{column: 7})
    last = cast.post(cy, sources=[root])
    while outbox.relay():
        pass
    assert Tally.objects.exists()
    assert reconciling.reconcile([root.pk, middle.pk, last.pk]) == 1
    settle()
    assert right[root.pk] == (1, 2, 1, 2)
    assert counts() == {**right, root.pk: (2, 3, 2, 2), last.pk: (0, 0, 0, 0)}
    assert reconciling.reconcile([root.pk, middle.pk, last.pk]) == 0


def at_rest():
    while outbox.relay() or tallies.fold():
        pass
    return counts()


def test_a_person_who_makes_many_at_once_is_one_person(committed, at_once):
    ada, bo = cast.person("ada"), cast.person("bo")
    for _ in range(5):
        root = cast.post(ada)
        made = [cast.post(bo, sources=[root]) for _ in range(8)]
        arrived = [PostPublished(post_id=post.pk) for post in made]
        gone = [PostsWithdrawn(post_ids=[post.pk]) for post in made]
        at_once(lambda number, events=arrived: counting.recount(events[number]), 8)
        assert at_rest()[root.pk] == (8, 8, 1, 1)
        for post in made:
            posting.delete_post(bo, post.pk)
        at_once(lambda number, events=gone: counting.recount(events[number]), 8)
        assert at_rest()[root.pk] == (0, 0, 0, 0)


def test_a_branch_that_is_detached_while_it_grows_is_counted_nowhere_above(committed, at_once):
    ada, bo, cy = cast.person("ada"), cast.person("bo"), cast.person("cy")
    for _ in range(5):
        root = cast.post(ada)
        branch = cast.post(bo, sources=[root])
        at_rest()
        made = [cast.post(cy, sources=[branch]) for _ in range(7)]
        derivations.decide(ada, root.pk, branch.pk, detached=True)
        edge = Edge.objects.get(derivation=branch)
        events = [PostPublished(post_id=post.pk) for post in made]

        def follow(number, edge=edge, events=events):
            if number == 7:
                counting.follow_detachment(DerivationDetached(edge_id=edge.pk))
            else:
                counting.recount(events[number])

        assert at_once(follow, 8) == [None] * 8
        found = at_rest()
        assert (found[root.pk], found[branch.pk]) == ((0, 0, 0, 0), (7, 7, 1, 1))
        derivations.decide(ada, root.pk, branch.pk, detached=False)
        assert at_rest()[root.pk] == (1, 8, 1, 2)
