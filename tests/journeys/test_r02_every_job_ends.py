"""R02: every job reaches an end within three attempts, whatever dies on the way."""

import os
import signal
from datetime import timedelta

import pytest

from sora_social.core import bus
from sora_social.credits.models import Hold, HoldState
from sora_social.studio import generating
from sora_social.studio.models import Draft, Generation
from tests.journeys.conftest import files_in
from tests.processes import eventually


def has_ended(job):
    return lambda: Generation.objects.get(pk=job.pk).status == "completed"


def is_complete_once(job, folder, *, attempts):
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error) == ("completed", attempts, None)
    assert Draft.objects.filter(generation=job).count() == 1
    assert len(files_in(folder)) == 2
    hold = Hold.objects.get()
    assert (hold.state, hold.captured_clips) == (HoldState.CAPTURED, 1)


@pytest.mark.parametrize("victim", ["worker", "child"])
def test_r02_a_job_whose_worker_is_killed_in_the_middle_is_finished_by_another(
    victim, running, owner, maker_of, folder
):
    running.beat()
    worker = running.worker(MAKER_SECONDS="60")
    job = maker_of(owner, "Slow")
    notes = folder / "notes"
    eventually(lambda: any(notes.iterdir()), seconds=20, what=f"work begun\n{worker.last_words(20)}")
    if victim == "worker":
        worker.kill()
        other = running.worker(MAKER_SECONDS="0.2")
    else:
        running.worker(MAKER_SECONDS="0.2")
        worker.process.send_signal(signal.SIGSTOP)  # it shall not take the job again
        os.kill(int(next(notes.iterdir()).name.split(".")[1]), signal.SIGKILL)
        other = worker
    eventually(has_ended(job), seconds=30, what=f"job ended\n{other.last_words(30)}")
    is_complete_once(job, folder, attempts=2)


def test_r02_a_job_whose_messages_were_all_lost_is_found_by_the_sweep(
    running, owner, maker_of, folder, settle, monkeypatch
):
    monkeypatch.setattr(generating, "QUEUED_TOO_LONG", timedelta(0))
    job = maker_of(owner, "Quick")
    settle()  # the message is sent …
    bus.client().flushdb()  # … and lost
    worker = running.worker()
    generating.sweep()
    eventually(has_ended(job), seconds=20, what=f"job ended\n{worker.last_words(20)}")
    is_complete_once(job, folder, attempts=1)
