"""Real processes, a database that commits, and a studio whose makers can be told to fail."""

from pathlib import Path

import pytest

from sora_social.studio import submitting
from tests import cast
from tests.processes import processes


@pytest.fixture
def folder(tmp_path, settings, monkeypatch) -> Path:
    """Where this test's processes keep files; this process keeps its own there, too."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
    }
    (tmp_path / "notes").mkdir()
    monkeypatch.setenv("MAKER_NOTES", str(tmp_path / "notes"))
    monkeypatch.setenv("MAKER_SECONDS", "0.2")
    return tmp_path


@pytest.fixture
def running(committed, folder):
    """Starts processes with a lease of 2 s and a sweep every second."""
    with processes(folder, LEASE_SECONDS="2", SWEEP_SECONDS="1") as started:
        yield started


@pytest.fixture
def maker_of(settings):
    """A person asks for a clip by a maker of this name."""

    def ask(owner, maker="Quick", **words):
        settings.PROVIDER = f"tests.studio.makers.{maker}"
        return submitting.submit(owner, **{"prompt": "a cat in the rain", **words})

    return ask


@pytest.fixture
def owner(committed):
    return cast.person("ada")


def files_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "media").rglob("*") if path.is_file()]
