"""C13: an evidence archive verifies on a machine without us, and fails on any flipped byte."""

import io
import json
import subprocess
import sys
import zipfile

import pytest
from django.db import transaction

from cameos import anchoring, evidence, ledger, receipts, releases, signing, verify_evidence
from cameos.models import Appearance, CameoStatus, ConsentRecord, LedgerAnchor, RecordDetails, RecordKind
from sora_social.accounts import ties
from sora_social.core.errors import NotFound
from sora_social.studio import appearing
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cameo(ada, bo):
    """In force, granted to bo, who used it twice; one use was removed."""
    made = cast.cameo(ada)
    with transaction.atomic():
        granted = ledger.append(made.pk, RecordKind.GRANTED, actor_id=ada.pk, subject_id=bo.pk)
        for job_id in (1, 2):
            Appearance.objects.create(cameo=made, requester=bo, job_id=job_id, record=granted, terms_version=1, epoch=1)
    return made


@pytest.fixture
def archive(cameo, ada, anchors) -> bytes:
    for name in ("cy", "dee", "eve"):
        cast.cameo(cast.person(name))
    anchoring.publish()
    return evidence.evidence_of(ada, cameo.pk)


def keys() -> dict[str, bytes]:
    return verify_evidence.keys_in(json.dumps(signing.key_set()))


def holds(archive: bytes) -> bool:
    try:
        verify_evidence.verify(archive, keys())
    except (verify_evidence.Wrong, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return False
    return True


def files_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_c13_it_holds_everything(archive, cameo, ada, bo):
    files = files_of(archive)
    [anchor] = [name for name in files if name.startswith("anchors/")]
    records = list(cameo.records.order_by("seq"))
    assert sorted(files) == sorted(
        [
            *("README.txt", "about.json", "keys.json", "ledger.ndjson", "proof.json", "uses.ndjson", "verify.py"),
            *("terms/2026-11.md", anchor),
            *(f"receipts/{record.pk}.jws" for record in records),
        ]
    )
    assert [json.loads(line)["body"] for line in files["ledger.ndjson"].splitlines()] == [row.body for row in records]
    uses = [json.loads(line) for line in files["uses.ndjson"].splitlines()]
    assert [(use["job_id"], use["requester_id"], use["record_id"]) for use in uses] == [
        (number, str(bo.pk), str(records[2].pk)) for number in ("1", "2")
    ]
    assert files["terms/2026-11.md"].decode() == releases.text_of("2026-11")
    assert verify_evidence.verify(archive, keys()).startswith(f"cameo {cameo.pk}: 3 records, 2 uses, anchor 1 of ")


def test_c13_any_flipped_byte_is_seen(archive):
    assert holds(archive)
    step = 1 if len(archive) < 30_000 else len(archive) // 20_000
    places = [*range(0, len(archive) - 400, step), *range(len(archive) - 400, len(archive))]
    for place in places:
        for bits in (0x01, 0x20, 0xFF) if place > len(archive) - 400 else (1 << place % 8,):
            flipped = bytearray(archive)
            flipped[place] ^= bits
            assert not holds(bytes(flipped)), place


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda archive: archive[:-1],
        lambda archive: archive + b"\n",
        lambda archive: b"\n" + archive,
        lambda archive: archive[:100] + archive[101:],
        lambda archive: archive + archive,
        lambda archive: b"",
    ],
)
def test_c13_a_byte_more_or_less_is_seen(spoiled, archive):
    assert not holds(spoiled(archive))


def test_c13_another_services_signature_is_none_of_ours(archive, settings):
    settings.CONSENT_SIGNING_KEY = "A" * 43
    assert not holds(archive)
    settings.CONSENT_SIGNING_KEY = ""
    settings.SECRET_KEY = "another"
    assert not holds(archive)


def test_c13_a_retired_key_still_verifies(archive, settings):
    settings.CONSENT_RETIRED_KEYS = [signing.current_key().public.jwk["x"]]
    settings.CONSENT_SIGNING_KEY = "A" * 43
    assert len(keys()) == 2
    assert holds(archive)


@pytest.mark.parametrize("isolated", [True, False], ids=["standard library alone", "with cryptography"])
@pytest.mark.parametrize("spoil", [False, True], ids=["whole", "spoiled"])
def test_c13_the_verifier_needs_nothing_of_ours(isolated, spoil, archive, tmp_path):
    """The script from the archive itself, in an empty folder, with an empty environment."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "verify.py").write_bytes(files_of(archive)["verify.py"])
    (away / "keys.json").write_text(json.dumps(signing.key_set()))
    content = bytearray(archive)
    content[len(content) // 2] ^= spoil
    (away / "evidence.zip").write_bytes(content)
    flags = ["-S", "-I"] if isolated else []
    done = subprocess.run(
        [sys.executable, *flags, "verify.py", "evidence.zip", "--keys", "keys.json"],
        cwd=away,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("IT DOES NOT HOLD: " if spoil else "It holds: ")
    assert done.returncode == (1 if spoil else 0)


# what is inside is checked, too: here everything is signed as it should be, and something in it is not true


def resealed(archive: bytes, name: str, change) -> bytes:
    files = files_of(archive)
    files[name] = change(files[name])
    return evidence._sealed(files.items())


def with_lines(change):
    def changed(content: bytes) -> bytes:
        lines = [json.loads(line) for line in content.splitlines()]
        change(lines)
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    return changed


def other_value(lines) -> None:
    lines[1]["disclosed"]["audience"] = "everyone"


def other_kind(lines) -> None:
    lines[1]["body"] = lines[1]["body"].replace("activated", "granted")


def other_proof(content: bytes) -> bytes:
    proof = json.loads(content)
    return json.dumps({**proof, "path": proof["path"][::-1]}).encode()


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("ledger.ndjson", with_lines(other_value), "record 2 does not commit to what is disclosed"),
        ("ledger.ndjson", with_lines(other_kind), "the hash of record 2 is not that of its body"),
        ("ledger.ndjson", with_lines(lambda lines: lines.pop(1)), "record 2 is not the next"),
        ("ledger.ndjson", with_lines(list.pop), "not the record of the ledger"),
        ("proof.json", other_proof, "the head is not in the anchor's tree"),
    ],
)
def test_c13_the_inside_is_checked_by_itself(name, change, said, archive):
    with pytest.raises(verify_evidence.Wrong, match=said):
        verify_evidence.verify(resealed(archive, name, change), keys())


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_c13_every_place_in_the_tree_is_proved(count, anchors):
    owners = [cast.person(f"person{number}") for number in range(count)]
    cameos = [cast.cameo(owner) for owner in owners]
    anchoring.publish()
    for owner, cameo in zip(owners, cameos, strict=True):
        assert holds(evidence.evidence_of(owner, cameo.pk))


# when


def test_c13_before_the_first_anchor_and_between_two(cameo, ada, anchors):
    before = evidence.evidence_of(ada, cameo.pk)
    assert files_of(before)["proof.json"] == b"null"
    assert "no anchor yet" in verify_evidence.verify(before, keys())
    anchoring.publish()
    with transaction.atomic():
        ledger.append(cameo.pk, RecordKind.RENEWED, actor_id=ada.pk)
    assert "4 records, 2 uses, anchor 1 of" in verify_evidence.verify(evidence.evidence_of(ada, cameo.pk), keys())


def test_c13_an_anchor_whose_file_is_gone_keeps_nobody_from_their_evidence(cameo, ada, anchors):
    anchoring.publish()
    next(anchors.rglob("*.json")).unlink()
    assert holds(evidence.evidence_of(ada, cameo.pk))
    LedgerAnchor.objects.update(pending="")


def test_c13_after_erasure_the_chain_holds_and_says_nothing(archive, cameo, ada):
    said = {value for row in RecordDetails.objects.all() for value in row.disclosed.values() if isinstance(value, str)}
    RecordDetails.objects.filter(record__cameo=cameo).delete()
    cameo.status, cameo.erased_at = CameoStatus.ERASED, ConsentRecord.objects.latest("at").at
    cameo.save(update_fields=["status", "erased_at"])
    after = evidence.evidence_of(ada, cameo.pk)
    assert holds(after)
    ledger_lines = files_of(after)["ledger.ndjson"].decode()
    assert all(json.loads(line)["disclosed"] is None for line in ledger_lines.splitlines())
    assert [word for word in said if f'"{word}"' in ledger_lines] == []
    assert not any(name.startswith("terms/") for name in files_of(after))


def test_c13_it_is_the_owners_alone(cameo, bo, mallory):
    for person in (bo, mallory):
        with pytest.raises(NotFound):
            evidence.evidence_of(person, cameo.pk)


def test_c13_over_http_it_is_a_zip(cameo, ada, api, anchors):
    client = api(ada)
    for accept in ("application/zip", "*/*"):
        answer = client.get(f"/v1/cameos/{cameo.pk}/evidence", headers={"Accept": accept})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
        assert answer["Content-Disposition"] == f'attachment; filename="evidence-{cameo.pk}.zip"'
        assert holds(answer.content)
    published = api(None).get("/v1/consent-keys").content.decode()
    assert verify_evidence.verify(answer.content, verify_evidence.keys_in(published))


def test_who_is_across_a_wall_stays_unnamed(cameo, ada, bo, cy, api):
    cast.cameo(cy)
    removed = cast.cameo(cast.person("dee"), audience="everyone")
    dee = removed.owner
    cast.finished_job(bo, cast=["@dee"])
    appearing.remove(dee, removed.pk, Appearance.objects.filter(cameo=removed).last().pk)
    ties.block(bo, "dee")
    ties.block(bo, "ada")
    for owner, face in ((dee, removed), (ada, cameo)):
        shown = api(owner).get(f"/v1/cameos/{face.pk}/ledger").json()["items"]
        kind = "appearance_removed" if face == removed else "granted"
        assert [item["kind"] for item in shown if item["details"] is None] == [kind]
        archive = evidence.evidence_of(owner, face.pk)
        assert holds(archive)
        files = files_of(archive)
        for name, content in files.items():
            assert str(bo.pk).encode() not in content, name
        record = ConsentRecord.objects.get(cameo=face, kind=kind)
        payload = files[f"receipts/{record.pk}.jws"].split(b".")[1]
        assert str(bo.pk) not in verify_evidence.raw(payload.decode()).decode()
        told = receipts.receipt_for(owner, record.pk).content
        assert (told["record"]["salt"], told["record"]["disclosed"]) == (None, None)
        assert str(bo.pk) not in json.dumps(told)
        uses = [json.loads(line) for line in files["uses.ndjson"].splitlines()]
        assert {use["requester_id"] for use in uses} == {None}
        assert {use["record_id"] is None for use in uses} == {face == cameo}
    granted = ConsentRecord.objects.get(cameo=cameo, kind="granted")
    assert receipts.receipt_for(bo, granted.pk).content["record"]["disclosed"]["subject_id"] == str(bo.pk)
    ties.unblock(bo, "ada")
    assert str(bo.pk).encode() in files_of(evidence.evidence_of(ada, cameo.pk))["uses.ndjson"]
