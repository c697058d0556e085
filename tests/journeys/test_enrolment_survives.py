"""An enrolment is examined by the render workers, whatever dies on the way."""

import pytest

from cameos import enrolling
from cameos.models import Enrolment
from sora_social.core import bus
from sora_social.demo import faces
from tests import cast
from tests.processes import eventually


@pytest.fixture
def recorded(running, owner, tmp_path):
    """ada's recording is stored; nobody was told yet."""
    cameo = cast.begun(owner)
    asked = Enrolment.objects.get()
    video = faces.record("ada", numbers=asked.numbers, head_turn=asked.head_turn, directory=tmp_path)
    with video.open("rb") as file:
        enrolling.store_recording(owner, cameo.pk, file)
    return cameo


def waits_for_a_person(cameo):
    cameo.refresh_from_db()
    return cameo.status == "pending_review"


def test_a_worker_killed_in_the_middle_is_replaced(running, recorded, settle):
    running.beat()
    worker = running.worker(queues="render")
    settle()
    eventually(lambda: Enrolment.objects.get().attempts == 1, seconds=20, what="begun")
    worker.kill()
    assert not waits_for_a_person(recorded)
    other = running.worker(queues="quick,render")
    eventually(lambda: waits_for_a_person(recorded), seconds=60, what=f"examined\n{other.last_words(30)}")
    assert Enrolment.objects.get().attempts >= 2
    assert recorded.portrait_key


def test_a_message_that_was_lost_is_found_by_the_sweep(running, recorded, settle, monkeypatch):
    settle()
    bus.client().flushdb()
    other = running.worker(queues="quick,render", LEASE_SECONDS="60")
    monkeypatch.setattr(enrolling, "WAITING_TOO_LONG", enrolling.WAITING_TOO_LONG * 0)
    enrolling.sweep()
    eventually(lambda: waits_for_a_person(recorded), seconds=60, what=f"examined\n{other.last_words(30)}")
    assert Enrolment.objects.get().attempts == 1
