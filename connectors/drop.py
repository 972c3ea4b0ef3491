"""A folder into which others drop files: which are there, whole, and not taken before."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

from connectors.base import SourceError
from connectors.ledger import Entry, Ledger


@dataclass(frozen=True, slots=True)
class DropRules:
    """Which files count: by name (case does not matter), by age, and up to which size.

    A file changed after `settled_before` may still be on its way, and waits; one that changed
    after `now` went by another clock, and does not.
    """

    patterns: tuple[str, ...]
    settled_before: datetime
    now: datetime
    max_bytes: int

    def is_settled(self, changed: datetime) -> bool:
        return not self.settled_before < changed <= self.now


@dataclass(frozen=True, slots=True)
class Drop:
    """A file by the SHA-256 of its content; `body` is None where `problem` says why not.

    Without a digest there is nothing to remember: the file is tried again with the next pull.
    `entry` is of its reading; none where it was not read.
    """

    name: str
    digest: str | None
    body: bytes | None
    problem: str = ""
    entry: Entry | None = None


def drops(folder: Path, rules: DropRules, ledger: Ledger) -> Iterator[Drop]:
    """The settled files of a folder in the order of their names; SourceError without a folder.

    Only regular files: a link could lead out of the folder. Files that vanish or change while
    they are read come with the next pull; hidden files and Excel's lock files never do.
    """
    for name in _names(folder, rules.patterns):
        with suppress(FileNotFoundError):
            drop = _drop(folder / name, rules, ledger)
            if drop is not None:
                yield drop


def _names(folder: Path, patterns: tuple[str, ...]) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        raise SourceError(f"cannot list {folder}: {error.strerror}", reason="source") from error
    return sorted(name for name in names if _is_wanted(name, patterns))


def _is_wanted(name: str, patterns: tuple[str, ...]) -> bool:
    if name.startswith((".", "~$")):
        return False
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _drop(path: Path, rules: DropRules, ledger: Ledger) -> Drop | None:
    before = path.lstat()
    changed = datetime.fromtimestamp(before.st_mtime, UTC)
    if not rules.is_settled(changed) or not stat.S_ISREG(before.st_mode):
        return None
    if before.st_size > rules.max_bytes:
        return Drop(path.name, _digest_unread(path, before), None, _too_large(before, rules))
    with ledger.asking("READ", str(path)) as entry:
        drop = _whole(path, before, rules, entry)
    if drop is None:
        ledger.forget(entry)
    return drop


def _whole(path: Path, before: os.stat_result, rules: DropRules, entry: Entry) -> Drop | None:
    try:
        body = _read(path, rules.max_bytes)
        entry.bytes = len(body)
        if _mark(path.lstat()) != _mark(before) or len(body) != before.st_size:
            return None
    except FileNotFoundError:
        return None
    except OSError as error:
        return Drop(path.name, None, None, f"cannot be read: {error.strerror}", entry)
    return Drop(path.name, sha256(body).hexdigest(), body, entry=entry)


def _read(path: Path, max_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _too_large(state: os.stat_result, rules: DropRules) -> str:
    return f"is {state.st_size} bytes, over {rules.max_bytes}"


def _digest_unread(path: Path, state: os.stat_result) -> str:
    """Of whatever changes when the content does, where the content is too much to read."""
    return sha256(repr((path.name, *_mark(state))).encode()).hexdigest()


def _mark(state: os.stat_result) -> tuple[int, int, int]:
    return (state.st_ino, state.st_size, state.st_mtime_ns)
