"""R03: at most one clip per job, even when a worker wakes up after its lease."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from sora_social.credits.models import Hold
from sora_social.media.models import Clip
from sora_social.studio import cancelling, generating, providers
from sora_social.studio.models import Draft, Generation
from sora_social.studio.providers import ProviderError
from tests.journeys.conftest import files_in
from tests.processes import eventually, stays
from tests.studio import makers


def test_r03_a_worker_that_wakes_after_its_lease_changes_nothing(running, owner, maker_of, folder):
    running.beat()
    sleeper = running.worker(MAKER_SECONDS="3")
    job = maker_of(owner, "Deaf")
    notes = folder / "notes"
    eventually(lambda: any(notes.iterdir()), seconds=20, what=sleeper.last_words(20))
    pid = int(next(notes.iterdir()).name.split(".")[1])
    for victim in (sleeper.process.pid, pid):
        os.kill(victim, signal.SIGSTOP)
    other = running.worker(MAKER_SECONDS="0.2")
    eventually(Draft.objects.exists, seconds=30, what=other.last_words(20))
    before = Generation.objects.values().get(pk=job.pk)
    for victim in (pid, sleeper.process.pid):
        os.kill(victim, signal.SIGCONT)
    stays(lambda: Draft.objects.count() == Clip.objects.count() == 1, seconds=5)
    assert Generation.objects.values().get(pk=job.pk) == before
    eventually(lambda: len(files_in(folder)) == 2, seconds=5)  # what the late one stored is gone
    assert Hold.objects.get().captured_clips == 1


class Sleeper(makers.Quick):
    """Stops in the middle until it is woken."""

    name = "sleeper"

    def __init__(self, ending=None):
        self.begun, self.woken, self.ending = threading.Event(), threading.Event(), ending

    def make(self, order, *, directory, on_progress):
        if self.begun.is_set():  # the second worker does not sleep
            return makers.files(order, directory)
        self.begun.set()
        self.woken.wait(20)
        if self.ending is not None:
            raise self.ending
        return makers.files(order, directory)


def two_workers(job, sleeper, monkeypatch):
    """One falls asleep at work, its lease ends, another finishes, the first wakes. What the first raised, if it did."""
    monkeypatch.setattr(providers, "named", lambda name: sleeper)
    raised = []

    def late():
        try:
            generating.render(job.pk)
        except Exception as error:
            raised.append(error)
        finally:
            connections["default"].close()

    thread = threading.Thread(target=late)
    thread.start()
    assert sleeper.begun.wait(10)
    Generation.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    generating.render(job.pk)
    done = Generation.objects.values().get(pk=job.pk)
    assert done["status"] == "completed"
    sleeper.woken.set()
    thread.join()
    return done, raised


def promise_is_kept(job, done, raised, folder) -> bool:
    return (
        raised == []
        and Generation.objects.values().get(pk=job.pk) == done
        and Draft.objects.count() == Clip.objects.count() == 1
        and len(files_in(folder)) == 2
        and Hold.objects.get().captured_clips == 1
    )


@pytest.mark.parametrize("fence", [True, pytest.param(False, id="mutant-without-the-fence")])
@pytest.mark.parametrize("ending", [None, ProviderError("late", retryable=True), ProviderError("no", retryable=False)])
def test_r03_the_fence_holds_whatever_the_late_worker_brings(fence, ending, owner, maker_of, folder, monkeypatch):
    if not fence:
        monkeypatch.setattr(
            generating, "_held", lambda job: Generation.objects.select_for_update().filter(pk=job.pk).first()
        )
        monkeypatch.setattr(generating, "PROGRESS_EVERY", 3600.0)  # a slow one would hear it with its progress
    job = maker_of(owner)
    done, raised = two_workers(job, Sleeper(ending), monkeypatch)
    assert promise_is_kept(job, done, raised, folder) is fence


def test_r03_who_lost_the_lease_hears_it_with_the_next_progress(owner, maker_of, folder, monkeypatch):
    monkeypatch.setattr(generating, "PROGRESS_EVERY", 0.0)
    job = generating.claim(maker_of(owner).pk)
    with generating.Lease(job) as lease:
        lease.advance(0.4)
        row = Generation.objects.get(pk=job.pk)
        assert row.progress == 0.4
        Generation.objects.filter(pk=job.pk).update(token=row.token + 1)
        with pytest.raises(generating.LeaseLost):
            lease.advance(0.5)
    assert Generation.objects.get(pk=job.pk).progress == 0.4


def test_r03_the_heartbeat_keeps_a_silent_maker_in_its_lease(owner, maker_of, folder, settings):
    settings.LEASE = timedelta(seconds=0.6)
    job = generating.claim(maker_of(owner).pk)
    with generating.Lease(job):
        for _ in range(8):
            time.sleep(0.2)
            assert generating.claim(job.pk) is None
    time.sleep(0.7)
    assert generating.claim(job.pk) is not None


def test_r03_a_cancelled_job_is_left_at_the_next_progress(owner, maker_of, folder, monkeypatch):
    class Cancelled(makers.Quick):
        def make(self, order, *, directory, on_progress):
            cancelling.cancel(owner, job.pk)
            on_progress(0.5)
            raise AssertionError("went on")

    monkeypatch.setattr(generating, "PROGRESS_EVERY", 0.0)
    monkeypatch.setattr(providers, "named", lambda name: Cancelled())
    job = maker_of(owner)
    generating.render(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error) == ("cancelled", None)
    assert not Draft.objects.exists()
    assert Hold.objects.get().state == "released"
