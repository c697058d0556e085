"""Challenges at the desk: announced, changed, ended and taken off the list, each with a reason in the audit log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from feeds.discovery import entries
from sora_social.challenges.models import Challenge
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.moderation import deciding
from sora_social.moderation.models import AuditEntry
from tests import cast
from tests.moderation import desk

NEW = "/admin/challenges/challenge/new/"


def terms(**more):
    now = timezone.now()
    return {
        "title": "Rain in one shot",
        "description": "One take, no cuts.",
        "prompt": "a street in the rain, one shot",
        "tag": "RainTake",
        "starts_at": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{now + timedelta(days=7):%Y-%m-%dT%H:%M}",
        "reason": "the theme of the week",
        **more,
    }


def decided():
    return list(AuditEntry.objects.decisions().order_by("id").values_list("action", "subject_id", "reason"))


def test_a_challenge_is_announced_changed_ended_and_taken_off_the_list(mod, ada, api, settle):
    client = desk.seated(mod)
    assert "Save" in client.get(NEW).content.decode()
    made = client.post(NEW, terms())
    challenge = Challenge.objects.get()
    page = f"/admin/challenges/challenge/{challenge.pk}/change/"
    assert (made.status_code, made["Location"]) == (302, page)
    assert (challenge.tag, challenge.created_by, challenge.is_listed) == ("raintake", mod, True)
    assert api(ada).get(f"/v1/challenges/{challenge.pk}").json()["state"] == "open"
    entry = cast.entry(ada, challenge)
    settle()
    entries.count_stale()
    shown = client.get(page).content.decode()
    tile = f"/admin/posts/post/{entry.pk}/change/"
    for words in ("One take, no cuts.", "#raintake", "1 by 1 people", tile, "End now"):
        assert words in shown

    edit = f"/admin/challenges/challenge/{challenge.pk}/edit/"
    form = client.get(edit).content.decode()
    assert 'value="Rain in one shot"' in form
    assert 'value="the theme of the week"' not in form
    changed = client.post(edit, terms(title="Rain, no cuts", reason="shorter"))
    assert changed["Location"] == page
    assert api(ada).get(f"/v1/challenges/{challenge.pk}").json()["title"] == "Rain, no cuts"
    assert api(ada).get(f"/v1/posts/{entry.pk}").json()["challenge"]["title"] == "Rain, no cuts"

    client.post(f"/admin/challenges/challenge/{challenge.pk}/decide/end/", {"reason": "enough rain"})
    assert api(ada).get(f"/v1/challenges/{challenge.pk}").json()["state"] == "past"
    client.post(f"/admin/challenges/challenge/{challenge.pk}/decide/unlist/", {"reason": "a mistake"})
    assert api(ada).get(f"/v1/challenges/{challenge.pk}").status_code == 404
    client.post(f"/admin/challenges/challenge/{challenge.pk}/decide/list/", {"reason": "none after all"})
    assert api(ada).get(f"/v1/challenges/{challenge.pk}").status_code == 200
    assert decided() == [
        ("added", challenge.pk, "the theme of the week"),
        ("changed", challenge.pk, "shorter"),
        ("ended", challenge.pk, "enough rain"),
        ("unlisted", challenge.pk, "a mistake"),
        ("listed", challenge.pk, "none after all"),
    ]
    assert (
        f"/admin/challenges/challenge/{challenge.pk}/change/"
        in client.get("/admin/moderation/auditentry/").content.decode()
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "x" * 81},
        {"title": "a\u202eb"},
        {"tag": "two words"},
        {"starts_at": "tomorrow"},
        {"ends_at": "2020-01-01T00:00", "starts_at": "2020-01-02T00:00"},
        {"reason": ""},
        {"reason": "no"},
    ],
)
def test_a_form_that_is_not_right_keeps_what_was_typed_and_makes_nothing(wrong, mod):
    answer = desk.seated(mod).post(NEW, terms(**wrong))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "is-fail" in page
    assert "One take, no cuts." in page
    assert not Challenge.objects.exists()
    assert decided() == []


def test_a_challenge_that_would_be_over_already_is_refused(mod):
    past = {"starts_at": "2020-01-01T00:00", "ends_at": "2020-01-02T00:00"}
    answer = desk.seated(mod).post(NEW, terms(**past), follow=True)
    assert "It would be over already." in answer.content.decode()
    assert not Challenge.objects.exists()


def test_lists_narrow_to_a_state(mod):
    open_one, coming = cast.challenge(mod, title="Now"), cast.challenge(mod, title="Soon", starts_in=60, ends_in=90)
    past = cast.challenge(mod, title="Then", starts_in=-90, ends_in=-60)
    hidden = cast.challenge(mod, title="Hidden", is_listed=False)
    client = desk.seated(mod)
    for state, one in (("open", open_one), ("coming", coming), ("past", past), ("unlisted", hidden)):
        answer = client.get("/admin/challenges/challenge/", {"state": state})
        assert [row.pk for row in answer.context["cl"].result_list] == [one.pk]


def test_only_moderators_decide_and_only_what_makes_sense(ada, mod):
    challenge = cast.challenge(mod)
    words = {"starts_at": challenge.starts_at, "ends_at": challenge.ends_at}
    for act in (deciding.end_challenge, deciding.unlist_challenge, deciding.relist_challenge):
        with pytest.raises(Forbidden):
            act(ada, challenge.pk, reason="because")
        with pytest.raises(Invalid):
            act(mod, challenge.pk, reason=" ")
        with pytest.raises(NotFound):
            act(mod, 1, reason="because")
    with pytest.raises(Forbidden):
        deciding.announce_challenge(ada, title="Mine", reason="because", **words)
    with pytest.raises(Forbidden):
        deciding.change_challenge(ada, challenge.pk, title="Mine", reason="because")
    with pytest.raises(Conflict):
        deciding.relist_challenge(mod, challenge.pk, reason="because")
    challenge.refresh_from_db()
    assert (challenge.version, challenge.title, Challenge.objects.count()) == (1, "Rain in one shot", 1)
    assert decided() == []
