"""Events reach their handlers, whatever stands in the queue before them."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from sora_social.core import outbox
from sora_social.core.models import OutboxEvent

seen: list[int] = []


@dataclass(frozen=True)
class SomethingHappened:
    number: int


def remember(event: SomethingHappened) -> None:
    seen.append(event.number)


@dataclass(frozen=True)
class SomethingSmall:
    number: int


@dataclass(frozen=True)
class SomethingUrgent:
    number: int


@dataclass(frozen=True)
class SomethingInBoth:
    number: int


def count(*events: SomethingUrgent) -> None:
    if any(event.number < 0 for event in events):
        raise ValueError("less than nothing")
    seen.extend(event.number for event in events)
    together.append(len(events))


together: list[int] = []
AT_ONCE = {SomethingSmall: [remember], SomethingInBoth: [remember]}
FIRST = {SomethingUrgent: [count], SomethingInBoth: [remember]}
TOGETHER = {count}
AFTERMATH = {SomethingHappened: [remember], SomethingInBoth: [remember]}


@pytest.fixture(autouse=True)
def _own_aftermath(settings, db):
    settings.AFTERMATH = "tests.core.test_outbox"
    seen.clear()
    together.clear()


def test_an_event_that_this_process_does_not_know_waits_and_stops_nobody():
    unknown = OutboxEvent.objects.create(kind="FromTheFuture", payload={})
    changed = OutboxEvent.objects.create(kind="SomethingHappened", payload={"number": 1, "colour": "red"})
    outbox.announce(SomethingHappened(number=2))
    while outbox.relay():
        pass
    assert seen == [2]
    for event in (unknown, changed):
        event.refresh_from_db()
        assert event.attempts == 1
        assert event.pending is None
        assert event.due_at > timezone.now()


def test_what_is_handled_at_once_is_kept_only_for_those_who_handle_it_later():
    outbox.announce(SomethingSmall(number=1))
    outbox.announce(SomethingInBoth(number=2))
    assert seen == [1, 2]
    assert [(event.kind, event.goes_first) for event in OutboxEvent.objects.order_by("id")] == [
        ("SomethingInBoth", True),
        ("SomethingInBoth", False),
    ]


def test_what_goes_first_waits_for_nothing_that_was_there_before_and_is_taken_together():
    for number in range(3):
        outbox.announce(SomethingHappened(number=number))
    for number in range(10, 13):
        outbox.announce(SomethingUrgent(number=number))
    assert outbox.relay(at_most=1) == 3
    assert together == [3]
    assert outbox.relay() == 3
    assert seen == [10, 11, 12, 0, 1, 2]


def test_one_that_fails_holds_up_the_others_it_was_taken_with_only_once():
    for number in (1, -1, 2):
        outbox.announce(SomethingUrgent(number=number))
    outbox.relay()
    assert seen == []
    assert set(OutboxEvent.objects.values_list("attempts", flat=True)) == {1}
    assert not OutboxEvent.objects.filter(due_at__lte=timezone.now()).exists()
    OutboxEvent.objects.update(due_at=timezone.now())
    outbox.relay()
    assert seen == [1, 2]
    assert together == [1, 1]
    (left,) = OutboxEvent.objects.all()
    assert left.payload == {"number": -1}


def test_what_was_written_before_there_were_parts_is_handled_by_all():
    OutboxEvent.objects.create(kind="SomethingInBoth", payload={"number": 5})
    outbox.relay()
    assert seen == [5]
    assert not OutboxEvent.objects.exists()


def test_what_another_process_parted_differently_is_handled_and_what_is_done_at_once_is_not_kept():
    name = outbox._name(remember)
    OutboxEvent.objects.create(kind="SomethingHappened", payload={"number": 6}, goes_first=True, pending=[name])
    OutboxEvent.objects.create(kind="SomethingHappened", payload={"number": 7}, goes_first=True)  # the other row has it
    OutboxEvent.objects.create(kind="SomethingSmall", payload={"number": 8})
    outbox.relay()
    assert seen == [6]
    assert not OutboxEvent.objects.exists()


def test_an_event_that_fails_for_years_is_still_tried():
    event = OutboxEvent.objects.create(kind="SomethingUrgent", payload={"number": -1}, goes_first=True, attempts=1_000)
    outbox.relay()
    event.refresh_from_db()
    assert event.attempts == 1_000
    assert event.due_at > timezone.now()


def test_an_event_is_handled_when_it_is_due():
    outbox.announce(SomethingHappened(number=1), due_at=timezone.now() + timedelta(hours=1))
    outbox.relay()
    assert seen == []
    OutboxEvent.objects.update(due_at=timezone.now())
    outbox.relay()
    assert seen == [1]
