"""Providers for tests: quick, slow, failing, deadly. Worker processes find them by the setting `PROVIDER`."""

import os
import signal
import time
from pathlib import Path

from sora_social.studio.providers import OnProgress, Order, ProviderError, Rendered
from tests.clips import write_poster, write_video


def files(order: Order, directory: Path) -> Rendered:
    video = write_video(directory / "clip.mp4", seconds=order.seconds, seed=order.seed % 100)
    return Rendered(video, write_poster(directory / "poster.jpg"))


class Quick:
    name = "tests.studio.makers.Quick"
    model = "test"

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        on_progress(0.5)
        return files(order, directory)


class Slow(Quick):
    """Takes `MAKER_SECONDS`, and leaves a note of each start in `MAKER_NOTES`."""

    name = "tests.studio.makers.Slow"

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        notes = Path(os.environ["MAKER_NOTES"])
        (notes / f"{order.key}.{os.getpid()}.{time.monotonic_ns()}").touch()
        end = time.monotonic() + float(os.environ.get("MAKER_SECONDS", "3"))
        while time.monotonic() < end:
            on_progress(0.3)
            time.sleep(0.05)
        return files(order, directory)


class Deaf(Slow):
    """Like Slow, and never asks whether it should go on: what a stalled call to a far server is like."""

    name = "tests.studio.makers.Deaf"

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        return super().make(order, directory=directory, on_progress=lambda share: None)


class Failing(Quick):
    name = "tests.studio.makers.Failing"
    retryable = True

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        raise ProviderError("The far server is down.", retryable=self.retryable)


class Refusing(Failing):
    name = "tests.studio.makers.Refusing"
    retryable = False


class Broken(Quick):
    name = "tests.studio.makers.Broken"

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        raise RuntimeError("a bug")


class Black(Quick):
    """Hands over a clip in which nothing can be seen."""

    name = "tests.studio.makers.Black"

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        video = write_video(directory / "clip.mp4", seconds=order.seconds, moving=False, bright=0)
        return Rendered(video, write_poster(directory / "poster.jpg"))


class Deadly(Slow):
    """Kills the process it runs in, each time."""

    name = "tests.studio.makers.Deadly"

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        (Path(os.environ["MAKER_NOTES"]) / f"{order.key}.{os.getpid()}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError
