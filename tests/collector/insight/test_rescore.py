"""History under another set: beside the live one, once, and the same each time."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.clock import DAY_US, HOUR_US
from collector.insight.rescore import NothingToScoreError, Task, rescore, rescoring_document
from collector.insight.rescored import ended
from collector.periods import iso
from collector.settings.load import load, load_set
from collector.settings.model import SetSpec
from collector.store.rescored import Rescoring
from tests.collector.past import brought, everybody, harder, next_day, next_hour
from tests.makers import NOW_US, Draft, Rig, drafted, rigged

ALWAYS = (0, 2**62)
START = everybody(sent=1000, signed=800, spots=8, officer=1)


@pytest.fixture
def past(rig: Rig) -> Rig:
    """A few days in which somebody signs more, something is refused, and something grows old."""
    brought(rig, START)
    next_hour(rig)
    brought(rig, {("so-tttt", "signed"): 1000, ("so-gtvt", "officer"): 0})
    for _ in range(3):
        next_day(rig)
        rig.publish()
    brought(rig, {("so-gtvt", "signed"): 100, ("thanh-tra", "spots"): None})
    return rig


def another(rig: Rig, tmp_path: Path, *changes: Callable[[Draft], object]) -> SetSpec:
    """The set of a file beside the configuration's, changed."""
    draft = drafted("https://register.example")
    for change in changes:
        change(draft)
    file = draft.write(tmp_path / "other") / "indicators-2024.yaml"
    return load_set(rig.settings.folder, file, environ={})


def scored_by(rig: Rig, spec: SetSpec, span: tuple[int, int] = ALWAYS) -> dict[str, Any]:
    return rescore(
        rig.settings, rig.store, Task(spec, "test-2024", *span), lambda *_: None, now_us=NOW_US
    )


def stored(rig: Rig, document: dict[str, Any]) -> tuple[Any, ...]:
    return rig.store.rescored_cells(document["rescoring"])


def agency(document: dict[str, Any], wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["agencies"] if one["id"] == wanted)
    return found


def test_under_the_set_that_was_in_force_every_cell_is_the_stored_one(past: Rig) -> None:
    document = scored_by(past, past.settings.sets[0])

    assert stored(past, document) == past.store.cells_between("test-2024", 1, past.store.head())
    assert {one["gain"] for one in document["agencies"]} == {0.0}
    assert {one["mean_gain"] for one in document["agencies"]} == {0.0}


def test_from_one_set_to_another_and_back_is_where_it_began(past: Rig, tmp_path: Path) -> None:
    first, other = past.settings.sets[0], another(past, tmp_path, harder)

    documents = [scored_by(past, spec) for spec in (first, other, first, other)]

    assert documents[0] == documents[2]
    assert documents[1] == documents[3]
    assert stored(past, documents[0]) != stored(past, documents[1])
    assert len(past.store.rescorings()) == 2


def test_nothing_live_changes(past: Rig, tmp_path: Path) -> None:
    def live() -> tuple[Any, ...]:
        store = past.store
        return store.head(), store.cells(), store.readings(), store.runs(limit=99), store.held()

    before = live()

    scored_by(past, another(past, tmp_path, harder))

    assert live() == before
    assert past.publish().board.number == before[0] + 1


def test_who_gains_and_who_loses_is_told_with_ranks_and_means(past: Rig, tmp_path: Path) -> None:
    document = scored_by(past, another(past, tmp_path, harder))

    tttt = agency(document, "so-tttt")
    assert tttt["live"]["score"] == 95.0
    assert tttt["rescored"]["score"] == 96.0
    assert tttt["gain"] == 1.0
    assert [one["gain"] for one in document["agencies"]] == sorted(
        (one["gain"] for one in document["agencies"]), reverse=True
    )
    assert agency(document, "so-gtvt")["live"]["rank"] is not None
    assert document["province"]["gain"] is not None
    assert {one["id"] for one in document["blocks"]} == {"provincial", "district"}


def test_the_mean_weighs_each_score_by_how_long_it_stood(rig: Rig) -> None:
    brought(rig, START)
    rig.move(3 * DAY_US)
    brought(rig, {("so-tttt", "signed"): 1000})
    rig.move(DAY_US)
    rig.publish()

    mean = agency(scored_by(rig, rig.settings.sets[0]), "so-tttt")["live"]["mean"]

    assert mean == (3 * 85 + 95) / 4


def test_days_are_rescored_from_what_was_known_when_they_began(past: Rig) -> None:
    span = (NOW_US + DAY_US, NOW_US + 3 * DAY_US)

    document = scored_by(past, past.settings.sets[0], span)

    numbers = document["scoreboards"]
    assert numbers["count"] == 2
    whole = {cell.subject: cell.body for number, cell in stored(past, document)}
    live = {subject: body for (_, subject), body in past.store.cells(numbers["last"]).items()}
    assert whole == live


def test_gains_on_another_scale_are_told_on_the_live_one(past: Rig, tmp_path: Path) -> None:
    thousand = another(past, tmp_path, lambda draft: draft.indicators["set"].update(scale=1000))

    document = scored_by(past, thousand)

    assert agency(document, "so-tttt")["rescored"]["score"] == 950.0
    assert agency(document, "so-tttt")["gain"] == 0.0


def test_another_result_of_the_same_set_is_kept_beside_the_first(past: Rig) -> None:
    first = scored_by(past, past.settings.sets[0])
    metric = replace(past.settings.metrics["spots"], stale_after_us=1)
    settings = replace(past.settings, metrics={**past.settings.metrics, "spots": metric})
    task = Task(past.settings.sets[0], "test-2024", *ALWAYS)

    second = rescore(settings, past.store, task, lambda *_: None, now_us=NOW_US)

    assert first["rescoring"] != second["rescoring"]
    assert stored(past, first) != stored(past, second)


def test_its_steps_are_told(past: Rig) -> None:
    told: list[tuple[int, int]] = []
    task = Task(past.settings.sets[0], "test-2024", *ALWAYS)

    rescore(past.settings, past.store, task, lambda *step: told.append(step), now_us=NOW_US)

    assert told == [(done, past.store.head()) for done in range(1, past.store.head() + 1)]


def test_days_without_a_scoreboard_and_sets_that_were_not_there_are_refused(past: Rig) -> None:
    with pytest.raises(NothingToScoreError, match="no scoreboard was published"):
        scored_by(past, past.settings.sets[0], (1, 2))
    task = Task(past.settings.sets[0], "other", *ALWAYS)
    with pytest.raises(NothingToScoreError, match="other was not in force"):
        rescore(past.settings, past.store, task, lambda *_: None, now_us=NOW_US)


def test_what_is_stored_tells_what_the_command_told(past: Rig, tmp_path: Path) -> None:
    told = scored_by(past, another(past, tmp_path, harder))

    again = rescoring_document(past.store, told["rescoring"], past.settings.zone)

    assert again == told
    assert rescoring_document(past.store, told["rescoring"] + 1, past.settings.zone) is None


def test_it_says_when_it_was_first_made_and_until_when_it_counts(past: Rig, tmp_path: Path) -> None:
    task = Task(another(past, tmp_path, harder), "test-2024", 0, NOW_US + 2 * DAY_US + HOUR_US)
    documents = [
        rescore(past.settings, past.store, task, lambda *_: None, now_us=now_us)
        for now_us in (NOW_US + 9 * DAY_US, NOW_US + 10 * DAY_US)
    ]

    again = rescoring_document(past.store, documents[0]["rescoring"], past.settings.zone)

    assert documents[0] == documents[1] == again
    assert documents[0]["made_at"] == iso(NOW_US + 9 * DAY_US)
    assert documents[0]["counted_until"] == iso(NOW_US + 2 * DAY_US + HOUR_US)


def test_another_live_set_is_told_as_it_was_asked(url: str, tmp_path: Path) -> None:
    draft = drafted("https://register.example")
    draft.write(tmp_path / "config")
    twin = draft.indicators | {"set": draft.indicators["set"] | {"id": "twin-2024"}}
    text = json.dumps(twin, ensure_ascii=False)
    (tmp_path / "config" / "indicators-twin.yaml").write_text(text, encoding="utf-8")
    settings = load(tmp_path / "config", environ={})
    with rigged(settings, url) as rig:
        brought(rig, START)
        spec = another(rig, tmp_path, harder)
        told = [
            rescore(settings, rig.store, Task(spec, live, *ALWAYS), lambda *_: None, now_us=NOW_US)
            for live in ("test-2024", "twin-2024")
        ]

        again = [rescoring_document(rig.store, number, settings.zone) for number in (1, 2)]

        assert again == told
        assert [one["live"]["id"] for one in told] == ["test-2024", "twin-2024"]
        ends = [ended(rig.store, number) for number in (1, 2)]
        assert [one and one["live"]["id"] for one in ends] == ["test-2024", "twin-2024"]


def test_what_was_kept_without_its_live_set_is_held_against_the_likely_one(
    past: Rig, tmp_path: Path
) -> None:
    told = scored_by(past, another(past, tmp_path, harder))
    kept = past.store.rescorings()[told["rescoring"]]
    early = Rescoring(kept.set_digest, kept.first_number, kept.last_number, kept.result)
    number = past.store.append_rescoring(early, "[]", {})

    document = rescoring_document(past.store, number, past.settings.zone)

    assert document is not None
    assert document["made_at"] is None
    assert document | {key: told[key] for key in ("rescoring", "made_at")} == told


def test_a_range_of_days_that_is_past_is_told_as_it_was(past: Rig, tmp_path: Path) -> None:
    midnight_us = NOW_US + 8 * HOUR_US
    told = scored_by(past, another(past, tmp_path, harder), (0, midnight_us))

    again = rescoring_document(past.store, told["rescoring"], past.settings.zone)

    assert told["scoreboards"]["last"] < past.store.head()
    assert again == told


def test_another_live_set_than_the_likely_one_can_be_named(past: Rig, tmp_path: Path) -> None:
    told = scored_by(past, another(past, tmp_path, harder))
    number, zone = told["rescoring"], past.settings.zone

    assert rescoring_document(past.store, number, zone, "test-2024") == told
    with pytest.raises(NothingToScoreError, match="test-2023 was not in force"):
        rescoring_document(past.store, number, zone, "test-2023")


def test_days_that_outlast_the_live_set_are_refused_before_anything_is_kept(
    url: str, tmp_path: Path
) -> None:
    draft = drafted("https://register.example")
    draft.indicators["set"]["effective"]["until"] = "2024-10-17"
    with rigged(draft.settings(tmp_path / "config"), url) as rig:
        rig.publish()
        rig.move(2 * DAY_US)
        rig.publish()
        task = Task(rig.settings.sets[0], "test-2024", *ALWAYS)

        with pytest.raises(NothingToScoreError, match="was over before"):
            rescore(rig.settings, rig.store, task, lambda *_: None, now_us=NOW_US)

        assert rig.store.rescorings() == {}
