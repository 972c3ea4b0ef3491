"""A day on which the national portal lowered a province's year: told, used, and no fault."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from collector.clock import DAY_US, SimulatedClock
from collector.documents import run_document
from collector.run import Ended, run_source
from collector.settings.load import load
from collector.sources import source_views
from tests.makers import rigged
from tests.source_server import SourceServer, serving
from tests.test_national_board import RECORDED, RECORDED_US, ROOT, YEAR, portal_answer

SON_LA = "000.00.00.H52"
# What the portal said of the province's year the day before: two components were higher.
THE_DAY_BEFORE = {"CKMB": "15.30", "CLGQ": "7.89"}


@pytest.fixture
def today() -> bytes:
    if not RECORDED.exists():
        pytest.skip(f"the recorded answers are not beside this clone ({RECORDED.name})")
    return (RECORDED / YEAR).read_bytes()


def before(today: bytes) -> bytes:
    rows: list[dict[str, Any]] = json.loads(today)
    (row,) = (row for row in rows if row["MA_COQUAN"] in {SON_LA, "H52"})
    parts = [name for name in row if name in {"TDGQ", "TTTT", "MDHL", "MDSH"}]
    row.update(THE_DAY_BEFORE)
    hundredths = sum(round(float(row[name]) * 100) for name in [*parts, *THE_DAY_BEFORE])
    row["TONG_SCORE"] = f"{hundredths / 100:.2f}"
    return json.dumps(rows, ensure_ascii=False).encode()


def test_totals_that_the_portal_lowered_are_restated_and_nobody_is_called(
    today: bytes, tmp_path: Path
) -> None:
    with serving() as portal:
        environ = {**os.environ, "PORTAL_URL": portal.url}
        settings = load(ROOT / "config/national-766", environ=environ)
        clock = SimulatedClock(RECORDED_US - DAY_US)
        with rigged(settings, f"sqlite:///{tmp_path}/national.db", clock=clock) as rig:

            def pulled(answer: bytes) -> Ended:
                say(portal, answer)
                source = settings.sources["portal-year"]
                return run_source(source, clock.now_us(), desk=rig.engine.desk).result()

            pulled(before(today))
            clock.move_to(RECORDED_US)
            document = run_document(pulled(today).run)
            views = source_views(settings, rig.published, {}, clock.now_us())

    lowered = {(one["metric"], one["agency"]): one for one in document["restated"]}
    assert document["outcome"] == "ok"
    assert lowered.keys() == {(metric, "son-la") for metric in ("ckmb", "clgq", "tong_score")}
    ckmb = lowered["ckmb", "son-la"]
    assert (ckmb["from"], ckmb["to"]) == (15.3, 14.96)
    assert {view.state for view in views if view.source.id == "portal-year"} == {"fresh"}


def say(portal: SourceServer, answer: bytes) -> None:
    portal.answer = lambda asked: portal_answer(asked, answer, answer)
