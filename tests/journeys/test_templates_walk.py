"""What docs/api.md prints of templates works when it is pasted after the README's first session."""

import os
import re
import subprocess

import pytest

from sora_social.demo import seeding
from tests.processes import ROOT


def block_of(page: str, after: str) -> str:
    text = (ROOT / page).read_text().partition(after)[2]
    return re.search(r"```bash\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.usefixtures("committed")
def test_the_walk_works_as_printed(running, tmp_path):
    seeding.seed_people()
    running.worker(queues="quick", pool="threads")
    running.worker(queues="render")
    _, port = running.api()
    session = block_of("README.md", "## A first session")
    walk = block_of("docs/api.md", "### Shooting the same: templates")
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", f"{session}\n{walk}"],
        env={**os.environ, "API": f"http://127.0.0.1:{port}", "PUBLIC_URL": f"http://127.0.0.1:{port}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[2:] == ["A pet on a beach"] * 3 + ["2"]
