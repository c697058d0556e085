"""Counts are folded exactly, in whatever order they come."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from sora_social.accounts.models import FOLLOWERS, FOLLOWING, User
from sora_social.core import tallies
from tests import cast


def test_an_end_that_is_folded_before_its_beginning_leaves_nothing(ada):
    FOLLOWERS.add(ada.pk, -1)
    tallies.fold()
    FOLLOWERS.add(ada.pk, 1)
    tallies.fold()
    ada.refresh_from_db()
    assert ada.follower_count == 0


@pytest.mark.usefixtures("committed")
def test_folding_several_counters_does_not_deadlock_with_who_locks_the_same_rows():
    ada, bo = cast.person("ada"), cast.person("bo")
    low, high = sorted((ada.pk, bo.pk))
    FOLLOWERS.add(high)
    FOLLOWING.add(low)
    holds_low, go_on = threading.Event(), threading.Event()

    def lock_in_order():
        try:
            with transaction.atomic():
                User.objects.select_for_update().get(pk=low)
                holds_low.set()
                go_on.wait(10)
                User.objects.select_for_update().get(pk=high)
        finally:
            connections.close_all()

    def fold():
        try:
            return tallies.fold()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        locking = pool.submit(lock_in_order)
        assert holds_low.wait(10)
        folding = pool.submit(fold)
        threading.Timer(0.5, go_on.set).start()
        locking.result(15)
        assert folding.result(15) == 2
