"""Anchors: what all ledgers were at a moment, signed and kept outside the database.

Whoever owns the database can cut the newest records of a ledger and set its head back; nothing inside shows it. An
anchor has the Merkle root over all heads and lists those that changed, so that all files together give every head that
ever was anchored.
"""

import hashlib
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models.functions import Now

from cameos import signing
from cameos.ledger import Flaw, canonical
from cameos.merkle import HeadTree, tree_of
from cameos.models import AnchoredHead, LedgerAnchor
from cameos.signing import PublicKey

log = structlog.get_logger(__name__)

FOLDER = "anchors"
CONTEXT = b"sora-social anchor 1\n"  # what is signed is this and the anchor, so that it is good for nothing else
_PER_FOLDER = 1_000
_NAME = re.compile(r"\d{9}-[0-9a-f]{16}\.json")  # other files beside anchors are none
_MAIL_EVERY = timedelta(days=1)
LOCK = 0x616E6368  # "anch": while an anchor is settled
_BATCH = 10_000

Head = tuple[int, int, bytes]  # a cameo, the number of its newest record, and that one's hash


# publishing


def publish() -> LedgerAnchor | None:
    """Store an anchor of all heads when any changed since the last one. May run at any time, twice and at once.

    The anchor is settled in the database first, so that an interrupted publication writes the same bytes later. When
    the storage knows newer anchors than the database does, that was restored from a backup: numbers go on from the
    storage's. A head that went back is logged as an error, and anchored as it is now.
    """
    _adopt_newer()
    _store_pending()
    anchor = _settle()
    _store_pending()
    return anchor


def _settle() -> LedgerAnchor | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if LedgerAnchor.objects.exclude(pending="").exists():
            return None  # somebody else settled it a moment ago
        cursor.execute(_HEADS)
        rows = cursor.fetchall()
        changed = [row for row in rows if (row[1], row[2]) != (row[3], row[4])]
        if not changed:
            return None
        for cameo_id, seq, _, anchored, _ in changed:
            if anchored is not None and anchored >= (seq or 0):
                log.error("anchored_records_missing", cameo_id=cameo_id, anchored_seq=anchored, seq=seq)
        last = LedgerAnchor.objects.order_by("-number").first()
        tree = tree_of((cameo_id, seq, bytes(head)) for cameo_id, seq, head, *_ in rows if seq)
        anchor, text = _sealed(cursor, tree, [(row[0], row[1] or 0, bytes(row[2] or b"")) for row in changed], last)
        anchor.pending = text
        anchor.save(force_insert=True)
        AnchoredHead.objects.filter(pk__in=[row[0] for row in changed if not row[1]]).delete()
        AnchoredHead.objects.bulk_create(
            [AnchoredHead(cameo_id=row[0], seq=row[1], hash=row[2]) for row in changed if row[1]],
            update_conflicts=True,
            unique_fields=["cameo_id"],
            update_fields=["seq", "hash"],
            batch_size=_BATCH,
        )
    return anchor


_HEADS = """
    SELECT coalesce(head.cameo_id, anchored.cameo_id), head.seq, head.hash, anchored.seq, anchored.hash
    FROM (SELECT * FROM cameos_ledgerhead WHERE seq > 0) head
    FULL JOIN cameos_anchoredhead anchored ON anchored.cameo_id = head.cameo_id ORDER BY 1
"""


def _sealed(
    cursor: Any, tree: HeadTree, changed: Sequence[Head], last: LedgerAnchor | None
) -> tuple[LedgerAnchor, str]:
    cursor.execute("SELECT clock_timestamp()")
    [moment] = cursor.fetchone()
    number = last.number + 1 if last else 1
    words = {
        "v": 1,
        "number": number,
        "at": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "tree_size": len(tree),
        "root": tree.root.hex(),
        "previous": bytes(last.hash).hex() if last else None,
        "heads": [{"cameo_id": str(cameo_id), "seq": seq, "hash": head.hex()} for cameo_id, seq, head in changed],
    }
    key = signing.current_key()
    signature = signing.in_text(key.sign(CONTEXT + canonical(words)))
    text = canonical({"anchor": words, "kid": key.public.kid, "signature": signature}).decode()
    place = f"{FOLDER}/{number // _PER_FOLDER:06}/{number:09}-{words['root'][:16]}.json"
    return (
        LedgerAnchor(
            number=number,
            key=place,
            root=tree.root,
            hash=hashlib.sha256(text.encode()).digest(),
            tree_size=len(tree),
            published_at=moment,
        ),
        text,
    )


def _store_pending() -> None:
    for anchor in LedgerAnchor.objects.exclude(pending="").order_by("number"):
        if not default_storage.exists(anchor.key):
            stored = default_storage.save(anchor.key, ContentFile(anchor.pending.encode()))
            if stored != anchor.key:  # somebody else stored the same bytes in the same moment
                default_storage.delete(stored)
        LedgerAnchor.objects.filter(pk=anchor.pk).update(pending="")


def _adopt_newer() -> None:
    """Take over what the storage knows and the database does not: it was restored, or is another one.

    Only what we signed: whoever can write to the storage alone does not say what the ledgers were.
    """
    newest = newest_stored()
    if newest is None or LedgerAnchor.objects.filter(number__gte=_number_of(newest)).exists():
        return
    tree, keys = HeadTree(), signing.published_keys()
    signed = ((key, raw) for key, raw in stored() if _is_ours(key, raw, keys))
    last = deque(replay(signed, tree, keys=keys, flaws=[]), maxlen=1)
    if not last:
        return
    found = last[0]
    log.error("anchors_newer_than_database", number=found.number)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if LedgerAnchor.objects.filter(number__gte=found.number).exists():
            return
        LedgerAnchor.objects.create(
            number=found.number,
            key=found.key,
            root=found.root,
            hash=found.hash,
            tree_size=found.tree_size,
            published_at=found.at,
        )
        AnchoredHead.objects.all().delete()
        AnchoredHead.objects.bulk_create(
            [AnchoredHead(cameo_id=cameo_id, seq=seq, hash=head) for cameo_id, (seq, head) in tree.heads.items()],
            batch_size=_BATCH,
        )


def _is_ours(key: str, raw: bytes, keys: Mapping[str, PublicKey]) -> bool:
    try:
        anchor = read(key, raw)
    except ValueError:
        return False
    is_signed = signing.is_signed(anchor.signed, kid=anchor.kid, signature=anchor.signature, keys=keys)
    return is_signed and anchor.number == _number_of(key)


def mail_newest() -> None:
    """Send the newest root to ANCHOR_EMAIL, once a day: a copy that nobody with our database and storage can change."""
    if not settings.ANCHOR_EMAIL:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        newest = LedgerAnchor.objects.filter(pending="").order_by("-number").first()
        recent = LedgerAnchor.objects.filter(mailed_at__gt=Now() - _MAIL_EVERY)
        if newest is None or newest.mailed_at is not None or recent.exists():
            return
        LedgerAnchor.objects.filter(pk=newest.pk).update(mailed_at=Now())
    lines = (
        f"number {newest.number}",
        f"at {newest.published_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        f"cameos {newest.tree_size}",
        f"root {bytes(newest.root).hex()}",
        f"sha256 of {newest.key}: {bytes(newest.hash).hex()}",
        f"from {settings.PUBLIC_URL}",
    )
    try:
        send_mail(f"Consent ledger, anchor {newest.number}", "\n".join(lines), None, [settings.ANCHOR_EMAIL])
    except OSError:  # every failure of SMTP is one; the next round tries again
        LedgerAnchor.objects.filter(pk=newest.pk).update(mailed_at=None)
        raise


def newest_anchor() -> LedgerAnchor | None:
    """The newest one that is outside."""
    return LedgerAnchor.objects.filter(pending="").order_by("-number").first()


def bytes_of(anchor: LedgerAnchor) -> bytes:
    """Its file. Raises FileNotFoundError when that is gone."""
    if anchor.pending:
        return anchor.pending.encode()
    with default_storage.open(anchor.key) as file:
        return bytes(file.read())


# reading them


@dataclass(frozen=True)
class Anchor:
    """A file, read. `heads` are those that changed since the one before."""

    key: str
    number: int
    at: datetime
    tree_size: int
    root: bytes
    previous: bytes | None
    heads: Sequence[Head]
    hash: bytes
    signed: bytes = field(repr=False)
    kid: str = ""
    signature: str = ""


def read(key: str, raw: bytes) -> Anchor:
    """Raises ValueError for what is no anchor."""
    try:
        whole = json.loads(raw)
        words = whole["anchor"]
        return Anchor(
            key=key,
            number=int(words["number"]),
            at=datetime.fromisoformat(words["at"]),
            tree_size=int(words["tree_size"]),
            root=bytes.fromhex(words["root"]),
            previous=bytes.fromhex(words["previous"]) if words["previous"] else None,
            heads=[(int(head["cameo_id"]), int(head["seq"]), bytes.fromhex(head["hash"])) for head in words["heads"]],
            hash=hashlib.sha256(raw).digest(),
            signed=CONTEXT + canonical(words),
            kid=str(whole["kid"]),
            signature=str(whole["signature"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{key} is no anchor: {error!r}") from error


def replay(
    files: Iterable[tuple[str, bytes]], tree: HeadTree, *, keys: Mapping[str, PublicKey], flaws: list[str]
) -> Iterator[Anchor]:
    """The anchors in order, `tree` growing with them. What is wrong with a file is added to `flaws`."""
    last: Anchor | None = None
    for key, raw in files:
        try:
            anchor = read(key, raw)
        except ValueError as error:
            flaws.append(str(error))
            continue
        for cameo_id, seq, head in anchor.heads:
            if seq:
                tree.put(cameo_id, seq, head)
            else:
                tree.remove(cameo_id)
        wrong = {
            "its signature is not by a published key": not signing.is_signed(
                anchor.signed, kid=anchor.kid, signature=anchor.signature, keys=keys
            ),
            f"it follows anchor {last.number if last else 0}": anchor.number != (last.number if last else 0) + 1,
            "it does not continue the anchor before": anchor.previous != (last.hash if last else None),
            "its root is not that of its heads": (anchor.tree_size, anchor.root) != (len(tree), tree.root),
        }
        flaws += [f"{key}: {what}" for what, is_wrong in wrong.items() if is_wrong]
        last = anchor
        yield anchor


def stored() -> Iterator[tuple[str, bytes]]:
    """All anchors of the storage, oldest first."""
    for folder in _folders():
        for key in _keys_in(folder):
            with default_storage.open(key) as file:
                yield key, file.read()


def in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All anchors of a copy on this machine, oldest first."""
    for path in sorted(folder.rglob("*.json"), key=lambda path: path.name):
        if _NAME.fullmatch(path.name):
            yield path.name, path.read_bytes()


def newest_stored() -> str | None:
    """The key of the newest anchor in the storage: two listings, however many there are."""
    for folder in reversed(_folders()):
        if keys := _keys_in(folder):
            return keys[-1]
    return None


def _folders() -> list[str]:
    try:
        return sorted(f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[0])
    except FileNotFoundError:  # nothing was published yet
        return []


def _keys_in(folder: str) -> list[str]:
    return sorted(f"{folder}/{name}" for name in default_storage.listdir(folder)[1] if _NAME.fullmatch(name))


def _number_of(key: str) -> int:
    return int(key.rpartition("/")[2].partition("-")[0])


# verifying

Missing = Callable[[Sequence[Head]], Iterable[Head]]


@dataclass(frozen=True)
class Findings:
    """How many anchors were looked at; what is wrong with them; and what the ledger lacks of what they name."""

    anchor_count: int
    files: Sequence[str]
    flaws: Sequence[Flaw]


def verify(files: Iterable[tuple[str, bytes]], *, keys: Mapping[str, PublicKey], missing: Missing) -> Findings:
    """Replay all anchors, and look up every head they name. `missing` says which of some heads a ledger lacks."""
    tree = HeadTree()
    wrong: list[str] = []
    flaws: list[Flaw] = []
    named: dict[Head, int] = {}
    count = 0
    for anchor in replay(files, tree, keys=keys, flaws=wrong):
        count += 1
        named.update({head: anchor.number for head in anchor.heads if head[1]})
        if len(named) >= _BATCH:
            flaws += _unmatched(named, missing)
            named.clear()
    flaws += _unmatched(named, missing)
    return Findings(count, wrong, flaws)


def _unmatched(named: Mapping[Head, int], missing: Missing) -> Iterator[Flaw]:
    for cameo_id, seq, head in missing(list(named)):
        number = named[cameo_id, seq, head]
        yield Flaw(cameo_id, seq, f"anchor {number} names it with hash {head.hex()}, the ledger does not")


def missing_in_database(heads: Sequence[Head]) -> Iterable[Head]:
    """Those of `heads` that are no records of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT named.* FROM unnest(%s::bigint[], %s::int[], %s::bytea[]) named (cameo_id, seq, hash)
            LEFT JOIN cameos_consentrecord line USING (cameo_id, seq) WHERE line.hash IS DISTINCT FROM named.hash""",
            [list(column) for column in zip(*heads, strict=True)] or [[], [], []],
        )
        return [(cameo_id, seq, bytes(head)) for cameo_id, seq, head in cursor.fetchall()]


def missing_in(hashes: Mapping[tuple[int, int], bytes]) -> Missing:
    """The same question to an export."""
    return lambda heads: [head for head in heads if hashes.get(head[:2]) != head[2]]
