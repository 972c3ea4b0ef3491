"""What the two databases have in common: three engines, a hold for one instance, a size."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine


@dataclass(frozen=True)
class Database:
    """An opened database, not yet looked at.

    `writer` begins transactions that exclude other writers; `reader` cannot write; `migrator`
    may change tables that others refer to. `hold` is entered by the one instance that serves.
    """

    shown: str
    writer: Engine
    reader: Engine
    migrator: Engine
    hold: Callable[[], AbstractContextManager[None]]
    size_bytes: Callable[[Connection], int]

    def dispose(self) -> None:
        for engine in (self.writer, self.reader, self.migrator):
            engine.dispose()


# Readers beyond these wait so long, then get a clear error instead of a stuck page.
READERS_MAX = 8
READER_WAIT_S = 2.0
