"""`python -m tests.bench [--smoke] [--only F1,F2]`: measure, and write `docs/performance.md`.

`SCALE=0.1` shrinks the world. `--smoke` proves in a small world that everything runs, and writes nothing. `--only`
writes nothing either, but for `profile`, which samples where the time of a warm page goes, and the table of G1's
questions.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from sora_social.core import embedded
from tests.bench import feed_pages, growth, ledger, lineages, ranking_value, rendering, report, servers, starting
from tests.bench.report import Row
from tests.bench.world import Shape, build


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--smoke", action="store_true", help="a small world, one short round, nothing is written")
    parser.add_argument("--only", default="", help="ids, such as F1,F2; nothing is written")
    asked = parser.parse_args()
    only = set(filter(None, asked.only.split(",")))
    scale = 0.01 if asked.smoke else float(os.environ.get("SCALE", "1.0"))
    rounds = 1 if asked.smoke else 5
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="sora-bench-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o711)
        engines = stack.enter_context(embedded.engines(folder / "data", durable=False, environ={}))
        rows = []
        for row in _measure(
            engines, folder, scale, rounds, smoke=asked.smoke, wanted=lambda name: not only or name in only
        ):
            print(row, flush=True)
            rows.append(row)
        if not asked.smoke and not only:
            postgres, redis = _versions()
            report.write(rows, world=str(Shape.scaled(scale)), rounds=rounds, postgres=postgres, redis=redis)


def _measure(
    engines: embedded.Engines,
    folder: Path,
    scale: float,
    rounds: int,
    *,
    smoke: bool,
    wanted: Callable[[str], bool],
) -> Iterator[Row]:
    os.environ.update(engines.environ, DJANGO_SETTINGS_MODULE="sora_social.settings", LOG_LEVEL="WARNING")
    os.environ.update(NO_RATE_LIMITS="1", NO_SCROLL_LIMITS="1", ALLOWED_HOSTS="*", BENCH_BODY=os.devnull)
    pids = [child.process.pid for child in engines.children if child.process]
    servers.keep_on(1, pids)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=servers.ROOT, check=True)
    urls = engines.environ["DATABASE_OWNER_URL"], engines.environ["REDIS_URL"]  # copied while they are empty
    worlds = growth.build_worlds(*urls, smoke=smoke) if wanted("F5") else []
    hit = lineages.build_hit(*urls, scale=scale) if any(map(wanted, ("G1", "G2", "K1"))) else None
    began = time.perf_counter()
    viewers = build(engines.environ["DATABASE_OWNER_URL"], Shape.scaled(scale))
    print(f"The world is there after {time.perf_counter() - began:.0f} s", flush=True)
    import django

    django.setup()
    from feeds import exposure
    from feeds.order import most_made
    from tests.bench import consent, lists, live_fanout, live_rooms, profiling

    exposure.count()
    exposure.take_pulse()
    most_made.count()
    setting = feed_pages.Setting(
        folder=folder,
        viewers=viewers[:4] if smoke else viewers,
        engine_pids=pids,
        rounds=rounds,
        seconds=0.3 if smoke else 2.0,
        pages=20 if smoke else 10_000,
    )
    if any(map(wanted, ("F1", "F2", "F3", "F4", "B2"))):
        yield from feed_pages.run(setting, wanted)
    if not smoke and wanted("profile"):
        report.write_profile(profiling.run(setting))
    if wanted("V1"):
        yield from ranking_value.run(**({"pages": 200, "rounds": 1, "times": 3} if smoke else {}))
    if worlds:
        yield from growth.run(setting, worlds)
    if hit is not None:
        yield from _of_a_hit(setting, hit, smoke=smoke, wanted=wanted)
    if wanted("Q1"):
        yield from lists.run(setting, **({"pages": 5} if smoke else {}))
    if wanted("C1"):
        yield from consent.run(100 if smoke else round(100_000 * min(scale, 1.0)), rounds)
    if wanted("L1"):
        yield from live_fanout.run(**({"sockets": 20, "frames": 10, "rounds": 1} if smoke else {}))
    if wanted("L2"):
        yield from live_rooms.run(**({"sockets": 60, "seconds": 1.0} if smoke else {}))
    if wanted("C2"):
        yield from ledger.run(**({"cameos": 10, "appends": 20, "records": 200, "rounds": 1} if smoke else {}))
    if wanted("W1"):
        yield from rendering.run(1, short_edge=96, fps=8) if smoke else rendering.run()
    if (wanted("B1") or wanted("B2")) and not smoke:
        yield from starting.run(wanted)


def _of_a_hit(
    setting: feed_pages.Setting, hit: lineages.Hit, *, smoke: bool, wanted: Callable[[str], bool]
) -> Iterator[Row]:
    from tests.bench import viral

    if wanted("G1"):
        found = lineages.measure(setting, hit, every=9 if smoke else 1)
        yield from found.rows()
        if not smoke:
            report.write_graph(found.table())
    if wanted("G2") or wanted("K1"):
        yield from viral.run(hit, wanted, rounds=setting.rounds, **({"drafts": 2, "likes": 5} if smoke else {}))


def _versions() -> tuple[str, str]:
    from django.db import connection

    from sora_social.core import bus

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return cursor.fetchone()[0], bus.client().info("server")["redis_version"]


main()
