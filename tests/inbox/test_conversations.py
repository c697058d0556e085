"""Conversations over HTTP: begun, asked for, read, shared, left; and what a block makes of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cameos import consent
from sora_social.accounts import people, ties
from sora_social.core import outbox
from sora_social.inbox.conversations import conversing, messaging
from sora_social.inbox.conversations.throttling import BeginningThrottle
from sora_social.inbox.models import Conversation, Message, Seat
from sora_social.posts import posting
from sora_social.studio import publishing
from tests import cast
from tests.access.scene import fingerprint


def texts(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [item["text"] for item in answer.json()["items"]]


def relay_all() -> None:
    while outbox.relay():
        pass


def test_two_people_talk(friends, api):
    ada, bo = friends
    begun = api(ada).post("/v1/conversations", {"handles": ["bo"], "text": "  look at this  "})
    assert begun.status_code == 201
    shown = begun.json()
    assert (shown["kind"], shown["title"], shown["seq"]) == ("direct", "", 1)
    assert shown["last_message"]["text"] == "look at this"
    assert {member["person"]["handle"]: member["state"] for member in shown["members"]} == {"ada": "in", "bo": "in"}
    assert shown["viewer"] == {"state": "in", "role": "member", "muted": False, "read_seq": 1, "unread_count": 0}

    listed = api(bo).get("/v1/conversations").json()
    assert [item["id"] for item in listed["items"]] == [shown["id"]]
    assert (listed["unread_count"], listed["request_count"], listed["next"]) == (1, 0, None)
    assert listed["items"][0]["viewer"]["unread_count"] == 1

    url = f"/v1/conversations/{shown['id']}"
    answer = api(bo).post(f"{url}/messages", {"text": "lovely", "client_id": "b-1"})
    assert (answer.status_code, answer.json()["seq"], answer.json()["client_id"]) == (201, 2, "b-1")
    assert texts(api(ada).get(f"{url}/messages")) == ["lovely", "look at this"]
    assert [item["client_id"] for item in api(ada).get(f"{url}/messages").json()["items"]] == ["", ""]
    assert texts(api(ada).get(f"{url}/messages?before=2")) == ["look at this"]
    assert api(bo).get("/v1/conversations").json()["unread_count"] == 0  # who answers has read


def test_a_message_is_said_once_however_often_it_is_sent(friends, api):
    ada, bo = friends
    talk = conversing.begin(ada, handles=["bo"])
    url = f"/v1/conversations/{talk.pk}/messages"
    first = api(ada).post(url, {"text": "once", "client_id": "c"}).json()
    assert api(ada).post(url, {"text": "once", "client_id": "c"}).json() == first
    assert api(bo).post(url, {"text": "mine", "client_id": "c"}).json()["id"] != first["id"]
    assert Message.objects.count() == 2
    key = {"HTTP_IDEMPOTENCY_KEY": "k"}
    assert api(ada).post(url, {"text": "keyed"}, **key).json() == api(ada).post(url, {"text": "keyed"}, **key).json()
    assert Message.objects.count() == 3


def test_conversations_come_with_the_newest_message_first_and_pages_do_not_overlap(ada, api):
    for number in range(5):
        other = cast.person(f"p{number}")
        people.update_profile(other, messages_from="everyone")
        conversing.begin(ada, handles=[other.handle], text=f"to {number}")
    messaging.send(ada, Conversation.objects.order_by("pk")[1].pk, text="again")
    seen, url = [], "/v1/conversations?limit=2"
    while url:
        page = api(ada).get(url).json()
        seen += [item["last_message"]["text"] for item in page["items"]]
        url = page["next"] and f"/v1/conversations?limit=2&cursor={page['next']}"
    assert seen == ["again", "to 4", "to 3", "to 2", "to 0"]


def test_who_begins_too_many_conversations_waits(ada, api, monkeypatch):
    monkeypatch.setattr(BeginningThrottle, "rate", "2/hour", raising=False)
    for number in range(4):
        cast.person(f"p{number}")
    client = api(ada)
    assert client.post("/v1/conversations", {"handles": ["p0"]}).status_code == 201
    group = client.post("/v1/conversations", {"handles": ["p1", "p2"]})
    assert group.status_code == 201
    before = fingerprint()
    for refused in (
        client.post("/v1/conversations", {"handles": ["p3"]}),
        client.put(f"/v1/conversations/{group.json()['id']}/members/p3"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused["Retry-After"]) > 60
    assert fingerprint() == before
    assert client.get("/v1/conversations").status_code == 200
    assert client.post(f"/v1/conversations/{group.json()['id']}/messages", {"text": "hello"}).status_code == 201


# requests


def test_a_request_holds_one_message_until_it_is_accepted(ada, bo, api):
    shown = api(ada).post("/v1/conversations", {"handles": ["bo"], "text": "may I?"}).json()
    url = f"/v1/conversations/{shown['id']}"
    assert api(bo).get("/v1/conversations").json()["items"] == []
    listed = api(bo).get("/v1/conversations?folder=requests").json()
    assert (listed["request_count"], listed["unread_count"]) == (1, 0)
    request = listed["items"][0]
    assert (request["last_message"]["text"], request["viewer"]["state"]) == ("may I?", "asked")
    assert [member["read_seq"] for member in request["members"] if member["person"]["handle"] == "ada"] == [None]
    before = fingerprint()
    second = api(ada).post(f"{url}/messages", {"text": "hello??"})
    assert (second.status_code, second.json()["code"]) == (409, "request_pending")
    early = api(bo).post(f"{url}/messages", {"text": "who is this?"})
    assert (early.status_code, early.json()["code"]) == (409, "request_to_answer")
    assert fingerprint() == before
    api(bo).put(f"{url}/read", {"seq": 1})
    assert [member["read_seq"] for member in api(ada).get(url).json()["members"]][1] is None

    assert api(bo).post(f"{url}/accept").status_code == 204
    assert api(bo).post(f"{url}/accept").status_code == 204
    assert api(ada).post(f"{url}/messages", {"text": "thank you"}).status_code == 201
    assert api(bo).post(f"{url}/messages", {"text": "welcome"}).status_code == 201
    listed = api(bo).get("/v1/conversations").json()
    assert (len(listed["items"]), listed["request_count"]) == (1, 0)
    assert api(bo).post(f"{url}/decline").json()["code"] == "request_closed"


def test_who_was_declined_is_not_told_and_cannot_ask_again(ada, bo, api):
    talk = conversing.begin(ada, handles=["bo"], text="may I?")
    url = f"/v1/conversations/{talk.pk}"
    as_it_was = api(ada).get(url).json()
    assert api(bo).post(f"{url}/decline").status_code == 204
    assert api(bo).post(f"{url}/decline").status_code == 204
    assert api(bo).get(url).status_code == 404
    assert api(bo).get("/v1/conversations?folder=requests").json()["items"] == []
    now = api(ada).get(url).json()
    assert now == as_it_was
    assert [member["state"] for member in now["members"]] == ["in", "asked"]
    for act in (
        lambda: api(ada).post(f"{url}/messages", {"text": "please"}),
        lambda: api(ada).post("/v1/conversations", {"handles": ["bo"], "text": "please"}),
    ):
        assert act().json()["code"] == "request_pending"
    assert api(bo).post("/v1/conversations", {"handles": ["ada"], "text": "now I want to"}).json()["id"] == str(talk.pk)
    assert api(ada).post(f"{url}/messages", {"text": "good"}).status_code == 201


def test_groups_are_no_way_to_ask_again_and_again(ada, bo, cy, api):
    first = api(ada).post("/v1/conversations", {"handles": ["bo", "cy"], "text": "hello?"})
    assert first.status_code == 201
    before = fingerprint()
    for answer in ("", "decline"):
        if answer:
            assert api(bo).post(f"/v1/conversations/{first.json()['id']}/{answer}").status_code == 204
            assert api(cy).post(f"/v1/conversations/{first.json()['id']}/accept").status_code == 204
            before = fingerprint()
        again = api(ada).post("/v1/conversations", {"handles": ["bo", "cy"], "text": "hello??"})
        assert (again.status_code, again.json()["code"]) == (409, "request_pending")
        assert fingerprint() == before
    ties.follow(bo, "ada")
    friends = api(ada).post("/v1/conversations", {"handles": ["bo", "cy"], "text": "now we are friends"})
    assert friends.status_code == 201


def test_who_is_asked_and_begins_it_themselves_takes_part(ada, bo, api):
    talk = conversing.begin(ada, handles=["bo"], text="may I?")
    again = api(bo).post("/v1/conversations", {"handles": ["ada"], "text": "I was about to write"}).json()
    assert (again["id"], again["viewer"]["state"]) == (str(talk.pk), "in")
    assert texts(api(bo).get(f"/v1/conversations/{talk.pk}/messages")) == ["I was about to write", "may I?"]


def test_a_conversation_in_which_nothing_was_said_is_on_nobodys_list_but_who_opened_it(ada, bo, api):
    talk = conversing.begin(ada, handles=["bo"])
    assert [item["id"] for item in api(ada).get("/v1/conversations").json()["items"]] == [str(talk.pk)]
    listed = api(bo).get("/v1/conversations?folder=requests").json()
    assert (listed["items"], listed["request_count"]) == ([], 0)


# blocks, suspension, mutes


@pytest.mark.parametrize("builder", ["ada", "bo"])
def test_across_a_block_a_conversation_is_not_there_for_either(builder, friends, api):
    ada, bo = friends
    talk = conversing.begin(ada, handles=["bo"], text="hello")
    said = messaging.send(bo, talk.pk, text="hi")
    blocker, blocked = (ada, bo) if builder == "ada" else (bo, ada)
    ties.block(blocker, blocked.handle)
    before = fingerprint()
    answers = {}
    for person in (ada, bo):
        other = bo if person is ada else ada
        client, url = api(person), f"/v1/conversations/{talk.pk}"
        tries = [
            client.get(url),
            client.get(f"{url}/messages"),
            client.post(f"{url}/messages", {"text": "hello?"}),
            client.put(f"{url}/read", {"seq": 2}),
            client.patch(url, {"muted": True}),
            client.delete(f"/v1/messages/{said.pk}"),
            client.post("/v1/conversations", {"handles": [other.handle], "text": "hello?"}),
        ]
        answers[person] = [(answer.status_code, answer.json()["code"], answer.json().get("detail")) for answer in tries]
        assert client.get("/v1/conversations").json()["items"] == []
        assert client.get("/v1/conversations").json()["unread_count"] == 0
    assert answers[ada] == answers[bo]
    assert {status for status, _, _ in answers[ada]} == {404}
    assert fingerprint() == before
    ties.unblock(blocker, blocked.handle)
    assert texts(api(ada).get(f"/v1/conversations/{talk.pk}/messages")) == ["hi", "hello"]


@pytest.mark.parametrize("builder", ["ada", "bo"])
def test_a_request_ends_with_a_block_and_does_not_come_back(builder, ada, bo, api):
    talk = conversing.begin(ada, handles=["bo"], text="may I?")
    blocker, blocked = (ada, bo) if builder == "ada" else (bo, ada)
    ties.block(blocker, blocked.handle)
    relay_all()
    ties.unblock(blocker, blocked.handle)
    assert api(bo).get("/v1/conversations?folder=requests").json()["items"] == []
    assert api(bo).get(f"/v1/conversations/{talk.pk}").status_code == 404


def test_in_a_group_people_across_a_block_see_nothing_of_each_other(friends, cy, api):
    ada, bo = friends
    for other in ("bo", "cy"):
        ties.follow(ada, other)
    ties.follow(cy, "ada")
    group = conversing.begin(ada, handles=["bo", "cy"], title="three", text="hello")
    messaging.send(bo, group.pk, text="from bo")
    messaging.send(cy, group.pk, text="from cy")
    ties.block(cy, "bo")
    url = f"/v1/conversations/{group.pk}"
    assert texts(api(bo).get(f"{url}/messages")) == ["from bo", "hello"]
    assert texts(api(cy).get(f"{url}/messages")) == ["from cy", "hello"]
    assert texts(api(cy).get(f"{url}/messages?after_seq=0")) == ["hello", "from cy"]
    assert [member["person"]["handle"] for member in api(bo).get(url).json()["members"]] == ["ada", "bo"]
    assert texts(api(ada).get(f"{url}/messages")) == ["from cy", "from bo", "hello"]
    assert api(bo).get(url).json()["last_message"]["text"] == "from bo"
    assert api(bo).get(url).json()["viewer"]["unread_count"] == 0


def test_what_a_suspended_person_said_is_hidden_and_they_send_nothing(friends, cy, api):
    ada, bo = friends
    ties.follow(cy, "ada")
    direct = conversing.begin(ada, handles=["bo"], text="hello")
    group = conversing.begin(ada, handles=["bo", "cy"], text="hello both")
    messaging.send(bo, group.pk, text="from bo")
    token = cast.session_token(bo)
    people.set_active(bo.pk, active=False)
    client = api(None)
    client.credentials(HTTP_X_SESSION_TOKEN=token)
    assert client.post(f"/v1/conversations/{group.pk}/messages", {"text": "hi"}).status_code == 403
    assert texts(api(ada).get(f"/v1/conversations/{group.pk}/messages")) == ["hello both"]
    assert api(ada).get(f"/v1/conversations/{direct.pk}").status_code == 404
    people.set_active(bo.pk, active=True)
    assert texts(api(ada).get(f"/v1/conversations/{group.pk}/messages")) == ["from bo", "hello both"]


def test_muted_people_and_muted_conversations_do_not_count(friends, cy, api):
    ada, bo = friends
    people.update_profile(ada, messages_from="everyone")
    one = conversing.begin(bo, handles=["ada"], text="from bo")
    conversing.begin(cy, handles=["ada"], text="from cy")
    assert api(ada).get("/v1/conversations").json()["unread_count"] == 2
    ties.mute(ada, "cy")
    assert api(ada).get("/v1/conversations").json()["unread_count"] == 1
    muted = api(ada).patch(f"/v1/conversations/{one.pk}", {"muted": True}).json()
    assert muted["viewer"]["muted"] is True
    listed = api(ada).get("/v1/conversations").json()
    assert listed["unread_count"] == 0
    assert [item["viewer"]["unread_count"] for item in listed["items"]] == [1, 1]
    assert api(bo).get(f"/v1/conversations/{one.pk}").json()["viewer"]["muted"] is False


# what is read, and what is taken back


def test_read_marks_never_go_back_nor_beyond_what_is_there(friends, api):
    ada, bo = friends
    talk = conversing.begin(ada, handles=["bo"], text="one")
    for text in ("two", "three"):
        messaging.send(ada, talk.pk, text=text)
    url = f"/v1/conversations/{talk.pk}"
    for seq, there in ((2, 2), (1, 2), (10**15, 3)):
        assert api(bo).put(f"{url}/read", {"seq": seq}).status_code == 204
        marks = {member["person"]["handle"]: member["read_seq"] for member in api(ada).get(url).json()["members"]}
        assert marks == {"ada": 3, "bo": there}
    assert api(bo).get(url).json()["viewer"]["unread_count"] == 0


def test_what_is_taken_back_leaves_a_tombstone_and_is_told_to_who_asks_what_changed(friends, api):
    ada, bo = friends
    talk = conversing.begin(ada, handles=["bo"], text="oops")
    messaging.send(bo, talk.pk, text="what?")
    oops = talk.messages.get(seq=1)
    url = f"/v1/conversations/{talk.pk}/messages"
    before = fingerprint()
    assert api(bo).delete(f"/v1/messages/{oops.pk}").status_code == 403
    assert fingerprint() == before
    assert api(ada).delete(f"/v1/messages/{oops.pk}").status_code == 204
    after = fingerprint()
    assert api(ada).delete(f"/v1/messages/{oops.pk}").status_code == 204
    assert fingerprint() == after
    changed = api(bo).get(f"{url}?after_seq=2").json()
    assert [(item["id"], item["text"], item["deleted"]) for item in changed["items"]] == [(str(oops.pk), "", True)]
    assert changed["seq"] == 3
    assert api(bo).get(f"{url}?after_seq=3").json()["items"] == []
    assert texts(api(bo).get(url)) == ["what?", ""]
    assert api(ada).get("/v1/conversations").json()["items"][0]["last_message"]["text"] == "what?"


def test_no_answer_that_is_given_again_brings_back_what_was_taken_back(friends, api):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"], text="a secret")
    body, key = {"handles": ["bo"]}, {"HTTP_IDEMPOTENCY_KEY": "k"}
    first = api(ada).post("/v1/conversations", body, **key)
    assert first.json()["last_message"]["text"] == "a secret"
    assert api(ada).post("/v1/conversations", body, **key).content == first.content
    messaging.delete(bo, talk.messages.get().pk)
    assert api(ada).post("/v1/conversations", body, **key).status_code == 404
    assert api(ada).post("/v1/conversations", body).json()["last_message"] is None


def test_what_changed_comes_in_order_in_pages_without_gaps(friends, api):
    ada, bo = friends
    talk = conversing.begin(ada, handles=["bo"])
    for number in range(7):
        messaging.send((ada, bo)[number % 2], talk.pk, text=str(number))
    url, seq, seen = f"/v1/conversations/{talk.pk}/messages", 0, []
    while True:
        page = api(bo).get(f"{url}?after_seq={seq}&limit=3").json()
        seen += [item["text"] for item in page["items"]]
        seq = page["seq"]
        if page["next"] is None:
            break
    assert (seen, seq) == (list("0123456"), 7)


def test_bad_words_are_refused_and_nothing_is_said(friends, api):
    ada, _ = friends
    talk = conversing.begin(ada, handles=["bo"], text="hello")
    url = f"/v1/conversations/{talk.pk}"
    before = fingerprint()
    for body in (
        {},
        {"text": " \n "},
        {"text": "x" * 2001},
        {"text": "\u202eevil"},
        {"text": "a\x07b"},
        {"post_id": "1"},
        {"post_id": "x"},
        {"text": "a", "client_id": "with space"},
        {"text": "a", "client_id": "x" * 65},
        {"text": "a", "seq": 1},
    ):
        assert api(ada).post(f"{url}/messages", body).status_code == 422, body
    for path, body in (("read", {"seq": -1}), ("read", {}), ("read", {"seq": "²"})):
        assert api(ada).put(f"{url}/{path}", body).status_code == 422, body
    for body in ({"handles": []}, {"handles": ["bo"], "title": "us"}, {"handles": ["x"] * 32}, {"handles": "bo"}):
        assert api(ada).post("/v1/conversations", body).status_code == 422, body
    assert api(ada).patch(url, {"title": "us"}).status_code == 409
    for query in ("before=-1", "after_seq=x", "after_seq=9223372036854775808", "cursor=AAAA", "limit=0"):
        assert api(ada).get(f"{url}/messages?{query}").status_code == 422, query
    assert fingerprint() == before


# shared posts


def test_a_shared_post_is_shown_to_who_may_see_it_and_the_message_stays_for_the_rest(friends, cy, api):
    ada, bo = friends
    for tie in ((cy, "ada"), (bo, "cy"), (cy, "bo")):
        ties.follow(*tie)
    group = conversing.begin(ada, handles=["bo", "cy"])
    post = cast.post(bo, caption="for friends", visibility="followers")
    ties.follow(ada, "bo")
    url = f"/v1/conversations/{group.pk}/messages"
    sent = api(ada).post(url, {"text": "look", "post_id": str(post.pk)})
    assert sent.json()["post"]["caption"] == "for friends"

    def shown_to(person):
        item = api(person).get(url).json()["items"][0]
        return item["text"], item["shares_post"], item["post"] and item["post"]["id"]

    assert shown_to(cy) == ("look", True, str(post.pk))
    ties.unfollow(cy, "bo")
    assert shown_to(cy) == ("look", True, None)
    assert shown_to(ada) == ("look", True, str(post.pk))
    ties.block(cy, "bo")  # of the post's author, who said nothing here
    assert shown_to(cy) == ("look", True, None)
    posting.delete_post(bo, post.pk)
    assert shown_to(ada) == shown_to(bo) == ("look", True, None)
    assert api(ada).get("/v1/conversations").json()["items"][0]["last_message"]["post"] is None


def test_nobody_shares_what_they_may_not_see(friends, api):
    ada, bo = friends
    secret = cast.post(bo, visibility="private")
    talk = conversing.begin(ada, handles=["bo"])
    before = fingerprint()
    refused = api(ada).post(f"/v1/conversations/{talk.pk}/messages", {"post_id": str(secret.pk)})
    assert (refused.status_code, refused.json()["errors"]["post_id"][0]["code"]) == (422, "not_found")
    assert fingerprint() == before


def test_c02_a_revoked_face_is_gone_from_messages_and_from_answers_that_are_given_again(friends, cy, api):
    ada, bo = friends
    face = cast.cameo(cy, audience="everyone")
    draft = cast.finished_job(bo, cast=["@cy"]).drafts.get()
    words = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    post = publishing.publish_draft(bo, draft.pk, caption="with cy", **words)
    body, key = {"handles": ["bo"], "text": "look", "post_id": str(post.pk)}, {"HTTP_IDEMPOTENCY_KEY": "k"}
    begun = api(ada).post("/v1/conversations", body, **key)
    assert begun.json()["last_message"]["post"]["id"] == str(post.pk)
    assert api(ada).post("/v1/conversations", body, **key).content == begun.content
    consent.revoke(cy, face.pk, mode="unpublish_all")
    assert api(ada).post("/v1/conversations", body, **key).status_code == 404
    items = api(bo).get(f"/v1/conversations/{begun.json()['id']}/messages").json()["items"]
    assert [(item["text"], item["post"]) for item in items] == [("look", None)]


# groups


def test_a_group_gains_and_loses_people(friends, cy, api):
    ada, bo = friends
    ties.follow(cy, "bo")
    dee = cast.person("dee")
    people.update_profile(dee, messages_from="everyone")
    url = (
        "/v1/conversations/"
        + api(ada).post("/v1/conversations", {"handles": ["bo", "dee"], "title": "sea"}).json()["id"]
    )
    assert api(ada).post(f"{url}/messages", {"text": "before cy"}).status_code == 201
    assert api(bo).put(f"{url}/members/cy").status_code == 204
    assert api(bo).put(f"{url}/members/cy").status_code == 204
    assert api(ada).post(f"{url}/messages", {"text": "after cy"}).status_code == 201
    assert [item["text"] for item in api(cy).get(f"{url}/messages").json()["items"]] == ["after cy", ""]
    added = api(ada).get(f"{url}/messages").json()["items"][1]
    assert (added["kind"], added["author"]["handle"], added["about"]["handle"]) == ("added", "bo", "cy")
    assert api(cy).get(url).json()["viewer"] == {
        "state": "in",
        "role": "member",
        "muted": False,
        "read_seq": 1,
        "unread_count": 1,
    }
    before = fingerprint()
    assert api(bo).delete(f"{url}/members/cy").status_code == 403
    assert fingerprint() == before
    assert api(ada).delete(f"{url}/members/cy").status_code == 204
    assert api(cy).get(url).status_code == 404
    assert api(cy).get(f"{url}/messages").status_code == 404
    assert api(ada).delete(f"{url}/members/ada").status_code == 204
    assert api(ada).get(url).status_code == 404
    roles = {item["person"]["handle"]: item["role"] for item in api(bo).get(url).json()["members"]}
    assert roles == {"bo": "owner", "dee": "member"}
    kinds = [item["kind"] for item in api(bo).get(f"{url}/messages").json()["items"]]
    assert kinds == ["left", "removed", "said", "added", "said"]
    assert api(bo).get("/v1/conversations").json()["unread_count"] == 1


def test_who_left_is_asked_before_they_are_in_again_and_who_declined_stays_out(friends, cy, api):
    ada, _ = friends
    ties.follow(cy, "ada")
    group = conversing.begin(ada, handles=["bo", "cy"], text="hello")
    url = f"/v1/conversations/{group.pk}"
    assert api(cy).delete(f"{url}/members/cy").status_code == 204
    assert api(ada).put(f"{url}/members/cy").status_code == 204
    messaging.send(ada, group.pk, text="please come back")
    messaging.send(ada, group.pk, text="please")
    assert texts(api(cy).get(f"{url}/messages")) == ["please come back"]  # a request shows one message
    assert api(cy).post(f"{url}/decline").status_code == 204
    before = fingerprint()
    assert api(ada).put(f"{url}/members/cy").status_code == 204
    assert fingerprint() == before


def test_a_group_has_a_name_and_at_most_32_people(ada, api):
    handles = []
    for number in range(32):
        handles.append(cast.person(f"p{number}").handle)
    people.User.objects.update(messages_from="everyone")
    refused = api(ada).post("/v1/conversations", {"handles": [*handles[:31], "p31"]})
    assert refused.status_code == 422  # 31 others at most
    made = api(ada).post("/v1/conversations", {"handles": handles[:31], "title": " all of us "}).json()
    assert (made["title"], len(made["members"])) == ("all of us", 32)
    url = f"/v1/conversations/{made['id']}"
    full = api(ada).put(f"{url}/members/p31")
    assert (full.status_code, full.json()["code"]) == (409, "group_full")
    assert api(ada).patch(url, {"title": "we"}).json()["title"] == "we"
    assert api(ada).get(f"{url}/messages").json()["items"][0]["text"] == "we"
    assert Seat.objects.filter(conversation=made["id"]).count() == 32


# sockets are told


def test_sockets_are_told_of_messages_without_the_post_and_of_who_read(friends, cy, heard):
    ada, bo = friends
    ties.follow(cy, "ada")
    ties.mute(cy, "ada")
    group = conversing.begin(ada, handles=["bo", "cy"])
    post = cast.post(ada)
    told = heard(lambda: messaging.send(ada, group.pk, text="look", post_id=post.pk, client_id="c"))
    by_person = {pk: frame for people_, frame in told for pk in people_}
    assert set(by_person) == {ada.pk, bo.pk, cy.pk}
    assert {frame["type"] for frame in by_person.values()} == {"message"}
    assert [by_person[person.pk]["silent"] for person in (ada, bo, cy)] == [True, False, True]
    assert [by_person[person.pk]["message"]["client_id"] for person in (ada, bo, cy)] == ["c", "", ""]
    frame = by_person[bo.pk]
    assert (frame["seq"], frame["conversation_id"]) == (1, str(group.pk))
    assert (frame["message"]["shares_post"], frame["message"]["post"]) == (True, None)
    [(who, read)] = heard(lambda: messaging.mark_read(bo, group.pk, seq=1))
    assert (who, read) == (
        {ada.pk, cy.pk},
        {"type": "read", "conversation_id": str(group.pk), "person_id": str(bo.pk), "seq": 1},
    )
    assert heard(lambda: messaging.mark_read(bo, group.pk, seq=1)) == []
    ties.block(bo, "ada")
    told = heard(lambda: messaging.send(ada, group.pk, text="without bo"))
    assert bo.pk not in {pk for people_, _ in told for pk in people_}
    message = group.messages.get(seq=2)
    [(who, frame)] = heard(lambda: messaging.delete(ada, message.pk))
    assert (who, frame["type"], frame["seq"]) == ({ada.pk, cy.pk}, "message_removed", 3)


def test_of_a_request_a_socket_hears_that_it_is_there_and_no_words(ada, bo, heard):
    told = heard(lambda: conversing.begin(ada, handles=["bo"], text="may I?"))
    to_bo = [frame for who, frame in told if bo.pk in who]
    assert to_bo == [{"type": "conversation", "conversation_id": str(Conversation.objects.get().pk)}]
    conversing.decline(bo, Conversation.objects.get().pk)


# what it costs


def talks(ada, count: int, post):
    for number in range(count):
        other = cast.person(f"p{number}x{count}")
        people.update_profile(other, messages_from="everyone")
        talk = conversing.begin(ada, handles=[other.handle], text="hello", post_id=post.pk)
        messaging.send(other, talk.pk, text="hi", post_id=post.pk)


def test_a_list_costs_the_same_for_10_and_50_conversations(ada, bo, api):
    post, client = cast.post(bo), api(ada)
    talks(ada, 10, post)
    client.get("/v1/conversations?limit=50")
    with CaptureQueriesContext(
        connection,
    ) as ten:
        assert len(client.get("/v1/conversations?limit=50").json()["items"]) == 10
    talks(ada, 40, post)
    with CaptureQueriesContext(connection) as fifty:
        assert len(client.get("/v1/conversations?limit=50").json()["items"]) == 50
    assert len(ten) == len(fifty) <= 8, [query["sql"][:120] for query in fifty]


def test_a_page_of_messages_costs_the_same_for_10_and_50(friends, api):
    ada, bo = friends
    post = cast.post(bo)
    talk = conversing.begin(ada, handles=["bo"])
    url, client, costs = f"/v1/conversations/{talk.pk}/messages?limit=50", api(bo), []
    for wanted in (10, 50):
        while talk.messages.count() < wanted:
            messaging.send(ada, talk.pk, text="look", post_id=post.pk)
        client.get(url)
        for query in ("", "&after_seq=0"):
            with CaptureQueriesContext(connection) as spent:
                assert len(client.get(url + query).json()["items"]) == wanted
            costs.append(len(spent))
    assert len(set(costs)) == 1
    assert costs[0] <= 5
