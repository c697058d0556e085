"""How the feed leaves people: asked once a week, and met with what they could change."""

import pytest
from django.db import IntegrityError, transaction

from feeds.models import CheckIn, Nudge
from sora_social.posts import reactions
from tests import cast


def test_the_question_is_due_once_a_week_where_the_person_is(ada, api, clock):
    clock.to(2027, 3, 14, 11, 0)  # a Sunday
    client = api(ada)
    client.patch("/v1/me", {"time_zone": "Pacific/Kiritimati"})  # where it is Monday already
    first = client.get("/v1/check-ins").json()
    assert first == {
        "question": "How does this feed leave you?",
        "due": True,
        "week": "2027-03-15",
        "items": [],
        "next": None,
    }
    assert client.post("/v1/check-ins", {"answer": "worse", "note": "tired"}).status_code == 201
    asked = client.get("/v1/check-ins").json()
    assert (asked["due"], [item["answer"] for item in asked["items"]]) == (False, ["worse"])
    clock.to(2027, 3, 21, 9, 59)
    assert client.get("/v1/check-ins").json()["due"] is False
    clock.forward(minutes=1)
    assert client.get("/v1/check-ins").json()["due"] is True


def test_a_second_answer_in_a_week_replaces_the_first(ada, api, clock):
    clock.to(2027, 3, 15, 8, 0)
    api(ada).post("/v1/check-ins", {"answer": "worse", "note": "tired"})
    clock.forward(days=3)
    answered = api(ada).post("/v1/check-ins", {"answer": "better"}).json()
    assert (answered["check_in"]["answer"], answered["check_in"]["note"]) == ("better", "")
    assert answered["check_in"]["answered_at"] == "2027-03-18T08:00:00Z"
    assert CheckIn.objects.filter(person=ada).count() == 1
    with pytest.raises(IntegrityError, match="one_check_in_a_week"), transaction.atomic():
        CheckIn.objects.create(person=ada, week="2027-03-15", answer="same")


def test_an_answer_offers_words_to_steer_with_and_something_to_make(ada, bo, api):
    liked = cast.post(bo)
    reactions.like(ada, liked.pk)
    answered = api(ada).post("/v1/check-ins", {"answer": "worse"}, HTTP_ACCEPT_LANGUAGE="en").json()
    assert answered["steering"][0] == {"text": "less horror this week"}
    assert answered["offer"] == {"action": "remix", "post_id": str(liked.pk), "handle": "bo"}
    assert answered["text"] == "You liked what bo made. What would it be in your hands?"
    assert answered["quota_left"] == 30
    answered = api(ada).post("/v1/check-ins", {"answer": "worse"}, HTTP_ACCEPT_LANGUAGE="zh-CN").json()
    assert answered["steering"][0] == {"text": "这周少看恐怖"}
    assert "换你来做" in answered["text"]
    assert not Nudge.objects.exists()  # an offer that was asked for is no card


def test_the_words_to_steer_with_are_understood(ada, api):
    for answer in ("better", "same", "worse"):
        for language in ("en", "zh"):
            ready = api(ada).post("/v1/check-ins", {"answer": answer}, HTTP_ACCEPT_LANGUAGE=language).json()["steering"]
            assert ready
            for words in ready:
                steered = api(ada).post("/v1/steering", words)
                assert (len(steered.json()["rules"]), steered.json()["unparsed"]) == (1, []), words


def test_answers_are_ones_own(ada, bo, api):
    api(ada).post("/v1/check-ins", {"answer": "same"})
    assert api(bo).get("/v1/check-ins").json()["items"] == []
    assert api(bo).get("/v1/check-ins").json()["due"] is True


@pytest.mark.parametrize("wrong", [{}, {"answer": "great"}, {"answer": 1}, {"answer": "same", "note": "x" * 501}])
def test_an_answer_is_one_of_three_words(wrong, ada, api):
    assert api(ada).post("/v1/check-ins", wrong).status_code == 422
    assert not CheckIn.objects.exists()
