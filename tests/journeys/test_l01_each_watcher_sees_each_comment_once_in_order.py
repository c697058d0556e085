"""L01: a comment is stored before it is seen; each watcher sees each exactly once, in order, over any reconnect."""

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings
from django.db import connection

from sora_social.core import bus
from sora_social.posts.comments import commenting
from sora_social.posts.models import Comment, RoomEvent
from tests import cast
from tests.live_processes import LiveProcess, Watcher, live, open_socket, read
from tests.processes import eventually


def say_many(people, post, count, *, threads=4, pause=0.0, disturb=None):
    """`count` comments by several people at once."""

    def say(number):
        time.sleep(random.uniform(0, pause))
        try:
            commenting.say(people[number % len(people)], post.pk, text=f"number {number}", client_id=f"n{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        work = [pool.submit(say, number) for number in range(count)]
        if disturb is not None:
            disturb()
        for each in work:
            each.result()


def everybody_saw_everything(watchers, post, count):
    wanted = list(range(1, count + 1))
    for watcher in watchers:
        eventually(lambda who=watcher: len(who.seqs) >= count, seconds=12, what=f"{watcher.seqs[-3:]} of {count}")
    for watcher in watchers:
        watcher.stop()
        assert watcher.seqs == wanted
    in_order = list(RoomEvent.objects.filter(post=post).order_by("seq").values_list("comment__text", flat=True))
    assert all(watcher.texts == in_order for watcher in watchers)


@pytest.fixture
def room(committed):
    people = [cast.person(handle) for handle in ("ada", "bo", "cy")]
    return people, cast.post(people[0])


def test_over_two_processes_and_any_reconnect(room):
    people, post = room
    with live(2) as (one, two):
        watchers = [
            Watcher(people[0], post.pk, [one.url]),
            Watcher(people[1], post.pk, [two.url]),
            Watcher(people[2], post.pk, [one.url, two.url], leave_every=7),
        ]
        for watcher in watchers:
            assert watcher.ready.wait(10)
        say_many(people, post, 200, pause=0.01)
        everybody_saw_everything(watchers, post, 200)
        assert watchers[2].entries > 10
        for process in (one, two):
            assert process.stop() == -signal.SIGTERM


def test_with_redis_wiped_and_the_bus_cut_in_mid_room(room):
    people, post = room
    with live(2) as (one, two):
        watchers = [Watcher(people[0], post.pk, [one.url]), Watcher(people[1], post.pk, [two.url])]
        for watcher in watchers:
            assert watcher.ready.wait(10)

        def disturb():
            for _ in range(5):
                time.sleep(0.15)
                bus.client().flushdb()
                cut_the_bus()

        say_many(people, post, 200, pause=0.04, disturb=disturb)
        everybody_saw_everything(watchers, post, 200)


def cut_the_bus():
    """Cut every connection that listens."""
    for client in bus.client().client_list(_type="pubsub"):
        with redis.Redis.from_url(settings.REDIS_URL) as operator:
            operator.client_kill_filter(_id=client["id"])


def test_with_publishes_that_never_arrive(room, monkeypatch):
    people, post = room
    lose_every_third_publish(monkeypatch)
    with live(1) as (process,):
        watcher = Watcher(people[0], post.pk, [process.url])
        assert watcher.ready.wait(10)
        say_many(people, post, 60, pause=0.01)
        everybody_saw_everything([watcher], post, 60)


@pytest.mark.mutant("gaps are not filled")
def test_the_check_sees_the_loss_when_gaps_are_not_filled(room, monkeypatch):
    people, post = room
    lose_every_third_publish(monkeypatch)
    with live(1, "tests.journeys.live_without_gap_filling:application") as (process,):
        watcher = Watcher(people[0], post.pk, [process.url])
        assert watcher.ready.wait(10)
        say_many(people, post, 30, pause=0.01)
        time.sleep(4.5)  # two looks at the database
        watcher.stop()
        assert 0 < len(watcher.seqs) < 30


def lose_every_third_publish(monkeypatch):
    publish, told = bus.publish, []

    def forgetful(channel, message):
        told.append(channel)
        if len(told) % 3:
            publish(channel, message)

    monkeypatch.setattr(bus, "publish", forgetful)


def test_with_the_process_killed(room):
    people, post = room
    with live(2) as (one, two):
        watchers = [Watcher(people[0], post.pk, [one.url, two.url]), Watcher(people[1], post.pk, [two.url])]
        for watcher in watchers:
            assert watcher.ready.wait(10)

        def disturb():
            time.sleep(0.4)
            one.kill()

        say_many(people, post, 150, pause=0.04, disturb=disturb)
        everybody_saw_everything(watchers, post, 150)
        assert watchers[0].entries > 1


def test_who_was_told_that_it_is_said_finds_it_stored(room):
    people, post = room
    comment = commenting.say(people[1], post.pk, text="kept")
    bus.client().flushdb()
    assert Comment.objects.get(pk=comment.pk).text == "kept"


def test_on_a_stop_signal_everybody_is_asked_to_come_back(room):
    people, post = room
    process = LiveProcess()
    process.wait_until_it_listens()
    with open_socket(process.url, people[0], post.pk) as socket:
        assert read(socket)["type"] == "hello"
        assert process.stop() == -signal.SIGTERM
        goodbye = read(socket, "closed")
    assert goodbye["code"] == "going_away"
    assert 0 <= goodbye["reconnect_in_ms"] <= 5000
    assert socket.close_code == 1012
