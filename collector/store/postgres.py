"""PostgreSQL through psycopg 3: time-outs everywhere, a session lock for one instance."""

from contextlib import ExitStack
from functools import partial
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    exc,
    select,
    text,
)
from sqlalchemy.engine import ExceptionContext

from collector.store.database import READER_WAIT_S, READERS_MAX, Database
from collector.store.errors import StoreError, translated
from collector.store.tables import head

# Advisory locks are numbers that all users of one database share.
INSTANCE_LOCK = int.from_bytes(b"chiso-1")
MIGRATION_LOCK = int.from_bytes(b"chiso-2")
# Read-only after a failover, or shut down: the connection is of no more use.
_GONE = frozenset({"25006", "57P01", "57P02", "57P03"})
_TIME_OUTS = (
    "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s"
)
# A cut network is noticed in seconds, not when the kernel gives up.
_LINK = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "chiso",
}


def open_postgres(url: URL, *, read_only: bool) -> Database:
    """A database on a server; what the URL's own query sets stands before our defaults."""
    shown = _shown(url)
    any_server = "any" if read_only else "primary"
    reading = f"{_TIME_OUTS} -c default_transaction_read_only=on"
    writer = {"options": _TIME_OUTS, "target_session_attrs": "read-write"}
    reader = {"options": reading, "target_session_attrs": any_server}
    # Waits for its turn as long as it takes, and holds one open transaction meanwhile.
    single = {"options": "", "target_session_attrs": "read-write"}
    engine = partial(_engine, url.set(drivername="postgresql+psycopg"))
    holder = engine(single, poolclass=NullPool)
    pooled = partial(engine, max_overflow=0, pool_timeout=READER_WAIT_S)
    return Database(
        shown=shown,
        writer=pooled(writer, pool_size=1),
        reader=pooled(reader, pool_size=READERS_MAX),
        migrator=holder,
        hold=partial(_SessionLock, holder, shown),
        size_bytes=_size_bytes,
        tidy=lambda: None,
    )


def _shown(url: URL) -> str:
    hidden = [name for name in url.query if "password" in name]
    return url.difference_update_query(hidden).render_as_string()


def _engine(url: URL, settings: dict[str, Any], **pool: Any) -> Engine:
    wanted = {**_LINK, **settings}
    ours = {name: value for name, value in wanted.items() if name not in url.query}
    pinged = {} if "poolclass" in pool else {"pool_pre_ping": True, "pool_recycle": 300}
    # Positional parameters let rows go to the driver as they are.
    engine = create_engine(url, paramstyle="format", connect_args=ours, **pinged, **pool)
    event.listen(engine, "handle_error", _see_lost_server)
    return engine


def _see_lost_server(context: ExceptionContext) -> None:
    if getattr(context.original_exception, "sqlstate", None) in _GONE:
        context.is_disconnect = True


class _SessionLock:
    """The lock of a session: the server lets go of it when the session ends, for any reason."""

    def __init__(self, engine: Engine, shown: str) -> None:
        self._engine = engine
        self._shown = shown
        self._session: Connection | None = None
        self._take()

    def ensure(self) -> None:
        """It is taken anew only when this is asked again.

        A transaction that is under way holds what taking it waits for, and must end first.
        """
        if self._session is None:
            self._take()
        elif not self._is_alive(self._session):
            # Asked again it would answer, from a session of another that holds nothing.
            self.close()
            problem = f"store {self._shown}: the session that held it was lost"
            raise StoreError(problem, kind="unavailable")

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _is_alive(self, session: Connection) -> bool:
        try:
            session.execute(text("SELECT 1"))
        except exc.DBAPIError:
            return False
        return True

    def _take(self) -> None:
        with translated(self._shown), ExitStack() as undo:
            session = undo.enter_context(self._engine.connect())
            session = session.execution_options(isolation_level="AUTOCOMMIT")
            taken = text("SELECT pg_try_advisory_lock(:key)")
            if not session.scalar(taken, {"key": INSTANCE_LOCK}):
                problem = f"store {self._shown}: another instance holds it"
                raise StoreError(problem, kind="locked")
            # Whoever lost it in the midst of a transaction looks once more before it commits:
            # what it could still commit is waited for, and read by us.
            session.execute(select(head.c.number).with_for_update())
            undo.pop_all()
        self._session = session


def _size_bytes(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
