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


@pytest.mark.parametrize("order", ["newest", "oldest", "top"])
def test_all_that_came_of_a_post_is_a_range_of_an_index(order, committed):
    ada = cast.person("ada")
    ids = growing.grow([ada], growing.hit(20_000, wide=18_000))
    with growing.owner() as owner:
        owner.execute("ANALYZE remix_descent")
    for top in (ids[0], ids[1]):
        with CaptureQueriesContext(connection) as queries:
            tree.tree_of(ada, top, order=order, cursor="", limit=8)
        (read,) = [query["sql"] for query in queries.captured_queries if "FROM remix_descent" in query["sql"]]
        with connection.cursor() as cursor:
            first, *others = read.split("%s")
            numbered = (f"${place}{text}" for place, text in enumerate(others, 1))
            cursor.execute("EXPLAIN (GENERIC_PLAN) " + "".join([first, *numbered]))
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Index Only Scan" in plan
        assert ("below_top" if order == "top" else "below_newest") in plan
