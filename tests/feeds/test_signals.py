"""What a feed may use of what people do, beginning anew, and interests that they name."""

import time

import pytest
from django.db.models import F

from feeds import feedback, pages
from feeds.models import Exposure, FeedSetting, Interest, NotInterested
from feeds.order import pipeline, sources
from feeds.steering import instructions, interests, preferences, resetting
from feeds.steering.preferences import SIGNALS, GuardianConsentNeeded
from sora_social.accounts import ties
from sora_social.accounts.models import Follow, User
from sora_social.posts import reactions
from sora_social.posts.models import Like
from tests import cast


def proposed_by(viewer, name):
    query = pipeline.ask(viewer, order_id=1, began=2**62)
    return next(ids for source, ids in sources.propose(query).by_source if source == name)


def test_everything_is_on_until_somebody_switches_it_off(ada, api):
    client = api(ada)
    before = client.get("/v1/steering/signals").json()
    assert before["personalised"] is before["may_be_personalised"] is True
    assert all(before[name]["on"] for name in SIGNALS)
    assert before["likes"]["uses"] == {"en": "What you liked", "zh": "你点过的赞"}
    after = client.patch("/v1/steering/signals", {"likes": False, "personalised": False}).json()
    assert (after["likes"]["on"], after["follows"]["on"], after["personalised"]) == (False, True, False)
    assert client.get("/v1/steering/signals").json() == after
    assert client.patch("/v1/steering/signals", {"likes": True}).json()["likes"]["on"] is True
    ada.refresh_from_db()
    assert preferences.of(ada) == preferences.Preferences(personalised=False, signals=SIGNALS, forget_before=0)


def test_signals_are_switched_one_by_one_and_nothing_else_is(ada, bo, api):
    answer = api(ada).patch("/v1/steering/signals", {"moon": False})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["moon"])
    assert api(ada).patch("/v1/steering/signals", {"likes": "perhaps"}).status_code == 422
    assert not FeedSetting.objects.exists()
    preferences.change(ada, watching=False)
    assert preferences.of(bo).signals == SIGNALS


def test_a_source_of_a_signal_that_is_off_is_not_asked(ada, bo, settle):
    ties.follow(ada, "bo")
    post = cast.post(bo)
    settle()
    assert post.pk in proposed_by(ada, "connections")
    preferences.change(ada, follows=False)
    assert proposed_by(ada, "connections") == ()


def test_a_minor_cannot_be_personalised_and_may_switch_the_rest(teen, api):
    client = api(teen)
    assert client.get("/v1/steering/signals").json()["may_be_personalised"] is False
    refused = client.patch("/v1/steering/signals", {"personalised": True, "likes": False})
    assert (refused.status_code, refused.json()["code"]) == (403, "guardian_consent_needed")
    assert not FeedSetting.objects.exists()
    assert client.patch("/v1/steering/signals", {"likes": False}).json()["personalised"] is False
    with pytest.raises(GuardianConsentNeeded):
        interests.choose(teen, ["cats"])
    refused = client.put("/v1/interests", {"topics": ["cats"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "guardian_consent_needed")
    assert not Interest.objects.exists()


def test_preferences_cost_no_statement_by_default_and_one_after_a_change(ada, django_assert_num_queries):
    with django_assert_num_queries(0):
        preferences.of(ada)
    preferences.change(ada, likes=False)
    again = User.objects.get(pk=ada.pk)
    preferences._stored.cache_clear()
    with django_assert_num_queries(1):
        assert preferences.of(again).signals == SIGNALS - {"likes"}
    with django_assert_num_queries(0):
        assert preferences.of(again).signals == SIGNALS - {"likes"}


def test_two_processes_agree_on_what_was_switched(ada):
    preferences.change(ada, likes=False)
    FeedSetting.objects.filter(viewer=ada).update(signals_off=["cast", "likes"])  # as another process changes it
    User.objects.filter(pk=ada.pk).update(feed_mark=F("feed_mark") + 1)
    assert preferences.of(User.objects.get(pk=ada.pk)).signals == SIGNALS - {"likes", "cast"}


@pytest.fixture
def history(ada, bo, cy, settle):
    """What ada did: liked, followed, made, asked for less, steered, named."""
    liked = cast.post(bo, caption="#tag cats")
    came_of_it = cast.post(cy, sources=[liked], caption="again")
    passed = cast.post(cy, caption="no")
    settle()
    reactions.like(ada, liked.pk)
    ties.follow(ada, "bo")
    pages.page_for(ada, feed="latest", cursor="", limit=20)
    feedback.not_interested(ada, passed.pk)
    instructions.say(ada, text="more cats, no politics")
    interests.choose(ada, ["cats", "trains"])
    settle()
    return liked, came_of_it, passed


def test_a_reset_forgets_what_was_learned_and_keeps_what_people_did(history, ada, bo, api):
    liked, came_of_it, passed = history
    assert came_of_it.pk in proposed_by(ada, "liked_lineage")
    assert Exposure.objects.get(post=passed).see_less_count == 1
    time.sleep(0.002)  # a like and a reset of the same millisecond cannot be told apart
    body = api(ada).post("/v1/feed/reset").json()
    assert {name: body[name] for name in ("rules", "interests", "not_interested")} == {
        "rules": 2,
        "interests": 2,
        "not_interested": 1,
    }
    ada.refresh_from_db()
    assert preferences.of(ada).forget_before > Like.objects.get(person=ada).pk
    assert proposed_by(ada, "liked_lineage") == []
    assert instructions.rules_of(ada) == []
    assert not Interest.objects.filter(viewer=ada).exists()
    assert not NotInterested.objects.filter(viewer=ada).exists()
    assert Exposure.objects.get(post=passed).see_less_count == 0
    assert Follow.objects.filter(follower=ada, followee=bo).exists()
    assert api(ada).get(f"/v1/posts/{liked.pk}").json()["viewer"]["liked"] is True


def test_a_like_after_the_reset_counts_again(history, ada, bo, cy, settle):
    resetting.reset(ada)
    newer = cast.post(bo)
    made = cast.post(cy, sources=[newer])
    settle()
    time.sleep(0.002)
    reactions.like(ada, newer.pk)
    assert proposed_by(ada, "liked_lineage") == [made.pk]


def test_a_reset_may_be_repeated_and_touches_nobody_else(history, ada, bo, api):
    instructions.say(bo, text="more dogs")
    interests.choose(bo, ["dogs"])
    first = resetting.reset(ada)
    second = resetting.reset(ada)
    assert (second.rules, second.interests, second.not_interested) == (0, 0, 0)
    assert second.reset_at >= first.reset_at
    assert len(instructions.rules_of(bo)) == 1
    assert Interest.objects.filter(viewer=bo).count() == 1
    assert preferences.of(bo).forget_before == 0


def test_a_reset_keeps_what_was_switched_off(ada):
    preferences.change(ada, likes=False, personalised=False)
    resetting.reset(ada)
    allowed = preferences.of(ada)
    assert (allowed.personalised, allowed.signals) == (False, SIGNALS - {"likes"})


def test_what_was_seen_before_a_reset_may_come_again_but_not_in_the_scroll_that_is_on(ada, bo, api, settle):
    for n in range(6):
        cast.post(bo, caption=f"a post {n}")
    settle()
    client = api(ada)
    first = client.get("/v1/feed", {"limit": 3}).json()
    seen = [item["post"]["id"] for item in first["items"]]
    client.post("/v1/feed/reset")
    rest = client.get("/v1/feed", {"limit": 10, "cursor": first["next"]}).json()["items"]
    assert not set(seen) & {item["post"]["id"] for item in rest}
    ada.refresh_from_db()
    assert pipeline.ask(ada, order_id=1, began=2**62).seen & set(map(int, seen)) == set()


def test_interests_are_chosen_changed_and_forgotten(ada, api):
    client = api(ada)
    start = client.get("/v1/interests").json()
    assert (start["items"], start["unknown"]) == ([], [])
    assert {"code": "cats", "name": {"en": "cats", "zh": "猫"}, "is_sensitive": False} in start["choices"]
    chosen = client.put("/v1/interests", {"topics": ["trains", "cats"]}).json()["items"]
    assert [(item["topic"]["code"], item["source"]) for item in chosen] == [
        ("cats", "onboarding"),
        ("trains", "onboarding"),
    ]
    client.put("/v1/interests", {"topics": ["dogs"]})
    assert [item["topic"]["code"] for item in client.get("/v1/interests").json()["items"]] == ["dogs"]
    assert client.delete("/v1/interests").status_code == 204
    assert client.delete("/v1/interests").status_code == 204
    assert client.get("/v1/interests").json()["items"] == []


def test_an_import_takes_plain_words_and_no_sensitive_topic_from_them(ada, api):
    client = api(ada)
    client.put("/v1/interests", {"topics": ["dogs"]})
    words = ["Hiking", "猫咪", "politics", "stalactites", "calm"]
    body = client.put("/v1/interests", {"source": "import", "words": words}).json()
    assert [(item["topic"]["code"], item["source"]) for item in body["items"]] == [
        ("cats", "import"),
        ("mountains", "import"),
        ("dogs", "onboarding"),
    ]
    assert (body["unknown"], body["left_out"]) == (["stalactites", "calm"], ["politics"])
    body = client.put("/v1/interests", {"source": "import", "words": []}).json()
    assert [item["topic"]["code"] for item in body["items"]] == ["dogs"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"topics": ["moon_dust"]}, "topics"),
        ({}, "topics"),
        ({"source": "import"}, "words"),
        ({"source": "import", "words": ["a"], "topics": ["cats"]}, "topics"),
        ({"topics": ["cats"], "words": ["a"]}, "words"),
        ({"source": "spyware", "topics": ["cats"]}, "source"),
        ({"topics": ["cats"] * 65}, "topics"),
        ({"source": "import", "words": ["a" * 61]}, "words[0]"),
    ],
)
def test_interests_that_make_no_sense_are_refused_and_change_nothing(body, field, ada, api):
    interests.choose(ada, ["dogs"])
    answer = api(ada).put("/v1/interests", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert [named.topic.code for named in interests.of(ada).named] == ["dogs"]


def test_interests_are_seen_by_nobody_else(ada, bo, api):
    interests.choose(ada, ["dogs"])
    assert api(bo).get("/v1/interests").json()["items"] == []
    assert api(bo).delete("/v1/interests").status_code == 204
    assert len(interests.of(ada).named) == 1
