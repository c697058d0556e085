"""Servers under measurement, each on the one core; who asks them, and the engines, live on the other."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sora_social.core.children import wait_until
from tests.bench.report import Row

ROOT = Path(__file__).resolve().parents[2]
THREADS = 5  # what `make run` takes on two cores


def pinned(core: int) -> tuple[str, ...]:
    """A prefix that keeps a command on one of the cores that are ours; 0 is for servers, 1 for everybody else."""
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    return ("taskset", "-c", str(cores[core])) if len(cores) > 1 else ()


def keep_on(core: int, pids: Sequence[int]) -> None:
    cores = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    if len(cores) > 1:
        for pid in pids:
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                process.cpu_affinity([cores[core]])


class Server:
    """One granian with one worker, started as `make run` starts it."""

    def __init__(self, application: str, environ: Mapping[str, str], log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [
                    *pinned(0),
                    *(sys.executable, "-m", "granian", application, "--interface", "wsgi", "--host", "127.0.0.1"),
                    *("--port", str(self.port), "--workers", "1", "--blocking-threads", str(THREADS)),
                    *("--no-ws", "--no-access-log"),
                ],
                cwd=ROOT,
                env={**os.environ, **environ},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self._listens, seconds=30), log.read_text()[-2000:]

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def _family(self) -> list[psutil.Process]:
        top = psutil.Process(self.process.pid)
        return [top, *top.children(recursive=True)]

    def cpu_seconds(self) -> float:
        return sum(process.cpu_times().user + process.cpu_times().system for process in self._family)

    def worker(self) -> psutil.Process:
        return max(self._family, key=lambda process: process.memory_info().rss)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def serving(application: str, environ: Mapping[str, str], log: Path) -> Iterator[Server]:
    server = Server(application, environ, log)
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Rate:
    """What one run gave. `per_core` is answers for each second that the server's core worked."""

    answers: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds

    @property
    def per_core(self) -> float:
        return self.answers / self.cpu_seconds


class Crowd:
    """A process of clients on the other core, asking one server for prepared requests in turn."""

    def __init__(self, server: Server, requests: Sequence[str]) -> None:
        self.server = server
        self.process = subprocess.Popen(
            [*pinned(1), sys.executable, "-m", "tests.bench.load"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._say(list(requests))

    def _say(self, words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()

    def run(self, seconds: float, connections: int = 4) -> Rate:
        assert self.process.stdout is not None
        before = self.server.cpu_seconds()
        self._say({"port": self.server.port, "connections": connections, "seconds": seconds})
        line = self.process.stdout.readline()
        assert line, f"The load ended; the server's log: {self.server.log.read_text()[-2000:]}"
        said = json.loads(line)
        return Rate(int(said["answers"]), said["seconds"], self.server.cpu_seconds() - before)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def asking(server: Server, requests: Sequence[str]) -> Iterator[Crowd]:
    crowd = Crowd(server, requests)
    try:
        yield crowd
    finally:
        crowd.stop()


def get(path: str, token: str = "") -> str:
    """A request as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Session-Token: {token}\r\nAccept: application/json\r\n\r\n"


def settled() -> None:
    """Let what the last run left to do (impressions, a checkpoint) be done."""
    time.sleep(0.4)


def alone(run: Callable[..., Iterable[Row]], *names: str) -> None:
    """Run one bench with engines of its own, and numbers from the command line by these names."""
    from sora_social.core import embedded

    given = dict(zip(names, map(int, sys.argv[1:]), strict=False))
    with tempfile.TemporaryDirectory(prefix="sora-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        with embedded.engines(Path(folder) / "data", durable=False, environ={}) as engines:
            os.environ.update(engines.environ, DJANGO_SETTINGS_MODULE="sora_social.settings", LOG_LEVEL="WARNING")
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            import django

            django.setup()
            for row in run(**given):
                print(row)
