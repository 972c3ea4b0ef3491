import pytest

from collector.settings import (
    check_codes,
    check_lint,
    check_names,
    check_province,
    check_reach,
    check_rules,
    check_sets,
    check_sources,
)
from collector.settings.checks import CHECKS
from tests.settings.folder import Folder

P, M, S, SET = "province.yaml", "metrics.yaml", "sources.yaml", "indicators-2024.yaml"


def test_every_check_has_a_name_and_stands_in_the_list() -> None:
    rooms = (
        check_codes,
        check_lint,
        check_reach,
        check_names,
        check_province,
        check_rules,
        check_sets,
        check_sources,
    )

    listed = [check.__name__ for check in CHECKS]

    found = [
        name
        for room in rooms
        for name, each in vars(room).items()
        if getattr(each, "__module__", "") == room.__name__
        and not name.startswith("_")
        and getattr(each, "__annotations__", {}).keys() == {"draft", "return"}
    ]
    assert sorted(listed) == sorted(found)


def test_two_sources_of_one_series_need_priorities(folder: Folder) -> None:
    twin = folder.read(S).partition("  documents:")[2].partition("  radio:")[0]
    folder.add(S, f"  twin:{twin}")

    says = folder.says()

    problem = "documents feeds it too: give one of the two another `priority`"
    lines = folder.read(S)[: folder.read(S).rindex("documents_sent: {")].count("\n") + 1
    assert says == [
        f"{S}:{lines}: sources.twin.metrics.documents_sent: {problem}",
        f"{S}:{lines + 1}: sources.twin.metrics.documents_signed: {problem}",
    ]


def test_priorities_order_two_sources_of_one_series(folder: Folder) -> None:
    twin = folder.read(S).partition("  documents:")[2].partition("  radio:")[0]
    folder.add(S, f"  twin:{twin}    priority: 1\n")

    assert folder.says() == []


def test_two_sources_may_feed_one_metric_for_two_kinds_of_period(folder: Folder) -> None:
    twin = folder.read(S).partition("  documents:")[2].partition("  radio:")[0]
    folder.add(S, f"  twin:{twin}".replace("period: year", "period: month"))

    assert folder.says() == []


def test_a_code_may_pass_from_one_agency_to_the_next(folder: Folder) -> None:
    folder.change(P, "{register: H52.01}", "{register: [{code: X, until: 2025-03-01}]}")
    folder.change(P, "{code: H52.02, until", "{code: X, from: 2025-03-01, until")

    assert folder.says() == []


def test_bounds_that_go_round_through_another_metric_are_found(folder: Folder) -> None:
    folder.change(M, "range: [0, 5000000.50]", "at_most: documents_signed")

    errors = [each for each in folder.says() if "circle" in each]

    assert [each.split(": ")[1] for each in errors] == [
        "metrics.documents_sent.at_most",
        "metrics.documents_signed.at_most",
    ]


@pytest.mark.parametrize(
    "formula", ["hotspots / 4", "officer / hotspots", "officer / (hotspots + 1)"]
)
def test_a_divisor_that_is_never_zero_needs_no_decision(folder: Folder, formula: str) -> None:
    folder.change(M, "values: {none: 0, deputy: 0.5, true: 1}", "values: {none: 1, true: 2}")
    folder.change(SET, "value: hotspots", f"value: {formula}")

    assert not [each for each in folder.says() if "when_zero" in each]


def test_a_set_without_any_points_is_found(folder: Folder) -> None:
    text = folder.read(SET).partition("  - id: people")[0].partition("groups:")[0]
    folder.write(SET, f"{text}groups: []\n")

    assert (
        f"{SET}:{folder.line(SET, 'groups')}: groups: no indicator has any points" in folder.says()
    )


def test_a_set_may_follow_another_of_the_same_id_but_not_stand_beside_it(folder: Folder) -> None:
    text = folder.read(SET)
    follower = text.replace("until: 2025-01-01", "until: 2026-01-01")
    folder.write("indicators-2025.yaml", follower.replace("from: 2024-01-01", "from: 2025-01-01"))
    assert folder.says() == []

    folder.write("indicators-2025.yaml", follower.replace("from: 2024-01-01", "from: 2024-12-31"))

    line = folder.line("indicators-2025.yaml", "effective")
    problem = f"is in force beside the set of the same id in {folder.path}/{SET}:2"
    assert folder.says() == [f"indicators-2025.yaml:{line}: set.effective: {problem}"]


def test_what_an_unreadable_file_may_have_named_is_not_called_unknown(folder: Folder) -> None:
    folder.write(M, "metrics: [\n")

    assert [each.partition(":")[0] for each in folder.says()] == [M]


def test_a_faulty_part_is_one_finding_and_makes_its_name_no_less_known(folder: Folder) -> None:
    folder.change(M, "kind: gauge", "kind: gauges")

    assert [each.partition(":")[0] for each in folder.says()] == [M]


SO_YTE = "  - {id: so-yte, block: provincial, name: {vi: Sở Y tế, en: Health}}\n"


def test_a_forgotten_code_that_would_make_a_score_better_is_found(folder: Folder) -> None:
    folder.add(P, SO_YTE)
    assert folder.says() == []

    folder.change(SET, "missing: zero", "missing: exclude")

    problem = (
        "has no code in the system register, so the set test-2024 leaves signed out of its "
        "maximum (`missing: exclude`): add the code, or say by `applies_to` that it is meant"
    )
    # The set names phu-yen, though no other district has a code there.
    assert folder.says() == [
        f"{P}:{folder.line(P, f'id: {agency}')}: agencies.{agency}: {problem}"
        for agency in ("phu-yen", "so-yte")
    ]


def test_a_code_that_no_indicator_needs_is_not_forgotten(folder: Folder) -> None:
    folder.add(P, SO_YTE)
    folder.add(P, "  - {id: moc-chau, block: district, name: {vi: Mộc Châu, en: Moc Chau}}\n")
    folder.change(SET, "missing: zero", "missing: exclude")

    folder.change(
        SET,
        "{blocks: [provincial], agencies: [phu-yen], except: [so-khcn]}",
        "{except: [so-yte, phu-yen]}",
    )

    assert folder.says() == []


def test_an_agency_that_was_not_there_while_the_set_was_lacks_no_code(folder: Folder) -> None:
    folder.add(P, SO_YTE.replace("}}", "}, from: 2025-01-01}"))
    folder.change(SET, "missing: zero", "missing: exclude")
    folder.change(SET, ", agencies: [phu-yen]", "")

    assert folder.says() == []
