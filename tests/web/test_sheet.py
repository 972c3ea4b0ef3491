import csv
import io

import pytest

from collector.figures import Language
from collector.web.sheet import scoreboard_csv


def _document(name: str, change: float | None = -0.5) -> dict[str, object]:
    figures = {"score": 71.5, "low": 70.0, "high": 72.25, "rank": 1, "rank_best": 1}
    agency = figures | {
        "id": "a",
        "block": "b",
        "name": {"vi": name, "en": name},
        "rank_worst": None,
        "rank_certain": False,
        "band": "kha",
        "coverage": 0.5,
        "change": change,
    }
    return {"blocks": [{"id": "b", "name": {"vi": "Khối", "en": "Block"}}], "agencies": [agency]}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_name_is_read_as_a_formula(name: str) -> None:
    languages: tuple[Language | None, ...] = (None, "vi", "en")
    for language in languages:
        text = scoreboard_csv(_document(name), {"kha": "=Khá"}, language)
        cells = [cell for row in csv.reader(io.StringIO(text[1:], newline="")) for cell in row]
        assert f"'{name}" in text
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r", "\n"))]


def test_negative_numbers_stay_numbers_and_missing_ones_stay_empty() -> None:
    text = scoreboard_csv(_document("Sở Y tế"), {}, None)

    row = next(csv.DictReader(io.StringIO(text[1:])))
    assert row["change"] == "-0.5"
    assert row["rank_worst"] == ""
    assert row["rank_certain"] == "false"


def test_a_name_with_separators_stays_one_cell() -> None:
    text = scoreboard_csv(_document('Sở "A"; B, C'), {"kha": "Khá"}, "vi")

    row = next(csv.DictReader(io.StringIO(text[1:]), delimiter=";"))
    assert row["Cơ quan"] == 'Sở "A"; B, C'
    assert row["Điểm"] == "71,50"
    assert row["So với hôm qua"] == "-0,50"
    assert row["Mức"] == "Khá"
