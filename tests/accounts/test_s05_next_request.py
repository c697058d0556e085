"""S05: a logout, a ban and a new password act on the next request, though sessions are cached in Redis."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from sora_social.accounts import people, sessions
from sora_social.accounts.models import User
from tests import cast
from tests.accounts.signing import PASSWORD, Phone

NEW = "another horse battery"


@pytest.fixture
def eve(db) -> User:
    return cast.person("eve", password=PASSWORD)


@pytest.fixture
def phones(eve) -> list[Phone]:
    """Two devices, both signed in, both sessions in the cache."""
    made = [Phone(), Phone()]
    for phone in made:
        assert phone.sign_in("eve").status_code == 200
        assert phone.call("get", "/v1/me").status_code == 200
    assert made[0].token != made[1].token
    return made


def knows(phone: Phone) -> int:
    return phone.call("get", "/v1/me").status_code


def test_s05_a_logout_acts_on_the_next_request_and_on_that_device_alone(phones):
    token = phones[0].token
    assert phones[0].call("delete", "auth/session").status_code == 401
    phones[0].token = token
    answer = phones[0].call("get", "/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert knows(phones[1]) == 200


def test_s05_a_ban_acts_on_the_next_request(phones, eve):
    people.set_active(eve.pk, active=False)
    for phone in phones:
        for path in ("/v1/me", "/v1/feed"):
            answer = phone.call("get", path)
            assert (answer.status_code, answer.json()["code"]) == (403, "suspended")
    answer = Phone().sign_in("eve")
    assert (answer.status_code, answer.json()["meta"]) == (401, {"is_authenticated": False})
    people.set_active(eve.pk, active=True)
    assert [knows(phone) for phone in phones] == [200, 200]


def test_s05_a_new_password_ends_every_other_session_on_its_next_request(phones):
    words = {"current_password": PASSWORD, "new_password": NEW}
    before = phones[0].token
    answer = phones[0].call("post", "account/password/change", words)
    assert answer.status_code in {200, 401}, answer.content
    assert knows(phones[1]) == 401
    phones[0].token = before
    assert knows(phones[0]) == 401
    assert Phone().sign_in("eve").status_code == 400
    assert Phone().sign_in("eve", NEW).status_code == 200


def test_s05_a_reset_password_ends_every_session_on_its_next_request(phones):
    stranger = Phone()
    assert stranger.call("post", "auth/password/request", {"email": "eve@example.org"}).status_code == 401
    key = re.search(r"^([A-Z0-9-]{6,10})$", mail.outbox[-1].body, re.MULTILINE)[1]
    answer = stranger.call("post", "auth/password/reset", {"key": key, "password": NEW})
    assert answer.status_code in {200, 401}, answer.content
    assert [knows(phone) for phone in phones] == [401, 401]
    assert Phone().sign_in("eve", NEW).status_code == 200


def test_s05_an_account_that_is_gone_is_gone_on_the_next_request(phones, eve):
    EmailAddress.objects.filter(user=eve).delete()
    User.objects.filter(pk=eve.pk).delete()
    assert [knows(phone) for phone in phones] == [401, 401]


def test_s05_mutant_without_comparing_the_password_old_sessions_live_on(phones, monkeypatch):
    monkeypatch.setattr(sessions, "constant_time_compare", lambda *_: True)
    phones[0].call("post", "account/password/change", {"current_password": PASSWORD, "new_password": NEW})
    assert knows(phones[1]) == 200
