"""How PostgreSQL reads the graph, whatever its statistics say."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from remix import reading, tree
from tests import cast
from tests.remix import growing


@pytest.mark.parametrize("shape", [growing.star(20_000), growing.hit(20_000, wide=18_000)])
def test_where_one_post_has_nearly_all_remixes_no_page_reads_the_whole_table(shape, committed):
    ids = growing.grow([cast.person("ada")], shape)
    with growing.owner() as owner:
        owner.execute("ANALYZE remix_edge")
    with CaptureQueriesContext(connection) as queries:
        met = [step for page in itertools.islice(reading.steps_below(ids[0]), 5) for step in page]
    assert len(met) == 5 * reading.PAGE
    for query in queries.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + query["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "children_in_tree" in plan
        assert "Seq Scan" not in plan
        assert "hashed SubPlan" not in plan


@pytest.mark.parametrize(
    ("order", "index"),
    [
        ("depth", "children_in_tree"),
        ("newest", "below_newest"),
        ("oldest", "below_newest"),
        ("top", "below_top"),
    ],
)
def test_a_page_of_a_tree_reads_ranges_of_indexes(order, index, committed):
    ada = cast.person("ada")
    ids = growing.grow([ada], growing.hit(20_000, wide=18_000))
    with growing.owner() as owner:
        owner.execute("ANALYZE remix_edge, remix_descent")
    for top in (ids[0], ids[1]):
        with CaptureQueriesContext(connection) as queries:
            assert len(tree.tree_of(ada, top, order=order, cursor="", limit=8).items) == 8
        plans = [generic_plan(query["sql"]) for query in queries.captured_queries if "FROM remix_" in query["sql"]]
        assert index in plans[0]
        assert not [plan for plan in plans if "Seq Scan on remix" in plan]


def generic_plan(statement):
    first, *others = statement.split("%s")
    numbered = (f"${place}{text}" for place, text in enumerate(others, 1))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (GENERIC_PLAN) " + "".join([first, *numbered]))
        return "\n".join(row[0] for row in cursor.fetchall())
