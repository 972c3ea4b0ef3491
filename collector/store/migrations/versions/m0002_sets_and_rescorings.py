"""The definitions of sets by their digests, and history scored by other sets."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# In the order of their references.
_KEPT = ("sets", "rescorings", "rescored_cells")


def upgrade() -> None:
    op.create_table(
        "sets",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sets"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _create_rescorings()
    for table in _KEPT:
        if op.get_bind().dialect.name == "sqlite":
            _keep_on_sqlite(table)
        else:
            _keep_on_postgresql(table)


def downgrade() -> None:
    for table in reversed(_KEPT):
        op.drop_table(table)


def _create_rescorings() -> None:
    digest = sa.ForeignKey("sets.digest", name="fk_rescorings_set_digest")
    op.create_table(
        "rescorings",
        sa.Column("id", _WHOLE, sa.Identity()),
        sa.Column("set_digest", sa.Text, digest, nullable=False),
        _reference("rescorings", "first_number", "scoreboards.number"),
        _reference("rescorings", "last_number", "scoreboards.number"),
        sa.Column("result", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rescorings"),
        sa.UniqueConstraint(
            *("set_digest", "first_number", "last_number", "result"),
            name="uq_rescorings_set_digest",
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "rescored_cells",
        _reference("rescored_cells", "rescoring_id", "rescorings.id"),
        _reference("rescored_cells", "number", "scoreboards.number"),
        _reference("rescored_cells", "subject_id", "subjects.id"),
        sa.Column("body", sa.Text),
        sa.PrimaryKeyConstraint("rescoring_id", "number", "subject_id", name="pk_rescored_cells"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _reference(table: str, column: str, target: str) -> sa.Column[int]:
    key = sa.ForeignKey(target, name=f"fk_{table}_{column}")
    return sa.Column(column, _WHOLE, key, nullable=False)


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
