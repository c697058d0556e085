"""The product's own processes for tests: real ones, started with the test's environment, stopped by their number."""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sora_social.celery import app
from sora_social.core.children import Child, wait_until

ROOT = Path(__file__).resolve().parent.parent


def eventually(holds: Callable[[], object], *, seconds: float = 10.0, what: str = "") -> None:
    """Ask until it holds. Fails with `what` when the time is over."""
    assert wait_until(lambda: bool(holds()), seconds=seconds), f"not within {seconds} s: {what or holds}"


def stays(holds: Callable[[], object], *, seconds: float) -> None:
    """It holds, and goes on holding."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert holds()
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Processes:
    """Starts processes that see the test's database, Redis and storage; ends all of them."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = {**os.environ, "DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1", **environ}
        self.children: list[Child] = []

    def start(self, name: str, *arguments: str, **environ: str) -> Child:
        child = Child(
            name=name,
            argv=[sys.executable, *arguments],
            log=self.folder / "log" / f"{name}-{len(self.children)}.log",
            env={**self.environ, **environ},
            cwd=ROOT,
        )
        child.start()
        self.children.append(child)
        return child

    def worker(
        self, *, queues: str = "quick,render", children: int = 1, pool: str = "prefork", **environ: str
    ) -> Child:
        """A celery worker that is ready for work."""
        name = f"worker{len(self.children)}"
        child = self.start(
            "worker",
            *("-m", "celery", "-A", "sora_social.celery", "worker", "-Q", queues, "-P", "prefork", "-c", str(children)),
            *("-n", f"{name}@test", "-l", "INFO", "--without-gossip", "--without-mingle"),
            **environ,
        )
        # asked as a client of the same broker; a worker that answers takes tasks
        ready = lambda: app.control.ping(destination=[f"{name}@test"], timeout=0.5)  # noqa: E731
        eventually(ready, seconds=30, what=f"{name} ready, see {child.log}")
        return child

    def beat(self, **environ: str) -> Child:
        schedule = str(self.folder / f"beat-{len(self.children)}")
        return self.start(
            "beat", *("-m", "celery", "-A", "sora_social.celery", "beat", "-s", schedule, "-l", "INFO"), **environ
        )

    def api(self, **environ: str) -> tuple[Child, int]:
        """The HTTP server, and its port."""
        port = free_port()
        child = self.start(
            "api",
            *("-m", "granian", "sora_social.wsgi:application", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", "1", "--blocking-threads", "8", "--no-ws", "--no-access-log"),
            **{"PORT": str(port), **environ},
        )

        def listens() -> bool:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return True
            return False

        eventually(listens, seconds=30, what=f"api listens\n{child.last_words(20)}")
        return child, port

    def stop(self) -> None:
        for child in reversed(self.children):
            child.kill()


@contextlib.contextmanager
def processes(folder: Path, **environ: str) -> Iterator[Processes]:
    running = Processes(folder, environ)
    try:
        yield running
    finally:
        running.stop()
