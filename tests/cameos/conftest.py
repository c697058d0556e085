"""A storage of the test's own, for anchors."""

from pathlib import Path

import pytest


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
