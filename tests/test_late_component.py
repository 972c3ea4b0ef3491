"""The national board: a score rises while its rank falls, since a part arrived late for all.

Of the captures of October 2025 only the last is recorded. The earlier answer is made from it by
taking away, for every province, the six points of MDHL that came in between. Sơn La then stood at
82.28 points, so its other components were higher by 3.98; which of them is not known, and here
it is all MDSH.
"""

import json
import os
import sys
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from collector.clock import DAY_US, SimulatedClock
from collector.insight.changes import changes_document, compare
from collector.logs import logger
from collector.meters import Meters
from collector.run import run_source
from collector.service import build_engine
from collector.settings.load import load
from collector.store.store import Store
from tests.source_server import serving
from tests.test_national_board import (
    COMPONENTS,
    OCTOBER,
    RECORDED,
    RECORDED_US,
    ROOT,
    Rows,
    bytes_of,
    made_up,
    portal_answer,
    set_components,
)

SON_LA = "H52"
MONTH = "national-766-month"
LATE, FALLEN = Decimal(6), Decimal("3.98")


def test_on_the_recorded_october_a_score_rises_and_its_rank_falls(tmp_path: Path) -> None:
    if not RECORDED.exists():
        pytest.skip(f"the recorded answers are not beside this clone ({RECORDED.name})")
    now: Rows = json.loads((RECORDED / OCTOBER).read_bytes())

    document = between(earlier(now), now, tmp_path, "son-la")

    assert [(document[end]["score"], document[end]["rank"]) for end in ("from", "to")] == [
        (82.28, 8),
        (84.3, 24),
    ]
    assert document["rank"] == {"change": 16, "own": -5, "others": 21}
    tells(document)


def test_on_made_up_answers_of_the_same_shape_it_does_too(tmp_path: Path) -> None:
    now = made_up()
    for place, row in enumerate(reversed(now)):
        openness = str(6 + Decimal(place) * 3 / 10)
        set_components(row, openness, "19.5", "6.4", "8", "17.9", "16.87")

    document = between(earlier(now), now, tmp_path, "son-la")

    assert document["from"]["rank"] == ranks_of(earlier(now))[SON_LA]
    assert document["to"]["rank"] == ranks_of(now)[SON_LA]
    tells(document)


def tells(document: dict[str, Any]) -> None:
    """Up by its own, as satisfaction came in; down by the others, to whom it gave more."""
    parts = {one["indicator"]: (one["cause"], one["points"]) for one in document["parts"]}
    rank = document["rank"]
    assert parts == {
        "satisfaction": ("new_data", 6.0),
        "digitised-dossiers": ("new_data", -3.98),
    }
    assert document["change"] == 2.02
    assert rank["own"] < 0 < rank["change"] < rank["others"]
    assert rank["own"] + rank["others"] == rank["change"]


def earlier(rows: Rows) -> Rows:
    """The answer before the late part came in."""
    found = [dict(row) for row in rows]
    for row in found:
        figures = {name: Decimal(row[name]) for name in COMPONENTS}
        figures["MDHL"] -= LATE
        if code_of(row) == SON_LA:
            figures["MDSH"] += FALLEN
        set_components(row, *(str(figures[name]) for name in COMPONENTS))
    return found


def between(before: Rows, now: Rows, folder: Path, agency: str) -> dict[str, Any]:
    """What `chiso changes` tells of the two scoreboards after these answers, a day apart."""
    answers = [bytes_of(rows) for rows in (now, before)]
    with serving() as portal, closing(Store.open(f"sqlite:///{folder}/national.db")) as store:
        portal.answer = lambda asked: portal_answer(asked, answers[-1], answers[-1])
        settings = load(
            ROOT / "config/national-766", environ=os.environ | {"PORTAL_URL": portal.url}
        )
        clock = SimulatedClock(RECORDED_US - DAY_US)
        meters = Meters(CollectorRegistry(), settings.sources)
        log = logger(sys.stderr, "json")
        engine = build_engine(settings, store, clock, log, threading.Event(), meters)
        source = settings.sources["portal-month"]
        first = run_source(source, clock.now_us(), desk=engine.desk).result()
        answers.pop()
        clock.move_to(RECORDED_US)
        second = run_source(source, clock.now_us(), desk=engine.desk).result()
        engine.close()
        assert (first.run.outcome, second.run.outcome) == ("ok", "ok")
        comparison = compare(settings, store, MONTH, store.head() - 1, store.head())
        return changes_document(comparison, agency)


def code_of(row: dict[str, str]) -> str:
    return row["MA_COQUAN"].removeprefix("000.00.00.")


def ranks_of(rows: Rows) -> dict[str, int]:
    totals = {code_of(row): Decimal(row["TONG_SCORE"]) for row in rows}
    return {code: 1 + sum(one > mine for one in totals.values()) for code, mine in totals.items()}
