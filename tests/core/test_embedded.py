"""The embedded engines: private, limited, durable, and never left behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dj_database_url
import kombu
import psycopg
import pytest
import redis

from sora_social.core import embedded
from sora_social.core.children import CannotStart, wait_until

NOTHING_GIVEN: dict[str, str] = {}


@pytest.fixture(scope="module")
def private() -> Iterator[Path]:
    """A data folder inside a 0700 folder, as in a clone under a home directory; and a shelf for root's PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="sora-private-"))
    shelf = Path(tempfile.mkdtemp(prefix="sora-shelf-"))
    shelf.chmod(0o755)
    patch = pytest.MonkeyPatch()
    patch.setattr(embedded, "SHARED_HOME", shelf)
    yield folder / "clone" / ".data"
    patch.undo()
    shutil.rmtree(folder)
    shutil.rmtree(shelf)


def rows_of(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def test_postgresql_comes_up_in_a_private_folder_and_loosens_nothing(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        [(version, connections)] = rows_of(
            engines.environ["DATABASE_URL"],
            "SELECT current_setting('server_version_num')::int, current_setting('max_connections')::int",
        )
        postgres = next(child for child in engines.children if child.name == "postgres")
        assert version >= 180000
        assert connections >= 200
        assert Path(f"/proc/{postgres.process.pid}").stat().st_uid == (private / "postgres").stat().st_uid != 0
        assert rows_of(engines.environ["DATABASE_URL"], "SHOW listen_addresses") == [("",)]
    assert stat.S_IMODE(private.parents[1].stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "postgres").stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "secrets.json").stat().st_mode) == 0o600


def test_the_url_means_the_same_to_django_and_to_psycopg(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        parsed = dj_database_url.parse(engines.environ["DATABASE_URL"])
        with psycopg.connect(
            host=str(parsed["HOST"]),
            port=parsed["PORT"],
            user=parsed["USER"],
            password=parsed["PASSWORD"],
            dbname=parsed["NAME"],
        ) as connection:
            assert connection.execute("SELECT current_user, current_database()").fetchone() == ("sora_app", "sora")


def test_the_app_role_reads_and_writes_and_changes_no_table(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        with psycopg.connect(engines.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS thing (id bigserial PRIMARY KEY, word text)")
        with psycopg.connect(engines.environ["DATABASE_URL"], autocommit=True) as app:
            app.execute("INSERT INTO thing (word) VALUES ('kept')")
            app.execute("UPDATE thing SET word = word")
            for forbidden in (
                "CREATE TABLE other (id int)",
                "DROP TABLE thing",
                "ALTER TABLE thing ADD COLUMN more int",
                "TRUNCATE thing",
                "CREATE ROLE eve SUPERUSER",
                "CREATE DATABASE eve",
                "SET ROLE sora_owner",
                "SET session_replication_role = replica",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(forbidden)
            assert app.execute("SELECT count(*) FROM thing").fetchone() == (1,)


def test_a_database_copied_for_tests_gives_the_app_role_the_same_rights(tmp_path):
    with embedded.engines(tmp_path, durable=False, environ=NOTHING_GIVEN) as engines:
        owner_url = engines.environ["DATABASE_OWNER_URL"]
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute("CREATE DATABASE copied")
        with psycopg.connect(owner_url, dbname="copied", autocommit=True) as owner:
            owner.execute("CREATE TABLE thing (id int)")
        with psycopg.connect(engines.environ["DATABASE_URL"], dbname="copied", autocommit=True) as app:
            app.execute("INSERT INTO thing VALUES (1)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("CREATE TABLE other (id int)")


def test_redis_answers_in_the_spelling_of_its_client_and_of_celery(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        with redis.Redis.from_url(engines.environ["REDIS_URL"]) as client:
            assert client.set("word", "kept")
        with kombu.Connection(engines.environ["BROKER_URL"]) as broker:
            queue = broker.SimpleQueue("letters")
            queue.put({"to": "bo"})
            letter = queue.get(timeout=5)
            assert letter.payload == {"to": "bo"}
            letter.ack()


def test_the_second_start_finds_the_same_data(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as first:
        with psycopg.connect(first.environ["DATABASE_OWNER_URL"]) as owner:
            owner.execute("CREATE TABLE diary AS SELECT 'today' AS word")
        with redis.Redis.from_url(first.environ["REDIS_URL"]) as client:
            client.set("diary", "today")
        secret_key = first.environ["SECRET_KEY"]
    with embedded.engines(private, environ=NOTHING_GIVEN) as second:
        assert rows_of(second.environ["DATABASE_URL"], "SELECT word FROM diary") == [("today",)]
        with redis.Redis.from_url(second.environ["REDIS_URL"]) as client:
            assert client.get("diary") == b"today"
        assert second.environ["SECRET_KEY"] == secret_key


def test_a_killed_server_and_a_pid_file_that_names_a_stranger_do_not_block_the_next_start(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        for child in engines.children:
            os.kill(child.process.pid, signal.SIGKILL)
            child.process.wait()
    pid_file = private / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        assert rows_of(engines.environ["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_engines_end_when_whoever_started_them_is_killed_and_start_again(private):
    script = (
        "import pathlib, signal, sys\n"
        "from sora_social.core import embedded\n"
        "embedded.SHARED_HOME = pathlib.Path(sys.argv[2])\n"
        "with embedded.engines(pathlib.Path(sys.argv[1]), environ={}) as engines:\n"
        "    print(*(child.process.pid for child in engines.children), flush=True)\n"
        "    signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(private), str(embedded.SHARED_HOME)], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        pids = [int(word) for word in starter.stdout.readline().split()]
        assert len(pids) == 2
        starter.kill()
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds=10)
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        assert rows_of(engines.environ["DATABASE_URL"], "SELECT 1") == [(1,)]


def test_nothing_is_left_of_a_run_but_its_data(private):
    with embedded.engines(private, environ=NOTHING_GIVEN) as engines:
        folders = [link.readlink() for link in (private / "sockets").iterdir()]
        assert len(folders) == 2
        assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)
        assert embedded.environ_of_running(private) == engines.environ
    assert not any(folder.exists() for folder in folders)
    assert embedded.environ_of_running(private) == {}


def test_what_the_environment_gives_is_used_and_not_started(tmp_path):
    given = {"DATABASE_URL": "postgresql://app@db/sora", "REDIS_URL": "redis://cache:6379/0", "SECRET_KEY": "given"}
    with embedded.engines(tmp_path, environ=given) as engines:
        assert engines.children == ()
        assert engines.environ == {
            **given,
            "DATABASE_OWNER_URL": "postgresql://app@db/sora",
            "BROKER_URL": "redis://cache:6379/0",
            "DATA_DIR": str(tmp_path),
        }


def test_a_redis_file_that_cannot_be_read_is_set_aside(tmp_path):
    given = {"DATABASE_URL": "postgresql://app@db/sora"}
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "appendonly.aof").write_bytes(b"not a log of commands\n")
    (tmp_path / "redis" / "appendonlydir").mkdir()
    (tmp_path / "redis" / "appendonlydir" / "appendonly.aof.manifest").write_bytes(b"not a manifest\n")
    with embedded.engines(tmp_path, environ=given) as engines:
        with redis.Redis.from_url(engines.environ["REDIS_URL"]) as client:
            assert client.dbsize() == 0
        [note] = engines.notes
        assert "began empty" in note
    [aside] = tmp_path.glob("redis.unreadable-*/redis/appendonly.aof")
    assert aside.read_bytes() == b"not a log of commands\n"


def test_data_of_another_postgresql_is_refused_in_words(tmp_path):
    home = tmp_path / "postgres"
    home.mkdir()
    (home / "PG_VERSION").write_text("14\n")
    tmp_path.chmod(0o755)
    with pytest.raises(CannotStart) as refusal, embedded.engines(tmp_path, environ=NOTHING_GIVEN):
        pass
    assert str(home) in str(refusal.value)
    assert (home / "PG_VERSION").read_text() == "14\n"


def test_a_second_copy_on_the_same_data_is_told_who_runs(tmp_path):
    told = f"already running as process {os.getpid()} "
    with embedded.alone(tmp_path), pytest.raises(CannotStart, match=told), embedded.alone(tmp_path):
        pass
    with embedded.alone(tmp_path):
        pass


def test_a_secret_is_made_once(tmp_path):
    first = embedded.secret(tmp_path, "LINK_KEY")
    assert len(first) >= 43
    assert embedded.secret(tmp_path, "OTHER_KEY") != first
    assert embedded.secret(tmp_path, "LINK_KEY") == first


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
