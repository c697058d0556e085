"""W1: how much faster than it plays the built-in provider makes a clip and its manifest is signed, on one core."""

import json
import os
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
    measured = [_measured(number, short_edge, fps) for number in range(prompts)]
    rates = [one["rate"] for one in measured]
    signing, grown = (statistics.median(one[name] for one in measured) for name in ("signing_ms", "manifest_bytes"))
    yield Row(
        "W1",
        f"built-in renderer: {SECONDS} s, {short_edge} pixels wide, {fps} fps, with sound, mark, poster and manifest, "
        f"{prompts} prompts; of that signing {signing:.0f} ms, {grown:,.0f} bytes",
        f"{statistics.median(rates):.2f} s of clip for each second of one core",
        "playing time",
        f"{spread(rates)}×",
        "≥ 2.5×",
        statistics.median(rates) >= 2.5,
    )


def _measured(number: int, short_edge: int, fps: int) -> dict[str, float]:
    """Seconds of clip for each second of processor time, start of the process not counted; and what signing took."""
    answer = subprocess.run(
        [*pinned(0), sys.executable, "-m", "tests.bench.rendering", str(number), str(short_edge), str(fps)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sora_social.settings"},
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def _measure(number: int, short_edge: int, fps: int) -> dict[str, float]:
    from sora_social.media import manifests
    from sora_social.media.manifests import Credited, Ingredient, Statement
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
    source = Credited(252768655316616337, "bo", "urn:c2pa:3f2a9c81-d0aa-4b7e-9c1d-000000000001")
    said = Statement("preview", "preview-1", False, "ada", [Ingredient("remix", 0, "valid", source)])
    with tempfile.TemporaryDirectory() as folder:
        manifests._context().close()  # the library is loaded: a worker does that once
        began = time.process_time()
        made = render(recipe, directory=Path(folder), on_progress=lambda share: None)
        drawn = time.process_time()
        signed = Path(folder) / "signed.mp4"
        manifests.sign(made.video, signed, said)
        ended = time.process_time()
        return {
            "rate": SECONDS / (ended - began),
            "signing_ms": 1000 * (ended - drawn),
            "manifest_bytes": signed.stat().st_size - made.video.stat().st_size,
        }


if __name__ == "__main__":
    print(json.dumps(_measure(*map(int, sys.argv[1:]))))
