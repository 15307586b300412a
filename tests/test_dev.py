"""The script `./dev`: one sentence for what a person can mend, and no process left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mediconnect.development import checks, procfile, stack, up
from mediconnect.development.stack import ROOT
from mediconnect.embedded import EmbeddedServersError, Servers

REQUIREMENTS = ("requirements.txt", "requirements-embedded.txt", "requirements-dev.txt")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which nothing is installed."""
    for name in ("dev", *REQUIREMENTS):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def _dev(clone: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON"} | variables
    return subprocess.run([clone / "dev", *arguments], env=environment, check=False, capture_output=True, text=True)


def test_without_a_command_it_says_what_there_is(clone: Path) -> None:
    told = _dev(clone)
    assert told.returncode == 0
    for command in ("up", "test", "check", "env", "manage", "bench", "pictures", "messages"):
        assert f"./dev {command}" in told.stdout
    assert _dev(clone, "dance").returncode == 2


def test_an_unsuitable_python_is_refused_by_name(clone: Path) -> None:
    old = _program(clone / "bin", "python3.8", "exit 1")
    told = _dev(clone, "up", PYTHON=str(old))
    assert told.returncode == 1
    assert told.stderr == f"PYTHON={old} is not Python 3.11, 3.12 or 3.13.\n"


def test_a_machine_without_a_suitable_python_is_told_which_ones_suit(clone: Path) -> None:
    for name in ("python3.11", "python3.12", "python3.13", "python3", "python"):
        _program(clone / "bin", name, "exit 1")
    told = _dev(clone, "up", PATH=f"{clone / 'bin'}:/usr/bin:/bin")
    assert told.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13 and found none" in told.stderr


def test_a_python_without_venv_is_told_how_to_get_it(clone: Path) -> None:
    python = _program(clone / "bin", "python", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"')
    told = _dev(clone, "up", PYTHON=str(python))
    assert told.returncode == 1
    assert "has no venv module" in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_a_full_disk_is_told_before_anything_is_installed(clone: Path) -> None:
    _program(clone / "bin", "df", "printf 'Filesystem\\nx 100 99 2048 99%% /\\n'")
    told = _dev(clone, "up", PATH=f"{clone / 'bin'}:{os.environ['PATH']}")
    assert told.returncode == 1
    assert "1.5 GB are needed, 2 MB are free" in told.stderr
    assert not (clone / ".venv").exists()


def test_a_taken_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        with pytest.raises(EmbeddedServersError, match=f"Port {port} is taken"):
            up.run([])


def test_env_says_plainly_that_nothing_runs(tmp_path: Path) -> None:
    told = _dev(ROOT, "env", MEDICONNECT_DATA=str(tmp_path))
    assert told.returncode == 1
    assert told.stdout == ""
    assert told.stderr.startswith("No stack is running here.")


def test_a_database_of_the_callers_own_keeps_our_roles_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL_WEB", "DATABASE_URL_JOBS", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@db.example/mine")
    monkeypatch.setattr(stack, "running", lambda _folder: Servers("owner", "web", "jobs", "redis"))
    with stack.environment(tmp_path) as variables:
        assert variables["DATABASE_URL"] == "postgresql://me@db.example/mine"
        assert variables["REDIS_URL"] == "redis"
        assert "DATABASE_URL_WEB" not in variables
        assert "DATABASE_URL_JOBS" not in variables


def test_a_check_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.run(["spelling"]) == 2
    assert "No such check: spelling" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "passes", "verdict"),
    [
        ("pass", True, "passed"),
        ("raise SystemExit('bad line 3')", False, "FAILED"),
        ("raise SystemExit('ConnectionError')", True, "not judged"),
    ],
)
def test_a_check_tells_its_verdict_in_a_line(
    code: str, passes: bool, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check = checks.Check("sample", (sys.executable, "-c", code), unreachable=("ConnectionError",))
    assert checks._passes(check, dict(os.environ)) is passes
    assert re.search(rf"^sample +.*{verdict}.* \(\d+\.\d s\)$", capsys.readouterr().out, re.MULTILINE)


@pytest.fixture
def sleepers(tmp_path: Path) -> Path:
    path = tmp_path / "Procfile"
    path.write_text("# two that stay\none: exec sleep 300\ntwo: sleep 300 & wait\n")
    return path


def test_when_one_process_ends_its_name_is_told_and_all_end(tmp_path: Path) -> None:
    path = tmp_path / "Procfile"
    path.write_text("stays: exec sleep 300\nends: exit 3\n")
    with procfile.processes(path, dict(os.environ)) as group:
        children = psutil.Process().children(recursive=True)
        assert group.wait() == ("ends", 3)
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_grandchildren_end_as_well(sleepers: Path) -> None:
    with procfile.processes(sleepers, dict(os.environ)):
        deadline = time.monotonic() + 5
        while len(found := _sleeping(psutil.Process())) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(found) == 2
    assert psutil.wait_procs(found, timeout=5)[1] == []


def _sleeping(parent: psutil.Process) -> list[psutil.Process]:
    return [child for child in parent.children(recursive=True) if child.name() == "sleep"]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A folder whose parents are open, so that the servers' files stay in it and go with it."""
    folder = Path(tempfile.mkdtemp(prefix="mediconnect-test-"))
    folder.chmod(0o755)
    yield folder / "data"
    shutil.rmtree(folder)


def _on_its_own(data: Path) -> dict[str, str]:
    """Return the environment of a person who has not heard of the tests' servers and keys."""
    ours = {"DATABASE_URL", "REDIS_URL", "DATABASE_URL_WEB", "DATABASE_URL_JOBS", *stack.new_keys()}
    return {name: value for name, value in os.environ.items() if name not in ours} | {"MEDICONNECT_DATA": str(data)}


def _told(child: "subprocess.Popen[str]") -> str:
    """Return what `./dev up` says until it is ready."""
    lines = []
    for line in child.stdout or ():
        lines.append(line)
        if line.startswith("Ctrl-C stops everything"):
            break
    return "".join(lines)


@pytest.fixture
def own_stack(data: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`./dev up` on data and port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    variables = _on_its_own(data) | {"PORT": str(port)}
    child = subprocess.Popen(
        [ROOT / "dev", "up"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield child, port
    finally:
        child.kill()
        child.communicate()


@pytest.mark.race  # alone on the machine: it measures seconds and counts processes
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_up_serves_until_it_is_stopped_and_leaves_no_process(
    end: signal.Signals, own_stack: tuple[subprocess.Popen[str], int]
) -> None:
    child, port = own_stack
    told = _told(child)
    assert f"http://localhost:{port}/" in told, told
    assert "frontdesk@demo.example" in told
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/readiness", timeout=5) as answer:
        assert answer.status == 200
    everything = psutil.Process(child.pid).children(recursive=True)
    assert len(everything) >= 6  # PostgreSQL with its own, Valkey, web, supervisor, workers
    child.send_signal(end)
    assert psutil.wait_procs(everything, timeout=40)[1] == []


@pytest.mark.race  # it starts a stack of its own
def test_the_tour_of_the_readme_works_as_printed(data: Path, own_stack: tuple[subprocess.Popen[str], int]) -> None:
    child, port = own_stack
    assert "ready" in _told(child)
    tour = (ROOT / "README.md").read_text().split("```bash\n")[1].split("```")[0]
    script = "set -euo pipefail\n" + tour.replace("localhost:8000", f"127.0.0.1:{port}")
    done = subprocess.run(
        ["/bin/bash", "-c", script], cwd=ROOT, env=_on_its_own(data), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r'"status":"([a-z_]+)"', done.stdout) == ["booked", "booked", "cancelled"], done.stdout
