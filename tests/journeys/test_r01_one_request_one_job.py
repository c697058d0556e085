"""R01: one accepted request is one job and at most one charge, however often it is sent."""

import http.client
import json
from contextlib import closing, contextmanager

import pytest

from sora_social.core.models import KeyedAnswer
from sora_social.credits.models import Hold
from sora_social.studio.models import Generation
from tests import cast
from tests.processes import eventually

BODY = {"prompt": "a cat in the rain"}


def keyed(api, token, key):
    client = api(None)
    client.credentials(HTTP_X_SESSION_TOKEN=token, **({"HTTP_IDEMPOTENCY_KEY": key} if key else {}))
    return client.post("/v1/generations", BODY, format="json")


def promise_is_kept(requests: int) -> bool:
    return Generation.objects.count() == requests and Hold.objects.count() == requests


@pytest.mark.parametrize("key", ["the-same", pytest.param("", id="mutant-without-a-key")])
def test_r01_racers_of_one_request_from_two_devices_make_one_job(key, owner, api, at_once, folder):
    tokens = [cast.session_token(owner), cast.session_token(owner)]
    answers = at_once(lambda number: keyed(api, tokens[number % 2], key), 12)
    if not key:  # the mechanism switched off: the same check sees it
        assert not promise_is_kept(requests=1)
        return
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 202}) == 1
    assert promise_is_kept(requests=1)
    again = keyed(api, tokens[0], key)
    assert (again.status_code, again["Idempotent-Replay"]) == (202, "true")
    assert promise_is_kept(requests=1)


def test_r01_a_connection_that_is_cut_after_the_commit_costs_nothing_twice(running, owner, api):
    _, port = running.api()
    token = cast.session_token(owner)
    for number in range(3):
        key = f"key-{number}"
        for _ in range(5):
            with sent(port, token, key):
                eventually(lambda key=key: KeyedAnswer.objects.filter(key=key, status=202).exists())
        with sent(port, token, key) as connection:
            answer = connection.getresponse()
            assert answer.status == 202, answer.read()
            assert json.loads(answer.read())["id"] == json.loads(KeyedAnswer.objects.get(key=key).body)["id"]
    assert promise_is_kept(requests=3)


@contextmanager
def sent(port: int, token: str, key: str):
    """A connection that the request was sent over, and that hangs up at the end."""
    headers = {"X-Session-Token": token, "Idempotency-Key": key, "Content-Type": "application/json"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("POST", "/v1/generations", json.dumps(BODY), headers)
        yield connection
