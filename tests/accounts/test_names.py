"""Names are for people, not for collecting; words are for reading."""

from datetime import timedelta

from django.utils import timezone

from sora_social.accounts import people
from sora_social.accounts.models import Handle, User
from tests import cast


def test_a_handle_can_be_changed_twice_in_two_weeks(ada, api):
    for name in ("ada_two", "ada_three"):
        assert api(ada).patch("/v1/me", {"handle": name}, format="json").status_code == 200
    answer = api(ada).patch("/v1/me", {"handle": "ada_four"}, format="json")
    assert answer.status_code == 429
    assert not Handle.objects.filter(name="ada_four").exists()
    assert api(ada).patch("/v1/me", {"handle": "ada"}, format="json").status_code == 200  # one's own names stay free


def test_accounts_that_were_never_confirmed_let_go_of_their_names(db):
    forgotten = cast.person("nobody", admitted=False)
    forgotten.emailaddress_set.update(verified=False)
    waiting = cast.person("waiting", admitted=False)
    assert people.forget_unconfirmed(timezone.now() + timedelta(hours=23)) == 0
    assert people.forget_unconfirmed(timezone.now() + timedelta(hours=25)) == 1
    assert set(User.objects.values_list("pk", flat=True)) == {waiting.pk}
    assert not Handle.objects.filter(name="nobody").exists()


def test_words_that_turn_the_text_around_them_are_refused(ada, api):
    for field in ("display_name", "bio"):
        answer = api(ada).patch("/v1/me", {field: "\u202eada\u202c"}, format="json")
        assert answer.status_code == 422
        assert answer.json()["errors"][field][0]["code"] == "control_characters"
    ada.refresh_from_db()
    assert (ada.display_name, ada.bio) == ("", "")


def test_only_what_our_own_proxies_say_of_an_address_counts(db, api, monkeypatch):
    from sora_social.core.http import WriteThrottle

    monkeypatch.setattr(WriteThrottle, "rate", "3/min", raising=False)
    monkeypatch.setattr("sora_social.accounts.views.WaitlistView.throttle_classes", [WriteThrottle])
    answers = [
        api(None)
        .post("/v1/waitlist", {"email": "a@example.org"}, format="json", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")
        .status_code
        for n in range(5)
    ]
    assert answers == [202, 202, 202, 429, 429]


def test_the_region_is_found_whatever_the_case_of_the_header(settings):
    from sora_social.accounts import admission

    settings.COUNTRY_HEADER = "CF-IPCountry"
    assert admission.country_seen({"Cf-Ipcountry": "nl"}) == "NL"
