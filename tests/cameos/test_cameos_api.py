"""Cameos over HTTP: from the release to the erasure, and what each viewer is told."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cameos import consent, enrolling, memorials
from cameos.models import Cameo, Complaint, ConsentRecord
from sora_social.accounts import ties
from sora_social.moderation import deciding
from tests import cast

LIMITS = {
    "no_ads": True,
    "no_politics": True,
    "no_romance": False,
    "no_violence": False,
    "no_major_appearance_change": False,
    "no_embarrassing": False,
    "languages": ["en", "zh"],
    "regions": ["NL"],
    "until": "2199-12-31",
}
LICENCE = {"per": "clip", "credits": 3, "quota": 100, "until": "2199-12-31", "ads": False}


def upload(name="me.mp4", body=None):
    return {"file": SimpleUploadedFile(name, body or cast.upload().getvalue())}


def test_the_whole_way_of_a_face(ada, bo, mod, api):
    client = api(ada)
    terms = api(None).get("/v1/config").json()["release_terms"]
    begun = client.post("/v1/cameos", {"kind": "person"})
    assert begun.status_code == 201
    cameo = begun.json()
    assert (cameo["handle"], cameo["kind"], cameo["audience"], cameo["status"]) == (
        "ada",
        "person",
        "only_me",
        "awaiting_recording",
    )
    assert cameo["owner"]["handle"] == "ada"
    assert cameo["enrolment"]["status"] == "release_required"
    assert len(cameo["enrolment"]["challenge"]["numbers"]) == 3
    assert cameo["viewer"] == {"may_cast": False, "reason": "not_active"}
    url = f"/v1/cameos/{cameo['id']}"
    assert client.post(f"{url}/recording", upload(), format="multipart").json()["code"] == "release_required"
    released = client.put(f"{url}/release", {"terms_version": terms}).json()
    assert released["enrolment"]["status"] == "recording_required"
    assert released["enrolment"]["expires_at"] is not None
    stored = client.post(f"{url}/recording", upload(), format="multipart")
    assert (stored.status_code, stored.json()["enrolment"]["status"]) == (202, "examined")
    assert stored.json()["enrolment"]["challenge"] is None
    enrolling.conclude(enrolling._claim(int(cameo["id"])), cast.examination())
    waiting = client.get(url).json()
    assert (waiting["status"], waiting["enrolment"]["status"]) == ("pending_review", "reviewed")
    assert [found["verdict"] for found in waiting["enrolment"]["findings"]] == ["pass", "undecided"]
    assert api(bo).get(url).status_code == 404
    deciding.approve_cameo(mod, int(cameo["id"]), reason="it is her")
    active = client.get(url).json()
    assert active["viewer"] == {"may_cast": True, "reason": "owner"}
    assert api(bo).get(url).status_code == 404
    wide = client.patch(url, {"audience": "everyone"}).json()
    assert wide["audience"] == "everyone"
    assert api(bo).get(url).json()["viewer"] == {"may_cast": True, "reason": "everyone"}
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.get("/v1/cameos").json()["items"] == []


def test_terms_are_set_and_read_back(ada, api):
    cameo = cast.approved(ada)
    words = {
        "audience": "mutuals",
        "ask_first": True,
        "limits": LIMITS,
        "preferences": "in a green coat",
        "restrictions": "never on a horse",
        "display_name": "Ada L.",
        "licence": LICENCE,
    }
    answer = api(ada).patch(f"/v1/cameos/{cameo.pk}", words)
    assert answer.status_code == 200, answer.json()
    assert {name: answer.json()[name] for name in words} == words
    assert api(ada).patch(f"/v1/cameos/{cameo.pk}", {"licence": None}).json()["licence"] is None
    narrower = api(ada).patch(f"/v1/cameos/{cameo.pk}", {"limits": {"no_ads": True}}).json()["limits"]
    assert (narrower["no_ads"], narrower["no_politics"], narrower["languages"]) == (True, True, ["en", "zh"])


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"audience": "friends"}, "audience"),
        ({"audience": None}, "audience"),
        ({"ask_first": "maybe"}, "ask_first"),
        ({"limits": {"no_fun": True}}, "limits.no_fun"),
        ({"limits": {"languages": ["english"]}}, "limits.languages[0]"),
        ({"limits": {"until": "someday"}}, "limits.until"),
        ({"limits": []}, "limits"),
        ({"preferences": "a" * 5001}, "preferences"),
        ({"restrictions": "\u202e"}, "restrictions"),
        ({"licence": {"per": "hour", "credits": 1}}, "licence.per"),
        ({"licence": {"per": "clip", "credits": 0}}, "licence.credits"),
        ({"licence": {"per": "clip"}}, "licence.credits"),
        ({"licence": {"per": "clip", "credits": 1, "free": True}}, "licence.free"),
        ({"status": "active"}, "status"),
        ({"in_catalogue": True}, "in_catalogue"),
    ],
)
def test_each_wrong_field_is_named(words, field, ada, api):
    cameo = cast.approved(ada)
    records = ConsentRecord.objects.count()
    answer = api(ada).patch(f"/v1/cameos/{cameo.pk}", words)
    assert answer.status_code == 422, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert ConsentRecord.objects.count() == records


@pytest.mark.parametrize("code", ["xx", "EN"])
def test_a_language_that_is_none_is_refused_at_its_field(code, ada, api):
    cameo = cast.approved(ada)
    answer = api(ada).patch(f"/v1/cameos/{cameo.pk}", {"limits": {"languages": [code]}})
    assert answer.status_code == 422
    assert next(iter(answer.json()["errors"])).startswith("limits.languages")


def test_a_minor_is_told_why_not_everyone(teen, api):
    cameo = cast.approved(teen)
    answer = api(teen).patch(f"/v1/cameos/{cameo.pk}", {"audience": "everyone"})
    assert (answer.status_code, answer.json()["errors"]["audience"][0]["code"]) == (422, "minor")
    assert Cameo.objects.get().audience == "only_me"


def test_each_viewer_is_told_whether_and_why(ada, bo, cy, mallory, api):
    cameo = cast.approved(ada, audience="everyone", restrictions="never on a horse", preferences="in green")
    url = f"/v1/cameos/{cameo.pk}"

    def told(who):
        return api(who).get(url).json()["viewer"]

    assert told(bo) == {"may_cast": True, "reason": "everyone"}
    consent.grant(ada, cameo.pk, "bo")
    assert told(bo) == {"may_cast": True, "reason": "granted"}
    api(ada).patch(url, {"audience": "mutuals"})
    ties.follow(ada, "cy")
    ties.follow(cy, "ada")
    assert told(cy) == {"may_cast": True, "reason": "mutual"}
    assert told(mallory) == {"may_cast": False, "reason": "not_in_audience"}
    api(ada).patch(url, {"audience": "everyone"})
    for complainant in (bo, cy):
        Complaint.objects.create(requester=mallory, complainant=complainant, post_id=1)
    assert told(mallory) == {"may_cast": False, "reason": "closed_to_you"}
    Cameo.objects.update(in_force_until=timezone.now() - timedelta(seconds=1))
    assert told(ada) == {"may_cast": False, "reason": "ended"}
    assert api(bo).get(url).status_code == 404
    assert api(ada).post(f"{url}/renew").json()["viewer"]["reason"] == "owner"
    assert told(bo)["may_cast"]


def test_what_is_the_owners_alone_stays_so(ada, bo, mallory, api):
    cameo = cast.approved(
        ada, audience="mutuals", restrictions="never on a horse", preferences="in green", licence=LICENCE
    )
    consent.grant(ada, cameo.pk, "bo")
    url = f"/v1/cameos/{cameo.pk}"
    mine, granted, stranger = (api(who).get(url).json() for who in (ada, bo, mallory))
    assert (mine["preferences"], mine["restrictions"], mine["licence"]) == ("in green", "never on a horse", LICENCE)
    assert (granted["preferences"], granted["restrictions"], granted["licence"]) == (None, "never on a horse", LICENCE)
    assert (stranger["preferences"], stranger["restrictions"], stranger["licence"]) == (None, None, None)
    for other in (granted, stranger):
        assert (other["enrolment"], other["expires_at"]) == (None, None)
        assert other["limits"]["no_ads"] is False
    assert mine["enrolment"]["recording_url"] is not None


def test_the_portrait_is_for_who_may_cast_and_the_recording_for_its_owner(ada, bo, api):
    cameo = cast.approved(ada, audience="everyone")
    url = f"/v1/cameos/{cameo.pk}"
    mine, other = api(ada).get(url).json(), api(bo).get(url).json()

    def fetch(address):
        return api(None).get(address.removeprefix(settings.PUBLIC_URL))

    portrait = fetch(other["portrait_url"])
    assert (portrait.status_code, portrait["Content-Type"]) == (200, "image/jpeg")
    recording = fetch(mine["enrolment"]["recording_url"])
    assert (recording.status_code, recording["Content-Type"]) == (200, "video/mp4")
    for name in ("recording.mp4", "recording.jpg", "video.mp4", "portrait.png", "x"):
        assert fetch(other["portrait_url"].replace("portrait.jpg", name)).status_code == 404
    assert fetch(other["portrait_url"].replace(f"/{bo.pk}.", f"/{ada.pk}.")).status_code == 404
    api(ada).patch(url, {"audience": "only_me"})
    assert fetch(other["portrait_url"]).status_code == 404, "narrowed"
    assert fetch(mine["portrait_url"]).status_code == 200
    api(ada).patch(url, {"audience": "everyone"})
    assert fetch(other["portrait_url"]).status_code == 200
    api(ada).patch(url, {"audience": "approved"})
    known = api(bo).get(url).json()
    assert (known["portrait_url"], known["links_end_at"], known["viewer"]["may_cast"]) == (None, None, False)
    assert fetch(other["portrait_url"]).status_code == 404, "known of, but not castable"
    api(ada).patch(url, {"audience": "everyone"})
    ties.block(ada, "bo")
    assert fetch(other["portrait_url"]).status_code == 404, "blocked"


def test_no_strange_adult_sees_the_portrait_of_a_teen(teen, bo, api):
    made = cast.approved(teen, audience="mutuals")
    assert api(bo).get(f"/v1/cameos/{made.pk}").json()["portrait_url"] is None
    mine = api(teen).get(f"/v1/cameos/{made.pk}").json()
    assert mine["portrait_url"] is not None


def test_grants_are_given_listed_and_taken_back(ada, bo, cy, mallory, api):
    cameo = cast.approved(ada, audience="approved")
    url = f"/v1/cameos/{cameo.pk}/grants"
    ties.block(mallory, "ada")
    for handle in ("bo", "cy", "bo"):
        assert api(ada).put(f"{url}/{handle}").status_code == 204
    assert api(ada).put(f"{url}/mallory").status_code == 404
    assert api(ada).put(f"{url}/nobody").status_code == 404
    assert api(ada).put(f"{url}/ada").status_code == 422
    page = api(ada).get(url).json()
    assert [grant["person"]["handle"] for grant in page["items"]] == ["cy", "bo"]
    assert api(bo).get(url).status_code == 404
    assert api(bo).put(f"{url}/mallory").status_code == 404
    assert [api(ada).delete(f"{url}/bo").status_code for _ in range(2)] == [204, 204]
    assert api(bo).get(f"/v1/cameos/{cameo.pk}").json()["viewer"]["may_cast"] is False
    assert api(cy).get(f"/v1/cameos/{cameo.pk}").json()["viewer"]["may_cast"] is True


@pytest.mark.parametrize("mode", ["future_only", "unpublish_all", "delete_all"])
def test_consent_is_taken_back(mode, ada, bo, api):
    cameo = cast.approved(ada, audience="everyone")
    assert api(bo).post(f"/v1/cameos/{cameo.pk}/revoke", {"mode": mode}).status_code == 404
    assert api(ada).post(f"/v1/cameos/{cameo.pk}/revoke", {"mode": mode}).status_code == 204
    assert api(bo).get(f"/v1/cameos/{cameo.pk}").status_code == 404
    assert api(ada).get(f"/v1/cameos/{cameo.pk}").json()["audience"] == "only_me"
    assert api(ada).post(f"/v1/cameos/{cameo.pk}/revoke", {"mode": "a bit"}).status_code == 422


def test_one_switch_hides_my_face(ada, bo, api):
    cameos = [cast.approved(ada, audience="everyone"), cast.approved(ada, kind="character", handle="rex")]
    consent.set_terms(ada, cameos[1].pk, audience="everyone")
    other = cast.approved(bo, audience="everyone")
    assert api(ada).post("/v1/me/hide-my-face").status_code == 204
    assert set(Cameo.objects.filter(owner=ada).values_list("audience", flat=True)) == {"only_me"}
    other.refresh_from_db()
    assert other.audience == "everyone"


def test_lists_tell_mine_what_i_may_cast_and_the_catalogue(ada, bo, cy, mallory, api):
    mine = cast.approved(ada)
    wide = cast.approved(bo, audience="everyone", display_name="Bo the Great")
    rex = cast.approved(cy, kind="character", handle="rex", audience="everyone")
    cast.approved(mallory, audience="approved")
    Cameo.objects.filter(pk=rex.pk).update(in_catalogue=True)

    def ids(query):
        return [item["id"] for item in api(ada).get(f"/v1/{query}").json()["items"]]

    assert ids("cameos") == [str(mine.pk)]
    assert ids("cameos?castable=1") == [str(rex.pk), str(wide.pk), str(mine.pk)]
    assert ids("cameos?castable=1&q=bo") == [str(wide.pk)]
    assert ids("cameos?castable=1&q=@RE") == [str(rex.pk)]
    assert ids("characters") == [str(rex.pk)]
    ties.block(cy, "ada")
    assert ids("characters") == []
    first = api(ada).get("/v1/cameos?castable=1&limit=1").json()
    assert ids(f"cameos?castable=1&limit=1&cursor={first['next']}") == [str(mine.pk)]


@pytest.mark.parametrize("path", ["cameos?castable=1&limit=30", "characters?limit=30"])
def test_a_list_costs_the_same_for_3_and_9_rows(path, ada, api, django_assert_max_num_queries):
    client, costs = api(ada), []
    client.get("/v1/me")  # from here on the session is in the cache
    for some in (range(3), range(3, 9)):
        for number in some:
            cast.approved(cast.person(f"p{number}"), kind="character", handle=f"rex{number}", audience="everyone")
        Cameo.objects.update(in_catalogue=True)
        with django_assert_max_num_queries(8) as queries:
            answer = client.get(f"/v1/{path}")
        assert len(answer.json()["items"]) == some.stop
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("form", "status", "field"),
    [
        ({}, 422, "file"),
        ({"file": "words"}, 422, "file"),
        ({"file": SimpleUploadedFile("a.mp4", b"")}, 422, "file"),
        ({"file": SimpleUploadedFile("a.mp4", b"#EXTM3U")}, 422, "file"),
        ({**upload(), "owner_id": "1"}, 422, "owner_id"),
        ({**upload(), "more": SimpleUploadedFile("b.mp4", b"x")}, 422, "more"),
    ],
)
def test_a_wrong_form_is_explained(form, status, field, ada, api, files):
    cameo = cast.begun(ada)
    answer = api(ada).post(f"/v1/cameos/{cameo.pk}/recording", form, format="multipart")
    assert (answer.status_code, list(answer.json()["errors"])) == (status, [field])
    assert files() == []
    assert Cameo.objects.get().status == "awaiting_recording"


def test_a_recording_is_multipart_alone(ada, api):
    cameo = cast.begun(ada)
    assert api(ada).post(f"/v1/cameos/{cameo.pk}/recording", {"file": "x"}).status_code == 415


def test_a_character_is_begun_by_name_and_figure(ada, bo, api):
    words = {"kind": "character", "handle": "rex", "figure": "pet", "display_name": "Rex"}
    made = api(ada).post("/v1/cameos", words)
    assert made.status_code == 201
    assert made.json()["enrolment"]["challenge"] is None
    assert (made.json()["handle"], made.json()["figure"]) == ("rex", "pet")
    taken = api(bo).post("/v1/cameos", words)
    assert (taken.status_code, taken.json()["errors"]["handle"][0]["code"]) == (422, "handle_taken")
    assert api(bo).post("/v1/cameos", {"kind": "ghost"}).status_code == 422
    assert api(bo).patch("/v1/me", {"handle": "rex"}).status_code == 422, "one @ namespace"


def test_claims_for_the_memorial_registry(ada, bo, mod, api):
    words = {"name": "Vera Lindqvist", "aliases": ["La Vera"], "relation": "her son", "evidence": "the will"}
    made = api(ada).post("/v1/memorials", words)
    assert (made.status_code, made.json()["status"]) == (201, "pending")
    assert made.json()["names"] == ["la vera", "vera lindqvist"]
    memorial = memorials.claims_of(ada, cursor="", limit=1).items[0]
    deciding.close_memorial(mod, memorial.pk, reason="the will is real")
    assert [claim["status"] for claim in api(ada).get("/v1/memorials").json()["items"]] == ["closed"]
    assert api(bo).get("/v1/memorials").json()["items"] == []
    assert api(ada).post("/v1/memorials", {"name": "Vera"}).status_code == 422


def test_c06_narrowing_takes_no_more_than_widening(ada, api):
    """The same call, the same fields, no confirmation, no wait: compared in the document and in a walk."""
    cameo = cast.approved(ada)
    url = f"/v1/cameos/{cameo.pk}"
    steps = ["approved", "mutuals", "everyone", "mutuals", "approved", "only_me"]
    for audience in steps:
        answer = api(ada).patch(url, {"audience": audience})
        assert (answer.status_code, answer.json()["audience"]) == (200, audience)
    document = api(None).get("/v1/openapi.json").json()
    patched = document["components"]["schemas"]["CameoPatchRequest"]
    assert "required" not in patched
    assert document["components"]["schemas"]["RevokeRequest"]["required"] == ["mode"]
    path = document["paths"]["/v1/cameos/{cameo_id}/grants/{handle}"]
    assert "requestBody" not in path["put"]
    assert "requestBody" not in path["delete"]
    assert "requestBody" not in document["paths"]["/v1/me/hide-my-face"]["post"]


def test_the_terms_of_the_release_are_read_before_they_are_agreed_to(db, api, settings):
    told = api(None).get(f"/v1/release-terms/{settings.RELEASE_TERMS}").json()
    assert (told["version"], hashlib.sha256(told["text"].encode()).hexdigest()) == (
        settings.RELEASE_TERMS,
        told["sha256"],
    )
    assert api(None).get("/v1/release-terms/1999-01").status_code == 404


def test_the_challenge_stays_the_same_over_the_release(ada, api):
    begun = api(ada).post("/v1/cameos", {"kind": "person"}).json()
    url = f"/v1/cameos/{begun['id']}/release"
    released = api(ada).put(url, {"terms_version": settings.RELEASE_TERMS}).json()
    assert released["enrolment"]["challenge"] == begun["enrolment"]["challenge"]


@pytest.mark.parametrize(
    "changes", [{"limits": {"until": "2020-01-01"}}, {"licence": {"per": "clip", "credits": 1, "until": "2020-01-01"}}]
)
def test_a_last_day_that_is_over_is_a_mistake(ada, api, changes):
    face = cast.cameo(ada, audience="everyone")
    refused = api(ada).patch(f"/v1/cameos/{face.pk}", changes)
    assert (refused.status_code, [code["code"] for codes in refused.json()["errors"].values() for code in codes]) == (
        422,
        ["in_the_past"],
    )
    face.refresh_from_db()
    assert (face.terms_until, face.licence) == (None, None)
