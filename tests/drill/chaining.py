"""C05: the ledger under many writers is one whole chain for each cameo."""

import hashlib
from collections.abc import Iterator

from tests.drill.crowds import in_processes
from tests.drill.table import Tried

PROCESSES = 8
CAMEOS = 20


def drill(scale: float) -> Iterator[Tried]:
    from cameos.models import ConsentRecord
    from tests import cast

    each = max(20, round(20_000 * scale) // PROCESSES)
    cameo_ids = [cast.cameo(cast.person(f"keeper{number}")).pk for number in range(CAMEOS)]
    before = ConsentRecord.objects.filter(cameo__in=cameo_ids).count()
    in_processes(append_many, [(cameo_ids, each, number) for number in range(PROCESSES)])
    records = ConsentRecord.objects.filter(cameo__in=cameo_ids).count() - before
    wrong = [fault for cameo_id in cameo_ids for fault in faults_of(cameo_id)]
    yield Tried(
        "C05",
        "the ledger has no gap and no fork, and verifies whole",
        f"{PROCESSES} processes append to {CAMEOS} cameos at once, one in twenty rolled back",
        f"{each * PROCESSES:,} appends",
        f"{records:,} records kept; {len(wrong)} faults" + (f": {wrong[0]}" if wrong else ", every head is the newest"),
        not wrong and records == PROCESSES * sum(turn % 20 != 0 for turn in range(each)),
    )


def append_many(cameo_ids: list[int], times: int, seed: int) -> None:
    import random

    from django.db import transaction

    from cameos import ledger
    from cameos.models import RecordKind

    chance = random.Random(seed)
    for turn in range(times):
        with transaction.atomic():
            ledger.append(chance.choice(cameo_ids), RecordKind.TERMS_SET, actor_id=None, terms_version=turn)
            transaction.set_rollback(turn % 20 == 0)


def faults_of(cameo_id: int) -> list[str]:
    """What is wrong with a chain, read here and by nothing that the product has."""
    from cameos.models import ConsentRecord, LedgerHead

    rows = ConsentRecord.objects.filter(cameo=cameo_id).order_by("seq")
    previous, seq, found = bytes(32), 0, []
    for row in rows.iterator():
        seq += 1
        body = row.body.encode()
        if row.seq != seq:
            found.append(f"{row} stands at {seq}")
        if bytes(row.previous_hash) != previous or f'"previous":"{previous.hex()}"'.encode() not in body:
            found.append(f"{row} does not continue the one before")
        if bytes(row.hash) != hashlib.sha256(body).digest():
            found.append(f"{row} is not what its hash says")
        previous = bytes(row.hash)
    head = LedgerHead.objects.get(pk=cameo_id)
    return found if (head.seq, bytes(head.hash)) == (seq, previous) else [*found, f"{head} is not the newest"]
