"""The Grafana dashboards: current, sound, and answered by a real Prometheus."""

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from collector.sources import STATES
from deploy.grafana import province, sources
from deploy.grafana.dashboards import generated
from scoring.model import STATUSES
from tests.deploy.made_up import made_up_page, series_names
from tests.deploy.panels import (
    Document,
    assert_every_panel_answers,
    dashboards,
    document_of,
    expressions,
)
from tests.prometheus import DEPLOY, running_prometheus

FILES = pytest.mark.parametrize("file", dashboards(), ids=lambda file: str(file.stem))


def test_the_committed_files_are_what_their_code_gives() -> None:
    texts = generated()

    assert set(texts) == set(dashboards())
    assert {file: file.read_text(encoding="utf-8") for file in texts} == texts


def test_the_command_says_that_files_are_current() -> None:
    command = [sys.executable, "-m", "deploy.grafana.dashboards", "--check"]

    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=DEPLOY.parent)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@FILES
def test_panels_lie_inside_the_grid_and_cover_no_other(file: Path) -> None:
    places = [panel["gridPos"] for panel in document_of(file)["panels"]]

    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert not [pair for pair in combinations(places, 2) if _overlap(*pair)]
    assert sum(place["w"] * place["h"] for place in places) == 24 * _height(places), "a hole"


@FILES
def test_ids_and_references_are_unique_and_stable(file: Path) -> None:
    document = document_of(file)
    panels = document["panels"]

    assert document["id"] is None
    assert document["uid"] == f"chiso-{file.stem}"
    assert [panel["id"] for panel in panels] == list(range(1, len(panels) + 1))
    for panel in panels:
        references = [target["refId"] for target in panel["targets"]]
        assert references == list("ABCDEFGH"[: len(references)])


@FILES
def test_every_panel_asks_the_chosen_prometheus_and_has_title_help_and_unit(file: Path) -> None:
    document = document_of(file)
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    kinds = {one["name"]: one["type"] for one in document["templating"]["list"]}

    assert kinds["datasource"] == "datasource"
    for panel in document["panels"]:
        asked = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(each == chosen for each in asked)
        assert panel["title"]
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]


@FILES
def test_every_name_in_a_query_is_one_that_chiso_exposes(file: Path) -> None:
    asked = {name for text in expressions(file) for name in re.findall(r"\bdti_\w+", text)}

    assert asked
    assert asked <= series_names()


def test_every_state_and_every_status_has_its_word() -> None:
    assert tuple(sources.NAMED) == STATES
    assert set(province.NAMED) == set(STATUSES)


def test_every_panel_is_answered_by_a_prometheus_that_scrapes_all_families(tmp_path: Path) -> None:
    with made_up_page() as service, running_prometheus(service, tmp_path) as prometheus:
        assert_every_panel_answers(prometheus)


def _overlap(one: Document, other: Document) -> bool:
    beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
    above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
    return not beside and not above


def _height(places: list[Document]) -> int:
    return int(max(place["y"] + place["h"] for place in places))
