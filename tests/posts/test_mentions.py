"""Who is meant by the @names in a comment."""

import pytest

from sora_social.accounts import people, ties
from sora_social.posts.comments import commenting, mentions
from tests import cast


@pytest.fixture
def post(ada):
    return cast.post(ada)


def named(author, text):
    return [one["handle"] for one in mentions.named_in(author, text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hello @bo", ["bo"]),
        ("@bo, @cy and @bo", ["bo", "cy"]),
        ("thanks @Bo.", ["bo"]),
        ("(@bo)!", ["bo"]),
        ("@cy.dog.", ["cy.dog"]),
        ("你好@bo", []),
        ("你好 @bo！", ["bo"]),
        ("ada@bo.example", []),
        ("@@bo", []),
        ("@bobo @b @nobody.here", []),
        ("@ada", []),
        ("no names", []),
    ],
)
def test_names_are_found(text, names, ada, bo, cy):
    cast.person("cy.dog")
    assert named(ada, text) == names


def test_at_most_ten_are_named(ada):
    for number in range(12):
        cast.person(f"person{number:02}")
    text = " ".join(f"@person{number:02}" for number in range(12))
    assert named(ada, text) == [f"person{number:02}" for number in range(10)]


def test_a_former_name_leads_to_its_owner(ada, bo):
    people.update_profile(bo, handle="robert")
    assert mentions.named_in(ada, "@bo") == [{"handle": "bo", "id": bo.pk}]


def test_nobody_is_named_across_a_block_nor_who_is_suspended_or_waits(ada, bo, cy):
    cast.person("waiting", admitted=False)
    ties.block(bo, "ada")
    people.set_active(cy.pk, active=False)
    assert named(ada, "@bo @cy @waiting") == []


def test_an_adult_does_not_reach_a_teen_who_does_not_follow_them(ada, bo, teen):
    ties.follow(teen, "bo")
    other_teen = cast.person("another.teen", age=16)
    assert named(ada, "@teen") == []
    assert named(bo, "@teen") == ["teen"]
    assert named(other_teen, "@teen") == ["teen"]


def test_mentions_are_shown_with_the_comment_but_not_across_a_block(ada, bo, cy, mallory, post, api):
    said = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": "@cy look, @nobody"}).json()
    assert said["mentions"] == [{"handle": "cy", "id": str(cy.pk)}]
    ties.block(mallory, "cy")
    path = f"/v1/posts/{post.pk}/comments"
    for viewer, shown in ((ada, said["mentions"]), (mallory, [])):
        assert [item["mentions"] for item in api(viewer).get(path).json()["items"]] == [shown]
    edited = api(bo).patch(f"/v1/comments/{said['id']}", {"text": "@ada look"}).json()
    assert edited["mentions"] == [{"handle": "ada", "id": str(ada.pk)}]
    commenting.remove(bo, int(said["id"]))
    assert api(ada).get(f"{path}?after_seq=0").json()["items"][0]["mentions"] == []
