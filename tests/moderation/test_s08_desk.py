"""S08: staff without a second factor reach no page of the desk, and what the others look at is logged."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sora_social.accounts import people
from sora_social.moderation import appointing, demo, reporting
from sora_social.moderation.models import AuditEntry
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


def path_of(answer):
    return answer.status_code, urlsplit(answer.headers.get("Location", "")).path


def test_s08_nobody_passes_without_a_second_factor(world, mod):
    mallory = cast.person("mallory")
    with_password_only, ordinary = desk.sign_in(mod), Client()
    ordinary.cookies["sessionid"] = cast.session_token(mallory)
    for url in (filled(address, **world) for address in ADDRESSES):
        for verb in ("get", "post"):
            signed_out = getattr(Client(), verb)(url)
            assert path_of(signed_out) == (302, "/staff/login/"), url
            assert parse_qs(urlsplit(signed_out["Location"]).query)["next"] == [url]
            assert getattr(ordinary, verb)(url).status_code == 404, url
            assert path_of(getattr(with_password_only, verb)(url)) == (302, "/staff/2fa/totp/activate/"), url
    desk.give_second_factor(mod)  # it is there now, and was not used in this session
    for url in (filled(address, **world) for address in ADDRESSES):
        assert path_of(with_password_only.get(url)) == (302, "/staff/2fa/reauthenticate/"), url
    assert not AuditEntry.objects.exists()


def test_s08_who_passes_is_logged_on_every_page(world, mod):
    client = desk.seated(mod)
    session = client.cookies["sessionid"].value
    for address in ADDRESSES:
        before = AuditEntry.objects.count()
        url = filled(address, **{**world, "name": "video.mp4"})
        answer = client.get(url)
        assert answer.status_code in {200, 302, 403, 404, 405}, url
        assert "/staff/" not in answer.headers.get("Location", ""), url
        assert AuditEntry.objects.count() == before + 1, url
        entry = AuditEntry.objects.latest("id")
        assert (entry.actor, entry.action, entry.path) == (mod, "viewed", url)
        if "<path:object_id>" in address and "/posts/post/" in address:
            assert (entry.subject_type, entry.subject_id) == ("post", world["object_id"])
    assert client.cookies["sessionid"].value == session


def test_pictures_and_later_bytes_of_a_clip_are_part_of_what_was_logged(world, mod):
    client, clip = desk.seated(mod), f"/admin/clips/{world['clip_id']}"
    client.get(f"{clip}/poster.jpg")
    client.get(f"{clip}/video.mp4", headers={"Range": "bytes=500-"})
    assert not AuditEntry.objects.exists()
    client.get(f"{clip}/video.mp4", headers={"Range": "bytes=0-"})
    assert list(AuditEntry.objects.values_list("subject_type", "subject_id")) == [("clip", world["clip_id"])]


def test_a_second_factor_opens_the_desk_for_some_hours(mod, settings):
    client = desk.seated(mod)
    assert client.get("/admin/").status_code == 200
    settings.STAFF_SECOND_FACTOR = settings.STAFF_SECOND_FACTOR * 0
    answer = client.get("/admin/")
    assert (answer.status_code, urlsplit(answer["Location"]).path) == (302, "/staff/2fa/reauthenticate/")


def test_setting_a_second_factor_up_leads_to_the_desk(mod):
    client = desk.sign_in(mod)
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/staff/reauthenticate/")
    page = client.post(asked.redirect_chain[-1][0], {"password": cast.PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0].startswith("/staff/2fa/totp/activate/")
    secret = re.search(r'value="([A-Z2-7]{32})"', page.content.decode())[1]
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
