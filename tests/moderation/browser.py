"""A real browser on a real server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
HOW = "No Chromium here. Run `.ci/browser` as root, or `apt-get install chromium`, or set CHROMIUM to its path."
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def server(log: Path) -> Iterator[str]:
    """The API process as `make run` starts it, on the test's database. Gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "granian", "sora_social.wsgi:application", "--interface", "wsgi"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws"]
    with log.open("wb") as words:
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=words, stderr=words, env={**os.environ, "PORT": str(port), "PUBLIC_URL": url}
        )
        try:
            _wait_for(f"{url}/healthz", child, log)
            yield url
        finally:
            child.terminate()
            child.wait(20)


def _wait_for(url: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"The server did not come up:\n{log.read_text()[-2000:]}")


@contextmanager
def page(executable: str, profile: Path, *, width: int = 1440, height: int = 900) -> Iterator[Page]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=executable,
            headless=True,
            args=list(FLAGS),
            viewport={"width": width, "height": height},
        )
        context.set_default_timeout(20_000)
        try:
            yield context.pages[0]
        finally:
            context.close()
