"""R07: a job that cannot be made stops after three attempts, frees its slot and gives the clips back."""

import pytest

from sora_social.credits import quota
from sora_social.studio import generating
from sora_social.studio.models import Draft, Generation
from tests.journeys.conftest import files_in
from tests.processes import eventually


def try_on(job):
    """Another attempt, as if the pause were over."""
    Generation.objects.filter(pk=job.pk).update(lease_until=None)
    generating.render(job.pk)
    job.refresh_from_db()


@pytest.mark.parametrize(
    ("maker", "code"), [("Failing", "provider_error"), ("Broken", "render_failed"), ("Black", "bad_output")]
)
def test_r07_three_attempts_and_no_more(maker, code, owner, maker_of, folder):
    job = maker_of(owner, maker, variations=2)
    for attempt in (1, 2):
        try_on(job)
        assert (job.status, job.attempts, job.error) == ("queued", attempt, None)
        assert quota.limits_of(owner).clips_running == 2
    for _ in range(3):
        try_on(job)
        assert (job.status, job.attempts, job.error["code"]) == ("failed", 3, code)
    limits = quota.limits_of(owner)
    assert (limits.clips_running, limits.clips_used) == (0, 0)
    assert not Draft.objects.exists()
    assert not files_in(folder)


def test_r07_what_no_attempt_can_mend_fails_at_once(owner, maker_of, folder):
    job = maker_of(owner, "Refusing")
    try_on(job)
    assert (job.status, job.attempts) == ("failed", 1)
    assert quota.limits_of(owner).clips_used == 0


def test_r07_a_maker_that_kills_its_worker_is_tried_three_times(running, owner, maker_of, folder):
    running.beat(LEASE_SECONDS="1")
    worker = running.worker(LEASE_SECONDS="1")
    job = maker_of(owner, "Deadly")
    eventually(
        lambda: Generation.objects.get(pk=job.pk).status == "failed",
        seconds=40,
        what=f"failed\n{worker.last_words(30)}",
    )
    assert len(list((folder / "notes").iterdir())) == 3
    limits = quota.limits_of(owner)
    assert (limits.clips_running, limits.clips_used) == (0, 0)
    good = maker_of(owner, "Quick")
    eventually(lambda: Generation.objects.get(pk=good.pk).status == "completed", seconds=20)
