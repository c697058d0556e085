"""What the README prints works when it is pasted."""

import os
import re
import subprocess

import pytest

from sora_social.demo import seeding
from tests.processes import ROOT


def blocks() -> list[str]:
    return re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.usefixtures("committed")
def test_the_first_session_works_as_printed(running, tmp_path):
    seeding.seed_people()
    running.worker(queues="quick", pool="threads")
    running.worker(queues="render")
    _, port = running.api()
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(blocks())],
        env={**os.environ, "API": f"http://127.0.0.1:{port}", "PUBLIC_URL": f"http://127.0.0.1:{port}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "clip.mp4").stat().st_size > 5_000
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"published [0-9]+", lines[1])
    assert lines[2:5] == ["remixed it!", "1", "now with snow #sea"]
    assert lines[6] == "first light #sea"
