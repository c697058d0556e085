"""How PostgreSQL reads the graph, whatever its statistics say."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from remix import counting, reading, tree, walking
from tests import cast
from tests.remix import growing


@pytest.fixture(params=[growing.star(20_000), growing.hit(20_000, wide=18_000)], ids=["star", "hit"])
def wide(request, committed):
    """A person, and the posts of a lineage in which one has nearly all remixes; and who asks knows it by statistics."""
    ada = cast.person("ada")
    ids = growing.grow([ada], request.param)
    with growing.owner() as owner:
        owner.execute("ANALYZE posts_post, remix_edge, remix_listing")
    return ada, ids


def plans_of(queries):
    """As they are for any parameters; what is not about the graph is left out."""
    plans = []
    for query in queries.captured_queries:
        if "remix_" in query["sql"]:
            first, *others = query["sql"].split("%s")
            numbered = (f"${place}{text}" for place, text in enumerate(others, 1))
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (GENERIC_PLAN) " + "".join([first, *numbered]))
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    return plans


def test_no_walk_down_reads_the_whole_table(wide):
    _, ids = wide
    with CaptureQueriesContext(connection) as queries:
        met = [step for page in itertools.islice(reading.steps_below(ids[0]), 5) for step in page]
        assert walking.counted_below([ids[-1]]) == {ids[-1]}
    assert len(met) == 5 * reading.PAGE
    for plan in plans_of(queries):
        assert "Index" in plan
        assert "Seq Scan on remix" not in plan
        assert "hashed SubPlan" not in plan


@pytest.mark.parametrize(
    ("order", "index"),
    [("depth", "children_in_tree"), ("newest", "listed_newest"), ("oldest", "listed_newest"), ("top", "listed_top")],
)
def test_a_page_of_a_tree_reads_ranges_of_indexes(order, index, wide):
    ada, ids = wide
    with CaptureQueriesContext(connection) as queries:
        assert len(tree.tree_of(ada, ids[0], order=order, cursor="", limit=8).items) == 8
    plans = plans_of(queries)
    assert any(index in plan for plan in plans)
    assert not [plan for plan in plans if "Seq Scan on remix" in plan]


def test_counting_people_looks_each_post_up(wide):
    _, ids = wide
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT json) {counting._ONLY_BY_THESE}", {"ids": ids[-300:]})
        waiting = [cursor.fetchone()[0][0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", ())
        assert "Relation Name" not in node or "Index Cond" in node, node
