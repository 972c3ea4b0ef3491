import pytest

from tests.settings.folder import Folder, Mistake

FILE = "metrics.yaml"
SHAPES = [
    (
        "kind: gauge",
        "kind: counter",
        "counter",
        "metrics.hotspots.kind",
        "input should be 'gauge', 'period_total' or 'state'",
    ),
    (
        "[0, 5000000.50]",
        "[5, 1]",
        "[5, 1]",
        "metrics.documents_sent.range",
        "begins at 5, above its end 1",
    ),
    ("[0, 5000000.50]", "[0]", "[0]", "metrics.documents_sent.range.1", "is missing"),
    (
        "[0, 5000000.50]",
        "[0, many]",
        "many",
        "metrics.documents_sent.range.1",
        "'many' is no number",
    ),
    (
        "[0, 5000000.50]",
        "[0, true]",
        "true]",
        "metrics.documents_sent.range.1",
        "should be a number",
    ),
    (
        "max_fall: 10 %",
        "max_fall: 110 %",
        "110 %",
        "metrics.documents_sent.max_fall",
        "110 % is no share: write 0 to 1, or 0 % to 100 %",
    ),
    (
        "    values: {none: 0, deputy: 0.5, true: 1}\n",
        "",
        "officer:",
        "metrics.officer",
        "a state needs `values`: its names and the number of each",
    ),
    (
        "kind: state",
        "kind: gauge",
        "officer:",
        "metrics.officer",
        "`values` belong to a state, not to a gauge",
    ),
    ("    unit: devices\n", "", "hotspots:", "metrics.hotspots", "a gauge needs a `unit`"),
    (
        "stale_after: 2h",
        "stale_after: 2 hours",
        "2 hours",
        "metrics.hotspots.stale_after",
        "'2 hours' is no duration such as 5s, 15m, 2h or 3d",
    ),
    (
        "stale_after: 2h",
        "max_change_per_day: 0",
        "max_change",
        "metrics.hotspots.max_change_per_day",
        "input should be greater than 0",
    ),
    (
        "    kind: state\n",
        "    kind: state\n    max_change_per_day: 1\n",
        "officer:",
        "metrics.officer",
        "a state does not change by so much a day: leave it out",
    ),
    (
        "  hotspots:",
        "  agencies:\n    {kind: gauge, unit: a, name: {vi: a, en: a}}\n  hotspots:",
        "agencies:",
        "metrics.agencies",
        "'agencies' has a meaning of its own in formulas: choose another id",
    ),
    (
        "  hotspots:",
        "  Spots: {kind: gauge, unit: a, name: {vi: a, en: a}}\n  hotspots:",
        "Spots: {",
        "metrics.Spots",
        "'Spots' is no metric id: lower-case letters a-z, digits and _",
    ),
]
AGREEMENTS = [
    (
        "at_most: documents_sent",
        "at_most: document_sent",
        "at_most",
        "metrics.documents_signed.at_most",
        "document_sent: no such metric, did you mean documents_sent?",
    ),
    (
        "at_most: documents_sent",
        "at_most: documents_signed",
        "at_most",
        "metrics.documents_signed.at_most",
        "goes in a circle: documents_signed bounds itself",
    ),
]


@pytest.mark.parametrize("row", [*SHAPES, *AGREEMENTS], ids=lambda row: f"{row[3]} {row[1]}")
def test_a_mistake_is_an_error_with_its_file_line_and_key(
    folder: Folder, row: tuple[str, str, str, str, str]
) -> None:
    mistake = Mistake(FILE, *row)

    folder.change(mistake.file, mistake.old, mistake.new)

    assert any(each.startswith(folder.expected(mistake)) for each in folder.errors())
