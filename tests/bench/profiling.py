"""Where the time of a warm For You page goes: stacks of the working server, sampled by py-spy, put down to the part of
the request that they are in."""

import re
import subprocess
from collections import Counter
from pathlib import Path

from tests.bench.feed_pages import PRODUCT, Setting, in_turn, open_sessions, scroll
from tests.bench.servers import asking, serving

SAMPLES_PER_SECOND = 500
# the innermost frame of one of these decides: (what, the file it lies in)
PARTS = [
    ("media links, signed", r"media/links\.py"),
    ("policy query and hydration", r"posts/presenting\.py|cameos/cards\.py"),
    ("the order from Redis", r"feeds/order/snapshots\.py"),
    ("scroll session: meter, cards", r"feeds/scroll/"),
    ("impressions, handed over and written", r"feeds/logbook\.py"),
    ("cursor, cutting, items, reasons", r"feeds/|core/cursors\.py"),
    ("session and person, one query", r"accounts/(sessions|admission|authentication)\.py"),
    ("our middlewares and error handling", r"core/(http|problems|throttling)\.py|moderation/gate\.py"),
    ("throttles, negotiation, views of DRF", r"rest_framework/"),
    ("Django: handler, routing, middlewares, signals", r"django/|whitenoise/|allauth/"),
]
# a thread that handed its answer over and waits for the next request still stands there: this is no work of a page
WAITING = re.compile(r"\([^();]*granian/[^();]*\)$")


def run(setting: Setting) -> list[tuple[str, float, float]]:
    """(part, share of the samples, milliseconds of a page) in falling order."""
    with serving(PRODUCT, {}, setting.folder / "profiled.log") as product:
        scrolls = [scroll(product, *each) for each in open_sessions(setting).items()]
        requests = in_turn(scrolls, [each.for_you for each in scrolls])
        stacks = setting.folder / "stacks.txt"
        with asking(product, requests) as crowd:
            crowd.run(setting.seconds)
            seconds = max(2, round(setting.seconds * 10))
            sampler = subprocess.Popen(
                [
                    *("py-spy", "record", "--format", "raw", "--gil", "--rate", str(SAMPLES_PER_SECOND)),
                    *("--duration", str(seconds), "--output", str(stacks), "--pid", str(product.worker().pid)),
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            rate = crowd.run(seconds)
            _, said = sampler.communicate(timeout=60)
            assert sampler.returncode == 0, said
    return _by_part(stacks, milliseconds=1_000 / rate.per_core)


def _by_part(stacks: Path, *, milliseconds: float) -> list[tuple[str, float, float]]:
    counts: Counter[str] = Counter()
    for line in stacks.read_text().splitlines():
        frames, _, count = line.rpartition(" ")
        if not WAITING.search(frames):
            counts[_part_of(frames.split(";"))] += int(count)
    total = counts.total()
    assert total > 0
    return [(part, count / total, milliseconds * count / total) for part, count in counts.most_common()]


def _part_of(frames: list[str]) -> str:
    for frame in reversed(frames):
        for part, where in PARTS:
            if re.search(rf"\((?:[^()]*/)?(?:{where})", frame):
                return part
    return "the rest of the process"
