"""Enrolments at the desk: who sees the recordings, what is logged, what a decision does."""

import pytest

from cameos import erasing
from cameos.models import Cameo, ConsentRecord, Enrolment
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.moderation import deciding
from sora_social.moderation.models import AuditEntry
from tests import cast
from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own
from tests.moderation import desk


def test_the_queue_puts_what_waits_first_and_the_oldest_of_it_first(ada, bo, cy, mallory, mod):
    active = cast.approved(mallory)
    first, second = cast.enrolled(ada), cast.enrolled(bo)
    rejected = cast.enrolled(cy, found=cast.examination("fail"))
    client = desk.seated(mod)

    def shown(**query):
        answer = client.get("/admin/cameos/cameo/", query)
        return [row.pk for row in answer.context["cl"].result_list]

    assert shown() == [first.pk, second.pk, rejected.pk, active.pk]
    assert shown(state="to_review") == [first.pk, second.pk]
    assert shown(state="active") == [active.pk]
    assert shown(state="rejected") == [rejected.pk]
    assert shown(q="@ad") == [first.pk]
    assert shown(q=str(second.pk)) == [second.pk]


def test_a_case_shows_the_challenge_and_the_findings_side_by_side_and_who_is_alike(ada, bo, mod):
    other = cast.approved(bo)
    face = cast.enrolled(ada, found=cast.examination(similar_to=(other.pk,)))
    page = desk.seated(mod).get(f"/admin/cameos/cameo/{face.pk}/change/").content.decode()
    enrolment = Enrolment.objects.get(pk=face.pk)
    for words in (
        f"/admin/faces/{face.pk}/recording.mp4",
        f"/admin/faces/{face.pk}/portrait.jpg",
        " · ".join(map(str, enrolment.numbers)),
        f"their {enrolment.head_turn}",
        "This check says undecided.",
        f"/admin/cameos/cameo/{other.pk}/change/",
        "Approve",
        "Reject",
    ):
        assert words in page


@pytest.mark.parametrize("state", ["begun", "rejected", "erased", "plain", "character"])
def test_every_state_has_its_page_and_no_decision(state, ada, mod):
    match state:
        case "begun":
            face = cast.begun(ada)
        case "rejected":
            face = cast.enrolled(ada, found=cast.examination("fail"))
        case "erased":
            face = cast.approved(ada)
            erasing.erase(ada, face.pk)
        case "plain":
            face = cast.cameo(ada)
        case _:
            face = cast.approved(ada, kind="character", handle="rex")
    answer = desk.seated(mod).get(f"/admin/cameos/cameo/{face.pk}/change/")
    assert answer.status_code == 200
    assert "Approve" not in answer.content.decode()


def test_a_recording_is_for_staff_and_opening_it_is_logged_once(ada, bo, mod, api):
    face = cast.enrolled(ada)
    url = f"/admin/faces/{face.pk}/recording.mp4"
    ordinary = desk.sign_in(bo)
    assert ordinary.get(url).status_code in {302, 404}
    client = desk.seated(mod)
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "video/mp4")
    assert b"ftyp" in b"".join(answer.streaming_content)
    client.get(url, headers={"Range": "bytes=20-"})
    client.get(f"/admin/faces/{face.pk}/portrait.jpg")
    seen = AuditEntry.objects.filter(subject_type="cameo").values_list("action", "subject_id", "path")
    assert list(seen) == [("viewed", face.pk, url)]
    for name in ("recording.webm", "recording.", "x"):
        assert client.get(f"/admin/faces/{face.pk}/{name}").status_code == 404
    assert client.get("/admin/faces/1/portrait.jpg").status_code == 404


def test_a_decision_and_its_reason_are_one_transaction(ada, mod, monkeypatch):
    face = cast.enrolled(ada)

    def broken(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(AuditEntry.objects, "create", broken)
        for decide in (deciding.approve_cameo, deciding.reject_cameo):
            with pytest.raises(RuntimeError):
                decide(mod, face.pk, reason="it is her")
    assert Cameo.objects.get().status == "pending_review"
    assert ConsentRecord.objects.count() == 1
    deciding.approve_cameo(mod, face.pk, reason="it is her")
    entry = AuditEntry.objects.decisions().get()
    assert (entry.action, entry.subject_type, entry.subject_id, entry.reason) == (
        "approved",
        "cameo",
        face.pk,
        "it is her",
    )


def test_only_a_moderator_decides_with_a_reason_and_once(ada, bo, mod):
    face = cast.enrolled(ada)
    for decide in (deciding.approve_cameo, deciding.reject_cameo):
        with pytest.raises(Forbidden):
            decide(bo, face.pk, reason="it is her")
        with pytest.raises(Invalid):
            decide(mod, face.pk, reason="")
        with pytest.raises(NotFound):
            decide(mod, 1, reason="it is her")
    assert Cameo.objects.get().status == "pending_review"
    deciding.reject_cameo(mod, face.pk, reason="too dark to see")
    for decide in (deciding.approve_cameo, deciding.reject_cameo):
        with pytest.raises(Conflict):
            decide(mod, face.pk, reason="it is her")
    assert AuditEntry.objects.decisions().count() == 1
