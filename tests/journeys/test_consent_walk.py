"""What docs/consent.md prints works when it is pasted, and its tables say what the code says."""

import os
import re
import subprocess
import sys

import pytest

from cameos.limits import MECHANISMS
from cameos.models import Cameo, RecordKind
from sora_social.demo import enrolments, seeding, world
from tests.processes import ROOT

PAGE = ROOT / "docs" / "consent.md"


def test_the_page_says_what_is_checked_in_the_words_of_the_code():
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE))
    assert {name: told.get(name) for name in MECHANISMS} == dict(MECHANISMS)


def test_the_page_names_every_kind_of_record():
    [table] = re.findall(r"\| Kind \|.*?\n\n", PAGE.read_text(), re.DOTALL)
    first_cells = " ".join(row.split("|")[1] for row in table.splitlines()[2:] if row)
    assert set(re.findall(r"`(\w+)`", first_cells)) == set(RecordKind.values)


@pytest.mark.usefixtures("committed")
def test_the_walk_works_as_printed(running, tmp_path):
    seeding.seed_people()
    enrolments.enrol([likeness for likeness in world.LIKENESSES if likeness.handle == "ada"])
    running.worker(queues="quick", pool="threads")
    running.worker(queues="render")
    _, port = running.api()
    blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", "\n".join(blocks)],
        env={**os.environ, "API": f"http://127.0.0.1:{port}", "PY": sys.executable, "TMPDIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout.splitlines()
    assert printed[:2] == ["active", "No motorcycles. No snakes."]
    assert printed[2:6] == ["only_me", "cast_not_allowed", "everyone", "no_politics"]
    assert printed[6:9] == ["ada", "cy", "the receipt holds: audience everyone"]
    assert printed[9:17] == ["200", *["404"] * 7]
    cameo = Cameo.objects.get(owner__handle="ada")
    assert printed[17] == "revoked"
    assert printed[18].startswith(f"It holds: cameo {cameo.pk}: 6 records, ")
    assert printed[19].startswith("IT DOES NOT HOLD: ")
    assert printed[20] == "as it should be"
