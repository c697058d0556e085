"""How PostgreSQL reads the graph, whatever its statistics say."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from remix import reading
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
