"""The ledger of consent: one chain of records for each cameo, which only grows."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.transaction import TransactionManagementError

from cameos.models import ConsentRecord, RecordKind
from sora_social.core.prepared import prepared_rows

_SALT_BYTES = 32
_EXACT = 2**53  # JSON readers keep whole numbers up to here
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
    return {
        name: hmac.new(salt, canonical({name: value}), hashlib.sha256).hexdigest() for name, value in disclosed.items()
    }


def canonical(value: Any) -> bytes:
    """JSON with sorted names, no spaces, in UTF-8: RFC 8785 for values without floats and names in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


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
