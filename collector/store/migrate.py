"""Bring a database's tables to this version's, under a lock, or say why not."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from collector.store.database import Database
from collector.store.errors import StoreError
from collector.store.postgres import MIGRATION_LOCK


def migrate(database: Database) -> None:
    """Upgrade to the newest tables; StoreError(kind="schema") when a newer version made them."""
    if _is_current(database, database.migrator):
        return
    with database.migrator.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
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
        found = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    known = {revision.revision for revision in script.walk_revisions()}
    if found is not None and found not in known:
        problem = f"store {database.shown}: a newer chiso made its tables (revision {found})"
        raise StoreError(problem, kind="schema")
    return found == script.get_current_head()


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).with_name("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def _check_references(connection: Connection, shown: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        problem = f"store {shown}: the migration would leave {len(broken)} rows without a parent"
        raise StoreError(problem, kind="schema")
