"""Experiments at the desk: started and stopped with a reason, each in the audit log."""

import pytest
from django.utils import timezone

from feeds.models import Experiment
from feeds.scroll import experimenting
from sora_social.core.errors import Forbidden
from sora_social.moderation import deciding
from sora_social.moderation.models import AuditEntry
from tests import cast
from tests.moderation import desk

TERMS = {
    "name": "first-cards",
    "control": 1,
    "break_only": 0,
    "create_offer": 1,
    "friend_offer": 0,
    "days": 14,
    "minimum_people": 50,
    "minimum_effect": 0.25,
    "reason": "do cards help at all?",
}


def test_an_experiment_is_started_shown_and_stopped(ada, mod):
    client = desk.seated(mod)
    assert "Start now" in client.get("/admin/feeds/experiment/start/").content.decode()
    started = client.post("/admin/feeds/experiment/start/", TERMS)
    experiment = Experiment.objects.get()
    assert started["Location"] == f"/admin/feeds/experiment/{experiment.pk}/change/"
    assert experiment.arms == {"control": 1, "break_only": 0, "create_offer": 1, "friend_offer": 0}
    assert (experiment.ends_at - experiment.starts_at).days == 14
    cast.card_laid(ada)
    page = client.get(started["Location"]).content.decode()
    assert "/decide/stop/" in page
    for words in (
        "first-cards",
        "running",
        "50 %",
        "do cards help at all?",
        "1 people, 1 cards",
        "nudge_report first-cards",
    ):
        assert words in page
    listed = client.get("/admin/feeds/experiment/").content.decode()
    assert "control 1, create_offer 1" in listed
    assert "Start an experiment" in listed
    client.post(f"/admin/feeds/experiment/{experiment.pk}/decide/stop/", {"reason": "enough seen"})
    experiment.refresh_from_db()
    assert not experiment.is_running(timezone.now())
    assert "/decide/stop/" not in client.get(started["Location"]).content.decode()
    decisions = AuditEntry.objects.decisions().order_by("pk").values_list("action", "subject_type", "reason")
    assert list(decisions) == [
        ("started", "experiment", "do cards help at all?"),
        ("stopped", "experiment", "enough seen"),
    ]


@pytest.mark.parametrize(
    "wrong", [{"name": "no spaces"}, {"days": 0}, {"control": -1}, {"minimum_effect": 0}, {"reason": ""}]
)
def test_a_form_that_is_not_right_comes_back_and_starts_nothing(wrong, mod):
    answer = desk.seated(mod).post("/admin/feeds/experiment/start/", {**TERMS, **wrong})
    assert answer.status_code == 200
    assert not Experiment.objects.exists()


def test_what_the_rules_refuse_is_told_and_starts_nothing(mod):
    client = desk.seated(mod)
    client.post("/admin/feeds/experiment/start/", TERMS)
    second = client.post("/admin/feeds/experiment/start/", {**TERMS, "name": "second"}, follow=True)
    assert "One experiment at a time" in second.content.decode()
    assert [experiment.name for experiment in Experiment.objects.all()] == ["first-cards"]


def test_only_staff_start_and_stop(ada, mod):
    terms = {"name": "x", "shares": {"control": 1, "create_offer": 1}, "days": 7}
    more = {"minimum_people": 10, "minimum_effect": 0.2}
    with pytest.raises(Forbidden):
        deciding.start_experiment(ada, reason="because", **terms, **more)
    experiment = experimenting.start(now=timezone.now(), **terms, **more)
    with pytest.raises(Forbidden):
        deciding.stop_experiment(ada, experiment.pk, reason="because")
    assert experimenting.running(timezone.now()) == experiment
    assert not AuditEntry.objects.exists()
