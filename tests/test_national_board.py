"""The national index of Decision 766: chiso's board is the portal's own, from its own answers."""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from collector.clock import SimulatedClock
from collector.documents import scoreboard_document
from collector.logs import logger
from collector.meters import Meters
from collector.schedule import run_owed
from collector.service import build_engine
from collector.settings.load import load
from collector.store.store import Store
from tests.source_server import Asked, Served, SourceServer

ROOT = Path(__file__).parents[1]
RECORDED = ROOT.parent / "shared/data/portal-766"
YEAR, OCTOBER = "2025-10-16T045257Z-year.json", "2025-10-16T045257Z-october.json"
# The moment of the recording, 04:52:57 UTC on 16 October 2025.
RECORDED_US = 1_760_590_377_000_000
COMPONENTS = ("CKMB", "TDGQ", "CLGQ", "TTTT", "MDHL", "MDSH")

Rows = list[dict[str, str]]
Boards = dict[str, dict[str, Any]]


@pytest.fixture
def recorded() -> tuple[bytes, bytes]:
    if not RECORDED.exists():
        pytest.skip(f"the recorded answers are not beside this clone ({RECORDED.name})")
    return (RECORDED / YEAR).read_bytes(), (RECORDED / OCTOBER).read_bytes()


def test_recorded_answers_give_the_portals_scores_and_ranks(
    recorded: tuple[bytes, bytes], tmp_path: Path
) -> None:
    boards = boards_of(*recorded, tmp_path)

    for board, answer in ((boards["year"], recorded[0]), (boards["month"], recorded[1])):
        rows = {row["MA_COQUAN"]: row for row in json.loads(answer)}
        assert len(board["agencies"]) == len(rows) == 34
        ranks = {one["id"]: one["rank"] for one in board["agencies"]}
        for code, agency in agency_of_code().items():
            row = rows.get(code) or rows[f"000.00.00.{code}"]
            assert score_of(board, agency) == Decimal(row["TONG_SCORE"])
            assert ranks[agency] == int(row["ROW_STT"])


def test_son_la_stands_where_the_portal_had_it(
    recorded: tuple[bytes, bytes], tmp_path: Path
) -> None:
    boards = boards_of(*recorded, tmp_path)

    year, october = (entry_of(boards[kind], "son-la") for kind in ("year", "month"))
    assert (year["score"], year["rank"]) == (87.05, 13)
    assert (october["score"], october["rank"]) == (84.3, 24)


def test_made_up_answers_of_the_same_shape_give_their_totals_and_ranks(tmp_path: Path) -> None:
    rows = made_up()

    board = boards_of(bytes_of(rows), bytes_of(rows), tmp_path)["year"]

    totals = [Decimal(row["TONG_SCORE"]) for row in rows]
    for row, (code, agency) in zip(rows, sorted(agency_of_code().items()), strict=True):
        assert row["MA_COQUAN"].endswith(code)
        total = Decimal(row["TONG_SCORE"])
        assert score_of(board, agency) == total
        assert entry_of(board, agency)["rank"] == 1 + sum(one > total for one in totals)


def test_provinces_of_equal_score_share_a_rank_though_their_components_differ(
    tmp_path: Path,
) -> None:
    rows = made_up()
    set_components(rows[3], "15.11", "19.01", "8.2", "9.03", "17.7", "20.05")
    set_components(rows[7], "15.12", "19", "8.2", "9.03", "17.7", "20.05")

    board = boards_of(bytes_of(rows), bytes_of(rows), tmp_path)["month"]

    agencies = [agency for _, agency in sorted(agency_of_code().items())]
    first, second = (entry_of(board, agencies[index]) for index in (3, 7))
    assert first["score"] == second["score"] == 89.1
    assert first["rank"] == second["rank"]


def test_a_row_whose_components_do_not_add_up_is_refused_and_the_others_stand(
    tmp_path: Path,
) -> None:
    rows = made_up()
    rows[0]["TONG_SCORE"] = "99.99"

    with pulled(bytes_of(rows), bytes_of(rows), tmp_path) as (store, board_of):
        board = board_of("year")
        last = store.last_runs()["portal-year"]
        refusals = store.refusals(last.id)

    agencies = [agency for _, agency in sorted(agency_of_code().items())]
    assert last.outcome == "ok"
    assert {one.reason for one in refusals} == {"expect"}
    assert entry_of(board, agencies[0])["score"] is None
    assert entry_of(board, agencies[1])["score"] is not None


def boards_of(year: bytes, month: bytes, folder: Path) -> Boards:
    with pulled(year, month, folder) as (_, board_of):
        return {kind: board_of(kind) for kind in ("year", "month")}


@contextmanager
def pulled(
    year: bytes, month: bytes, folder: Path
) -> Iterator[tuple[Store, Callable[[str], dict[str, Any]]]]:
    """The shipped configuration, pulled once from a portal that serves these bytes."""
    portal = SourceServer()
    portal.answer = lambda asked: portal_answer(asked, year, month)
    environment = os.environ | {"PORTAL_URL": portal.url}
    settings = load(ROOT / "config/national-766", environ=environment)
    store = Store.open(f"sqlite:///{folder}/national.db")
    clock, stop = SimulatedClock(RECORDED_US), threading.Event()
    meters = Meters(CollectorRegistry(), settings.sources)
    engine = build_engine(settings, store, clock, logger(sys.stderr, "json"), stop, meters)
    try:
        for source in settings.sources.values():
            run_owed(source, engine.agenda, engine.desk)
        edition = engine.desk.publisher.published.edition()
        yield store, lambda kind: scoreboard_document(edition, f"national-766-{kind}")
    finally:
        engine.close()
        store.close()
        portal.close()


def portal_answer(asked: Asked, year: bytes, month: bytes) -> Served:
    params = json.loads(asked.form["params"])
    assert params["p_tinh_id"] == "0"
    return Served(month if params["p_thang"] else year)


def agency_of_code() -> dict[str, str]:
    settings = load(ROOT / "config/national-766", environ=os.environ)
    return {code.code: agency.id for agency in settings.agencies.values() for code in agency.codes}


def made_up() -> Rows:
    """Invented rows, one a province, with codes in both forms and distinct totals."""
    rows = []
    for index, code in enumerate(sorted(agency_of_code())):
        row = {"TEN": f"Tỉnh {index}", "MA_COQUAN": code if index else f"000.00.00.{code}"}
        step = Decimal(index) / 100
        figures = ("14.5", "17.25", "7.4", "8.8", "16.66", "18.3")
        set_components(row, *(str(Decimal(figure) + step) for figure in figures))
        rows.append(row)
    return rows


def set_components(row: dict[str, str], *figures: str) -> None:
    row.update(zip(COMPONENTS, figures, strict=True))
    row["TONG_SCORE"] = str(sum(Decimal(figure) for figure in figures))


def bytes_of(rows: Rows) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


def entry_of(board: dict[str, Any], agency: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(one for one in board["agencies"] if one["id"] == agency)
    return entry


def score_of(board: dict[str, Any], agency: str) -> Decimal:
    return Decimal(str(entry_of(board, agency)["score"]))
