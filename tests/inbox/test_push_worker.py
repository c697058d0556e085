"""`make run` has a worker for pushes where a service is configured, and none where nothing is to be sent."""

import pytest

from sora_social.core.running import Parts, Place


@pytest.mark.parametrize(
    ("configured", "names"),
    [
        ({}, ["quick", "render"]),
        ({"FCM_CREDENTIALS_FILE": "", "APNS_KEY_FILE": ""}, ["quick", "render"]),
        ({"FCM_CREDENTIALS_FILE": "account.json"}, ["push", "quick", "render"]),
        ({"APNS_KEY_FILE": "key.p8"}, ["push", "quick", "render"]),
    ],
)
def test_a_worker_of_its_own_sends_what_is_to_be_sent(tmp_path, configured, names):
    environ = {"DATA_DIR": str(tmp_path), **configured}
    workers = Parts(Place.from_environment(environ), environ).workers()
    assert [worker.name for worker in workers] == names
    queues = [worker.argv[worker.argv.index("-Q") + 1] for worker in workers]
    assert queues == names
