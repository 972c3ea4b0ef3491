"""What each run's answer was judged to be, the values of refused rows, and who accepted them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RUNS: dict[str, sa.types.TypeEngine[Any]] = {
    "verdict": sa.Text(),
    "same": _WHOLE,
    "absent": sa.Text(),
    "vanished": sa.Text(),
    "offered": sa.Text(),
    "past": sa.Text(),
    "not_before_us": _WHOLE,
}
_REFUSALS: dict[str, sa.types.TypeEngine[Any]] = {"value": sa.Text(), "data_us": _WHOLE}


def upgrade() -> None:
    for table, columns in (("runs", _RUNS), ("refusals", _REFUSALS)):
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    op.create_table(
        "acceptances",
        _run("run_id"),
        _run("of_run"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at_us", _WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_acceptances"),
        sa.UniqueConstraint("of_run", name="uq_acceptances_of_run"),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        _keep_on_sqlite("acceptances")
    else:
        _keep_on_postgresql("acceptances")


def downgrade() -> None:
    op.drop_table("acceptances")
    for table, columns in (("runs", _RUNS), ("refusals", _REFUSALS)):
        for name in columns:
            op.drop_column(table, name)


def _run(column: str) -> sa.Column[int]:
    key = sa.ForeignKey("runs.id", name=f"fk_acceptances_{column}")
    return sa.Column(column, _WHOLE, key, nullable=False, autoincrement=False)


def _keep_on_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _keep_on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
