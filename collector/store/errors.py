"""The one error of the store room, and how the databases' own errors become it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from sqlalchemy import exc

StoreErrorKind = Literal["unavailable", "locked", "schema", "conflict"]

_OURS = (exc.ProgrammingError, exc.DataError, exc.NotSupportedError)
# PostgreSQL files under mistakes in SQL that a role may not use or make a table.
_NOT_ALLOWED = frozenset({"42501", "3F000"})


class StoreError(Exception):
    """The store did not do what was asked; the message is one line and names no credential.

    unavailable: not there, not answering, full or not readable; nothing of a transaction stays.
    locked: another instance holds it. schema: its tables are not those of this version.
    conflict: a fact that stands already, such as a second run of the same source and due time.
    """

    def __init__(self, message: str, *, kind: StoreErrorKind) -> None:
        super().__init__(message)
        self.kind: StoreErrorKind = kind


@contextmanager
def translated(shown: str) -> Iterator[None]:
    """Turn what a database reports into StoreError; a mistake in our own SQL passes as it is."""
    try:
        yield
    except exc.IntegrityError as error:
        raise StoreError(f"store {shown}: {_line(error)}", kind="conflict") from error
    except (exc.DBAPIError, exc.TimeoutError) as error:
        if isinstance(error, _OURS) and getattr(error.orig, "sqlstate", None) not in _NOT_ALLOWED:
            raise
        raise StoreError(f"store {shown}: {_line(error)}", kind="unavailable") from error


def _line(error: exc.SQLAlchemyError) -> str:
    told = error.orig if isinstance(error, exc.DBAPIError) else error
    return " ".join(str(told).split())
