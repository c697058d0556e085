"""What moderators do in rooms: by the desk and by the API the same act, the same line in the log."""

import pytest

from sora_social.moderation import reporting
from sora_social.moderation.models import AuditEntry, Report
from sora_social.posts.comments import commenting, hosting, rules
from sora_social.posts.models import Comment, Restraint, Room
from tests import cast
from tests.access.scene import fingerprint
from tests.moderation import desk


@pytest.fixture
def post(ada):
    return cast.post(ada)


@pytest.fixture
def comment(bo, post):
    return commenting.say(bo, post.pk, text="rude words")


def decided():
    return list(
        AuditEntry.objects.decisions().order_by("id").values_list("action", "subject_type", "subject_id", "reason")
    )


def by_desk(client, comment, decision, reason="a raid"):
    kind, subject = ("post", comment.post_id) if decision.endswith("_room") else ("comment", comment.pk)
    answer = client.post(f"/admin/posts/{kind}/{subject}/decide/{decision}/", {"reason": reason}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def by_api(client, comment, decision, reason="a raid"):
    post, body, why = f"/v1/posts/{comment.post_id}", {"reason": reason}, f"?reason={reason}"
    verb, path, words = {
        "remove": ("delete", f"/v1/comments/{comment.pk}{why}", None),
        "silence": ("put", f"{post}/timeouts/bo", {**body, "seconds": 86_400}),
        "hide": ("put", f"{post}/hidden/bo", body),
        "show": ("delete", f"{post}/hidden/bo{why}", None),
        "close_room": ("patch", f"{post}/room", {**body, "who": "nobody"}),
        "hold_room": ("patch", f"{post}/room", {**body, "hold": True}),
        "open_room": ("patch", f"{post}/room", {**body, "who": "everyone", "hold": False}),
    }[decision]
    return getattr(client, verb)(path, words)


@pytest.mark.parametrize("door", ["desk", "api"])
def test_each_act_is_done_and_logged(door, ada, bo, mod, post, comment, api):
    report = reporting.report(ada, comment_id=comment.pk, reason="hate")
    client, act = (desk.seated(mod), by_desk) if door == "desk" else (api(mod), by_api)
    for decision in ("hide", "show", "silence", "hold_room", "close_room", "open_room", "remove"):
        act(client, comment, decision)
    assert decided() == [
        ("hidden", "person", bo.pk, "a raid"),
        ("shown", "person", bo.pk, "a raid"),
        ("silenced", "person", bo.pk, "a raid"),
        ("changed", "post", post.pk, "a raid"),
        ("changed", "post", post.pk, "a raid"),
        ("changed", "post", post.pk, "a raid"),
        ("removed", "comment", comment.pk, "a raid"),
    ]
    assert AuditEntry.objects.get(action="silenced").path == f"/v1/posts/{post.pk}/room"
    comment.refresh_from_db()
    restraint, room = Restraint.objects.get(), Room.objects.get()
    assert (comment.deleted_at is not None, restraint.is_hidden) == (True, False)
    assert restraint.silent_until is not None
    assert (room.who, room.hold) == ("everyone", False)
    assert Report.objects.get(pk=report.pk).state == "upheld"


@pytest.mark.parametrize("decision", ["hide", "silence", "hold_room", "close_room", "remove"])
@pytest.mark.parametrize("reason", ["", " x "])
def test_nothing_is_done_without_a_reason(decision, reason, mod, comment, api):
    before = fingerprint()
    assert by_api(api(mod), comment, decision, reason).status_code == 422
    assert fingerprint() == before


def test_what_waits_is_approved_at_the_desk(ada, bo, mod, post):
    rules.set_room(ada, post.pk, hold=True)
    held = commenting.say(bo, post.pk, text="waits")
    by_desk(desk.seated(mod), held, "approve", "nothing wrong")
    assert Comment.objects.get(pk=held.pk).is_held is False
    assert decided() == [("approved", "comment", held.pk, "nothing wrong")]


def test_a_host_needs_no_reason_and_leaves_no_line(ada, bo, post, comment):
    hosting.hide(ada, post.pk, "bo")
    hosting.silence(ada, post.pk, "bo", seconds=60)
    rules.set_room(ada, post.pk, hold=True)
    commenting.say(bo, cast.post(bo).pk, text="mine")
    assert decided() == []


def test_moderators_who_host_or_take_back_their_own_words_decide_nothing(mod, ada, post):
    own = cast.post(mod)
    rules.set_room(mod, own.pk, hold=True)
    commenting.remove(mod, commenting.say(mod, post.pk, text="oops").pk)
    assert decided() == []


def looked():
    seen = AuditEntry.objects.filter(action="viewed").order_by("id")
    return list(seen.values_list("actor__handle", "subject_type", "subject_id", "path"))


def test_a_moderator_who_looks_behind_a_room_by_the_api_leaves_a_line_for_each_look(ada, mod, post, comment, api):
    rules.set_room(ada, post.pk, hold=True, blocked_words=["spam"])
    hosting.hide(ada, post.pk, "bo")
    paths = [f"/v1/posts/{post.pk}/{part}" for part in ("room", "comments/held", "restraints")]
    for path in paths:
        assert api(mod).get(path).status_code == 200
    assert looked() == [("mod", "post", post.pk, path) for path in paths]
    assert rules.room_as(mod.pk, post.pk).blocked_words == ["spam"]  # over the socket
    assert looked()[3:] == [("mod", "post", post.pk, paths[0])]


def test_hosts_readers_and_who_is_refused_leave_no_line(ada, bo, mod, post, comment, api):
    assert api(mod).get(f"/v1/posts/{post.pk}/room").json()["blocked_words"] == []  # nothing to see
    rules.set_room(ada, post.pk, hold=True, blocked_words=["spam"])
    for path in ("room", "comments/held", "restraints"):
        assert api(ada).get(f"/v1/posts/{post.pk}/{path}").status_code == 200
        answer = api(bo).get(f"/v1/posts/{post.pk}/{path}")
        assert answer.status_code == 403 or answer.json()["blocked_words"] is None
    assert api(mod).get("/v1/posts/1/comments/held").status_code == 404
    assert looked() == []


def test_the_desk_shows_a_comment_and_the_room_of_a_post(ada, bo, mod, post, comment):
    hosting.hide(ada, post.pk, "bo")
    rules.set_room(ada, post.pk, slow_mode_s=30, blocked_words=["spam"])
    client = desk.seated(mod)
    page = client.get(f"/admin/posts/comment/{comment.pk}/change/").content.decode()
    for words in ("rude words", "hidden in this room", f"/admin/posts/post/{post.pk}/change/", "Show the author again"):
        assert words in page
    page = client.get(f"/admin/posts/post/{post.pk}/change/").content.decode()
    for words in ("rude words", "one comment in 30 s", "blocked: spam", "Close the room", "@bo"):
        assert words in page
    for term in ("rude", "@bo", str(post.pk), str(comment.pk)):
        found = client.get("/admin/posts/comment/", {"q": term}).content.decode()
        assert f"/admin/posts/comment/{comment.pk}/change/" in found, term
