"""Why a rescoring moves scores: the sets' differences, and the indicators that make them tell."""

import json
from pathlib import Path
from typing import Any

import pytest

from collector.insight.rescore import Task, rescore, rescoring_document
from collector.insight.why import differences
from collector.settings.load import load_set
from tests.collector.past import brought, everybody, harder
from tests.makers import NOW_US, Rig, drafted


def rescored(rig: Rig, tmp_path: Path) -> dict[str, Any]:
    """One agency signs all, the others four fifths of it; then signing counts double."""
    brought(rig, everybody(sent=1000, signed=800, spots=8, officer=1))
    brought(rig, {("so-tttt", "signed"): 1000})
    draft = drafted("https://register.example")
    harder(draft)
    file = draft.write(tmp_path / "other") / "indicators-2024.yaml"
    spec = load_set(rig.settings.folder, file, environ={})
    return rescore(
        rig.settings, rig.store, Task(spec, "test-2024", 0, 2**62), lambda *_: None, now_us=NOW_US
    )


def test_what_the_sets_say_otherwise_is_told_by_indicator(rig: Rig, tmp_path: Path) -> None:
    told = rescored(rig, tmp_path)["why"]["differences"]

    assert told == [
        {"indicator": "signed-ratio", "key": "points.max", "live": "10", "rescored": "20"},
        {"indicator": "officer-there", "key": None, "live": "5", "rescored": None},
    ]


def test_an_indicator_says_by_how_much_it_moves_points_and_for_how_many(
    rig: Rig, tmp_path: Path
) -> None:
    told = rescored(rig, tmp_path)["why"]["indicators"]

    signed, officer = told
    assert (signed["id"], signed["gain"], signed["lose"]) == ("signed-ratio", 5, 0)
    assert signed["mean_change"] == pytest.approx((10 + 4 * 8) / 5)
    assert (officer["id"], officer["gain"], officer["lose"]) == ("officer-there", 0, 5)
    assert officer["mean_change"] == -5.0


def test_an_agency_says_what_moves_it_most(rig: Rig, tmp_path: Path) -> None:
    agencies = {one["id"]: one["most"] for one in rescored(rig, tmp_path)["agencies"]}

    assert (agencies["so-tttt"]["id"], agencies["so-tttt"]["change"]) == ("signed-ratio", 10.0)
    assert (agencies["phu-yen"]["id"], agencies["phu-yen"]["change"]) == ("signed-ratio", 8.0)


def test_what_is_stored_says_why_as_the_command_did(rig: Rig, tmp_path: Path) -> None:
    told = rescored(rig, tmp_path)

    again = rescoring_document(rig.store, told["rescoring"], rig.settings.zone)

    assert again is not None
    assert again["why"] == told["why"]
    assert [one["most"] for one in again["agencies"]] == [one["most"] for one in told["agencies"]]


def test_by_its_own_set_nothing_differs_and_nobody_moves(rig: Rig) -> None:
    brought(rig, everybody(sent=1000, signed=800, spots=8, officer=1))
    task = Task(rig.settings.sets[0], "test-2024", 0, 2**62)

    told = rescore(rig.settings, rig.store, task, lambda *_: None, now_us=NOW_US)

    assert told["why"] == {"differences": [], "indicators": []}
    assert {one["most"] for one in told["agencies"]} == {None}


def _definition(scale: str, *indicators: dict[str, Any]) -> str:
    inside = [[["groups", 0, "indicators", n], one] for n, one in enumerate(indicators)]
    head = [["set"], {"id": "x", "scale": scale, "name": {"vi": scale, "en": scale}}]
    return json.dumps([head, [["bands", 0], {"id": "tot", "from": scale}], *inside])


def test_scale_bands_formulas_targets_and_new_indicators_are_told_and_names_are_not() -> None:
    def one(name: str, value: str, target: str) -> dict[str, Any]:
        points = {"max": "4", "target": {"default": target, "blocks": {"district": "0.5"}}}
        return {"id": name, "name": {"en": value}, "value": value, "points": points}

    told = differences(
        _definition("100", one("a", "x / y", "1")),
        _definition("90", one("a", "x / z", "0.9"), one("b", "x", "1")),
    )

    assert [tuple(each.values()) for each in told] == [
        (None, "scale", "100", "90"),
        (None, "bands.tot.from", "100", "90"),
        ("a", "value", "x / y", "x / z"),
        ("a", "points.target", "1", "0.9"),
        ("b", None, None, "4"),
    ]


def test_a_definition_that_is_not_stored_leaves_the_differences_out() -> None:
    assert differences(None, "[]") == []
