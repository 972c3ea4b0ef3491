import pytest

from tests.settings.folder import Folder, Mistake

RULES = "'to_target', 'at_most', 'steps', 'yes_no', 'levels', 'piecewise', 'parts'"

FILE = "indicators-2024.yaml"
SHAPES = [
    (
        "period: year",
        "period: week",
        "week",
        "set.period",
        "input should be 'year', 'quarter', 'month' or 'day'",
    ),
    (
        "from: 2024-01-01, until: 2025-01-01",
        "from: 2024-01-01, until: 2023-01-01",
        "2023-01-01",
        "set.effective",
        "ends 2023-01-01 before it begins 2024-01-01",
    ),
    (
        "{from: 2024-01-01, until: 2025-01-01}",
        "{until: 2025-01-01}",
        "effective",
        "set.effective.from",
        "is missing",
    ),
    ("digits: 2", "digits: 7", "digits", "set.digits", "input should be less than or equal to 6"),
    ("scale: 100", "scale: 0", "scale", "set.scale", "input should be greater than 0"),
    ("from: 85}", "form: 85}", "form: 85", "bands.tot.form", "no such key, did you mean from?"),
    (
        "value: hotspots",
        "value: hotspots **",
        "hotspots **",
        "groups.documents.indicators.spots.value",
        "not readable here",
    ),
    (
        "value: hotspots",
        "value: 5",
        "value: 5",
        "groups.documents.indicators.spots.value",
        "should be text: write it in quotes",
    ),
    (
        "rule: yes_no",
        "rule: yes",
        "rule: yes",
        "groups.people.indicators.officer.points",
        f"'yes' is none of {RULES}",
    ),
    (
        "{max: 5, rule: yes_no}",
        "{max: 5}",
        "{max: 5}",
        "groups.people.indicators.officer.points",
        "needs 'rule'",
    ),
    (
        "{max: 5, rule: yes_no}",
        "{max: 5, rule: yes_no, target: 1}",
        "target: 1",
        "groups.people.indicators.officer.points.target",
        "no such key",
    ),
    (
        "          target: {default: 0.97, agencies: {so-tttt: 0.99}, periods: {2025: 0.98}}\n",
        "",
        "points:\n",
        "groups.documents.indicators.signed.points.target",
        "is missing",
    ),
    (
        "{default: 0.97, agencies",
        "{defaults: 0.97, agencies",
        "defaults",
        "groups.documents.indicators.signed.points.target.defaults",
        "no such key, did you mean default?",
    ),
    (
        "default: 0.97",
        "default: 0",
        "default: 0,",
        "groups.documents.indicators.signed.points.target.default",
        "input should be greater than 0",
    ),
    (
        "{2025: 0.98}",
        "{2025-13: 0.98}",
        "2025-13",
        "groups.documents.indicators.signed.points.target.periods.2025-13",
        "'2025-13' is no period: 2024, 2024-Q3, 2024-10 or 2024-10-16",
    ),
    (
        "[5, 2.5]",
        "[5, 4.5]",
        "[5, 4.5]",
        "groups.documents.indicators.spots.points",
        "the step at 5 gives 4.5 points of 4",
    ),
    (
        "[5, 2.5]",
        "[10, 2.5]",
        "[10, 2.5]",
        "groups.documents.indicators.spots.points",
        "two steps begin at the same value",
    ),
    (
        "max: 4, rule: steps",
        "max: 0, rule: steps",
        "max: 0",
        "groups.documents.indicators.spots.points.max",
        "input should be greater than 0",
    ),
    (
        "when_zero: not_applicable",
        "when_zero: nothing",
        "when_zero",
        "groups.documents.indicators.signed.when_zero",
        "input should be 'not_applicable', 'zero' or 'full'",
    ),
    (
        "except: [so-khcn]",
        "exept: [so-khcn]",
        "exept",
        "groups.documents.indicators.signed.applies_to.exept",
        "no such key, did you mean except?",
    ),
]
AGREEMENTS = [
    (
        "value: hotspots",
        "value: hotspot",
        "value: hotspot",
        "groups.documents.indicators.spots.value",
        "hotspot: no such metric, did you mean hotspots?",
    ),
    (
        "agencies: {so-tttt: 0.99}",
        "agencies: {so-ttt: 0.99}",
        "so-ttt:",
        "groups.documents.indicators.signed.points.target.agencies.so-ttt",
        "no such agency, did you mean so-tttt?",
    ),
    (
        "blocks: [provincial]",
        "blocks: [province]",
        "[province]",
        "groups.documents.indicators.signed.applies_to.blocks.0",
        "province: no such block, did you mean provincial?",
    ),
    (
        "agencies: [phu-yen]",
        "agencies: [phuyen]",
        "[phuyen]",
        "groups.documents.indicators.signed.applies_to.agencies.0",
        "phuyen: no such agency, did you mean phu-yen?",
    ),
    (
        "except: [so-khcn]",
        "except: [sokhcn]",
        "[sokhcn]",
        "groups.documents.indicators.signed.applies_to.except.0",
        "sokhcn: no such agency, did you mean so-khcn?",
    ),
    ("id: yeu", "id: tot", "Yếu", "bands.tot.id", "stands twice, first in line 12"),
    (
        "id: people",
        "id: documents",
        "- id: documents\n    name: {vi: Người",
        "groups.documents.id",
        "stands twice, first in line 15",
    ),
    (
        "- id: officer",
        "- id: spots",
        "- id: spots\n        name: {vi: Cán",
        "groups.people.indicators.spots.id",
        "stands twice, first in line 28",
    ),
    ("from: 0}", "from: 85}", "Yếu", "bands.yeu.from", "another band begins at 85 too"),
    (
        "from: 85}",
        "from: 101}",
        "from: 101",
        "bands.tot.from",
        "no score reaches it: the scale ends at 100",
    ),
    ("from: 0}", "from: 0.5}", "bands:", "bands", "no band begins at 0"),
    (
        "        when_zero: not_applicable\n",
        "",
        "value: documents_signed /",
        "groups.documents.indicators.signed.value",
        "what it divides by may be 0: say `when_zero`",
    ),
]


@pytest.mark.parametrize("row", [*SHAPES, *AGREEMENTS], ids=lambda row: f"{row[3]} {row[1]}")
def test_a_mistake_is_an_error_with_its_file_line_and_key(
    folder: Folder, row: tuple[str, str, str, str, str]
) -> None:
    mistake = Mistake(FILE, *row)

    folder.change(mistake.file, mistake.old, mistake.new)

    assert any(each.startswith(folder.expected(mistake)) for each in folder.errors())
