"""R09: the same key and body get the same answer; another body is refused; a repeat under way waits."""

import secrets
import threading

import pytest

from sora_social.core import idempotency
from sora_social.core.models import KeyedAnswer
from sora_social.posts.comments import commenting
from sora_social.posts.models import Comment
from tests import cast

RACERS = 50


@pytest.fixture
def say(owner, api):
    post = cast.post(owner)
    token = cast.session_token(owner)

    def comment(key: str, text: str = "hello"):
        client = api(None)
        client.credentials(HTTP_X_SESSION_TOKEN=token, HTTP_IDEMPOTENCY_KEY=key)
        return client.post(f"/v1/posts/{post.pk}/comments", {"text": text})

    return comment


def test_r09_fifty_racers_with_one_key_have_one_effect_and_one_answer(say, at_once):
    answers = at_once(lambda _: say("the-same"), RACERS)
    assert {answer.status_code for answer in answers} <= {201, 409}, answers
    bodies = {answer.content for answer in answers if answer.status_code == 201}
    assert len(bodies) == 1
    assert all(a.json()["code"] == "idempotency_in_progress" for a in answers if a.status_code == 409)
    assert Comment.objects.count() == KeyedAnswer.objects.count() == 1
    assert sum("Idempotent-Replay" not in answer for answer in answers if answer.status_code == 201) == 1


def test_r09_mutant_without_the_key_being_unique_everybody_acts(say, at_once, monkeypatch):
    claim = idempotency._claim
    monkeypatch.setattr(
        idempotency, "_claim", lambda who, route, key, body: claim(who, route, secrets.token_hex(), body)
    )
    answers = at_once(lambda _: say("the-same"), RACERS)
    assert len({answer.content for answer in answers}) > 1
    assert Comment.objects.count() > 1


def test_r09_another_body_under_the_same_key_is_refused_and_changes_nothing(say):
    first = say("key", "hello")
    other = say("key", "goodbye")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert [comment.text for comment in Comment.objects.all()] == ["hello"]
    assert say("key", "hello").content == first.content
    assert say("another key", "goodbye").status_code == 201


def test_r09_a_refusal_is_not_kept_so_the_mended_request_may_use_its_key(say):
    assert say("key", "").status_code == 422
    assert say("key", "hello").status_code == 201
    assert Comment.objects.count() == 1


def test_r09_keys_are_each_persons_own(say, api):
    say("key")
    bo = api(cast.person("bo"))
    answer = bo.post(
        f"/v1/posts/{Comment.objects.get().post_id}/comments", {"text": "me too"}, HTTP_IDEMPOTENCY_KEY="key"
    )
    assert answer.status_code == 201
    assert "Idempotent-Replay" not in answer


def test_r09_a_repeat_that_comes_while_the_first_is_under_way_waits_for_it(say, monkeypatch):
    under_way, go_on = threading.Event(), threading.Event()
    act = commenting.say

    def slow(*words, **more):
        under_way.set()
        go_on.wait(10)
        return act(*words, **more)

    monkeypatch.setattr(commenting, "say", slow)
    answers = []
    first = threading.Thread(target=lambda: answers.append(in_thread(say)))
    first.start()
    assert under_way.wait(10)
    second = threading.Thread(target=lambda: answers.append(in_thread(say)))
    second.start()
    go_on.set()
    first.join(10)
    second.join(10)
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert Comment.objects.count() == 1


def in_thread(say):
    from django.db import connections

    try:
        return say("slow")
    finally:
        connections.close_all()
