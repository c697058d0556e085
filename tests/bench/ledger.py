"""C2: how fast consent is written to the ledger, and the whole of it verified."""

import time
from collections.abc import Iterator

from tests.bench.report import Row, spread


def run(*, cameos: int = 1_000, appends: int = 2_000, records: int = 150_000, rounds: int = 5) -> Iterator[Row]:
    """One client appends, a transaction each; then the database is filled up and verified from first to last."""
    from django.db import connection, transaction

    from cameos import ledger
    from cameos.models import Cameo, CameoKind, RecordKind
    from sora_social.accounts.models import User

    owner = User.objects.order_by("pk").first()
    Cameo.objects.bulk_create([Cameo(owner=owner, kind=CameoKind.CHARACTER, figure="pet") for _ in range(cameos)])
    ids = list(Cameo.objects.order_by("-pk").values_list("pk", flat=True)[:cameos])  # the world has others
    rates, latencies = [], []
    for _ in range(rounds):
        began = time.perf_counter()
        for number in range(appends):
            at = time.perf_counter()
            with transaction.atomic():
                ledger.append(
                    ids[number % cameos], RecordKind.TERMS_SET, actor_id=owner.pk, audience="everyone", limits=["ads"]
                )
            latencies.append(time.perf_counter() - at)
        rates.append(appends / (time.perf_counter() - began))
    latencies.sort()
    yield Row(
        "C2",
        f"ledger: one client, {appends:,} appends to {cameos:,} cameos, each with salt, 4 commitments, details and a "
        "transaction of its own",
        f"p50 {1e3 * latencies[len(latencies) // 2]:.2f} ms, p99 {1e3 * latencies[len(latencies) * 99 // 100]:.2f} ms",
        "",
        f"{spread(rates, 0)} appends/s",
        "≥ 2,000/s",
        sorted(rates)[len(rates) // 2] >= 2_000,
    )

    with connection.cursor() as cursor:
        one = '{"actor_id": "%s", "audience": "%s", "limits": "%s", "subject_id": "%s"}' % (("0" * 64,) * 4)
        for _ in range((records - rounds * appends) // cameos):
            cursor.execute("SELECT count(cameos_append(id, 'terms_set', %s)) FROM unnest(%s) AS id", [one, ids])
        cursor.execute("SELECT pg_relation_size('cameos_consentrecord') + pg_indexes_size('cameos_consentrecord')")
        size = cursor.fetchone()[0]
    speeds = []
    for _ in range(rounds):
        began = time.perf_counter()
        verdict = ledger.verify()
        speeds.append(verdict.record_count / (time.perf_counter() - began))
        assert verdict.flaws == []
    yield Row(
        "C2",
        f"ledger: verification of {verdict.record_count:,} records and {cameos:,} heads inside the database "
        f"({size / verdict.record_count:.0f} bytes for each with its indexes)",
        f"{verdict.record_count / sorted(speeds)[len(speeds) // 2]:.2f} s",
        "",
        f"{spread(speeds, 0)} records/s",
        "≥ 100,000/s",
        sorted(speeds)[len(speeds) // 2] >= 100_000,
    )
