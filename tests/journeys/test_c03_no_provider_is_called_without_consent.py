"""C03: no provider is called without consent that is valid at that moment, for that person, audience and terms."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameos import casting, consent, erasing
from cameos.consent import Mode
from cameos.models import Appearance, Cameo
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.studio import appearing, generating, limiting, providers, publishing, submitting
from sora_social.studio.models import Draft, DraftStatus, JobStatus
from tests import cast
from tests.journeys.conftest import files_in
from tests.studio import makers

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


class Recorder(makers.Quick):
    """Keeps every order; does something after the first."""

    name = "recorder"

    def __init__(self, between=None):
        self.orders, self.between = [], between

    def make(self, order, *, directory, on_progress):
        self.orders.append(order)
        made = makers.files(order, directory)
        if self.between is not None and len(self.orders) == 1:
            self.between()
        return made


def mutuals(face, maker):
    ties.follow(face.owner, maker.handle)
    ties.follow(maker, face.owner.handle)
    consent.set_terms(face.owner, face.pk, audience="mutuals")


def granted(face, maker):
    consent.set_terms(face.owner, face.pk, audience="approved")
    consent.grant(face.owner, face.pk, maker.handle)


def back_and_again(face, maker):
    consent.revoke(face.owner, face.pk, mode=Mode.FUTURE_ONLY)
    consent.set_terms(face.owner, face.pk, audience="everyone")
    consent.grant(face.owner, face.pk, maker.handle)


def blocked_and_again(face, maker):
    ties.block(face.owner, maker.handle)
    ties.unblock(face.owner, maker.handle)


def remove(face, maker):
    appearing.remove(face.owner, face.pk, Appearance.objects.get(cameo=face, requester=maker, draft_id=None).pk)


def run_out(face, maker):
    Cameo.objects.filter(pk=face.pk).update(in_force_until=timezone.now() - timedelta(seconds=1))


# what changes its mind, and what it began with
ACTS = {
    "narrow": (lambda face, maker: consent.set_terms(face.owner, face.pk, audience="approved"), None),
    "only me": (lambda face, maker: consent.set_terms(face.owner, face.pk, audience="only_me"), granted),
    "end grant": (lambda face, maker: consent.end_grant(face.owner, face.pk, maker.handle), granted),
    "unfollow": (lambda face, maker: ties.unfollow(face.owner, maker.handle), mutuals),
    "tighten": (lambda face, maker: consent.set_terms(face.owner, face.pk, limits={"no_politics": True}), None),
    "until": (
        lambda face, maker: consent.set_terms(
            face.owner, face.pk, limits={"until": str(timezone.now().date() - timedelta(days=1))}
        ),
        None,
    ),
    "block": (lambda face, maker: ties.block(face.owner, maker.handle), None),
    "blocked by maker": (lambda face, maker: ties.block(maker, face.owner.handle), None),
    "block and unblock": (blocked_and_again, granted),
    "future only": (lambda face, maker: consent.revoke(face.owner, face.pk, mode=Mode.FUTURE_ONLY), None),
    "hide": (lambda face, maker: consent.hide_my_face(face.owner), None),
    "revoke and grant again": (back_and_again, granted),
    "remove": (remove, None),
    "run out": (run_out, None),
    "erase": (lambda face, maker: erasing.erase(face.owner, face.pk), None),
}


@pytest.fixture
def face(ada, folder):
    return cast.cameo(ada, audience="everyone")


def worked(face, maker, act, monkeypatch, *, when, **words):
    """The recorder's orders and the job, after consent changed while it was queued, or between two variations."""
    change, begin = ACTS[act]
    if begin is not None:
        begin(face, maker)
    variations = 1 if when == "queued" else 2
    words = {"prompt": "@ada wins the election", **words}
    job = submitting.submit(maker, variations=variations, **words)
    assert job.status == JobStatus.QUEUED, job.refusal
    recorder = Recorder(between=None if when == "queued" else lambda: change(face, maker))
    monkeypatch.setattr(providers, "named", lambda name: recorder)
    if when == "queued":
        change(face, maker)
    generating.render(job.pk)
    job.refresh_from_db()
    return recorder.orders, job


@pytest.mark.parametrize("when", ["queued", "between variations"])
@pytest.mark.parametrize("act", ACTS)
def test_c03_who_changed_their_mind_is_heard_before_the_next_call(act, when, face, bo, monkeypatch, folder):
    orders, job = worked(face, bo, act, monkeypatch, when=when)
    assert len(orders) == (0 if when == "queued" else 1)
    assert (job.status, job.hold.state) == (JobStatus.REFUSED, "released")
    assert [draft.status for draft in Draft.objects.filter(generation=job)] == [DraftStatus.REFUSED]
    assert files_in(folder) == []  # what was made before is not kept


@pytest.mark.parametrize("when", ["queued", "between variations"])
def test_c03_mutant_not_asked_again(when, face, bo, monkeypatch):
    monkeypatch.setattr(
        generating,
        "_asked_again",
        lambda job: ([row.cameo for row in casting.cast_of_job(job.pk).select_related("cameo__owner")], []),
    )
    orders, _ = worked(face, bo, "narrow", monkeypatch, when=when)
    assert len(orders) == (1 if when == "queued" else 2)


@pytest.mark.parametrize("mutant", [False, True])
def test_c03_a_limit_that_the_words_behind_break_is_heard_too(mutant, face, bo, cy, monkeypatch):
    draft = cast.finished_job(bo, prompt="@ada wins the election").drafts.get()
    root = publishing.publish_draft(bo, draft.pk, **WORDS)
    if mutant:
        monkeypatch.setattr(limiting, "behind", lambda post_ids: limiting.Behind({}))
    sources = [Source(root.pk, "extend")]
    monkeypatch.setattr(generating, "_sources", lambda job, folder: generating._Sources())  # its files are not there
    orders, job = worked(face, cy, "tighten", monkeypatch, when="queued", prompt="at night", sources=sources)
    assert (len(orders), job.status) == ((1, JobStatus.COMPLETED) if mutant else (0, JobStatus.REFUSED))


def test_c03_who_wants_to_be_asked_first_from_now_on_is_asked(face, ada, bo, monkeypatch):
    job = submitting.submit(bo, prompt="a quiet beach", cast=["@ada"])
    consent.set_terms(ada, face.pk, ask_first=True)
    monkeypatch.setattr(providers, "named", lambda name: Recorder())
    generating.render(job.pk)
    draft = Draft.objects.get(generation=job)
    assert draft.status == DraftStatus.AWAITING_CAST
    with pytest.raises(publishing.AwaitingCast):
        publishing.publish_draft(bo, draft.pk, **WORDS)


def test_c03_the_order_and_the_record_are_of_the_terms_in_force_then(face, ada, bo, monkeypatch):
    job = submitting.submit(bo, prompt="a quiet beach", cast=["@ada"])
    changed = consent.set_terms(ada, face.pk, preferences="always in a hat")
    recorder = Recorder()
    monkeypatch.setattr(providers, "named", lambda name: recorder)
    generating.render(job.pk)
    assert [order.cast[0].preferences for order in recorder.orders] == ["always in a hat"]
    in_draft = Appearance.objects.get(draft_id=Draft.objects.get(generation=job).pk)
    assert (in_draft.terms_version, in_draft.record_id) == (changed.terms_version, changed.terms_record_id)
