"""Free, reserved and spent add up."""

import pytest

from sora_social.credits import quota
from sora_social.credits.models import Entry


@pytest.fixture(autouse=True)
def _small_plan(settings):
    settings.CLIPS_PER_DAY, settings.CLIPS_AT_ONCE = 3, 8


def test_a_hold_that_is_captured_in_part_gives_the_extra_clips_back_first(ada):
    Entry.objects.create(owner=ada, credits=5, reason="gift")
    hold = quota.reserve(ada, clips=4)
    assert (quota.limits_of(ada).clips_left, quota.limits_of(ada).clips_extra) == (0, 4)
    quota.settle(hold.pk, captured=2)
    left = quota.limits_of(ada)
    assert (left.clips_used, left.clips_left, left.clips_extra) == (2, 1, 5)


def test_a_hold_is_settled_once(ada):
    hold = quota.reserve(ada, clips=2)
    assert quota.settle(hold.pk, captured=0)
    assert not quota.settle(hold.pk, captured=2)
    assert quota.limits_of(ada).clips_left == 3


def test_beyond_plan_and_ledger_nothing_is_reserved(ada):
    with pytest.raises(quota.QuotaExceeded) as refused:
        quota.reserve(ada, clips=4)
    assert refused.value.code == "quota_exceeded"
    assert quota.limits_of(ada).clips_running == 0
