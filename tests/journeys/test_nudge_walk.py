"""What docs/api.md prints of cards and the pause works when it is pasted."""

import os
import re
import subprocess

import pytest

from feeds.models import Nudge
from sora_social.accounts.models import User
from sora_social.demo import seeding
from sora_social.posts.models import Post
from sora_social.studio.models import Generation
from tests import cast
from tests.processes import ROOT


@pytest.mark.usefixtures("committed")
def test_the_walk_works_as_printed(running, tmp_path):
    seeding.seed_people()
    ada = User.objects.get(handle="ada")
    given = {"author": ada, "clip": cast.clip(), "provider": "preview", "model": "preview-1"}
    Post.objects.bulk_create(Post(**given) for _ in range(160))
    _, port = running.api(NO_SCROLL_LIMITS="0")
    (walk,) = [
        block
        for block in re.findall(r"```bash\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
        if "page()" in block
    ]
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", walk],
        env={**os.environ, "API": f"http://127.0.0.1:{port}", "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.splitlines()
    assert printed[:2] == ["post", "nudge"]
    assert printed[2].startswith("Something to begin with: ")
    assert printed[3:5] == ["prompt", "pause"]
    assert printed[5].startswith("A pause.")
    pauses = list(Nudge.objects.filter(kind="pause").order_by("pk"))
    assert printed[6:9] == [str(pauses[0].pk), "pause_required", "queued"]
    assert printed[9:] == ["post", "found_by_server", "nudge", "pause", "acknowledged", "post", "20"]
    assert pauses[1].outcome == "acknowledged"
    assert Generation.objects.filter(owner__handle="bo").count() == 1
