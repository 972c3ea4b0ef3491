"""Every shape of a rule, and what is wrong with one that makes no sense."""

from decimal import Decimal

import numpy as np
import pytest

from collector.settings.model import Settings
from scoring.model import Above, Rule
from scoring.rules import AtMost, Levels, Parts, Piecewise
from tests.settings.folder import Folder, Mistake

FILE = "indicators-2024.yaml"
OFFICER = "        points: {max: 5, rule: yes_no}\n"
SPOTS = "        points: {max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]}\n"
OF_OFFICER = "groups.people.indicators.officer."
OF_SPOTS = "groups.documents.indicators.spots."


def officer(points: str) -> tuple[str, str]:
    return OFFICER, f"        points: {{max: 5, {points}}}\n"


def spots(points: str) -> tuple[str, str]:
    return SPOTS, f"        points: {{max: 4, {points}}}\n"


def rule_of(settings: Settings, indicator: str) -> Rule:
    indicators = settings.sets[0].scoring.indicators
    return next(one.rule for one in indicators if one.id == indicator)


def changed(folder: Folder, change: tuple[str, str]) -> Settings:
    folder.change(FILE, *change)
    return folder.settings()


def test_levels_take_the_numbers_of_the_state_that_they_name(folder: Folder) -> None:
    levels = "rule: levels, levels: {true: 1, deputy: 50 %, none: 0}"

    rule = rule_of(changed(folder, officer(levels)), "officer")

    assert rule == Levels(((0.0, 0.0), (0.5, 0.5), (1.0, 1.0)))


def test_lower_may_be_better_down_to_nothing_and_by_block(folder: Folder) -> None:
    points = "rule: at_most, target: {default: 0, blocks: {district: 3}}, none_at: 10"

    settings = changed(folder, spots(points))

    indicator = settings.sets[0].scoring.indicators[1]
    assert indicator.rule == AtMost(10.0)
    assert indicator.target.of("phu-yen", "2024", "district") == 3
    assert indicator.target.of("so-tttt", "2024", "provincial") == 0


def test_lower_may_be_better_without_an_end(folder: Folder) -> None:
    assert rule_of(changed(folder, spots("rule: at_most, target: 5")), "spots") == AtMost()


def test_knots_make_a_line(folder: Folder) -> None:
    knots = "rule: piecewise, knots: [[0, 0], [50, 100 %], [80, 0.25]]"

    rule = rule_of(changed(folder, spots(knots)), "spots")

    assert rule == Piecewise(((0.0, 0.0), (50.0, 1.0), (80.0, 0.25)))


def test_conditions_are_worth_their_shares(folder: Folder) -> None:
    first, second = '{when: "hotspots >= 3", share: 0.5}', '{when: "hotspots > 8", share: 0.25}'

    rule = rule_of(changed(folder, spots(f"rule: parts, parts: [{first}, {second}]")), "spots")

    assert isinstance(rule, Parts)
    assert rule.share({"hotspots": np.array([2.0, 3, 9])}).tolist() == [0, 0.5, 0.75]


def test_a_value_has_a_natural_maximum_where_one_is_declared(folder: Folder) -> None:
    folder.change(
        FILE, "when_zero: not_applicable", "when_zero: zero\n        above: {max: 1, do: held}"
    )

    signed, other, _ = folder.settings().sets[0].scoring.indicators

    assert (signed.above, other.above) == (Above(1.0, "held"), None)


def test_a_metric_says_how_far_it_moves_in_a_day(folder: Folder) -> None:
    folder.change("metrics.yaml", "stale_after: 2h", "max_change_per_day: 2.50")

    assert folder.settings().metrics["hotspots"].max_change_per_day == Decimal("2.5")


MISTAKES = [
    (*officer("rule: levels"), "rule: levels", "points.levels", "is missing"),
    (
        *officer("rule: levels, levels: {true: 1, deputy: 0.5}"),
        "rule: levels",
        "points.levels",
        "officer may be none: say what it earns",
    ),
    (
        *officer("rule: levels, levels: {true: 1, deputi: 0.5, none: 0}"),
        "rule: levels",
        "points.levels.deputi",
        "officer is never that, did you mean deputy?",
    ),
    (
        *officer("rule: levels, levels: {true: 2, deputy: 0.5, none: 0}"),
        "rule: levels",
        "points.levels.true",
        "2 is no share: write 0 to 1, or 0 % to 100 %",
    ),
    (
        *spots("rule: levels, levels: {many: 1}"),
        "value: hotspots",
        "value",
        "levels are those of a single state: name just it",
    ),
    (
        *spots("rule: at_most, target: -1"),
        "rule: at_most",
        "points.target",
        "input should be greater than or equal to 0",
    ),
    (
        *spots("rule: at_most, target: {default: 5, blocks: {district: 10}}, none_at: 10"),
        "rule: at_most",
        "points",
        "`none_at` 10 is not above the target 10",
    ),
    (
        *spots("rule: at_most, target: {default: 5, blocks: {districts: 10}}"),
        "rule: at_most",
        "points.target.blocks.districts",
        "no such block, did you mean district?",
    ),
    (
        *spots("rule: at_most, target: {default: 5, agencies: {phuyen: 10}}"),
        "rule: at_most",
        "points.target.agencies.phuyen",
        "no such agency, did you mean phu-yen?",
    ),
    (
        *spots("rule: piecewise, knots: [[0, 0]]"),
        "rule: piecewise",
        "points",
        "a line needs two knots at least",
    ),
    (
        *spots("rule: piecewise, knots: [[0, 0], [5, 1], [5, 0.5]]"),
        "rule: piecewise",
        "points",
        "the knot at 5 stands behind that at 5",
    ),
    (
        *spots("rule: piecewise, knots: [[0, 0], [5, 1.5]]"),
        "rule: piecewise",
        "points.knots.1.1",
        "1.5 is no share",
    ),
    (
        *spots('rule: parts, parts: [{when: "hotspots", share: 1}]'),
        "rule: parts",
        "points.parts.0.when",
        "a comparison needs one of",
    ),
    (
        *spots(
            "rule: parts, parts: [{when: hotspots > 1, share: 1}, {when: hotspots > 2, share: 0.5}]"
        ),
        "rule: parts",
        "points",
        "the shares add up to 1.5, more than all",
    ),
    (
        *spots('rule: parts, parts: [{when: "hotspot > 1", share: 1}]'),
        "rule: parts",
        "points.parts.0.when",
        "hotspot: the indicator's value names no such metric, did you mean hotspots?",
    ),
]
OF_SIGNED = [
    ("{max: 1, do: drop}", "above.do", "input should be 'cap' or 'held'"),
    ("{max: 0.5, do: cap}", "above.max", "a target of 0.99 is never reached"),
    ("{do: cap}", "above.max", "is missing"),
]


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: f"{row[3]} {row[4]}")
def test_a_rule_that_makes_no_sense_is_an_error_with_its_line_and_key(
    folder: Folder, row: tuple[str, str, str, str, str]
) -> None:
    old, new, at, key, problem = row
    mistake = Mistake(
        FILE, old, new, at, (OF_OFFICER if old == OFFICER else OF_SPOTS) + key, problem
    )

    folder.change(mistake.file, mistake.old, mistake.new)

    assert any(each.startswith(folder.expected(mistake)) for each in folder.errors())


@pytest.mark.parametrize(("above", "key", "problem"), OF_SIGNED)
def test_a_natural_maximum_that_makes_no_sense_is_an_error(
    folder: Folder, above: str, key: str, problem: str
) -> None:
    zero = "when_zero: not_applicable"
    folder.change(FILE, zero, f"{zero}\n        above: {above}")

    line = folder.line(FILE, "above:")
    expected = f"{FILE}:{line}: groups.documents.indicators.signed.{key}: {problem}"
    assert any(each.startswith(expected) for each in folder.errors())


def test_two_names_of_one_number_cannot_earn_different_shares(folder: Folder) -> None:
    folder.change("metrics.yaml", "deputy: 0.5, true: 1", "deputy: 0.5, acting: 0.50, true: 1")
    folder.change(
        FILE, *officer("rule: levels, levels: {true: 1, deputy: 0.5, acting: 0.4, none: 0}")
    )

    line = folder.line(FILE, "rule: levels")
    expected = f"{FILE}:{line}: {OF_OFFICER}points.levels.acting: deputy and acting are the same"
    assert [each.startswith(expected) for each in folder.errors()] == [True]
