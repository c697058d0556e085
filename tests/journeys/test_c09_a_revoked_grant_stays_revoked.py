"""C09: what was taken back never comes back by itself: not by retries, late or repeated handlers, restored rows,
a block that is taken away, a moderator's restoration, an edit, or a renewal."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cameos import casting, consent, requesting
from cameos.consent import Mode
from cameos.models import Appearance, Cameo, CastRequest, Grant
from sora_social import aftermath
from sora_social.accounts import people, ties
from sora_social.accounts.events import PersonBlocked
from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.core.errors import DomainError
from sora_social.core.models import OutboxEvent
from sora_social.posts import posting, presenting
from sora_social.posts.models import Post
from sora_social.studio import publishing
from sora_social.studio.models import Draft
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@dataclass
class Scene:
    ada: User
    bo: User
    face: Cameo
    post: Post
    draft: Draft
    undoable: Post

    def what_is_back(self) -> list[str]:
        """What of bo's is usable, though it was taken back."""
        found = []
        if casting.castable_among(self.bo, [self.face.pk]):
            found.append("castable")
        for post in (self.post, self.undoable):
            if presenting.present(self.bo, [post.pk]) or presenting.present(self.ada, [post.pk]):
                found.append("post")
        drafts = Draft.objects.filter(owner=self.bo)
        if Draft.objects.playable_by(self.bo).exists():
            found.append("draft")
        for draft in drafts:
            with suppress(DomainError), transaction.atomic():
                publishing.publish_draft(self.bo, draft.pk, **WORDS)
                found.append("published")
        return found


@pytest.fixture
def scene(ada, bo):
    face = cast.cameo(ada, audience="approved")
    consent.grant(ada, face.pk, "bo")
    posts = [
        publishing.publish_draft(bo, cast.finished_job(bo, cast=["@ada"]).drafts.get().pk, **WORDS, undo_s=undo)
        for undo in (0, 60)
    ]
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    return Scene(ada, bo, face, posts[0], draft, posts[1])


def again_and_again(events):
    """Deliver events that were delivered before, twice more."""
    for _ in range(2):
        OutboxEvent.objects.bulk_create(OutboxEvent(kind=kind, payload=payload) for kind, payload in events)
        while outbox.relay():
            pass


def handlers_late_and_twice(scene):
    events = list(OutboxEvent.objects.values_list("kind", "payload"))
    assert {"ConsentRevoked", "ConsentNarrowed", "PostPublished"} <= {kind for kind, _ in events}
    again_and_again(events)
    again_and_again(reversed(events))


def everybody_follows_and_unblocks(scene):
    ties.block(scene.ada, "bo")
    ties.unblock(scene.ada, "bo")
    ties.follow(scene.ada, "bo")
    ties.follow(scene.bo, "ada")


def undone_within_its_window(scene):
    with pytest.raises(Exception, match="Not found"):
        posting.undo_post(scene.bo, scene.undoable.pk)
    OutboxEvent.objects.create(kind="PostWithdrawn", payload={"post_id": scene.undoable.pk})
    while outbox.relay():
        pass


def a_moderator_restores(scene):
    posting.remove_post(scene.post.pk)
    posting.restore_post(scene.post.pk)
    while outbox.relay():
        pass


def the_owner_is_away_and_comes_back(scene):
    people.set_active(scene.ada.pk, active=False)
    people.set_active(scene.ada.pk, active=True)
    while outbox.relay():
        pass


def it_runs_out_and_is_renewed(scene):
    Cameo.objects.filter(pk=scene.face.pk).update(in_force_until=timezone.now() - timedelta(days=1))
    consent.expire()
    consent.expire()
    consent.renew(scene.ada, scene.face.pk)


def nothing_more(scene):
    pass


MODES = [Mode.UNPUBLISH_ALL, Mode.DELETE_ALL]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "attempt",
    [
        *(nothing_more, handlers_late_and_twice, everybody_follows_and_unblocks, undone_within_its_window),
        *(a_moderator_restores, the_owner_is_away_and_comes_back, it_runs_out_and_is_renewed),
    ],
)
def test_c09_nothing_comes_back(attempt, mode, scene):
    consent.revoke(scene.ada, scene.face.pk, mode=mode)
    attempt(scene)
    assert scene.what_is_back() == []
    assert not Grant.objects.exists()


@pytest.mark.parametrize("attempt", [nothing_more, handlers_late_and_twice, it_runs_out_and_is_renewed])
def test_c09_consent_for_the_future_brings_nothing_of_the_past(attempt, scene):
    consent.revoke(scene.ada, scene.face.pk, mode=Mode.UNPUBLISH_ALL)
    attempt(scene)
    consent.set_terms(scene.ada, scene.face.pk, audience="everyone")
    while outbox.relay():
        pass
    assert scene.what_is_back() == ["castable"]  # as she says now; no post, no draft


def test_c09_a_future_only_revocation_and_an_undone_post(scene):
    consent.revoke(scene.ada, scene.face.pk, mode=Mode.FUTURE_ONLY)
    with pytest.raises(Exception, match="Not found"):  # nobody had seen it: it went like a draft
        posting.undo_post(scene.bo, scene.undoable.pk)
    while outbox.relay():
        pass
    posting.delete_post(scene.bo, scene.post.pk)
    Draft.objects.filter(post=scene.post).update(deleted_at=timezone.now())
    assert scene.what_is_back() == []


# a block that is taken away before anybody handled it


def blocked_for_a_moment(scene):
    ties.block(scene.ada, "bo")
    ties.unblock(scene.ada, "bo")


def test_c09_a_block_that_is_taken_away_at_once_brings_nothing_back(scene):
    events = OutboxEvent.objects.count()
    blocked_for_a_moment(scene)
    assert OutboxEvent.objects.count() > events  # and no relay came
    assert not Grant.objects.exists()
    assert "castable" not in scene.what_is_back()
    consent.set_terms(scene.ada, scene.face.pk, audience="everyone")
    with pytest.raises(Exception, match="shown"):
        publishing.publish_draft(scene.bo, scene.draft.pk, **WORDS)


def test_c09_mutant_a_block_that_ends_grants_later(scene, monkeypatch):
    monkeypatch.setitem(aftermath.AT_ONCE, PersonBlocked, [])
    blocked_for_a_moment(scene)
    assert "castable" in scene.what_is_back()


def test_c09_a_new_grant_after_a_block_is_not_ended_by_what_comes_late(scene):
    blocked_for_a_moment(scene)
    consent.grant(scene.ada, scene.face.pk, "bo")
    while outbox.relay():
        pass
    assert casting.castable_among(scene.bo, [scene.face.pk])


# rows restored, by whatever tool


def restored(row) -> bool:
    """Whether the database takes a row back as it once was."""
    try:
        with transaction.atomic():
            type(row)(**{field.attname: getattr(row, field.attname) for field in row._meta.fields}).save(
                force_insert=True
            )
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize("act", ["end_grant", "revoke", "block"])
def test_c09_a_grant_from_an_old_backup_is_refused(act, scene):
    old = Grant.objects.get()
    if act == "end_grant":
        consent.end_grant(scene.ada, scene.face.pk, "bo")
    elif act == "revoke":
        consent.revoke(scene.ada, scene.face.pk, mode=Mode.UNPUBLISH_ALL)
    else:
        blocked_for_a_moment(scene)
    assert not restored(old)


def test_c09_mutant_without_the_trigger_an_old_grant_is_taken(committed):
    ada, bo = cast.person("ada"), cast.person("bo")
    face = cast.cameo(ada, audience="approved")
    consent.grant(ada, face.pk, "bo")
    old = Grant.objects.get()
    consent.end_grant(ada, face.pk, "bo")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("DROP TRIGGER guard_grants ON cameos_grant")
    assert restored(old)
    assert casting.castable_among(bo, [face.pk])


@pytest.mark.parametrize(
    ("model", "changes"),
    [(Appearance, {"withdrawn_at": None}), (Cameo, {"in_force_from": 1}), (Cameo, {"epoch": 1, "in_force_from": 1})],
)
def test_c09_what_says_that_it_was_taken_back_cannot_be_unsaid(model, changes, scene):
    """Also not by an edit in the database."""
    consent.revoke(scene.ada, scene.face.pk, mode=Mode.UNPUBLISH_ALL)
    while outbox.relay():
        pass
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(**({"pk": scene.face.pk} if model is Cameo else {"cameo": scene.face})).update(**changes)
    assert scene.what_is_back() == []


def test_c09_an_answered_request_is_not_answered_again(ada, bo):
    cast.cameo(ada, audience="everyone", ask_first=True)
    draft = cast.finished_job(bo, cast=["@ada"]).drafts.get()
    asked = CastRequest.objects.get(draft_id=draft.pk)
    requesting.decline(ada, asked.pk)
    with pytest.raises(Exception, match="closed"):
        requesting.approve(ada, asked.pk)
    with pytest.raises(Exception, match="shown"):
        publishing.publish_draft(bo, draft.pk, **WORDS)
