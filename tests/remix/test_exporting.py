"""A lineage as a file: complete, readable by others, in the memory of a page, and broken where it breaks."""

import io
import json
import tracemalloc

import networkx as nx
import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.settings import api_settings

from remix import crediting, derivations, exporting, reading
from remix.exporting import GraphmlFormat, JsonFormat
from remix.models import Edge
from sora_social.accounts import ties
from sora_social.posts import posting
from sora_social.posts.models import Post
from tests import cast
from tests.remix import growing
from tests.studio.test_templates import published, used


def exported(client, post_id):
    answer = client.get(f"/v1/posts/{post_id}/lineage.json")
    assert answer.status_code == 200, answer.content
    return json.loads(b"".join(answer.streaming_content))


def graph(client, post_id):
    answer = client.get(f"/v1/posts/{post_id}/lineage.graphml")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/graphml+xml")
    return nx.read_graphml(io.BytesIO(b"".join(answer.streaming_content)))


def nodes_of(document):
    return {node["post_id"]: node for node in document["nodes"]}


def edges_of(document):
    return {(edge["source"], edge["target"], edge["kind"], edge["ordinal"]) for edge in document["edges"]}


@pytest.fixture
def braid(ada, bo, cy):
    """root → left, right; both and a post from elsewhere → stitch; stitch → leaf."""
    root = cast.post(ada, caption="Waves at dawn #sea")
    left, right = cast.post(bo, sources=[root]), cast.post(cy, sources=[root], kind="extend")
    elsewhere = cast.post(cy, caption="from elsewhere")
    stitch = cast.post(ada, sources=[left, right, elsewhere], kind="stitch", caption='<b>"both" & more</b>\n二つ')
    leaf = cast.post(bo, sources=[stitch])
    return root, left, right, elsewhere, stitch, leaf


def test_an_export_has_ancestors_descendants_and_every_edge_between_them(braid, ada, api, settle):
    root, left, right, elsewhere, stitch, leaf = (post.pk for post in braid)
    settle()
    found = exported(api(ada), root)
    assert found["post_id"] == str(root)
    relations = {int(pk): node["relation"] for pk, node in nodes_of(found).items()}
    assert relations == {
        root: "post",
        left: "descendant",
        right: "descendant",
        stitch: "descendant",
        leaf: "descendant",
    }
    assert edges_of(found) == {
        (str(root), str(left), "remix", 0),
        (str(root), str(right), "extend", 0),
        (str(left), str(stitch), "stitch", 0),
        (str(right), str(stitch), "stitch", 1),
        (str(stitch), str(leaf), "remix", 0),
    }
    shown = nodes_of(found)[str(root)]
    assert (shown["author"], shown["caption"], shown["kind"], shown["likes"]) == ("ada", "Waves at dawn #sea", None, 0)
    assert (shown["remixes"], shown["descendants"], shown["is_tombstone"]) == (2, 4, False)
    assert nodes_of(found)[str(stitch)]["kind"] == "stitch"

    below = exported(api(ada), stitch)
    assert {int(pk): node["relation"] for pk, node in nodes_of(below).items()} == {
        root: "ancestor",
        left: "ancestor",
        right: "ancestor",
        elsewhere: "ancestor",
        stitch: "post",
        leaf: "descendant",
    }
    assert edges_of(below) - edges_of(found) == {(str(elsewhere), str(stitch), "stitch", 2)}
    assert edges_of(found) - edges_of(below) == set()


def test_a_stitch_of_something_above_keeps_that_edge(ada, bo, api):
    root = cast.post(ada)
    middle = cast.post(bo, sources=[root])
    low = cast.post(ada, sources=[middle])
    again = cast.post(bo, sources=[low, root], kind="stitch")
    assert (str(root.pk), str(again.pk), "stitch", 1) in edges_of(exported(api(ada), middle.pk))


def test_graphml_says_the_same_and_is_read_by_networkx(braid, ada, api):
    root = braid[0]
    found, read = exported(api(ada), root.pk), graph(api(ada), root.pk)
    assert read.is_directed()
    assert set(read.nodes) == set(nodes_of(found))
    assert {(a, b, of["kind"], of["ordinal"]) for a, b, of in read.edges(data=True)} == edges_of(found)
    for pk, node in nodes_of(found).items():
        expected = {name: value for name, value in node.items() if name != "post_id" and value not in (None, [])}
        assert read.nodes[pk] == expected
    assert nx.is_directed_acyclic_graph(read)


def test_a_tombstone_has_its_place_and_no_face(braid, ada, bo, api):
    root, left, *_ = braid
    Post.objects.filter(pk=left.pk).update(caption="what bo said")
    posting.delete_post(bo, left.pk)
    node = nodes_of(exported(api(ada), root.pk))[str(left.pk)]
    assert node.pop("post_id") == str(left.pk)
    assert node == {"relation": "descendant", "is_tombstone": True} | dict.fromkeys(
        ("author", "co_creators", "caption", "created_at", "kind", "template", "likes", "remixes", "descendants")
    )
    whole = b"".join(api(ada).get(f"/v1/posts/{root.pk}/lineage.graphml").streaming_content)
    assert b"what bo said" not in whole
    assert api(ada).get(f"/v1/posts/{left.pk}/lineage.json").status_code == 404


def test_who_is_behind_a_block_is_in_no_node_and_no_edge_and_what_came_of_theirs_is(braid, ada, cy, mallory, api):
    root, _, _, _, _, leaf = braid
    theirs = cast.post(mallory, sources=[leaf], caption="mine now")
    after = cast.post(cy, sources=[theirs])
    secret = cast.post(cy, sources=[leaf], visibility="private")
    ties.block(ada, "mallory")
    answer = api(ada).get(f"/v1/posts/{root.pk}/lineage.json")
    whole = b"".join(answer.streaming_content)
    for hidden in (theirs, secret):
        assert str(hidden.pk).encode() not in whole
    assert b"mallory" not in whole
    assert str(after.pk) in nodes_of(json.loads(whole))
    assert api(ada).get(f"/v1/posts/{theirs.pk}/lineage.json").status_code == 404
    assert api(ada).get(f"/v1/posts/{secret.pk}/lineage.graphml").status_code == 404


def test_the_tree_and_the_export_show_the_same_posts(ada, bo, cy, mallory, api):
    people = [ada, bo, cy, mallory]
    ids = growing.grow(people, growing.attached(300, stitched=0.2, seed=7))
    ties.block(ada, "mallory")
    ties.mute(ada, "cy")
    posting.delete_post(bo, ids[1])
    client = api(ada)
    listed, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/posts/{ids[0]}/tree", {"limit": 100, "cursor": cursor}).json()
        listed += [node["post_id"] for node in page["items"]]
        cursor = page["next"]
    found = exported(client, ids[0])
    below = [node["post_id"] for node in found["nodes"] if node["relation"] == "descendant"]
    assert len(below) == len(set(below))
    assert set(below) == set(listed)
    assert 100 < len(below) < 299
    known = {int(pk) for pk in nodes_of(found)}
    rows = Edge.objects.filter(source__in=known, derivation__in=known)
    assert edges_of(found) == {
        (str(s), str(d), kind, place)
        for s, d, kind, place in rows.values_list("source_id", "derivation_id", "kind", "ordinal")
    }


def _peak_of_export(form, viewer, post_id, path):
    """The most memory, in bytes, that writing a file takes; and the sizes of its chunks."""
    sizes = []
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        with path.open("wb") as file:
            for chunk in exporting.export(viewer, post_id, form=form()):
                sizes.append(len(chunk))
                file.write(chunk)
        return tracemalloc.get_traced_memory()[1] - before, sizes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", [JsonFormat, GraphmlFormat])
def test_thousands_of_posts_are_all_there_in_the_memory_of_some_pages(form, ada, bo, tmp_path):
    """Five times as many take no more than some pages do."""
    few = growing.grow([ada, bo], growing.attached(1_200, stitched=0.1))
    sources = growing.attached(6_000, stitched=0.1)
    ids = growing.grow([ada, bo], sources)
    few_peak, _ = _peak_of_export(form, ada, few[0], tmp_path / "few")
    peak, sizes = _peak_of_export(form, ada, ids[0], tmp_path / "many")
    assert peak < 1.3 * few_peak, f"{peak:,} bytes, {few_peak:,} for a fifth"
    assert len(sizes) > 4
    assert max(sizes) < 600_000
    edges = {(ids[above], ids[number]) for number, row in enumerate(sources) for above in row}
    if form is JsonFormat:
        read = json.loads((tmp_path / "many").read_bytes())
        assert sorted(int(node["post_id"]) for node in read["nodes"]) == ids
        assert {(int(edge["source"]), int(edge["target"])) for edge in read["edges"]} == edges
        assert len(read["edges"]) == len(edges)
    else:
        found = nx.read_graphml(tmp_path / "many", node_type=int)
        assert sorted(found.nodes) == ids
        assert set(found.edges) == edges


@pytest.mark.parametrize("shape", [growing.star(3_000), growing.chain(400), growing.hit(3_000, wide=1_500)])
def test_a_walk_meets_each_post_once_after_its_source_in_full_pages(shape, ada):
    ids = growing.grow([ada], shape)
    met = {ids[0]}
    with CaptureQueriesContext(connection) as queries:
        left = len(ids) - 1
        for page in reading.steps_below(ids[0]):
            assert len(page) == min(left, reading.PAGE)  # also where each level is a single post
            left -= len(page)
            for step in page:
                assert step.source_id in met
                assert step.post_id not in met
                met.add(step.post_id)
    assert met == set(ids)
    assert len(queries) <= 2 + 2 * len(ids) // reading.PAGE  # it goes down to each and up again from it at most


def test_each_page_costs_the_same_number_of_queries(ada):
    few, many = (growing.grow([ada], growing.star(count)) for count in (50, 350))
    costs = []
    for ids in (few, many):
        with CaptureQueriesContext(connection) as queries:
            list(exporting.export(ada, ids[0], form=JsonFormat()))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_database_that_goes_away_leaves_a_document_that_is_not_closed(ada, monkeypatch):
    ids = growing.grow([ada], growing.star(3_000))
    pages = reading.steps_below

    def broken(top_id):
        for number, page in enumerate(pages(top_id)):
            if number == 5:
                raise OperationalError("the server went away")
            yield page

    monkeypatch.setattr(reading, "steps_below", broken)
    for form, end in ((JsonFormat(), b"]}"), (GraphmlFormat(), b"</graphml>\n")):
        made, read = exporting.export(ada, ids[0], form=form), []
        with pytest.raises(OperationalError):
            read.extend(made)
        assert read
        assert not read[-1].endswith(end)
        with pytest.raises(StopIteration):  # it does not go on as if nothing had been
            next(made)


def test_who_leaves_ends_the_work_and_frees_the_place(ada):
    ids = growing.grow([ada], growing.star(3_000))
    left = [exporting.export(ada, ids[0], form=JsonFormat()) for _ in range(exporting.AT_ONCE)]
    exporting.export(ada, ids[0], form=JsonFormat())  # what is not begun takes no place
    for made in left:
        assert next(made)
    with pytest.raises(exporting.Unavailable):
        exporting.export(ada, ids[0], form=JsonFormat())
    for made in left:
        made.close()
        made.close()
    with CaptureQueriesContext(connection) as queries, pytest.raises(StopIteration):
        next(left[0])
    assert len(queries) == 0
    assert json.loads(b"".join(exporting.export(ada, ids[0], form=JsonFormat())))["post_id"] == str(ids[0])


def test_who_reads_too_slowly_gets_no_end(ada, settings):
    settings.EXPORT_SECONDS = -1.0
    root = cast.post(ada)
    made = exporting.export(ada, root.pk, form=JsonFormat())
    with pytest.raises(TimeoutError):
        next(made)
    settings.EXPORT_SECONDS = 60.0
    assert b"".join(exporting.export(ada, root.pk, form=JsonFormat())).endswith(b"]}")


def test_nothing_is_held_in_the_database_between_two_pages(committed):
    ada = cast.person("ada")
    ids = growing.grow([ada], growing.star(3_000))
    made = exporting.export(ada, ids[0], form=JsonFormat())
    assert next(made)
    assert connection.connection is None
    made.close()


def test_exports_are_limited(ada, api, monkeypatch):
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "export", "2/hour")
    monkeypatch.setattr("remix.throttling.ExportThrottle.rate", "2/hour", raising=False)
    root, client = cast.post(ada), api(ada)
    for ending in ("json", "graphml"):
        answer = client.get(f"/v1/posts/{root.pk}/lineage.{ending}")
        assert b"".join(answer.streaming_content)
    refused = client.get(f"/v1/posts/{root.pk}/lineage.json")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert "Retry-After" in refused


@pytest.mark.parametrize("decision", ["hidden", "detached"])
def test_what_the_author_hid_or_detached_is_below_no_more_and_keeps_its_credit(decision, braid, ada, bo, cy, api):
    root, left, right, elsewhere, stitch, leaf = (post.pk for post in braid)
    derivations.decide(cy, right, stitch, **{decision: True})  # a second source: the edge alone goes
    assert (str(right), str(stitch), "stitch", 1) not in edges_of(exported(api(bo), root))
    assert (str(right), str(stitch), "stitch", 1) in edges_of(exported(api(bo), stitch))
    derivations.decide(ada, root, left, **{decision: True})  # the first: with all that came of it
    found = exported(api(bo), root)
    assert set(nodes_of(found)) == {str(root), str(right)}
    assert edges_of(found) == {(str(root), str(right), "extend", 0)}
    assert (str(root), str(left), "remix", 0) in edges_of(exported(api(bo), leaf))
    assert str(elsewhere) in nodes_of(exported(api(bo), leaf))


def test_an_export_credits_co_creators_and_templates_as_far_as_their_post_is_known(ada, bo, cy, mallory, api):
    template = cast.template(ada)
    together = cast.post_together(cy, bo)
    made = published(bo, used(bo, template))
    below = cast.post(ada, sources=[made, together], kind="stitch")
    found = nodes_of(exported(api(cy), below.pk))
    assert found[str(made.pk)]["template"] == "A pet in the rain"
    assert found[str(together.pk)]["co_creators"] == ["bo"]
    assert (found[str(below.pk)]["template"], found[str(below.pk)]["co_creators"]) == (None, [])
    drawn = graph(api(cy), below.pk).nodes
    assert drawn[str(made.pk)]["template"] == "A pet in the rain"
    assert drawn[str(together.pk)]["co_creators"] == "bo"
    assert crediting.credit_of(made).text == (
        "By @bo. Made with the template of a post by @ada. It is called “A pet in the rain”. AI-generated."
    )
    assert crediting.credit_of(together).text == "By @cy and @bo. AI-generated."
    posting.edit_post(ada, template.post_id, visibility="private")
    assert nodes_of(exported(api(cy), below.pk))[str(made.pk)]["template"] is None
    assert "A pet" not in crediting.credit_of(made).text
