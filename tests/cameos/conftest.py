from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connections

from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own


@pytest.fixture
def at_once():
    """Call something many times at the same moment; what each call gave or raised."""

    def race(act, times):
        barrier = Barrier(times)

        def one(number):
            barrier.wait()
            try:
                return act(number)
            except Exception as error:
                return error
            finally:
                for connection in connections.all():
                    connection.close()

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    return race


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
