"""Evidence: everything about a cameo's consent in one signed archive, to be verified without us."""

import io
import json
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from cameos import anchoring, receipts, releases, signing
from cameos.ledger import canonical
from cameos.merkle import HeadTree, tree_of
from cameos.models import AnchoredHead, Appearance, Cameo, ConsentRecord, LedgerAnchor, RecordKind
from cameos.verify_evidence import ARCHIVE, SEAL_BYTES
from sora_social.accounts.models import User

_VERIFIER = Path(__file__).with_name("verify_evidence.py")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP knows
_README = """Evidence of consent, cameo {cameo_id}, made {made_at}

ledger.ndjson   every record: the bytes that were hashed (body), the hash, and what the record commits to (salt and
                disclosed; null after an erasure, and while somebody whom it concerns is across a block)
receipts/       a signed receipt for each record (JWS, EdDSA; sections of ISO/IEC TS 27560:2023)
uses.ndjson     where the cameo appeared: job, draft, post, who made it, the record relied on, when it was withdrawn;
                neither requester_id nor a grant to them while they are across a block
terms/          the texts of the releases that were agreed to, as shown
anchors/        the newest anchor of all ledgers, as it is kept outside the database
proof.json      that this ledger's head is in that anchor (Merkle audit path, RFC 6962); null before the first anchor
keys.json       our public keys, for convenience. To verify, save {keys_url} by yourself, and early
verify.py       python verify.py evidence.zip --keys keys.json

The comment at the end of the ZIP is an Ed25519 signature over every byte before it. Packing anew loses it.
"""


@dataclass(frozen=True)
class Anchored:
    """The newest anchor's file, and the audit path of one cameo's head in it."""

    name: str
    raw: bytes
    seq: int
    place: int
    path: list[bytes]


def evidence_of(owner: User, cameo_id: int) -> bytes:
    """The archive of one's own cameo, erased or not. Raises NotFound."""
    cameo = receipts.cameo_of(owner, cameo_id)
    anchored = _anchored(cameo)  # first: the records that follow then hold what it names
    records = list(cameo.records.select_related("details").order_by("seq"))
    return _sealed(_files(cameo, records, anchored, made_at=timezone.now()))


def _files(
    cameo: Cameo, records: list[ConsentRecord], anchored: Anchored | None, *, made_at: datetime
) -> Iterator[tuple[str, bytes]]:
    made = made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    release = receipts.release_of(cameo)
    unnamed = receipts.behind_walls_of(cameo.owner)
    contents = [receipts.content_of(record, cameo, release_terms=release, unnamed=unnamed) for record in records]
    keys_url = f"{settings.PUBLIC_URL}/v1/consent-keys"
    yield "README.txt", _README.format(cameo_id=cameo.pk, made_at=made, keys_url=keys_url).encode()
    yield "about.json", canonical({"v": 1, "cameo_id": str(cameo.pk), "owner_id": str(cameo.owner_id), "made_at": made})
    yield "ledger.ndjson", _lines(content["record"] for content in contents)
    for content in contents:
        yield f"receipts/{content['header']['record_id']}.jws", receipts.sealed(content).jws.encode()
    yield "uses.ndjson", _lines(_uses(cameo, unnamed))
    shown = {str(receipts.disclosed_of(record).get("release_terms") or "") for record in records}
    for version in sorted(shown):
        if text := releases.text_of(version):
            yield f"terms/{version}.md", text.encode()
    proof = None
    if anchored:
        yield anchored.name, anchored.raw
        path = [step.hex() for step in anchored.path]
        proof = {"anchor": anchored.name, "seq": anchored.seq, "place": anchored.place, "path": path}
    yield "proof.json", canonical(proof)
    yield "keys.json", canonical(signing.key_set())
    yield "verify.py", _VERIFIER.read_bytes()


def _lines(rows: Iterable[Any]) -> bytes:
    return b"".join(canonical(row) + b"\n" for row in rows)


def _uses(cameo: Cameo, unnamed: Collection[str]) -> Iterator[dict[str, Any]]:
    ids = ("id", "job_id", "draft_id", "post_id", "requester_id", "record_id")
    times = ("created_at", "withdrawn_at")
    uses = Appearance.objects.filter(cameo=cameo).order_by("pk")
    for use in uses.values("terms_version", "is_inherited", "record__kind", *ids, *times).iterator(chunk_size=2_000):
        relied_on = use.pop("record__kind")
        if str(use["requester_id"]) in unnamed:
            use["requester_id"] = None
            use["record_id"] = None if relied_on == RecordKind.GRANTED else use["record_id"]  # it tells of one person
        yield {
            **use,
            **{name: None if use[name] is None else str(use[name]) for name in ids},
            **{name: use[name] and use[name].strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name in times},
        }


def _sealed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP without compression, whose comment is the signature over every byte before it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
        archive.comment = bytes(SEAL_BYTES)
    signed = buffer.getvalue()[:-SEAL_BYTES]
    key = signing.current_key()
    seal = {"kid": key.public.kid, "signature": signing.in_text(key.sign(ARCHIVE + signed))}
    return signed + json.dumps(seal, separators=(",", ":")).encode()


def _anchored(cameo: Cameo) -> Anchored | None:
    """None before the first anchor that names the cameo, and while the anchor's file cannot be found."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [anchoring.LOCK])  # no anchor is settled meanwhile
        anchor = LedgerAnchor.objects.order_by("-number").first()
        tree = _tree(bytes(anchor.hash)) if anchor else None
    if anchor is None or tree is None or cameo.pk not in tree.heads:
        return None
    try:
        raw = anchoring.bytes_of(anchor)
    except FileNotFoundError:  # `verify_ledger` tells the operator
        return None
    place, path = tree.proof(cameo.pk)
    return Anchored(f"anchors/{anchor.key.rpartition('/')[2]}", raw, tree.heads[cameo.pk][0], place, path)


@lru_cache(maxsize=1)
def _tree(anchor_hash: bytes) -> HeadTree:
    """The tree of the newest anchor, kept until the next one."""
    return tree_of((head.pk, head.seq, bytes(head.hash)) for head in AnchoredHead.objects.all())
