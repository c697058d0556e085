"""`python -m tests.drill [--only C01,R04] [--scale 0.1]`: break the promises on purpose, and write `docs/drill.md`.

Ends with 1 when a promise is broken. A part writes nothing; a run at another scale says so on the page.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from sora_social.core import embedded
from tests.drill import chaining, publishing, repeating, revoking, rooms, spending, table, watching
from tests.drill.table import Tried

ROOT = Path(__file__).resolve().parents[2]
# the first one fills the world; what the others leave does not disturb those after them
DRILLS = {
    "C02": revoking.drill,
    "C01": publishing.drill,
    "R04": spending.drill,
    "R01": repeating.drill,
    "L01": watching.drill,
    "L01-deploy": rooms.deploy,
    "L02": rooms.slow,
    "L03": rooms.closing,
    "soak": rooms.soak,
    "C05": chaining.drill,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drill")
    parser.add_argument("--only", default="", help=f"of {', '.join(DRILLS)}; nothing is written")
    parser.add_argument("--scale", type=float, default=1.0, help="a part of the full size; the page says so")
    asked = parser.parse_args()
    only = list(filter(None, asked.only.split(",")))
    if unknown := set(only) - set(DRILLS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="sora-drill-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o711)
        engines = stack.enter_context(embedded.engines(folder / "data", durable=False, environ={}))
        os.environ.update(engines.environ, DJANGO_SETTINGS_MODULE="sora_social.settings", LOG_LEVEL="CRITICAL")
        os.environ.update(NO_RATE_LIMITS="1", NO_SCROLL_LIMITS="1", ALLOWED_HOSTS="*")
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
        import django

        django.setup()
        rows = []
        for name, drill in DRILLS.items():
            if only and name not in only:
                continue
            began = time.perf_counter()
            for tried in _outcomes(name, drill(asked.scale)):
                rows.append((tried, time.perf_counter() - began))
                print(f"{rows[-1][1]:5.0f} s  {tried}", flush=True)
                began = time.perf_counter()
        if not only:
            postgres, redis = _versions()
            table.write(rows, scale=asked.scale, postgres=postgres, redis=redis)
        _close()
    return 0 if all(tried.is_kept for tried, _ in rows) else 1


def _outcomes(name: str, drill: Iterator[Tried]) -> Iterator[Tried]:
    """A drill that fails has kept no promise; the others go on."""
    try:
        yield from drill
    except Exception as error:
        traceback.print_exc()
        yield Tried(name, "the drill itself", "", "", f"failed: {type(error).__name__}", is_kept=False)


def _versions() -> tuple[str, str]:
    from django.db import connection

    from sora_social.core import bus

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return cursor.fetchone()[0], bus.client().info("server")["redis_version"]


def _close() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
