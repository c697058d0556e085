"""Whatever `make run` starts is watched while it runs and gone when it stops."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sora_social.core import running
from sora_social.core.children import CannotStart, Child, wait_until
from sora_social.core.supervisor import Supervisor, Terminal

SLEEPER = "import signal; print('here', flush=True); signal.pause()"

# Children that note when they are asked to stop; the one named "deaf" will not, nor will its own child.
DRIVER = """
import pathlib, sys
from sora_social.core.children import Child
from sora_social.core.supervisor import Stopped, Supervisor, Terminal, stop_signals

folder = pathlib.Path(sys.argv[1])
part = '''
import os, pathlib, signal, subprocess, sys
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def asked(number, frame):
    with (folder / "asked").open("a") as notes:
        notes.write(name + chr(10))
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if name == "deaf" else asked)
if name == "deaf":
    own = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    (folder / "own.pid").write_text(str(own.pid))
(folder / (name + ".pid")).write_text(str(os.getpid()))
signal.pause()
'''
supervisor = Supervisor(Terminal())
with stop_signals(supervisor.shoot):
    try:
        with supervisor:
            for name in sys.argv[2:]:
                argv = [sys.executable, "-c", part, str(folder), name]
                supervisor.start(Child(name, argv, log=folder / f"{name}.log"))
            supervisor.forever()
    except Stopped:
        print("stopped")
"""


@contextmanager
def supervised(folder: Path, *names: str) -> Iterator[tuple["subprocess.Popen[str]", list[int]]]:
    """A supervisor in a process of its own, and the pids of its children."""
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(folder), *names], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        notes = [folder / f"{name}.pid" for name in names]
        assert wait_until(lambda: all(note.exists() and note.read_text() for note in notes), seconds=10)
        try:
            yield process, [int(note.read_text()) for note in folder.glob("*.pid")]
        finally:
            process.kill()


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(Terminal()) as made:
        yield made


def python(folder: Path, name: str, code: str, *, grace: float = 8.0) -> Child:
    return Child(name, [sys.executable, "-c", code], log=folder / f"{name}.log", grace=grace)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_every_child_in_order(tmp_path, number):
    with supervised(tmp_path, "http", "worker") as (process, pids):
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert output == "stopped\n"
        assert not any(is_alive(pid) for pid in pids)
        assert sorted((tmp_path / "asked").read_text().split()) == ["http", "worker"]


def test_a_killed_supervisor_leaves_nobody_not_even_the_deaf(tmp_path):
    with supervised(tmp_path, "http", "deaf") as (process, pids):
        assert len(pids) == 3
        process.kill()
        process.wait()
        assert wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds=10)


def test_ctrl_c_in_the_terminal_reaches_the_supervisor_alone(tmp_path, supervisor):
    child = python(tmp_path, "api", SLEEPER)
    supervisor.start(child)
    assert os.getpgid(child.process.pid) == child.process.pid != os.getpgid(0)


def test_a_child_that_ends_is_named_and_started_again(tmp_path, supervisor, capsys):
    marks = tmp_path / "marks"
    child = python(tmp_path, "worker", f"open({str(marks)!r}, 'a').write('x'); raise SystemExit(3)")
    supervisor.start(child)
    assert supervisor.wait_for(lambda: marks.exists() and marks.read_text() == "xx", seconds=10)
    supervisor.wait_for(lambda: not child.is_running, seconds=5)
    supervisor.tick()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"[worker] ended (exit code 3), starts again in 1 s; its log is {tmp_path}/worker.log"
    assert lines[1].startswith("[worker] ended (exit code 3), starts again in 2 s")


def test_complaints_are_shown_and_chatter_is_not(tmp_path, supervisor, capsys):
    done: list[int] = []
    child = python(tmp_path, "api", "print('all is well'); print('ERROR: the sky falls')")
    supervisor.start(child, once=True, after=done.append)
    assert supervisor.wait_for(lambda: bool(done), seconds=10)
    assert done == [0]
    assert capsys.readouterr().out == "[api] ERROR: the sky falls\n"


def test_a_child_that_will_not_listen_is_killed_with_its_own_children(tmp_path):
    deaf = (
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print(child.pid, flush=True)\n"
        "signal.pause()\n"
    )
    child = python(tmp_path, "deaf", deaf, grace=0.2)
    child.start()
    assert wait_until(lambda: child.last_words(1).strip().isdigit(), seconds=10)
    pids = [child.process.pid, int(child.last_words(1))]
    child.stop()
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds=5)


def test_a_step_that_fails_shows_the_end_of_its_log(tmp_path, supervisor):
    with pytest.raises(CannotStart, match="migrate failed") as failure:
        supervisor.finish(python(tmp_path, "migrate", "raise SystemExit('no such column')"))
    assert "no such column" in str(failure.value)


def test_a_taken_port_is_named_with_its_holder(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = running.run({"DATA_DIR": str(tmp_path), "PORT": str(port), "LIVE_PORT": str(port + 1)})
    assert code == 1
    told = capsys.readouterr().out
    assert f"port {port} is taken by process {os.getpid()}" in told
    assert "set PORT to a free port" in told
    assert not (tmp_path / "postgres").exists()


def test_a_second_copy_is_refused_before_it_touches_anything(tmp_path, capsys):
    with running.embedded.alone(tmp_path):
        assert running.run({"DATA_DIR": str(tmp_path)}) == 1
    assert f"already running as process {os.getpid()}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"PORT": "web"}, "PORT is 'web', which is not a port number."),
        ({"LIVE_PORT": "70000"}, "LIVE_PORT is '70000', which is not a port number."),
        ({"PORT": "8001"}, "PORT and LIVE_PORT are both 8001; they must differ."),
    ],
)
def test_a_wrong_port_is_told_in_words(environ, told):
    with pytest.raises(CannotStart) as refusal:
        running.Place.from_environment(environ)
    assert str(refusal.value) == told


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, True),
        ({"DEMO": "0"}, False),
        ({"DATABASE_URL": "postgresql://app@db/sora"}, False),
        ({"DATABASE_URL": "postgresql://app@db/sora", "DEMO": "1"}, True),
    ],
)
def test_people_with_a_published_password_enter_a_database_of_others_only_when_asked_for(environ, wanted):
    assert running.wants_demo(environ) is wanted
