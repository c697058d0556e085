"""What people did is put down to what they were shown: once for each act, and to nothing that they did not see."""

from datetime import timedelta

import pytest
from django.db.models import F

from feeds import exposure, logbook
from feeds.models import Act, Attribution, AuthorPulse, Exposure, ServedPage, Watch
from remix import derivations
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.moderation import reporting
from sora_social.posts import reactions
from sora_social.studio import publishing, submitting
from tests import cast


@pytest.fixture
def shown(api, settle):
    """Show somebody a page of what there is, as the API does; the page as they got it."""

    def page_of(person, *, feed="latest"):
        settle()
        page = api(person).get("/v1/feed", {"feed": feed}).json()
        logbook.flush()
        return page

    return page_of


@pytest.fixture
def evidence(settle):
    """What is counted of a post: acts above 0, by name."""

    def counted(post):
        settle()
        exposure.count()
        row = Exposure.objects.get(pk=post.pk)
        return {act: count for act in Act if (count := getattr(row, f"{act}_count"))}

    return counted


def publish(owner, job, **fields):
    given = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    return publishing.publish_draft(owner, job.drafts.get().pk, **{**given, **fields})


def remix(owner, post):
    return cast.finished_job(owner, sources=[Source(post.pk, "remix")])


def long_ago(span):
    """Everything that was served is moved into the past: pages carry their moment in their id."""
    ServedPage.objects.update(id=F("id") - (int(span.total_seconds() * 1000) << 21))


def test_a_remix_of_what_was_shown_is_opened_sent_and_published_by_one_person_each(ada, bo, cy, shown, evidence):
    post = cast.post(bo)
    for person in (ada, cy):
        shown(person)
    assert evidence(post) == {}
    jobs = [remix(ada, post), remix(ada, post), remix(cy, post)]
    assert evidence(post) == {"open": 2, "submit": 2}
    publish(ada, jobs[1])
    publish(ada, jobs[0])
    assert evidence(post) == {"open": 2, "submit": 2, "publish": 1}
    assert evidence(post) == {"open": 2, "submit": 2, "publish": 1}


def test_what_somebody_made_without_being_shown_it_counts_for_the_lineage_alone(ada, bo, evidence):
    post = cast.post(bo)
    publish(ada, remix(ada, post))
    assert evidence(post) == {}
    assert Exposure.objects.get(pk=post.pk).maker_count == 1
    assert not Attribution.objects.exists()


def test_a_day_later_it_is_not_put_down_to_the_feed(ada, bo, shown, evidence):
    post = cast.post(bo)
    shown(ada)
    long_ago(timedelta(hours=24, minutes=1))
    remix(ada, post)
    assert evidence(post) == {}


def test_ones_own_post_is_not_credited(bo, shown, evidence):
    post = cast.post(bo)
    shown(bo)
    remix(bo, post)
    assert evidence(post) == {}


def test_a_private_remix_was_sent_but_nothing_was_published(ada, bo, shown, evidence):
    post = cast.post(bo)
    shown(ada)
    publish(ada, remix(ada, post), visibility="private")
    assert evidence(post) == {"open": 1, "submit": 1}


def test_an_opening_told_by_the_client_and_one_that_follows_from_a_job_are_one(ada, bo, api, shown, evidence):
    post = cast.post(bo)
    pages = [shown(ada) for _ in range(2)]
    for page in pages:
        said = {"impression_id": page["items"][0]["impression_id"], "visible_ms": 900, "watched_ms": 900}
        client = api(ada)
        assert client.post("/v1/impressions", {"items": [{**said, "opened": page is pages[1]}]}).status_code == 202
    assert evidence(post) == {"open": 1}  # the second watch of the same post, and its first opening
    remix(ada, post)
    assert evidence(post) == {"open": 1, "submit": 1}


@pytest.fixture
def face(bo):
    return cast.approved(bo, audience="everyone")


def post_casting(author, face, settle):
    job = cast.finished_job(author, cast=[str(face.pk)])
    settle()
    return publish(author, job)


def test_casting_somebody_of_a_post_shown_right_before_is_put_down_to_it(ada, bo, cy, face, shown, settle, evidence):
    with_bo = post_casting(cy, face, settle)
    other = cast.post(cy)
    shown(ada)
    job = cast.finished_job(ada, cast=[str(face.pk)])
    assert evidence(with_bo) == {"open": 1, "cast_submit": 1}
    publish(ada, job)
    assert evidence(with_bo) == {"open": 1, "cast_submit": 1, "cast_publish": 1}
    assert evidence(other) == {}


def test_casting_an_hour_later_is_put_down_to_nothing(ada, cy, face, shown, settle, evidence):
    with_bo = post_casting(cy, face, settle)
    shown(ada)
    long_ago(timedelta(minutes=31))
    cast.finished_job(ada, cast=[str(face.pk)])
    assert evidence(with_bo) == {}


def test_casting_from_a_post_is_put_down_to_that_post_all_day(ada, cy, face, shown, settle, evidence):
    with_bo = post_casting(cy, face, settle)
    shown(ada)
    long_ago(timedelta(hours=5))
    cast.finished_job(ada, cast=[str(face.pk)], from_post_id=with_bo.pk)
    assert evidence(with_bo) == {"open": 1, "cast_submit": 1}


def test_casting_oneself_is_a_prompt_of_ones_own(bo, cy, face, shown, settle, evidence):
    with_bo = post_casting(cy, face, settle)
    shown(bo)
    cast.finished_job(bo, cast=[str(face.pk)])
    assert evidence(with_bo) == {}


def test_a_used_prompt_is_put_down_to_its_post(ada, bo, shown, evidence):
    post, other = cast.post(bo, prompt="a lighthouse in fog"), cast.post(bo)
    shown(ada)
    job = cast.finished_job(ada, prompt="a lighthouse in fog, at night", from_post_id=post.pk)
    publish(ada, job)
    assert evidence(post) == {"open": 1, "prompt_submit": 1, "prompt_publish": 1}
    assert evidence(other) == {}


def watch(api, person, page, position, ms):
    said = {"impression_id": page["items"][position]["impression_id"], "visible_ms": ms, "watched_ms": ms}
    assert api(person).post("/v1/impressions", {"items": [said]}).json() == {"stored": 1}


def test_a_free_prompt_is_put_down_to_what_was_watched_last(ada, bo, api, shown, evidence):
    posts = [cast.post(bo) for _ in range(3)]  # shown newest first
    page = shown(ada)
    watch(api, ada, page, 0, 4_000)
    watch(api, ada, page, 1, 4_000)
    watch(api, ada, page, 2, 300)
    cast.finished_job(ada, prompt="something of my own")
    assert evidence(posts[1]) == {"open": 1, "prompt_submit": 1}
    assert evidence(posts[0]) == evidence(posts[2]) == {}


def test_a_free_prompt_an_hour_later_is_put_down_to_nothing(ada, bo, api, shown, evidence):
    post = cast.post(bo)
    watch(api, ada, shown(ada), 0, 4_000)
    Watch.objects.update(reported_at=F("reported_at") - timedelta(minutes=31))
    cast.finished_job(ada, prompt="something of my own")
    assert evidence(post) == {}


def test_a_follow_is_counted_once_for_a_post_that_was_shown(ada, bo, cy, shown, settle):
    post, by_another = cast.post(bo), cast.post(cy)
    shown(ada)
    for _ in range(2):
        ties.follow(ada, "bo")
        settle()
        ties.unfollow(ada, "bo")
    assert Exposure.objects.get(pk=post.pk).follow_count == 1
    assert Exposure.objects.get(pk=by_another.pk).follow_count == 0


def test_a_follow_from_somebodys_profile_is_counted_for_nothing(ada, bo, settle):
    post = cast.post(bo)
    settle()
    ties.follow(ada, "bo")
    settle()
    assert Exposure.objects.get(pk=post.pk).follow_count == 0


def test_reports_count_people_who_were_shown_it(ada, bo, cy, shown, evidence):
    post = cast.post(bo)
    shown(ada)
    for _ in range(2):
        reporting.report(ada, post_id=post.pk, reason="spam")
    reporting.report(cy, post_id=post.pk, reason="spam")
    assert evidence(post) == {"report": 1}


def test_a_refused_job_was_never_sent(ada, bo, shown, evidence):
    post = cast.post(bo)
    shown(ada)
    job = submitting.submit(ada, prompt="a naked child", sources=[Source(post.pk, "remix")])
    assert job.status == "refused"
    assert evidence(post) == {}


def test_authors_have_what_all_their_posts_led_to(ada, bo, cy, shown, evidence):
    posts = [cast.post(bo) for _ in range(2)]
    shown(ada)
    publish(ada, remix(ada, posts[0]))
    evidence(posts[0])
    assert list(AuthorPulse.objects.values_list("author", "impression_count", "publish_count")) == [(bo.pk, 2, 1)]


# what comes of what was made


def test_what_carries_on_is_counted_a_week_later_by_distinct_makers(ada, bo, cy, shown, evidence, monkeypatch):
    post = cast.post(bo)
    shown(ada)
    made = publish(ada, remix(ada, post))
    dee, eve = cast.person("dee"), cast.person("eve")
    child = cast.post(dee, sources=[made])
    for author in (dee, eve, ada):  # a repeat, a second maker, and the maker themselves
        cast.post(author, sources=[child])
    for source, author in ((made, cy), (child, bo)):  # whom the maker, and a maker below, want to have no part in it
        taken_off = cast.post(author, sources=[source])
        derivations.decide(source.author, source.pk, taken_off.pk, detached=True)
    evidence(post)
    exposure.follow_descents()
    seen = Exposure.objects.get(pk=post.pk)
    assert (seen.descent_count, seen.descent_log_sum) == (0, 0)  # it is too early

    monkeypatch.setattr(exposure, "row_id_before", lambda span: 2**62)
    for _ in range(2):
        exposure.follow_descents()
        seen.refresh_from_db()
        assert seen.descent_count == 1
        assert seen.descent_log_sum == pytest.approx(1.0986, abs=1e-4)  # ln 3


def test_a_making_that_nobody_took_up_counts_as_one_that_ended(ada, bo, shown, evidence, monkeypatch):
    post = cast.post(bo)
    shown(ada)
    publish(ada, remix(ada, post))
    evidence(post)
    monkeypatch.setattr(exposure, "row_id_before", lambda span: 2**62)
    exposure.follow_descents()
    seen = Exposure.objects.get(pk=post.pk)
    assert (seen.descent_count, seen.descent_log_sum) == (1, 0)


def test_who_saved_or_remixed_an_author_answered_them(ada, bo, cy, settle):
    post = cast.post(bo)
    reactions.save(ada, post.pk)
    cast.post(cy, sources=[post])
    reactions.like(cy, post.pk)
    taken_off = cast.post(cast.person("dee"), sources=[post])
    derivations.decide(bo, post.pk, taken_off.pk, detached=True)
    settle()
    exposure.take_pulse()
    assert AuthorPulse.objects.get(pk=bo.pk).feedback_count_24h == 2
