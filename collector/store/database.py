"""What the two databases have in common: three engines, a hold for one instance, a size."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, Engine


class Hold(Protocol):
    """That this instance and no other serves a store."""

    def ensure(self) -> None:
        """StoreError unless it was held all the time since this was asked last.

        "locked": another instance holds it now. "unavailable": whether it is held cannot be told,
        or it was lost, and another may have written meanwhile; asked again, it is held again.
        """

    def close(self) -> None: ...


@dataclass(frozen=True)
class Database:
    """An opened database, not yet looked at.

    `writer` begins transactions that exclude other writers; `reader` cannot write; `migrator`
    may change tables that others refer to. `hold` is taken by the one instance that serves.
    `tidy` is called after a transaction, while nobody writes.
    """

    shown: str
    writer: Engine
    reader: Engine
    migrator: Engine
    hold: Callable[[], Hold]
    size_bytes: Callable[[Connection], int]
    tidy: Callable[[], None]

    def dispose(self) -> None:
        for engine in (self.writer, self.reader, self.migrator):
            engine.dispose()


# Readers beyond these wait so long, then get a clear error instead of a stuck page.
READERS_MAX = 8
READER_WAIT_S = 2.0
