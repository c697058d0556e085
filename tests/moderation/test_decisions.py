"""Decisions: by staff alone, with a reason, whole or not at all, each with its line in the audit log."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from sora_social.accounts.models import User
from sora_social.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from sora_social.moderation import deciding, reporting
from sora_social.moderation.models import AuditEntry, Report
from sora_social.posts import posting
from sora_social.posts.comments import commenting
from sora_social.posts.models import Comment, Post
from tests import cast

WHY = "shows a stranger's child"


def log_lines():
    return list(AuditEntry.objects.order_by("id").values_list("action", "subject_type", "subject_id", "reason"))


def test_a_removed_post_is_gone_for_its_author_too_and_comes_back_when_restored(ada, bo, mod, api):
    post = cast.post(ada)
    deciding.remove_post(mod, post.pk, reason=WHY)
    assert [api(who).get(f"/v1/posts/{post.pk}").status_code for who in (ada, bo)] == [404, 404]
    deciding.restore_post(mod, post.pk, reason="a mistake of ours")
    assert api(bo).get(f"/v1/posts/{post.pk}").status_code == 200
    assert log_lines() == [
        ("removed", "post", post.pk, WHY),
        ("restored", "post", post.pk, "a mistake of ours"),
    ]


def test_removing_upholds_every_open_report_of_the_post_and_no_other(ada, bo, cy, mod):
    post, other = cast.post(ada), cast.post(ada)
    about = [reporting.report(who, post_id=post.pk, reason="hate") for who in (bo, cy)]
    kept = reporting.report(bo, post_id=other.pk, reason="hate")
    deciding.remove_post(mod, post.pk, reason=WHY)
    for report in about:
        report.refresh_from_db()
        assert (report.state, report.decision.actor, report.decision.reason) == ("upheld", mod, WHY)
        assert report.closed_at is not None
    kept.refresh_from_db()
    assert (kept.state, kept.decision, kept.closed_at) == ("open", None, None)


def test_a_suspended_person_is_out_on_the_next_request_and_what_is_theirs_is_hidden(ada, bo, mod, api):
    post, signed_in = cast.post(ada), api(ada)
    assert signed_in.get("/v1/invites").status_code == 200
    deciding.suspend_person(mod, ada.pk, reason=WHY)
    refused = signed_in.get("/v1/invites")
    assert (refused.status_code, refused.json()["code"]) == (403, "suspended")
    assert api(bo).get(f"/v1/posts/{post.pk}").status_code == 404
    assert api(bo).get("/v1/people/ada").status_code == 404
    deciding.reinstate_person(mod, ada.pk, reason="appeal was right")
    assert signed_in.get("/v1/invites").status_code == 200
    assert api(bo).get(f"/v1/posts/{post.pk}").status_code == 200
    assert [line[0] for line in log_lines()] == ["suspended", "reinstated"]


def test_somebody_who_waits_can_be_let_in(mod, api):
    waiting = cast.person("waiting", admitted=False)
    deciding.admit_person(mod, waiting.pk, reason="a friend of the house")
    assert api(waiting).get("/v1/invites").status_code == 200
    assert log_lines() == [("admitted", "person", waiting.pk, "a friend of the house")]


def test_upholding_acts_on_the_subject(ada, bo, cy, mod):
    post, commented = cast.post(ada), cast.post(ada)
    comment = commenting.say(cy, commented.pk, text="rude")
    reports = [
        reporting.report(bo, post_id=post.pk, reason="hate"),
        reporting.report(bo, comment_id=comment.pk, reason="harassment"),
        reporting.report(bo, handle="cy", reason="harassment"),
    ]
    for report in reports:
        deciding.uphold_report(mod, report.pk, reason=WHY)
    assert Post.objects.get(pk=post.pk).removed_at is not None
    assert Comment.objects.get(pk=comment.pk).deleted_at is not None
    assert User.objects.get(pk=cy.pk).is_active is False
    assert not Report.objects.open().exists()
    assert [line[:3] for line in log_lines()] == [
        ("removed", "post", post.pk),
        ("removed", "comment", comment.pk),
        ("suspended", "person", cy.pk),
    ]


def test_upholding_what_is_gone_already_only_closes_its_reports(ada, bo, mod):
    post = cast.post(ada)
    report = reporting.report(bo, post_id=post.pk, reason="hate")
    posting.delete_post(ada, post.pk)
    deciding.uphold_report(mod, report.pk, reason=WHY)
    report.refresh_from_db()
    assert report.state == "upheld"
    assert [line[0] for line in log_lines()] == ["upheld"]


def test_dismissing_closes_all_reports_of_the_subject_and_leaves_it_as_it_is(ada, bo, cy, mod, api):
    post = cast.post(ada)
    first, second = (reporting.report(who, post_id=post.pk, reason="hate") for who in (bo, cy))
    deciding.dismiss_report(mod, first.pk, reason="satire")
    assert set(Report.objects.values_list("pk", "state")) == {(first.pk, "dismissed"), (second.pk, "dismissed")}
    assert api(bo).get(f"/v1/posts/{post.pk}").status_code == 200
    with pytest.raises(Conflict):
        deciding.uphold_report(mod, second.pk, reason=WHY)
    assert Post.objects.get(pk=post.pk).removed_at is None


@pytest.fixture
def scene(ada, bo, cy, mod):
    post = cast.post(ada)
    report = reporting.report(bo, post_id=post.pk, reason="hate")
    removed = cast.post(ada)
    posting.remove_post(removed.pk)
    suspended, waiting = cast.person("suspended"), cast.person("waiting", admitted=False)
    suspended.is_active = False
    suspended.save(update_fields=["is_active"])
    return [
        (deciding.remove_post, post.pk),
        (deciding.restore_post, removed.pk),
        (deciding.suspend_person, ada.pk),
        (deciding.reinstate_person, suspended.pk),
        (deciding.admit_person, waiting.pk),
        (deciding.uphold_report, report.pk),
        (deciding.dismiss_report, report.pk),
    ]


def world():
    return (
        list(Post.objects.order_by("id").values()),
        list(User.objects.order_by("id").values()),
        list(Report.objects.order_by("id").values()),
        log_lines(),
    )


@pytest.mark.parametrize(
    ("who", "reason", "refusal"),
    [
        ("bo", WHY, Forbidden),
        ("retired", WHY, Forbidden),
        ("mod", "", Invalid),
        ("mod", "  x ", Invalid),
        ("mod", "x" * 2001, Invalid),
    ],
)
def test_a_refused_decision_changes_nothing(who, reason, refusal, scene, mod):
    retired = cast.moderator("retired")
    retired.is_active = False
    retired.save(update_fields=["is_active"])
    actor = User.objects.get(handle=who)
    before = world()
    for decide, subject_id in scene:
        with pytest.raises(refusal):
            decide(actor, subject_id, reason=reason)
    assert world() == before


def test_what_is_not_there_is_not_found_and_what_is_done_is_not_done_twice(scene, mod):
    for decide, subject_id in scene[:-1]:
        with pytest.raises(NotFound):
            decide(mod, 1, reason=WHY)
        if decide is deciding.uphold_report:  # removing the post upheld it
            with pytest.raises(Conflict):
                decide(mod, subject_id, reason=WHY)
            continue
        decide(mod, subject_id, reason=WHY)
        with pytest.raises(Conflict):
            decide(mod, subject_id, reason=WHY)


def test_staff_are_not_suspended_at_the_desk(mod):
    other = cast.moderator("other")
    for person in (mod, other):
        with pytest.raises(Forbidden):
            deciding.suspend_person(mod, person.pk, reason=WHY)
    assert not AuditEntry.objects.exists()


def test_a_bulk_is_whole_or_not_at_all_with_a_line_for_each(ada, mod):
    posts = [cast.post(ada).pk for _ in range(4)]
    posting.delete_post(ada, posts[3])
    with pytest.raises(Conflict):
        deciding.remove_posts(mod, posts, reason=WHY)
    assert not AuditEntry.objects.exists()
    assert not Post.objects.exclude(removed_at=None).exists()
    deciding.remove_posts(mod, posts[:3], reason=WHY)
    assert log_lines() == [("removed", "post", post_id, WHY) for post_id in posts[:3]]
    with pytest.raises(Invalid):
        deciding.remove_posts(mod, range(51), reason=WHY)


@pytest.mark.usefixtures("committed")
def test_two_moderators_at_once_one_decision():
    ada, bo, mod = cast.person("ada"), cast.person("bo"), cast.moderator("mod")
    post = cast.post(ada)
    report = reporting.report(bo, post_id=post.pk, reason="hate")
    acts = [
        (deciding.remove_post, post.pk),
        (deciding.uphold_report, report.pk),
        (deciding.dismiss_report, report.pk),
        (deciding.remove_post, post.pk),
    ]

    def act(chosen) -> str:
        decide, subject_id = chosen
        try:
            decide(mod, subject_id, reason=WHY)
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        outcomes = list(pool.map(act, acts))
    lines = [line[0] for line in log_lines()]
    assert set(outcomes) <= {"done", "conflict"}
    assert outcomes.count("done") == len(lines)
    assert lines.count("removed") <= 1
    assert not Report.objects.open().exists()
