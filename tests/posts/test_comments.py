"""Comments: who may say, change, take back and read them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.core.errors import DomainError, NotFound
from sora_social.posts import posting
from sora_social.posts.comments import commenting
from sora_social.posts.models import Comment, CommentLike, Room, RoomEvent
from tests import cast


@pytest.fixture
def post(ada):
    return cast.post(ada)


def texts(answer):
    assert answer.status_code == 200, answer.content
    return [item["text"] for item in answer.json()["items"]]


def nothing_happened(post):
    return not RoomEvent.objects.filter(post=post).exists() and not Room.objects.filter(pk=post.pk, seq__gt=0).exists()


def test_a_comment_comes_back_in_its_documented_shape(bo, post, api):
    answer = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": " hello ", "at_ms": 1200, "client_id": "c1"})
    assert answer.status_code == 201
    said = answer.json()
    comment = Comment.objects.get()
    assert said.pop("created_at").endswith("Z")
    assert said.pop("author")["handle"] == "bo"
    assert said == {
        "id": str(comment.pk),
        "post_id": str(post.pk),
        "seq": 1,
        "text": "hello",
        "parent_id": None,
        "at_ms": 1200,
        "counts": {"likes": 0, "replies": 0},
        "viewer": {"liked": False},
        "edited_at": None,
        "deleted": False,
        "held": False,
        "pinned": False,
        "mentions": [],
    }


def test_a_repeat_with_the_same_client_id_gives_the_first_comment(bo, post, api):
    say = {"text": "once", "client_id": "c1"}
    first = api(bo).post(f"/v1/posts/{post.pk}/comments", say).json()
    again = api(bo).post(f"/v1/posts/{post.pk}/comments", {**say, "text": "twice"}).json()
    assert again == first
    assert RoomEvent.objects.count() == 1
    assert Room.objects.get().seq == 1


@pytest.mark.parametrize(
    "text",
    ["", "   ", "x" * 501, "a\x07b", "bell\u0000", "\u202eevil", "\x85"],
    ids=["empty", "blank", "long", *"abcd"],
)
def test_words_that_are_no_comment_are_refused_and_nothing_happens(text, bo, post, api):
    answer = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": text})
    assert answer.status_code == 422, answer.content
    assert "text" in answer.json()["errors"]
    assert nothing_happened(post)


@pytest.mark.parametrize(
    "words",
    [
        {"text": 5.5, "parent_id": "x"},
        {"text": "a", "parent_id": "99999999999999999999"},
        {"text": "a", "at_ms": -1},
        {"text": "a", "at_ms": 10**30},
        {"text": "a", "client_id": "x" * 65},
        {"text": ["a"]},
        {"words": "a"},
    ],
)
def test_bad_input_is_refused_by_field(words, bo, post, api):
    answer = api(bo).post(f"/v1/posts/{post.pk}/comments", words)
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"]
    assert nothing_happened(post)


def test_500_characters_and_a_new_line_are_fine(bo, post):
    text = "é" * 498 + "\nx"
    assert commenting.say(bo, post.pk, text=text).text == text


def test_a_reply_to_a_reply_joins_the_same_thread(ada, bo, post, api, settle):
    thread = commenting.say(bo, post.pk, text="thread")
    reply = commenting.say(ada, post.pk, text="reply", parent_id=thread.pk)
    deeper = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": "deeper", "parent_id": str(reply.pk)}).json()
    assert deeper["parent_id"] == str(thread.pk)
    settle()
    listed = api(ada).get(f"/v1/posts/{post.pk}/comments").json()
    assert [(item["text"], item["counts"]["replies"]) for item in listed["items"]] == [("thread", 2)]
    assert listed["seq"] == 3
    assert texts(api(ada).get(f"/v1/comments/{thread.pk}/replies")) == ["reply", "deeper"]
    post.refresh_from_db()
    assert post.comment_count == 3


def test_a_parent_must_be_under_the_same_post(ada, bo, post):
    elsewhere = commenting.say(bo, cast.post(ada).pk, text="elsewhere")
    with pytest.raises(DomainError) as refusal:
        commenting.say(bo, post.pk, text="reply", parent_id=elsewhere.pk)
    assert refusal.value.status == 422
    assert nothing_happened(post)


def test_lists_come_newest_or_best_first_in_pages(ada, bo, post, api, settle):
    said = [commenting.say(bo, post.pk, text=str(number)) for number in range(5)]
    commenting.like(ada, said[1].pk)
    settle()
    path = f"/v1/posts/{post.pk}/comments"
    first = api(ada).get(f"{path}?sort=new&limit=3").json()
    rest = api(ada).get(f"{path}?sort=new&limit=3&cursor={first['next']}").json()
    assert [item["text"] for item in first["items"] + rest["items"]] == ["4", "3", "2", "1", "0"]
    assert rest["next"] is None
    top = api(ada).get(f"{path}?sort=top").json()["items"]
    assert [item["text"] for item in top] == ["1", "4", "3", "2", "0"]
    assert (top[0]["counts"]["likes"], top[0]["viewer"]["liked"]) == (1, True)


def test_after_seq_gives_what_was_said_edited_and_removed_since(ada, bo, post, api):
    first = commenting.say(bo, post.pk, text="first")
    second = commenting.say(bo, post.pk, text="second")
    commenting.say(bo, post.pk, text="third")
    commenting.edit(bo, first.pk, text="first, better")
    commenting.remove(bo, second.pk)
    page = api(ada).get(f"/v1/posts/{post.pk}/comments?after_seq=2").json()
    assert [(item["text"], item["deleted"]) for item in page["items"]] == [
        ("third", False),
        ("first, better", False),
        ("", True),
    ]
    assert (page["seq"], page["next"]) == (5, None)
    assert api(ada).get(f"/v1/posts/{post.pk}/comments?after_seq=5").json()["items"] == []


@pytest.mark.parametrize("query", ["sort=best", "after_seq=-1", "after_seq=9e99", "cursor=abc", "limit=0", "limit=x"])
def test_a_bad_query_is_refused(query, ada, post, api):
    assert api(ada).get(f"/v1/posts/{post.pk}/comments?{query}").status_code == 422


def test_my_words_can_be_changed_for_five_minutes(bo, mallory, post, api):
    comment = commenting.say(bo, post.pk, text="helo")
    path = f"/v1/comments/{comment.pk}"
    assert api(mallory).patch(path, {"text": "mine now"}).status_code == 403
    edited = api(bo).patch(path, {"text": "hello"}).json()
    assert edited["text"] == "hello"
    assert edited["edited_at"] is not None
    Comment.objects.update(created_at=timezone.now() - timedelta(minutes=5, seconds=1))
    late = api(bo).patch(path, {"text": "too late"})
    assert (late.status_code, late.json()["code"]) == (409, "edit_window_over")
    assert Comment.objects.get().text == "hello"
    assert [event.kind for event in RoomEvent.objects.order_by("seq")] == ["comment", "comment_edited"]
    assert Room.objects.get().seq == 2


def test_a_removed_comment_leaves_a_tombstone_where_replies_hang_on_it(ada, bo, mallory, post, api, settle):
    thread = commenting.say(bo, post.pk, text="thread")
    lone = commenting.say(bo, post.pk, text="lone")
    commenting.say(ada, post.pk, text="reply", parent_id=thread.pk)
    assert api(mallory).delete(f"/v1/comments/{thread.pk}").status_code == 403
    assert api(bo).delete(f"/v1/comments/{thread.pk}").status_code == 204
    assert api(ada).delete(f"/v1/comments/{lone.pk}").status_code == 204, "the post is hers"
    assert api(bo).delete(f"/v1/comments/{lone.pk}").status_code == 204, "may be repeated"
    settle()
    listed = api(mallory).get(f"/v1/posts/{post.pk}/comments").json()
    assert [(item["text"], item["deleted"]) for item in listed["items"]] == [("", True)]
    assert listed["seq"] == 5
    post.refresh_from_db()
    assert post.comment_count == 1
    assert api(bo).patch(f"/v1/comments/{thread.pk}", {"text": "back"}).status_code == 404
    assert api(bo).put(f"/v1/comments/{thread.pk}/like").status_code == 404


def test_a_like_counts_once_and_can_be_taken_back(ada, bo, post, api, settle):
    comment = commenting.say(bo, post.pk, text="nice")
    for _ in range(2):
        assert api(ada).put(f"/v1/comments/{comment.pk}/like").status_code == 204
    settle()
    comment.refresh_from_db()
    assert comment.like_count == 1
    for _ in range(2):
        assert api(ada).delete(f"/v1/comments/{comment.pk}/like").status_code == 204
    settle()
    comment.refresh_from_db()
    assert comment.like_count == 0


def test_people_across_a_block_do_not_meet_in_comments(ada, bo, cy, post, api, settle):
    by_bo = commenting.say(bo, post.pk, text="by bo")
    by_cy = commenting.say(cy, post.pk, text="by cy")
    commenting.say(bo, post.pk, text="bo to cy", parent_id=by_cy.pk)
    commenting.say(ada, post.pk, text="ada to cy", parent_id=by_cy.pk)
    ties.block(cy, "bo")
    settle()
    for viewer, seen, replies in ((cy, ["by cy"], 1), (bo, ["by bo"], None), (ada, ["by cy", "by bo"], 2)):
        page = api(viewer).get(f"/v1/posts/{post.pk}/comments").json()["items"]
        assert [item["text"] for item in page] == seen
        if replies is not None:
            assert page[0]["counts"]["replies"] == replies
    assert texts(api(cy).get(f"/v1/comments/{by_cy.pk}/replies")) == ["ada to cy"]
    assert texts(api(cy).get(f"/v1/posts/{post.pk}/comments?after_seq=0")) == ["by cy", "ada to cy"]
    before = RoomEvent.objects.count()
    for verb, path, body in (
        ("put", f"/v1/comments/{by_bo.pk}/like", None),
        ("delete", f"/v1/comments/{by_bo.pk}", None),
        ("patch", f"/v1/comments/{by_bo.pk}", {"text": "x"}),
        ("get", f"/v1/comments/{by_bo.pk}/replies", None),
    ):
        assert getattr(api(cy), verb)(path, body).status_code == 404, path
    answer = api(cy).post(f"/v1/posts/{post.pk}/comments", {"text": "reply", "parent_id": str(by_bo.pk)})
    assert answer.status_code == 422
    assert RoomEvent.objects.count() == before
    assert not CommentLike.objects.exists()


def test_a_post_that_is_not_for_me_has_no_comments_for_me(ada, bo, mallory, post, api):
    comment = commenting.say(bo, post.pk, text="hello")
    ties.block(ada, "mallory")
    private = cast.post(ada, visibility="private")
    for path in (f"/v1/posts/{post.pk}/comments", f"/v1/posts/{private.pk}/comments", "/v1/posts/1/comments"):
        assert api(mallory).get(path).status_code == 404
        assert api(mallory).post(path, {"text": "hi"}).status_code == 404
    assert api(mallory).put(f"/v1/comments/{comment.pk}/like").status_code == 404
    posting.delete_post(ada, post.pk)
    assert api(bo).get(f"/v1/posts/{post.pk}/comments").status_code == 404
    assert api(bo).delete(f"/v1/comments/{comment.pk}").status_code == 404
    with pytest.raises(NotFound):
        commenting.say(bo, post.pk, text="more")
    assert Comment.objects.count() == 1


def test_across_a_block_no_answer_is_given_again(ada, bo, post, api):
    words, key = {"text": "hello"}, {"HTTP_IDEMPOTENCY_KEY": "k"}
    path = f"/v1/posts/{post.pk}/comments"
    first = api(bo).post(path, words, **key)
    assert api(bo).post(path, words, **key).content == first.content
    ties.block(ada, "bo")
    assert api(bo).post(path, words, **key).status_code == 404
    assert Comment.objects.count() == 1


def test_nobody_signed_out_gets_anything(bo, post, api):
    comment = commenting.say(bo, post.pk, text="hello")
    nobody = api(None)
    for verb, path in (
        ("get", f"/v1/posts/{post.pk}/comments"),
        ("post", f"/v1/posts/{post.pk}/comments"),
        ("patch", f"/v1/comments/{comment.pk}"),
        ("delete", f"/v1/comments/{comment.pk}"),
        ("put", f"/v1/comments/{comment.pk}/like"),
        ("delete", f"/v1/comments/{comment.pk}/like"),
        ("get", f"/v1/comments/{comment.pk}/replies"),
        ("post", "/v1/live-tickets"),
    ):
        assert getattr(nobody, verb)(path).status_code == 401, path


@pytest.mark.parametrize("rows", [10, 30])
@pytest.mark.parametrize("walled", [False, True])
def test_a_page_costs_the_same_for_10_and_30_rows(rows, walled, ada, bo, cy, post, api, django_assert_max_num_queries):
    for number in range(rows):
        commenting.say(bo, post.pk, text=str(number))
    if walled:
        ties.block(ada, "cy")
    client = api(ada)
    client.get("/v1/me")
    with django_assert_max_num_queries(8):
        assert len(texts(client.get(f"/v1/posts/{post.pk}/comments?limit=50"))) == rows
    with django_assert_max_num_queries(8):
        assert len(texts(client.get(f"/v1/posts/{post.pk}/comments?limit=50&after_seq=0"))) == rows


def test_numbers_are_dense_and_repeats_once_however_many_say_at_once(committed):
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)

    def say(number):
        try:
            return commenting.say(bo, post.pk, text=f"{number}", client_id=f"c{number % 20}").seq
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(say, range(60)))
    assert set(numbers) == set(range(1, 21))
    assert list(RoomEvent.objects.order_by("id").values_list("seq", flat=True)) == list(range(1, 21))
    assert Room.objects.get().seq == 20
