import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from collector.store.store import Store
from tests.commands.calling import called, chiso
from tests.makers import AGENCIES, Counts, drafted, row
from tests.source_server import LOGIN_PAGE, Served, SourceServer, serving


def test_a_dry_run_shows_all_but_secrets_and_stores_nothing(
    config: Path, store: str, source_server: SourceServer, tmp_path: Path
) -> None:
    said = chiso(
        *("pull", "counts", "--dry-run", "--json", "--config", config, "--store", store),
        PLANTED_KEY="planted-secret",
    )

    document = said.json()
    assert said.code == 0
    assert list(document) == [
        *("source", "outcome", "error", "observations", "refused", "requests", "restated"),
        *("received", "missing"),
    ]
    assert (document["received"], document["missing"]) == (10, [])
    assert (document["source"], document["outcome"], document["error"]) == ("counts", "ok", None)
    assert len(document["observations"]) == 20
    assert set(document["observations"][0]) == {"metric", "agency", "period", "data_at", "value"}
    assert set(document["requests"][0]) == {
        *("method", "url", "status", "bytes", "rows", "seconds"),
    }
    assert source_server.asked[-1].query["key"] == "planted-secret"
    assert "planted-secret" not in said.out + said.err
    assert not (tmp_path / "chiso.db").exists()


def test_a_dry_run_says_of_whom_nothing_was_said(store: str, tmp_path: Path) -> None:
    with serving() as server:
        counts = Counts()
        server.answer = counts
        for agency in AGENCIES[1:4]:
            counts.say(agency, sent=None)
        counts.say(AGENCIES[4], signed=None)
        where = ("--config", drafted(server.url).write(tmp_path / "c"), "--store", store)

        told = called("pull", "counts", "--dry-run", "--json", *where).json()
        shown = called("pull", "counts", "--dry-run", *where)

    gone = sorted(AGENCIES[1:4])
    assert told["missing"] == [
        {"metric": "sent", "agencies": gone},
        {"metric": "signed", "agencies": [AGENCIES[4]]},
    ]
    assert "  10 rows received" in shown.out.splitlines()
    such = f"  sent: nothing said of 3 agencies, such as {gone[0]}, {gone[1]}"
    assert such in shown.out.splitlines()
    assert f"  signed: nothing said of {AGENCIES[4]}" in shown.out.splitlines()


def test_a_dry_run_without_an_answer_says_so(store: str, tmp_path: Path) -> None:
    with serving() as server:
        config = drafted(server.url).write(tmp_path / "c")
    where = ("--config", config, "--store", store)

    shown = called("pull", "counts", "--dry-run", *where)
    told = called("pull", "counts", "--dry-run", "--json", *where).json()

    assert "→ no answer in" in shown.out
    assert "received" not in shown.out
    assert told["missing"] == []


def test_several_rows_of_one_agency_end_in_one_hint(store: str, tmp_path: Path) -> None:
    with serving() as server:
        counts = Counts()
        counts.totals += counts.totals[:2]
        server.answer = counts
        where = ("--config", drafted(server.url).write(tmp_path / "c"), "--store", store)

        shown = called("pull", "counts", "--dry-run", *where)

    hint = "  several rows of one agency: say aggregate: sum, count or last"
    assert shown.out.splitlines().count(hint) == 1
    assert "refused requests[0] row 6 sent: duplicate" in shown.out


def test_without_a_service_it_pulls_into_the_store_itself(
    config: Path, store: str, tmp_path: Path
) -> None:
    said = called("pull", "counts", "--config", config, PLANTED_KEY="k", CHISO_STORE=store)

    assert said.code == 0
    assert said.out.startswith("counts: ok")
    assert "20 observations" in said.out
    with closing(Store.open(store, read_only=True)) as opened:
        assert len(opened.readings()) == 20


def test_what_cannot_be_done_has_its_exit_code_and_one_clear_line(
    config: Path, store: str, tmp_path: Path
) -> None:
    held = f"sqlite:///{tmp_path / 'held.db'}"
    with serving() as login, closing(Store.open(held)) as holder:
        login.answer = lambda _: LOGIN_PAGE
        failing = drafted(login.url).write(tmp_path / "failing")
        holder.lock_instance()

        unknown = called("pull", "count", "--config", config, "--store", store)
        locked = called("pull", "counts", "--config", config, "--store", held)
        keyless = called("pull", "counts", "--dry-run", "--json", "--config", config)
        failed = called("pull", "counts", "--config", failing, "--store", store)

    assert unknown.code == 2
    assert unknown.lines() == ["chiso: count: no such source, did you mean counts?"]
    assert locked.code == 75
    assert len(locked.lines()) == 1
    assert "another instance holds it" in locked.err
    assert keyless.code == 1
    assert keyless.json()["error"]["reason"] == "config"
    assert "PLANTED_KEY" in keyless.json()["error"]["message"]
    assert failed.code == 1
    assert "content" in failed.out
    with closing(Store.open(store, read_only=True)) as opened:
        assert [run.outcome for run in opened.runs()] == ["failed"]


def test_the_past_is_filled_by_the_store_itself_and_told_period_by_period(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    draft = drafted(source_server.url)
    draft.sources["counts"]["requests"][0]["window"] = {"period": "month"}
    folder = draft.write(tmp_path / "monthly")
    where = ("--config", folder, "--store", store)

    said = chiso("pull", "counts", "--from", "2024-01-15", "--to", "2024-03-01", "--json", *where)
    table = called("pull", "counts", "--from", "2024-03-01", "--to", "2024-03-01", *where)

    document = said.json()
    assert said.code == 0, said.err
    assert document["periods"] == ["2024-01", "2024-02", "2024-03"]
    assert [(one["period"], one["outcome"]) for one in document["runs"]] == [
        (period, "ok") for period in document["periods"]
    ]
    assert [line.split()[:4] for line in table.out.splitlines()] == [
        ["period", "outcome", "observations", "refused"],
        ["2024-03", "ok", "10", "0"],
    ]
    with closing(Store.open(store, read_only=True)) as opened:
        assert {one.period for one in opened.readings()} == set(document["periods"])
        assert opened.last_due("counts") is None


def test_filling_stops_where_the_source_refuses_us(store: str, tmp_path: Path) -> None:
    with serving() as refusing:
        refusing.answer = lambda _: Served(status=401)
        folder = drafted(refusing.url).write(tmp_path / "refused")

        said = called(
            *("pull", "counts", "--from", "2020-01-01", "--to", "2023-12-31"),
            *("--config", folder, "--store", store),
        )

        asked = len(refusing.asked)

    assert (said.code, asked) == (1, 1)
    last = said.lines()[-1]
    assert last == "chiso: counts gives no answer: 2021 and later were not asked for"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--to", "2024-01-01"), "--to needs --from: the first day to fill"),
        (("--from", "2024"), "--from: '2024' is no day such as 2024-12-31"),
        (("--from", "2024-02-01", "--to", "2024-01-01"), "2024-01-01 is before 2024-02-01"),
        (
            ("--dry-run", "--from", "2024-01-01"),
            "--dry-run shows what the source says now, not its past",
        ),
        (("--from-file", "x.json"), "--from-file needs --dry-run: a saved answer is no news"),
        (
            ("--dry-run", "--from-file", "no-such.json"),
            "cannot read no-such.json: No such file or directory",
        ),
    ],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], problem: str, config: Path, store: str
) -> None:
    said = called("pull", "counts", *options, "--config", config, "--store", store)

    assert (said.code, said.lines()) == (2, [f"chiso: {problem}"])


def test_a_kept_answer_is_mapped_without_the_source(
    config: Path, store: str, tmp_path: Path
) -> None:
    where, kept = ("--config", config, "--store", store), tmp_path / "kept"
    live = called("pull", "counts", "--dry-run", "--json", *where, PLANTED_KEY="planted-secret")
    recorded = called("source", "record", "counts", kept, *where, PLANTED_KEY="planted-secret")
    again = called("source", "record", "counts", kept, *where, PLANTED_KEY="planted-secret")

    mapped = called("pull", "counts", "--dry-run", "--json", "--from-file", kept, *where)

    assert (recorded.code, recorded.out.splitlines()[0]) == (0, "counts: ok")
    assert sorted(file.name for file in kept.iterdir()) == ["001.json", "002.json", "answers.json"]
    assert "planted-secret" not in "".join(file.read_text() for file in kept.iterdir())
    assert (again.code, again.lines()) == (
        2,
        [f"chiso: {kept} holds answers already: take a new folder"],
    )
    assert mapped.code == 0, mapped.out
    values = [
        [(one["metric"], one["agency"], one["value"]) for one in said.json()["observations"]]
        for said in (live, mapped)
    ]
    assert values[0] == values[1]
    assert len(values[0]) == 20
    assert not (tmp_path / "chiso.db").exists()


def test_a_source_without_answers_over_http_has_none_to_keep(store: str, tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "config/sonla"

    kept = called("source", "record", "reports", tmp_path / "kept", "--config", shipped)
    mapped = called("pull", "reports", "--dry-run", "--from-file", "x", "--config", shipped)

    problem = "reports is not asked over HTTP (sheet): it has no answers to keep or to give back"
    for said in (kept, mapped):
        assert (said.code, said.lines()) == (2, [f"chiso: {problem}"])


def test_a_total_that_fell_a_little_is_told_as_restated(store: str, tmp_path: Path) -> None:
    with serving() as server:
        counts = Counts()
        server.answer = counts
        where = ("--config", drafted(server.url).write(tmp_path / "c"), "--store", store)
        called("pull", "counts", *where)
        counts.say("moc-chau", sent=990)

        shown = called("pull", "counts", "--dry-run", *where)
        told = called("pull", "counts", "--dry-run", "--json", *where)

    (restated,) = told.json()["restated"]
    assert (restated["metric"], restated["agency"]) == ("sent", "moc-chau")
    assert (restated["from"], restated["to"]) == (1000, 990)
    assert "restated sent of moc-chau" in shown.out
    assert "1000 → 990" in shown.out


def test_a_long_address_and_a_large_count_are_shown_whole(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    draft = drafted(source_server.url)
    draft.sources["counts"]["requests"][0]["query"]["note"] = "x" * 200
    draft.metrics["metrics"]["sent"]["range"] = [0, 50_000_000]
    counts = Counts()
    counts.say(AGENCIES[0], sent=12_345_678)
    source_server.answer = counts
    folder = draft.write(tmp_path / "config")

    said = called("pull", "counts", "--config", folder, "--store", store, PLANTED_KEY="k")

    assert any("x" * 200 in line and "→ 200" in line for line in said.out.splitlines())
    assert "12345678" in said.out


def test_a_dry_run_of_a_database_shows_what_is_asked_of_whom(store: str, tmp_path: Path) -> None:
    """No requests over HTTP tell it."""
    draft = drafted("https://register.example")
    common = {key: draft.sources["counts"][key] for key in ("name", "schedule", "freshness")}
    draft.sources["database"] = {
        **common,
        "owner": "Văn phòng",
        "connector": "sql",
        "url": f"sqlite:///{tmp_path / 'documents.db'}",
        "query": "SELECT unit AS code,\n  count(*) AS n FROM signed GROUP BY unit",
        "agency": {"column": "code", "system": "register"},
        "metrics": {"spots": {"column": "n"}},
        "priority": 2,
    }
    with closing(create_engine(f"sqlite:///{tmp_path / 'documents.db'}").raw_connection()) as base:
        base.cursor().execute("CREATE TABLE signed (unit TEXT)")
        base.cursor().execute("INSERT INTO signed VALUES ('H0')")
        base.commit()
    where = ("--config", draft.write(tmp_path / "c"), "--store", store)

    shown = called("pull", "database", "--dry-run", *where)
    told = called("pull", "database", "--dry-run", "--json", *where).json()

    query = "SELECT unit AS code, count(*) AS n FROM signed GROUP BY unit"
    assert told["asks"] == [f"QUERY sqlite:///{tmp_path / 'documents.db'}: {query}"]
    assert told["asks"][0] in shown.out
    assert [one["value"] for one in told["observations"]] == [1]
    (asked,) = told["requests"]
    assert (asked["method"], asked["rows"]) == ("QUERY", 1)
    assert f"  QUERY {asked['url']} → 1 row in " in shown.out


def test_a_record_that_fails_says_why(store: str, tmp_path: Path) -> None:
    with serving() as server:
        server.says(LOGIN_PAGE)
        where = ("--config", drafted(server.url).write(tmp_path / "c"), "--store", store)

        said = called("source", "record", "counts", tmp_path / "kept", *where)

    assert said.code == 1
    assert said.out.splitlines()[0] == "counts: failed"
    assert "  content: " in said.out
    assert "perhaps a login page" in said.out


@pytest.mark.parametrize(
    ("body", "of"),
    [
        ({"next": "https://register.example/now?page=2", "count": 5}, ", 1 of more pages"),
        ({"next": None, "count": 2}, ""),
    ],
)
def test_one_saved_page_of_an_answer_that_goes_on_is_mapped(
    store: str, tmp_path: Path, body: dict[str, Any], of: str
) -> None:
    draft = drafted("https://register.example")
    request = draft.sources["counts"]["requests"].pop()
    pages = {"type": "next_link", "next": "next", "total": "count"}
    draft.sources["counts"]["requests"] = [{**request, "pages": pages}]
    rows = [row(agency, spots=3, officer="Cấp phó") for agency in AGENCIES[:2]]
    saved = tmp_path / "page.json"
    saved.write_text(json.dumps({**body, "rows": rows}), encoding="utf-8")
    where = ("--config", draft.write(tmp_path / "c"), "--store", store)

    shown = called("pull", "counts", "--dry-run", "--from-file", saved, *where)

    assert shown.out.startswith("counts: ok"), shown.out
    assert f"  2 rows received{of}" in shown.out.splitlines()
