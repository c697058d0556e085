"""The swipe among siblings, the way between two posts, and what an author decides about what others made."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from remix import lineage, models, tree
from remix.models import Edge, Listing
from sora_social.accounts import ties
from sora_social.core import filling
from sora_social.posts import posting
from sora_social.posts.models import LIKES, Post
from tests import cast
from tests.access.scene import fingerprint
from tests.remix import growing
from tests.remix.lists import list_below


def ids(answer):
    return [int(item["id"]) for item in answer.json()["items"]]


def walk(client, path, cursor="", **query):
    found = []
    while cursor is not None:
        answer = client.get(path, {**query, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        found += answer.json()["items"]
        cursor = answer.json()["next"]
    return found


@pytest.fixture
def family(ada, bo, cy, settle):
    """A root of ada's with five remixes by bo, of which cy remixed the third twice."""
    root = cast.post(ada)
    children = [cast.post(bo, sources=[root]) for _ in range(5)]
    below = [cast.post(cy, sources=[children[2]]) for _ in range(2)]
    settle()
    return root, children, below


def figures(post, settle):
    settle()
    post.refresh_from_db()
    return post.remix_count, post.descendant_count, post.remixer_count, post.people_count


def test_a_swipe_meets_the_nearest_first_and_nothing_moves_when_more_arrive(family, bo, cy, api):
    root, children, _ = family
    pks = [child.pk for child in children]
    path, client = f"/v1/posts/{pks[2]}/siblings", api(cy)
    first = client.get(path, {"direction": "right", "limit": 1}).json()
    late = cast.post(bo, sources=[root])
    rest = client.get(path, {"direction": "right", "limit": 10, "cursor": first["next"]})
    assert [int(item["id"]) for item in first["items"]] + ids(rest) == [pks[3], pks[4], late.pk]
    assert ids(client.get(path, {"direction": "left"})) == [pks[1], pks[0]]
    posting.delete_post(bo, pks[1])
    assert ids(client.get(path, {"direction": "left"})) == [pks[0]]
    assert ids(client.get(f"/v1/posts/{root.pk}/siblings", {"direction": "left"})) == []
    wrong = client.get(path, {"direction": "up"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["direction"])
    assert client.get(path).status_code == 422


def test_siblings_do_not_tell_of_a_source_that_is_not_for_me_to_know(family, ada, cy, api):
    _, children, _ = family
    ties.block(cy, "ada")
    assert ids(api(cy).get(f"/v1/posts/{children[2].pk}/siblings", {"direction": "left"})) == []


def test_a_cursor_goes_with_its_list(family, cy, api):
    root, children, _ = family
    cursor = api(cy).get(f"/v1/posts/{root.pk}/remixes", {"limit": 1}).json()["next"]
    for path, query in (
        (f"/v1/posts/{root.pk}/remixes", {"sort": "top"}),
        (f"/v1/posts/{children[0].pk}/siblings", {"direction": "right"}),
        (f"/v1/posts/{root.pk}/tree", {"order": "newest"}),
        (f"/v1/posts/{root.pk}/leaves", {}),
        (f"/v1/posts/{children[0].pk}/lineage", {}),
        (f"/v1/posts/{root.pk}/path", {"to": children[0].pk}),
    ):
        assert api(cy).get(path, {**query, "cursor": cursor}).status_code == 422, path


def test_the_way_between_two_posts_goes_over_what_both_come_from(family, ada, cy, api):
    root, children, below = family
    found = api(cy).get(f"/v1/posts/{below[0].pk}/path", {"to": children[0].pk}).json()
    assert (found["length"], found["common_id"], found["next"]) == (3, str(root.pk), None)
    assert [(int(step["post_id"]), step["kind"], step["direction"]) for step in found["items"]] == [
        (below[0].pk, None, None),
        (children[2].pk, "remix", "up"),
        (root.pk, "remix", "up"),
        (children[0].pk, "remix", "down"),
    ]
    assert all(step["post"]["id"] == step["post_id"] for step in found["items"])
    pages = walk(api(cy), f"/v1/posts/{below[0].pk}/path", to=children[0].pk, limit=1)
    assert pages == found["items"]
    alone = cast.post(ada)
    none = api(cy).get(f"/v1/posts/{below[0].pk}/path", {"to": alone.pk}).json()
    assert none == {"length": 0, "common_id": None, "items": [], "next": None}
    posting.edit_post(ada, root.pk, visibility="private")
    hidden = api(cy).get(f"/v1/posts/{below[0].pk}/path", {"to": children[0].pk})
    assert str(root.pk).encode() not in hidden.content
    assert hidden.json()["common_id"] is None
    assert hidden.json()["items"][2] == {"post_id": None, "kind": "remix", "direction": "up", "post": None}
    assert api(cy).get(f"/v1/posts/{below[0].pk}/path", {"to": root.pk}).status_code == 404


def test_leaves_are_what_nothing_was_made_from(family, bo, cy, api):
    root, children, below = family
    first, second, third, fourth, fifth = (child.pk for child in children)
    expected = [first, second, below[0].pk, below[1].pk, fourth, fifth]
    for limit in (1, 2, 50):
        found = walk(api(cy), f"/v1/posts/{root.pk}/leaves", limit=limit)
        assert [int(node["post_id"]) for node in found] == expected
        assert [node["depth"] for node in found] == [1, 1, 2, 2, 1, 1]
    posting.delete_post(cy, below[1].pk)
    posting.delete_post(bo, fifth)
    found = walk(api(cy), f"/v1/posts/{root.pk}/leaves", limit=2)
    assert [int(node["post_id"]) for node in found] == [first, second, below[0].pk, fourth]
    assert third not in expected


def test_a_tree_is_read_by_age_and_by_likes_too(family, cy, api, settle):
    root, children, below = family
    for times, post in enumerate((children[3], below[0], children[0])):
        LIKES.add(post.pk, times + 1)
    settle()
    everything = [*children, *below]
    client = api(cy)
    for limit in (2, 50):
        oldest = walk(client, f"/v1/posts/{root.pk}/tree", order="oldest", limit=limit)
        newest = walk(client, f"/v1/posts/{root.pk}/tree", order="newest", limit=limit)
        top = walk(client, f"/v1/posts/{root.pk}/tree", order="top", limit=limit)
        assert [int(node["post_id"]) for node in oldest] == [post.pk for post in everything]
        assert [(node["post_id"], node["depth"]) for node in newest] == [
            (node["post_id"], node["depth"]) for node in oldest[::-1]
        ]
        assert [int(node["post_id"]) for node in top[:3]] == [children[0].pk, below[0].pk, children[3].pk]
        assert {int(node["post_id"]): node["depth"] for node in top} == {
            **{child.pk: 1 for child in children},
            **{post.pk: 2 for post in below},
        }
    part = walk(client, f"/v1/posts/{children[2].pk}/tree", order="newest", limit=1)
    assert [(int(node["post_id"]), int(node["parent_id"]), node["depth"]) for node in part] == [
        (below[1].pk, children[2].pk, 1),
        (below[0].pk, children[2].pk, 1),
    ]
    assert client.get(f"/v1/posts/{root.pk}/tree", {"order": "sideways"}).status_code == 422


@pytest.mark.parametrize("listed", [1, 32])
@pytest.mark.parametrize("order", ["newest", "oldest", "top"])
def test_what_lies_deep_is_read_in_the_list_of_what_lies_above_it(listed, order, ada, bo, cy, api, settle, monkeypatch):
    monkeypatch.setattr(models, "LISTED_LEVELS", listed)
    root = cast.post(ada)
    branch, beside = (cast.post(bo, sources=[root]) for _ in range(2))
    deep = cast.post(cy, sources=[branch])
    below = [cast.post(bo, sources=[deep]) for _ in range(3)]
    cast.post(ada, sources=[beside])
    LIKES.add(below[1].pk, 1)
    settle()
    by_likes = [below[1].pk, below[2].pk, below[0].pk]
    expected = {"oldest": [p.pk for p in below], "newest": [p.pk for p in below[::-1]], "top": by_likes}[order]
    for limit in (1, 50):
        found = walk(api(ada), f"/v1/posts/{deep.pk}/tree", order=order, limit=limit)
        assert [(int(node["post_id"]), int(node["parent_id"]), node["depth"]) for node in found] == [
            (pk, deep.pk, 1) for pk in expected
        ]
    lists = set(Listing.objects.values_list("ancestor_id", flat=True))
    assert lists == ({root.pk} if listed == 1 else {root.pk, branch.pk, beside.pk, deep.pk})


def test_a_list_is_kept_32_levels_deep(ada, bo, cy, api, settle):
    ids = growing.grow([ada, bo], growing.chain(40))
    above = Listing.objects.filter(derivation=ids[-1]).values_list("ancestor_id", flat=True)
    assert sorted(above) == ids[:32]
    child = cast.post(cy, sources=[Post.objects.get(pk=ids[-1])])
    settle()
    above = Listing.objects.filter(derivation=child).values_list("ancestor_id", flat=True)
    assert sorted(above) == ids[:32]
    for place in (0, 31, 32, 38):
        found = walk(api(cy), f"/v1/posts/{ids[place]}/tree", order="oldest", limit=5)
        assert lineage.list_with(Post.objects.get(pk=ids[place])) == ids[min(place, 31)]
        assert [int(node["post_id"]) for node in found] == [*ids[place + 1 :], child.pk]


def test_lists_are_as_if_they_were_made_from_the_edges_and_keep_to_what_stands(family, bo, cy, ada, settle):
    root, children, below = family
    other = cast.post(ada)
    stitch = cast.post(cy, sources=[below[0], other], kind="stitch")  # below its first source alone
    LIKES.add(stitch.pk, 3)
    posting.delete_post(cy, below[0].pk)
    settle()
    rows = Listing.objects.order_by("ancestor", "derivation").values_list(
        "ancestor_id", "derivation_id", "like_count", "is_left_out"
    )
    written = list(rows)
    assert written == sorted(
        [
            *((root.pk, child.pk, 0, False) for child in children),
            *((above.pk, below[0].pk, 0, True) for above in (root, children[2])),
            *((above.pk, below[1].pk, 0, False) for above in (root, children[2])),
            *((above.pk, stitch.pk, 3, False) for above in (root, children[2], below[0])),
        ]
    )
    Listing.objects.all().delete()
    list_below(connection)
    assert list(rows.all()) == written
    posting.remove_post(stitch.pk)
    settle()
    assert Listing.objects.filter(derivation=stitch, is_left_out=True).count() == 3
    posting.restore_post(stitch.pk)
    settle()
    assert list(rows.all()) == written


@pytest.mark.parametrize("what", ["tree", "leaves"])
@pytest.mark.parametrize("read", [2, 3, 4])
def test_a_branch_that_is_hidden_while_it_is_read_takes_nothing_else_along(what, read, family, ada, cy, api):
    root, children, below = family
    client, path = api(cy), f"/v1/posts/{root.pk}/{what}"
    page = client.get(path, {"limit": read}).json()
    api(ada).patch(f"/v1/posts/{root.pk}/derivations/{children[2].pk}", {"hidden": True})
    rest = walk(client, path, cursor=page["next"], limit=1)
    hidden = {children[2].pk, *(post.pk for post in below)}
    found = [int(node["post_id"]) for node in [*page["items"], *rest]]
    assert [pk for pk in found if pk not in hidden] == [child.pk for child in children if child.pk not in hidden]
    assert not hidden & {int(node["post_id"]) for node in rest}


@pytest.mark.parametrize("what", ["tree", "leaves"])
def test_a_post_that_is_taken_back_without_a_trace_takes_nothing_else_along(what, ada, bo, cy, api, settle):
    root = cast.post(ada)
    first = cast.post(bo, sources=[root])
    soon = timezone.now() + timedelta(seconds=60)
    waiting = cast.post(bo, sources=[root], shown_at=soon, undo_until=soon)
    below = cast.post(bo, sources=[waiting], shown_at=soon, undo_until=soon)
    last = [cast.post(bo, sources=[root]) for _ in range(2)]
    settle()
    client, path = api(cy), f"/v1/posts/{root.pk}/{what}"
    page = client.get(path, {"limit": 1}).json()
    assert [int(node["post_id"]) for node in page["items"]] == [first.pk]
    for post in (below, waiting):
        posting.undo_post(bo, post.pk)
    assert not Edge.objects.filter(derivation__in=[waiting, below]).exists()
    assert [int(node["post_id"]) for node in walk(client, path, cursor=page["next"])] == [post.pk for post in last]


def test_a_leaf_is_not_forgotten_over_hundreds_that_are_not_to_be_known_of(ada, bo, cy, api, settle, monkeypatch):
    monkeypatch.setattr(tree, "_VISITED_AT_MOST", 5)
    root = cast.post(ada)
    leaf = cast.post(cy, sources=[root])
    for _ in range(12):
        cast.post(bo, sources=[root], visibility="private")
    last = cast.post(ada, sources=[root])
    settle()
    found = walk(api(cy), f"/v1/posts/{root.pk}/leaves", limit=10)
    assert [int(node["post_id"]) for node in found] == [leaf.pk, last.pk]


def test_a_stitch_with_something_deep_is_listed_by_its_own_place(ada, bo, cy, api, settle, monkeypatch):
    monkeypatch.setattr(models, "LISTED_LEVELS", 3)
    deep = cast.post(bo)
    for _ in range(4):
        deep = cast.post(bo, sources=[deep])
    root = cast.post(ada)
    stitch = cast.post(bo, sources=[root, deep], kind="stitch")
    below = cast.post(cy, sources=[stitch])
    settle()
    assert stitch.depth == 5
    assert set(Listing.objects.filter(derivation=below).values_list("ancestor_id", flat=True)) == {root.pk, stitch.pk}
    with CaptureQueriesContext(connection) as queries:
        found = walk(api(ada), f"/v1/posts/{stitch.pk}/tree", order="newest")
    assert [int(node["post_id"]) for node in found] == [below.pk]
    assert sum("FROM remix_listing" in query["sql"] for query in queries) == 1


def test_what_an_author_hides_is_not_looked_past_by_every_page(family, ada, api, settle):
    root, children, _ = family
    left_out = Listing.objects.filter(is_left_out=True).values_list("ancestor_id", "derivation_id")
    for name in ("hidden", "detached"):
        for decided in (True, False):
            api(ada).patch(f"/v1/posts/{root.pk}/derivations/{children[2].pk}", {name: decided})
            assert list(left_out.all()) == ([(root.pk, children[2].pk)] if decided else [])
    other = cast.post(ada)
    stitch = cast.post(children[0].author, sources=[children[1], other], kind="stitch")
    api(ada).patch(f"/v1/posts/{other.pk}/derivations/{stitch.pk}", {"hidden": True})
    assert list(left_out.all()) == []  # it stands below its first source
    ties.block(ada, "bo")
    settle()
    assert sorted(left_out.all()) == [(root.pk, child.pk) for child in children]


def test_people_are_counted_once_and_makers_of_their_own_remixes_not_at_all(family, ada, bo, cy, api, settle):
    root, children, _ = family
    assert figures(root, settle) == (5, 7, 1, 2)
    cast.post(ada, sources=[root])
    cast.post(ada, sources=[children[0]])
    assert figures(root, settle) == (6, 9, 1, 2)
    assert figures(children[0], settle) == (1, 1, 1, 1)
    answer = api(cy).get(f"/v1/posts/{root.pk}/lineage").json()
    assert answer["people"] == {"direct": 1, "total": 2}


@pytest.mark.parametrize("name", ["hidden", "detached"])
def test_what_an_author_takes_off_their_post_is_seen_below_it_no_more_and_keeps_its_credit(
    name, family, ada, bo, cy, api, settle
):
    root, children, below = family
    branch = children[2]
    answer = api(ada).patch(f"/v1/posts/{root.pk}/derivations/{branch.pk}", {name: True})
    assert answer.status_code == 200
    assert (answer.json()["post_id"], answer.json()[name], answer.json()["post"]["id"]) == (
        str(branch.pk),
        True,
        str(branch.pk),
    )
    settle()
    gone = {branch.pk, *(post.pk for post in below)}
    client = api(cy)
    for path in ("remixes", "tree?order=newest", "tree", "leaves"):
        shown = client.get(f"/v1/posts/{root.pk}/{path}").json()["items"]
        assert len(shown) == 4
        assert not gone & {int(item.get("post_id") or item["id"]) for item in shown}, path
    assert branch.pk not in ids(client.get(f"/v1/posts/{children[1].pk}/siblings", {"direction": "right"}))
    # it is a post like others, it names its source, and what was made from it is still below it
    shown = client.get(f"/v1/posts/{branch.pk}").json()
    assert shown["lineage"]["sources"] == [{"post_id": str(root.pk), "kind": "remix"}]
    assert [int(node["post_id"]) for node in walk(client, f"/v1/posts/{branch.pk}/tree")] == [p.pk for p in below]
    ancestors = client.get(f"/v1/posts/{below[0].pk}/lineage").json()["ancestors"]
    assert [int(ancestor["post_id"]) for ancestor in ancestors] == [branch.pk, root.pk]
    assert figures(branch, settle) == (2, 2, 1, 1)
    assert figures(root, settle) == ((5, 7, 1, 2) if name == "hidden" else (4, 4, 1, 1))
    ada.refresh_from_db()
    assert ada.remix_count == (5 if name == "hidden" else 4)
    mine = walk(api(ada), f"/v1/posts/{root.pk}/derivations", limit=2)
    assert [(int(row["post_id"]), row[name]) for row in mine] == [(c.pk, c == branch) for c in children[::-1]]
    api(ada).patch(f"/v1/posts/{root.pk}/derivations/{branch.pk}", {name: False})
    settle()
    assert [int(node["post_id"]) for node in walk(client, f"/v1/posts/{root.pk}/leaves")] == [
        children[0].pk, children[1].pk, below[0].pk, below[1].pk, children[3].pk, children[4].pk
    ]  # fmt: skip
    assert figures(root, settle) == (5, 7, 1, 2)


def test_a_stitch_stays_counted_where_another_way_leads_to_it(ada, bo, cy, settle, api):
    root, other = cast.post(ada), cast.post(ada)
    left, right = cast.post(bo, sources=[root]), cast.post(cy, sources=[root])
    braid = cast.post(cy, sources=[left, other], kind="stitch")
    again = cast.post(bo, sources=[braid, right], kind="stitch")
    assert figures(root, settle) == (2, 4, 2, 2)
    api(ada).patch(f"/v1/posts/{root.pk}/derivations/{left.pk}", {"detached": True})
    assert figures(root, settle) == (1, 2, 1, 2)  # the right one, and the second stitch over it
    assert figures(other, settle) == (1, 2, 1, 2)
    assert figures(left, settle) == (1, 2, 1, 1)
    assert again.pk > braid.pk


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"hidden": "perhaps"}, "hidden", "invalid"),
        ({"removed": True}, "removed", "unknown_field"),
        ({"hidden": None}, "hidden", "null"),
    ],
)
def test_a_decision_that_means_nothing_changes_nothing(body, field, code, family, ada, api):
    root, children, _ = family
    before = fingerprint()
    answer = api(ada).patch(f"/v1/posts/{root.pk}/derivations/{children[0].pk}", body)
    assert (answer.status_code, answer.json()["errors"][field][0]["code"]) == (422, code)
    assert fingerprint() == before


def test_only_the_author_decides_and_only_about_what_was_made_from_the_post(family, ada, bo, cy, api):
    root, children, below = family
    private = cast.post(bo, sources=[root], visibility="private")
    before = fingerprint()
    path = f"/v1/posts/{root.pk}/derivations"
    assert api(bo).patch(f"{path}/{children[0].pk}", {"hidden": True}).status_code == 403
    assert api(bo).get(path).status_code == 403
    for stranger in (below[0].pk, root.pk, private.pk, 1):
        assert api(ada).patch(f"{path}/{stranger}", {"hidden": True}).status_code == 404
    ties.block(bo, "ada")
    blocked = fingerprint()
    assert api(ada).patch(f"{path}/{children[0].pk}", {"hidden": True}).status_code == 404
    assert walk(api(ada), path) == []
    assert fingerprint() == blocked != before


def test_no_list_reads_more_of_a_wide_post_than_of_a_narrow_one(ada, bo, cy, api, settle):
    narrow, wide = cast.post(ada), cast.post(ada)
    for root, width in ((narrow, 21), (wide, 60)):
        cast_children(bo, root, width)
    settle()
    client = api(cy)
    for path in ("remixes?sort=new", "remixes?sort=top", "tree?order=newest", "tree?order=top", "tree", "lineage"):
        figures = []
        for root in (narrow, wide):
            client.get(f"/v1/posts/{root.pk}/{path}")
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/v1/posts/{root.pk}/{path}").status_code == 200
            figures.append(len(queries))
        assert figures[0] == figures[1] <= 9, path


def cast_children(author: object, root: Post, width: int) -> None:
    for _ in range(width):
        cast.post(author, sources=[root])


def test_a_page_among_many_that_are_not_for_me_is_short_and_goes_on(ada, bo, mallory, cy, api, monkeypatch):
    monkeypatch.setattr(filling, "SLACK", 0)
    root = cast.post(ada)
    first = cast.post(bo, sources=[root])
    for _ in range(45):
        cast.post(mallory, sources=[root])
    last = cast.post(bo, sources=[root])
    ties.block(cy, "mallory")
    for sort in ("new", "top"):
        page = api(cy).get(f"/v1/posts/{root.pk}/remixes", {"limit": 2, "sort": sort})
        assert ids(page) == [last.pk]
        assert page.json()["next"] is not None
        assert [int(item["id"]) for item in walk(api(cy), f"/v1/posts/{root.pk}/remixes", limit=2, sort=sort)] == [
            last.pk,
            first.pk,
        ]


def test_a_branch_that_its_maker_hides_from_the_author_is_hidden_by_what_shows_of_it(ada, bo, mallory, cy, api):
    root = cast.post(ada)
    unseen = cast.post(mallory, sources=[root], visibility="private")
    shown = cast.post(mallory, sources=[cast.post(mallory, sources=[unseen], visibility="unlisted")])
    below = cast.post(bo, sources=[shown])
    path = f"/v1/posts/{root.pk}/derivations"
    assert [int(node["post_id"]) for node in walk(api(cy), f"/v1/posts/{root.pk}/tree")] == [shown.pk, below.pk]
    assert api(ada).patch(f"{path}/{below.pk}", {"hidden": True}).status_code == 404  # it is shown's, who is seen
    answer = api(ada).patch(f"{path}/{shown.pk}", {"hidden": True})
    assert (answer.status_code, answer.json()["post_id"]) == (200, str(shown.pk))
    assert str(unseen.pk).encode() not in answer.content
    assert walk(api(cy), f"/v1/posts/{root.pk}/tree") == []
    api(ada).patch(f"{path}/{shown.pk}", {"hidden": False})
    assert len(walk(api(cy), f"/v1/posts/{root.pk}/tree")) == 2


@pytest.mark.parametrize("who", ["ada", "bo"])
def test_a_block_takes_what_two_made_of_each_other_off_their_posts(who, family, ada, bo, cy, api):
    root, children, below = family
    answered = cast.post(ada, sources=[children[0]])
    ties.block(*((ada, "bo") if who == "ada" else (bo, "ada")))
    assert walk(api(cy), f"/v1/posts/{root.pk}/remixes") == []
    assert walk(api(cy), f"/v1/posts/{root.pk}/tree") == []
    assert walk(api(cy), f"/v1/posts/{children[0].pk}/remixes") == []
    assert [int(node["post_id"]) for node in walk(api(cy), f"/v1/posts/{children[2].pk}/tree")] == [p.pk for p in below]
    shown = api(cy).get(f"/v1/posts/{answered.pk}").json()
    assert shown["lineage"]["sources"] == [{"post_id": str(children[0].pk), "kind": "remix"}]


def test_a_page_looks_at_so_many_posts_and_no_more(ada, mallory, bo, cy, api, monkeypatch):
    monkeypatch.setattr("remix.tree._VISITED_AT_MOST", 10)
    root = at = cast.post(ada)
    for _ in range(25):
        at = cast.post(mallory, sources=[at])
    end = cast.post(bo, sources=[at])
    other = cast.post(bo, sources=[root])
    ties.mute(cy, "mallory")
    for path in ("tree", "leaves"):
        client = api(cy)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/v1/posts/{root.pk}/{path}").json()
        assert (page["items"], page["next"] is None, len(queries) < 20) == ([], False, True)
        found = walk(client, f"/v1/posts/{root.pk}/{path}")
        assert [(int(node["post_id"]), node["depth"]) for node in found] == [(end.pk, 1), (other.pk, 1)]


def test_a_page_passes_so_many_children_that_are_not_for_its_reader_and_no_more(ada, mallory, bo, cy, api, monkeypatch):
    monkeypatch.setattr("remix.tree._VISITED_AT_MOST", 10)
    root = cast.post(ada)
    for _ in range(25):
        cast.post(mallory, sources=[root])
    end = cast.post(bo, sources=[root])
    ties.mute(cy, "mallory")
    for path in ("tree", "leaves"):
        page = api(cy).get(f"/v1/posts/{root.pk}/{path}?limit=3").json()
        assert (page["items"], page["next"] is None) == ([], False)
        found = walk(api(cy), f"/v1/posts/{root.pk}/{path}")
        assert [(int(node["post_id"]), node["depth"]) for node in found] == [(end.pk, 1)]
