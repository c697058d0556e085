"""C07: nothing of a face is stored before the release is recorded; and nothing stays that no row names."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from rest_framework.parsers import MultiPartParser

from cameos import enrolling, erasing
from cameos.models import Cameo, ConsentRecord, Enrolment
from tests import cast

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def read(monkeypatch):
    """What was read of bodies, and which files were opened for them."""
    seen: list[str] = []
    parse, new_file, unnamed = MultiPartParser.parse, uploadhandler.TemporaryFileUploadHandler, tempfile.TemporaryFile

    def parsing(self, *words, **more):
        seen.append("body")
        return parse(self, *words, **more)

    def named(*words, **more):
        seen.append("named file")
        return new_file(*words, **more)

    def opened(*words, **more):
        seen.append("unnamed file")
        return unnamed(*words, **more)

    monkeypatch.setattr(MultiPartParser, "parse", parsing)
    monkeypatch.setattr(uploadhandler, "TemporaryFileUploadHandler", named)
    monkeypatch.setattr(tempfile, "TemporaryFile", opened)
    return seen


def send(api, who, cameo, *, size=64):
    file = SimpleUploadedFile("me.mp4", cast.upload().getvalue() + b"\0" * size, content_type="video/mp4")
    return api(who).post(f"/v1/cameos/{cameo.pk}/recording", {"file": file}, format="multipart")


def release(api, who, cameo):
    return api(who).put(f"/v1/cameos/{cameo.pk}/release", {"terms_version": settings.RELEASE_TERMS})


def test_c07_an_upload_before_the_release_is_not_even_read(ada, api, files, read):
    cameo = enrolling.create(ada, kind="person")
    answer = send(api, ada, cameo, size=3 * 2**20)
    assert (answer.status_code, answer.json()["code"]) == (409, "release_required")
    assert (read, files()) == ([], [])
    assert Enrolment.objects.get().recorded_at is None
    assert release(api, ada, cameo).status_code == 200
    assert send(api, ada, cameo, size=3 * 2**20).status_code == 202
    assert read == ["body", "unnamed file"]
    assert files() == [Enrolment.objects.get().recording_key]


def test_c07_mutant_without_the_question_the_body_is_read(ada, api, read, monkeypatch):
    cameo = enrolling.create(ada, kind="person")
    ask = enrolling.require_release
    asked = []

    def later(owner, cameo_id):
        asked.append(1)
        return None if len(asked) == 1 else ask(owner, cameo_id)

    monkeypatch.setattr(enrolling, "require_release", later)
    assert send(api, ada, cameo).status_code == 409
    assert read == ["body", "unnamed file"]


@pytest.mark.parametrize("state", ["over", "recorded", "rejected"])
def test_c07_nor_when_the_challenge_is_over_or_there_is_one_already(state, ada, api, read, files):
    cameo = cast.enrolled(ada, found=cast.examination("fail")) if state == "rejected" else cast.begun(ada)
    if state == "over":
        Enrolment.objects.update(challenge_until=timezone.now() - timedelta(seconds=1))
    if state == "recorded":
        enrolling.store_recording(ada, cameo.pk, cast.upload())
    before = files()
    answer = send(api, ada, cameo)
    code = {"over": "challenge_over", "recorded": "already_recorded", "rejected": "release_required"}[state]
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert (read, files()) == ([], before)


def test_c07_a_stranger_learns_nothing_and_nothing_of_theirs_is_read(ada, mallory, api, read, files):
    cameo = cast.begun(ada)
    assert send(api, mallory, cameo).status_code == 404
    assert send(api, None, cameo).status_code == 401
    assert (read, files()) == ([], [])


def test_c07_the_database_refuses_a_recording_without_a_release(ada):
    cameo = enrolling.create(ada, kind="person")
    with (
        pytest.raises(IntegrityError, match="nothing_is_recorded_before_the_release"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE cameos_enrolment SET recording_key = 'x', recorded_at = now() WHERE cameo_id = %s", [cameo.pk]
        )


def test_c07_a_replay_stores_nothing_more(ada, api, files):
    cameo = cast.begun(ada)
    assert send(api, ada, cameo).status_code == 202
    kept = files()
    assert [send(api, ada, cameo).status_code for _ in range(3)] == [409] * 3
    assert files() == kept
    assert ConsentRecord.objects.filter(cameo=cameo, kind="released").count() == 1


@pytest.mark.parametrize("size", ["declared", "real"])
def test_c07_a_body_beyond_the_cap_is_refused_and_leaves_nothing(size, ada, api, files, settings):
    settings.UPLOAD_MAX_BYTES = 100_000
    cameo = cast.begun(ada)
    answer = send(api, ada, cameo, size=200_000 if size == "declared" else 120_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert files() == []
    assert Cameo.objects.get().status == "awaiting_recording"


def test_c07_half_a_file_is_no_file(ada, files, monkeypatch):
    cameo = cast.begun(ada)
    monkeypatch.setattr("django.core.files.base.File.chunks", broken_chunks)
    with pytest.raises(OSError, match="No space"):
        enrolling.store_recording(ada, cameo.pk, cast.upload())
    assert files() == []


def broken_chunks(self, chunk_size=None):
    yield b"half"
    raise OSError("No space left on device")


def test_c07_a_database_that_goes_away_leaves_a_file_for_an_hour_at_most(ada, files, media_folder, monkeypatch):
    cameo = cast.begun(ada)

    def gone(*_):
        raise OperationalError("the connection is lost")

    with monkeypatch.context() as patch:
        patch.setattr(enrolling, "_keep_recording", gone)
        with pytest.raises(OperationalError):
            enrolling.store_recording(ada, cameo.pk, cast.upload())
    (orphan,) = files()
    assert erasing.remove_orphans() == 0, "somebody may be about to write its row"
    age(media_folder / orphan)
    stored = enrolling.store_recording(ada, cameo.pk, cast.upload())
    age(media_folder / stored.enrolment.recording_key)
    assert erasing.remove_orphans() == 1
    assert files() == [stored.enrolment.recording_key]


def age(path: Path) -> None:
    then = time.time() - erasing.ORPHANED_FOR.total_seconds() - 1
    os.utime(path, (then, then))


KILLED = """
import os, signal, sys
import django; django.setup()
from io import BytesIO
from cameos import enrolling
from sora_social.accounts.models import User
enrolling._keep_recording = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
owner = User.objects.get(handle="ada")
enrolling.store_recording(owner, int(sys.argv[1]), BytesIO(b"\\0\\0\\0\\x18ftypmp42" + b"a face" * 1000))
"""


def test_c07_killed_between_the_file_and_its_row(committed, tmp_path, settings):
    ada = cast.person("ada")
    cameo = cast.begun(ada)
    environ = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "sora_social.settings"}
    done = subprocess.run([sys.executable, "-c", KILLED, str(cameo.pk)], cwd=ROOT, env=environ, check=False)
    assert done.returncode == -signal.SIGKILL
    (orphan,) = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
    assert Enrolment.objects.get().recording_key == ""
    age(orphan)
    erasing.remove_orphans()
    assert not orphan.exists()
