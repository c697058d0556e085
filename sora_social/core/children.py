"""Child processes that stop when told, and that never outlive the process which started them.

No Django here: these are started before any settings can be read.
"""

import contextlib
import ctypes
import functools
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypedDict

LOG_KEEPS_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class CannotStart(Exception):
    """Something outside this program has to change first; the message says what, in plain words."""


@dataclass(frozen=True)
class Account:
    """A system user that a child runs as."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> Self | None:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            return None
        return cls(name=name, uid=entry.pw_uid, gid=entry.pw_gid)

    @classmethod
    def owning(cls, path: Path) -> Self:
        status = path.stat()
        try:
            name = pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            name = f"user {status.st_uid}"
        return cls(name=name, uid=status.st_uid, gid=status.st_gid)


@dataclass
class Child:
    """One process in its own session, so that Ctrl-C in a terminal reaches only its parent.

    Start it from the main thread: Linux ends a child when the *thread* that started it ends.
    """

    name: str
    argv: list[str]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 8.0  # seconds between the polite signal and SIGKILL
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            if self.log.exists() and self.log.stat().st_size > LOG_KEEPS_BYTES:
                self.log.replace(self.log.with_suffix(".old.log"))
            opened = self.log.open("ab")
        except OSError as error:
            raise CannotStart(f"{self.name} cannot write its log {self.log}: {error.strerror}.") from None
        with opened as log:
            self.process = subprocess.Popen(  # noqa: S603 - argv is ours, no shell
                self.argv,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=functools.partial(_die_with, os.getpid(), self.stop_signal),  # noqa: PLW1509 - no locks inside
                **run_as(self.account),
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs. A child that never started counts as ended well."""
        return self.process.poll() if self.process else 0

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    def wait(self, seconds: float) -> bool:
        """Whether it ended within that time."""
        return wait_until(lambda: not self.is_running, seconds=seconds)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """End it and everything it started: politely, then not."""
        self.ask_to_stop()
        self.wait(self.grace)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to whatever is left in its process group."""
        if self.process is not None:
            self.shoot()
            self.process.wait()
            self.process = None  # its number may belong to a stranger from now on

    def shoot(self) -> None:
        """Like kill, without waiting: safe inside a signal handler."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody left (macOS: EPERM, only zombies left)
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 8) -> str:
        """The end of its log, to show when it failed."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def run_as(account: Account | None) -> RunAs:
    """Arguments for subprocess: become that user and nothing more."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def wait_until(done: Callable[[], bool], *, seconds: float) -> bool:
    """Ask again and again; False when the time is over."""
    end = time.monotonic() + seconds
    pause = 0.01
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return True


def _die_with(parent: int, death_signal: int) -> None:
    """In the new child, after it became its user: ask Linux for a signal when the parent is gone."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it died before we could ask
        os._exit(1)
