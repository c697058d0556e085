"""S08: staff without a second factor reach no page of the desk, and what the others look at is logged."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sora_social.accounts import people
from sora_social.moderation import appointing, reporting
from sora_social.moderation.models import AuditEntry
from sora_social.posts import commenting
from tests import cast
from tests.moderation import desk

SAMPLE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")


def addresses(patterns, prefix):
    """Every address that begins with the prefix, with its parameters still in it."""
    for pattern in patterns:
        whole = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, whole)
        elif isinstance(pattern, URLPattern):
            yield whole


ADDRESSES = sorted({address for address in addresses(get_resolver().url_patterns, "/") if address.startswith("/admin")})


def filled(address, **known):
    return SAMPLE.sub(lambda found: str(known.get(found[1] or found[2], "nothing")), address)


@pytest.fixture
def world(ada, bo):
    post = cast.post(ada)
    reporting.report(bo, post_id=post.pk, reason="hate")
    return {"object_id": post.pk, "clip_id": post.clip_id, "name": "poster.jpg", "app_label": "posts", "decision": "x"}


def test_the_crawl_sees_the_whole_desk():
    text = " ".join(ADDRESSES)
    for part in ("/search/", "/autocomplete/", "/jsi18n/", "/clips/", "/posts/post/", "/moderation/auditentry/"):
        assert part in text
    assert "password" not in text, "passwords are no business of the desk"
    assert len(ADDRESSES) > 40


@pytest.mark.parametrize("address", ADDRESSES)
def test_s08_nobody_passes_without_a_second_factor(address, world, mod):
    mallory = cast.person("mallory", password=cast.PASSWORD)
    url = filled(address, **world)
    with_password_only = desk.sign_in(mod)
    ordinary = Client()
    ordinary.cookies["sessionid"] = cast.session_token(mallory)
    for verb in ("get", "post"):
        signed_out = getattr(Client(), verb)(url)
        assert (signed_out.status_code, urlsplit(signed_out["Location"]).path) == (302, "/staff/login/")
        assert parse_qs(urlsplit(signed_out["Location"]).query)["next"] == [url]
        assert getattr(ordinary, verb)(url).status_code == 404
        half = getattr(with_password_only, verb)(url)
        assert (half.status_code, urlsplit(half["Location"]).path) == (302, "/staff/2fa/totp/activate/")
    desk.give_second_factor(mod)  # it is there now, and was not used in this session
    half = with_password_only.get(url)
    assert (half.status_code, urlsplit(half["Location"]).path) == (302, "/staff/2fa/reauthenticate/")
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("address", ADDRESSES)
def test_s08_who_passes_is_logged_on_every_page(address, world, mod):
    client, url = desk.seated(mod), filled(address, **{**world, "name": "video.mp4"})
    answer = client.get(url)
    assert answer.status_code in {200, 302, 403, 404}
    assert not (answer.status_code == 302 and "/staff/" in answer["Location"])
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.action, entry.path) == (mod, "viewed", url)
    if "<path:object_id>" in address and "/posts/post/" in address:
        assert (entry.subject_type, entry.subject_id) == ("post", world["object_id"])


def test_a_second_factor_opens_the_desk_for_some_hours(mod, settings):
    client = desk.seated(mod)
    assert client.get("/admin/").status_code == 200
    settings.STAFF_SECOND_FACTOR = settings.STAFF_SECOND_FACTOR * 0
    answer = client.get("/admin/")
    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, "/staff/2fa/reauthenticate/")


def test_setting_a_second_factor_up_leads_to_the_desk(mod):
    client = desk.sign_in(mod)
    page = client.get("/admin/", follow=True)
    assert page.status_code == 200, page.redirect_chain
    secret = re.search(r'value="([A-Z2-7]{32})"', page.content.decode())[1]
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    code = format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1]))
    done = client.post("/staff/2fa/totp/activate/", {"code": code}, follow=True)
    assert "recovery codes" in done.content.decode().lower()
    again = client.get("/admin/", follow=True)
    assert again.redirect_chain[-1][0].startswith("/staff/2fa/reauthenticate/")
    inside = client.post("/staff/2fa/reauthenticate/?next=/admin/", {"code": code, "next": "/admin/"}, follow=True)
    assert inside.redirect_chain[-1][0] == "/admin/"
    assert inside.status_code == 200


@pytest.mark.parametrize("change", ["suspended", "dismissed", "second factor gone", "signed out"])
def test_s05_who_loses_the_seat_is_out_on_the_next_request(change, mod):
    client = desk.seated(mod)
    assert client.get("/admin/").status_code == 200
    match change:
        case "suspended":
            people.set_active(mod.pk, active=False)
        case "dismissed":
            appointing.set_staff("mod", is_staff=False)
        case "second factor gone":
            mod.authenticator_set.all().delete()
        case _:
            assert client.post("/admin/logout/")["Location"] == "/staff/login/"
    assert client.get("/admin/").status_code in {302, 404}


def test_the_sign_in_page_gives_an_ordinary_person_no_session(db):
    cast.person("mallory", password=cast.PASSWORD)
    client = Client()
    right = client.post("/staff/login/", {"login": "mallory", "password": cast.PASSWORD})
    wrong = client.post("/staff/login/", {"login": "mallory", "password": "not it at all"})
    same = [re.sub(r'value="[A-Za-z0-9]{64}"', "", page.content.decode()) for page in (right, wrong)]
    assert (right.status_code, wrong.status_code) == (200, 200)
    assert same[0] == same[1]
    assert not any("_auth_user_id" in session.get_decoded() for session in Session.objects.all())


def test_nobody_signs_up_or_changes_a_password_in_a_browser(db):
    for path in ("signup/", "password/change/", "password/reset/", "email/"):
        assert Client().get(f"/staff/{path}").status_code == 404


def test_demo_code_signs_the_demo_moderator_in(db, capsys):
    from sora_social.moderation import demo

    demo.make_moderator("mod", "mod@example.org", cast.PASSWORD)
    demo.make_moderator("mod", "mod@example.org", "another password")
    call_command("demo_code")
    code = capsys.readouterr().out.strip()
    assert re.fullmatch(r"\d{6}", code)
    client = Client()
    asked = client.post("/staff/login/", {"login": "mod", "password": cast.PASSWORD})
    entered = client.post(asked["Location"], {"code": code}, follow=True)
    assert entered.redirect_chain[-1][0] == "/admin/"
    assert entered.status_code == 200


def many_things(rows):
    """As many of everything as a list shows."""
    people_ = [cast.person(f"person{number}") for number in range(rows)]
    for number, person in enumerate(people_):
        post = cast.post(person, caption=f"post {number}")
        comment = commenting.say(person, post.pk, text="hm")
        reporter = people_[number - 1]
        reporting.report(reporter, post_id=post.pk, reason="spam")
        reporting.report(reporter, comment_id=comment.pk, reason="hate")
        reporting.report(reporter, handle=person.handle, reason="other")


LISTS = (
    "accounts/user/", "posts/post/", "studio/generation/", "moderation/report/", "moderation/auditentry/",
    "accounts/invite/", "accounts/waitlistentry/",
)  # fmt: skip


@pytest.mark.parametrize("page", LISTS)
def test_a_list_costs_the_same_for_10_and_30_rows(page, mod, django_assert_max_num_queries):
    client = desk.seated(mod)
    costs = []
    for rows in (3, 27):
        if rows == 27:
            for model in ():
                pass
        many_things_once(rows, costs)
        with django_assert_max_num_queries(20) as found:
            assert client.get(f"/admin/{page}").status_code == 200
        costs.append(len(found))
    assert costs[0] == costs[1]


def many_things_once(rows, costs):
    offset = 100 * len(costs)
    people_ = [cast.person(f"p{offset + number}") for number in range(rows)]
    for number, person in enumerate(people_):
        post = cast.post(person, caption=f"post {number}")
        reporting.report(people_[number - 1], post_id=post.pk, reason="spam")
        reporting.report(people_[number - 1], handle=person.handle, reason="other")
