"""The tables as the code sees them; the migrations make them, and a test compares the two.

Columns hold integers (instants are UTC microseconds) and text (decimals and JSON too), so that
both databases keep exactly what they are given.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}
METADATA = MetaData(naming_convention=NAMES)
# Only INTEGER is the row's own id in SQLite, and STRICT tables know no BIGINT.
Whole = BigInteger().with_variant(Integer(), "sqlite")

# One row: the number of the newest scoreboard. Taking the next one locks out other writers.
head = Table(
    "head",
    METADATA,
    Column("id", Whole, autoincrement=False),
    Column("number", Whole, nullable=False),
    PrimaryKeyConstraint("id"),
    CheckConstraint("id = 1", name="one_row"),
    sqlite_strict=True,
)

series = Table(
    "series",
    METADATA,
    Column("id", Whole, Identity()),
    Column("metric", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("period", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("metric", "agency", "period"),
    sqlite_strict=True,
)

runs = Table(
    "runs",
    METADATA,
    Column("id", Whole, Identity()),
    Column("source", Text, nullable=False),
    Column("due_us", Whole, nullable=False),
    Column("manual", Whole, nullable=False),
    Column("began_us", Whole, nullable=False),
    Column("ended_us", Whole, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("error_reason", Text),
    Column("message", Text),
    Column("received", Whole, nullable=False),
    Column("declared", Whole),
    Column("admitted", Whole, nullable=False),
    Column("refused", Whole, nullable=False),
    Column("digest", Text),
    Column("requests", Text, nullable=False),
    # How the answer stands beside those before it; agencies and digests are JSON lists.
    Column("verdict", Text),
    Column("same", Whole),
    Column("absent", Text),
    Column("vanished", Text),
    Column("offered", Text),
    Column("past", Text),
    Column("not_before_us", Whole),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("source", "due_us", "manual"),
    CheckConstraint("manual IN (0, 1)", name="manual"),
    CheckConstraint(
        "outcome IN ('ok', 'held', 'failed', 'interrupted', 'coalesced')", name="outcome"
    ),
    Index("ix_runs_outcome", "source", "outcome", "id"),
    Index("ix_runs_ended_us", "ended_us"),
    sqlite_strict=True,
)

# A value of null withdraws the series. Rows stand in the order they came in; a narrow index finds
# them by series. Keyed by series, each run would dirty a page for each of its rows, and commits
# would take twice as long.
observations = Table(
    "observations",
    METADATA,
    Column("series_id", Whole, ForeignKey("series.id"), nullable=False),
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False),
    Column("data_us", Whole, nullable=False),
    Column("known_us", Whole, nullable=False),
    Column("value", Text),
    PrimaryKeyConstraint("run_id", "series_id"),
    Index("ix_observations_series_id", "series_id", "run_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

refusals = Table(
    "refusals",
    METADATA,
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False),
    Column("place", Whole, nullable=False),
    Column("reason", Text, nullable=False),
    Column("whereabouts", Text, nullable=False),
    Column("got", Text, nullable=False),
    Column("series_id", Whole, ForeignKey("series.id")),
    Column("value", Text),
    Column("data_us", Whole),
    PrimaryKeyConstraint("run_id", "place"),
    Index("ix_refusals_series_id", "series_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# A run that took what another was not allowed to bring; each is accepted once.
acceptances = Table(
    "acceptances",
    METADATA,
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False, autoincrement=False),
    Column("of_run", Whole, ForeignKey("runs.id"), nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at_us", Whole, nullable=False),
    PrimaryKeyConstraint("run_id"),
    UniqueConstraint("of_run"),
    sqlite_strict=True,
)

taken = Table(
    "taken",
    METADATA,
    Column("source", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False),
    PrimaryKeyConstraint("source", "digest"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

scoreboards = Table(
    "scoreboards",
    METADATA,
    Column("number", Whole, autoincrement=False),
    Column("published_us", Whole, nullable=False),
    Column("data_us", Whole),
    Column("run_id", Whole, ForeignKey("runs.id")),
    PrimaryKeyConstraint("number"),
    Index("ix_scoreboards_published_us", "published_us"),
    sqlite_strict=True,
)

subjects = Table(
    "subjects",
    METADATA,
    Column("id", Whole, Identity()),
    Column("set_id", Text, nullable=False),
    Column("subject", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("set_id", "subject"),
    sqlite_strict=True,
)

# A body of null says that the subject is gone from that scoreboard on. Rows stand in the order
# they came in, for the same reason as observations.
cells = Table(
    "cells",
    METADATA,
    Column("subject_id", Whole, ForeignKey("subjects.id"), nullable=False),
    Column("number", Whole, ForeignKey("scoreboards.number"), nullable=False),
    Column("body", Text),
    PrimaryKeyConstraint("subject_id", "number"),
    sqlite_strict=True,
)

# What each set that ever scored says, by its digest: past scoreboards can be worked out again.
sets = Table(
    "sets",
    METADATA,
    Column("digest", Text, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("digest"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Stored history, from one scoreboard to another, scored by another set: beside what was published,
# and never mixed with it. `result` is the SHA-256 of its cells, which are stored once, whatever
# they are held against.
rescorings = Table(
    "rescorings",
    METADATA,
    Column("id", Whole, Identity()),
    Column("set_digest", Text, ForeignKey("sets.digest"), nullable=False),
    Column("first_number", Whole, ForeignKey("scoreboards.number"), nullable=False),
    Column("last_number", Whole, ForeignKey("scoreboards.number"), nullable=False),
    Column("result", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("set_digest", "first_number", "last_number", "result"),
    sqlite_strict=True,
)

rescored_cells = Table(
    "rescored_cells",
    METADATA,
    Column("rescoring_id", Whole, ForeignKey("rescorings.id"), nullable=False),
    Column("number", Whole, ForeignKey("scoreboards.number"), nullable=False),
    Column("subject_id", Whole, ForeignKey("subjects.id"), nullable=False),
    Column("body", Text),
    PrimaryKeyConstraint("rescoring_id", "number", "subject_id"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# What a rescoring was held against, until when its last scoreboard counted, and when that was; the
# three are null of what was kept before they were. Its id is the number that people are given.
comparisons = Table(
    "comparisons",
    METADATA,
    Column("id", Whole, Identity()),
    Column("rescoring_id", Whole, ForeignKey("rescorings.id"), nullable=False),
    Column("live_id", Text),
    Column("until_us", Whole),
    Column("made_us", Whole),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("rescoring_id", "live_id", "until_us"),
    sqlite_strict=True,
)
