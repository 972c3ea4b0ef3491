"""Where a database is: a URL of SQLAlchemy that holds no secret and hides no host."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

_SECRET_WORDS = ("user", "uid", "pass", "pwd", "secret", "token", "key_file")
# Drivers have more ways to be led elsewhere: a data source, a file of options, a whole other URL.
_HOST_WORDS = ("hostaddr", "service", "dsn", "odbc_connect", "read_default_file")


def _database_url(given: str) -> str:
    try:
        url = make_url(given)
        url.get_dialect()
    except ArgumentError:
        raise ValueError("a database is written dialect+driver://host:port/name") from None
    except NoSuchModuleError:
        raise ValueError(f"no such database: {given.partition(':')[0]}") from None
    named = any(word in key.lower() for key in url.query for word in _SECRET_WORDS)
    if url.username is not None or url.password is not None or named:
        raise ValueError("a URL has no user and no password: give user and password beside it")
    if any(key in url.query for key in _HOST_WORDS) or not _is_socket(url.query):
        raise ValueError("a URL names its host before the path, where its address is looked at")
    if not url.database or (url.get_backend_name() == "sqlite" and _is_no_file(url.database)):
        raise ValueError("a URL names a database; one of SQLite is a file: sqlite:///path")
    return given


def _is_socket(query: Mapping[str, Any]) -> bool:
    """Whether a host in the query, if there is any, is the folder of a local socket."""
    hosts = query.get("host", ())
    listed = [hosts] if isinstance(hosts, str) else hosts
    # After a comma stands one more host.
    return all(host.startswith("/") and "," not in host for host in listed)


def _is_no_file(database: str) -> bool:
    return database.startswith((":memory:", "file:"))


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
