"""What docs/messages.md prints works when it is pasted."""

import os
import re
import subprocess
import sys

import pytest

from sora_social.demo import seeding
from tests.processes import ROOT

PAGE = ROOT / "docs" / "messages.md"


@pytest.mark.usefixtures("committed")
def test_the_walk_works_as_printed(running, tmp_path):
    seeding.seed_people()
    _, port = running.api()
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(blocks)],
        env={**os.environ, "API": f"http://127.0.0.1:{port}", "PY": sys.executable},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "1 did you see the whale?",
        "twice",
        "b-1",
        "['twice', 'did you see the whale?']",
        "request_pending",
        "1 asked",
        "404",
        "403 message_not_allowed",
    ]
