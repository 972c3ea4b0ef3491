"""SQLite: one file in WAL mode, one writer, and a lock file beside it."""

import fcntl
import os
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import pysqlite3.dbapi2 as driver
from sqlalchemy import URL, Engine, NullPool, QueuePool, create_engine, event

from collector.store.database import READER_WAIT_S, READERS_MAX, Database
from collector.store.errors import StoreError

# Below this, a writer and a checkpoint at the same instant can spoil a file in WAL mode.
VERSION_MIN = (3, 51, 3)
BUSY_WAIT_MS = 10_000
# The log should stay below what SQLite copies at a time (16,000 pages), and half as much again.
WAL_BYTES_MAX = 100_000_000
_CUT_WAIT_MS = 500
# Their locks or shared memory are not those of a local disk: WAL files on them get spoilt.
_REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "fuse.sshfs"})

_ALWAYS = (
    f"PRAGMA busy_timeout = {BUSY_WAIT_MS}",
    "PRAGMA mmap_size = 0",
)
_WRITER = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 16000",
    "PRAGMA cache_size = -65536",
)
_READER = ("PRAGMA query_only = ON", "PRAGMA cache_size = -16384")
# Making a table anew drops it, which would delete the rows that refer to it.
_MIGRATOR = ("PRAGMA synchronous = FULL", "PRAGMA foreign_keys = OFF")


def open_sqlite(url: URL, *, read_only: bool) -> Database:
    """A database on a file; the folder and the file are made unless read_only.

    StoreError when the file cannot be there, or SQLite cannot be trusted with it.
    """
    check_version(driver.sqlite_version_info)
    path = _path_of(url)
    shown = f"sqlite:///{path}"
    _check_place(path, shown, read_only=read_only)
    files = path, _beside(path, "-wal")
    writer = _engine(path, "BEGIN IMMEDIATE", (*_ALWAYS, *_WRITER), readers_max=1)
    return Database(
        shown=shown,
        writer=writer,
        reader=_engine(path, "BEGIN", (*_ALWAYS, *_READER), readers_max=READERS_MAX),
        migrator=_engine(path, "BEGIN IMMEDIATE", (*_ALWAYS, *_MIGRATOR), readers_max=0),
        hold=partial(_FileLock, path, shown),
        size_bytes=lambda _: _size_bytes(files),
        tidy=WriteAheadLog(path, writer).tidy,
    )


def check_version(found: tuple[int, ...]) -> None:
    if found < VERSION_MIN:
        told, wanted = (".".join(map(str, version)) for version in (found, VERSION_MIN))
        raise StoreError(f"SQLite {told} is too old: {wanted} is needed", kind="unavailable")


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that a path lies on, by a table as in /proc/self/mounts."""
    found = [line.split() for line in mounts.splitlines()]
    places = [(Path(_plain(point)), kind) for _, point, kind, *_ in found]
    inside = [(len(point.parts), kind) for point, kind in places if path.is_relative_to(point)]
    # Of two on the same point, the later one is seen.
    return max(reversed(inside), key=lambda place: place[0], default=(0, ""))[1]


def _path_of(url: URL) -> Path:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(
            "a store is a file, as in sqlite:///var/chiso.db, or a PostgreSQL database",
            kind="unavailable",
        )
    return Path(url.database)


def _check_place(path: Path, shown: str, *, read_only: bool) -> None:
    if read_only and not path.exists():
        raise StoreError(f"store {shown}: there is no such file", kind="unavailable")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"store {shown}: cannot make the folder: {error.strerror}"
        raise StoreError(problem, kind="unavailable") from error
    kind = file_system_of(path.parent.resolve(), _mounts())
    if kind in _REMOTE:
        problem = f"store {shown}: its folder is on {kind}, SQLite needs a local disk"
        raise StoreError(problem, kind="unavailable")


def _mounts() -> str:
    table = Path("/proc/self/mounts")
    return table.read_text(encoding="utf-8", errors="replace") if table.exists() else ""


def _plain(point: str) -> str:
    return point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")


def _engine(path: Path, begin: str, pragmas: tuple[str, ...], *, readers_max: int) -> Engine:
    pool: dict[str, Any] = {"poolclass": NullPool}
    if readers_max:
        pool = {"poolclass": QueuePool, "pool_size": readers_max, "max_overflow": 0}
        pool["pool_timeout"] = READER_WAIT_S
    engine = create_engine(URL.create("sqlite", database=str(path)), module=driver, **pool)
    event.listen(engine, "connect", partial(_set_up, pragmas))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _set_up(pragmas: tuple[str, ...], connection: Any, _record: object) -> None:
    # The driver would begin a transaction by itself, and only at the first change.
    connection.isolation_level = None
    for pragma in pragmas:
        connection.execute(pragma).close()
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise driver.OperationalError(f"journal mode is {mode}: WAL cannot be had here")


class _FileLock:
    """The lock of a file beside the database: the system lets go of it when the process ends."""

    def __init__(self, path: Path, shown: str) -> None:
        self._path = _beside(path, ".lock")
        self._shown = shown
        self._file = self._taken()

    def ensure(self) -> None:
        """A lock file that somebody removed is no lock: another instance would make a new one."""
        held = os.fstat(self._file.fileno())
        if self._path.exists() and os.path.samestat(held, self._path.stat()):
            return
        self._file.close()
        self._file = self._taken()
        problem = f"store {self._shown}: {self._path.name} was removed; it is held again"
        raise StoreError(problem, kind="unavailable")

    def close(self) -> None:
        self._file.close()

    def _taken(self) -> BinaryIO:
        try:
            file = self._path.open("ab")
        except OSError as error:
            problem = f"store {self._shown}: cannot open {self._path.name}: {error.strerror}"
            raise StoreError(problem, kind="unavailable") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            problem = f"store {self._shown}: another instance holds it"
            raise StoreError(problem, kind="locked") from error
        return file


class WriteAheadLog:
    """It grows for as long as there is always somebody who reads from it.

    SQLite begins it anew only when it meets no reader there. Where it has outgrown what it should
    be, readers are waited for, so that it can be cut.
    """

    def __init__(self, path: Path, writer: Engine, *, bytes_max: int = WAL_BYTES_MAX) -> None:
        self._path = _beside(path, "-wal")
        self._writer = writer
        self._usual = self._bytes_max = bytes_max

    def tidy(self) -> None:
        """To be called while nobody writes. That it cannot be cut yet costs nobody a write."""
        if _bytes_of(self._path) <= self._bytes_max:
            return
        with closing(self._writer.raw_connection()) as session, suppress(driver.Error):
            cursor = session.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {_CUT_WAIT_MS}")
            try:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {BUSY_WAIT_MS}")
        # Where somebody reads for longer than that, not every write waits for it.
        self._bytes_max = max(self._usual, 2 * _bytes_of(self._path))


def _size_bytes(paths: Sequence[Path]) -> int:
    return sum(map(_bytes_of, paths))


def _bytes_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f"{path.name}{what}")
