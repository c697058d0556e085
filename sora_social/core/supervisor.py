"""Keep a set of children running, say what happens to them, and stop them in order.

Everything here runs in the main thread: children end with the thread that started them.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Self

from sora_social.core.children import CannotStart, Child

LONGEST_PAUSE = 30.0  # seconds before a child that keeps ending is started again: 1, 2, 4 … 30
STEADY_AFTER = 60.0  # seconds of running that make us forget earlier failures
TICK = 0.25  # seconds between two looks at the children
LINES_PER_TICK = 8
WORTH_SHOWING = re.compile(r"\b(warning|warn|error|critical|fatal|traceback)\b", re.IGNORECASE)
# Reads the process groups that exist, a line at each change. When we are gone, however that came, it gives them a
# moment to obey the signal that Linux sent them, then ends what is left: Celery would finish its tasks, for nobody.
HEIR = 'while read -r line; do groups=$line; done; [ -z "$groups" ] || sleep 3; for g in $groups; do kill -9 -$g; done'
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked us to stop. Not an error, so nothing that handles errors may swallow it."""


class Terminal:
    """What the person who started us sees."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._line_is_open = False

    def say(self, text: str = "", *, colour: str = "") -> None:
        start = "\n" if self._line_is_open else ""
        self._line_is_open = False
        self._write(f"{start}{self._coloured(text, colour)}\n")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Name a step before it begins and its duration when it is over."""
        began = time.monotonic()
        self._write(f"  {name:<34}")
        self._line_is_open = True
        yield
        if not self._line_is_open:
            self._write(f"  {name:<34}")
        self._write(self._coloured(f"{time.monotonic() - began:5.1f} s\n", "2"))
        self._line_is_open = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def _coloured(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colours and colour else text

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a closed terminal must not keep us from stopping the children
            sys.stdout.write(text)
            sys.stdout.flush()


@dataclass
class _Kept:
    child: Child
    once: bool
    shown: bool
    after: Callable[[int], None] | None
    started_at: float = 0.0
    start_at: float | None = None
    failures: int = 0
    log_offset: int = field(default=0)


class Supervisor:
    """Starts children, restarts those that end, shows what they complain of, stops them in the order of starting.

    As a context manager it stops them at the end of the block.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._kept: list[_Kept] = []
        self._heir: subprocess.Popen[str] | None = None

    def adopt(self, child: Child) -> None:
        """Watch a child that somebody else started and will stop; its log is its own business."""
        self._kept.append(_Kept(child, once=False, shown=False, after=None, started_at=time.monotonic()))

    def start(self, child: Child, *, once: bool = False, after: Callable[[int], None] | None = None) -> None:
        """Start a child and keep it running; with `once` let it end, and tell `after` its exit code."""
        kept = _Kept(child, once=once, shown=True, after=after)
        kept.log_offset = child.log.stat().st_size if child.log.exists() else 0
        self._kept.append(kept)
        self._launch(kept)

    def finish(self, child: Child) -> None:
        """Run a child to its end. Raises CannotStart with the end of its log when it fails."""
        try:
            child.start()
            while child.is_running:
                self.tick()
            if child.exit_code:
                raise CannotStart(f"{child.name} failed. The end of {child.log}:\n{child.last_words()}")
        finally:
            child.stop()

    def wait_for(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """Look after the children until they are ready; False when the time is over."""
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end:
                return False
            self.tick()
        return True

    def forever(self) -> None:
        while True:
            self.tick()

    def tick(self) -> None:
        for kept in list(self._kept):
            self._show_complaints(kept)
            if kept.start_at is not None:
                if time.monotonic() >= kept.start_at:
                    self._launch(kept)
            elif not kept.child.is_running:
                self._ended(kept)
        time.sleep(TICK)

    def __enter__(self) -> Self:
        self._heir = subprocess.Popen(  # noqa: S603 - a constant
            ["/bin/sh", "-c", HEIR],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd="/",
            start_new_session=True,
        )
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()
        if self._heir is not None:
            self._tell_heir()
            self._heir.communicate()
            self._heir = None

    def stop(self) -> None:
        """Ask what `start` started to stop, in that order; then see each of them end, within the longest grace."""
        children = [kept.child for kept in self._kept if kept.shown]
        for child in children:
            child.ask_to_stop()
        end = time.monotonic() + max((child.grace for child in children), default=0.0)
        for child in children:
            child.wait(end - time.monotonic())
            child.kill()

    def shoot(self) -> None:
        """For the impatient: SIGKILL to all of them, without waiting."""
        for kept in self._kept:
            kept.child.shoot()

    def _launch(self, kept: _Kept) -> None:
        kept.start_at = None
        kept.started_at = time.monotonic()
        kept.child.start()
        self._tell_heir()

    def _tell_heir(self) -> None:
        if self._heir is not None and self._heir.stdin is not None:
            groups = [str(kept.child.process.pid) for kept in self._kept if kept.shown and kept.child.process]
            with suppress(BrokenPipeError):  # somebody killed it; the children still get the signal of Linux
                self._heir.stdin.write(" ".join(groups) + "\n")
                self._heir.stdin.flush()

    def _ended(self, kept: _Kept) -> None:
        code = kept.child.exit_code or 0
        kept.child.kill()  # what it left behind would still hold its port
        self._tell_heir()
        if kept.once:
            self._kept.remove(kept)
            if kept.after is not None:
                kept.after(code)
            return
        if time.monotonic() - kept.started_at > STEADY_AFTER:
            kept.failures = 0
        pause = min(2.0**kept.failures, LONGEST_PAUSE)
        kept.failures += 1
        kept.start_at = time.monotonic() + pause
        reason = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.terminal.say(
            f"[{kept.child.name}] ended ({reason}), starts again in {pause:.0f} s; its log is {kept.child.log}",
            colour="31",
        )

    def _show_complaints(self, kept: _Kept) -> None:
        if not kept.shown or not kept.child.log.exists():
            return
        size = kept.child.log.stat().st_size
        if size < kept.log_offset:  # begun anew
            kept.log_offset = 0
        if size == kept.log_offset:
            return
        with kept.child.log.open("rb") as log:
            log.seek(kept.log_offset)
            fresh = log.read(size - kept.log_offset)
        whole = fresh.rfind(b"\n") + 1  # the rest of a line comes with the next look
        kept.log_offset += whole
        lines = [line for line in fresh[:whole].decode(errors="replace").splitlines() if WORTH_SHOWING.search(line)]
        for line in lines[:LINES_PER_TICK]:
            self.terminal.say(f"[{kept.child.name}] {line}", colour="33")
        if len(lines) > LINES_PER_TICK:
            more = len(lines) - LINES_PER_TICK
            self.terminal.say(f"[{kept.child.name}] and {more} more lines in {kept.child.log}", colour="33")


@contextmanager
def stop_signals(second: Callable[[], None]) -> Iterator[None]:
    """The first SIGINT, SIGTERM or SIGHUP raises Stopped in the block; each later one calls `second`."""
    stopping = False

    def asked(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            second()
        else:
            stopping = True
            raise Stopped

    before = {number: signal.signal(number, asked) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
