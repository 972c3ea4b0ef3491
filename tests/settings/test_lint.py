"""Each defect of a set is one finding, of exactly one check, in its file and line."""

import pytest

from collector.settings import check_lint, check_reach, check_rules, check_sets
from collector.settings.checks import CHECKS, Check
from collector.settings.draft import Draft, Files, draft
from collector.settings.findings import Finding, Severity
from collector.settings.read import read
from tests.settings.folder import CONNECTORS, Folder, Mistake

P, M, S, SET = "province.yaml", "metrics.yaml", "sources.yaml", "indicators-2024.yaml"
SPOTS = "groups.documents.indicators.spots.points"
OFFICER = "groups.people.indicators.officer.points"
SIGNED = "groups.documents.indicators.signed"
DEFECTS: list[tuple[Check, Severity, Mistake]] = [
    (
        check_lint.points_add_up,
        "warning",
        Mistake(
            SET,
            "max: 91",
            "max: 90",
            "scale: 100",
            "set.scale",
            "the points of all indicators add up to 99, the scale is 100: "
            "say `points: 99` if it is meant",
        ),
    ),
    (
        check_lint.points_add_up,
        "error",
        Mistake(
            SET,
            "scale: 100",
            "scale: 1000\n  points: 90",
            "points: 90",
            "set.points",
            "the points of all indicators add up to 100, not to 90",
        ),
    ),
    (
        check_lint.points_add_up,
        "error",
        Mistake(
            SET,
            "name: {vi: Người, en: People}",
            "name: {vi: Người, en: People}\n    points: 6",
            "points: 6",
            "groups.people.points",
            "the points of its indicators add up to 5, not to 6",
        ),
    ),
    (
        check_reach.rules_give_all_points,
        "warning",
        Mistake(
            SET,
            "[10, 4]",
            "[10, 3.5]",
            "[10, 3.5]",
            SPOTS,
            "nothing earns all 4 points: the most is 3.5",
        ),
    ),
    (
        check_reach.rules_give_all_points,
        "warning",
        Mistake(
            SET,
            "max: 4, rule: steps",
            "max: 5, rule: steps",
            "max: 5, rule: steps",
            SPOTS,
            "nothing earns all 5 points: the most is 4",
        ),
    ),
    (
        check_reach.steps_rise,
        "error",
        Mistake(
            SET,
            "[[10, 4], [5, 2.5]]",
            "[[10, 2.5], [5, 4]]",
            "[10, 2.5]",
            f"{SPOTS}.steps.0",
            "gives 2.5 points from 10 on, fewer than 4 from 5 on: points fall while values rise",
        ),
    ),
    (
        check_reach.steps_rise,
        "error",
        Mistake(
            SET,
            "[5, 2.5]",
            "[5, 2.5], [7, 1], [8, 3]",
            "[7, 1]",
            f"{SPOTS}.steps.2",
            "gives 1 points from 7 on, fewer than 2.5 from 5 on: points fall while values rise",
        ),
    ),
    (
        check_reach.steps_rise,
        "warning",
        Mistake(
            SET,
            "[5, 2.5]",
            "[5, 2.5], [6, 2.5]",
            "[6, 2.5]",
            f"{SPOTS}.steps.2",
            "gives 2.5 points from 6 on, as the one from 5 on does already",
        ),
    ),
    (
        check_reach.values_reach_what_is_asked,
        "warning",
        Mistake(
            SET,
            "[[10, 4]",
            "[[510, 4]",
            "[[510, 4]",
            f"{SPOTS}.steps.0",
            "no value reaches 510: `hotspots` is at most 500",
        ),
    ),
    (
        check_reach.values_reach_what_is_asked,
        "warning",
        Mistake(
            SET,
            "{default: 0.97",
            "{default: 97",
            "{default: 97",
            f"{SIGNED}.points.target.default",
            "no value reaches 97: `documents_signed / documents_sent` is at most 1",
        ),
    ),
    (
        check_reach.values_reach_what_is_asked,
        "warning",
        Mistake(
            SET,
            "{so-tttt: 0.99}",
            "{so-tttt: 99}",
            "{so-tttt: 99}",
            f"{SIGNED}.points.target.agencies.so-tttt",
            "no value reaches 99: `documents_signed / documents_sent` is at most 1",
        ),
    ),
    (
        check_reach.values_reach_what_is_asked,
        "warning",
        Mistake(
            M,
            "{none: 0, deputy: 0.5, true: 1}",
            "{none: 0, deputy: 0.5}",
            "rule: yes_no",
            "groups.people.indicators.officer.points",
            "no value reaches 1: `officer` is at most 0.5",
        ),
    ),
    (
        check_reach.rules_give_all_points,
        "warning",
        Mistake(
            SET,
            "{max: 5, rule: yes_no}",
            "{max: 5, rule: levels, levels: {none: 0, deputy: 0.5, true: 0.9}}",
            "rule: levels",
            OFFICER,
            "nothing earns all 5 points: the most is 4.5",
        ),
    ),
    (
        check_reach.rules_give_all_points,
        "warning",
        Mistake(
            SET,
            "max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]",
            "max: 4, rule: piecewise, knots: [[5, 0], [10, 0.75]]",
            "rule: piecewise",
            SPOTS,
            "nothing earns all 4 points: the most is 3",
        ),
    ),
    (
        check_reach.rules_give_all_points,
        "warning",
        Mistake(
            SET,
            "max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]",
            "max: 4, rule: parts, parts: [{when: hotspots >= 5, share: 0.5}]",
            "rule: parts",
            SPOTS,
            "nothing earns all 4 points: the most is 2",
        ),
    ),
    (
        check_reach.rules_keep_their_direction,
        "warning",
        Mistake(
            SET,
            "max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]",
            "max: 4, rule: piecewise, knots: [[5, 0], [10, 1], [20, 1], [30, 0.4]]",
            "rule: piecewise",
            f"{SPOTS}.knots.3",
            "the share rises up to here, and falls from 1 to 0.4 while values rise",
        ),
    ),
    (
        check_reach.rules_keep_their_direction,
        "warning",
        Mistake(
            SET,
            "{max: 5, rule: yes_no}",
            "{max: 5, rule: levels, levels: {none: 0.5, deputy: 0, true: 1}}",
            "rule: levels",
            f"{OFFICER}.levels.true",
            "the share falls up to here, and rises from 0 to 1 while values rise",
        ),
    ),
    (
        check_reach.values_reach_what_is_asked,
        "warning",
        Mistake(
            SET,
            "max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]",
            "max: 4, rule: at_most, target: 0.5",
            "rule: at_most",
            f"{SPOTS}.target",
            "no value is as low as 0.5: `hotspots` is at least 1",
        ),
    ),
    (
        check_reach.values_reach_what_is_asked,
        "warning",
        Mistake(
            SET,
            "max: 4, rule: steps, steps: [[10, 4], [5, 2.5]]",
            "max: 4, rule: piecewise, knots: [[5, 0], [600, 1], [700, 1]]",
            "rule: piecewise",
            f"{SPOTS}.knots.1",
            "no value reaches 600: `hotspots` is at most 500",
        ),
    ),
    (
        check_rules.targets_can_be_reached,
        "error",
        Mistake(
            SET,
            "        unit: ratio\n",
            "        unit: ratio\n        above: {max: 0.9, do: cap}\n",
            "max: 0.9",
            f"{SIGNED}.above.max",
            "a target of 0.99 is never reached",
        ),
    ),
    (
        check_rules.levels_are_those_of_a_state,
        "error",
        Mistake(
            SET,
            "{max: 5, rule: yes_no}",
            "{max: 5, rule: levels, levels: {none: 0, true: 1}}",
            "rule: levels",
            f"{OFFICER}.levels",
            "officer may be deputy: say what it earns",
        ),
    ),
    (
        check_lint.bands_are_in_order,
        "warning",
        Mistake(
            SET,
            "  - {id: yeu, name",
            "  - {id: kem, name: {vi: Kém, en: Poor}, from: 90}\n  - {id: yeu, name",
            "id: kem",
            "bands.kem.from",
            "begins at 90, on the wrong side of tot, which begins at 85",
        ),
    ),
    (
        check_lint.bands_hold_a_score,
        "warning",
        Mistake(
            SET,
            "from: 85}",
            "from: 85.009}\n  - {id: kha, name: {vi: Khá, en: Fair}, from: 85.001}",
            "id: kha",
            "bands.kha.from",
            "no score of 2 decimals lies between it and tot",
        ),
    ),
    (
        check_sets.bands_begin_at_zero,
        "error",
        Mistake(
            SET,
            "from: 85}",
            "from: 100.5}",
            "from: 100.5",
            "bands.tot.from",
            "no score reaches it: the scale ends at 100",
        ),
    ),
    (
        check_sets.bands_begin_at_zero,
        "error",
        Mistake(SET, "from: 0}", "from: 10}", "bands:", "bands", "no band begins at 0"),
    ),
    (
        check_sets.bands_begin_at_zero,
        "error",
        Mistake(
            SET,
            "  - {id: yeu, name",
            "  - {id: kha, name: {vi: Khá, en: Fair}, from: 85}\n  - {id: yeu, name",
            "id: kha",
            "bands.kha.from",
            "another band begins at 85 too",
        ),
    ),
    (
        check_lint.metrics_are_collected,
        "warning",
        Mistake(
            S,
            "      hotspots: {path: up, factor: 0.5}\n",
            "",
            "  hotspots:",
            "metrics.hotspots",
            "no source feeds it, and spots scores by it",
        ),
    ),
    (
        check_sets.zero_divisors_are_decided,
        "error",
        Mistake(
            SET,
            "        when_zero: not_applicable\n",
            "",
            "value: documents_signed /",
            f"{SIGNED}.value",
            "what it divides by may be 0: say `when_zero`",
        ),
    ),
]
# What the models of the parts refuse before any check looks: the same in file, line and number.
SHAPES = [
    Mistake(SET, "[5, 2.5]", "[10, 2.5]", "[10, 2.5]", SPOTS, "two steps begin at the same value"),
    Mistake(SET, "[5, 2.5]", "[5, 4.5]", "[5, 4.5]", SPOTS, "the step at 5 gives 4.5 points of 4"),
]


def drafted(folder: Folder) -> Draft:
    """The parts of the folder's files, all of which pass their models."""

    found = [read(folder.path / name, folder.environ) for name in (P, M, S, SET)]
    assert not any(wrong for _, wrong in found)
    province, metrics, sources, of_set = (one for one, _ in found)
    assert of_set is not None
    parts, wrong = draft(Files(province, metrics, sources, (of_set,)), CONNECTORS, folder.environ)
    assert wrong == []
    return parts


def found(folder: Folder) -> list[tuple[str, Finding]]:
    """Every finding, with the name of the check that found it."""
    parts = drafted(folder)
    return [(check.__name__, finding) for check in CHECKS for finding in check(parts)]


@pytest.mark.parametrize(
    ("check", "severity", "defect"), DEFECTS, ids=lambda one: getattr(one, "__name__", str(one))
)
def test_a_defect_is_one_finding_of_exactly_its_own_check(
    folder: Folder, check: Check, severity: Severity, defect: Mistake
) -> None:
    folder.change(defect.file, defect.old, defect.new)

    ((name, finding),) = found(folder)

    assert (name, finding.severity) == (check.__name__, severity)
    (file,) = [each for each in (M, SET) if defect.at in folder.read(each)]
    expected = folder.expected(defect._replace(file=file))
    assert str(finding).removeprefix(f"{folder.path}/") == expected
    assert folder.says() == [expected]


@pytest.mark.parametrize("defect", SHAPES, ids=str)
def test_a_defect_of_a_rule_alone_is_one_finding_too(folder: Folder, defect: Mistake) -> None:
    folder.change(defect.file, defect.old, defect.new)

    assert folder.says() == [folder.expected(defect)]


def test_every_check_of_a_set_has_a_defect_that_it_alone_finds() -> None:
    caught = {check.__name__ for check, _, _ in DEFECTS}

    rooms = {check_lint.__name__, check_reach.__name__}
    own = {check.__name__ for check in CHECKS if check.__module__ in rooms}
    assert own <= caught


def test_a_group_that_says_what_it_adds_up_to_is_held_to_it(folder: Folder) -> None:
    people = "name: {vi: Người, en: People}"
    folder.change(SET, people, f"{people}\n    points: 5")
    assert found(folder) == []

    folder.change(SET, "{max: 5, rule: yes_no}", "{max: 4, rule: yes_no}")

    assert [name for name, _ in found(folder)] == ["points_add_up"]


def test_indicators_that_are_only_shown_add_nothing_and_may_ask_anything(folder: Folder) -> None:
    folder.change(SET, "max: 91", "max: 96")
    folder.change(SET, "{max: 5, rule: yes_no}", "{max: 0, rule: yes_no}")
    folder.change(M, "{none: 0, deputy: 0.5, true: 1}", "{none: 0, deputy: 0.5}")

    assert found(folder) == []


def test_alternatives_add_up_for_each_agency(folder: Folder) -> None:
    """The one indicator counts for the provincial block, the other for the districts."""
    of = "points: {max: 5, rule: yes_no}"
    folder.change(
        SET, "        applies_to: {blocks: [provincial], agencies: [phu-yen]", "        #"
    )
    twin = f"""
      - id: deputy
        name: {{vi: Phó, en: Deputy}}
        value: officer
        unit: state
        {of}
        applies_to: {{blocks: [district]}}"""
    folder.change(SET, of, f"{of}\n        applies_to: {{blocks: [provincial]}}{twin}")

    assert found(folder) == []


def test_bands_may_rise_or_fall(folder: Folder) -> None:
    text = folder.read(SET)
    good, weak = (line for line in text.splitlines() if line.startswith("  - {id: "))
    folder.write(SET, text.replace(f"{good}\n{weak}", f"{weak}\n{good}"))

    assert found(folder) == []
