"""What moved a score and a rank between two stored scoreboards, in its own store."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collector.clock import HOUR_US
from collector.insight.changes import ChangesError, UnknownError, changes_document, compare
from collector.insight.recompute import NotKeptError, rules_of
from collector.settings.findings import ConfigErrors
from tests.collector.past import brought, everybody, harder, next_day, next_hour
from tests.makers import Draft, Rig, drafted, rigged

START = everybody(sent=1000, signed=800, spots=8, officer=1)
Opened = Callable[..., Any]


def told(rig: Rig, first: int, second: int, agency: str = "so-tttt") -> dict[str, Any]:
    comparison = compare(rig.settings, rig.store, None, first, second)
    return changes_document(comparison, agency)


def parts(document: dict[str, Any]) -> list[tuple[str, str | None, float]]:
    return [(one["cause"], one["indicator"], one["points"]) for one in document["parts"]]


def adds_up(document: dict[str, Any]) -> bool:
    """Parts to causes, causes to the whole, the whole to both scores: as decimals, exactly."""
    sums = [
        [sum(Decimal(str(one[key])) for one in document[kind]) for kind in ("parts", "causes")]
        for key in ("points", "exact")
    ]
    score = [Decimal(str(document[end]["score"])) for end in ("from", "to")]
    whole = Decimal(str(document["change"]))
    return (
        sums == [[whole] * 2, [Decimal(str(document["exact"]))] * 2]
        and score[1] - score[0] == whole
    )


def test_newer_counts_are_new_data_and_name_their_readings(rig: Rig) -> None:
    first = brought(rig, START)
    next_hour(rig)
    second = brought(rig, {("so-tttt", "signed"): 900, ("so-tttt", "spots"): 9})

    document = told(rig, first, second)

    assert parts(document) == [
        ("new_data", "signed-ratio", 5.0),
        ("new_data", "spots-up", 2.5),
    ]
    (signed,) = document["parts"][0]["inputs"]
    assert (signed["metric"], signed["from"]["value"], signed["to"]["value"]) == (
        "signed",
        800,
        900,
    )
    assert signed["to"]["run"] > signed["from"]["run"]
    assert adds_up(document)


def test_a_fact_about_the_former_time_that_came_later_is_a_late_correction(rig: Rig) -> None:
    first = brought(rig, START)
    before_us = rig.clock.now_us() - HOUR_US
    next_hour(rig)
    brought(rig, {("so-tttt", "signed"): 700}, data_us=before_us)
    second = brought(rig, {("so-tttt", "spots"): 9})

    document = told(rig, first, second)

    assert parts(document) == [
        ("late_correction", "signed-ratio", -5.0),
        ("new_data", "spots-up", 2.5),
    ]
    assert adds_up(document)


def test_what_was_corrected_and_then_went_on_is_both(rig: Rig) -> None:
    first = brought(rig, START)
    before_us = rig.clock.now_us()
    next_hour(rig)
    brought(rig, {("so-tttt", "signed"): 700}, data_us=before_us)
    second = brought(rig, {("so-tttt", "signed"): 900})

    assert parts(told(rig, first, second)) == [
        ("late_correction", "signed-ratio", -5.0),
        ("new_data", "signed-ratio", 10.0),
    ]


def test_what_becomes_known_and_what_is_withdrawn_is_coverage(rig: Rig) -> None:
    first = brought(rig, {key: number for key, number in START.items() if key[1] != "spots"})
    next_hour(rig)
    second = brought(rig, {("so-tttt", "spots"): 8, ("so-tttt", "officer"): None})

    document = told(rig, first, second)

    assert parts(document) == [
        ("coverage", "spots-up", 20.0),
        ("coverage", "officer-there", -25.0),
    ]
    spots, officer = (one["inputs"][0] for one in document["parts"])
    assert (spots["from"], spots["to"]["value"]) == (None, 8)
    assert (officer["from"]["value"], officer["to"]) == (1, None)
    assert adds_up(document)


def test_a_divisor_that_becomes_0_is_coverage_and_moves_what_the_others_are_worth(
    rig: Rig,
) -> None:
    first = brought(rig, START)
    next_hour(rig)
    second = brought(rig, {("so-tttt", "sent"): 0, ("so-tttt", "signed"): 0})

    document = told(rig, first, second)

    assert {cause for cause, *_ in parts(document)} == {"coverage"}
    assert adds_up(document)


def test_data_that_only_grows_old_moves_no_score(rig: Rig) -> None:
    first = brought(rig, START)
    next_day(rig)
    second = rig.publish().board.number

    document = told(rig, first, second)

    assert rig.status("so-tttt", "spots-up") == "stale"
    assert (document["change"], document["parts"]) == (0, [])
    assert document["rank"] == {"change": 0, "own": 0, "others": 0}


def test_a_rank_falls_by_the_others_though_nothing_of_mine_changed(rig: Rig) -> None:
    first = brought(rig, START | {("so-tttt", "signed"): 900})
    next_hour(rig)
    second = brought(rig, {("so-gtvt", "signed"): 1000, ("thanh-tra", "signed"): 950})

    document = told(rig, first, second)

    assert document["parts"] == []
    assert document["rank"] == {"change": 2, "own": 0, "others": 2}


def test_agencies_with_the_same_facts_have_the_same_parts(rig: Rig) -> None:
    first = brought(rig, START)
    next_hour(rig)
    second = brought(rig, everybody(signed=900, spots=3))

    texts = {str(told(rig, first, second, agency)["parts"]) for agency in ("so-gtvt", "moc-chau")}

    assert len(texts) == 1


def test_before_there_was_a_score_there_is_no_change_to_split(rig: Rig) -> None:
    second = brought(rig, START)

    document = told(rig, 1, second)

    assert (document["change"], document["causes"], document["rank"]) == (None, [], None)


@pytest.fixture
def opened(tmp_path: Path, url: str) -> Opened:
    """The province once more on the same store, its files as they were or changed."""

    def again(*changes: Callable[[Draft], object]) -> Any:
        draft = drafted("https://register.example")
        for change in changes:
            change(draft)
        return rigged(draft.settings(tmp_path / "config"), url)

    return again


def test_new_rules_are_a_rule_change_though_the_file_of_the_former_is_gone(opened: Opened) -> None:
    with opened() as rig:
        first = brought(rig, START | {("so-tttt", "signed"): 900})
    with opened(harder) as rig:
        next_hour(rig)
        second = brought(rig, {("so-tttt", "spots"): 9})

        document = told(rig, first, second)

    assert [cause for cause, *_ in parts(document)] == [
        "new_data",
        "rule_change",
        "rule_change",
    ]
    assert {indicator for cause, indicator, _ in parts(document) if cause == "rule_change"} == {
        "signed-ratio",
        "officer-there",
    }
    assert document["from"]["digest"] != document["to"]["digest"]
    assert adds_up(document)


def test_another_scale_is_a_part_of_no_indicator(opened: Opened) -> None:
    with opened() as rig:
        first = brought(rig, START)
    with opened(lambda draft: draft.indicators["set"].update(scale=1000)) as rig:
        document = told(rig, first, rig.published.board.number)

    assert parts(document) == [("rule_change", None, 765.0)]
    assert document["rank"] == {"change": 0, "own": 0, "others": 0}


def test_the_target_of_a_new_period_is_a_rule_and_its_counts_are_data(opened: Opened) -> None:
    def targets(draft: Draft) -> None:
        _, spots, _ = draft.indicators["groups"][0]["indicators"]
        spots["points"]["target"] = {"default": 10, "periods": {"2025": 20}}

    with opened(targets) as rig:
        first = brought(rig, START)
        while rig.published.board.boards[0].period != "2025":
            next_day(rig)
            rig.publish()
        second = brought(rig, everybody(sent=100, signed=90), period="2025")

        document = told(rig, first, second)

    assert parts(document) == [
        ("new_data", "signed-ratio", 5.0),
        ("rule_change", "spots-up", -10.0),
    ]
    assert (document["from"]["period"], document["to"]["period"]) == ("2024", "2025")


def test_a_scoreboard_that_no_more_comes_out_again_is_not_explained(opened: Opened) -> None:
    with opened() as rig:
        first = brought(rig, START)
    with (
        opened(lambda draft: draft.agency("so-tttt").update({"codes": {}})) as rig,
        pytest.raises(ChangesError, match=r"gave so-tttt the score 85\.0, .* have changed"),
    ):
        told(rig, first, rig.published.board.number)


def test_rules_by_a_metric_that_is_gone_are_named(opened: Opened) -> None:
    def without_officers(draft: Draft) -> None:
        harder(draft)
        del draft.metrics["metrics"]["officer"]
        del draft.sources["counts"]["requests"][1]["metrics"]["officer"]

    with opened() as rig:
        first = brought(rig, START)
    with (
        opened(without_officers) as rig,
        pytest.raises(ConfigErrors, match=r"metrics.yaml has no more: officer"),
    ):
        told(rig, first, rig.published.board.number)


def test_rules_that_no_store_and_no_file_has_are_said_to_be_missing(rig: Rig) -> None:
    with pytest.raises(NotKeptError, match="does not have the set of sha256:none"):
        rules_of(rig.settings, rig.store, "sha256:none")


def test_what_is_not_there_is_said(rig: Rig) -> None:
    number = brought(rig, START)

    with pytest.raises(ChangesError, match="turn the two around"):
        compare(rig.settings, rig.store, None, number, 1)
    with pytest.raises(UnknownError, match="no scoreboard 9"):
        compare(rig.settings, rig.store, None, number, 9)
    with pytest.raises(UnknownError, match="set 'other' is not in both"):
        compare(rig.settings, rig.store, "other", number, number)
    with pytest.raises(UnknownError, match="has no agency 'nobody'"):
        told(rig, number, number, "nobody")
