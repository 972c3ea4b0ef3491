"""The first tables, and the triggers that keep their rows as they were written."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OUTCOMES = "outcome IN ('ok', 'held', 'failed', 'interrupted', 'coalesced')"
# In the order of their references; `head` alone is ever updated.
_KEPT = (
    "series",
    "runs",
    "observations",
    "refusals",
    "taken",
    "scoreboards",
    "subjects",
    "cells",
)


def upgrade() -> None:
    _create_head()
    _create_runs()
    _create_facts()
    _create_scoreboards()
    if op.get_bind().dialect.name == "sqlite":
        _keep_on_sqlite()
    else:
        _keep_on_postgresql()


def downgrade() -> None:
    for table in (*reversed(_KEPT), "head"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change")


def _create_head() -> None:
    head = op.create_table(
        "head",
        sa.Column("id", _WHOLE, autoincrement=False),
        sa.Column("number", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_head"),
        sa.CheckConstraint("id = 1", name=op.f("ck_head_one_row")),
        sqlite_strict=True,
    )
    op.bulk_insert(head, [{"id": 1, "number": 0}])


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", _WHOLE, sa.Identity()),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("due_us", _WHOLE, nullable=False),
        sa.Column("manual", _WHOLE, nullable=False),
        sa.Column("began_us", _WHOLE, nullable=False),
        sa.Column("ended_us", _WHOLE, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("error_reason", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("received", _WHOLE, nullable=False),
        sa.Column("declared", _WHOLE),
        sa.Column("admitted", _WHOLE, nullable=False),
        sa.Column("refused", _WHOLE, nullable=False),
        sa.Column("digest", sa.Text),
        sa.Column("requests", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("source", "due_us", "manual", name="uq_runs_source"),
        sa.CheckConstraint("manual IN (0, 1)", name=op.f("ck_runs_manual")),
        sa.CheckConstraint(_OUTCOMES, name=op.f("ck_runs_outcome")),
        sqlite_strict=True,
    )
    op.create_index("ix_runs_outcome", "runs", ["source", "outcome", "id"])
    op.create_index("ix_runs_ended_us", "runs", ["ended_us"])


def _create_facts() -> None:
    _create_key_table("series", "metric", "agency", "period")
    op.create_table(
        "observations",
        _reference("observations", "series_id", "series.id"),
        _reference("observations", "run_id", "runs.id"),
        sa.Column("data_us", _WHOLE, nullable=False),
        sa.Column("known_us", _WHOLE, nullable=False),
        sa.Column("value", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "series_id", name="pk_observations"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_observations_series_id", "observations", ["series_id", "run_id"])
    op.create_table(
        "refusals",
        _reference("refusals", "run_id", "runs.id"),
        sa.Column("place", _WHOLE, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("whereabouts", sa.Text, nullable=False),
        sa.Column("got", sa.Text, nullable=False),
        _reference("refusals", "series_id", "series.id", nullable=True),
        sa.PrimaryKeyConstraint("run_id", "place", name="pk_refusals"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_refusals_series_id", "refusals", ["series_id"])
    op.create_table(
        "taken",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        _reference("taken", "run_id", "runs.id"),
        sa.PrimaryKeyConstraint("source", "digest", name="pk_taken"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _create_scoreboards() -> None:
    op.create_table(
        "scoreboards",
        sa.Column("number", _WHOLE, autoincrement=False),
        sa.Column("published_us", _WHOLE, nullable=False),
        sa.Column("data_us", _WHOLE),
        _reference("scoreboards", "run_id", "runs.id", nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_scoreboards"),
        sqlite_strict=True,
    )
    op.create_index("ix_scoreboards_published_us", "scoreboards", ["published_us"])
    _create_key_table("subjects", "set_id", "subject")
    op.create_table(
        "cells",
        _reference("cells", "subject_id", "subjects.id"),
        _reference("cells", "number", "scoreboards.number"),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("subject_id", "number", name="pk_cells"),
        sqlite_strict=True,
    )


def _create_key_table(name: str, *key: str) -> None:
    op.create_table(
        name,
        sa.Column("id", _WHOLE, sa.Identity()),
        *(sa.Column(column, sa.Text, nullable=False) for column in key),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint(*key, name=f"uq_{name}_{key[0]}"),
        sqlite_strict=True,
    )


def _reference(table: str, column: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(target, name=f"fk_{table}_{column}")
    return sa.Column(column, _WHOLE, key, nullable=nullable)


def _keep_on_sqlite() -> None:
    for table in _KEPT:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _keep_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE "
            f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
