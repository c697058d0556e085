"""What people want to hear of, and when not."""

from datetime import datetime

import pytest

from sora_social.accounts import ties
from sora_social.inbox import tasks
from sora_social.inbox.models import Device, Kind, Mailbox, Notification
from sora_social.inbox.notifications import choices
from sora_social.posts import reactions
from sora_social.posts.comments import commenting
from tests import cast

PATH = "/v1/notifications/choices"


@pytest.fixture(autouse=True)
def _nights_of_teens(settings):
    settings.TEEN_QUIET_HOURS = "22:00-06:00"


def test_at_first_everything_is_told(ada, teen, api):
    found = api(ada).get(PATH).json()
    assert found["types"].pop("message") == {"mailbox": False, "push": True}
    assert set(found["types"]) == set(Kind.values)
    assert all(choice == {"mailbox": True, "push": True} for choice in found["types"].values())
    assert (found["quiet_hours"], found["always_quiet"]) == (None, None)
    assert api(teen).get(PATH).json()["always_quiet"] == {"begins": "22:00", "ends": "06:00"}


def test_what_is_not_wanted_is_not_kept_and_the_rest_is(ada, bo, api, settle):
    words = {"types": {"like": {"mailbox": False}, "follow": {"push": False}}}
    changed = api(ada).patch(PATH, words).json()
    assert changed["types"]["like"] == {"mailbox": False, "push": False}
    assert changed["types"]["follow"] == {"mailbox": True, "push": False}
    assert api(ada).get(PATH).json() == changed
    reactions.like(bo, cast.post(ada).pk)
    ties.follow(bo, "ada")
    settle()
    tasks.fold()
    assert [item["type"] for item in api(ada).get("/v1/notifications").json()["items"]] == ["follow"]
    again = api(ada).patch(PATH, {"types": {"like": {"mailbox": True}}}).json()
    assert again["types"]["like"] == {"mailbox": True, "push": True}
    assert again["types"]["follow"]["push"] is False


@pytest.mark.parametrize(
    "words",
    [
        {"types": {"moderation": {"mailbox": False}}},
        {"types": {"everything": {"push": False}}},
        {"types": {"like": {"sms": False}}},
        {"quiet_hours": {"begins": "22:00", "ends": "22:00"}},
        {"quiet_hours": {"begins": "late", "ends": "06:00"}},
        {"surprise": 1},
    ],
)
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(words, ada, api):
    before = api(ada).get(PATH).json()
    assert api(ada).patch(PATH, words).status_code == 422
    assert api(ada).get(PATH).json() == before


def test_quiet_hours_of_ones_own_hold_where_one_is(ada, api):
    ada.time_zone = "Asia/Tokyo"
    ada.save(update_fields=["time_zone"])
    assert api(ada).patch(PATH, {"quiet_hours": {"begins": "23:00", "ends": "07:30"}}).status_code == 200
    held = Mailbox.objects.get(person=ada)
    assert choices.is_quiet(ada, held, datetime.fromisoformat("2026-11-10T14:30:00+00:00"))  # 23:30 there
    assert choices.is_quiet(ada, held, datetime.fromisoformat("2026-11-10T22:29:00+00:00"))
    assert not choices.is_quiet(ada, held, datetime.fromisoformat("2026-11-10T22:31:00+00:00"))
    assert api(ada).patch(PATH, {"quiet_hours": None}).json()["quiet_hours"] is None
    held.refresh_from_db()
    assert not choices.is_quiet(ada, held, datetime.fromisoformat("2026-11-10T14:30:00+00:00"))


def test_a_teen_cannot_loosen_the_night(teen, api):
    api(teen).patch(PATH, {"quiet_hours": {"begins": "12:00", "ends": "13:00"}})
    held = Mailbox.objects.get(person=teen)
    assert choices.is_quiet(teen, held, datetime.fromisoformat("2026-11-10T23:00:00+00:00"))
    assert choices.is_quiet(teen, held, datetime.fromisoformat("2026-11-10T12:30:00+00:00"))
    assert not choices.is_quiet(teen, held, datetime.fromisoformat("2026-11-10T15:00:00+00:00"))


def test_quiet_hours_of_the_feed_are_quiet_for_devices_too(ada, api):
    api(ada).patch("/v1/me/scrolling", {"quiet_hours": {"begins": "20:00", "ends": "07:00"}})
    ada.refresh_from_db()
    held = Mailbox.objects.hold([ada.pk])[ada.pk]
    assert choices.is_quiet(ada, held, datetime.fromisoformat("2026-11-10T21:00:00+00:00"))


# devices


def test_at_most_ten_devices_and_each_once(ada, bo, api):
    client = api(ada)
    for number in range(12):
        token = f"{number:064x}"
        answer = client.post("/v1/notifications/devices", {"platform": "apns", "token": token})
        assert (answer.status_code, answer.json()["platform"]) == (201, "apns")
        assert token not in answer.content.decode()
    assert client.post("/v1/notifications/devices", {"platform": "apns", "token": f"{11:064X}"}).status_code == 201
    listed = client.get("/v1/notifications/devices").json()["items"]
    assert [item["id"] for item in listed] == [
        str(pk) for pk in Device.objects.order_by("-id").values_list("pk", flat=True)
    ]
    assert len(listed) == 10
    assert not Device.objects.filter(token__in=[f"{0:064x}", f"{1:064x}"]).exists()
    assert client.delete(f"/v1/notifications/devices/{listed[0]['id']}").status_code == 204
    assert api(bo).delete(f"/v1/notifications/devices/{listed[1]['id']}").status_code == 404
    assert Device.objects.filter(owner=ada).count() == 9


@pytest.mark.parametrize(
    ("platform", "token"),
    [("apns", "no hex"), ("apns", "ab"), ("fcm", "a b" * 20), ("fcm", "../" * 20), ("web", "x" * 64)],
)
def test_what_is_no_token_is_refused(platform, token, ada, api):
    answer = api(ada).post("/v1/notifications/devices", {"platform": platform, "token": token})
    assert answer.status_code == 422
    assert not Device.objects.exists()


# mentions


def test_who_is_named_hears_that_and_no_more_once_the_words_change(ada, bo, cy, api, settle):
    post = cast.post(ada)
    comment = commenting.say(bo, post.pk, text="look @cy and @ada")
    settle()
    texts = {who.handle: api(who).get("/v1/notifications").json() for who in (ada, cy)}
    assert {name: [item["text"] for item in page["items"]] for name, page in texts.items()} == {
        "ada": ["bo mentioned you."],
        "cy": ["bo mentioned you."],
    }
    commenting.edit(bo, comment.pk, text="look @ada")
    assert api(cy).get("/v1/notifications").json()["unread"]["total"] == 0
    assert api(ada).get("/v1/notifications").json()["unread"]["total"] == 1


def test_nobody_hears_of_a_comment_under_what_they_may_not_see(ada, bo, cy, api, settle):
    ties.follow(bo, "ada")
    post = cast.post(ada, visibility="followers")
    commenting.say(bo, post.pk, text="@cy must see this")
    settle()
    assert api(cy).get("/v1/notifications").json()["items"] == []
    assert not Notification.objects.filter(person=cy).exists()
