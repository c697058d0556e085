"""Who may cast whom, and what becomes of it when they change their mind."""

import secrets
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cameos import casting, consent, erasing, memorials, requesting
from cameos.consent import Mode
from cameos.events import CastRequestAnswered
from cameos.limits import Doubt
from cameos.models import Appearance, Audience, CastRequest, ConsentRecord
from remix import lineage
from sora_social.accounts import ties
from sora_social.accounts.models import Handle
from sora_social.credits import quota
from sora_social.credits.ledger import balance_of
from sora_social.credits.models import Entry
from sora_social.posts.models import Post
from sora_social.studio import appearing, cancelling, drafts, generating, limiting, publishing, submitting, withdrawing
from sora_social.studio.models import Draft, DraftStatus, Generation, JobStatus
from sora_social.studio.submitting import Source
from tests import cast

WORDS = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public", "caption": ""}


def published(author, *faces, **words) -> Post:
    """A post that casts these cameos, made through job and draft."""
    job = cast.finished_job(author, cast=[str(face.pk) for face in faces], **words)
    return publishing.publish_draft(author, job.drafts.get().pk, **WORDS)


def mutuals(one, other):
    ties.follow(one, other.handle)
    ties.follow(other, one.handle)


@pytest.fixture
def face(ada):
    return cast.cameo(ada, audience=Audience.EVERYONE)


def test_nobody_but_the_owner_casts_a_new_cameo(ada, bo):
    face = cast.cameo(ada)
    cast.finished_job(ada, cast=["@ada"])
    for name in ("@ada", "ada", str(face.pk), "@nobody", "1"):
        with pytest.raises(casting.CastNotAllowed):
            submitting.submit(bo, prompt="a quiet beach", cast=[name])
    with pytest.raises(casting.CastNotAllowed):
        submitting.submit(bo, prompt="a beach with @ada on it")
    assert Generation.objects.filter(owner=bo).count() == 0


def test_a_handle_in_the_prompt_casts(ada, bo, face):
    job = submitting.submit(bo, prompt="@ada, on a quiet beach.")
    assert list(casting.cast_of_job(job.pk).values_list("cameo_id", "record_id")) == [(face.pk, face.terms_record_id)]


@pytest.mark.parametrize(
    ("audience", "granted", "mutual", "may"),
    [
        ("only_me", True, True, False),
        ("approved", False, True, False),
        ("approved", True, False, True),
        ("mutuals", False, False, False),
        ("mutuals", False, True, True),
        ("mutuals", True, False, True),
        ("everyone", False, False, True),
    ],
)
def test_the_audience_decides(ada, bo, audience, granted, mutual, may):
    face = cast.cameo(ada, audience=audience)
    if granted:
        consent.grant(ada, face.pk, "bo")
    if mutual:
        mutuals(ada, bo)
    assert (face.pk in casting.castable_among(bo, [face.pk])) is may


def test_a_limit_refuses_and_costs_nothing(ada, bo):
    cast.cameo(ada, audience="everyone", limits={"no_politics": True})
    job = submitting.submit(bo, prompt="@ada wins the election")
    assert (job.status, job.refusal["stage"], job.refusal["rule"], job.refusal["limit"]) == (
        JobStatus.REFUSED,
        "cast",
        "cast_restriction",
        "no_politics",
    )
    assert job.hold is None
    start, end = job.refusal["span"]["start"], job.refusal["span"]["end"]
    assert "election" in job.prompt[start:end]
    assert Appearance.objects.get(job_id=job.pk).cameo.owner == ada


@pytest.mark.parametrize("mode", list(Mode))
def test_a_revocation_is_in_force_at_the_next_request(ada, bo, cy, api, settle, face, mode):
    post = published(bo, face)
    child = publishing.publish_draft(
        cy, cast.finished_job(cy, sources=[lineage.Source(post.pk, "remix")]).drafts.get().pk, **WORDS
    )
    waiting = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    settle()
    assert api(cy).get(f"/v1/posts/{post.pk}").json()["cast"][0]["handle"] == "ada"
    consent.revoke(ada, face.pk, mode=mode)
    stays = mode == Mode.FUTURE_ONLY
    for viewer in (ada, bo, cy):
        for shown in (post, child):
            assert api(viewer).get(f"/v1/posts/{shown.pk}").status_code == (200 if stays else 404)
    assert api(bo).get(f"/v1/drafts/{waiting.pk}").json()["status"] == "withdrawn"
    assert api(bo).post(f"/v1/drafts/{waiting.pk}/publish", WORDS).json()["code"] == "cast_not_allowed"
    settle()
    settle()
    consent.set_terms(ada, face.pk, audience="everyone")
    settle()
    for shown in (post, child):
        assert api(bo).get(f"/v1/posts/{shown.pk}").status_code == (200 if stays else 404)
    assert api(bo).get(f"/v1/drafts/{waiting.pk}").json()["status"] == "withdrawn"
    assert api(bo).post(f"/v1/drafts/{waiting.pk}/publish", WORDS).status_code == 409


def test_a_derivation_inherits_unless_somebody_is_replaced(ada, bo, cy, face):
    other = cast.cameo(cy, audience="everyone")
    post = published(bo, face)
    same = cast.finished_job(cy, sources=[lineage.Source(post.pk, "remix")])
    swapped = cast.finished_job(
        cy, sources=[lineage.Source(post.pk, "remix")], cast_replacements={"@ada": f"{other.pk}"}
    )
    none = cast.finished_job(cy, sources=[lineage.Source(post.pk, "remix")], cast_replacements={str(face.pk): None})
    assert [
        list(casting.cast_of_draft(job.drafts.get().pk).values_list("cameo_id", flat=True))
        for job in (same, swapped, none)
    ] == [
        [face.pk],
        [other.pk],
        [],
    ]


def test_ask_first_holds_the_draft_until_the_owner_agrees(ada, bo, api, settle):
    face = cast.cameo(ada, audience="everyone", ask_first=True)
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    assert draft.status == DraftStatus.AWAITING_CAST
    refused = api(bo).post(f"/v1/drafts/{draft.pk}/publish", WORDS)
    assert (refused.status_code, refused.json()["code"]) == (409, "awaiting_cast")
    [asked] = api(ada).get("/v1/cast-requests").json()["items"]
    assert (asked["state"], asked["first_time"], asked["appearance"]["by"]["handle"]) == ("pending", True, "bo")
    assert api(bo).post(f"/v1/cast-requests/{asked['id']}/approve").status_code == 404
    assert api(ada).post(f"/v1/cast-requests/{asked['id']}/approve").status_code == 204
    settle()
    assert api(bo).post(f"/v1/drafts/{draft.pk}/publish", WORDS).status_code == 201
    assert cast.finished_job(bo, cast=["@ada"]).drafts.get().status == DraftStatus.READY
    consent.revoke(ada, face.pk, mode=Mode.FUTURE_ONLY)
    consent.set_terms(ada, face.pk, audience="everyone")
    assert cast.finished_job(bo, cast=["@ada"]).drafts.get().status == DraftStatus.AWAITING_CAST


def test_a_no_withdraws_the_draft_and_names_nobody(ada, bo, cy, api, settle):
    cast.cameo(ada, audience="everyone", ask_first=True)
    cast.cameo(cy, audience="everyone", ask_first=True)
    draft = cast.finished_job(bo, cast=["@ada", "@cy"]).drafts.get()
    mine, theirs = (CastRequest.objects.get(draft_id=draft.pk, cameo__owner=owner) for owner in (ada, cy))
    requesting.approve(ada, mine.pk)
    requesting.decline(cy, theirs.pk)
    assert api(bo).get(f"/v1/drafts/{draft.pk}").json()["status"] == "withdrawn"
    settle()
    shown = api(bo).get(f"/v1/drafts/{draft.pk}").json()
    assert (shown["status"], shown["media"]) == ("withdrawn", None)
    assert api(bo).post(f"/v1/drafts/{draft.pk}/publish", WORDS).status_code == 409


def test_the_owner_sees_everything_and_removes_it(ada, bo, cy, api, settle, face):
    post = published(bo, face)
    child = publishing.publish_draft(
        cy, cast.finished_job(cy, sources=[lineage.Source(post.pk, "remix")]).drafts.get().pk, **WORDS
    )
    ties.block(bo, "ada")
    url = f"/v1/cameos/{face.pk}/appearances"
    items = api(ada).get(url).json()["items"]
    assert [(item["kind"], item["status"], item["by"] and item["by"]["handle"]) for item in items] == [
        ("post", "posted", "cy"),
        ("post", "posted", None),
    ]
    assert api(bo).get(url).status_code == 404
    assert api(cy).delete(f"{url}/{items[1]['id']}").status_code == 404
    assert api(ada).delete(f"{url}/{items[1]['id']}").status_code == 204
    for shown in (post, child):
        assert api(cy).get(f"/v1/posts/{shown.pk}").status_code == 404
    settle()
    assert {item["status"] for item in api(ada).get(url).json()["items"]} == {"withdrawn"}


def test_narrowing_cancels_what_is_under_way(ada, bo, settle, face):
    job = submitting.submit(bo, prompt="a quiet beach", cast=["@ada"])
    consent.set_terms(ada, face.pk, audience="approved")
    settle()
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


def test_a_worker_asks_before_it_calls_the_provider(ada, bo, face, monkeypatch):
    called = []
    job = submitting.submit(bo, prompt="a quiet beach", cast=["@ada"])
    monkeypatch.setattr(generating.providers, "named", called.append)
    consent.set_terms(ada, face.pk, audience="approved")
    generating.render(job.pk)
    job.refresh_from_db()
    assert (job.status, job.refusal["rule"], called) == (JobStatus.REFUSED, "cast_not_allowed", [])
    assert job.hold.state == "released"


def test_consent_taken_back_while_the_clip_was_made_discards_it(ada, bo, face):
    job = submitting.submit(bo, prompt="a quiet beach", cast=["@ada"])
    claimed = generating.claim(job.pk)
    consent.revoke(ada, face.pk, mode=Mode.FUTURE_ONLY)
    assert generating._complete(claimed, [cast.clip()]) is False
    assert [draft.status for draft in Draft.objects.filter(generation=job)] == ["refused"]


def test_hide_my_face(ada, bo, api, face):
    post = published(bo, face)
    own = published(ada, face)
    consent.hide_my_face(ada)
    for viewer in (ada, bo):
        assert api(viewer).get(f"/v1/posts/{post.pk}").status_code == 404
        assert api(viewer).get(f"/v1/posts/{own.pk}").status_code == 404
    assert consent.own_cameo(ada, face.pk).audience == "only_me"
    assert ConsentRecord.objects.filter(cameo=face).order_by("-seq").first().kind == "hidden"


def test_a_wall_to_somebody_in_the_cast_hides_the_post(ada, bo, cy, api, settle, face):
    post = published(bo, face)
    ties.block(ada, "cy")
    assert api(cy).get(f"/v1/posts/{post.pk}").status_code == 404
    assert api(ada).get(f"/v1/posts/{post.pk}").status_code == 200
    assert api(bo).get(f"/v1/posts/{post.pk}").status_code == 200


def test_what_is_over_with_a_block_does_not_come_back(ada, bo, settle):
    face = cast.cameo(ada, audience="approved")
    consent.grant(ada, face.pk, "bo")
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    ties.block(ada, "bo")
    ties.unblock(ada, "bo")
    settle()
    assert casting.castable_among(bo, [face.pk]) == {}
    consent.grant(ada, face.pk, "bo")
    with transaction.atomic(), pytest.raises(Exception, match="wants this shown"):
        publishing._agreed_cast(bo, Draft.objects.get(pk=draft.pk))
    assert appearing.appearances_of(ada, face.pk, cursor="", limit=20).items[0].status == "withdrawn"


def test_a_licence_is_paid_when_the_clip_is_made(ada, bo):
    cast.cameo(
        ada, audience="everyone", licence={"per": "second", "credits": 2, "quota": 1, "until": None, "ads": False}
    )
    with pytest.raises(quota.CreditsExceeded):
        submitting.submit(bo, prompt="a quiet beach", cast=["@ada"], seconds=5)
    assert Generation.objects.count() == 0
    Entry.objects.create(owner=bo, credits=25, reason="gift")
    with pytest.raises(casting.CastNotAllowed, match="ads"):
        submitting.submit(bo, prompt="a quiet beach", cast=["@ada"], is_ad=True)
    job = submitting.submit(bo, prompt="a quiet beach", cast=["@ada"], seconds=5)
    with pytest.raises(casting.CastNotAllowed, match="sold out"):
        submitting.submit(bo, prompt="a quiet beach", cast=["@ada"], seconds=5)
    generating._complete(generating.claim(job.pk), [cast.clip()])
    assert (balance_of(ada).credits, balance_of(bo).credits) == (10, 15)


def test_the_words_behind_a_remix_are_judged_for_whoever_is_put_into_it(ada, bo, cy):
    cast.cameo(ada, audience="everyone", limits={"no_politics": True})
    source = cast.post(cy, prompt="vote for the party in the election")
    job = submitting.submit(bo, prompt="the same with @ada", sources=[lineage.Source(source.pk, "remix")])
    assert (job.status, job.refusal["limit"], job.refusal["span"]) == (JobStatus.REFUSED, "no_politics", None)


def test_a_doubt_is_for_the_owner(ada, bo):
    cast.cameo(ada, audience="everyone", restrictions="I never ride horses.")
    draft = cast.finished_job(bo, prompt="@ada on a horse at the beach").drafts.get()
    assert draft.status == DraftStatus.AWAITING_CAST
    assert CastRequest.objects.get().doubts[0]["limit"] == "restrictions"


def test_who_is_in_the_memorial_registry_is_not_shown(ada, bo):
    claim = memorials.claim(ada, name="Rosa Tern", aliases=["Rosie Tern"], relation="daughter", evidence="a letter")
    waiting = submitting.submit(bo, prompt="Rosa Tern on a beach")
    assert waiting.status == JobStatus.QUEUED
    memorials.close(claim.pk)
    generating.render(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.refusal["rule"], waiting.hold.state) == (JobStatus.REFUSED, "memorial", "released")
    refused = submitting.submit(bo, prompt="a song by ROSIE TERN at sea")
    span = refused.refusal["span"]
    assert (refused.refusal["rule"], refused.prompt[span["start"] : span["end"]]) == ("memorial", "ROSIE TERN")
    source = cast.post(ada, prompt="rosa tern dancing")
    behind = submitting.submit(bo, prompt="the same at night", sources=[lineage.Source(source.pk, "remix")])
    assert (behind.refusal["rule"], behind.refusal["span"]) == ("memorial", None)


FIRST_WITHDRAWN = {
    "revoked": lambda ada, face, draft: consent.revoke(ada, face.pk, mode=Mode.UNPUBLISH_ALL),
    "revoked for the future": lambda ada, face, draft: consent.revoke(ada, face.pk, mode=Mode.FUTURE_ONLY),
    "hidden": lambda ada, face, draft: consent.hide_my_face(ada),
    "removed": lambda ada, face, draft: appearing.remove(ada, face.pk, Appearance.objects.get(draft_id=draft.pk).pk),
    "narrowed": lambda ada, face, draft: consent.set_terms(ada, face.pk, audience="only_me"),
}


@pytest.mark.parametrize("is_posted", [True, False])
@pytest.mark.parametrize("first", FIRST_WITHDRAWN)
def test_what_was_withdrawn_before_is_destroyed_by_an_erasure_too(
    ada, bo, settle, face, first, is_posted, media_folder, monkeypatch
):
    monkeypatch.setattr(withdrawing, "AT_ONCE", 1)
    job = cast.finished_job(bo, cast=["@ada"], variations=2)
    paths = [media_folder / draft.clip.video_key for draft in job.drafts.all()]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"the face of ada")
    for draft in job.drafts.all() if is_posted else ():
        publishing.publish_draft(bo, draft.pk, **WORDS)
    for draft in job.drafts.all():
        FIRST_WITHDRAWN[first](ada, face, draft)
    settle()
    assert [path.exists() for path in paths] == [True, True]
    erasing.erase(ada, face.pk)
    settle()
    assert [path.exists() for path in paths] == [False, False]


TAKEN_BACK = {
    "only me": lambda ada, face: consent.set_terms(ada, face.pk, audience="only_me"),
    "for the future": lambda ada, face: consent.revoke(ada, face.pk, mode=Mode.FUTURE_ONLY),
    "the grant": lambda ada, face: consent.end_grant(ada, face.pk, "bo"),
    "a block": lambda ada, face: ties.block(ada, "bo"),
    "a limit": lambda ada, face: consent.set_terms(ada, face.pk, limits={"no_romance": True}),
}


def granted_draft(ada, bo) -> tuple:
    face = cast.cameo(ada, audience="approved")
    consent.grant(ada, face.pk, "bo")
    return face, cast.finished_job(bo, cast=["@ada"], prompt="a kiss on the beach").drafts.get()


@pytest.mark.parametrize("how", TAKEN_BACK)
def test_a_private_post_does_not_come_out_after_consent_was_taken_back(ada, bo, cy, api, settle, how):
    face, draft = granted_draft(ada, bo)
    post = publishing.publish_draft(bo, draft.pk, **{**WORDS, "visibility": "private"})
    TAKEN_BACK[how](ada, face)
    refused = api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "public"})
    assert refused.status_code in (404, 409)
    assert Post.objects.get(pk=post.pk).visibility == "private"
    settle()
    assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "unlisted"}).status_code in (404, 409)
    if how != "a block":
        consent.set_terms(ada, face.pk, audience="everyone")
    assert api(cy).get(f"/v1/posts/{post.pk}").status_code == 404


def test_a_private_post_comes_out_while_its_cast_allows_it_and_is_hidden_again(ada, bo, cy, api):
    face, draft = granted_draft(ada, bo)
    post = publishing.publish_draft(bo, draft.pk, **{**WORDS, "visibility": "private"})
    assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "public"}).status_code == 200
    consent.set_terms(ada, face.pk, audience="only_me")
    assert api(cy).get(f"/v1/posts/{post.pk}").status_code == 200
    assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "followers"}).status_code == 200
    assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "private"}).status_code == 200
    assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "public"}).json()["code"] == "cast_not_allowed"


@pytest.mark.parametrize("how", TAKEN_BACK)
def test_a_scheduled_post_does_not_come_out_after_consent_was_taken_back(ada, bo, cy, api, settle, how):
    face, draft = granted_draft(ada, bo)
    later = timezone.now() + timedelta(days=20)
    post = publishing.publish_draft(bo, draft.pk, **WORDS, publish_at=later)
    TAKEN_BACK[how](ada, face)
    if how == "a limit":  # words are judged a moment later
        settle()
    come_true(post)
    assert api(cy).get(f"/v1/posts/{post.pk}").status_code == 404
    settle()
    assert api(cy).get(f"/v1/posts/{post.pk}").status_code == 404


def come_true(post):
    """The day of a scheduled post has come."""
    Post.objects.filter(pk=post.pk).update(shown_at=timezone.now())
    Appearance.objects.filter(post_id=post.pk).update(shown_at=timezone.now())


def test_a_doubt_that_comes_after_the_draft_is_put_to_the_owner(ada, bo, api, settle, face):
    draft = cast.finished_job(bo, cast=["@ada"], prompt="riding a horse on the beach").drafts.get()
    consent.set_terms(ada, face.pk, restrictions="I never ride a horse.")
    for _ in range(2):
        refused = api(bo).post(f"/v1/drafts/{draft.pk}/publish", WORDS)
        assert (refused.status_code, refused.json()["code"]) == (409, "awaiting_cast")
        settle()
    draft.refresh_from_db()
    assert draft.status == DraftStatus.AWAITING_CAST
    asked = CastRequest.objects.get(draft_id=draft.pk)
    assert (asked.is_first_time, [doubt["limit"] for doubt in asked.doubts]) == (False, ["restrictions"])
    requesting.approve(ada, asked.pk)
    settle()
    consent.set_terms(ada, face.pk, preferences="in green")
    settle()
    draft.refresh_from_db()
    assert draft.status == DraftStatus.READY
    consent.set_terms(ada, face.pk, restrictions="I never ride a horse. Not on a beach.")
    assert api(bo).post(f"/v1/drafts/{draft.pk}/publish", WORDS).json()["code"] == "awaiting_cast"
    settle()
    asked.refresh_from_db()
    assert (asked.state, asked.answered_at) == ("pending", None)
    requesting.decline(ada, asked.pk)
    settle()
    draft.refresh_from_db()
    assert draft.status == DraftStatus.WITHDRAWN


def test_who_begins_to_ask_first_is_asked_about_what_is_ready(ada, bo, settle, face):
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    consent.set_terms(ada, face.pk, ask_first=True)
    settle()
    draft.refresh_from_db()
    assert draft.status == DraftStatus.AWAITING_CAST
    assert CastRequest.objects.get(draft_id=draft.pk).is_first_time


def test_a_private_post_is_asked_about_and_comes_out_after_a_yes(ada, bo, api, settle, face):
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    post = publishing.publish_draft(bo, draft.pk, **{**WORDS, "visibility": "private"})
    consent.set_terms(ada, face.pk, ask_first=True)
    for _ in range(2):
        assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "public"}).json()["code"] == "awaiting_cast"
        settle()
    requesting.approve(ada, CastRequest.objects.get(draft_id=draft.pk).pk)
    assert api(bo).patch(f"/v1/posts/{post.pk}", {"visibility": "public"}).status_code == 200


def test_a_yes_beside_somebodys_no_makes_nobody_known(ada, bo, cy):
    for owner in (ada, bo):
        cast.cameo(owner, audience="everyone", ask_first=True)
    cast.finished_job(cy, cast=["@ada", "@bo"])
    requesting.approve(ada, CastRequest.objects.get(cameo__owner=ada).pk)
    requesting.decline(bo, CastRequest.objects.get(cameo__owner=bo).pk)
    again = [cast.finished_job(cy, cast=[name]).drafts.get().status for name in ("@ada", "@bo")]
    assert again == [DraftStatus.AWAITING_CAST] * 2


@pytest.mark.parametrize("end", ["a grant", "a block"])
def test_who_was_known_is_new_after_it_ended(ada, bo, settle, end):
    face = cast.cameo(ada, audience="everyone", ask_first=True)
    cast.finished_job(bo, cast=["@ada"])
    requesting.approve(ada, CastRequest.objects.get().pk)
    assert cast.finished_job(bo, cast=["@ada"]).drafts.get().status == DraftStatus.READY
    if end == "a grant":
        consent.grant(ada, face.pk, "bo")
        consent.end_grant(ada, face.pk, "bo")
    else:
        ties.block(ada, "bo")
        ties.unblock(ada, "bo")
    settle()
    assert cast.finished_job(bo, cast=["@ada"]).drafts.get().status == DraftStatus.AWAITING_CAST


@pytest.mark.parametrize(
    ("end", "earned"),
    [
        (lambda ada, bo, asked, draft: requesting.approve(ada, asked.pk), 5),
        (lambda ada, bo, asked, draft: requesting.decline(ada, asked.pk), 0),
        (lambda ada, bo, asked, draft: consent.revoke(ada, asked.cameo_id, mode=Mode.FUTURE_ONLY), 0),
        (lambda ada, bo, asked, draft: drafts.delete_draft(bo, draft.pk), 0),
    ],
    ids=["approved", "declined", "revoked", "thrown away"],
)
def test_a_licence_is_paid_for_what_its_owner_agreed_to_and_else_goes_back(ada, bo, settle, end, earned):
    price = {"per": "clip", "credits": 5, "quota": None, "until": None, "ads": False}
    cast.cameo(ada, audience="everyone", ask_first=True, licence=price)
    Entry.objects.create(owner=bo, credits=20, reason="gift")
    first, second = cast.finished_job(bo, cast=["@ada"], variations=2).drafts.order_by("id")
    settle()
    assert (balance_of(ada).credits, balance_of(bo).credits) == (0, 10)
    asked = CastRequest.objects.get(draft_id=first.pk)
    end(ada, bo, asked, first)
    if asked.epoch == 1 and CastRequest.objects.get(draft_id=second.pk).state == "pending":
        requesting.decline(ada, CastRequest.objects.get(draft_id=second.pk).pk)
    for _ in range(2):
        settle()
        withdrawing.follow_answer(CastRequestAnswered(draft_id=first.pk))
    assert (balance_of(ada).credits, balance_of(bo).credits) == (earned, 20 - earned)
    assert not CastRequest.objects.filter(state="pending").exists()


def test_who_is_behind_a_wall_is_not_shown_in_ones_jobs_and_drafts(ada, bo, api, face):
    job = cast.finished_job(bo, cast=["@ada"])
    urls = [f"/v1/generations/{job.pk}", f"/v1/drafts/{job.drafts.get().pk}"]
    assert "ada" in str(api(bo).get(urls[0]).json()["cast"])
    ties.block(ada, "bo")
    for url in urls:
        assert str(face.pk) not in api(bo).get(url).content.decode()


def test_the_words_of_a_shot_cast_and_are_judged(ada, bo):
    cast.cameo(ada, audience="everyone", limits={"no_romance": True})
    shots = [{"text": "@ada kisses a stranger", "seconds": 1}]
    job = submitting.submit(bo, prompt="a rainy street", shots=shots)
    assert (job.status, job.refusal["limit"]) == ("refused", "no_romance")
    assert job.refusal["span"] is None
    with pytest.raises(casting.CastNotAllowed):
        submitting.submit(bo, prompt="@ada", shots=[{"text": "@kissing and @stabbing", "seconds": 1}])


def character(owner, handle, **terms):
    made = cast.cameo(owner, kind="character", figure="pet", name=Handle.objects.create(name=handle), display_name="")
    consent.set_terms(owner, made.pk, **terms)
    return made


def test_what_others_in_the_cast_say_of_themselves_is_judged(ada, bo):
    cast.cameo(ada, audience="everyone", limits={"no_embarrassing": True, "languages": ["en"]})
    character(bo, "clown", preferences="穿红色的衣服，站着")
    character(bo, "fool", preferences="is drunk beside @ada")
    kept = submitting.submit(bo, prompt="@ada and @clown are on a stage with the band")
    assert kept.status == "queued"
    job = submitting.submit(bo, prompt="@ada and @fool are on a stage with the band")
    assert (job.status, job.refusal["limit"]) == ("refused", "no_embarrassing")
    assert "@ada" not in job.refusal["message"]
    assert submitting.submit(bo, prompt="@fool alone on a stage").status == "queued"


def test_a_handle_that_is_a_strong_word_is_a_doubt(ada, bo):
    cast.cameo(ada, audience="everyone", limits={"no_romance": True})
    character(bo, "kissing")
    assert cast.finished_job(bo, prompt="@ada @kissing a stranger").drafts.get().status == DraftStatus.AWAITING_CAST
    assert CastRequest.objects.get().doubts == [
        {"limit": "no_romance", "reason": "The handle @kissing may mean romance."}
    ]


def test_looks_go_past_memorials_and_safety(ada, bo):
    with transaction.atomic():
        memorials.close(memorials.claim(bo, name="Robin Williams", aliases=[], relation="son", evidence="x").pk)
    character(ada, "clown", preferences="looks like Robin Williams")
    character(ada, "doll", preferences="a 12 year old girl")
    assert submitting.submit(ada, prompt="@clown on stage").refusal["rule"] == "memorial"
    assert submitting.submit(ada, prompt="@doll in lingerie").refusal["rule"] == "lineage"


def test_a_long_lineage_keeps_nobody_waiting(ada, bo, cy):
    words = ["no_romance", "no_ads", "no_politics", "no_violence", "no_embarrassing", "no_major_appearance_change"]
    face = cast.cameo(ada, audience="everyone", limits={**dict.fromkeys(words, True), "languages": ["en"]})
    last = None
    for number in range(51):
        last = cast.post(bo, sources=[last] if last else [], prompt=f"{number} " + "1 " * 990)
    shots = [{"text": "1 " * 250, "seconds": 1}] * 5
    submitting.submit(cy, prompt="1 x 1 @ada")  # the expressions are compiled
    begun = time.process_time()
    job = submitting.submit(cy, prompt="1 " * 990 + "@ada", sources=[Source(last.pk, "remix")], shots=shots)
    took = time.process_time() - begun
    assert job.status == "queued"
    [(_, judgement)] = limiting.judged([face], job)
    assert Doubt("no_ads", "It is made from more words than are read.") in judgement.doubts
    assert took < 0.6, took


def test_terms_that_changed_while_the_words_were_read_are_read_again(ada, bo, monkeypatch):
    face = cast.cameo(ada, audience="everyone")
    hold = casting.hold

    def narrowed(actor, cameo_ids):
        consent.set_terms(ada, face.pk, limits={"no_romance": True})
        return hold(actor, cameo_ids)

    monkeypatch.setattr(casting, "hold", narrowed)
    assert submitting.submit(bo, prompt="@ada is kissing her in the rain").refusal["limit"] == "no_romance"


def test_the_country_is_that_of_the_request(ada, bo, api, settings):
    settings.COUNTRY_HEADER = "X-Country"
    cast.cameo(ada, audience="everyone", limits={"regions": ["JP"]})
    bo.country = "JP"
    bo.save(update_fields=["country"])
    words = {"prompt": "@ada on a beach"}
    at_home = api(bo).post("/v1/generations", words, headers={"X-Country": "jp"}).json()
    abroad = api(bo).post("/v1/generations", words, headers={"X-Country": "NL"}).json()
    assert (at_home["status"], abroad["status"]) == ("queued", "refused")
    assert abroad["refusal"]["limit"] == "regions"
    again = api(bo).post(f"/v1/generations/{at_home['id']}/reroll", headers={"X-Country": "NL"}).json()
    assert again["refusal"]["limit"] == "regions"
    unknown = api(bo).post("/v1/generations", words, headers={"X-Country": "UNKNOWN"}).json()
    assert list(Generation.objects.order_by("pk").values_list("country", flat=True)) == ["JP", "NL", "NL", ""]
    assert unknown["status"] == "queued"
    bo.country = "NL"  # what is declared later changes nothing
    bo.save(update_fields=["country"])
    job = Generation.objects.get(pk=at_home["id"])
    generating.render(job.pk)
    job.refresh_from_db()
    assert job.status == "completed"


def test_a_name_that_was_closed_meanwhile_is_not_published(ada, bo, api):
    claim = memorials.claim(ada, name="Rosa Tern", aliases=[], relation="daughter", evidence="a letter")
    draft = cast.finished_job(bo, prompt="Rosa Tern on a beach").drafts.get()
    memorials.close(claim.pk)
    refused = api(bo).post(f"/v1/drafts/{draft.pk}/publish", WORDS)
    assert (refused.status_code, refused.json()["code"]) == (403, "prompt_refused")
    assert Post.objects.count() == 0


@pytest.mark.usefixtures("committed")
def test_two_who_decline_at_once_do_not_wait_for_each_other(at_once):
    for _ in range(5):
        owners = [cast.person(secrets.token_hex(4)) for _ in range(2)]
        for owner in owners:
            cast.cameo(owner, audience="everyone", ask_first=True)
        maker = cast.person(secrets.token_hex(4))
        draft = cast.finished_job(maker, cast=[f"@{owner.handle}" for owner in owners]).drafts.get()
        asked = [CastRequest.objects.get(draft_id=draft.pk, cameo__owner=owner).pk for owner in owners]
        answers = at_once(lambda turn, owners=owners, asked=asked: requesting.decline(owners[turn], asked[turn]), 2)
        assert all(answer is None or getattr(answer, "code", "") == "request_closed" for answer in answers), answers
        assert requesting.is_agreed(draft.pk) is False


@pytest.mark.usefixtures("committed")
def test_two_buyers_of_the_same_two_faces_in_either_order(at_once):
    ada, eve, bo, cy = (cast.person(name) for name in ("ada", "eve", "bo", "cy"))
    licence = {"per": "clip", "credits": 1, "quota": 100, "until": None, "ads": False}
    faces = [cast.cameo(owner, audience="everyone", licence=licence) for owner in (ada, eve)]
    for buyer in (bo, cy):
        Entry.objects.create(owner=buyer, credits=50, reason="gift")
    for _ in range(4):
        orders = [[str(face.pk) for face in faces], [str(face.pk) for face in reversed(faces)]]
        answers = at_once(
            lambda turn, orders=orders: submitting.submit((bo, cy)[turn], prompt="a quiet beach", cast=orders[turn]), 2
        )
        assert all(isinstance(answer, Generation) for answer in answers), answers
        for job in answers:
            cancelling.cancel(job.owner, job.pk)
