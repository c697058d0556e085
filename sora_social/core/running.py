"""The story of `make run`: everything one machine needs, started in order, watched, and stopped together.

Settings are read when Django starts, from the environment prepared here; so nothing here reads them, and every part
of the product is a child process.
"""

import contextlib
import errno
import http.client
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sora_social.core import embedded
from sora_social.core.children import CannotStart, Child
from sora_social.core.supervisor import Stopped, Supervisor, Terminal, stop_signals

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - recognised, not bound
DEMO_PASSWORD = "sora-demo-only"  # noqa: S105 - public on purpose, for the embedded demo world


@dataclass(frozen=True)
class Place:
    """Where this copy lives and listens."""

    data_dir: Path
    host: str
    port: int
    live_port: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        place = cls(
            data_dir=ROOT / (environ.get("DATA_DIR") or ".data"),
            host=environ.get("HOST") or "127.0.0.1",
            port=_port(environ, "PORT", 8000),
            live_port=_port(environ, "LIVE_PORT", 8001),
        )
        if place.port == place.live_port:
            raise CannotStart(f"PORT and LIVE_PORT are both {place.port}; they must differ.")
        return place

    @property
    def shown_host(self) -> str:
        """An address that a client on this machine can use."""
        return ANY_ADDRESS.get(self.host, self.host)

    def url(self, path: str, *, scheme: str = "http", port: int | None = None) -> str:
        host = f"[{self.shown_host}]" if ":" in self.shown_host else self.shown_host
        return f"{scheme}://{host}:{port or self.port}{path}"


def run(environ: Mapping[str, str]) -> int:
    """Run until asked to stop; the exit code for the shell."""
    terminal = Terminal()
    supervisor = Supervisor(terminal)
    with stop_signals(supervisor.shoot):
        try:
            _run(environ, terminal, supervisor)
        except Stopped:
            terminal.say("Stopped. The data stays; `make run` goes on from here.")
        except CannotStart as trouble:
            terminal.say(f"\nCannot start: {trouble}", colour="31")
            return 1
    return 0


def _run(environ: Mapping[str, str], terminal: Terminal, supervisor: Supervisor) -> None:
    place = Place.from_environment(environ)
    with embedded.alone(place.data_dir):
        for name, port in (("PORT", place.port), ("LIVE_PORT", place.live_port)):
            require_free(place.host, port, name=name)
        terminal.say(f"Starting Sora Social on {place.url('/')} (Ctrl-C stops it)")
        with contextlib.ExitStack() as stack:
            with terminal.step("PostgreSQL and Redis"):
                engines = stack.enter_context(embedded.engines(place.data_dir, environ=environ))
            for note in engines.notes:
                terminal.say(f"  {note}", colour="33")
            for child in engines.children:
                supervisor.adopt(child)
            stack.callback(terminal.say, "Stopping …")
            stack.enter_context(supervisor)
            addresses = {"HOST": place.host, "PORT": str(place.port), "LIVE_PORT": str(place.live_port)}
            embedded.remember(place.data_dir, {**engines.environ, **addresses})
            parts = Parts(place, {**environ, **engines.environ})
            _start_product(parts, terminal, supervisor, demo=wants_demo(environ))
            supervisor.forever()


def _start_product(parts: "Parts", terminal: Terminal, supervisor: Supervisor, *, demo: bool) -> None:
    place = parts.place
    with terminal.step("tables"):
        supervisor.finish(parts.manage("migrate", "migrate", "--database", "owner", "--no-input"))
    facts: dict[str, Any] = {}
    if demo:
        with terminal.step("people of the demo world"):
            people = parts.manage("seed-people", "seed_demo", "--people")
            supervisor.finish(people)
            facts = _facts(people)
    with terminal.step("HTTP and sockets"):
        api, live = parts.api(), parts.live()
        supervisor.start(api)
        supervisor.start(live)
        for child, ready in (
            (api, lambda: answers_ready(place.shown_host, place.port)),
            (live, lambda: listens(place.shown_host, place.live_port)),
        ):
            if not supervisor.wait_for(ready, seconds=READY_SECONDS):
                raise CannotStart(
                    f"{child.name} is not ready after {READY_SECONDS:.0f} s. "
                    f"The end of {child.log}:\n{child.last_words(20)}"
                )
    for child in parts.workers():
        supervisor.start(child)
    supervisor.start(parts.manage("stock-topics", "stock_topics"), once=True)
    _welcome(place, facts, terminal, demo=demo)
    if demo:
        code = parts.manage("demo-code", "demo_code")
        supervisor.start(
            code, once=True, after=lambda _: terminal.say(f"A code for mod, good for now: {_last_line(code)}")
        )
        supervisor.start(parts.manage("seed-posts", "seed_demo"), once=True, after=lambda code: _seeded(terminal, code))


class Parts:
    """The product's processes, each as a child."""

    def __init__(self, place: Place, environ: Mapping[str, str]) -> None:
        self.place = place
        self.environ = {
            **environ,
            "DATA_DIR": str(place.data_dir),
            "HOST": place.host,
            "PORT": str(place.port),
            "LIVE_PORT": str(place.live_port),
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, name: str, *arguments: str) -> Child:
        return self._child(name, "manage.py", *arguments)

    def api(self) -> Child:
        return self._child(
            "api",
            *("-m", "granian", "sora_social.wsgi:application", "--interface", "wsgi"),
            *("--host", self.place.host, "--port", str(self.place.port), "--workers", "1"),
            *("--blocking-threads", str(min(8, 2 * cores() + 1)), "--no-ws", "--no-access-log"),
            *("--workers-kill-timeout", "5"),
        )

    def live(self) -> Child:
        return self._child(
            "live",
            *("-m", "uvicorn", "sora_social.asgi:application"),
            *("--host", self.place.host, "--port", str(self.place.live_port), "--lifespan", "auto"),
            *("--ws", "websockets-sansio", "--ws-max-size", "65536", "--ws-per-message-deflate", "false"),
            *("--log-level", "warning"),  # at "info" it writes whole addresses, tickets and all
            "--no-access-log",
            *("--timeout-graceful-shutdown", "3"),
        )

    def workers(self) -> list[Child]:
        pool = ("-P", "prefork", "-c", str(cores()))
        wakes = any(self.environ.get(name) for name in ("FCM_CREDENTIALS_FILE", "APNS_KEY_FILE"))
        # of its own: a push service that hangs must keep nothing else waiting
        push = self._celery("push", "worker", "-Q", "push", "-P", "threads", "-c", "2", "-n", "push@%h")
        return [
            *([push] if wakes else []),
            # beat rides in the quick worker: on one machine a process of its own costs 150 MB and brings nothing
            self._celery(
                *("quick", "worker", "-Q", "quick", "-P", "threads", "-c", "4", "-n", "quick@%h"),
                *("-B", "-s", str(self.place.data_dir / "beat-schedule")),
            ),
            self._celery("render", "worker", "-Q", "render", *pool, "-n", "render@%h"),
        ]

    def _celery(self, name: str, kind: str, *arguments: str) -> Child:
        quiet = ("--without-gossip", "--without-mingle") if kind == "worker" else ()
        return self._child(name, "-m", "celery", "-A", "sora_social.celery", kind, *arguments, "-l", "INFO", *quiet)

    def _child(self, name: str, *arguments: str) -> Child:
        return Child(
            name=name,
            argv=[sys.executable, *arguments],
            log=self.place.data_dir / "log" / f"{name}.log",
            env=self.environ,
            cwd=ROOT,
        )


def cores() -> int:
    """How many this process may use, which in a container is fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def require_free(host: str, port: int, *, name: str) -> None:
    """Raises CannotStart unless we could listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise CannotStart(f"HOST {host} is not an address.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"port {port} is taken{_holder(port)}. "
                f"Stop that, or set {name} to a free port: make run {name}={port + 10}"
            ) from None
        if error.errno == errno.EACCES:
            raise CannotStart(f"port {port} is reserved for root here. Set {name} to one above 1023.") from None
        raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}. Set HOST or {name}.") from None


def answers_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):  # not there yet
        return False
    finally:
        connection.close()


def listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def _holder(port: int) -> str:
    """Who listens there, as far as this user may know."""
    import psutil

    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections(kind="inet"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                command = " ".join(psutil.Process(connection.pid).cmdline())
                return f" by process {connection.pid} ({command[:80]})"
    return ""


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"{name} is {text!r}, which is not a port number.")
    return int(text)


def wants_demo(environ: Mapping[str, str]) -> bool:
    """People with a published password belong into our own database only, unless somebody asks for them."""
    if "DEMO" in environ:
        return environ["DEMO"] not in {"", "0", "no", "false"}
    return "DATABASE_URL" not in environ


def _facts(seeding: Child) -> dict[str, Any]:
    """What seed_demo says of its world: JSON on its last line."""
    try:
        facts = json.loads(_last_line(seeding))
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _last_line(child: Child) -> str:
    return child.last_words(1).strip()


def _welcome(place: Place, facts: Mapping[str, Any], terminal: Terminal, *, demo: bool) -> None:
    live = place.url("", scheme="ws", port=place.live_port)
    terminal.say(f"\nReady in {terminal.seconds:.1f} s", colour="1;32")
    for what, where in (
        ("API", place.url("/")),
        ("API docs", place.url("/v1/docs")),
        ("moderation", place.url("/admin/")),
        ("sockets", live),
        ("logs", f"{place.data_dir}/log/"),
    ):
        terminal.say(f"  {what:<20} {where}")
    if demo:
        logins = facts.get("logins") or ["ada", "bo", "cy", "dee", "teen", "mallory", "mod"]
        terminal.say(f"  {'people':<20} {' '.join(map(str, logins))}")
        terminal.say(f"  {'their password':<20} {DEMO_PASSWORD}")
        if code := facts.get("invite_code"):
            terminal.say(f"  {'an invite code':<20} {code}")
        terminal.say(f"  {'second factor of mod':<20} .venv/bin/python manage.py demo_code")
        if place.host not in LOOPBACK:
            terminal.say(f"  HOST is {place.host}: whoever reaches it can sign in with this password.", colour="31")
    terminal.say()


def _seeded(terminal: Terminal, code: int) -> None:
    terminal.say(
        "The demo world is complete." if code == 0 else "The demo posts could not be made; people and API work."
    )
