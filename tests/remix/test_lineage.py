"""Where posts come from, and what came of them."""

import pytest
from django.db import IntegrityError

from remix.models import Edge
from sora_social.accounts import ties
from sora_social.posts import posting
from sora_social.posts.models import LIKES
from tests import cast


def ids(answer):
    return [item["id"] for item in answer.json()["items"]]


def test_a_remix_knows_its_source_and_is_counted_up_to_the_root(ada, bo, api, settle):
    root = cast.post(ada)
    middle = cast.post(bo, sources=[root])
    leaf = cast.post(ada, sources=[middle])
    settle()
    shown = api(bo).get(f"/v1/posts/{root.pk}").json()
    assert shown["lineage"] == {
        "sources": [],
        "root_id": str(root.pk),
        "depth": 0,
        "remix_count": 1,
        "descendant_count": 2,
    }
    below = api(bo).get(f"/v1/posts/{leaf.pk}").json()["lineage"]
    assert below["root_id"] == str(root.pk)
    assert below["depth"] == 2
    assert below["sources"] == [{"post_id": str(middle.pk), "kind": "remix"}]
    assert ids(api(bo).get(f"/v1/posts/{root.pk}/remixes")) == [str(middle.pk)]
    assert api(bo).get("/v1/people/ada").json()["counts"]["remixes"] == 1


def test_ancestors_are_listed_up_to_the_roots_each_once(ada, bo, api):
    root = cast.post(ada)
    left, right = cast.post(bo, sources=[root]), cast.post(ada, sources=[root])
    braid = cast.post(bo, sources=[left, right], kind="stitch")
    found = api(ada).get(f"/v1/posts/{braid.pk}/lineage").json()
    assert {(a["post_id"], a["distance"]) for a in found["ancestors"]} == {
        (str(left.pk), 1),
        (str(right.pk), 1),
        (str(root.pk), 2),
    }


def test_a_deleted_post_leaves_a_tombstone_and_its_remixes_stay(ada, bo, api, settle):
    root = cast.post(ada)
    middle = cast.post(bo, sources=[root])
    leaf = cast.post(ada, sources=[middle])
    posting.delete_post(bo, middle.pk)
    settle()
    assert api(ada).get(f"/v1/posts/{middle.pk}").status_code == 404
    ancestors = api(ada).get(f"/v1/posts/{leaf.pk}/lineage").json()["ancestors"]
    assert [(a["post_id"], a["post"] is None) for a in ancestors] == [(str(middle.pk), True), (str(root.pk), False)]
    tree = api(ada).get(f"/v1/posts/{root.pk}/tree").json()["items"]
    assert [(node["post_id"], node["depth"], node["post"] is None) for node in tree] == [
        (str(middle.pk), 1, True),
        (str(leaf.pk), 2, False),
    ]
    assert api(ada).get(f"/v1/posts/{root.pk}").json()["lineage"]["descendant_count"] == 1


def test_a_subtree_comes_in_pages_depth_first_without_repeats(ada, bo, api):
    root = cast.post(ada)
    children = [cast.post(bo, sources=[root]) for _ in range(3)]
    grandchildren = [cast.post(ada, sources=[child]) for child in children for _ in range(2)]
    seen, cursor = [], ""
    while cursor is not None:
        page = api(bo).get(f"/v1/posts/{root.pk}/tree", {"limit": 2, "cursor": cursor}).json()
        seen += [node["post_id"] for node in page["items"]]
        cursor = page["next"]
    expected = [
        str(pk)
        for index, child in enumerate(children)
        for pk in (child.pk, *(grandchild.pk for grandchild in grandchildren[2 * index : 2 * index + 2]))
    ]
    assert seen == expected


def test_a_cycle_cannot_be_written(ada):
    first = cast.post(ada)
    second = cast.post(ada, sources=[first])
    with pytest.raises(IntegrityError, match="lineage_is_acyclic"):
        Edge.objects.create(source=second, derivation=first, kind="remix", ordinal=5)


def test_someone_behind_a_block_has_neither_face_nor_id_in_lineages(ada, bo, mallory, api):
    root = cast.post(mallory)
    leaf = cast.post(bo, sources=[root])
    ties.block(ada, "mallory")
    answer = api(ada).get(f"/v1/posts/{leaf.pk}/lineage")
    assert answer.json()["ancestors"] == [{"post_id": None, "distance": 1, "post": None}]
    assert str(root.pk).encode() not in answer.content
    assert b"mallory" not in answer.content
    for path in ("", "/lineage", "/tree", "/remixes"):
        assert api(ada).get(f"/v1/posts/{root.pk}{path}").status_code == 404


def test_remixes_page_by_likes_without_repeats(ada, bo, api, settle):
    root = cast.post(ada)
    children = [cast.post(bo, sources=[root]) for _ in range(5)]
    for place, child in enumerate(children):
        LIKES.add(child.pk, place % 3)
    settle()
    seen, cursor = [], ""
    while cursor is not None:
        page = api(ada).get(f"/v1/posts/{root.pk}/remixes", {"sort": "top", "limit": 2, "cursor": cursor}).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    expected = sorted(children, key=lambda c: (children.index(c) % 3, c.pk), reverse=True)
    assert seen == [str(child.pk) for child in expected]
