"""The ledger of consent: one chain of records for each cameo, which only grows."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from cameos.models import CameoStatus, ConsentRecord, RecordDetails, RecordKind
from sora_social.core.prepared import prepared_rows

GENESIS = bytes(32)  # what the first record of a cameo continues
_SALT_BYTES = 32
_EXACT = 2**53  # JSON readers keep whole numbers up to here
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_COLUMNS = ("id", "cameo_id", "seq", "kind", "at", "body", "previous_hash", "hash")
_APPEND = f"""
    WITH line AS MATERIALIZED (SELECT * FROM cameos_append(%(cameo_id)s, %(kind)s, %(commitments)s::jsonb)),
         kept AS (INSERT INTO cameos_recorddetails (record_id, salt, disclosed)
                  SELECT id, %(salt)s, %(disclosed)s::jsonb FROM line)
    SELECT {", ".join(_COLUMNS)} FROM line
"""  # noqa: S608 - our own column names


def append(
    cameo_id: int, kind: RecordKind, *, actor_id: int | None, subject_id: int | None = None, **details: Any
) -> ConsentRecord:
    """Write that something happened to a cameo's consent, in the caller's transaction.

    `actor_id` did it, None when the service did (a consent ran out); `subject_id` is another person whom it concerns,
    such as a grantee. `details` are plain JSON values without floats, to be disclosed in the receipt; names are
    lower-case words. The record commits to each of them under a salt, so destroying the details leaves nothing to
    guess. Records of a cameo wait for each other until their transactions end.
    Raises TypeError for a value that is no plain JSON, TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("a record belongs to the transaction of what it says")
    people = {"actor_id": actor_id, "subject_id": subject_id}
    disclosed = {name: _plain(value) for name, value in {**people, **details}.items()}
    salt = secrets.token_bytes(_SALT_BYTES)
    [row] = prepared_rows(
        _APPEND,
        {
            "cameo_id": cameo_id,
            "kind": str(kind),
            "commitments": json.dumps(commitments(salt, disclosed)),
            "salt": salt,
            "disclosed": json.dumps(disclosed),
        },
    )
    return ConsentRecord.from_db(connection.alias, _COLUMNS, row)


def commitments(salt: bytes, disclosed: Mapping[str, Any]) -> dict[str, str]:
    """For each detail the HMAC-SHA256, under the record's salt, of the canonical JSON of `{name: value}`; as hex."""
    return {name: hmac.digest(salt, canonical({name: value}), "sha256").hex() for name, value in disclosed.items()}


def canonical(value: Any) -> bytes:
    """JSON with sorted names, no spaces, in UTF-8: RFC 8785 for values without floats and names in ASCII."""
    return _CANONICAL.encode(value).encode()


def _plain(value: Any) -> Any:
    """The value as any JSON reader will give it back: whole numbers beyond 53 bits, such as ids, become strings."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {str(name): _plain(item) for name, item in value.items()}
    raise TypeError(f"{type(value).__name__} is no plain JSON value for the ledger")


# verifying: nothing of what is checked here is taken from the functions that wrote it


@dataclass(frozen=True)
class Flaw:
    """A place in a ledger, and what is wrong there."""

    cameo_id: int
    seq: int
    what: str

    def __str__(self) -> str:
        return f"cameo {self.cameo_id}, record {self.seq}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """How many records were looked at, and the first flaws in the order of cameos and numbers."""

    record_count: int
    flaws: Sequence[Flaw]


_CHAINS = """
    WITH lines AS (
        SELECT cameo_id, seq,
            CASE WHEN hash <> sha256(convert_to(body, 'UTF8')) THEN 'its hash is not that of its body' END AS hash_flaw,
            CASE WHEN NOT starts_with(body,
                '{"v":1,"id":"' || id || '","cameo_id":"' || cameo_id || '","seq":' || seq
                || ',"previous":"' || encode(previous_hash, 'hex')
                || '","at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
                || '","kind":"' || kind || '","commitments":{') THEN 'its columns are not what its body says'
            END AS column_flaw,
            CASE WHEN seq <> coalesce(lag(seq) OVER chain, 0) + 1
                THEN 'it follows record ' || coalesce(lag(seq) OVER chain, 0) END AS gap_flaw,
            CASE WHEN previous_hash <> coalesce(lag(hash) OVER chain, decode(repeat('00', 32), 'hex'))
                THEN 'it does not continue the record before' END AS link_flaw
        FROM cameos_consentrecord WINDOW chain AS (PARTITION BY cameo_id ORDER BY seq)
    )
    SELECT cameo_id, seq, concat_ws('; ', hash_flaw, column_flaw, gap_flaw, link_flaw) FROM lines
    WHERE coalesce(hash_flaw, column_flaw, gap_flaw, link_flaw) IS NOT NULL ORDER BY cameo_id, seq LIMIT %s
"""
_HEADS = """
    SELECT coalesce(newest.cameo_id, head.cameo_id), coalesce(newest.seq, head.seq),
        CASE WHEN head.cameo_id IS NULL THEN 'no head names it'
             WHEN newest.cameo_id IS NULL THEN 'a head names it and it is not there'
             WHEN newest.seq <> head.seq THEN 'it is the newest and the head names record ' || head.seq
             ELSE 'it is the newest and the head has another hash' END
    FROM (SELECT DISTINCT ON (cameo_id) cameo_id, seq, hash
          FROM cameos_consentrecord ORDER BY cameo_id, seq DESC) newest
    FULL JOIN cameos_ledgerhead head ON head.cameo_id = newest.cameo_id
    WHERE head.cameo_id IS NULL OR (newest.cameo_id IS NULL AND head.seq > 0)
       OR (newest.seq, newest.hash) <> (head.seq, head.hash)
    ORDER BY 1, 2 LIMIT %s
"""
_KEPT = 2_000


def verify(*, limit: int = 100) -> Verdict:
    """Look through every record and head, inside the database.

    Finds an edited, cut, forked or reordered record. It cannot find that the newest records of a cameo were cut and
    the head was set back with them: that shows against an anchor (`anchoring.verify`). At most `limit` flaws of
    records, and of heads.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cameos_consentrecord")
        [count] = cursor.fetchone()
        cursor.execute(_CHAINS, [limit])
        flaws = [Flaw(*row) for row in cursor.fetchall()]
        cursor.execute(_HEADS, [limit])
        flaws += [Flaw(*row) for row in cursor.fetchall()]
    return Verdict(count, flaws)


def verify_details(*, limit: int = 100) -> Verdict:
    """Compare what is disclosed with what the records commit to; and where it is missing, ask for an erasure."""
    kept = RecordDetails.objects.select_related("record").order_by("pk")
    count = 0
    flaws = []
    for details in kept.iterator(chunk_size=_KEPT):
        count += 1
        if committed(details.record.body) != commitments(bytes(details.salt), details.disclosed):
            flaws.append(Flaw(details.record.cameo_id, details.record.seq, "it does not commit to its details"))
    lost = ConsentRecord.objects.filter(details=None).exclude(cameo__status=CameoStatus.ERASED)
    found = lost.order_by("cameo", "seq").values_list("cameo_id", "seq")[:limit]
    flaws += [Flaw(*place, "its details are gone and its cameo was not erased") for place in found]
    return Verdict(count, flaws[:limit])


def committed(body: str) -> Mapping[str, str]:
    """The commitments in a record's body; none when it cannot be read."""
    try:
        found: Mapping[str, str] = json.loads(body)["commitments"]
    except (ValueError, KeyError, TypeError):
        return {}
    return found


# taking it elsewhere


def export(file: IO[str]) -> int:
    """Write all bodies and hashes as lines of JSON, by cameo and number. Returns how many."""
    rows = ConsentRecord.objects.order_by("cameo", "seq").values_list("body", "hash")
    count = 0
    for body, found in rows.iterator(chunk_size=_KEPT):
        file.write(json.dumps({"body": body, "hash": bytes(found).hex()}, ensure_ascii=False) + "\n")
        count += 1
    return count


@dataclass(frozen=True)
class Exported:
    """What an export holds: a verdict, and the hash of each record by cameo and number."""

    verdict: Verdict
    hashes: Mapping[tuple[int, int], bytes]


def verify_export(lines: Iterable[str]) -> Exported:
    """Look through an export without a database. Raises ValueError for a line that is none of ours."""
    hashes: dict[tuple[int, int], bytes] = {}
    flaws = []
    newest: dict[int, tuple[int, bytes]] = {}
    for number, line in enumerate(lines, start=1):
        try:
            body, claimed = (entry := json.loads(line))["body"], bytes.fromhex(entry["hash"])
            words = json.loads(body)
            cameo_id, seq, previous = int(words["cameo_id"]), int(words["seq"]), bytes.fromhex(words["previous"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number} is no record: {error}") from error
        before, chain = newest.get(cameo_id, (0, GENESIS))
        found = hashlib.sha256(body.encode()).digest()
        flaws += [
            Flaw(cameo_id, seq, what)
            for what, is_wrong in (
                ("its hash is not that of its body", found != claimed),
                (f"it follows record {before}", seq != before + 1),
                ("it does not continue the record before", previous != chain),
            )
            if is_wrong
        ]
        newest[cameo_id] = (seq, claimed)
        hashes[cameo_id, seq] = claimed
    return Exported(Verdict(len(hashes), flaws), hashes)
