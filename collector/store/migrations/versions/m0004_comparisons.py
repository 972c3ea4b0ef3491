"""What each rescoring was held against, until when, and when that was."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GO_ON_COUNTING = (
    "SELECT setval(pg_get_serial_sequence('comparisons', 'id'), "
    "(SELECT coalesce(max(id), 0) + 1 FROM comparisons), false)"
)


def upgrade() -> None:
    rescoring = sa.ForeignKey("rescorings.id", name="fk_comparisons_rescoring_id")
    op.create_table(
        "comparisons",
        sa.Column("id", _WHOLE, sa.Identity()),
        sa.Column("rescoring_id", _WHOLE, rescoring, nullable=False),
        sa.Column("live_id", sa.Text),
        sa.Column("until_us", _WHOLE),
        sa.Column("made_us", _WHOLE),
        sa.PrimaryKeyConstraint("id", name="pk_comparisons"),
        sa.UniqueConstraint(
            *("rescoring_id", "live_id", "until_us"), name="uq_comparisons_rescoring_id"
        ),
        sqlite_strict=True,
    )
    # Those that are there keep the numbers by which people know them.
    op.execute("INSERT INTO comparisons (id, rescoring_id) SELECT id, id FROM rescorings")
    if op.get_bind().dialect.name == "sqlite":
        _keep_on_sqlite("comparisons")
    else:
        op.execute(_GO_ON_COUNTING)
        _keep_on_postgresql("comparisons")


def downgrade() -> None:
    op.drop_table("comparisons")


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
