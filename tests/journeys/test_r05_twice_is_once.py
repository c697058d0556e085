"""R05: each task of the studio, twice and at once, acts once."""

import pytest
from django.db import transaction
from django.db.models import Q

from sora_social.core.models import OutboxEvent
from sora_social.credits.models import Hold
from sora_social.media.models import Clip
from sora_social.studio import cancelling, drafts, generating, tasks
from sora_social.studio.events import DraftDeleted
from sora_social.studio.models import OPEN, Draft, Generation
from tests.journeys.conftest import files_in


def test_r05_render_twice_and_at_once(owner, maker_of, at_once, folder):
    job = maker_of(owner, variations=2)
    assert at_once(lambda _: tasks.render(job.pk), 5) == [None] * 5
    tasks.render(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("completed", 1)
    assert Draft.objects.count() == Clip.objects.count() == 2
    assert len(files_in(folder)) == 4
    assert Hold.objects.get().captured_clips == 2
    assert OutboxEvent.objects.filter(kind="GenerationFinished").count() == 1


@pytest.mark.parametrize("lease", [True, pytest.param(False, id="mutant-without-the-lease")])
def test_r05_one_of_many_workers_claims_a_job(lease, owner, maker_of, at_once, folder, monkeypatch):
    if not lease:
        monkeypatch.setattr(generating, "_free", lambda: Q(status__in=OPEN))
    job = maker_of(owner)
    claims = [claim for claim in at_once(lambda _: generating.claim(job.pk), 8) if claim is not None]
    assert (len(claims) == 1) is lease


def test_r05_sweep_at_once_buries_once(owner, maker_of, at_once, folder, monkeypatch):
    monkeypatch.setattr(generating, "dispatch", lambda job_id: None)
    job = maker_of(owner)
    Generation.objects.filter(pk=job.pk).update(status="in_progress", attempts=3, lease_until="2026-01-01T00:00:00Z")
    assert at_once(lambda _: tasks.sweep(), 5) == [None] * 5
    job.refresh_from_db()
    assert (job.status, job.error["code"]) == ("failed", "render_failed")
    assert Hold.objects.get().state == "released"
    assert OutboxEvent.objects.filter(kind="GenerationFinished").count() == 1


def test_r05_cancel_and_finish_at_once_end_a_job_once(owner, maker_of, at_once, folder):
    for _ in range(6):
        job = maker_of(owner)

        def act(number, job=job):
            return tasks.render(job.pk) if number % 2 else cancelling.cancel(owner, job.pk)

        at_once(act, 4)
        job.refresh_from_db()
        made = Draft.objects.filter(generation=job).count()
        hold = Hold.objects.get(pk=job.hold_id)
        assert (job.status, made, hold.state) in {("completed", 1, "captured"), ("cancelled", 0, "released")}
    assert len(files_in(folder)) == 2 * Clip.objects.count()


def test_r05_purging_a_draft_twice_is_once(owner, maker_of, at_once, folder):
    generating.render(maker_of(owner).pk)
    draft = Draft.objects.get()
    drafts.delete_draft(owner, draft.pk)
    event = DraftDeleted(draft.pk)

    def purge(_):
        with transaction.atomic():
            drafts.purge_deleted(event)

    assert at_once(purge, 3) == [None] * 3
    assert not files_in(folder)
    assert not Clip.objects.exists()
