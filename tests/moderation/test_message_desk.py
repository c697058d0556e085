"""Messages at the desk: read there only when somebody reported one, with a few around it, and only while it is open."""

import pytest

from sora_social.accounts import ties
from sora_social.core.errors import Conflict, Forbidden, Invalid
from sora_social.inbox.conversations import conversing, messaging
from sora_social.inbox.models import Conversation, Message
from sora_social.moderation import deciding, reporting
from sora_social.moderation.models import AuditEntry, Report
from tests import cast
from tests.access.scene import fingerprint
from tests.moderation import desk

WHY = "threatens people"


@pytest.fixture
def talk(ada, bo):
    """Ten messages, in turns; the fifth is not nice."""
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    talk = conversing.begin(ada, handles=["bo"])
    for number in range(10):
        messaging.send(
            (ada, bo)[number % 2], talk.pk, text="I know where you live" if number == 4 else f"line {number}"
        )
    return talk


@pytest.fixture
def threat(talk):
    return talk.messages.get(seq=5)


def test_who_was_shown_a_message_reports_it_also_after_it_was_taken_back(ada, bo, cy, threat, api):
    words = {"message_id": str(threat.pk), "reason": "harassment"}
    messaging.delete(ada, threat.pk)
    answer = api(bo).post("/v1/reports", words)
    assert answer.status_code == 201
    assert api(bo).post("/v1/reports", words).json() == answer.json()
    report = Report.objects.get()
    assert (report.subject_type, report.subject_id, report.reporter_id) == ("message", threat.pk, bo.pk)
    before = fingerprint()
    assert api(cy).post("/v1/reports", words).status_code == 404
    assert api(ada).post("/v1/reports", words).status_code == 422
    assert api(bo).post("/v1/reports", {**words, "handle": "ada"}).status_code == 422
    assert api(bo).post("/v1/reports", {**words, "message_id": "1"}).status_code == 404
    assert fingerprint() == before


@pytest.mark.parametrize("blocker", ["ada", "bo"])
def test_a_threat_is_reported_across_the_block_that_came_of_it(ada, bo, cy, threat, api, blocker):
    words = {"message_id": str(threat.pk), "reason": "harassment"}
    crowd = {"ada": ada, "bo": bo}
    ties.block(crowd[blocker], "bo" if blocker == "ada" else "ada")
    assert api(bo).get(f"/v1/conversations/{threat.conversation_id}").status_code == 404
    assert api(cy).post("/v1/reports", words).status_code == 404
    assert not Report.objects.exists()
    assert api(bo).post("/v1/reports", words).status_code == 201
    assert Report.objects.get().message_id == threat.pk


def test_who_was_asked_reports_the_first_message_alone_also_after_a_block(ada, bo, api):
    talk = conversing.begin(ada, handles=["bo"], text="send me pictures")
    first = Message.objects.get()
    unseen = Message.objects.create(conversation=talk, author=ada, seq=9, changed_seq=9, text="now")
    ties.block(bo, "ada")
    assert api(bo).post("/v1/reports", {"message_id": str(unseen.pk), "reason": "sexual"}).status_code == 404
    assert api(bo).post("/v1/reports", {"message_id": str(first.pk), "reason": "sexual"}).status_code == 201


def test_who_is_asked_reports_the_request(ada, bo, api):
    conversing.begin(ada, handles=["bo"], text="send me pictures")
    request = Message.objects.get()
    assert api(bo).post("/v1/reports", {"message_id": str(request.pk), "reason": "sexual"}).status_code == 201


def test_a_conversation_is_reported_by_the_newest_message_that_others_sent(ada, bo, cy, talk, mod, api):
    words = {"conversation_id": str(talk.pk), "reason": "spam"}
    assert api(ada).post("/v1/reports", words).status_code == 201
    assert Report.objects.get().message == talk.messages.get(seq=10)
    before = fingerprint()
    assert api(cy).post("/v1/reports", words).status_code == 404
    assert api(mod).post("/v1/reports", words).status_code == 404
    silent = conversing.begin(cy, handles=["ada"])
    assert api(cy).post("/v1/reports", {**words, "conversation_id": str(silent.pk)}).status_code == 404
    assert Report.objects.count() == 1
    Conversation.objects.filter(pk=silent.pk).delete()
    assert fingerprint() == before


def test_the_desk_reads_the_message_and_a_few_around_it_while_the_report_is_open(bo, threat, mod):
    report = reporting.report(bo, message_id=threat.pk, reason="harassment")
    client = desk.seated(mod)
    page = client.get(f"/admin/moderation/report/{report.pk}/change/").content.decode()
    assert "I know where you live" in page
    assert [f"line {number}" in page for number in range(10) if number != 4] == [
        number in {1, 2, 3, 5, 6, 7} for number in range(10) if number != 4
    ]
    assert "I know where you live" not in client.get("/admin/moderation/report/").content.decode()
    looked = AuditEntry.objects.filter(action="viewed", subject_type="report", subject_id=report.pk)
    assert looked.count() == 1
    deciding.dismiss_report(mod, report.pk, reason="a joke of theirs")
    page = client.get(f"/admin/moderation/report/{report.pk}/change/").content.decode()
    assert "I know where you live" in page
    assert "line 3" not in page


def test_a_message_that_nobody_reported_is_on_no_page_of_the_desk(ada, bo, talk, mod):
    client = desk.seated(mod)
    for page in (f"accounts/user/{ada.pk}/change", "accounts/user", "moderation/report", "moderation/auditentry"):
        answer = client.get(f"/admin/{page}/")
        assert answer.status_code == 200
        assert "line 3" not in answer.content.decode()
    assert client.get(f"/admin/inbox/message/{talk.messages.first().pk}/change/").status_code == 404


def test_upholding_takes_the_message_away_with_a_reason_in_the_log(ada, bo, threat, mod, api):
    report = reporting.report(bo, message_id=threat.pk, reason="harassment")
    before = fingerprint()
    for actor, reason, refusal in ((bo, WHY, Forbidden), (mod, " ", Invalid)):
        with pytest.raises(refusal):
            deciding.uphold_report(actor, report.pk, reason=reason)
    assert fingerprint() == before
    deciding.uphold_report(mod, report.pk, reason=WHY)
    entry = AuditEntry.objects.get(action="removed")
    assert (entry.actor, entry.subject_type, entry.subject_id, entry.reason) == (mod, "message", threat.pk, WHY)
    report.refresh_from_db()
    assert (report.state, report.decision) == ("upheld", entry)
    for person in (ada, bo):
        items = api(person).get(f"/v1/conversations/{threat.conversation_id}/messages").json()["items"]
        assert [(item["text"], item["deleted"]) for item in items if item["seq"] == 5] == [("", True)]
        changed = api(person).get(f"/v1/conversations/{threat.conversation_id}/messages?after_seq=10").json()["items"]
        assert [item["seq"] for item in changed] == [5]
    with pytest.raises(Conflict):
        deciding.uphold_report(mod, report.pk, reason=WHY)


def test_upholding_what_was_taken_back_only_closes_its_reports(ada, bo, threat, mod):
    report = reporting.report(bo, message_id=threat.pk, reason="harassment")
    messaging.delete(ada, threat.pk)
    deciding.uphold_report(mod, report.pk, reason=WHY)
    assert AuditEntry.objects.get().action == "upheld"
    assert Message.objects.get(pk=threat.pk).changed_seq == 11


def test_the_reported_person_learns_nothing_of_the_report(ada, bo, threat, mod, api):
    url = f"/v1/conversations/{threat.conversation_id}"
    before = [api(ada).get(path).json() for path in (url, f"{url}/messages", "/v1/conversations")]
    reporting.report(bo, message_id=threat.pk, reason="harassment", text="please help")
    assert [api(ada).get(path).json() for path in (url, f"{url}/messages", "/v1/conversations")] == before


def test_two_moderators_and_the_author_at_once_bury_a_message_once(committed, at_once):
    ada, bo, mod = cast.person("ada"), cast.person("bo"), cast.moderator("mod")
    talk = conversing.begin(ada, handles=["bo"], text="hm")
    message = talk.messages.get()
    report = reporting.report(bo, message_id=message.pk, reason="hate")
    acts = [
        lambda: deciding.uphold_report(mod, report.pk, reason=WHY),
        lambda: deciding.dismiss_report(mod, report.pk, reason=WHY),
        lambda: messaging.delete(ada, message.pk),
        lambda: deciding.uphold_report(mod, report.pk, reason=WHY),
    ]
    answers = at_once(lambda n: acts[n](), 4)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 2
    assert Report.objects.get().state in {"upheld", "dismissed"}
    talk.refresh_from_db()
    assert talk.seq == 2
