"""Comments that wait for review, people who are hidden, pins: what each viewer finds, in every list."""

import pytest
from django.db.models import Q

from sora_social.accounts import ties
from sora_social.core.models import OutboxEvent
from sora_social.posts.comments import commenting, hosting, rules
from sora_social.posts.models import Comment, CommentQuerySet, RoomEvent
from tests import cast
from tests.access.scene import fingerprint


@pytest.fixture
def post(ada):
    return cast.post(ada)


def found_by(api, person, post):
    """What somebody finds in each list of a room: newest first, best first, since the beginning, in video time."""
    path = f"/v1/posts/{post.pk}/comments"
    pages = [
        api(person).get(path + query).json() for query in ("", "?sort=top", "?after_seq=0", "?sort=at_ms&from_ms=0")
    ]
    return [{item["text"] for item in page["items"]} for page in pages]


def everywhere(*texts):
    return [set(texts)] * 4


def announced():
    return list(OutboxEvent.objects.filter(kind="CommentSaid").values_list("payload__comment_id", flat=True))


def counted(post, settle):
    settle()
    post.refresh_from_db()
    return post.comment_count


def test_what_is_held_is_there_for_two_until_it_is_approved(ada, bo, cy, mod, post, api, settle):
    rules.set_room(ada, post.pk, blocked_words=["rude"])
    fine = commenting.say(bo, post.pk, text="fine", at_ms=1)
    OutboxEvent.objects.all().delete()
    answer = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": "rude", "at_ms": 2})
    assert (answer.status_code, answer.json()["held"]) == (201, True)
    held = Comment.objects.get(text="rude")
    assert announced() == []
    for person, seen in ((bo, ("fine", "rude")), (ada, ("fine", "rude")), (cy, ("fine",)), (mod, ("fine",))):
        assert found_by(api, person, post) == everywhere(*seen), person
    assert counted(post, settle) == 1
    path = f"/v1/posts/{post.pk}/comments/held"
    for person, waiting in ((ada, ["rude"]), (mod, ["rude"])):
        assert [item["text"] for item in api(person).get(path).json()["items"]] == waiting
    assert api(bo).get(path).status_code == 403
    for verb, place, body in (
        ("put", f"/v1/comments/{held.pk}/approval", {}),
        ("put", f"/v1/comments/{held.pk}/like", None),
        ("get", f"/v1/comments/{held.pk}/replies", None),
        ("delete", f"/v1/comments/{held.pk}", None),
    ):
        assert getattr(api(cy), verb)(place, body).status_code == 404, place
    assert api(bo).put(f"/v1/comments/{held.pk}/approval", {}).status_code == 403
    for person in (bo, ada):
        reply = api(person).post(f"/v1/posts/{post.pk}/comments", {"text": "re", "parent_id": str(held.pk)})
        assert reply.status_code == 422, "nothing hangs on what is not there yet"
    approved = api(ada).put(f"/v1/comments/{held.pk}/approval", {}).json()
    assert (approved["held"], approved["seq"]) == (False, 4)
    assert api(ada).put(f"/v1/comments/{held.pk}/approval", {}).status_code == 200, "may be repeated"
    for person in (ada, bo, cy, mod):
        assert found_by(api, person, post) == everywhere("fine", "rude")
    assert announced() == [held.pk]
    assert counted(post, settle) == 2
    assert [event.kind for event in RoomEvent.objects.order_by("seq")] == ["room", "comment", "comment_held", "comment"]
    assert api(cy).get(f"/v1/posts/{post.pk}/comments?after_seq={fine.seq}").json()["seq"] == 4


def test_what_is_held_and_removed_leaves_no_trace_for_others(ada, bo, cy, post, api, settle):
    rules.set_room(ada, post.pk, hold=True)
    held = commenting.say(bo, post.pk, text="waits")
    assert api(ada).delete(f"/v1/comments/{held.pk}").status_code == 204
    assert api(ada).put(f"/v1/comments/{held.pk}/approval", {}).status_code == 404
    assert api(cy).get(f"/v1/posts/{post.pk}/comments?after_seq=0").json()["items"] == []
    assert counted(post, settle) == 0
    commenting.say(ada, post.pk, text="the host waits for nobody")
    assert found_by(api, cy, post)[0] == {"the host waits for nobody"}


def test_nobody_edits_their_way_past_a_review(ada, bo, post, api):
    said = commenting.say(bo, post.pk, text="fine")
    rules.set_room(ada, post.pk, blocked_words=["rude"])
    held = commenting.say(bo, post.pk, text="rude")
    before = fingerprint()
    for comment, text in ((said, "rude"), (held, "fine")):
        answer = api(bo).patch(f"/v1/comments/{comment.pk}", {"text": text})
        assert (answer.status_code, answer.json()["code"]) == (409, "held_for_review")
    assert fingerprint() == before
    assert api(bo).patch(f"/v1/comments/{said.pk}", {"text": "still fine"}).status_code == 200


def test_held_replies_are_counted_for_who_sees_them(ada, bo, cy, post, api, settle):
    thread = commenting.say(ada, post.pk, text="thread")
    rules.set_room(ada, post.pk, hold=True)
    commenting.say(bo, post.pk, text="reply", parent_id=thread.pk)
    settle()
    for person, replies in ((ada, 1), (bo, 1), (cy, 0)):
        [item] = api(person).get(f"/v1/posts/{post.pk}/comments").json()["items"]
        assert item["counts"]["replies"] == replies
        assert len(api(person).get(f"/v1/comments/{thread.pk}/replies").json()["items"]) == replies


def test_what_the_hidden_say_waits_for_nobody(ada, bo, cy, mod, post, api):
    rules.set_room(ada, post.pk, hold=True)
    commenting.say(bo, post.pk, text="from bo")
    commenting.say(cy, post.pk, text="from cy")
    hosting.hide(ada, post.pk, "bo")
    path = f"/v1/posts/{post.pk}/comments/held"
    for person in (ada, mod):
        assert [item["text"] for item in api(person).get(path).json()["items"]] == ["from cy"]
    hosting.show(ada, post.pk, "bo")
    assert [item["text"] for item in api(ada).get(path).json()["items"]] == ["from bo", "from cy"]


def test_who_is_hidden_sees_what_they_said_and_nobody_else_does(ada, bo, cy, mod, post, api, settle):
    thread = commenting.say(cy, post.pk, text="thread", at_ms=1)
    before = commenting.say(bo, post.pk, text="before", at_ms=2)
    commenting.say(bo, post.pk, text="reply before", parent_id=thread.pk)
    assert counted(post, settle) == 3
    path = f"/v1/posts/{post.pk}/hidden/bo"
    assert api(cy).put(path, {}).status_code == 403
    for _ in range(2):
        assert api(ada).put(path, {}).status_code == 204
    OutboxEvent.objects.all().delete()
    answer = api(bo).post(f"/v1/posts/{post.pk}/comments", {"text": "after", "at_ms": 3})
    assert (answer.status_code, answer.json()["held"]) == (201, False)
    commenting.say(bo, post.pk, text="reply after", parent_id=thread.pk)
    assert announced() == [], "nobody is told of what nobody sees"
    settle()
    since = {"thread", "before", "reply before", "after", "reply after"}
    assert found_by(api, bo, post) == [*[{"thread", "before", "after"}] * 2, since, {"thread", "before", "after"}]
    for person in (ada, cy, mod):
        assert found_by(api, person, post) == everywhere("thread")
        assert api(person).get(f"/v1/comments/{before.pk}/replies").status_code == 404
        assert api(person).put(f"/v1/comments/{before.pk}/like").status_code == 404
    for person, replies in ((bo, 2), (cy, 0), (ada, 0)):
        item = api(person).get(f"/v1/posts/{post.pk}/comments").json()["items"][-1]
        assert (item["text"], item["counts"]["replies"]) == ("thread", replies)
        assert len(api(person).get(f"/v1/comments/{thread.pk}/replies").json()["items"]) == replies
    assert counted(post, settle) == 1
    free = api(bo).get(f"/v1/posts/{post.pk}/room").json()["viewer"]
    assert free == {"may_speak": True, "code": None, "retry_after": None, "silent_until": None}, "they are not told"
    [known] = api(ada).get(f"/v1/posts/{post.pk}/restraints").json()["items"]
    assert (known["person"]["handle"], known["hidden"]) == ("bo", True)
    commenting.remove(bo, before.pk)
    for _ in range(2):
        assert api(ada).delete(path).status_code == 204
    assert found_by(api, cy, post)[0] == {"thread", "after"}
    assert counted(post, settle) == 4
    assert api(cy).get(f"/v1/posts/{post.pk}/comments").json()["items"][-1]["counts"]["replies"] == 2
    commenting.say(bo, cast.post(ada).pk, text="elsewhere")


@pytest.mark.parametrize("mutant", ["held", "hidden"])
def test_mutants_of_who_sees_what_are_seen(mutant, ada, bo, cy, post, api, monkeypatch, compile_anew):
    rules.set_room(ada, post.pk, hold=mutant == "held")
    commenting.say(bo, post.pk, text="not for cy")
    if mutant == "hidden":
        hosting.hide(ada, post.pk, "bo")
    assert found_by(api, cy, post)[0] == set()
    whoever = lambda rows, viewer: rows.filter(Q(author=viewer) | ~Q(author=viewer))  # noqa: E731
    monkeypatch.setattr(CommentQuerySet, "visible_to", whoever)
    compile_anew()
    assert found_by(api, cy, post)[0] == {"not for cy"}


def test_a_pin_comes_first_and_there_is_one(ada, bo, cy, post, api, settle):
    said = [commenting.say(bo, post.pk, text=str(number)) for number in range(4)]
    reply = commenting.say(bo, post.pk, text="reply", parent_id=said[0].pk)
    commenting.like(ada, said[3].pk)
    settle()
    path = f"/v1/posts/{post.pk}/comments?sort=top"
    assert api(bo).put(f"/v1/comments/{said[1].pk}/pin").status_code == 403
    assert api(ada).put(f"/v1/comments/{reply.pk}/pin").json()["code"] == "not_a_thread"
    for comment in (said[0], said[1], said[1]):
        assert api(ada).put(f"/v1/comments/{comment.pk}/pin").status_code == 204
    first = api(cy).get(f"{path}&limit=2").json()
    rest = api(cy).get(f"{path}&limit=2&cursor={first['next']}").json()
    assert [(item["text"], item["pinned"]) for item in first["items"] + rest["items"]] == [
        ("1", True),
        ("3", False),
        ("2", False),
        ("0", False),
    ]
    assert rest["next"] is None
    kinds = list(RoomEvent.objects.order_by("seq").values_list("kind", flat=True))[5:]
    assert kinds == ["comment_pinned", "comment_unpinned", "comment_pinned"]
    for _ in range(2):
        assert api(ada).delete(f"/v1/comments/{said[1].pk}/pin").status_code == 204
    assert [item["text"] for item in api(cy).get(path).json()["items"]] == ["3", "2", "1", "0"]
    hosting.pin(ada, said[2].pk)
    commenting.remove(bo, said[2].pk)
    assert not Comment.objects.filter(is_pinned=True).exists()
    rules.set_room(ada, post.pk, hold=True)
    held = commenting.say(bo, post.pk, text="held")
    assert api(ada).put(f"/v1/comments/{held.pk}/pin").json()["code"] == "held_for_review"


def test_comments_come_again_as_they_come_in_the_video(ada, bo, cy, post, api):
    thread = commenting.say(bo, post.pk, text="late", at_ms=4000)
    commenting.say(ada, post.pk, text="reply", at_ms=2000, parent_id=thread.pk)
    commenting.say(bo, post.pk, text="no moment")
    early = [commenting.say(cy, post.pk, text=f"early {number}", at_ms=1000) for number in range(3)]
    commenting.remove(cy, early[1].pk)
    path = f"/v1/posts/{post.pk}/comments?sort=at_ms"
    first = api(ada).get(f"{path}&limit=2").json()
    rest = api(ada).get(f"{path}&limit=2&cursor={first['next']}").json()
    assert [item["text"] for item in first["items"] + rest["items"]] == ["early 0", "early 2", "reply", "late"]
    window = api(ada).get(f"{path}&from_ms=1001&to_ms=4000").json()["items"]
    assert [(item["text"], item["at_ms"]) for item in window] == [("reply", 2000)]
    ties.block(ada, "cy")
    assert [item["text"] for item in api(ada).get(path).json()["items"]] == ["reply", "late"]
    for query in ("?from_ms=1", "?sort=top&to_ms=5", "?sort=at_ms&from_ms=-1", "?sort=at_ms&to_ms=x"):
        assert api(bo).get(f"/v1/posts/{post.pk}/comments{query}").status_code == 422
    other_window = f"{path}&from_ms=1000&cursor={first['next']}"
    assert api(bo).get(other_window).status_code == 422, "a cursor is for the list that it was made for"


@pytest.mark.parametrize("rows", [10, 30])
def test_each_list_costs_the_same_for_10_and_30_rows(rows, ada, bo, cy, post, api, django_assert_max_num_queries):
    rules.set_room(ada, post.pk, blocked_words=["rude"])
    for number in range(rows):
        commenting.say(bo, post.pk, text=f"@cy {number} {'rude' if number % 2 else ''}", at_ms=number)
    hosting.silence(ada, post.pk, "bo", seconds=60)
    client = api(ada)
    client.get("/v1/me")
    for query in ("?sort=top", "?sort=at_ms", "?after_seq=0", "/held", "/../restraints"):
        with django_assert_max_num_queries(8):
            path = f"/v1/posts/{post.pk}/comments{query}".replace("/comments/..", "")
            answer = client.get(f"{path}{'&' if '?' in path else '?'}limit=50")
            assert answer.status_code == 200, answer.content
