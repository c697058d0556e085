from pathlib import Path

import pytest

from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own


@pytest.fixture
def files(media_folder):  # noqa: F811
    """The names of all files in the storage."""
    return lambda: sorted(str(path.relative_to(media_folder)) for path in media_folder.rglob("*") if path.is_file())


@pytest.fixture
def anchors(tmp_path, settings) -> Path:
    """The folder that anchors are stored in."""
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media"), "base_url": None},
        },
    }
    return tmp_path / "media" / "anchors"
