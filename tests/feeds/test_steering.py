"""What people tell the ranker: it acts on the next page, is shown back, and tells nothing of others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cameos.models import Appearance
from feeds import logbook, pages
from feeds.models import Exposure, PostTopic, ServedPage, SteeringRule
from feeds.steering import instructions, steered
from ranking.steering.rules import Target
from ranking.topics.vocabulary import BUILT_IN
from sora_social.accounts import people, ties
from sora_social.accounts.models import User
from sora_social.core import bus
from sora_social.core.errors import Conflict, Invalid, NotFound
from sora_social.posts import posting
from sora_social.studio import publishing
from tests import cast
from tests.feeds.test_pages import many_posts


def shown(client, **query):
    body = client.get("/v1/feed", {"limit": 20, **query}).json()
    return [item["post"]["id"] for item in body["items"]]


def texts(viewer):
    return [rule.text_en for rule in instructions.rules_of(viewer)]


@pytest.fixture
def world(ada, bo, cy, settle):
    """Posts about cats and about politics, and some of which nothing is known."""
    posts = {
        "cats": [cast.post(bo, caption=f"three cats dancing {n}") for n in range(3)],
        "politics": [cast.post(cy, caption=f"election night {n} #politics") for n in range(3)],
        "plain": [cast.post(bo, caption="wait for it", prompt="") for _ in range(3)],
    }
    settle()
    return {name: [str(post.pk) for post in some] for name, some in posts.items()}


def test_a_rule_acts_on_the_very_next_page_and_the_scroll_that_was_on_repeats_nothing(world, ada, api):
    client = api(ada)
    first = client.get("/v1/feed", {"limit": 2}).json()
    seen = [item["post"]["id"] for item in first["items"]]
    assert client.post("/v1/steering", {"text": "no politics"}).status_code == 201
    rest, cursor = [], first["next"]
    while cursor:
        page = client.get("/v1/feed", {"limit": 2, "cursor": cursor}).json()
        rest += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert not set(rest) & set(world["politics"])
    assert len(seen + rest) == len(set(seen + rest))
    assert set(world["cats"] + world["plain"]) <= set(seen + rest)


def test_no_leaves_a_topic_out_and_taking_it_back_brings_it_back(world, ada, api):
    client = api(ada)
    assert set(world["politics"]) <= set(shown(client))
    rule = client.post("/v1/steering", {"text": "no politics"}).json()["rules"][0]
    assert not set(world["politics"]) & set(shown(client))
    assert client.delete(f"/v1/steering/{rule['id']}").status_code == 204
    assert set(world["politics"]) <= set(shown(client))


@pytest.mark.parametrize(("up", "down"), [("cats", "politics"), ("politics", "cats")])
def test_more_lifts_and_less_lowers(up, down, ada, api, settle):
    """Each post by somebody else, so that only what it is about tells them apart."""
    captions = {"cats": "three cats", "politics": "election night"}
    posts = {
        name: [str(cast.post(cast.person(f"{name}{n}"), caption=caption).pk) for n in range(3)]
        for name, caption in captions.items()
    }
    settle()
    client = api(ada)
    client.post("/v1/steering", {"text": f"a lot more {up}, a lot less {down}"})
    order = shown(client)
    assert {*order[:3]} == {*posts[up]}
    assert {*order[3:]} == {*posts[down]}


def test_only_leaves_nothing_else_and_gives_way_when_nothing_is_there(world, ada, api):
    client = api(ada)
    client.post("/v1/steering", {"text": "only cats"})
    assert set(shown(client)) == set(world["cats"])
    client.post("/v1/steering", {"text": "only dinosaurs"})
    rule = instructions.rules_of(ada)
    assert {shown_rule.rule.target.name for shown_rule in rule} == {"cats", "dinosaurs"}
    client.delete(f"/v1/steering/{rule[1].row.pk}")
    page = client.get("/v1/feed").json()
    assert {item["post"]["id"] for item in page["items"]} >= set(world["cats"] + world["politics"])
    assert all("steer_gave_way" in [reason["code"] for reason in item["why"]] for item in page["items"])


def test_a_tag_a_person_a_style_and_a_face_are_steered_by(ada, bo, cy, api, settle):
    tagged = cast.post(bo, caption="#RainyNight")
    by_cy = cast.post(cy, caption="hello")
    face = cast.cameo(cy, audience="everyone")
    with_cy = cast.post(bo, caption="somebody", cast_count=1)
    Appearance.objects.create(
        cameo=face,
        requester=bo,
        job_id=1,
        draft_id=1,
        post_id=with_cy.pk,
        terms_version=1,
        epoch=face.epoch,
        shown_at=timezone.now(),
    )
    draft = cast.finished_job(bo, style="claymation").drafts.get()
    words = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    styled = publishing.publish_draft(bo, draft.pk, caption="", **words)
    plain = cast.post(bo, caption="nothing")
    settle()
    client = api(ada)
    steered_away = {str(post.pk) for post in (tagged, by_cy, with_cy, styled)}
    assert {*steered_away, str(plain.pk)} <= set(shown(client))
    client.post("/v1/steering", {"text": "no #rainynight, no @cy, no claymation"})
    left = set(shown(client))
    assert str(plain.pk) in left
    assert not steered_away & left


def test_where_the_topic_is_uncertain_a_no_demotes_and_says_so(ada, bo, api, settle):
    doubtful, certain, plain = (cast.post(bo, caption=f"a post {n}", prompt="") for n in range(3))
    settle()
    politics = BUILT_IN.by_code["politics"].bit
    PostTopic.objects.create(post=doubtful, topic=politics, confidence=0.3)
    PostTopic.objects.create(post=certain, topic=politics, confidence=0.4)
    PostTopic.objects.create(post=plain, topic=0, confidence=0.9)
    client = api(ada)
    client.post("/v1/steering", {"text": "no politics"})
    items = {item["post"]["id"]: item for item in client.get("/v1/feed").json()["items"]}
    assert set(items) == {str(doubtful.pk), str(plain.pk)}
    assert list(items)[-1] == str(doubtful.pk)
    said = [reason["text"] for reason in items[str(doubtful.pk)]["why"] if reason["code"] == "steer_doubt"]
    assert said == ["You asked for no politics. We are not sure that it is, so it comes later"]
    assert not [reason for reason in items[str(plain.pk)]["why"] if reason["code"] == "steer_doubt"]


def test_what_is_asked_for_is_sought_beyond_what_other_sources_bring(ada, bo, cy, api, settle, settings):
    old = cast.post(cy, caption="a train crosses the viaduct")
    settle()
    many_posts(bo, 260)
    PostTopic.objects.filter(post=old).update(confidence=0.9)
    settings.FEED_CANDIDATES = 40
    Exposure.objects.filter(post=old).update(impression_count=50)
    client = api(ada)
    assert str(old.pk) not in shown(client)
    client.post("/v1/steering", {"text": "more trains"})
    assert str(old.pk) in shown(client)


def test_a_rule_fades_and_is_gone_after_three_days(world, ada, api):
    client = api(ada)
    client.post("/v1/steering", {"text": "more cats, no politics"})
    weights = {rule["target"]["name"]: rule["weight"] for rule in client.get("/v1/steering").json()["items"]}
    assert weights == {"cats": 2.0, "politics": 0.0}
    with time_machine.travel(timezone.now() + timedelta(hours=36), tick=False):
        rules = client.get("/v1/steering").json()["items"]
        weights = {rule["target"]["name"]: rule["weight"] for rule in rules}
        assert weights == {"cats": pytest.approx(2**0.5, abs=0.01), "politics": 0.0}
        assert not set(world["politics"]) & set(shown(client))
    with time_machine.travel(timezone.now() + timedelta(hours=73), tick=False):
        assert client.get("/v1/steering").json()["items"] == []
        assert set(world["politics"]) <= set(shown(client))


def test_a_minor_is_not_profiled_and_still_kept_from_what_they_said_no_to(world, teen, api):
    client = api(teen)
    before = shown(client)
    client.post("/v1/steering", {"text": "a lot more cats, no politics"})
    assert shown(client) == [post for post in before if post not in world["politics"]]


def test_what_is_said_is_shown_back_in_words_that_mean_the_same(ada, api):
    said = "more cooking and cats, less horror this week, no politics"
    body = api(ada).post("/v1/steering", {"text": said}).json()
    assert [rule["words"]["en"] for rule in body["rules"]] == [
        "more cooking",
        "more cats",
        "less horror for 7 days",
        "no politics",
    ]
    assert [rule["words"]["zh"] for rule in body["rules"]] == [
        "多来点做饭",
        "多来点猫",
        "少来点恐怖，7天内",
        "不要政治",
    ]
    assert body["unparsed"] == []
    first, _, third, fourth = body["rules"]
    assert (first["polarity"], first["target"], first["strength"], first["fades"]) == (
        "more",
        {"kind": "topic", "name": "cooking"},
        2.0,
        True,
    )
    assert (third["fades"], fourth["strength"], fourth["weight"]) == (False, 0.0, 0.0)
    again = api(ada).post("/v1/steering", {"text": ". ".join(rule["words"]["en"] for rule in body["rules"])}).json()
    assert [rule["target"] for rule in again["rules"]] == [rule["target"] for rule in body["rules"]]
    assert len(texts(ada)) == 4


def test_chinese_is_heard_as_well(ada, api):
    body = api(ada).post("/v1/steering", {"text": "多来点猫,少来点恐怖,不要政治"}).json()
    assert [(rule["polarity"], rule["target"]["name"]) for rule in body["rules"]] == [
        ("more", "cats"),
        ("less", "horror"),
        ("no", "politics"),
    ]


def test_what_is_not_understood_is_said_back_and_the_rest_is_done(ada, api):
    text = "more stalactites and cats"
    body = api(ada).post("/v1/steering", {"text": text}).json()
    assert [rule["target"]["name"] for rule in body["rules"]] == ["cats"]
    (lost,) = body["unparsed"]
    assert (lost["text"], lost["code"]) == ("stalactites", "unknown_words")
    assert text[lost["start"] : lost["end"]] == "stalactites"
    assert lost["hint"]["en"]
    assert lost["hint"]["zh"]
    nothing = api(ada).post("/v1/steering", {"text": "blorp"})
    assert (nothing.status_code, nothing.json()["rules"]) == (201, [])
    assert texts(ada) == ["more cats"]


def test_somebody_behind_a_wall_is_nobody_and_a_rule_about_them_is_seen_no_more(ada, bo, mallory, api):
    client = api(ada)
    client.post("/v1/steering", {"text": "more @bo"})
    ties.block(mallory, "ada")
    walled, made_up = (
        client.post("/v1/steering", {"text": f"more @{name}"}).json() for name in ("mallory", "nobody_at_all")
    )
    assert walled["rules"] == made_up["rules"] == []
    assert [part["code"] for part in walled["unparsed"]] == ["unknown_person"]
    assert walled["unparsed"][0]["hint"] == made_up["unparsed"][0]["hint"]
    assert texts(ada) == ["more @bo"]
    rule_id = instructions.rules_of(ada)[0].row.pk
    ties.block(bo, "ada")
    assert texts(ada) == []
    assert client.patch(f"/v1/steering/{rule_id}", {"polarity": "less"}).status_code == 404
    assert client.delete(f"/v1/steering/{rule_id}").status_code == 404
    assert SteeringRule.objects.get().polarity == "more"


def test_a_rule_follows_somebody_to_their_new_handle(ada, bo, api):
    api(ada).post("/v1/steering", {"text": "more @bo"})
    people.update_profile(bo, handle="bobo")
    assert texts(ada) == ["more @bobo"]


def test_rules_are_their_viewers_alone(ada, bo, mallory, api):
    rule = api(ada).post("/v1/steering", {"text": "more cats"}).json()["rules"][0]
    for somebody in (bo, mallory):
        client = api(somebody)
        assert client.get("/v1/steering").json()["items"] == []
        assert client.patch(f"/v1/steering/{rule['id']}", {"polarity": "no"}).status_code == 404
        assert client.delete(f"/v1/steering/{rule['id']}").status_code == 404
    assert texts(ada) == ["more cats"]


def test_a_rule_is_changed_in_way_strength_and_end(ada, api):
    client = api(ada)
    url = "/v1/steering/" + client.post("/v1/steering", {"text": "more cats"}).json()["rules"][0]["id"]
    assert client.patch(url, {"strength": 2.5}).json()["words"]["en"] == "more cats ×2.5"
    assert client.patch(url, {"polarity": "less"}).json()["strength"] == 0.5
    assert client.patch(url, {"expires_at": None}).json()["words"]["en"] == "less cats forever"
    ends = timezone.now() + timedelta(hours=5)
    answer = client.patch(url, {"expires_at": ends.isoformat()}).json()
    assert (answer["fades"], answer["words"]["en"]) == (False, "less cats for 5 hours")
    assert client.patch(url, {"polarity": "no"}).json()["weight"] == 0.0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"strength": 0.5}, "strength"),
        ({"strength": 9}, "strength"),
        ({"polarity": "no", "strength": 1}, "strength"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2999-01-01T00:00:00Z"}, "expires_at"),
        ({"polarity": "never"}, "polarity"),
        ({"target": "dogs"}, "target"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(changes, field, ada, api):
    client = api(ada)
    url = "/v1/steering/" + client.post("/v1/steering", {"text": "more cats"}).json()["rules"][0]["id"]
    answer = client.patch(url, changes)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    (rule,) = instructions.rules_of(ada)
    assert (rule.rule.polarity, rule.rule.strength, rule.rule.fades) == ("more", 2.0, True)


def test_fifty_rules_are_enough_and_old_ones_make_room(ada):
    instructions.say(ada, text=" ".join(f"#t{n}" for n in range(instructions.RULES_AT_MOST)))
    with pytest.raises(Conflict) as refused:
        instructions.say(ada, text="more cats")
    assert refused.value.code == "too_many_rules"
    assert len(instructions.rules_of(ada)) == 50
    instructions.say(ada, text="less #t1")
    assert len(instructions.rules_of(ada)) == 50
    with time_machine.travel(timezone.now() + timedelta(hours=73)):
        instructions.say(ada, text="more cats")
        assert texts(ada) == ["more cats"]
        assert SteeringRule.objects.count() == 1


@pytest.mark.parametrize("text", ["", " ", "a" * 501, "more\u202ecats", None, 7, ["more cats"]])
def test_an_instruction_is_up_to_500_plain_characters(text, ada, api):
    answer = api(ada).post("/v1/steering", {"text": text})
    if text == 7:  # a number is read as its digits
        assert answer.status_code == 201
        return
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["text"])
    assert instructions.rules_of(ada) == []


def test_an_impression_is_logged_with_the_rules_that_it_was_shown_under(world, ada, api):
    client = api(ada)
    client.get("/v1/feed")
    client.post("/v1/steering", {"text": "more cats"})
    client.get("/v1/feed")
    client.post("/v1/steering", {"text": "no politics"})
    client.get("/v1/feed")
    logbook.flush()
    logged = list(ServedPage.objects.filter(viewer=ada).order_by("pk").values_list("steering", flat=True))
    assert logged[0] is None
    assert [page["rules"] for page in logged[1:]] == [1, 2]
    assert logged[1]["digest"] != logged[2]["digest"]


def test_r06_redis_that_is_emptied_or_away_at_the_change_keeps_no_old_order(world, ada, api, monkeypatch):
    client = api(ada)
    first = client.get("/v1/feed", {"limit": 2}).json()
    with monkeypatch.context() as patch:
        patch.setattr(bus, "client", lambda: (_ for _ in ()).throw(AssertionError("a change asks nothing of Redis")))
        assert client.post("/v1/steering", {"text": "no politics"}).status_code == 201
    page = client.get("/v1/feed", {"limit": 20, "cursor": first["next"]}).json()
    assert not {item["post"]["id"] for item in page["items"]} & set(world["politics"])


def test_f3_a_warm_page_pays_no_statement_for_rules(world, ada, api):
    client = api(ada)
    client.post("/v1/steering", {"text": "more cats, no politics"})
    cursor = client.get("/v1/feed", {"limit": 1}).json()["next"]
    client.get("/v1/feed", {"limit": 2, "cursor": cursor})
    with_rules = _queries(client, cursor)
    client.post("/v1/feed/reset")
    cursor = client.get("/v1/feed", {"limit": 1}).json()["next"]
    client.get("/v1/feed", {"limit": 2, "cursor": cursor})
    assert with_rules == _queries(client, cursor)


def _queries(client, cursor):
    with CaptureQueriesContext(connection) as captured:
        client.get("/v1/feed", {"limit": 2, "cursor": cursor})
    return len(captured)


def test_who_never_said_anything_costs_a_new_order_no_statement(world, ada, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert steered.rules_of(ada) == ()


def test_rules_are_read_again_in_this_process_when_they_change(ada):
    instructions.say(ada, text="more cats")
    assert [rule.target for rule in steered.rules_of(ada)] == [Target("topic", "cats")]
    instructions.say(ada, text="more dogs")
    assert len(steered.rules_of(ada)) == 2


def test_refusals_of_activities(ada, bo):
    (made,) = instructions.say(ada, text="more cats").rules
    with pytest.raises(NotFound):
        instructions.take_back(bo, made.row.pk)
    with pytest.raises(NotFound):
        instructions.change(bo, made.row.pk, polarity="less")
    with pytest.raises(Invalid):
        instructions.change(ada, made.row.pk, strength=7.0)
    assert texts(ada) == ["more cats"]


def test_a_post_that_is_gone_is_no_trouble(world, ada, bo, api):
    instructions.say(ada, text="more cats, no politics")
    posting.delete_post(bo, int(world["cats"][0]))
    assert world["cats"][0] not in shown(api(ada))
    assert pages.page_for(ada, feed="for_you", cursor="", limit=5)


def test_two_who_steer_at_once_do_not_pass_the_limit_together(committed):
    ada = cast.person("ada")
    instructions.say(ada, text=" ".join(f"#t{n}" for n in range(instructions.RULES_AT_MOST - 10)))
    texts_at_once = [" ".join(f"#{name}{n}" for n in range(8)) for name in ("a", "b")]

    def say(text):
        try:
            instructions.say(User.objects.get(pk=ada.pk), text=text)
        except Conflict:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(say, texts_at_once)) == [False, True]
    assert len(instructions.rules_of(ada)) == instructions.RULES_AT_MOST - 2


def test_a_tag_that_folding_makes_longer_is_the_tag_that_posts_have(ada, bo, api, settle):
    post = cast.post(bo, caption="#" + "İ" * 90)
    settle()
    answer = api(ada).post("/v1/steering", {"text": "no #" + "İ" * 90})
    assert answer.status_code == 201
    assert [len(rule["target"]["name"]) for rule in answer.json()["rules"]] == [100]
    assert str(post.pk) not in shown(api(ada))


def test_an_old_handle_and_the_new_one_are_one_person_of_whom_the_later_word_counts(ada, bo, api):
    people.update_profile(bo, handle="bo_new")
    answer = api(ada).post("/v1/steering", {"text": "more @bo_new, no @bo"})
    assert answer.status_code == 201
    assert [(rule["polarity"], rule["target"]["name"]) for rule in answer.json()["rules"]] == [("no", "bo_new")]
    assert texts(ada) == ["no @bo_new"]


@pytest.mark.parametrize("goes", ["blocks", "is gone"])
def test_no_number_tells_a_block_from_an_account_that_is_gone(goes, ada, bo, api, monkeypatch):
    monkeypatch.setattr(instructions, "RULES_AT_MOST", 1)
    instructions.say(ada, text="more @bo")
    if goes == "blocks":
        ties.block(bo, "ada")
    else:
        User.objects.filter(pk=bo.pk).delete()
    assert api(ada).get("/v1/steering").json()["items"] == []
    assert api(ada).post("/v1/steering", {"text": "more cats"}).status_code == 201
    assert api(ada).post("/v1/feed/reset").json()["rules"] == 1
