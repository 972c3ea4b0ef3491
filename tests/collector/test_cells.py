"""Scoreboards as rows: what each says, only where it changed, and who is gone."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collector.cells import changed_cells, merged
from collector.clock import DAY_US, MINUTE_US
from collector.facts import Admitted, Cell, Run, Scoreboard, Series
from collector.outlook import Outlook, outlook
from collector.scoreboard import Known, build, grids, learned
from collector.settings.model import Settings
from tests.makers import NOW_US, drafted

SET = "test-2024"
NOTHING = Known({}, frozenset())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return drafted("https://register.example").settings(tmp_path / "config")


def told(**values: Any) -> Known:
    """What is known of so-tttt: its metrics by name."""
    facts = tuple(
        Admitted(
            Series(metric, "so-tttt", "2024" if metric in {"sent", "signed"} else ""),
            Decimal(str(value)),
            NOW_US,
        )
        for metric, value in values.items()
    )
    known, _ = learned(NOTHING, [(Run("counts", 1, 1, NOW_US, "ok", admitted=facts), 1)])
    return known


def board(view: Outlook, known: Known, number: int = 1) -> Scoreboard:
    at_us = NOW_US + number * MINUTE_US
    return build(grids(view, known), known, number=number, at_us=at_us)


def bodies(settings: Settings, known: Known) -> dict[str, dict[str, Any]]:
    view = outlook(settings, NOW_US)
    cells = changed_cells(settings, view, board(view, known), None, {})
    return {cell.subject: json.loads(cell.body or "null") for cell in cells}


def test_a_first_scoreboard_has_a_cell_a_subject_and_no_blocks(settings: Settings) -> None:
    subjects = [one.split("/") for one in bodies(settings, NOTHING)]

    heads = [head for head, *_ in subjects]
    assert {head: heads.count(head) for head in heads} == {
        "set": 1,
        "province": 1,
        "indicator": 3,
        "agency": 5 + 15,
    }


def test_figures_are_the_shown_ones(settings: Settings) -> None:
    found = bodies(settings, told(sent=3, signed=1, spots=8, officer=1))

    cell = found["agency/so-tttt/signed-ratio"]
    assert (cell["value"], cell["points"], cell["points_max"]) == (0.333333333, 3.33, 10)
    assert (cell["target"], cell["status"]) == (1.0, "ok")
    agency = found["agency/so-tttt"]
    # (10/3 + 4 + 5) of 20 points, on a scale of 100: rounded once, from what is not rounded.
    assert (agency["score"], agency["low"], agency["high"]) == (61.67, 61.67, 61.67)
    assert (agency["rank"], agency["band"], agency["coverage"]) == (1, "yeu", 1.0)
    assert found["block/provincial"]["agencies_scored"] == 1
    assert "block/district" not in found
    indicator = found["indicator/signed-ratio"]
    assert (indicator["value"], indicator["agencies_counted"]) == (0.333333333, 1)


def test_what_does_not_apply_has_no_value_and_no_points(settings: Settings) -> None:
    cell = bodies(settings, told(sent=0, signed=0))["agency/so-tttt/signed-ratio"]

    assert (cell["status"], cell["value"], cell["points_max"]) == ("not_applicable", None, 0)


def test_zero_is_a_value_and_missing_is_none(settings: Settings) -> None:
    found = bodies(settings, told(spots=0))

    zero, none = (found[f"agency/so-tttt/{one}"] for one in ("spots-up", "officer-there"))
    assert (zero["value"], zero["points"], zero["status"]) == (0.0, 0.0, "ok")
    assert (none["value"], none["points"], none["status"]) == (None, 0.0, "missing")
    assert (none["points_low"], none["points_high"]) == (0.0, 5.0)


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (0.9, 0.9),
        ({"default": 0.9, "blocks": {"district": 0.8}}, None),
        ({"default": 0.9, "agencies": {"so-tttt": 0.99}}, None),
        ({"default": 0.9, "blocks": {"provincial": 0.8, "district": 0.8}}, 0.8),
    ],
)
def test_the_province_has_a_target_only_where_all_its_agencies_share_one(
    tmp_path: Path, target: Any, shown: float | None
) -> None:
    draft = drafted("https://register.example")
    indicator = draft.indicators["groups"][0]["indicators"][0]
    indicator["points"]["target"] = target

    found = bodies(draft.settings(tmp_path / "config"), told(sent=3, signed=1))

    assert found["indicator/signed-ratio"]["target"] == shown
    assert found["indicator/officer-there"]["target"] is None


def test_a_duty_of_one_block_is_held_against_the_target_of_that_block(tmp_path: Path) -> None:
    draft = drafted("https://register.example")
    indicator = draft.indicators["groups"][0]["indicators"][0]
    indicator["points"]["target"] = {"default": 0.9, "blocks": {"district": 0.8}}
    indicator["applies_to"] = {"blocks": ["district"]}

    found = bodies(draft.settings(tmp_path / "config"), NOTHING)

    assert found["indicator/signed-ratio"]["target"] == 0.8


def test_only_what_changed_is_a_cell(settings: Settings) -> None:
    view = outlook(settings, NOW_US)
    first, second = told(spots=8, sent=3, signed=1), told(spots=8, sent=3, signed=2)
    stood = merged({}, changed_cells(settings, view, board(view, first), None, {}))

    for before in (None, board(view, first)):
        changed = changed_cells(settings, view, board(view, second, 2), before, stood)
        assert {cell.subject for cell in changed} == {
            "agency/so-tttt/signed-ratio",
            "agency/so-tttt",
            "block/provincial",
            "province",
            "indicator/signed-ratio",
        }


def test_equal_scoreboards_have_no_cell_between_them(settings: Settings) -> None:
    view = outlook(settings, NOW_US)
    known = told(spots=8)
    stood = merged({}, changed_cells(settings, view, board(view, known), None, {}))

    assert changed_cells(settings, view, board(view, known, 2), None, stood) == []
    assert changed_cells(settings, view, board(view, known, 2), board(view, known), stood) == []


def test_a_next_edition_of_a_set_is_told_whole_though_every_figure_stays(
    settings: Settings, tmp_path: Path
) -> None:
    draft = drafted("https://register.example")
    draft.indicators["set"]["digits"] = 1
    draft.indicators["bands"][0]["from"] = 20
    editions = settings, draft.settings(tmp_path / "next")
    views = [outlook(edition, NOW_US) for edition in editions]
    first, second = (board(view, told(spots=8)) for view in views)
    stood = merged({}, changed_cells(settings, views[0], first, None, {}))

    changed = changed_cells(editions[1], views[1], second, first, stood)

    whole = changed_cells(editions[1], views[1], second, None, stood)
    assert changed == whole
    assert {"set", "agency/so-tttt"} < {cell.subject for cell in changed}


def test_who_is_gone_has_a_cell_that_says_so(settings: Settings) -> None:
    view = outlook(settings, NOW_US)
    stood = {(SET, "agency/left"): "{}", ("old-set", "province"): "{}"}

    changed = changed_cells(settings, view, board(view, NOTHING), None, stood)

    gone = [cell for cell in changed if cell.body is None]
    assert gone == [Cell("old-set", "province", None), Cell(SET, "agency/left", None)]
    assert not {(SET, "agency/left"), ("old-set", "province")} & merged(stood, changed).keys()


def test_what_is_stored_of_a_set_is_gone_where_none_is_in_force(tmp_path: Path) -> None:
    """Also after a restart, which knows the stored bodies and no scoreboard before."""
    draft = drafted("https://register.example")
    draft.indicators["set"]["effective"]["until"] = "2024-10-17"
    settings = draft.settings(tmp_path / "config")
    view = outlook(settings, NOW_US)
    stored = merged({}, changed_cells(settings, view, board(view, NOTHING), None, {}))
    over = outlook(settings, NOW_US + 2 * DAY_US)
    empty = board(over, NOTHING, 2)

    cells = changed_cells(settings, over, empty, None, stored)

    assert empty.boards == ()
    assert merged(stored, cells) == {}
