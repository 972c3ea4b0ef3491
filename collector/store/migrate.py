"""Bring a database's tables to this version's, under a lock, or say why not."""

from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from collector.store.database import Database
from collector.store.errors import StoreError
from collector.store.migrations import versions
from collector.store.postgres import MIGRATION_LOCK

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(versions.__file__).parents[1]


def migrate(database: Database) -> None:
    """Upgrade to the newest tables; StoreError(kind="schema") when a newer version made them."""
    if _is_current(database, database.migrator):
        return
    with database.migrator.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        # Only now: it takes as long to load as all else that looks at a store.
        from alembic import command

        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _check_references(connection, database.shown)


def check(database: Database) -> None:
    """StoreError(kind="schema") unless the tables are this version's; nothing is changed."""
    if not _is_current(database, database.reader):
        problem = f"store {database.shown}: its tables are not yet this version's"
        raise StoreError(f"{problem}; `chiso run` makes them", kind="schema")


def _is_current(database: Database, engine: Engine) -> bool:
    with engine.connect() as connection:
        found = _revision(connection)
    known = _known()
    if found is not None and found not in known:
        problem = f"store {database.shown}: a newer chiso made its tables (revision {found})"
        raise StoreError(problem, kind="schema")
    return found == known[-1]


def _revision(connection: Connection) -> str | None:
    """The newest migration that was made; None where there are no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _known() -> list[str]:
    """All migrations in their order, which is that of their modules' names."""
    names = sorted(module.name for module in iter_modules(versions.__path__))
    return [name.removeprefix("m").partition("_")[0] for name in names]


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _check_references(connection: Connection, shown: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        problem = f"store {shown}: the migration would leave {len(broken)} rows without a parent"
        raise StoreError(problem, kind="schema")
