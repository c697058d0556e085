"""Joining: by an invite and a mailed code, or through the waitlist; and who is refused."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.utils import timezone

from sora_social.accounts import invites, tasks
from sora_social.accounts.models import Handle, Invite, User
from sora_social.credits.models import Entry
from tests import cast
from tests.access.scene import OPERATIONS, fingerprint
from tests.access.table import TABLE
from tests.accounts.signing import Phone, code_mailed, codes_of


@pytest.fixture
def phone(db) -> Phone:
    return Phone()


@pytest.fixture
def code(ada) -> str:
    return invites.of(ada)[0].code


def test_with_an_invite_and_the_mailed_code_a_person_is_in(phone, code, settle):
    answer = phone.sign_up("nina", invite_code=code)
    assert answer.status_code == 401
    assert [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")] == ["verify_email"]
    before = phone.token
    verified = phone.verify()
    assert verified.status_code == 200
    assert verified.json()["data"]["user"]["handle"] == "nina"
    assert verified.json()["data"]["user"]["waitlisted"] is False
    assert phone.token != before, "the token changes with the rights it stands for"
    settle()
    me = phone.call("get", "/v1/me").json()
    assert (me["handle"], me["email"], me["birthday"], me["country"], me["waitlisted"]) == (
        "nina",
        "nina@example.org",
        "1990-05-04",
        "NL",
        False,
    )
    assert phone.call("get", "/v1/feed").status_code == 200
    limits = phone.call("get", "/v1/me/limits").json()
    assert limits["clips_extra"] == settings.INVITE_BONUS_CLIPS == 10
    assert len(phone.call("get", "/v1/invites").json()["items"]) == settings.INVITES_PER_PERSON == 4


def test_a_time_zone_that_is_told_at_sign_up_holds_at_once(phone, code):
    assert "time_zone" in str(phone.sign_up("nina", invite_code=code, time_zone="Mars/Olympus").json())
    phone.sign_up("nina", invite_code=code, time_zone="Asia/Tokyo", birthday=years_ago(15))
    phone.verify()
    me = phone.call("get", "/v1/me").json()
    assert (me["time_zone"], me["next_time_zone"]) == ("Asia/Tokyo", "")


def test_the_token_of_before_the_code_is_dead_after_it(phone, code):
    phone.sign_up("nina", invite_code=code)
    before = phone.token
    phone.verify()
    after, phone.token = phone.token, before
    assert phone.call("get", "/v1/me").status_code == 401
    phone.token = after
    assert phone.call("get", "/v1/me").status_code == 200


def test_before_the_code_nobody_is_signed_in(phone, code):
    phone.sign_up("nina", invite_code=code)
    for path in ("/v1/me", "/v1/feed"):
        answer = phone.call("get", path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_wrong_code_does_not_confirm(phone, code):
    phone.sign_up("nina", invite_code=code)
    assert phone.verify("ZZZZZZ").status_code == 400
    assert not EmailAddress.objects.get(user__handle="nina").verified


def test_without_an_invite_a_person_waits_and_meets_403_everywhere_but_at_me(phone, ada):
    phone.join("nina")
    assert phone.call("get", "/v1/me").json()["waitlisted"] is True
    assert phone.call("patch", "/v1/me", {"bio": "soon"}).status_code == 200
    post = cast.post(ada)
    challenge = cast.challenge(cast.moderator("mod"))
    names = {"handle": "ada", "tag": "sea", "board": "remixed", "post_id": post.pk, "challenge_id": challenge.pk}
    things = {**names, **cast.things_of(ada, post)}
    open_to_all = {place for place, row in TABLE.items() if row.answers["signed_out"] < 400}
    for verb, path in set(OPERATIONS) - open_to_all - {("GET", "/v1/me"), ("PATCH", "/v1/me")}:
        if TABLE[verb, path].answers["waitlisted"] != 403:  # to take one's face back, and to read what was agreed
            continue
        answer = phone.call(verb.lower(), path.format(**things), {})
        assert (answer.status_code, answer.json()["code"]) == (403, "waitlisted"), (verb, path)


def test_who_waits_is_let_in_after_the_delay_by_the_task(phone):
    phone.join("nina")
    nina = User.objects.get(handle="nina")
    almost = timezone.now() - settings.WAITLIST_DELAY + timedelta(minutes=1)
    User.objects.filter(pk=nina.pk).update(joined_at=almost)
    tasks.admit_waiting()
    assert phone.call("get", "/v1/feed").json()["code"] == "waitlisted"
    User.objects.filter(pk=nina.pk).update(joined_at=timezone.now() - settings.WAITLIST_DELAY - timedelta(seconds=1))
    tasks.admit_waiting()
    assert phone.call("get", "/v1/feed").status_code == 200
    assert Invite.objects.filter(inviter=nina).count() == 4


def test_who_never_confirmed_their_address_is_not_let_in(phone):
    phone.sign_up("nina")
    User.objects.update(joined_at=timezone.now() - timedelta(days=1))
    tasks.admit_waiting()
    assert User.objects.get(handle="nina").admitted_at is None


def refused(phone: Phone, **words):
    """Sign up with these words; nothing may be stored and nothing mailed."""
    before, mails = fingerprint(), len(mail.outbox)
    answer = phone.sign_up(words.pop("handle", "nina"), **words)
    assert fingerprint() == before, "a refused sign-up left something"
    assert len(mail.outbox) == mails
    return answer


def years_ago(years: int, *, days: int = 0) -> str:
    today = timezone.now().date()
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return (today.replace(year=today.year - years, day=day) + timedelta(days=days)).isoformat()


def test_under_13_is_refused_and_nothing_is_kept(phone, code):
    answer = refused(phone, birthday=years_ago(13, days=1), invite_code=code)
    assert answer.status_code == 400
    assert codes_of(answer) == {("birthday", "too_young")}
    assert invites.is_unused(code)
    assert phone.sign_up("nina", birthday=years_ago(13)).status_code == 401  # on the day itself


@pytest.mark.parametrize("birthday", ["", "1899-12-31", years_ago(0, days=1), "04.05.1990", "1990-02-30", "1990", None])
def test_what_is_no_birthday_is_refused(birthday, phone):
    answer = refused(phone, birthday=birthday)
    assert answer.status_code == 400
    assert {field for field, _ in codes_of(answer)} == {"birthday"}


@pytest.mark.parametrize("country", ["", "nl", "NLD", "N1", "🇳🇱", None])
def test_what_is_no_country_is_refused(country, phone):
    answer = refused(phone, country=country)
    assert answer.status_code == 400
    assert {field for field, _ in codes_of(answer)} == {"country"}


@pytest.mark.parametrize("handle", ["ab", "a" * 31, "with space", "émile", "a-b", "admin", "🦄🦄🦄", "a@b", ""])
def test_what_is_no_handle_is_refused(handle, phone):
    answer = refused(phone, handle=handle, email="nina@example.org")
    assert answer.status_code == 400
    assert {field for field, _ in codes_of(answer)} == {"username"}


@pytest.mark.parametrize("password", ["short", "password123", "nina", ""])
def test_a_weak_password_is_refused(password, phone):
    answer = refused(phone, password=password)
    assert answer.status_code == 400
    assert {field for field, _ in codes_of(answer)} == {"password"}


def test_handles_have_one_spelling(phone):
    phone.sign_up("Nina.X")
    assert Handle.objects.filter(name="nina.x").exists()
    answer = refused(Phone(), handle="NINA.x", email="other@example.org")
    assert answer.status_code == 400
    assert {field for field, _ in codes_of(answer)} == {"username"}


def test_a_handle_that_somebody_once_had_is_taken(phone, ada, api):
    assert api(ada).patch("/v1/me", {"handle": "countess"}).status_code == 200
    answer = refused(phone, handle="ada", email="other@example.org")
    assert answer.status_code in {400, 409}


def test_an_unknown_code_and_a_used_one_are_refused_alike(phone, code, bo):
    waiting = cast.person("waiting", admitted=False)
    assert invites.redeem(waiting, code)
    answers = [refused(phone, invite_code=word) for word in (code, "NEVERGIVEN")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
    assert codes_of(answers[0]) == {("invite_code", "invalid_invite")}


def test_where_the_service_is_not_open_nobody_signs_up(phone, settings):
    settings.OPEN_COUNTRIES = frozenset({"US", "CA"})
    answer = refused(phone, country="NL")
    assert (answer.status_code, answer.json()["code"]) == (403, "unsupported_country_code")
    assert phone.sign_up("nina", country="CA").status_code == 401


def test_what_the_proxy_says_of_the_country_counts_more_than_what_is_declared(phone, settings, ada, api):
    settings.OPEN_COUNTRIES, settings.COUNTRY_HEADER = frozenset({"US", "NL"}), "X-Country"
    words = {"email": "n@example.org", "username": "nina", "password": cast.PASSWORD, "birthday": "1990-05-04"}
    abroad = phone.client.post(
        "/_allauth/app/v1/auth/signup", {**words, "country": "US"}, format="json", HTTP_X_COUNTRY="FR"
    )
    assert (abroad.status_code, abroad.json()["code"]) == (403, "unsupported_country_code")
    assert not User.objects.filter(handle="nina").exists()
    assert api(ada).get("/v1/feed", HTTP_X_COUNTRY="NL").status_code == 200
    travelling = api(ada).get("/v1/feed", HTTP_X_COUNTRY="FR")
    assert (travelling.status_code, travelling.json()["code"]) == (403, "unsupported_country_code")
    assert api(ada).get("/v1/me", HTTP_X_COUNTRY="FR").status_code == 200


def test_a_person_on_the_waitlist_page_leaves_no_word_on_who_is_known(phone, ada):
    for email in ("ada@example.org", "nobody@example.org", "nobody@example.org"):
        answer = phone.client.post("/v1/waitlist", {"email": email}, format="json")
        assert (answer.status_code, answer.content) == (202, b"")


# races, where transactions really commit


def test_a_code_redeems_once_however_many_race_for_it(committed, at_once):
    code = invites.of(cast.person("ada"))[0].code
    people = [cast.person(f"racer{number}", admitted=False) for number in range(12)]
    won = at_once(lambda number: invites.redeem(people[number], code), 12)
    assert sorted(won) == [False] * 11 + [True]
    assert User.objects.filter(handle__startswith="racer", admitted_at__isnull=False).count() == 1
    from sora_social.core import outbox

    while outbox.relay():
        pass
    assert [entry.credits for entry in Entry.objects.all()] == [10]


def test_a_handle_is_given_once_however_many_sign_up_for_it(committed, at_once):
    answers = at_once(lambda number: Phone().sign_up("nina", email=f"nina{number}@example.org"), 6)
    assert sorted(answer.status_code for answer in answers)[0] in {400, 401}, answers
    assert [answer.status_code for answer in answers].count(401) == 1
    assert {answer.status_code for answer in answers} <= {400, 401, 409}
    assert User.objects.filter(handle="nina").count() == Handle.objects.filter(name="nina").count() == 1
    assert User.objects.count() == EmailAddress.objects.count() == 1


def test_the_code_in_the_mail_looks_like_a_code(phone):
    phone.sign_up("nina")
    assert len(code_mailed()) >= 6
    assert mail.outbox[-1].to == ["nina@example.org"]
