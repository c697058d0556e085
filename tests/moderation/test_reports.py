"""Reporting: who may, what answers, and that nobody outside the staff learns who did (M05)."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.moderation import deciding, reporting
from sora_social.moderation.models import Report
from sora_social.posts.comments import commenting
from tests import cast


def send(client, **body):
    return client.post("/v1/reports", body, format="json")


def test_a_post_a_comment_and_a_person_can_be_reported(ada, bo, api):
    post = cast.post(ada)
    comment = commenting.say(ada, post.pk, text="hm")
    bodies = ({"post_id": str(post.pk)}, {"comment_id": str(comment.pk)}, {"handle": "ada"})
    answers = [send(api(bo), **body, reason="harassment", text="look at this") for body in bodies]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    kept = Report.objects.order_by("id")
    assert [str(report.pk) for report in kept] == [answer.json()["id"] for answer in answers]
    assert [report.subject_type for report in kept] == ["post", "comment", "person"]
    assert {(r.reporter_id, r.reason, r.text, r.state) for r in kept} == {(bo.pk, "harassment", "look at this", "open")}


def test_a_repeat_answers_the_first_report_while_it_is_open(ada, bo, mod, api):
    post = cast.post(ada)
    first = send(api(bo), post_id=str(post.pk), reason="spam").json()["id"]
    assert send(api(bo), post_id=str(post.pk), reason="hate").json()["id"] == first
    deciding.dismiss_report(mod, int(first), reason="nothing wrong with it")
    assert send(api(bo), post_id=str(post.pk), reason="hate").json()["id"] != first


def test_what_one_cannot_see_one_cannot_report(ada, bo, mallory, api):
    ties.block(ada, "mallory")
    open_post, private = cast.post(ada), cast.post(ada, visibility="private")
    comment = commenting.say(ada, open_post.pk, text="hm")
    hidden = commenting.say(ada, private.pk, text="hm")
    for client, body in (
        (api(mallory), {"post_id": str(open_post.pk)}),
        (api(mallory), {"comment_id": str(comment.pk)}),
        (api(mallory), {"handle": "ada"}),
        (api(bo), {"post_id": str(private.pk)}),
        (api(bo), {"comment_id": str(hidden.pk)}),
        (api(bo), {"handle": "nobody_at_all"}),
        (api(bo), {"post_id": "1"}),
    ):
        assert send(client, **body, reason="spam").status_code == 404
    assert send(api(None), handle="ada", reason="spam").status_code == 401
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "spam"},
        {"reason": "spam", "handle": "ada", "post_id": "5"},
        {"handle": "ada"},
        {"handle": "ada", "reason": "ugly"},
        {"handle": "ada", "reason": "spam", "text": "x" * 2001},
        {"handle": "bo", "reason": "spam"},
        {"post_id": "-1", "reason": "spam"},
        {"handle": "ada", "reason": "spam", "state": "upheld"},
    ],
)
def test_a_wrong_report_is_refused_and_leaves_nothing(body, ada, bo, api):
    assert send(api(bo), **body).status_code == 422
    assert not Report.objects.exists()


@pytest.mark.usefixtures("committed")
def test_ten_reports_at_once_by_one_person_are_one():
    ada, bo = cast.person("ada"), cast.person("bo")
    post = cast.post(ada)

    def once(_: int) -> int:
        try:
            return reporting.report(User.objects.get(pk=bo.pk), post_id=post.pk, reason="spam").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        made = set(pool.map(once, range(10)))
    assert made == {Report.objects.get().pk}


def test_m05_the_reported_person_meets_no_trace_of_the_reporter(ada, bo, mod, api, settle):
    post = cast.post(ada)
    report = reporting.report(bo, post_id=post.pk, reason="hate", text="bo was here")
    about_ada = reporting.report(bo, handle="ada", reason="hate", text="bo was here")
    before = everything_ada_reads(api(ada), post.pk)
    deciding.uphold_report(mod, report.pk, reason="hateful caption")
    settle()
    after = everything_ada_reads(api(ada), post.pk)
    for words in (str(bo.pk), '"bo"', "bo was here", str(report.pk), str(about_ada.pk)):
        assert words not in before + after
    assert api(ada).get("/v1/reports").status_code == 405


def everything_ada_reads(client, post_id):
    paths = [path for path in client.get("/v1/openapi.json").json()["paths"] if path != "/v1/openapi.json"]
    filled = [path.format_map(Filler(handle="ada", post_id=post_id)) for path in paths]
    return json.dumps([cast.whole(client.get(path)).decode() for path in filled])


class Filler(dict):
    def __missing__(self, name):
        return "1"
