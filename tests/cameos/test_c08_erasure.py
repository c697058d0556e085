"""C08: after erasure no media, template, salt or cache of it is left, and the chain still verifies."""

import hashlib
import json

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from cameos import consent, enrolling, erasing, ledger
from cameos.models import Appearance, Cameo, ConsentRecord, Enrolment, Grant, RecordDetails
from sora_social.core import bus
from sora_social.core.errors import NotFound
from sora_social.core.models import OutboxEvent
from sora_social.media import intake
from tests import cast

TEMPLATE = bytes(range(200, 232))
WORDS = {
    "display_name": "Countess of Numbers",
    "preferences": "always in a green coat",
    "restrictions": "never on a horse",
    "limits": {"no_ads": True, "languages": ["en"]},
    "licence": {"per": "clip", "credits": 3, "quota": None, "until": None, "ads": False},
    "audience": "everyone",
}


@pytest.fixture
def face(ada, bo, mod):
    cameo = cast.enrolled(ada, found=cast.examination(template=TEMPLATE))
    enrolling.approve(mod, cameo.pk, reason="it is her")
    consent.set_terms(ada, cameo.pk, **WORDS)
    consent.grant(ada, cameo.pk, "bo")
    cameo.refresh_from_db()
    return cameo


def secrets_of(cameo) -> list[bytes]:
    """Everything that must be gone: keys, template, salts, and the bytes of the files themselves."""
    enrolment = Enrolment.objects.get(pk=cameo.pk)
    keys = [enrolment.recording_key, cameo.portrait_key]
    salts = [bytes(salt) for salt in RecordDetails.objects.filter(record__cameo=cameo).values_list("salt", flat=True)]
    bodies = [default_storage.open(key).read() for key in keys]
    words = [WORDS[name].encode() for name in ("display_name", "preferences", "restrictions")]
    assert len(salts) == 4
    return [key.encode() for key in keys] + [TEMPLATE] + salts + bodies + words


def everything() -> bytes:
    """Every row of every table of the database, with bytes as they are; every file; all of Redis."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert len(tables) > 40
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    client = bus.client()
    for key in client.scan_iter():
        found += [key, client.dump(key)]
    return b"\0".join(found)


def stored_bytes(media_folder) -> bytes:
    paths = [path for path in media_folder.rglob("*") if path.is_file()]
    return b"\0".join([str(path).encode() + path.read_bytes() for path in paths])


def left_of(needles, media_folder) -> list[bytes]:
    haystack = everything() + stored_bytes(media_folder)
    return [needle for needle in needles if needle in haystack or needle.hex().encode() in haystack]


def test_c08_after_erasure_nothing_is_left_but_the_receipt(face, ada, bo, api, media_folder, settle):
    api(bo).get(f"/v1/cameos/{face.pk}")
    api(ada).get(f"/v1/cameos/{face.pk}")
    needles = secrets_of(face)
    assert left_of(needles, media_folder) == needles, "what is looked for can be found"
    keys = [needle.decode() for needle in needles[:2]]
    erasing.erase(ada, face.pk)
    settle()
    assert left_of(needles, media_folder) == []
    assert [path for path in media_folder.rglob("*") if path.is_file()] == []
    receipt = RecordDetails.objects.get(record__cameo=face)
    assert receipt.record.kind == "purged"
    assert receipt.disclosed == {
        "actor_id": None,
        "subject_id": None,
        "files": [hashlib.sha256(key.encode()).hexdigest() for key in keys],
        "recordings": 1,
        "portraits": 1,
        "templates": 1,
        "record_details": 5,
    }


def test_c08_the_chain_still_verifies(face, ada, settle):
    erasing.erase(ada, face.pk)
    settle()
    records = list(ConsentRecord.objects.filter(cameo=face).order_by("seq"))
    assert [record.kind for record in records] == [
        "released",
        "activated",
        "terms_set",
        "granted",
        "erased",
        "purged",
    ]
    previous = bytes(32)
    for number, record in enumerate(records, 1):
        assert (record.seq, bytes(record.previous_hash)) == (number, previous)
        previous = hashlib.sha256(record.body.encode()).digest()
        assert bytes(record.hash) == previous
    receipt = RecordDetails.objects.get(record__cameo=face)
    commitments = json.loads(records[-1].body)["commitments"]
    assert commitments == ledger.commitments(bytes(receipt.salt), receipt.disclosed)


def test_c08_every_appearance_lapses_and_every_grant_ends_at_once(face, ada, bo):
    made = Appearance.objects.create(
        cameo=face, requester=bo, job_id=1, draft_id=2, post_id=3, terms_version=face.terms_version, epoch=face.epoch
    )
    assert not Appearance.objects.lapsed().exists()
    erasing.erase(ada, face.pk)
    assert Appearance.objects.lapsed().get() == made
    assert not Grant.objects.exists()
    for viewer in (ada, bo):
        with pytest.raises(NotFound):
            consent.cameo_for(viewer, face.pk)
    with pytest.raises(NotFound):
        erasing.erase(ada, face.pk)


def test_c08_a_link_to_the_portrait_dies_before_the_purge(face, ada, bo, api):
    url = api(bo).get(f"/v1/cameos/{face.pk}").json()["portrait_url"]
    path = url.removeprefix(settings.PUBLIC_URL)
    assert api(None).get(path).status_code == 200
    erasing.erase(ada, face.pk)
    assert api(None).get(path).status_code == 404


def test_c08_a_purge_twice_leaves_one_receipt(face, ada, settle):
    erasing.erase(ada, face.pk)
    settle()
    erasing.purge(erasing.CameoErased(cameo_id=face.pk))
    assert ConsentRecord.objects.filter(cameo=face, kind="purged").count() == 1
    assert RecordDetails.objects.filter(record__cameo=face).count() == 1


def test_c08_a_storage_that_fails_in_the_middle_is_asked_again(face, ada, settle, files, media_folder, monkeypatch):
    needles = secrets_of(face)
    erasing.erase(ada, face.pk)
    asked = []
    delete = intake.default_storage.delete

    def failing(key):
        asked.append(key)
        if len(asked) == 2:
            raise OSError("no storage")
        delete(key)

    with monkeypatch.context() as patch:
        patch.setattr(intake.default_storage, "delete", failing)
        settle()
    assert len(files()) == 1
    assert not ConsentRecord.objects.filter(cameo=face, kind="purged").exists()
    OutboxEvent.objects.update(due_at=timezone.now())
    settle()
    assert left_of(needles, media_folder) == []
    assert ConsentRecord.objects.filter(cameo=face, kind="purged").count() == 1


@pytest.mark.parametrize("state", ["begun", "released", "recorded", "rejected"])
def test_c08_an_enrolment_is_erased_at_any_step(state, ada, mod, files, settle, media_folder):
    cameo = enrolling.create(ada, kind="person") if state == "begun" else None
    cameo = cameo or (cast.begun(ada) if state in {"released", "recorded"} else cast.enrolled(ada))
    if state == "recorded":
        enrolling.store_recording(ada, cameo.pk, cast.upload())
    if state == "rejected":
        enrolling.reject(mod, cameo.pk, reason="too dark")
    erasing.erase(ada, cameo.pk)
    settle()
    assert files() == []
    assert not Enrolment.objects.exists()
    assert Cameo.objects.get().status == "erased"
    assert ConsentRecord.objects.filter(cameo=cameo).latest("seq").kind == "purged"


def test_c08_mutant_a_purge_that_forgets_the_salts_is_seen(face, ada, settle, media_folder, monkeypatch):
    needles = secrets_of(face)
    delete, raw_delete = QuerySet.delete, QuerySet._raw_delete
    monkeypatch.setattr(
        QuerySet, "_raw_delete", lambda rows, using: 0 if rows.model is RecordDetails else raw_delete(rows, using)
    )
    monkeypatch.setattr(QuerySet, "delete", lambda rows: (0, {}) if rows.model is RecordDetails else delete(rows))
    erasing.erase(ada, face.pk)
    settle()
    assert left_of(needles, media_folder) != []
