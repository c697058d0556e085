"""Devices are woken: once for each notification, whatever the services do, and never when nobody wants it."""

import logging
import subprocess
import sys
import time

import jwt
import pytest
import time_machine
from django.utils import timezone

from sora_social.accounts import people, sessions, ties
from sora_social.inbox import tasks
from sora_social.inbox.models import Delivery, Device, Notification
from sora_social.inbox.notifications import choices, mailbox
from sora_social.inbox.push import delivering, services
from sora_social.posts import posting, reactions
from tests import cast
from tests.inbox.devices import APNS_TOKEN, EC, FCM_TOKEN, RSA, due_now, messages, register, woken
from tests.inbox.push_servers import CUT, GARBAGE, HANG, TRICKLE, Reply


@pytest.fixture
def follow(settle):
    """Somebody follows ada: a notification that wakes her."""

    def by(handle, whom="ada"):
        ties.follow(cast.person(handle), whom)
        settle()

    return by


def test_each_platform_gets_it_in_its_own_words(ada, push, follow):
    fcm_server, apns_server = push
    register(ada)
    register(ada, "apns", language="zh")
    follow("bo")
    tasks.push()
    token, message = fcm_server.asked
    claims = jwt.decode(
        token.form["assertion"], RSA.public_key(), algorithms=["RS256"], audience=f"{fcm_server.url}/token"
    )
    assert (claims["iss"], claims["scope"]) == ("a@b.c", "https://www.googleapis.com/auth/firebase.messaging")
    assert (message.path, message.headers["authorization"]) == ("/v1/projects/demo/messages:send", "Bearer at-1")
    said = message.json["message"]
    assert (said["token"], said["notification"]) == (FCM_TOKEN, {"body": "bo started following you."})
    tag = said["android"]["notification"]["tag"]
    assert said["data"] == {"notification_id": tag, "notification_type": "follow"}
    [asked] = apns_server.asked
    assert asked.path == f"/3/device/{APNS_TOKEN}"
    assert asked.json["aps"]["alert"] == {"body": "bo关注了你。"}
    assert (asked.headers["apns-topic"], asked.headers["apns-push-type"]) == ("org.example.app", "alert")
    assert asked.headers["apns-collapse-id"] == tag
    bearer = asked.headers["authorization"].removeprefix("bearer ")
    assert jwt.decode(bearer, EC.public_key(), algorithms=["ES256"])["iss"] == "TEAM1"
    assert jwt.get_unverified_header(bearer)["kid"] == "KEY1"
    assert not Delivery.objects.exists()


def test_many_messages_share_a_connection_and_a_token(ada, bo, push, settings):
    settings.PUSHES_BY_ONE_PER_HOUR = 12
    fcm_server, apns_server = push
    register(ada)
    register(ada, "apns")
    for _ in range(12):
        reactions.like(bo, cast.post(ada).pk)
    tasks.fold()
    tasks.push()
    assert len(messages(fcm_server)) == len(apns_server.asked) == 12
    assert len(fcm_server.asked) == 13
    assert apns_server.connections == 1


def test_one_notification_wakes_a_device_once_however_many_do_the_same(ada, push, settle):
    fcm_server, _ = push
    register(ada)
    post = cast.post(ada)
    for number in range(5):
        reactions.like(cast.person(f"fan{number}"), post.pk)
    tasks.fold()
    reactions.like(cast.person("late"), post.pk)
    tasks.fold()
    tasks.push()
    tasks.push()
    [message] = messages(fcm_server)
    assert message.json["message"]["notification"]["body"] == "late, fan4 and 4 others liked your post."


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(503, headers={"retry-after": "1"}),
        Reply(429, b'{"error": {"status": "RESOURCE_EXHAUSTED"}}'),
        Reply(how=HANG),
        Reply(how=CUT),
        Reply(how=GARBAGE),
        Reply(how=TRICKLE),
        Reply(503, b"<html>" + b"x" * 200_000),
    ],
    ids=["500", "503", "429", "hang", "cut", "garbage", "trickle", "flood"],
)
@pytest.mark.parametrize("platform", ["fcm", "apns"])
def test_a_service_in_trouble_is_asked_again_and_the_repeat_replaces_the_first(platform, reply, ada, push, follow):
    if platform == "apns" and reply.how == TRICKLE:
        reply = Reply(how=HANG)
    server = push[0] if platform == "fcm" else push[1]
    register(ada, platform)
    follow("bo")
    server.replies = [reply]
    began = time.monotonic()
    tasks.push()
    assert time.monotonic() - began < 3
    [left] = Delivery.objects.all()
    assert left.attempts == 1
    assert left.due_at > timezone.now()
    tasks.push()
    assert len(messages(server)) == 1, "it is not asked again before its time"
    due_now()
    tasks.push()
    first, second = messages(server)
    assert first.body == second.body
    assert first.headers.get("apns-id") == second.headers.get("apns-id")
    assert not Delivery.objects.exists()


def test_a_service_says_when_to_come_back(ada, push, follow):
    register(ada, "apns")
    follow("bo")
    push[1].replies = [Reply(429, headers={"retry-after": "120"})]
    tasks.push()
    wait = (Delivery.objects.get().due_at - timezone.now()).total_seconds()
    assert 110 < wait < 121


def test_what_is_refused_for_good_is_given_up_and_so_is_the_tenth_try(ada, push, follow):
    register(ada)
    follow("bo")
    push[0].replies = [Reply(400, b'{"error": {"status": "INVALID_ARGUMENT"}}')]
    tasks.push()
    assert not Delivery.objects.exists()
    follow("cy")
    assert not Delivery.objects.exists(), "the same notification, which was told"
    mailbox.mark_read(ada, up_to=10**6, ids=None)
    follow("dan")
    push[0].usual = Reply(500)
    for _ in range(delivering.ATTEMPTS):
        due_now()
        tasks.push()
    assert not Delivery.objects.exists()
    assert Device.objects.count() == 1


@pytest.mark.parametrize(
    ("platform", "reply"),
    [
        ("fcm", Reply(404, b'{"error": {"status": "NOT_FOUND", "details": [{"errorCode": "UNREGISTERED"}]}}')),
        ("apns", Reply(410, b'{"reason": "Unregistered", "timestamp": 1}')),
        ("apns", Reply(400, b'{"reason": "BadDeviceToken"}')),
    ],
)
def test_a_device_that_is_gone_is_forgotten(platform, reply, ada, push, follow):
    server = push[0] if platform == "fcm" else push[1]
    register(ada, platform)
    follow("bo")
    server.replies = [reply]
    tasks.push()
    assert not Device.objects.exists()
    assert not Delivery.objects.exists()


def test_a_stale_token_of_ours_is_made_anew(ada, push, follow):
    fcm_server, apns_server = push
    register(ada)
    register(ada, "apns")
    follow("bo")
    fcm_server.replies = [Reply(401, b'{"error": {"status": "UNAUTHENTICATED"}}')]
    apns_server.replies = [Reply(403, b'{"reason": "ExpiredProviderToken"}')]
    tasks.push()
    assert Delivery.objects.count() == 2
    due_now()
    tasks.push()
    assert not Delivery.objects.exists()
    assert [asked.path for asked in fcm_server.asked].count("/token") == 2


def test_no_token_no_message_and_nothing_lost(ada, push, follow):
    register(ada)
    follow("bo")
    push[0].replies = [Reply(500, how="token")]
    tasks.push()
    assert messages(push[0]) == []
    assert Delivery.objects.get().attempts == 1


def test_a_worker_that_died_is_made_up_for(ada, push, follow):
    register(ada)
    follow("bo")
    assert len(delivering._claim()) == 1  # and then it died
    tasks.push()
    assert messages(push[0]) == [], "another worker has it"
    due_now()
    tasks.push()
    assert len(messages(push[0])) == 1
    assert not Delivery.objects.exists()


def test_a_delivery_that_workers_die_of_is_given_up(ada, push, follow):
    register(ada)
    follow("bo")
    for _ in range(delivering.ATTEMPTS):
        due_now()
        assert len(delivering._claim()) == 1
    due_now()
    tasks.push()
    assert messages(push[0]) == []
    assert not Delivery.objects.exists()


def test_no_token_of_anybody_is_logged(ada, push, follow, caplog):
    caplog.set_level(logging.INFO)
    register(ada)
    _, session = register(ada, "apns")
    follow("bo")
    push[0].replies, push[1].replies = [Reply(how=CUT)], [Reply(500)]
    tasks.push()
    due_now()
    tasks.push()
    said = caplog.text
    assert not any(secret in said for secret in (FCM_TOKEN, APNS_TOKEN, session, "at-1"))
    assert not Delivery.objects.exists()


def test_credentials_that_cannot_be_read_cost_the_other_platform_nothing(ada, push, follow, tmp_path):
    register(ada)
    register(ada, "apns")
    follow("bo")
    (tmp_path / "key.p8").write_bytes(b"no key")
    tasks.push()
    assert len(messages(push[0])) == 1
    assert Delivery.objects.get().device.platform == "apns"


def test_a_worker_whose_lease_ran_out_settles_nothing(ada, push, follow):
    register(ada)
    follow("bo")
    [late] = delivering._claim()
    due_now()
    [_] = delivering._claim()
    delivering._settle(late, services.Answer(services.Fate.ARRIVED))
    assert Delivery.objects.get().attempts == 2


# nobody is woken who should not be


def test_a_like_and_a_follow_that_were_taken_back_wake_nobody(ada, bo, push, settle):
    register(ada)
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    ties.follow(bo, "ada")
    settle()
    tasks.fold()
    assert Delivery.objects.count() == 2
    reactions.unlike(bo, post.pk)
    ties.unfollow(bo, "ada")
    assert woken(push) == 0
    assert not Delivery.objects.exists()


def test_what_was_read_or_cannot_be_seen_any_more_wakes_nobody(ada, bo, push, settle):
    register(ada)
    post = cast.post(ada)
    reactions.like(bo, post.pk)
    tasks.fold()
    mailbox.mark_read(ada, up_to=10**6, ids=None)
    remix = cast.post(bo, sources=[post])
    settle()
    posting.delete_post(bo, remix.pk)
    ties.follow(bo, "ada")
    settle()
    ties.block(ada, "bo")
    assert Delivery.objects.count() == 3
    assert woken(push) == 0
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("act", ["logout", "ban", "another password"])
def test_a_device_that_is_signed_out_is_not_woken(act, ada, push, follow):
    _, session = register(ada)
    follow("bo")
    if act == "logout":
        sessions.close_session(session)
    elif act == "ban":
        people.set_active(ada.pk, active=False)
    else:
        ada.set_password("another long password")
        ada.save(update_fields=["password"])
    assert woken(push) == 0
    assert not Delivery.objects.exists()
    assert Device.objects.exists() is (act == "ban")


def test_a_device_that_changed_hands_wakes_only_its_new_owner(ada, bo, push, follow):
    register(ada)
    follow("cy")
    register(bo)
    assert woken(push) == 0
    follow("dan", whom="bo")
    assert woken(push) == 1


def test_no_type_wakes_who_does_not_want_it(ada, push, follow):
    register(ada)
    choices.choose(ada, timezone.now(), types={"follow": {"push": False}})
    follow("bo")
    assert not Delivery.objects.exists()
    mailbox.mark_read(ada, up_to=10**6, ids=None)
    choices.choose(ada, timezone.now(), types={"follow": {"push": True}})
    follow("cy")
    assert Delivery.objects.count() == 1
    choices.choose(ada, timezone.now(), types={"follow": {"push": False}})
    assert woken(push) == 0


def test_what_an_adult_calls_themselves_is_on_no_lock_screen_of_a_teen_who_does_not_follow_them(
    push, settle, settings, db
):
    settings.TEEN_QUIET_HOURS = ""
    teen, friend = cast.person("kim", age=15), cast.person("lee", age=16)
    known, stranger = cast.person("bo"), cast.person("mallory")
    people.update_profile(stranger, display_name="write to me at 555 0199")
    register(teen)
    ties.follow(teen, "bo")
    for person in (friend, known, stranger):
        ties.follow(person, "kim")
        settle()
        woken(push)
        mailbox.mark_read(teen, up_to=mailbox.newest_number(teen), ids=None)
    assert [asked.json["message"]["notification"]["body"] for asked in messages(push[0])] == [
        "lee started following you.",
        "bo started following you.",
        "Somebody started following you.",
    ]


@pytest.mark.parametrize(
    ("zone", "at", "wakes"),
    [
        ("Asia/Shanghai", "2026-11-10T14:30:00+00:00", 0),  # 22:30 there
        ("Asia/Shanghai", "2026-11-10T21:30:00+00:00", 0),  # 05:30
        ("Asia/Shanghai", "2026-11-10T22:30:00+00:00", 1),  # 06:30
        ("America/New_York", "2026-11-10T14:30:00+00:00", 1),  # 09:30
    ],
)
def test_a_teen_is_not_woken_in_the_night_where_they_are_whatever_they_choose(
    zone, at, wakes, push, follow, db, settings
):
    settings.TEEN_QUIET_HOURS = "22:00-06:00"
    with time_machine.travel(at, tick=True):
        teen = cast.person("kim", age=15)
        teen.time_zone = zone
        teen.save(update_fields=["time_zone"])
        choices.choose(teen, timezone.now(), types={}, quiet_hours=None)
        register(teen)
        follow("bo", whom="kim")
        Delivery.objects.update(created_at=timezone.now())
        assert woken(push) == wakes


def test_off_by_default_and_then_nothing_is_queued(ada, follow):
    register(ada)
    follow("bo")
    assert not Delivery.objects.exists()
    tasks.push()


def test_servers_of_http_do_not_load_what_only_workers_need():
    script = (
        "import sys, django; django.setup()\n"
        "import sora_social.urls\n"
        "assert not {'httpx', 'h2', 'sora_social.inbox.push.services'} & set(sys.modules), 'loaded'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_many_workers_at_once_wake_a_device_once(committed, push, settle, at_once):
    ada = cast.person("ada")
    register(ada)
    for number in range(10):
        ties.follow(cast.person(f"fan{number}"), "ada")
        settle()
        mailbox.mark_read(ada, up_to=10**6, ids=None)
    Notification.objects.update(read_at=None)
    assert at_once(lambda _: tasks.push(), 4) == [None] * 4
    said = [asked.json["message"]["data"]["notification_id"] for asked in messages(push[0])]
    assert len(said) == len(set(said)) == 10
