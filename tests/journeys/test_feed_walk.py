"""What docs/feed.md prints works when it is pasted."""

import os
import re
import subprocess
import sys
from random import Random

import pytest

from sora_social.accounts.models import User
from sora_social.core import outbox
from sora_social.demo import seeding
from sora_social.posts import reactions
from tests import cast
from tests.processes import ROOT

PAGE = ROOT / "docs" / "feed.md"
SUBJECTS = ("a cat in the rain", "two dogs on a beach", "a robot in the kitchen", "a boat at sunset", "一只猫和月亮")


@pytest.fixture
def world(running):
    """Sixty posts by people of the demo world, a fifth of them about each subject; ada liked a few."""
    seeding.seed_people()
    chance = Random(7)
    authors = list(User.objects.exclude(handle__in=["ada", "mod", "teen"]).order_by("pk"))
    posts = [cast.post(chance.choice(authors), caption=SUBJECTS[n % 5], prompt=SUBJECTS[n % 5]) for n in range(80)]
    ada = User.objects.get(handle="ada")
    for post in posts[::9]:
        reactions.like(ada, post.pk)
    while outbox.relay():
        pass
    return running


@pytest.mark.usefixtures("committed")
def test_the_walk_works_as_printed(world, tmp_path):
    limits = {"NO_SCROLL_LIMITS": "0"}  # other tests scroll on
    world.worker(queues="quick", pool="threads", **limits)
    world.worker(queues="render")
    _, port = world.api(**limits)
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(blocks)],
        env={**os.environ, "API": f"http://127.0.0.1:{port}", "PY": sys.executable, "HOUSE": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = [re.sub(r" +", " ", line.strip()) for line in done.stdout.splitlines()]
    assert printed[:3] == ["more cats", "less dogs for 7 days", "no robots"]
    assert printed[3:5] == ["not understood: flibbertigibbets", "多来点猫"]
    assert printed[5:15].count("You asked for more like this") >= 5
    assert printed[15:17] == ["posts with a robot in their words: 0", "steer"]
    assert printed[17].startswith("Led by the chance that seeing a post leads someone to make something")
    assert printed[18:21] == ["10 post", "1 nudge", "10 post"]
    assert re.fullmatch(r".+ \[(remix|draft)\]", printed[21])  # what ada began with may be ready by then
    assert printed[22:26] == ["1 nudge", "10 post", "1 pause", "pause"]
    assert printed[26] == "shown 40, of them different: 40"
    assert printed[27:] == ["10 post", "10", "created"]
