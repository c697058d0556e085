"""Credits on posts: shown to everybody alike, given up by who has them, and walls are total."""

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sora_social.accounts import people, ties
from sora_social.core.errors import NotFound
from sora_social.posts import crediting, posting, presenting
from sora_social.posts.live import admitting
from sora_social.posts.models import Post, PostCredit
from tests import cast
from tests.access.scene import fingerprint


def names(viewer, post):
    return [one["handle"] for one in orjson.loads(presenting.present_one(viewer, post.pk))["co_creators"]]


def is_there(viewer, post):
    return bool(presenting.present(viewer, [post.pk]))


@pytest.fixture
def post(ada, bo, cy):
    return cast.post_together(ada, bo, cy, caption="#together")


def test_everybody_sees_who_made_it(ada, bo, mallory, post):
    assert names(ada, post) == names(bo, post) == names(mallory, post) == ["bo", "cy"]
    assert names(mallory, cast.post(ada)) == []


def test_a_new_name_is_shown_at_once(bo, mallory, post):
    assert names(mallory, post) == ["bo", "cy"]
    people.update_profile(bo, handle="bob", display_name="Bob")
    [first, _] = orjson.loads(presenting.present_one(mallory, post.pk))["co_creators"]
    assert (first["id"], first["handle"], first["display_name"]) == (str(bo.pk), "bob", "Bob")


def test_who_is_suspended_is_not_named_and_the_post_stays(bo, mallory, post):
    assert names(mallory, post) == ["bo", "cy"]
    people.set_active(bo.pk, active=False)
    assert names(mallory, post) == ["cy"]
    people.set_active(bo.pk, active=True)
    assert names(mallory, post) == ["bo", "cy"]


def test_one_takes_ones_name_off_and_it_stays_off(bo, cy, mallory, post, api):
    assert names(mallory, post) == ["bo", "cy"]
    for _ in range(2):
        assert api(bo).delete(f"/v1/posts/{post.pk}/co-creators/me").status_code == 204
    assert names(mallory, post) == ["cy"]
    ended = PostCredit.objects.get(person=bo).ended_at
    crediting.leave(bo, post.pk)
    assert PostCredit.objects.get(person=bo).ended_at == ended
    for _ in range(3):  # what was kept before is not found again, whatever versions come together
        people.update_profile(cy, bio="still me")
        assert names(mallory, post) == ["cy"]


def test_also_off_a_post_that_is_not_there_for_oneself(ada, bo, cy, post):
    posting.edit_post(ada, post.pk, visibility="private")
    ties.block(cy, "bo")
    crediting.leave(bo, post.pk)
    assert names(ada, post) == ["cy"]


def test_only_who_is_credited_takes_a_name_off_and_only_their_own(ada, mallory, post, api):
    before = fingerprint()
    for somebody in (ada, mallory):
        with pytest.raises(NotFound):
            crediting.leave(somebody, post.pk)
        assert api(somebody).delete(f"/v1/posts/{post.pk}/co-creators/me").status_code == 404
    assert api(None).delete(f"/v1/posts/{post.pk}/co-creators/me").status_code == 401
    assert api(ada).delete("/v1/posts/1/co-creators/me").status_code == 404
    assert fingerprint() == before


@pytest.mark.parametrize("who_blocks", ["the co-creator", "the viewer"])
def test_a_wall_with_a_co_creator_hides_the_post_everywhere(who_blocks, ada, bo, mallory, post, api, settle):
    settle()
    client = api(mallory)
    reads = [f"/v1/posts/{post.pk}", f"/v1/posts/{post.pk}/lineage", f"/v1/posts/{post.pk}/comments"]
    lists = ["/v1/feed?feed=latest", "/v1/feed?feed=for_you", "/v1/tags/together", "/v1/people/ada/posts"]
    lists += ["/v1/search?q=together&type=posts"]
    assert [client.get(url).status_code for url in reads] == [200] * 3
    assert all(f'"{post.pk}"' in client.get(url).content.decode() for url in lists)
    if who_blocks == "the viewer":
        ties.block(mallory, "bo")
    else:
        ties.block(bo, "mallory")
    assert [client.get(url).status_code for url in reads] == [404] * 3
    assert [url for url in lists if f'"{post.pk}"' in client.get(url).content.decode()] == []
    assert post.pk not in presenting.known_among(mallory, [post.pk])
    assert is_there(ada, post)
    crediting.leave(bo, post.pk)
    assert is_there(mallory, post)


def test_a_block_ends_what_two_have_on_each_others_posts_and_it_does_not_come_back(ada, bo, cy, mallory, post):
    his = cast.post_together(bo, ada)
    other = cast.post_together(cy, bo)
    ties.block(bo, "ada")
    assert names(mallory, post) == names(ada, post) == ["cy"]
    assert names(mallory, his) == names(bo, his) == []
    assert names(mallory, other) == ["bo"]
    assert not is_there(bo, post)
    ties.unblock(bo, "ada")
    assert names(bo, post) == ["cy"]
    assert names(mallory, his) == []


def test_two_credited_across_a_wall_do_not_see_what_they_share(ada, bo, cy, post):
    ties.block(bo, "cy")
    assert [is_there(viewer, post) for viewer in (ada, bo, cy)] == [True, False, False]


def test_a_wall_with_a_co_creator_closes_the_room(ada, bo, mallory, post):
    held = admitting.Pass(
        person_id=mallory.pk,
        post_id=post.pk,
        token=cast.session_token(mallory),
        password_mark=mallory.get_session_auth_hash(),
        country="NL",
        walled=frozenset(),
    )
    assert admitting.ask_again([held])[0].refusal is None
    ties.block(bo, "mallory")
    refusal = admitting.ask_again([held])[0].refusal
    assert refusal is not None
    assert refusal.code == "not_found"


def test_co_creators_are_told_when_it_is_shown(ada, bo, post, api, settle):
    settle()

    def told():
        items = api(bo).get("/v1/notifications").json()["items"]
        return [(item["text"], item["about"]) for item in items if item["type"] == "co_creator_post"]

    assert told() == [("ada posted what you made together.", {"post_id": str(post.pk)})]
    posting.edit_post(ada, post.pk, visibility="private")
    assert told() == []


def test_a_private_post_is_not_opened_by_a_credit(ada, bo):
    hidden = cast.post_together(ada, bo, visibility="private")
    assert [is_there(viewer, hidden) for viewer in (ada, bo)] == [True, False]


def test_a_page_costs_the_same_whoever_made_it_and_a_post_without_credits_nothing_more(ada, bo, cy):
    together = [cast.post_together(ada, bo, cy).pk for _ in range(12)]
    alone = [cast.post(ada).pk for _ in range(12)]

    def cost(ids):
        with CaptureQueriesContext(connection) as queries:
            assert len(presenting.present(bo, ids)) == len(ids)
        return len(queries)

    presenting._fragments.clear()
    assert (cost(alone), cost(alone)) == (2, 1)
    presenting._fragments.clear()
    assert (cost(together[:2]), cost(together[:2])) == (3, 1)
    presenting._fragments.clear()
    assert (cost(together), cost(together)) == (3, 1)


def test_the_count_is_what_it_was_at_publishing(bo, post):
    crediting.leave(bo, post.pk)
    assert Post.objects.get(pk=post.pk).credit_count == 2


@pytest.mark.mutant("a mark that leaves out who is gone")
def test_a_mark_that_could_come_again_would_show_a_name_that_was_taken_off(bo, cy, mallory, post, monkeypatch):
    """Without the ended credits in the sum, a new version of another name gives back what was kept before."""
    monkeypatch.setattr(crediting, "leave", lambda actor, post_id: PostCredit.objects.filter(person=actor).delete())
    marks = set()
    for _ in range(2):
        marks.add(Post.objects.with_mark().get(pk=post.pk).mark)
        crediting.leave(bo, post.pk)
        for _ in range(bo.version):
            people.update_profile(cy, bio="again")
    assert len(marks) == 1
