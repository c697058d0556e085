"""The cameos of the demo world, and the catalogue that any operator may stock."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cameos import consent, enrolling, erasing
from cameos.consent import Mode
from cameos.models import Appearance, Cameo, CameoKind, CastRequest, ConsentRecord, Enrolment
from sora_social.accounts import invites
from sora_social.accounts.models import Handle, User
from sora_social.core.errors import Conflict, Forbidden
from sora_social.demo import catalogue, enrolments, faces, seeding, world
from sora_social.moderation import deciding
from sora_social.moderation.demo import make_moderator
from sora_social.moderation.models import Action, AuditEntry
from sora_social.posts.models import Post
from sora_social.studio.models import Draft
from tests.cast import person
from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own

NAMES = [name for name, *_ in faces.CATALOGUE]


def likeness_of(handle):
    return next(likeness for likeness in world.LIKENESSES if likeness.handle == handle)


@pytest.mark.usefixtures("db", "media_folder")
def test_the_catalogue_is_stocked_once_and_everybody_may_cast_from_it(api, capsys, mod):
    call_command("stock_catalogue", moderator="mod")
    first = capsys.readouterr().out.splitlines()
    count = ConsentRecord.objects.count()
    call_command("stock_catalogue", moderator="mod")
    assert capsys.readouterr().out.splitlines() == first == [f"@{name} is in the catalogue" for name in NAMES]
    assert (Cameo.objects.count(), ConsentRecord.objects.count()) == (6, count)
    shown = api(person("bo")).get("/v1/characters").json()["items"]
    assert [one["handle"] for one in shown] == NAMES[::-1]
    assert {(one["owner"]["handle"], one["viewer"]["may_cast"]) for one in shown} == {("sora", True)}


@pytest.mark.usefixtures("db", "media_folder")
def test_without_a_moderator_the_characters_wait_at_the_desk(monkeypatch, capsys, mod):
    monkeypatch.setattr(faces, "CATALOGUE", faces.CATALOGUE[:1])
    call_command("stock_catalogue")
    assert capsys.readouterr().out == "@cat waits at the desk; run this again after the decision\n"
    person("bo")
    for nobody, error in (("bo", Forbidden), ("nobody", CommandError)):
        with pytest.raises(error):
            call_command("stock_catalogue", moderator=nobody)
    assert Cameo.objects.get().status == "pending_review"
    deciding.approve_cameo(mod, Cameo.objects.get().pk, reason="It is a cat.")
    call_command("stock_catalogue")
    assert capsys.readouterr().out == "@cat is in the catalogue\n"


@pytest.mark.usefixtures("db", "media_folder")
def test_a_character_whose_name_is_taken_goes_by_another(monkeypatch, mod):
    person("fox")
    monkeypatch.setattr(faces, "CATALOGUE", faces.CATALOGUE[:2])
    assert [cameo.handle for cameo in catalogue.stock(mod)] == ["cat", "fox.sora"]
    assert [cameo.handle for cameo in catalogue.stock(mod)] == ["cat", "fox.sora"]
    assert Handle.objects.get(name="fox").person.handle == "fox"


@pytest.mark.usefixtures("db", "media_folder")
def test_what_was_closed_or_erased_stays_out_of_the_catalogue(monkeypatch, capsys, mod):
    monkeypatch.setattr(faces, "CATALOGUE", faces.CATALOGUE[:2])
    cat, fox = catalogue.stock(mod)
    consent.set_terms(cat.owner, cat.pk, audience="only_me", in_catalogue=False)
    erasing.erase(fox.owner, fox.pk)
    call_command("stock_catalogue", moderator="mod")
    assert capsys.readouterr().out.splitlines() == [
        "@cat is active and stays out of the catalogue",
        "@fox is erased and stays out of the catalogue",
    ]


@pytest.mark.usefixtures("db", "media_folder")
def test_nobody_signs_in_as_the_house(api, monkeypatch, mod):
    monkeypatch.setattr(faces, "CATALOGUE", ())
    list(catalogue.stock(mod))
    house = User.objects.get(handle=catalogue.HOUSE)
    assert (house.email, house.has_usable_password(), house.emailaddress_set.count()) == ("", False, 0)
    for password in ("sora-demo-only", house.password):
        words = {"username": catalogue.HOUSE, "password": password}
        assert api(None).post("/_allauth/app/v1/auth/login", words).status_code == 400
    signing_up = {
        "email": "house@example.org",
        "username": catalogue.HOUSE,
        "password": "long enough for us",
        "birthday": "1990-01-01",
        "country": "NL",
    }
    refused = api(None).post("/_allauth/app/v1/auth/signup", signing_up)
    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (400, "username")


@pytest.mark.usefixtures("db", "media_folder")
def test_an_account_that_somebody_can_sign_in_to_does_not_own_the_catalogue(mod):
    invites.admit(person(catalogue.HOUSE))
    with pytest.raises(Conflict):
        next(catalogue.stock(mod))
    assert not Cameo.objects.exists()


@pytest.mark.usefixtures("committed", "media_folder")
def test_an_interrupted_enrolment_goes_on_and_what_was_said_since_stays():
    seeding.seed_people()
    ada = User.objects.get(handle="ada")
    begun = enrolling.create(ada, kind=CameoKind.PERSON)  # and here it was interrupted
    enrolments.enrol([likeness_of("ada")])
    cameo = Cameo.objects.get()
    assert (cameo.pk, cameo.status, cameo.audience) == (begun.pk, "active", "everyone")
    assert cameo.limits["no_politics"] is True
    decided = AuditEntry.objects.get(action=Action.APPROVED)
    assert (decided.actor.handle, decided.subject_id) == ("mod", cameo.pk)
    consent.revoke(ada, cameo.pk, mode=Mode.UNPUBLISH_ALL)
    enrolments.enrol([likeness_of("ada")])
    assert list(cameo.records.order_by("seq").values_list("kind", flat=True)) == [
        *("released", "activated", "terms_set", "revoked")
    ]


@pytest.mark.usefixtures("committed", "media_folder")
def test_people_are_cast_remixed_and_asked(settings):
    settings.PREVIEW_SHORT_EDGE = 120
    seeding.seed_people()
    enrolments.enrol([likeness_of("ada")])
    for _ in range(2):  # the second run does nothing
        seeding._make_castings(world.castings())
    # whom nobody enrolled here, nobody can cast: those pieces are left out
    posts = Post.objects.order_by("id")
    assert list(posts.values_list("author__handle", flat=True)) == ["bo", "ines", "lin"]
    together = posts.get(author__handle="bo").credits.values_list("person__handle", flat=True)
    assert list(together) == ["ada"]
    inherited = Appearance.objects.get(post_id=posts.get(author__handle="lin").pk)
    assert (inherited.cameo.handle, inherited.is_inherited) == ("ada", True)
    asked = CastRequest.objects.get()
    assert (asked.requester.handle, asked.state, [doubt["limit"] for doubt in asked.doubts]) == (
        *("mina", "pending"),
        ["restrictions"],
    )
    assert Draft.objects.get(pk=asked.draft_id).status == "awaiting_cast"


def test_the_castings_name_people_and_characters_of_the_world():
    handles = {person.handle for person in world.PEOPLE}
    enrolled = {likeness.handle for likeness in world.LIKENESSES}
    pieces = world.castings()
    assert {piece.author for piece in pieces} <= handles
    named = {word.strip("\"',.")[1:] for piece in pieces for word in piece.prompt.split() if word.startswith("@")}
    assert named <= enrolled | set(NAMES)
    assert sum(not piece.is_waiting for piece in pieces) == 10


@pytest.mark.usefixtures("committed", "media_folder")
def test_checks_that_died_with_an_interrupted_run_are_made_again(monkeypatch):
    make_moderator("mod", "mod@demo.invalid", world.PASSWORD)
    monkeypatch.setattr(faces, "CATALOGUE", faces.CATALOGUE[:1])
    monkeypatch.setattr(world, "LIKENESSES", ())
    monkeypatch.setattr(catalogue, "_PATIENCE", 0.0)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(enrolling, "examine", enrolling._claim)  # claimed, and then the process died
        [cat] = catalogue.stock()
    assert cat.status == "processing"
    Enrolment.objects.update(lease_until=timezone.now() + timedelta(seconds=1))
    seeding._finish_cameos()
    cat.refresh_from_db()
    assert (cat.status, cat.in_catalogue, cat.enrolment.attempts) == ("active", True, 2)
