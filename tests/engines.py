"""A pytest plugin, loaded before Django's settings: real engines for one run, and a database per worker.

One PostgreSQL and one Redis serve the run, in a folder to throw away. The schema is migrated once into `sora`; every
worker, and every test that commits, has a copy of it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from sora_social.core import embedded

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_engines = ExitStack()


def _roomy_memory() -> Path | None:
    """A folder in memory, where a database is copied in a twentieth of the time; None where there is little of it."""
    memory = Path("/dev/shm")  # noqa: S108 - each run makes a folder of its own in it
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 6 * 2**30
    return memory if has_room else None


def _start() -> None:
    made = tempfile.TemporaryDirectory(prefix="sora-tests-", ignore_cleanup_errors=True, dir=_roomy_memory())
    folder = Path(_engines.enter_context(made))
    folder.chmod(0o711)
    running = _engines.enter_context(embedded.engines(folder / "data", durable=False, environ={}))
    os.environ.update(running.environ)
    os.environ.update(
        TEST_TEMPLATE_URL=running.environ["DATABASE_OWNER_URL"],
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        NO_RATE_LIMITS="1",
        NO_SCROLL_LIMITS="1",
        FEED_SOURCE_SECONDS="30",
        FEED_SOURCES_SECONDS="60",
        PREVIEW_SHORT_EDGE="120",
        PREVIEW_FPS="8",
        LOG_LEVEL="WARNING",
        SCRYPT_WORK_FACTOR="16",
        ALLOWED_HOSTS="*",
    )
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def copy_database(name: str) -> None:
    """(Re-)create a database as a copy of the migrated one. Nobody may be connected to it."""
    with psycopg.connect(_named(os.environ["TEST_TEMPLATE_URL"], "postgres"), autocommit=True) as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE sora STRATEGY FILE_COPY").format(sql.Identifier(name)))


DATABASE = f"sora_{WORKER or 'main'}"

if not WORKER:
    _start()
copy_database(DATABASE)
for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    os.environ[variable] = _named(os.environ[variable], DATABASE)
if WORKER:
    number = int(WORKER.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={number}")
    os.environ["BROKER_URL"] = os.environ["BROKER_URL"].replace("virtual_host=0", f"virtual_host={number}")
    os.environ["DATA_DIR"] = os.environ["DATA_DIR"] + f"-{WORKER}"
    Path(os.environ["DATA_DIR"]).mkdir(exist_ok=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    _engines.close()
