"""Messages under real concurrency: one conversation of two, numbers in the order of commit, each said once."""

import threading
import time

import pytest
from django.db import connections

from sora_social.accounts import people, ties
from sora_social.core.errors import NotFound
from sora_social.inbox.conversations import conversing, listing, messaging
from sora_social.inbox.models import Conversation, Message, Seat
from tests import cast

SENDERS = 12


@pytest.fixture
def crowd(committed):
    ada = cast.person("ada")
    others = [cast.person(f"p{number}") for number in range(SENDERS - 1)]
    people.User.objects.update(messages_from="everyone")
    return [ada, *others]


@pytest.mark.parametrize("wish", ["everyone", "followees"])
def test_two_who_begin_at_once_get_the_same_conversation(wish, committed, at_once):
    pairs = [(cast.person(f"a{number}"), cast.person(f"b{number}")) for number in range(6)]
    people.User.objects.update(messages_from=wish)
    for one, other in pairs:
        got = at_once(lambda n, p=(one, other): conversing.begin(p[n % 2], handles=[p[1 - n % 2].handle]), 6)
        assert len({conversation.pk for conversation in got}) == 1
    assert Conversation.objects.count() == len(pairs)
    assert Seat.objects.count() == 2 * len(pairs)
    assert set(Seat.objects.values_list("state", flat=True)) == {"in"}  # both began it


def test_a_repeat_at_the_same_moment_gives_the_same_message(crowd, at_once):
    ada, bo, *_ = crowd
    talk = conversing.begin(ada, handles=[bo.handle])
    got = at_once(lambda _: messaging.send(ada, talk.pk, text="once", client_id="c"), 8)
    assert len({message.pk for message in got}) == 1
    assert Message.objects.count() == 1
    assert Conversation.objects.get().seq == 1  # a number that was taken for a repeat went back


def test_a_request_holds_one_message_though_many_are_sent_at_once(committed, at_once):
    ada, bo = cast.person("ada"), cast.person("bo")
    talk = conversing.begin(ada, handles=["bo"])
    got = at_once(lambda n: messaging.send(ada, talk.pk, text=str(n)), 8)
    assert [getattr(answer, "code", "said") for answer in got].count("said") == 1
    assert Message.objects.count() == 1
    assert Seat.objects.get(person=bo).newest_id == Message.objects.get().pk


def test_numbers_are_in_the_order_of_commit_and_nobody_misses_one(crowd, at_once):
    ada, *others = crowd
    group = conversing.begin(ada, handles=[other.handle for other in others])
    seen, over = [], threading.Event()

    def follow() -> None:
        """A client that resumes after its last number, again and again."""
        seq = 0
        while True:
            was_over = over.is_set()
            page = listing.messages_of(others[0], group.pk, before=None, after_seq=seq, cursor="", limit=100)
            seen.extend(item.message.seq for item in page.items)
            seq = page.seq
            if was_over and not page.items:
                break
            time.sleep(0.002)
        connections.close_all()

    watcher = threading.Thread(target=follow)
    watcher.start()

    def speak(number: int) -> None:
        for turn in range(8):
            messaging.send(crowd[number], group.pk, text=f"{number} {turn}", client_id=str(turn))

    assert at_once(speak, SENDERS) == [None] * SENDERS
    over.set()
    watcher.join(60)
    assert seen == list(range(1, 8 * SENDERS + 1))
    for number, person in enumerate(crowd):
        said = Message.objects.filter(author=person).order_by("seq").values_list("text", flat=True)
        assert list(said) == [f"{number} {turn}" for turn in range(8)]


def test_the_mutant_without_the_lock_of_the_row_misses_messages(crowd, at_once, monkeypatch):
    """Numbers that are taken outside the transaction appear in another order than that of their commits."""
    ada, *others = crowd
    group = conversing.begin(ada, handles=[other.handle for other in others])
    numbers = iter(range(1, 1000))
    guard = threading.Lock()

    def take(conversation_id: int) -> int:
        with guard:
            number = next(numbers)
        time.sleep(0.02 * (number % 3))
        return number

    monkeypatch.setattr(messaging, "take_number", take)
    seen, over, last = [], threading.Event(), [0]

    def follow() -> None:
        while not over.is_set():
            rows = Message.objects.filter(conversation=group, changed_seq__gt=last[0]).order_by("changed_seq")
            for row in rows:
                seen.append(row.seq)
                last[0] = row.seq
        connections.close_all()

    watcher = threading.Thread(target=follow)
    watcher.start()
    at_once(lambda n: [messaging.send(crowd[n], group.pk, text=str(n)) for _ in range(4)], SENDERS)
    over.set()
    watcher.join(60)
    assert len(seen) < Message.objects.count()


def test_after_a_block_returned_no_message_gets_through(committed, at_once):
    for number in range(6):
        ada, bo = cast.person(f"ada{number}"), cast.person(f"bo{number}")
        people.User.objects.update(messages_from="everyone")
        talk = conversing.begin(ada, handles=[bo.handle])
        blocked_at = []

        def act(n: int, ada=ada, bo=bo, talk=talk, blocked_at=blocked_at):
            if n == 0:
                time.sleep(0.01)
                ties.block(bo, ada.handle)
                blocked_at.append(Message.objects.filter(conversation=talk).count())
                return "blocked"
            said = 0
            for turn in range(20):
                try:
                    messaging.send(ada, talk.pk, text=f"{n} {turn}")
                except NotFound:
                    break
                said += 1
            return said

        answers = at_once(act, 4)
        assert answers[0] == "blocked"
        assert Message.objects.filter(conversation=talk).count() == blocked_at[0] == sum(answers[1:])
