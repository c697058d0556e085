"""What is not for everybody does not come out through the graph."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from remix.models import Edge, Listing
from sora_social.accounts import ties
from sora_social.core import outbox
from sora_social.core.models import OutboxEvent
from sora_social.posts import posting
from tests import cast


def make_private(post):
    posting.edit_post(post.author, post.pk, visibility="private")


def make_unlisted(post):
    posting.edit_post(post.author, post.pk, visibility="unlisted")


def make_unshown(post):
    type(post).objects.filter(pk=post.pk).update(shown_at=timezone.now() + timedelta(hours=1))


def take_back(post):
    make_unshown(post)
    posting.delete_post(post.author, post.pk)


HIDING = {"private": make_private, "unlisted": make_unlisted, "unshown": make_unshown, "taken back": take_back}


def tree(client, post, **words):
    nodes, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/posts/{post.pk}/tree", {"cursor": cursor, **words}).json()
        nodes += page["items"]
        cursor = page["next"]
    return [(int(node["post_id"]), int(node["parent_id"]), node["depth"], node["post"] is not None) for node in nodes]


@pytest.mark.parametrize("hide", HIDING.values(), ids=HIDING)
@pytest.mark.parametrize("limit", [1, 20])
def test_a_hidden_post_is_left_out_of_a_tree_and_its_remixes_stay(hide, limit, ada, bo, cy, api):
    root = cast.post(ada)
    hidden = cast.post(bo, sources=[root])
    leaf = cast.post(ada, sources=[hidden])
    below = cast.post(ada, sources=[leaf])
    sibling = cast.post(ada, sources=[root])
    hide(hidden)
    assert tree(api(cy), root, limit=limit) == [
        (leaf.pk, root.pk, 1, True),
        (below.pk, leaf.pk, 2, True),
        (sibling.pk, root.pk, 1, True),
    ]
    assert str(hidden.pk).encode() not in api(cy).get(f"/v1/posts/{root.pk}/tree").content


def test_one_behind_a_block_or_muted_is_left_out_of_a_tree(ada, bo, cy, mallory, api):
    root = cast.post(bo)
    walled = cast.post(mallory, sources=[root])
    leaf = cast.post(bo, sources=[walled])
    cast.post(cy, sources=[leaf])
    ties.block(ada, "mallory")
    ties.mute(ada, "cy")
    assert tree(api(ada), root) == [(leaf.pk, root.pk, 1, True)]


def test_the_author_finds_their_own_hidden_posts_in_a_tree(ada, bo, api):
    root = cast.post(ada)
    hidden = cast.post(bo, sources=[root], visibility="private")
    assert tree(api(bo), root) == [(hidden.pk, root.pk, 1, True)]
    assert tree(api(ada), root) == []


@pytest.mark.parametrize("hide", HIDING.values(), ids=HIDING)
def test_a_hidden_ancestor_has_no_id_anywhere(hide, ada, bo, cy, api):
    root = cast.post(ada)
    leaf = cast.post(bo, sources=[root])
    hide(root)
    shown = api(cy).get(f"/v1/posts/{leaf.pk}")
    up = api(cy).get(f"/v1/posts/{leaf.pk}/lineage")
    for answer in (shown, up):
        assert str(root.pk).encode() not in answer.content
        assert answer.json()["lineage"]["sources"] == [{"post_id": None, "kind": "remix"}]
        assert answer.json()["lineage"]["root_id"] is None
    assert up.json()["ancestors"] == [{"post_id": None, "distance": 1, "post": None}]


def test_the_author_sees_their_own_unlisted_ancestor(ada, bo, api):
    root = cast.post(ada, visibility="unlisted")
    leaf = cast.post(bo, sources=[root])
    (above,) = api(ada).get(f"/v1/posts/{leaf.pk}/lineage").json()["ancestors"]
    assert above["post"]["id"] == above["post_id"] == str(root.pk)


def later(seconds: int):
    return timezone.now() + timedelta(seconds=seconds)


def counts(*posts):
    for post in posts:
        post.refresh_from_db()
        post.author.refresh_from_db()
    return [(post.remix_count, post.descendant_count, post.author.post_count) for post in posts]


def test_a_post_taken_back_in_time_leaves_no_trace(ada, bo, api, settle):
    root = cast.post(ada)
    soon = later(60)
    made = cast.post(bo, sources=[root], shown_at=soon, undo_until=soon)
    settle()
    assert counts(root, made) == [(0, 0, 1), (0, 0, 0)]
    posting.undo_post(bo, made.pk)
    OutboxEvent.objects.update(due_at=timezone.now())
    settle()
    assert not Edge.objects.exists()
    assert not Listing.objects.exists()
    assert counts(root, made) == [(0, 0, 1), (0, 0, 0)]
    for person in (ada, bo):
        assert tree(api(person), root) == []


def test_a_post_counts_from_when_others_see_it(ada, bo, settle):
    root = cast.post(ada)
    made = cast.post(bo, sources=[root], shown_at=later(60))
    settle()
    assert counts(root, made) == [(0, 0, 1), (0, 0, 0)]
    type(made).objects.filter(pk=made.pk).update(shown_at=timezone.now())
    OutboxEvent.objects.update(due_at=timezone.now())
    settle()
    assert counts(root, made) == [(1, 1, 1), (0, 0, 1)]


def test_a_private_post_counts_nowhere_until_it_is_private_no_more(ada, bo, settle):
    root = cast.post(ada)
    made = cast.post(bo, sources=[root], visibility="private")
    settle()
    assert counts(root, made) == [(0, 0, 1), (0, 0, 0)]
    posting.edit_post(bo, made.pk, visibility="unlisted")
    settle()
    assert counts(root, made) == [(1, 1, 1), (0, 0, 1)]
    posting.edit_post(bo, made.pk, visibility="private")
    settle()
    assert counts(root, made) == [(0, 0, 1), (0, 0, 0)]


def test_events_of_a_post_in_any_order_end_at_zero(ada, bo, settle):
    root = cast.post(ada)
    settle()
    made = cast.post(bo, sources=[root])
    posting.delete_post(bo, made.pk)
    OutboxEvent.objects.filter(kind="PostPublished").update(due_at=later(60))
    settle()
    OutboxEvent.objects.update(due_at=timezone.now())
    settle()
    assert counts(root, made) == [(0, 0, 1), (0, 0, 0)]
    assert outbox.relay() == 0


def test_the_last_page_of_a_deep_chain_climbs_in_one_query(ada, bo, api):
    root = top = cast.post(ada)
    for _ in range(30):
        top = cast.post(ada, sources=[top])
    client = api(bo)
    first = client.get(f"/v1/posts/{root.pk}/tree", {"limit": 29}).json()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        last = client.get(f"/v1/posts/{root.pk}/tree", {"limit": 29, "cursor": first["next"]}).json()
    assert [node["depth"] for node in last["items"]] == [30]
    assert last["next"] is None
    assert sum("remix_edge" in query["sql"] for query in queries) <= 5
