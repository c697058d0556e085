"""The ranker's models at the desk: what is shown of them, and who lets one rank."""

import json
import re
from html import unescape

import pytest

from feeds.learning import lifecycle, training_log
from feeds.models import RankingModel
from sora_social.core.errors import Conflict, Forbidden, Invalid
from sora_social.moderation import deciding, ranking_viewing
from sora_social.moderation.models import AuditEntry
from tests import cast
from tests.feeds.test_learning import impressions
from tests.moderation import desk

PAGE = "/admin/feeds/rankingmodel/"


def decisions():
    return list(
        AuditEntry.objects.decisions().order_by("pk").values_list("action", "subject_type", "subject_id", "reason")
    )


@pytest.fixture
def trained(db, known_log, monkeypatch):
    """A model with all that training tells of it."""
    monkeypatch.setattr(training_log, "read", lambda **_: impressions(known_log))
    return lifecycle.train()


def test_a_moderator_promotes_and_takes_back_with_a_reason_and_both_are_logged(mod, recipe, keep_model):
    kept = keep_model(recipe)
    client = desk.seated(mod)
    answer = client.post(f"{PAGE}{kept.pk}/decide/promote/", {"reason": "Better on three days"})
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}{kept.pk}/change/")
    kept.refresh_from_db()
    assert (kept.state, kept.reason) == ("live", "Better on three days")
    client.post(f"{PAGE}{kept.pk}/decide/roll_back/", {"reason": "Complaints of repeats"})
    kept.refresh_from_db()
    assert (kept.state, kept.reason) == ("retired", "Complaints of repeats")
    assert decisions() == [
        ("promoted", "model", kept.pk, "Better on three days"),
        ("rolled_back", "model", kept.pk, "Complaints of repeats"),
    ]


def test_without_a_reason_or_the_right_nothing_changes(mod, mallory, recipe, keep_model):
    kept = keep_model(recipe)
    with pytest.raises(Invalid):
        deciding.promote_model(mod, kept.pk, reason=" ")
    with pytest.raises(Forbidden):
        deciding.promote_model(mallory, kept.pk, reason="I want it")
    with pytest.raises(Conflict):
        deciding.roll_back_model(mod, kept.pk, reason="It is not live")
    kept.refresh_from_db()
    assert (kept.state, decisions()) == ("candidate", [])


def test_who_takes_back_a_model_that_another_replaced_meanwhile_takes_nothing_back(
    mod,
    recipe,
    another,
    keep_model,
):
    first, second = keep_model(recipe), keep_model(another)
    lifecycle.promote(first.pk, reason="good")
    lifecycle.promote(second.pk, reason="better")
    with pytest.raises(Conflict, match="This model is not live"):
        deciding.roll_back_model(mod, first.pk, reason="I still see it as live")
    assert RankingModel.objects.get(pk=second.pk).state == "live"


def test_a_broken_model_is_refused_at_the_desk_with_its_sentence(mod, recipe, keep_model):
    kept = keep_model(recipe, serving=b"junk")
    answer = desk.seated(mod).post(f"{PAGE}{kept.pk}/decide/promote/", {"reason": "Let us see"}, follow=True)
    assert "This model cannot be served" in answer.content.decode()
    kept.refresh_from_db()
    assert (kept.state, decisions()) == ("candidate", [])


@pytest.mark.parametrize(("state", "offered"), [("candidate", "promote"), ("live", "roll_back")])
def test_a_case_offers_what_makes_sense(state, offered, mod, recipe, keep_model):
    kept = keep_model(recipe)
    if state == "live":
        lifecycle.promote(kept.pk, reason="good")
    page = desk.seated(mod).get(f"{PAGE}{kept.pk}/change/").content.decode()
    assert f"{PAGE}{kept.pk}/decide/{offered}/" in page
    assert page.count("/decide/") == 1


def charts_in(page):
    return [json.loads(unescape(data)) for data in re.findall(r'data-value="([^"]*)"', page)]


def test_a_case_shows_calibration_groups_and_versions(trained, mod):
    page = desk.seated(mod).get(f"{PAGE}{trained.pk}/change/").content.decode()
    case = ranking_viewing.model_case(trained.pk)
    titles = [chart.title for chart in case.charts]
    assert titles[:3] == ["Contributions of feature groups", "Creation NDCG by version", "Calibration error by version"]
    assert {"Calibration: open", "Calibration: like", "Calibration: long view"} <= set(titles)
    shown = charts_in(page)
    assert len(shown) == len(titles)
    curve = shown[titles.index("Calibration: open")]["datasets"][1]["data"]
    told = trained.metrics["steps"]["open"]["curve"]
    assert curve == [{"x": said, "y": seen} for said, seen, _ in told]
    assert shown[1]["datasets"][0]["data"] == [trained.metrics["comparison"]["ndcg"]]
    assert "tie" in shown[0]["labels"]
    assert trained.verdict in unescape(page)


def test_a_case_without_metrics_is_shown_all_the_same(mod, recipe, keep_model):
    kept = keep_model(recipe, metrics={})
    assert desk.seated(mod).get(f"{PAGE}{kept.pk}/change/").status_code == 200


def test_who_is_no_moderator_finds_no_page(recipe, keep_model, mallory):
    kept = keep_model(recipe)
    client = desk.Client()
    client.cookies["sessionid"] = cast.session_token(mallory)
    assert client.get(f"{PAGE}{kept.pk}/change/").status_code == 404
    assert client.post(f"{PAGE}{kept.pk}/decide/promote/", {"reason": "mine"}).status_code == 404
    kept.refresh_from_db()
    assert kept.state == "candidate"


def test_a_list_carries_no_models(recipe, keep_model, mod, django_assert_max_num_queries):
    keep_model(recipe)
    client = desk.seated(mod)
    with django_assert_max_num_queries(20) as asked:
        assert client.get(PAGE).status_code == 200
    read = " ".join(query["sql"] for query in asked.captured_queries if "rankingmodel" in query["sql"])
    assert '"feeds_rankingmodel"."version"' in read
    assert '"feeds_rankingmodel"."serving"' not in read
