"""R04: free, reserved and spent add up, and nobody makes more than they may, however many ask at once."""

import time

import pytest

from sora_social.credits import quota
from sora_social.credits.models import Hold
from sora_social.studio.models import Generation


@pytest.mark.parametrize("lock", [True, pytest.param(False, id="mutant-without-the-lock")])
def test_r04_many_requests_at_once_take_no_more_than_there_is(lock, owner, maker_of, at_once, monkeypatch, folder):
    limits_of = quota.limits_of

    def slow_limits(person):
        found = limits_of(person)
        time.sleep(0.1)  # room for the others between reading and writing
        return found

    monkeypatch.setattr(quota, "limits_of", slow_limits)
    if not lock:
        monkeypatch.setattr(quota, "_lock", lambda person: None)
    answers = at_once(lambda _: maker_of(owner), 10)
    made = sum(isinstance(answer, Generation) for answer in answers)
    refused = sum(isinstance(answer, quota.QuotaExceeded) for answer in answers)
    assert made + refused == 10, answers
    assert (Generation.objects.count() == Hold.objects.count() == made == 4) is lock
