"""B1 and B2: a fresh clone until it answers, and what it holds in memory when nobody asks."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.bench.report import Row
from tests.bench.servers import ROOT

IDLE_AFTER = 45.0  # seconds: the demo world is made by then


def run(wanted: Callable[[str], bool]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="sora-clone-", ignore_cleanup_errors=True) as folder:
        clone = Path(folder) / "clone"
        clone.parent.chmod(0o711)
        subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", str(clone)], check=True)
        with _running(clone) as (_, first):
            pass
        with _running(clone) as (process, second):
            if wanted("B1"):
                yield Row(
                    "B1",
                    "`manage.py run` in a fresh clone, everything installed, until the first answered request; and a "
                    "second start",
                    f"{first:.1f} s; {second:.1f} s",
                    figure=f"{first:.1f} s",
                    goal="≤ 15 s",
                    met=first <= 15,
                )
            if wanted("B2"):
                time.sleep(IDLE_AFTER)
                yield _idle(process)


def _idle(top: psutil.Process) -> Row:
    family = [top, *top.children(recursive=True)]
    shared = sum(process.memory_full_info().pss for process in family) / 1e6
    resident = sum(process.memory_info().rss for process in family) / 1e6
    return Row(
        "B2",
        f"whole embedded stack, idle, {len(family)} processes",
        f"{shared:.0f} MB (shared pages counted once); {resident:.0f} MB as the sum of resident sizes",
        figure=f"{shared:.0f} MB",
        goal="≤ 900 MB",
        met=shared <= 900,
    )


@contextmanager
def _running(clone: Path) -> Iterator[tuple[psutil.Process, float]]:
    port, live_port = _free(), _free()
    engines = {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "BROKER_URL", "DATA_DIR", "SECRET_KEY"}
    environ = {name: value for name, value in os.environ.items() if name not in engines}
    began = time.perf_counter()
    with (clone.parent / "run.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=clone,
            env={**environ, "PORT": str(port), "LIVE_PORT": str(live_port)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        while not _answers(port):
            assert process.poll() is None, (clone.parent / "run.log").read_text()[-2000:]
            time.sleep(0.05)
        yield psutil.Process(process.pid), time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/config", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
