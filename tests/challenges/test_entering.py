"""A post enters the challenge that it was made for, when it is published in time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from remix.models import EdgeKind
from sora_social.accounts import people
from sora_social.challenges import hosting
from sora_social.challenges.models import Challenge
from sora_social.core.errors import Conflict, Invalid
from sora_social.posts import posting
from sora_social.posts.models import Post
from sora_social.studio import publishing, submitting
from sora_social.studio.models import Generation
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@pytest.fixture
def rain(mod):
    return cast.challenge(mod)


def test_what_is_made_for_a_challenge_enters_it(rain, ada, bo, api):
    asked = api(ada).post("/v1/generations", {"prompt": "rain, one shot", "challenge_id": str(rain.pk)})
    assert asked.status_code == 202
    named = {"id": str(rain.pk), "title": "Rain in one shot", "ends_at": rain.ends_at.isoformat()[:-6] + "Z"}
    assert asked.json()["challenge"] == named
    draft = cast.finished_job(ada, challenge_id=rain.pk).drafts.get()
    published = api(ada).post(f"/v1/drafts/{draft.pk}/publish", {"caption": "wet"}).json()
    assert published["challenge"] == named
    assert api(bo).get(f"/v1/posts/{published['id']}").json()["challenge"] == named


def test_a_remix_of_an_entry_does_not_enter_by_itself_and_one_made_for_it_does(rain, ada, bo, api):
    entry = cast.entry(ada, rain)
    plain = api(bo).post(f"/v1/posts/{entry.pk}/remix", {"prompt": "at night"}).json()
    assert plain["challenge"] is None
    made = api(bo).post(f"/v1/posts/{entry.pk}/remix", {"prompt": "at night", "challenge_id": str(rain.pk)}).json()
    assert made["challenge"]["id"] == str(rain.pk)
    assert cast.post(bo, sources=[entry]).challenge_id is None


@pytest.mark.parametrize(("starts_in", "ends_in", "said"), [(-7200, -1, "It is over."), (60, 90, "has not begun")])
def test_a_challenge_that_is_not_open_is_refused_and_nothing_is_kept(starts_in, ends_in, said, mod, ada, api):
    closed = cast.challenge(mod, starts_in=starts_in, ends_in=ends_in)
    source = cast.post(ada)
    for path in ("/v1/generations", f"/v1/posts/{source.pk}/remix"):
        answer = api(ada).post(path, {"prompt": "rain", "challenge_id": str(closed.pk)})
        assert (answer.status_code, answer.json()["code"]) == (422, "challenge_closed")
        (error,) = answer.json()["errors"]["challenge_id"]
        assert error["code"] == "challenge_closed"
        assert said in error["message"]
    assert not Generation.objects.exists()
    assert api(ada).get("/v1/me/limits").json()["clips_used"] == 0


def test_a_challenge_that_is_not_there_or_not_listed_is_not_found(mod, ada, api):
    hidden = cast.challenge(mod, is_listed=False)
    for challenge_id in (str(hidden.pk), "1"):
        answer = api(ada).post("/v1/generations", {"prompt": "rain", "challenge_id": challenge_id})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    for wrong in ("x", "-1", str(2**63), ""):
        answer = api(ada).post("/v1/generations", {"prompt": "rain", "challenge_id": wrong})
        assert answer.status_code == 422, wrong
    assert not Generation.objects.exists()


@pytest.mark.parametrize(("late_s", "enters"), [(-1, True), (3599, True), (3601, False)])
def test_a_clip_that_took_its_time_enters_within_an_hour_after_the_end(late_s, enters, mod, ada):
    rain = cast.challenge(mod, ends_in=60)
    draft = cast.finished_job(ada, challenge_id=rain.pk).drafts.get()
    with time_machine.travel(rain.ends_at + timedelta(seconds=late_s), tick=False):
        post = publishing.publish_draft(ada, draft.pk, **WORDS)
    assert post.challenge_id == (rain.pk if enters else None)


def test_what_others_see_only_after_the_end_does_not_enter(rain, ada):
    draft = cast.finished_job(ada, challenge_id=rain.pk).drafts.get()
    post = publishing.publish_draft(ada, draft.pk, **WORDS, publish_at=rain.ends_at + timedelta(hours=2))
    assert post.challenge_id is None


def test_a_post_that_was_taken_back_enters_again_when_it_is_published_again(rain, ada, settle):
    draft = cast.finished_job(ada, challenge_id=rain.pk).drafts.get()
    undone = publishing.publish_draft(ada, draft.pk, **WORDS, undo_s=60)
    posting.undo_post(ada, undone.pk)
    settle()
    assert publishing.publish_draft(ada, draft.pk, **WORDS).challenge_id == rain.pk


def test_a_reroll_stays_in_the_challenge_while_it_is_open(rain, ada):
    job = cast.finished_job(ada, challenge_id=rain.pk)
    assert submitting.reroll(ada, job.pk).challenge_id == rain.pk
    hosting.end_challenge(rain.pk)
    assert submitting.reroll(ada, job.pk).challenge_id is None


def test_a_remix_through_the_studio_names_its_challenge(rain, ada, bo):
    source = cast.post(ada)
    assert submitting.remix(bo, source.pk, kind=EdgeKind.EXTEND, prompt="on", challenge_id=rain.pk).challenge == rain


@pytest.mark.usefixtures("committed")
def test_who_publishes_while_a_challenge_is_taken_off_the_list_does_not_enter():
    """The publisher found it listed, and waits for its row: the change that commits first is seen."""
    ada, mod = cast.person("ada"), cast.moderator("mod")
    rain = cast.challenge(mod)
    draft = cast.finished_job(ada, challenge_id=rain.pk).drafts.get()

    def publish():
        try:
            return publishing.publish_draft(ada, draft.pk, **WORDS)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hosting.list_challenge(rain.pk, is_listed=False)
            publication = pool.submit(publish)
            end = time.monotonic() + 10
            while not waiting_for_locks():
                assert time.monotonic() < end, publication.exception(0)
                time.sleep(0.01)
        post = publication.result(10)
    assert (post.challenge_id, Post.objects.get(pk=post.pk).challenge_id) == (None, None)


@pytest.mark.usefixtures("committed")
def test_no_entry_is_published_after_the_moment_a_challenge_closes(settings):
    """Ten people publish while it is ended: who is in was before the end, who is not was after it."""
    settings.CHALLENGE_GRACE = timedelta(0)
    mod, makers = cast.moderator("mod"), [cast.person(f"maker{n}") for n in range(10)]
    rain = cast.challenge(mod)
    drafts = [(maker, cast.finished_job(maker, challenge_id=rain.pk).drafts.get().pk) for maker in makers]
    barrier = threading.Barrier(len(drafts) + 1)

    def publish(number):
        maker, draft_id = drafts[number]
        try:
            barrier.wait(10)
            time.sleep(0.01 * number)
            return publishing.publish_draft(maker, draft_id, **WORDS)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(drafts)) as pool:
        publications = [pool.submit(publish, number) for number in range(len(drafts))]
        barrier.wait(10)
        time.sleep(0.05)
        hosting.end_challenge(rain.pk)
        posts = [publication.result(20) for publication in publications]
    ended = Challenge.objects.get(pk=rain.pk).ends_at
    assert len(posts) == 10
    for post in posts:
        assert (post.challenge_id == rain.pk) == (post.shown_at <= ended)


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


# what is said of a challenge beside a post


def test_a_challenge_that_is_renamed_or_taken_off_the_list_shows_at_the_next_request(rain, ada, bo, api):
    entry = cast.entry(ada, rain)
    path = f"/v1/posts/{entry.pk}"
    assert api(bo).get(path).json()["challenge"]["title"] == "Rain in one shot"
    hosting.change_challenge(rain.pk, title="Rain, no cuts")
    assert api(bo).get(path).json()["challenge"]["title"] == "Rain, no cuts"
    hosting.end_challenge(rain.pk)
    ended = api(bo).get(path).json()["challenge"]
    assert ended["ends_at"] <= timezone.now().isoformat()
    hosting.list_challenge(rain.pk, is_listed=False)
    assert api(bo).get(path).json()["challenge"] is None
    hosting.list_challenge(rain.pk, is_listed=True)
    assert api(bo).get(path).json()["challenge"] == ended


# hosting


def test_a_challenge_ends_after_it_starts(mod):
    now = timezone.now()
    with pytest.raises(Invalid):
        hosting.announce_challenge(mod, title="Backwards", starts_at=now, ends_at=now)
    past = {"starts_at": now - timedelta(hours=2), "ends_at": now - timedelta(hours=1)}
    with pytest.raises(Invalid):
        hosting.announce_challenge(mod, title="Over", **past)
    assert not Challenge.objects.exists()
    rain = cast.challenge(mod)
    with pytest.raises(Invalid):
        hosting.change_challenge(rain.pk, ends_at=rain.starts_at)
    with pytest.raises(IntegrityError, match="a_challenge_ends_after_it_starts"), transaction.atomic():
        Challenge.objects.filter(pk=rain.pk).update(ends_at=rain.starts_at)
    rain.refresh_from_db()
    assert (rain.ends_at > rain.starts_at, rain.version) == (True, 1)


def test_only_an_open_challenge_is_ended_early(mod):
    coming = cast.challenge(mod, starts_in=60, ends_in=90)
    with pytest.raises(Conflict):
        hosting.end_challenge(coming.pk)
    coming.refresh_from_db()
    assert coming.version == 1


def test_a_host_who_is_suspended_leaves_the_challenge_standing(rain, mod, ada):
    people.set_active(mod.pk, active=False)
    assert cast.entry(ada, rain).challenge_id == rain.pk
