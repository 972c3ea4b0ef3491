import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from connectors.base import Answer, Ask, SourceError
from connectors.sql import Sql
from tests.connectors.asking import NOW, ZONE, ask_with
from tests.postgres import Postgres

READER, PASSWORD = "chiso_reader", "planted-password"
ROWS = [
    ("H52.X14", "2023-12-31 23:59:59", 1, 9.0),
    ("H52.X14", "2024-01-01 00:00:00", 1, 0.1),
    ("H52.X14", "2024-10-15 08:30:00", 0, 0.2),
    ("H52.X15", "2024-12-31 23:59:59", 1, 7.5),
    ("H52.X15", "2025-01-01 00:00:00", 1, 9.0),
]
QUERY = """
SELECT unit AS code, count(*) AS sent, sum(signed) AS signed, sum(weight) AS weight,
       max(issued) AS newest  -- of the year; "never" later than its end
  FROM documents
 WHERE issued >= :window_start AND issued < :window_end AND unit LIKE 'H52%'
 GROUP BY unit
 ORDER BY unit
"""
METRICS = {"documents_sent": {"column": "sent"}, "documents_signed": {"column": "signed"}}


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The URL of a SQLite file with the rows above."""
    path = tmp_path / "documents.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE documents (unit TEXT, issued TEXT, signed INT, weight REAL)"
        )
        connection.executemany("INSERT INTO documents VALUES (?, ?, ?, ?)", ROWS)
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> Iterator[str]:
    """The URL, without user, of a PostgreSQL database with the rows above and a reader."""
    url = make_url(postgres.new_database())
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE documents (unit char(9), issued timestamp, signed int, weight numeric)"
        )
        connection.execute("CREATE TABLE secrets (secret text)")
        for row in ROWS:
            connection.execute("INSERT INTO documents VALUES (%s, %s, %s, %s)", row)
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(READER), sql.Literal(PASSWORD)
            )
        )
        connection.execute(
            sql.SQL("GRANT SELECT ON documents TO {}").format(sql.Identifier(READER))
        )
    yield f"postgresql+psycopg://{url.host}:{url.port}/{url.database}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(READER)))
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(READER)))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue("file" if request.param == "sqlite" else "server")
    return found


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCUMENTS_PASSWORD", PASSWORD)


def source(url: str, **options: Any) -> Sql:
    given = {
        "url": url,
        "user": READER,
        "password": {"env": "DOCUMENTS_PASSWORD"},
        "query": QUERY,
        "window": {"period": "year"},
        "agency": {"column": "code", "system": "documents"},
        "metrics": METRICS,
        "limits": {"total_s": 20},
        "allow": "url",
    }
    return Sql.model_validate(given | options)


def now_of(url: str, query: str, **options: Any) -> Sql:
    """A source whose query speaks of the moment, with one metric in its column n."""
    metrics = {"documents_sent": {"column": "n"}}
    return source(url, **{"query": query, "window": None, "metrics": metrics} | options)


def pull(connector: Sql, *periods: str) -> Answer:
    return connector.observe(replace(ask_with(None, periods=periods or ("2024",)), zone=ZONE))


def failure(connector: Sql, ask: Ask | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        connector.observe(ask or ask_with(None))
    assert "planted" not in repr(caught.value)
    return caught.value


def values(answer: Answer) -> list[tuple[str, str, str | None, Decimal | str]]:
    return [(one.agency, one.metric, one.period, one.value) for one in answer.observations]


def test_a_query_brings_what_it_sums_for_each_agency_in_the_window(url: str) -> None:
    answer = pull(source(url))

    assert values(answer) == [
        ("H52.X14", "documents_sent", "2024", Decimal(2)),
        ("H52.X14", "documents_signed", "2024", Decimal(1)),
        ("H52.X15", "documents_sent", "2024", Decimal(1)),
        ("H52.X15", "documents_signed", "2024", Decimal(1)),
    ]
    assert (answer.received, answer.declared, answer.complete) == (2, None, True)
    assert {one.where for one in answer.observations} == {"row 1", "row 2"}


def test_each_window_is_asked_in_turn_and_the_past_has_its_end_for_a_data_time(url: str) -> None:
    answer = pull(source(url), "2024", "2023")

    first, last = answer.observations[0], answer.observations[-1]
    assert (first.period, first.data_us) == ("2024", int(NOW.timestamp()) * 1_000_000)
    assert (last.period, last.agency, last.value) == ("2023", "H52.X14", Decimal(1))
    assert last.data_us == int(datetime(2024, 1, 1, tzinfo=ZONE).timestamp()) * 1_000_000


def test_each_statement_is_kept_with_its_window_its_rows_and_its_time(url: str) -> None:
    ask = ask_with(None, periods=("2024", "2023"))

    source(url).observe(ask)

    first, second = ask.ledger.requests
    start, end, over = "2024-01-01 00:00:00", "2025-01-01 00:00:00", "2023-01-01 00:00:00"
    assert first.url == f"{url} :window_start={start} :window_end={end}"
    assert second.url == f"{url} :window_start={over} :window_end={start}"
    assert {(one.method, one.status, one.bytes) for one in (first, second)} == {
        ("QUERY", None, None)
    }
    assert (first.rows, second.rows) == (2, 1)
    assert 0 < first.seconds < 20


def test_a_statement_that_has_no_answer_is_kept_with_how_long_it_took(url: str) -> None:
    query = ENDLESS[url.partition(":")[0].partition("+")[0]]
    ask = ask_with(None)

    failure(now_of(url, query, limits={"total_s": 0.5}), ask)

    (asked,) = ask.ledger.requests
    assert (asked.method, asked.url) == ("QUERY", url)
    assert not asked.rows
    assert 0.2 < asked.seconds < 2.5


def test_the_same_rows_have_the_same_digest_and_others_another(url: str) -> None:
    first, again = pull(source(url)), pull(source(url))
    backwards = pull(source(url, query=QUERY.replace("ORDER BY unit", "ORDER BY unit DESC")))
    other = pull(source(url), "2023")

    assert first.digest == again.digest == backwards.digest
    assert first.digest != other.digest


def test_decimals_are_exact_and_floats_are_what_they_are_written_as(file: str, server: str) -> None:
    options = {"metrics": {"weight": {"column": "weight"}}}

    assert values(pull(source(server, **options)))[0][3] == Decimal("0.3")
    assert values(pull(source(file, **options)))[0][3] == Decimal("0.30000000000000004")


def test_numeric_nan_and_infinity_come_as_what_they_are(server: str) -> None:
    for number in ("NaN", "Infinity"):
        answer = pull(now_of(server, f"SELECT 'a' AS code, '{number}'::numeric AS n"))

        assert str(answer.observations[0].value) == number


@pytest.mark.parametrize(
    ("options", "literal", "expected"),
    [
        ({"on_null": "missing"}, "NULL", None),
        ({"on_null": "zero"}, "NULL", Decimal(0)),
        ({"on_null": "error"}, "NULL", "null"),
        ({"number": "vi"}, "'1.234,5'", Decimal("1234.5")),
        ({}, "'1.234,5'", "1.234,5"),
        ({}, "'none'", "none"),
    ],
)
def test_a_metric_says_how_its_column_is_read(
    url: str, options: dict[str, str], literal: str, expected: Any
) -> None:
    metrics = {"documents_sent": {"column": "n"} | options}

    answer = pull(now_of(url, f"SELECT 'a' AS code, {literal} AS n", metrics=metrics))

    assert [one.value for one in answer.observations] == ([] if expected is None else [expected])


def test_truth_is_the_name_of_a_state(server: str) -> None:
    answer = pull(now_of(server, "SELECT 1 AS code, true AS n"))

    assert values(answer) == [("1", "documents_sent", None, "true")]


def test_what_is_no_number_at_all_is_told_by_its_type(server: str) -> None:
    answer = pull(now_of(server, "SELECT 'a' AS code, DATE '2024-01-01' AS n"))

    assert answer.observations[0].value == "a date"


def test_padded_codes_are_bare_and_a_row_without_one_matches_no_agency(server: str) -> None:
    answer = pull(
        now_of(server, "SELECT code, 1 AS n FROM (VALUES ('x  '::char(9)), (NULL)) a(code)")
    )

    assert [one.agency for one in answer.observations] == ["x", ""]


TIMES = [
    ("local", "exclusive", "2024-01-01 00:00:00", "2025-01-01 00:00:00"),
    ("local", "inclusive", "2024-01-01 00:00:00", "2024-12-31 23:59:59.999999"),
    ("utc", "exclusive", "2023-12-31 17:00:00", "2024-12-31 17:00:00"),
    ("date", "exclusive", "2024-01-01", "2025-01-01"),
    ("date", "inclusive", "2024-01-01", "2024-12-31"),
    ("aware", "exclusive", "2024-01-01 00:00:00+07:00", "2025-01-01 00:00:00+07:00"),
]


@pytest.mark.parametrize(("times", "end", "first", "last"), TIMES)
def test_the_edges_of_a_window_come_as_the_source_wants_them(
    url: str, times: str, end: str, first: str, last: str
) -> None:
    cast = "CAST({} AS timestamptz) AT TIME ZONE 'UTC'" if times == "aware" else "{}"
    if url.startswith("sqlite"):
        cast = "{}"
    start, until = cast.format(":window_start"), cast.format(":window_end")
    metrics = {"documents_sent": {"column": "a"}, "documents_signed": {"column": "b"}}
    query = f"SELECT 'a' AS code, CAST({start} AS text) AS a, CAST({until} AS text) AS b"
    options = {"query": query, "metrics": metrics}

    answer = pull(source(url, window={"period": "year", "times": times, "end": end}, **options))

    if times == "aware" and not url.startswith("sqlite"):
        first, last = "2023-12-31 17:00:00", "2024-12-31 17:00:00"
    assert [one.value for one in answer.observations] == [first, last]


DATA_TIMES = [
    ("TIMESTAMP '2024-10-15 08:30:00'", datetime(2024, 10, 15, 8, 30, tzinfo=ZONE)),
    ("TIMESTAMPTZ '2024-10-15 08:30:00Z'", datetime(2024, 10, 15, 8, 30, tzinfo=UTC)),
    ("DATE '2024-10-14'", datetime(2024, 10, 15, tzinfo=ZONE)),
    ("DATE '2024-10-16'", NOW),
    ("'2024-10-15 08:30:00'", datetime(2024, 10, 15, 8, 30, tzinfo=ZONE)),
    ("'2024-10-14'", datetime(2024, 10, 15, tzinfo=ZONE)),
    ("NULL", NOW),
]


@pytest.mark.parametrize(("literal", "moment"), DATA_TIMES)
def test_a_row_says_what_moment_it_speaks_of(server: str, literal: str, moment: datetime) -> None:
    query = f"SELECT 'a' AS code, 1 AS n, {literal} AS at"

    answer = pull(now_of(server, query, data_at={"column": "at"}))

    assert answer.observations[0].data_us == int(moment.timestamp()) * 1_000_000


@pytest.mark.parametrize("literal", ["'yesterday'", "5"])
def test_a_moment_that_is_none_is_told_with_the_row(url: str, literal: str) -> None:
    query = f"SELECT 'a' AS code, 1 AS n, {literal} AS at"

    answer = pull(now_of(url, query, data_at={"column": "at"}))

    assert "is no time" in str(answer.observations[0].value)


WRITES = [
    "WITH gone AS (DELETE FROM documents RETURNING 1) SELECT 'a' AS code, 1 AS n FROM gone",
    "SELECT 'a' AS code, 1 AS n INTO TEMP copied",
    "SELECT unit AS code, signed AS n FROM documents FOR UPDATE",
    "INSERT INTO documents VALUES ('x', NULL, 1, 1) RETURNING unit AS code, 1 AS n",
    "UPDATE documents SET signed = 1",
    "DELETE FROM documents",
    "CREATE TEMP TABLE t (x int)",
    "DROP TABLE documents",
    "COPY documents TO '/tmp/stolen'",
    "ATTACH DATABASE '/tmp/stolen.db' AS stolen",
    "PRAGMA query_only = OFF",
    "VACUUM",
    "SELECT 1 AS n; COMMIT; DROP TABLE documents",
    "/* SELECT */ DROP TABLE documents",
    "",
    ";",
]


@pytest.mark.parametrize("query", WRITES)
def test_a_query_that_does_more_than_read_is_refused_with_the_configuration(query: str) -> None:
    with pytest.raises(ValidationError, match="a query"):
        now_of("sqlite:///x.db", query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 'a;b -- insert' AS code, 1 AS n;",
        "-- update nothing\nSELECT 'it''s' AS code, 1 AS n",
        'SELECT "update" AS code, 1 AS n FROM (SELECT 1 AS "update") AS q',
        "(SELECT 'into' AS code, 1 AS n /* delete; */)",
        "WITH q AS (SELECT 'a' AS code) SELECT code, 1 AS n FROM q",
    ],
)
def test_words_in_texts_names_and_comments_are_no_words_of_the_query(
    server: str, query: str
) -> None:
    assert pull(now_of(server, query)).received == 1


SNEAKS = {
    "postgresql": [
        "SELECT 'a' AS code, 1 AS n; DROP TABLE documents",
        "INSERT INTO documents (unit) VALUES ('x') RETURNING 'a' AS code, 1 AS n",
        "WITH q AS (DELETE FROM documents RETURNING 1) SELECT 'a' AS code, 1 AS n FROM q",
        "SELECT 'a' AS code, 1 AS n INTO TEMP copied",
        "COPY documents TO STDOUT",
        "COPY documents TO PROGRAM 'cat'",
        "DROP TABLE documents",
        "SELECT 'a' AS code, lo_create(0) AS n",
        "SELECT 'a' AS code, nextval('counted') AS n",
        "SELECT set_config('transaction_read_only', 'off', false) AS code, 1 AS n",
    ],
    "sqlite": [
        "SELECT 'a' AS code, 1 AS n; DROP TABLE documents",
        "INSERT INTO documents (unit) VALUES ('x') RETURNING 'a' AS code, 1 AS n",
        "CREATE TEMP TABLE copied AS SELECT 1",
        "ATTACH DATABASE ':memory:' AS other",
        "PRAGMA query_only = OFF",
        "PRAGMA table_info(documents)",
        "VACUUM INTO '/tmp/stolen.db'",
        "SELECT 'a' AS code, load_extension('x') AS n",
        "SELECT name AS code, 1 AS n FROM pragma_database_list",
    ],
}


@pytest.mark.parametrize(
    ("kind", "query"), [(kind, query) for kind, queries in SNEAKS.items() for query in queries]
)
def test_what_gets_past_the_configuration_does_not_get_past_the_database(
    request: pytest.FixtureRequest, kind: str, query: str, postgres: Postgres
) -> None:
    """Asked as the owner of everything, so that only the manner of asking stands in the way."""
    url = request.getfixturevalue("file" if kind == "sqlite" else "server")
    owner = {"user": "postgres", "password": None} if kind == "postgresql" else {}
    before = count(url)
    if kind == "postgresql":
        with psycopg.connect(admin_of(url), autocommit=True) as connection:
            connection.execute("CREATE SEQUENCE IF NOT EXISTS counted")
    sneaky = now_of(url, "SELECT 1", **owner).model_copy(update={"query": query})

    error = failure(sneaky)

    assert error.reason == "config"
    assert count(url) == before == 5


def admin_of(url: str) -> str:
    admin = make_url(url).set(drivername="postgresql", username="postgres")
    return admin.render_as_string(hide_password=False)


def count(url: str) -> int:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        (found,) = connection.execute("SELECT count(*) FROM documents").fetchone()
        connection.close()
        return int(found)
    with psycopg.connect(admin_of(url)) as server:
        row = server.execute("SELECT count(*) FROM documents").fetchone()
        assert row is not None
        return int(row[0])


@pytest.mark.parametrize(
    "query",
    [
        "SELECT secret AS code, 1 AS n FROM secrets",
        "SELECT pg_read_file('/etc/passwd') AS code, 1 AS n",
    ],
)
def test_what_the_user_may_not_read_is_an_error_of_authentication(server: str, query: str) -> None:
    error = failure(now_of(server, query))

    assert (error.reason, "may not read that" in str(error)) == ("auth", True)


ENDLESS = {
    "sqlite": "WITH RECURSIVE q(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM q)"
    " SELECT 'a' AS code, count(*) AS n FROM q",
    "postgresql": "SELECT 'a' AS code, count(*) AS n"
    " FROM (SELECT generate_series(1, 1000000000000)) AS q",
}


def test_a_query_that_does_not_end_is_stopped_in_time(url: str) -> None:
    query = ENDLESS[url.partition(":")[0].partition("+")[0]]
    began_s = time.monotonic()

    error = failure(now_of(url, query, limits={"total_s": 0.5}))

    assert (error.reason, error.permanent) == ("source", False)
    assert time.monotonic() - began_s < 2.5


def test_a_query_ends_when_the_service_does(url: str) -> None:
    query = ENDLESS[url.partition(":")[0].partition("+")[0]]
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    began_s = time.monotonic()

    error = failure(now_of(url, query), replace(ask_with(None), stop=stop))

    assert "the service stops" in str(error)
    assert time.monotonic() - began_s < 2.5


def test_the_server_stops_a_query_whose_asker_is_gone(server: str) -> None:
    failure(now_of(server, ENDLESS["postgresql"], limits={"total_s": 0.5}))

    with psycopg.connect(admin_of(server), autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND state = 'active'",
            [READER],
        ).fetchone()

    assert row == (0,)


def test_more_rows_than_allowed_are_an_error_and_never_a_part(url: str) -> None:
    query = "SELECT unit AS code, signed AS n FROM documents"

    assert pull(now_of(url, query, limits={"max_records": 5})).received == 5
    error = failure(now_of(url, query, limits={"max_records": 4}))

    assert (error.reason, "more than 4 rows came" in str(error)) == ("content", True)


def test_more_text_than_allowed_is_an_error(url: str) -> None:
    query = "SELECT unit AS code, signed AS n FROM documents"

    error = failure(now_of(url, query, limits={"max_bytes": 20}))

    assert (error.reason, "bytes of text" in str(error)) == ("content", True)


def test_a_billion_rows_are_not_fetched(server: str) -> None:
    query = "SELECT 'a' AS code, generate_series(1, 1000000000) AS n"
    began_s = time.monotonic()

    assert failure(now_of(server, query)).reason == "content"
    assert time.monotonic() - began_s < 5.0


def test_a_wrong_password_is_an_error_of_authentication(
    server: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCUMENTS_PASSWORD", "planted-wrong")
    rules = postgres.folder / "data" / "pg_hba.conf"
    kept = rules.read_text(encoding="utf-8")
    rules.write_text(f"host all {READER} 127.0.0.1/32 scram-sha-256\n{kept}", encoding="utf-8")
    with psycopg.connect(admin_of(server), autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
    try:
        error = failure(source(server))
    finally:
        rules.write_text(kept, encoding="utf-8")
        with psycopg.connect(admin_of(server), autocommit=True) as connection:
            connection.execute("SELECT pg_reload_conf()")

    assert error.reason == "auth"


def test_a_user_whom_the_server_does_not_know_is_an_error_of_authentication(server: str) -> None:
    assert failure(source(server, user="planted-nobody")).reason == "auth"


def test_a_database_that_is_not_there_is_an_error_of_configuration(server: str) -> None:
    error = failure(source(server.rpartition("/")[0] + "/nothing"))

    assert (error.reason, str(error).endswith("no database of this name")) == ("config", True)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql+psycopg://127.0.0.1:9/documents", "source"),
        ("postgresql+psycopg://no-such-host.invalid/documents", "source"),
        ("sqlite:////nowhere/documents.db", "source"),
        ("oracle+oracledb://127.0.0.1/documents", "config"),
    ],
)
def test_a_database_that_cannot_be_reached_is_told_by_whose_fault_it_is(
    url: str, reason: str
) -> None:
    assert failure(source(url)).reason == reason


def test_a_file_that_is_no_database_is_an_error_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "documents.db").write_bytes(b"<!DOCTYPE html><html></html>" * 50)

    assert failure(source(f"sqlite:///{tmp_path / 'documents.db'}")).reason == "source"


def test_a_file_is_left_as_it_was(file: str) -> None:
    path = Path(file.removeprefix("sqlite:///"))
    path.chmod(0o400)
    before = path.read_bytes(), sorted(path.parent.iterdir())

    pull(source(file))

    assert (path.read_bytes(), sorted(path.parent.iterdir())) == before


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT code FROM planned_table", "planned_table"),
        ("SELECT colour AS code FROM documents", "colour"),
        ("SELECT FROM WHERE", "syntax error"),
    ],
)
def test_a_query_that_the_database_refuses_is_an_error_of_configuration(
    url: str, query: str, words: str
) -> None:
    error = failure(now_of(url, query))

    assert error.reason == "config"
    assert words in str(error)


def test_an_error_in_a_row_tells_nothing_of_what_is_in_it(server: str) -> None:
    query = "SELECT 'a' AS code, ('planted' || unit)::int AS n FROM documents"

    error = failure(now_of(server, query))

    assert (error.reason, "22P02" in str(error)) == ("config", True)


def test_a_column_that_the_query_does_not_give_is_an_error_of_configuration(url: str) -> None:
    error = failure(now_of(url, "SELECT 'a' AS code, 1 AS m"))

    assert error.reason == "config"
    assert "no columns 'n'; it gives code, m" in str(error)


def test_a_column_given_twice_is_an_error_of_configuration(url: str) -> None:
    error = failure(now_of(url, "SELECT 'a' AS code, 1 AS n, 2 AS n"))

    assert (error.reason, "2 columns 'n'" in str(error)) == ("config", True)


def test_no_rows_are_an_answer(url: str) -> None:
    assert pull(source(url), "2019").observations == ()


def test_a_secret_that_is_not_there_is_an_error_of_configuration(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOCUMENTS_PASSWORD")

    assert failure(source(url)).reason == "config"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader@db.example/documents",
        "postgresql://reader:planted@db.example/documents",
        "postgresql://db.example/documents?password=planted",
        "postgresql://db.example",
        "sqlite://",
        "sqlite:///:memory:",
        "nosql://db.example/documents",
        "documents.db",
    ],
)
def test_a_url_that_says_too_much_or_too_little_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        source(url)

    assert caught.value.errors()[0]["loc"] == ("url",)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"window": None}, "the query has :window_end and the source no window"),
        ({"query": "SELECT 1"}, "neither :window_start nor :window_end"),
        ({"query": "SELECT :secret"}, "a query has no :secret"),
        ({"metrics": {}}, "at least 1 item"),
    ],
)
def test_a_query_and_its_window_go_together(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        source("sqlite:///documents.db", **options)


def test_a_cast_and_an_escaped_colon_are_no_parameters(server: str) -> None:
    answer = pull(now_of(server, r"SELECT '12\:30' || 'a%' AS code, '7'::int AS n"))

    assert values(answer) == [("12:30a%", "documents_sent", None, Decimal(7))]


def test_a_source_feeds_its_metrics_for_its_period_and_holds_its_rows_to_what_it_expects() -> None:
    connector = source("sqlite:///documents.db", expect=["documents_signed <= documents_sent"])

    assert connector.feeds() == {("documents_sent", "year"), ("documents_signed", "year")}
    assert connector.expectations() == ("documents_signed <= documents_sent",)
    assert connector.agency_system == "documents"


def test_a_database_within_this_machine_is_asked_only_where_that_is_allowed(server: str) -> None:
    error = failure(source(server, allow=[]))

    assert error.reason == "config"
    assert "127.0.0.1 is a loopback address that `allow` does not name" in str(error)


def test_a_database_must_lie_in_the_allowed_networks(server: str) -> None:
    assert pull(source(server, allow=["127.0.0.0/8"])).received
    error = failure(source(server, allow="10.20.0.0/16"))

    assert (error.reason, "outside the allowed networks" in str(error)) == ("config", True)


@pytest.mark.parametrize(
    ("url", "problems"),
    [
        ("postgresql+psycopg://127.0.0.1/documents", 1),
        ("postgresql+psycopg://localhost/documents", 1),
        ("postgresql+psycopg://10.1.2.3/documents", 0),
        ("postgresql+psycopg://db.example/documents", 0),
        ("postgresql+psycopg:///documents?host=/run/postgresql", 0),
        ("sqlite:///documents.db", 0),
    ],
)
def test_an_address_that_is_never_asked_is_seen_without_asking(url: str, problems: int) -> None:
    doubts = list(source(url, allow=[]).doubts())

    assert [(one.keys, one.lasting) for one in doubts] == [(("url",), True)] * problems


@pytest.mark.parametrize(
    "query",
    [
        *("host=127.0.0.1", "hostaddr=127.0.0.1", "service=inner", "host=/run&host=inner"),
        *("host=/run,127.0.0.1", "odbc_connect=x", "dsn=inner", "read_default_file=/etc/inner"),
    ],
)
def test_no_host_is_hidden_behind_the_path(query: str) -> None:
    with pytest.raises(ValidationError, match="names its host before the path"):
        source(f"postgresql+psycopg://db.example/documents?{query}")
