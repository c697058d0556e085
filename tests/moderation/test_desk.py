"""What the desk offers to who sits at it: lists that stay cheap, cases, decisions by form, and nothing else."""

import pytest

from cameos import memorials
from sora_social.accounts.models import User
from sora_social.moderation import deciding, reporting
from sora_social.moderation.models import AuditEntry, Report
from sora_social.posts.comments import commenting
from sora_social.posts.models import Post
from sora_social.studio.models import Draft, Generation
from tests import cast
from tests.moderation import desk

LISTS = (
    "accounts/user/",
    "posts/post/",
    "posts/comment/",
    "studio/generation/",
    "moderation/report/",
    "moderation/auditentry/",
    "accounts/invite/",
    "accounts/waitlistentry/",
    "cameos/cameo/",
    "cameos/memorial/",
    "challenges/challenge/",
    "feeds/rankingmodel/",
    "feeds/topic/",
)


def job_of(owner, **fields):
    return Generation.objects.create(
        owner=owner, prompt="a quiet beach", seed=1, provider="preview", model="preview-1", **fields
    )


def fill(handles):
    """A post, a job, a comment, three reports for each of these new people."""
    everybody = [cast.person(handle) for handle in handles]
    for number, person in enumerate(everybody):
        reporter = everybody[number - 1]
        post = cast.post(person, caption=f"post of {person.handle}")
        comment = commenting.say(person, post.pk, text="hm")
        reporting.report(reporter, post_id=post.pk, reason="spam")
        reporting.report(reporter, comment_id=comment.pk, reason="hate")
        reporting.report(reporter, handle=person.handle, reason="other")
        job_of(person)
        cast.enrolled(person)
        cast.challenge(person)
        memorials.claim(person, name="Vera", aliases=[], relation="her son", evidence="the will")


@pytest.mark.parametrize("page", LISTS)
def test_a_list_costs_the_same_for_10_and_30_rows(page, mod, django_assert_max_num_queries):
    client = desk.seated(mod)
    costs = []
    for handles in ([f"few{n}" for n in range(10)], [f"many{n}" for n in range(20)]):
        fill(handles)
        with django_assert_max_num_queries(20) as queries:
            assert client.get(f"/admin/{page}").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_page_of_a_post_costs_the_same_for_3_and_20_remixes(ada, bo, mod, django_assert_max_num_queries):
    client, costs = desk.seated(mod), []
    source = cast.post(ada)
    for many in (3, 17):
        for _ in range(many):
            cast.post(bo, sources=[source])
        with django_assert_max_num_queries(20) as queries:
            assert client.get(f"/admin/posts/post/{source.pk}/change/").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_queue_puts_open_before_closed_and_grave_before_old(ada, bo, mod):
    posts = [cast.post(ada, caption=f"caption-{n}") for n in range(4)]
    reasons = ("spam", "minor_safety", "hate", "minor_safety")
    reports = [
        reporting.report(bo, post_id=post.pk, reason=reason) for post, reason in zip(posts, reasons, strict=True)
    ]
    deciding.dismiss_report(mod, reports[1].pk, reason="nothing wrong")
    page = desk.seated(mod).get("/admin/moderation/report/").content.decode()
    assert sorted(range(4), key=lambda n: page.index(f"caption-{n}")) == [3, 2, 0, 1]


def test_people_are_found_by_handle_and_by_whole_e_mail(ada, bo, mod):
    client = desk.seated(mod)
    for term, shown in (("ad", True), ("@ADA", True), ("ada@example.org", True), ("example.org", False), ("bo", False)):
        page = client.get("/admin/accounts/user/", {"q": term}).content.decode()
        assert (f"/accounts/user/{ada.pk}/change/" in page) is shown, term


@pytest.mark.parametrize(
    ("page", "state"),
    [("accounts/user", state) for state in ("suspended", "waiting", "reported", "staff")]
    + [("posts/post", state) for state in ("reported", "shown", "removed", "deleted")],
)
def test_lists_narrow_to_a_state(page, state, ada, bo, mod):
    gone, reported = cast.post(ada), cast.post(ada)
    reporting.report(bo, post_id=reported.pk, reason="spam")
    reporting.report(bo, handle="ada", reason="spam")
    deciding.remove_post(mod, gone.pk, reason="off it goes")
    deciding.suspend_person(mod, cast.person("cy").pk, reason="out they go")
    cast.person("waiting", admitted=False)
    answer = desk.seated(mod).get(f"/admin/{page}/", {"state": state})
    shown = {str(row) for row in answer.context["cl"].result_list}
    assert (
        shown
        == {
            "suspended": {"@cy"},
            "waiting": {"@waiting"},
            "staff": {"@mod"},
            "shown": {f"post {reported.pk}"},
            "removed": {f"post {gone.pk}"},
            "deleted": set(),
            "reported": {"@ada"} if page == "accounts/user" else {f"post {reported.pk}"},
        }[state]
    )


def test_a_case_shows_where_a_post_comes_from_and_what_was_said_about_it(ada, bo, cy, mod):
    source = cast.post(ada, caption="the source")
    post = cast.post(bo, sources=[source], prompt="the same, at night")
    remix = cast.post(cy, sources=[post])
    job = job_of(bo, status="completed", finished_at=post.created_at)
    Draft.objects.create(generation=job, owner=bo, clip=post.clip, post=post, status="posted")
    report = reporting.report(cy, post_id=post.pk, reason="likeness", text="this is my face")
    page = desk.seated(mod).get(f"/admin/posts/post/{post.pk}/change/").content.decode()
    for words in (
        "the same, at night",
        f"/admin/clips/{post.clip_id}/video.mp4",
        f"/admin/posts/post/{source.pk}/change/",
        f"/admin/posts/post/{remix.pk}/change/",
        f"/admin/studio/generation/{job.pk}/change/",
        f"/admin/moderation/report/{report.pk}/change/",
        "this is my face",
        "@cy",
    ):
        assert words in page


def test_every_kind_of_case_has_its_page(ada, bo, mod):
    client = desk.seated(mod)
    post = cast.post(ada)
    comment = commenting.say(ada, post.pk, text="very rude")
    refusal = {"rule": "hate", "suggestion": "say it kindly"}
    job = job_of(ada, status="refused", finished_at=post.created_at, refusal=refusal)
    Draft.objects.create(generation=job, owner=ada, status="refused", refusal=refusal)
    reports = [
        reporting.report(bo, post_id=post.pk, reason="spam"),
        reporting.report(bo, comment_id=comment.pk, reason="hate"),
        reporting.report(bo, handle="ada", reason="other"),
    ]
    pages = {
        f"accounts/user/{ada.pk}": "ada@example.org",
        f"studio/generation/{job.pk}": "say it kindly",
        f"moderation/report/{reports[0].pk}": f"/admin/clips/{post.clip_id}/video.mp4",
        f"moderation/report/{reports[1].pk}": "very rude",
        f"moderation/report/{reports[2].pk}": f"/admin/accounts/user/{ada.pk}/change/",
    }
    for page, words in pages.items():
        answer = client.get(f"/admin/{page}/change/")
        assert answer.status_code == 200, page
        assert words in answer.content.decode(), page
        assert "password" not in answer.content.decode().lower()


def test_a_decision_by_form_is_carried_out_or_explained(ada, mod):
    client, post = desk.seated(mod), cast.post(ada)
    case = f"/admin/posts/post/{post.pk}/change/"
    form = f"/admin/posts/post/{post.pk}/decide/remove/"
    refused = client.post(form, {"reason": " "}, headers={"Referer": f"http://testserver{case}"}, follow=True)
    assert refused.redirect_chain == [(f"http://testserver{case}", 302)]
    assert "Say why" in refused.content.decode()
    assert Post.objects.get(pk=post.pk).removed_at is None
    done = client.post(form, {"reason": "not for here"}, follow=True)
    assert "Removed: nobody sees it now." in done.content.decode()
    assert "not for here" in done.content.decode()
    assert Post.objects.get(pk=post.pk).removed_at is not None


def test_a_refusal_does_not_lead_to_a_stranger(ada, mod):
    client, post = desk.seated(mod), cast.post(ada)
    answer = client.post(
        f"/admin/posts/post/{post.pk}/decide/remove/", {"reason": ""}, headers={"Referer": "https://evil.example/"}
    )
    assert answer["Location"] == "/admin/"


def test_posts_are_removed_together_for_one_reason(ada, mod):
    client, posts = desk.seated(mod), [cast.post(ada) for _ in range(3)]
    chosen = {"action": "remove_selected", "_selected_action": [posts[0].pk, posts[1].pk]}
    page = client.post("/admin/posts/post/", chosen)
    assert page.status_code == 200
    assert not Post.objects.exclude(removed_at=None).exists()
    client.post("/admin/posts/post/", {**chosen, "reason": "a flood"})
    gone = Post.objects.exclude(removed_at=None)
    assert {post.pk for post in gone} == {posts[0].pk, posts[1].pk}
    entries = AuditEntry.objects.decisions()
    assert [(e.action, e.subject_id, e.reason) for e in entries.order_by("id")] == [
        ("removed", post.pk, "a flood") for post in posts[:2]
    ]


def test_nothing_is_added_edited_or_deleted_by_hand(ada, bo, mod):
    client, post = desk.seated(mod), cast.post(ada, caption="as it was")
    report = reporting.report(bo, post_id=post.pk, reason="spam")
    for model, key in (("posts/post", post.pk), ("accounts/user", ada.pk), ("moderation/report", report.pk)):
        assert client.get(f"/admin/{model}/add/").status_code == 403
        assert client.post(f"/admin/{model}/add/", {}).status_code == 403
        assert client.post(f"/admin/{model}/{key}/delete/", {"post": "yes"}).status_code == 403
        client.post(f"/admin/{model}/{key}/change/", {"caption": "changed", "is_staff": "on", "state": "upheld"})
    assert Post.objects.get().caption == "as it was"
    assert User.objects.get(pk=ada.pk).is_staff is False
    assert Report.objects.get().state == "open"
