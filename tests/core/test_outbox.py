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


AFTERMATH = {SomethingHappened: [remember]}


@pytest.fixture(autouse=True)
def _own_aftermath(settings, db):
    settings.AFTERMATH = "tests.core.test_outbox.AFTERMATH"
    seen.clear()


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


@dataclass(frozen=True)
class SomethingSmall:
    number: int


AT_ONCE = {SomethingSmall: [remember], SomethingHappened: [remember]}


def test_what_is_handled_at_once_is_kept_only_for_those_who_handle_it_later(settings):
    settings.AT_ONCE = "tests.core.test_outbox.AT_ONCE"
    outbox.announce(SomethingSmall(number=1))
    outbox.announce(SomethingHappened(number=2))
    assert seen == [1, 2]
    assert [event.kind for event in OutboxEvent.objects.all()] == ["SomethingHappened"]


def test_an_event_is_handled_when_it_is_due():
    outbox.announce(SomethingHappened(number=1), due_at=timezone.now() + timedelta(hours=1))
    outbox.relay()
    assert seen == []
    OutboxEvent.objects.update(due_at=timezone.now())
    outbox.relay()
    assert seen == [1]
