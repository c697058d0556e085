"""Receipts: for whom, what they say, and that they verify with the published keys alone."""

import hashlib
import json

import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from jwt import PyJWK

from cameos import anchoring, ledger, receipts, releases, signing
from cameos.models import CameoKind, CameoStatus, RecordDetails, RecordKind
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cameo(ada):
    return cast.cameo(ada)


def write(cameo, kind, **words):
    with transaction.atomic():
        return ledger.append(cameo.pk, kind, actor_id=cameo.owner_id, **words)


def path_of(record) -> str:
    return f"/v1/consent-records/{record.pk}/receipt"


def test_a_receipt_verifies_with_the_published_keys_alone(cameo, ada, api):
    answer = api(ada).get(path_of(cameo.terms_record)).json()
    published = {key["kid"]: key for key in api(None).get("/v1/consent-keys").json()["keys"]}
    header = jwt.get_unverified_header(answer["jws"])
    assert (header["alg"], header["typ"]) == ("EdDSA", "consent-receipt+jws")
    key = PyJWK(published[header["kid"]])
    assert jwt.decode(answer["jws"], key, algorithms=["EdDSA"]) == answer["receipt"]
    head, _, signature = answer["jws"].split(".")
    forged = jwt.utils.base64url_encode(json.dumps({**answer["receipt"], "header": {}}).encode()).decode()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{forged}.{signature}", key, algorithms=["EdDSA"])


def test_a_receipt_has_the_sections_of_the_standard(cameo, ada, api):
    receipt = api(ada).get(path_of(cameo.terms_record)).json()["receipt"]
    assert list(receipt) == ["header", "processing", "parties", "events", "record"]
    assert receipt["header"]["schema_version"] == "ISO/IEC TS 27560:2023"
    assert receipt["header"]["pii_principal_id"] == str(ada.pk)
    processing = receipt["processing"]
    assert processing["notice"] == {
        "terms_version": "2026-11",
        "terms_sha256": hashlib.sha256(releases.text_of("2026-11").encode()).hexdigest(),
    }
    assert processing["pii_categories"] == ["face", "voice"]
    assert (processing["legal_basis"], processing["audience"]) == ("explicit_consent", "only_me")
    assert (processing["restriction_version"], processing["third_parties"]) == (1, [])
    assert processing["withdrawal_method"].endswith(f"/v1/cameos/{cameo.pk}/revoke")
    assert [(event["state"], event["kind"]) for event in receipt["events"]] == [("given", "activated")]


def test_its_holder_recomputes_the_commitments_and_the_hash(cameo, ada, api):
    record = api(ada).get(path_of(cameo.terms_record)).json()["receipt"]["record"]
    assert hashlib.sha256(record["body"].encode()).hexdigest() == record["hash"]
    body = json.loads(record["body"])
    assert ledger.commitments(bytes.fromhex(record["salt"]), record["disclosed"]) == body["commitments"]


def test_a_receipt_names_nobody(cameo, ada, api):
    text = json.dumps(api(ada).get(path_of(cameo.terms_record)).json()["receipt"])
    assert f'"{ada.handle}"' not in text
    assert ada.email not in text


@pytest.mark.parametrize("kind", RecordKind)
def test_only_a_grant_is_for_the_person_it_concerns(kind, cameo, ada, bo, mallory, api):
    """Who declined, and what was removed, is the owner's secret."""
    record = write(cameo, kind, subject_id=bo.pk)
    assert api(ada).get(path_of(record)).status_code == 200
    assert api(bo).get(path_of(record)).status_code == (200 if kind == RecordKind.GRANTED else 404)
    assert api(mallory).get(path_of(record)).status_code == 404
    assert api(None).get(path_of(record)).status_code == 401


def test_who_acted_for_another_gets_no_receipt(cameo, bo, api):
    with transaction.atomic():
        record = ledger.append(cameo.pk, RecordKind.GRANTED, actor_id=bo.pk)
    assert api(bo).get(path_of(record)).status_code == 404


def test_every_kind_has_a_state_of_the_standard():
    assert set(receipts.STATES) == set(RecordKind)
    assert set(receipts.STATES.values()) <= set(receipts.STATES_OF_CONSENT)


def test_a_character_has_no_face(ada, api):
    pet = cast.cameo(ada, kind=CameoKind.CHARACTER, figure="pet")
    processing = api(ada).get(path_of(pet.terms_record)).json()["receipt"]["processing"]
    assert processing["pii_categories"] == ["appearance", "voice"]


def erased(cameo) -> None:
    RecordDetails.objects.filter(record__cameo=cameo).delete()
    cameo.status, cameo.erased_at = CameoStatus.ERASED, cameo.terms_record.at
    cameo.save(update_fields=["status", "erased_at"])


def test_after_erasure_the_receipt_stays_and_says_nothing(cameo, ada, bo, api):
    granted = write(cameo, RecordKind.GRANTED, subject_id=bo.pk)
    erased(cameo)
    receipt = api(ada).get(path_of(granted)).json()["receipt"]
    assert (receipt["record"]["salt"], receipt["record"]["disclosed"]) == (None, None)
    assert receipt["processing"]["notice"] == {"terms_version": None, "terms_sha256": None}
    assert str(bo.pk) not in json.dumps(receipt)
    assert api(bo).get(path_of(granted)).status_code == 404


# the ledger on the wire


def test_the_ledger_comes_newest_first_in_pages(cameo, ada, bo, api):
    for _ in range(3):
        write(cameo, RecordKind.TERMS_SET, audience="everyone")
    path, seen = f"/v1/cameos/{cameo.pk}/ledger?limit=2", []
    cursor = ""
    while cursor is not None:
        page = api(ada).get(path + (f"&cursor={cursor}" if cursor else "")).json()
        seen += page["items"]
        cursor = page["next"]
    assert [row["seq"] for row in seen] == [5, 4, 3, 2, 1]
    assert seen[0]["details"] == {"actor_id": str(ada.pk), "subject_id": None, "audience": "everyone"}
    assert [row["hash"] for row in seen] == [bytes(record.hash).hex() for record in cameo.records.order_by("-seq")]
    assert api(bo).get(path).status_code == 404
    erased(cameo)
    assert {row["details"] for row in api(ada).get(path).json()["items"]} == {None}


@pytest.mark.parametrize("rows", [10, 30])
def test_a_page_of_the_ledger_costs_the_same_for_10_and_30(rows, cameo, ada, django_assert_num_queries):
    for _ in range(rows):
        write(cameo, RecordKind.TERMS_SET, audience="everyone")
    with django_assert_num_queries(2):
        page = receipts.records_of(ada, cameo.pk, cursor="", limit=rows)
        assert [record.details.disclosed["audience"] for record in page.items] == ["everyone"] * rows


# keys


def test_the_keys_come_with_the_newest_anchor_and_need_nobody(cameo, api, anchors):
    assert api(None).get("/v1/consent-keys").json()["anchor"] is None
    anchor = anchoring.publish()
    found = api(None).get("/v1/consent-keys").json()
    assert found["anchor"]["number"] == 1
    assert found["anchor"]["root"] == bytes(anchor.root).hex()
    assert [key["crv"] for key in found["keys"]] == ["Ed25519"]
    assert all("d" not in key for key in found["keys"])


def test_a_key_of_ones_own_and_those_before_it(settings, cameo, ada, api):
    before = api(ada).get(path_of(cameo.terms_record)).json()["jws"]
    settings.CONSENT_RETIRED_KEYS = [signing.current_key().public.jwk["x"]]
    settings.CONSENT_SIGNING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    after = api(ada).get(path_of(cameo.terms_record)).json()["jws"]
    published = {key["kid"]: PyJWK(key) for key in api(None).get("/v1/consent-keys").json()["keys"]}
    assert len(published) == 2
    for token in (before, after):
        assert jwt.decode(token, published[jwt.get_unverified_header(token)["kid"]], algorithms=["EdDSA"])


@pytest.mark.parametrize("given", ["short", "A" * 42, "A" * 60, "🦄", "A" * 42 + "!"])
def test_a_key_that_is_none_is_refused(given, settings):
    settings.CONSENT_SIGNING_KEY = given
    with pytest.raises(ImproperlyConfigured, match="CONSENT_SIGNING_KEY"):
        signing.current_key()


def test_the_derived_key_is_of_this_installation(settings):
    first = signing.current_key().public.kid
    assert signing.current_key().public.kid == first
    settings.SECRET_KEY = "another"
    assert signing.current_key().public.kid != first
