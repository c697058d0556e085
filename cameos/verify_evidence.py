"""Verify an evidence archive on any machine: python verify.py evidence.zip --keys keys.json

`keys.json` is what GET /v1/consent-keys answered, saved by you and not taken from the archive. Needs Python 3.9 or
newer and nothing else; with the package `cryptography` it is faster.
"""

import argparse
import base64
import hashlib
import hmac
import io
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SEAL = re.compile(rb'\{"kid":"([A-Za-z0-9_-]{43})","signature":"([A-Za-z0-9_-]{86})"\}')
SEAL_BYTES = 154
ARCHIVE = b"sora-social evidence 1\n"
ANCHOR = b"sora-social anchor 1\n"


class Wrong(Exception):
    """What does not hold."""


def verify(archive: bytes, keys: Mapping[str, bytes]) -> str:
    """Check the signature over every byte, and everything inside. Returns a summary, raises Wrong."""
    whole(archive, keys)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        names = files.namelist()
        need(len(set(names)) == len(names), "a file is there twice")
        about = json.loads(files.read("about.json"))
        records = ledger(files.read("ledger.ndjson").decode(), about["cameo_id"])
        for name in names:
            if name.startswith("receipts/"):
                receipt(files.read(name).decode(), name, keys, records)
        proof = json.loads(files.read("proof.json"))
        anchored = anchor(files.read(proof["anchor"]), proof, keys, records, about["cameo_id"]) if proof else None
        uses = files.read("uses.ndjson").splitlines()
    newest = (
        f"anchor {anchored['number']} of {anchored['at']} names record {proof['seq']}" if anchored else "no anchor yet"
    )
    return f"cameo {about['cameo_id']}: {len(records)} records, {len(uses)} uses, {newest}"


def whole(archive: bytes, keys: Mapping[str, bytes]) -> None:
    """The comment at the very end signs all bytes before it."""
    seal = SEAL.fullmatch(archive[-SEAL_BYTES:])
    need(seal is not None, "the archive does not end with a signature")
    kid, signature = (part.decode() for part in seal.groups())  # type: ignore[union-attr]
    rest = archive[:-SEAL_BYTES]
    need(rest[-22:-18] == b"PK\5\6" and int.from_bytes(rest[-2:], "little") == SEAL_BYTES, "the end is not a ZIP's")
    need(signed(ARCHIVE + rest, kid, signature, keys), "the signature is not over these bytes by a published key")


def ledger(text: str, cameo_id: str) -> dict[int, dict[str, Any]]:
    """The chain from its first record, and what is disclosed against what each record commits to."""
    records: dict[int, dict[str, Any]] = {}
    before = bytes(32).hex()
    for line in text.removesuffix("\n").split("\n"):  # no other end of a line: words may hold one
        record = json.loads(line)
        body = json.loads(record["body"])
        seq = len(records) + 1
        need(body["seq"] == seq and body["cameo_id"] == cameo_id, f"record {seq} is not the next of this cameo")
        need(body["previous"] == before, f"record {seq} does not continue the one before")
        before = hashlib.sha256(record["body"].encode()).hexdigest()
        need(record["hash"] == before, f"the hash of record {seq} is not that of its body")
        if record["disclosed"] is not None:
            salt = bytes.fromhex(record["salt"])
            said = {
                name: hmac.new(salt, canonical({name: value}), hashlib.sha256).hexdigest()
                for name, value in record["disclosed"].items()
            }
            need(said == body["commitments"], f"record {seq} does not commit to what is disclosed")
        records[seq] = record
    return records


def receipt(token: str, name: str, keys: Mapping[str, bytes], records: Mapping[int, Mapping[str, Any]]) -> None:
    """A receipt's own signature, and that its record is in the ledger."""
    head, payload, signature = token.split(".")
    header = json.loads(raw(head))
    need(header["alg"] == "EdDSA", f"{name}: not signed by EdDSA")
    need(signed(f"{head}.{payload}".encode(), header["kid"], signature, keys), f"{name}: not signed by a published key")
    record = json.loads(raw(payload))["record"]
    seq = json.loads(record["body"])["seq"]
    need(records.get(seq) == record, f"{name}: not the record of the ledger")


def anchor(
    text: bytes,
    proof: Mapping[str, Any],
    keys: Mapping[str, bytes],
    records: Mapping[int, Mapping[str, Any]],
    cameo_id: str,
) -> dict[str, Any]:
    """The anchor's signature, and that the record it proves was in its tree (RFC 9162, 2.1.3.2)."""
    file = json.loads(text)
    words: dict[str, Any] = file["anchor"]
    need(signed(ANCHOR + canonical(words), file["kid"], file["signature"], keys), "the anchor is not signed")
    need(proof["seq"] in records, f"the anchor names record {proof['seq']}, which is not here")
    head = bytes.fromhex(records[proof["seq"]]["hash"])
    found = hashlib.sha256(b"\0" + int(cameo_id).to_bytes(8, "big") + proof["seq"].to_bytes(8, "big") + head).digest()
    place, last = proof["place"], words["tree_size"] - 1
    need(0 <= place <= last, "the head is beyond the anchor's tree")
    for sibling in map(bytes.fromhex, proof["path"]):
        need(last > 0, "the proof is too long")
        if place % 2 or place == last:
            found = hashlib.sha256(b"\1" + sibling + found).digest()
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\1" + found + sibling).digest()
        place, last = place // 2, last // 2
    need(last == 0 and found.hex() == words["root"], "the head is not in the anchor's tree")
    return words


def need(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion that stays when Python optimises
    if not holds:
        raise Wrong(otherwise)


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def raw(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def keys_in(text: str) -> dict[str, bytes]:
    """The Ed25519 keys of a JWK set, by their thumbprints (RFC 7638)."""
    found = {}
    for key in json.loads(text)["keys"]:
        if key.get("crv") == "Ed25519":
            members = {"crv": "Ed25519", "kty": "OKP", "x": key["x"]}
            digest = hashlib.sha256(canonical(members)).digest()
            found[base64.urlsafe_b64encode(digest).rstrip(b"=").decode()] = raw(key["x"])
    return found


def signed(message: bytes, kid: str, signature: str, keys: Mapping[str, bytes]) -> bool:
    plain = raw(signature)
    strict = base64.urlsafe_b64encode(plain).rstrip(b"=").decode() == signature
    return kid in keys and strict and len(plain) == 64 and ed25519(keys[kid], message, plain)


# Ed25519 as RFC 8032 section 6 has it, for where `cryptography` is not installed

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return ed25519_slowly(key, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def ed25519_slowly(key: bytes, message: bytes, signature: bytes) -> bool:
    public, commitment = decompress(key), decompress(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= Q:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    base_y = 4 * pow(5, P - 2, P) % P
    base = decompress(base_y.to_bytes(32, "little"))
    assert base is not None  # noqa: S101 - the curve's own point
    left, right = times(scalar, base), plus(commitment, times(challenge, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def plus(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            total = plus(total, point)
        point = plus(point, point)
        scalar >>= 1
    return total


def decompress(text: bytes) -> "Point | None":
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify an evidence archive.")
    parser.add_argument("archive")
    parser.add_argument("--keys", required=True, help="what GET /v1/consent-keys answered, saved by you")
    asked = parser.parse_args()
    try:
        keys = keys_in(Path(asked.keys).read_text(encoding="utf-8"))
        print("It holds: " + verify(Path(asked.archive).read_bytes(), keys))
    except (Wrong, ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile) as error:
        print(f"IT DOES NOT HOLD: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
