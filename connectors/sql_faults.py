"""What databases say went wrong: whose fault it is, in words that hold neither data nor secrets."""

from dataclasses import dataclass
from typing import Any

from connectors.base import Reason

_WORDS_CHARS_MAX = 200


@dataclass(frozen=True, slots=True)
class Fault:
    words: str
    reason: Reason
    permanent: bool = True


_NOT_LET_IN = Fault("it does not let this user in", "auth")
_NOT_SHOWN = Fault("this user may not read that", "auth")
_NOT_THERE = Fault("it cannot be reached", "source", permanent=False)
_TOO_LONG = Fault("the query was stopped, for it lasts too long", "source", permanent=False)
_WRITES = Fault("the query would do more than read", "config")
_UNREADABLE = Fault("it gave a value that cannot be read", "content")
_NO_DATABASE = Fault("it has no database of this name", "config")

# By how the codes begin: SQLSTATE, else the driver's own numbers and names.
_CODES: tuple[tuple[tuple[str, ...], Fault], ...] = (
    (("42501", "1142", "1143"), _NOT_SHOWN),
    (("28", "1044", "1045", "1698", "18456"), _NOT_LET_IN),
    (("57014", "3024", "SQLITE_INTERRUPT", "HYT"), _TOO_LONG),
    (("25006", "1792", "SQLITE_AUTH", "SQLITE_READONLY"), _WRITES),
    (("3D000", "1049"), _NO_DATABASE),
    (("08", "53", "57", "58", "XX", "1040", "2002", "2003", "2006", "2013"), _NOT_THERE),
    (("SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_LOCKED"), _NOT_THERE),
    (("SQLITE_NOTADB", "SQLITE_CORRUPT"), Fault("its file is no database", "source")),
)
# libpq gives no code for what happens before one is let in.
_LET_IN_WORDS = (
    ("authentication failed", _NOT_LET_IN),
    ("no password supplied", _NOT_LET_IN),
    ("pg_hba.conf", _NOT_LET_IN),
    ("not permitted to log in", _NOT_LET_IN),
    ("permission denied", _NOT_LET_IN),
    ("access denied", _NOT_LET_IN),
    ("login failed", _NOT_LET_IN),
    ('fatal:  role "', _NOT_LET_IN),
    ('fatal:  database "', _NO_DATABASE),
)


def fault_of(error: Exception, *, connecting: bool) -> Fault:
    """By the driver's code; of an unknown one the database's own words on the query, no others."""
    if isinstance(error, ImportError):
        return Fault(f"its driver {error.name} is not installed", "config")
    cause: Any = getattr(error, "orig", None) or error
    code = code_of(cause)
    for starts, fault in _CODES:
        if code.startswith(starts):
            return fault
    if connecting:
        said = str(cause).lower()
        return next((fault for words, fault in _LET_IN_WORDS if words in said), _NOT_THERE)
    if not code and type(cause).__name__ == "DataError":
        return _UNREADABLE
    return Fault(f"it refuses the query: {_words(cause, code)}", "config")


def code_of(cause: Any) -> str:
    """SQLSTATE, SQLite's name of the error, or a driver's number; empty where there is none."""
    for name in ("sqlstate", "sqlite_errorname"):
        code = getattr(cause, name, None)
        if isinstance(code, str):
            return code
    first = cause.args[0] if getattr(cause, "args", ()) else None
    if isinstance(first, int):
        return str(first)
    is_state = isinstance(first, str) and len(first) == 5 and first.isalnum()  # noqa: PLR2004  SQLSTATE
    return str(first) if is_state else ""


def _words(cause: Any, code: str) -> str:
    """Syntax and names (class 42, and SQLite's plain error) speak of the query, not of rows."""
    about_query = code.startswith("42") or code == "SQLITE_ERROR"
    name = f"{type(cause).__name__} {code}".strip()
    if not about_query:
        return name
    line = (str(cause).splitlines() or [""])[0]
    return f"{line[:_WORDS_CHARS_MAX]} ({name})"
