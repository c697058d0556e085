"""S06: signing in, signing up and resetting tell nobody whether an address has an account."""

import json
import re

import pytest
from django.core import mail

from tests import cast
from tests.accounts.signing import PASSWORD, Phone


@pytest.fixture
def eve(db):
    return cast.person("eve", password=PASSWORD)


def said(answer) -> tuple[int, str]:
    """Status and body, without what differs between any two answers: tokens, and what was sent in."""
    words = json.dumps(answer.json(), sort_keys=True)
    words = re.sub(r'"(session_token|request_id)": "[^"]*"', "", words)
    return answer.status_code, re.sub(r"eve@example\.org|nobody@example\.org", "…", words)


@pytest.mark.parametrize("password", ["wrong horse battery", ""])
def test_s06_signing_in_says_the_same_of_a_wrong_address_and_a_wrong_password(password, eve):
    known, unknown = (Phone().sign_in(name, password) for name in ("eve@example.org", "nobody@example.org"))
    assert known.status_code == 400
    assert said(known) == said(unknown)
    assert known.headers.keys() == unknown.headers.keys()


def test_s06_signing_in_by_handle_says_the_same(eve):
    known, unknown = (Phone().sign_in(name, "wrong horse battery") for name in ("eve", "nobody"))
    assert said(known) == said(unknown)


def test_s06_signing_up_says_the_same_of_a_known_address(eve):
    known = Phone().sign_up("fresh", email="eve@example.org")
    unknown = Phone().sign_up("fresher", email="nobody@example.org")
    assert known.status_code == 401
    assert said(known) == said(unknown)
    assert known.headers.keys() == unknown.headers.keys()
    assert [message.to for message in mail.outbox] == [["eve@example.org"], ["nobody@example.org"]]


def test_s06_confirming_says_the_same_of_a_known_address(eve):
    answers = []
    for handle, email in (("fresh", "eve@example.org"), ("fresher", "nobody@example.org")):
        phone = Phone()
        phone.sign_up(handle, email=email)
        answers.append([said(phone.call("get", "auth/session")), said(phone.verify("ZZZZZZ"))])
    assert answers[0] == answers[1]


def test_s06_resetting_says_the_same_of_a_known_address(eve):
    answers = []
    for email in ("eve@example.org", "nobody@example.org"):
        phone = Phone()
        asked = phone.call("post", "auth/password/request", {"email": email})
        tried = phone.call("post", "auth/password/reset", {"key": "ZZZZZZ", "password": "another horse battery"})
        answers.append([said(asked), said(tried)])
    assert answers[0] == answers[1]


def test_s06_a_taken_handle_may_be_told(eve):
    answer = Phone().sign_up("eve", email="nobody@example.org")
    assert answer.status_code == 400
