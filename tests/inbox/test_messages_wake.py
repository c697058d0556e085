"""A message wakes who did not read it: once until they read, without its words, and nobody who should not hear it."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from sora_social.accounts import ties
from sora_social.core import bus, outbox
from sora_social.inbox import tasks
from sora_social.inbox.conversations import conversing, messaging
from sora_social.inbox.models import Delivery, Mailbox, Seat
from sora_social.inbox.notifications import choices, mailbox
from sora_social.inbox.push import delivering
from sora_social.posts import reactions
from sora_social.posts.comments import commenting
from tests import cast
from tests.inbox.devices import due_now, messages, register, woken
from tests.inbox.push_servers import Reply

SECRET = "the whale is at pier nine"


@pytest.fixture
def friends(friends, settle):
    """Ada and Bo, who heard long ago that they follow each other."""
    settle()
    return friends


@pytest.fixture
def write(settle):
    """Somebody says something, and what follows from it is done."""

    def by(author, talk, text=SECRET):
        message = messaging.send(author, talk.pk, text=text)
        settle()
        return message

    return by


def texts(push):
    return [asked.json["message"]["notification"]["body"] for asked in messages(push[0])]


def group_of(ada, *others, title=""):
    for other in others:
        ties.follow(other, ada.handle)
        ties.follow(ada, other.handle)
    return conversing.begin(ada, handles=[other.handle for other in others], title=title)


def test_who_wrote_is_on_both_platforms_and_what_they_wrote_on_none(friends, push, write):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    register(ada, "apns", language="zh")
    write(bo, talk)
    tasks.push()
    [said] = messages(push[0])
    [asked] = push[1].asked
    assert texts(push) == ["bo wrote to you."]
    assert asked.json["aps"]["alert"] == {"body": "bo给你发了私信。"}
    assert said.json["message"]["data"] == {"conversation_id": str(talk.pk), "notification_type": "message"}
    assert asked.headers["apns-collapse-id"] == said.json["message"]["android"]["notification"]["tag"] == f"c{talk.pk}"
    assert SECRET.encode() not in said.body + asked.body
    assert not Delivery.objects.exists()


def test_what_is_unread_wakes_once_until_it_is_read(friends, push, write):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    write(bo, talk)
    assert woken(push) == 1
    for text in ("and", "so", "on"):
        newest = write(bo, talk, text)
    assert woken(push) == 1
    messaging.mark_read(ada, talk.pk, seq=newest.seq)
    write(bo, talk, "again")
    assert woken(push) == 2
    write(ada, talk, "I am here")  # who answers has read
    write(bo, talk, "and again")
    assert woken(push) == 3


def test_what_stays_unread_for_a_day_wakes_again(friends, push, write):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    write(bo, talk)
    assert woken(push) == 1
    Seat.objects.filter(person=ada).update(woken_at=timezone.now() - dt.timedelta(hours=25))
    write(bo, talk, "still there?")
    assert woken(push) == 2


def test_a_group_is_named_and_so_are_those_who_wrote(ada, bo, push, write, settle):
    cy = cast.person("cy")
    talk = group_of(ada, bo, cy, title="Whales")
    settle()
    register(ada)
    register(ada, "apns", language="zh")
    write(bo, talk)
    write(cy, talk)
    tasks.push()
    assert texts(push) == ["cy and bo wrote in Whales."]
    assert push[1].asked[0].json["aps"]["alert"] == {"body": "cy和bo在“Whales”里发了消息。"}


def test_messages_are_in_no_mailbox(friends, push, write, api):
    ada, bo = friends
    before = api(ada).get("/v1/notifications").json()
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    write(bo, talk)
    after = api(ada).get("/v1/notifications").json()
    assert after == before
    assert [item["type"] for item in after["items"]] == ["follow"]
    assert woken(push) == 1
    assert api(ada).get("/v1/notifications?type=message").status_code == 422


def test_who_read_it_before_the_worker_came_is_not_woken(friends, push, write):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    message = write(bo, talk)
    assert Delivery.objects.count() == 1
    messaging.mark_read(ada, talk.pk, seq=message.seq)
    assert woken(push) == 0
    assert not Delivery.objects.exists()


def test_who_read_it_before_the_relay_came_is_not_woken(friends, push, settle):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    message = messaging.send(bo, talk.pk, text=SECRET)
    messaging.mark_read(ada, talk.pk, seq=message.seq)
    settle()
    assert not Delivery.objects.filter(seat__isnull=False).exists()


@pytest.mark.parametrize("when", ["before the relay", "before the worker"])
@pytest.mark.parametrize("act", ["blocked", "was blocked", "muted them", "muted it", "taken back", "suspended"])
def test_nobody_is_woken_by_what_is_not_for_them_any_more(act, when, friends, push, settle):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    message = messaging.send(bo, talk.pk, text=SECRET)
    if when == "before the worker":
        settle()
        assert Delivery.objects.count() == 1
    match act:
        case "blocked":
            ties.block(ada, "bo")
        case "was blocked":
            ties.block(bo, "ada")
        case "muted them":
            ties.mute(ada, "bo")
        case "muted it":
            conversing.change(ada, talk.pk, muted=True)
        case "taken back":
            messaging.delete(bo, message.pk)
        case _:
            bo.is_active = False
            bo.save(update_fields=["is_active"])
    settle()
    assert woken(push) == 0
    assert not Delivery.objects.exists()


def test_a_request_wakes_nobody_until_it_is_accepted(ada, bo, push, write):
    register(ada)
    talk = conversing.begin(bo, handles=["ada"])
    write(bo, talk)
    assert Seat.objects.get(person=ada).state == "asked"
    assert woken(push) == 0
    conversing.accept(ada, talk.pk)
    write(bo, talk, "thank you")
    assert woken(push) == 1


def test_who_left_a_group_is_not_woken(ada, bo, push, write):
    cy = cast.person("cy")
    talk = group_of(ada, bo, cy)
    register(cy)
    conversing.remove(cy, talk.pk, "cy")
    write(bo, talk)
    assert not Delivery.objects.filter(device__owner=cy, seat__isnull=False).exists()


def test_in_a_group_nobody_hears_of_who_is_behind_a_block(ada, bo, push, write, settle):
    cy = cast.person("cy")
    talk = group_of(ada, bo, cy, title="Whales")
    settle()
    register(cy)
    register(ada, "apns")
    ties.block(bo, "cy")
    write(bo, talk)
    tasks.push()
    assert texts(push) == []
    assert [asked.json["aps"]["alert"]["body"] for asked in push[1].asked] == ["bo wrote in Whales."]


def test_no_message_wakes_who_does_not_want_it(friends, push, write, api):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    types = api(ada).get("/v1/notifications/choices").json()["types"]
    assert types["message"] == {"mailbox": False, "push": True}
    write(bo, talk)
    said = api(ada).patch("/v1/notifications/choices", {"types": {"message": {"push": False}}}).json()
    assert said["types"]["message"] == {"mailbox": False, "push": False}
    assert woken(push) == 0
    write(bo, talk, "more")
    assert not Delivery.objects.exists()
    refused = api(ada).patch("/v1/notifications/choices", {"types": {"message": {"mailbox": True}}})
    assert refused.status_code == 422
    assert Mailbox.objects.get(person=ada).unpushed == ["message"]


def test_quiet_hours_wake_nobody_and_the_first_message_after_them_does(friends, push, write):
    ada, bo = friends
    ada.time_zone = "UTC"
    ada.save(update_fields=["time_zone"])
    window = choices.Window(dt.time(22), dt.time(7))
    with time_machine.travel("2026-11-10T23:00:00+00:00", tick=True):
        choices.choose(ada, timezone.now(), types={}, quiet_hours=window)
        talk = conversing.begin(bo, handles=["ada"])
        register(ada)
        write(bo, talk, "are you awake?")
        assert not Delivery.objects.filter(seat__isnull=False).exists()
    with time_machine.travel("2026-11-11T08:00:00+00:00", tick=True):
        write(bo, talk, "good morning")
        Delivery.objects.update(created_at=timezone.now())
        assert woken(push) == 1


def test_a_teen_hears_of_no_adult_who_is_no_mutual_any_more_and_reads_no_name_of_a_group(push, settle, settings, db):
    settings.TEEN_QUIET_HOURS = ""
    kim, bo = cast.person("kim", age=15), cast.person("bo")
    lee, mia = cast.person("lee", age=16), cast.person("mia", age=16)
    for person, whom in ((lee, kim), (bo, kim), (mia, kim), (lee, mia)):
        ties.follow(person, whom.handle)
        ties.follow(whom, person.handle)
    group = conversing.begin(lee, handles=["kim", "mia"], title="write to 555 0199")
    with_bo = conversing.begin(kim, handles=["bo"], text="hi")
    settle()
    register(kim)
    messaging.send(lee, group.pk, text="hello")
    messaging.send(bo, with_bo.pk, text="hello")
    settle()
    assert Delivery.objects.count() == 2
    ties.unfollow(bo, "kim")
    tasks.push()
    assert texts(push) == ["lee wrote in a group."]
    assert not Delivery.objects.exists()


def test_a_device_that_could_not_be_reached_gets_it_later_and_another_message_is_no_second_one(friends, push, write):
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada, "apns")
    push[1].replies = [Reply(500)]
    write(bo, talk)
    tasks.push()
    write(bo, talk, "and this")
    assert Delivery.objects.count() == 1
    assert woken(push) == 2
    first, second = push[1].asked
    assert first.headers["apns-id"] == second.headers["apns-id"]
    assert not Delivery.objects.exists()


def test_relays_and_workers_at_once_wake_each_device_once(committed, push, at_once):
    ada, writers = cast.person("ada"), [cast.person(f"w{number}") for number in range(6)]
    talk = group_of(ada, *writers)
    while outbox.relay():
        pass
    Delivery.objects.all().delete()
    register(ada)
    register(ada, "apns")
    assert at_once(lambda n: messaging.send(writers[n], talk.pk, text=SECRET).seq > 0, 6) == [True] * 6
    at_once(lambda _: outbox.relay(), 4)
    while outbox.relay():
        pass
    assert Delivery.objects.count() == 2
    assert at_once(lambda _: tasks.push(), 4) == [None] * 4
    assert (len(messages(push[0])), len(push[1].asked)) == (1, 1)
    assert not Delivery.objects.exists()


def test_readers_writers_and_relays_at_once_end_with_the_newest_told(committed, push, at_once):
    """Whatever the order: nothing waits for itself, and who has not read the last message was woken for it."""
    ada, bo = cast.person("ada"), cast.person("bo")
    talk = group_of(ada, bo)
    register(ada)

    def act(number: int) -> None:
        for turn in range(10):
            if number % 3 == 0:
                messaging.send(bo, talk.pk, text=f"{number} {turn}")
            elif number % 3 == 1:
                messaging.mark_read(ada, talk.pk, seq=10**6)
            else:
                outbox.relay()

    assert at_once(act, 6) == [None] * 6
    while outbox.relay():
        pass
    messaging.mark_read(ada, talk.pk, seq=10**6)
    Delivery.objects.all().delete()
    messaging.send(bo, talk.pk, text="the last")
    while outbox.relay():
        pass
    assert Delivery.objects.filter(seat__person=ada).count() == 1


# how often one person wakes another


def test_one_person_wakes_another_five_times_an_hour_whatever_they_do(ada, push, settle):
    register(ada)
    mallory, cy = cast.person("mallory"), cast.person("cy")
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=61), tick=True):
        for _ in range(8):
            commenting.say(mallory, cast.post(mallory).pk, text="@ada look")
            reactions.like(mallory, cast.post(ada).pk)
        settle()
        tasks.fold()
        assert woken(push) == 5
        assert not Delivery.objects.exists()
        page = mailbox.notifications_of(ada, kind="", cursor="", limit=50)
        assert len(page.items) == 16, "the others are in the mailbox"
        ties.follow(cy, "ada")
        settle()
        assert woken(push) == 6, "others are not silenced"
    commenting.say(mallory, cast.post(mallory).pk, text="@ada again")
    settle()
    assert woken(push) == 7, "the hour is over"


def test_each_device_of_a_person_and_each_try_again_is_the_same_waking(ada, push, settle, settings):
    settings.PUSHES_BY_ONE_PER_HOUR = 1
    mallory = cast.person("mallory")
    register(ada)
    register(ada, "apns")
    push[0].replies = [Reply(500)]
    ties.follow(mallory, "ada")
    settle()
    tasks.push()
    assert woken(push) == 3
    commenting.say(mallory, cast.post(mallory).pk, text="@ada look")
    settle()
    assert woken(push) == 3


@pytest.mark.parametrize("trouble", ["emptied", "away"])
def test_without_redis_more_is_sent_and_nothing_breaks(trouble, ada, push, settle, settings, monkeypatch):
    settings.PUSHES_BY_ONE_PER_HOUR = 1
    mallory = cast.person("mallory")
    register(ada)
    ties.follow(mallory, "ada")
    settle()
    assert woken(push) == 1
    commenting.say(mallory, cast.post(mallory).pk, text="@ada look")
    settle()
    if trouble == "emptied":
        bus.client().flushdb()
    else:
        away = type(bus.client()).from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
        monkeypatch.setattr(bus, "client", lambda: away)
    assert woken(push) == 2
    assert not Delivery.objects.exists()


def test_the_count_goes_by_itself(ada, push, settle):
    register(ada)
    mallory = cast.person("mallory")
    ties.follow(mallory, "ada")
    settle()
    assert woken(push) == 1
    assert 3_500_000 < bus.client().pttl(f"pushed:{ada.pk}:{mallory.pk}") <= 3_600_000


def test_a_waking_that_waits_is_due_in_seconds(friends, write, push, monkeypatch):
    monkeypatch.setattr(delivering, "WAITS", dt.timedelta(seconds=3))
    ada, bo = friends
    talk = conversing.begin(bo, handles=["ada"])
    register(ada)
    write(bo, talk)
    tasks.push()
    assert messages(push[0]) == []
    due_now()
    tasks.push()
    assert len(messages(push[0])) == 1
