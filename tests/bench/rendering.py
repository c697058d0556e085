"""W1: how much faster than it plays the built-in provider makes a clip, on one core."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.report import Row, spread
from tests.bench.servers import ROOT, pinned

PROMPTS = (
    "a quiet beach at dawn, seen from above",
    "a red fox runs through a snowy forest at night",
    'a robot on a busy street says "hello there"',
    "a lighthouse in a storm, waves and lightning",
    "two cats on a sofa in a warm room",
    "a mountain lake in autumn with falling leaves",
)
SECONDS = 5


def run(prompts: int = len(PROMPTS), *, short_edge: int = 480, fps: int = 24) -> Iterator[Row]:
    rates = [_rate(number, short_edge, fps) for number in range(prompts)]
    yield Row(
        "W1",
        f"built-in renderer: {SECONDS} s, {short_edge} pixels wide, {fps} fps, with sound, mark and poster, "
        f"{prompts} prompts",
        f"{statistics.median(rates):.2f} s of clip for each second of one core",
        "playing time",
        f"{spread(rates)}×",
        "≥ 2.5×",
        statistics.median(rates) >= 2.5,
    )


def _rate(number: int, short_edge: int, fps: int) -> float:
    """Seconds of clip for each second of processor time, start of the process not counted."""
    answer = subprocess.run(
        [*pinned(0), sys.executable, "-m", "tests.bench.rendering", str(number), str(short_edge), str(fps)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return float(json.loads(answer.stdout.splitlines()[-1]))


def _measure(number: int, short_edge: int, fps: int) -> float:
    from sora_social.studio.providers.preview import recipe as recipes
    from sora_social.studio.providers.preview.rendering import render

    recipe = recipes.Recipe(
        prompt=PROMPTS[number],
        seconds=SECONDS,
        orientation="portrait",
        seed=number,
        maker_handle="ada",
        short_edge=short_edge,
        fps=fps,
    )
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        render(recipe, directory=Path(folder), on_progress=lambda share: None)
        return SECONDS / (time.process_time() - began)


if __name__ == "__main__":
    print(json.dumps(_measure(*map(int, sys.argv[1:]))))
