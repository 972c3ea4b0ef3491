"""How a stored rescoring ended: the same figures as the whole document has."""

from pathlib import Path
from typing import Any

import pytest

from collector.insight.rescore import Task, rescore
from collector.insight.rescored import ended, listed
from collector.settings.load import load_set
from tests.collector.past import brought, everybody, harder, next_day
from tests.makers import NOW_US, Rig, drafted


@pytest.fixture
def told(rig: Rig, tmp_path: Path) -> dict[str, Any]:
    """Two days under a harder set, told by the command."""
    brought(rig, everybody(sent=1000, signed=800, spots=8, officer=1))
    next_day(rig)
    brought(rig, {("so-tttt", "signed"): 1000, ("moc-chau", "officer"): 0})
    draft = drafted("https://register.example")
    harder(draft)
    file = draft.write(tmp_path / "other") / "indicators-2024.yaml"
    spec = load_set(rig.settings.folder, file, environ={})
    return rescore(
        rig.settings, rig.store, Task(spec, "test-2024", 0, 2**62), lambda *_: None, now_us=NOW_US
    )


def test_its_end_has_the_figures_of_the_whole(rig: Rig, told: dict[str, Any]) -> None:
    end = ended(rig.store, told["rescoring"])

    assert end is not None
    for key in ("rescoring", "result", "live", "set"):
        assert end[key] == told[key]
    assert [(one["id"], one["gain"]) for one in end["agencies"]] == [
        (one["id"], one["gain"]) for one in told["agencies"]
    ]
    for mine, whole in zip(end["agencies"], told["agencies"], strict=True):
        for side in ("live", "rescored"):
            assert mine[side] == {key: whole[side][key] for key in mine[side]}
    assert (end["from"], end["until"]) == ("2024-10-16T09:00:00Z", "2024-10-17T09:00:00Z")


def test_a_list_says_how_many_gain_and_who_most(rig: Rig, told: dict[str, Any]) -> None:
    end = ended(rig.store, told["rescoring"])
    assert end is not None

    line = listed(end)

    gains = {one["id"]: one["gain"] for one in told["agencies"]}
    assert line["gain"] == sum(gain > 0 for gain in gains.values())
    assert line["lose"] == sum(gain < 0 for gain in gains.values())
    assert line["gain"] + line["lose"] + line["stay"] == 5
    assert line["gains_most"]["gain"] == max(gains.values()) > 0
    assert line["loses_most"]["gain"] == min(gains.values()) < 0
    assert gains[line["loses_most"]["id"]] == min(gains.values())


def test_there_is_none_of_another_number(rig: Rig, told: dict[str, Any]) -> None:
    assert ended(rig.store, told["rescoring"] + 1) is None
