"""The shipped configurations are as strict as any other."""

from decimal import Decimal
from pathlib import Path

import pytest

from collector.settings.load import inspect, load
from collector.settings.model import SetSpec, Settings

CONFIG = Path(__file__).parents[2] / "config"
COMPONENTS = {"ckmb": 18, "tdgq": 20, "clgq": 12, "tttt": 10, "mdhl": 18, "mdsh": 22}


@pytest.fixture(scope="module")
def national() -> Settings:
    return load(CONFIG / "national-766", environ={})


@pytest.mark.parametrize("name", ["national-766", "sonla"])
def test_a_shipped_configuration_lacks_nothing_but_secrets(name: str) -> None:
    _, findings = inspect(CONFIG / name, {})

    assert [str(each) for each in findings if "the environment has no" not in each.problem] == []


def test_the_national_board_needs_no_secret() -> None:
    _, findings = inspect(CONFIG / "national-766", {})

    assert findings == ()


def test_the_national_board_scores_34_provinces_each_by_a_code_of_its_own(
    national: Settings,
) -> None:
    codes = [code.code for agency in national.agencies.values() for code in agency.codes]

    assert len(national.agencies) == 34
    assert len(set(codes)) == 34
    assert national.agencies["son-la"].codes[0].code == "H52"
    assert national.agencies["lang-son"].codes[0].code == "H37"


def test_the_national_sets_are_for_the_year_and_the_month_and_have_no_end(
    national: Settings,
) -> None:
    assert {(each.id, each.period, each.until) for each in national.sets} == {
        ("national-766-year", "year", None),
        ("national-766-month", "month", None),
    }


def test_each_component_has_one_rule_whose_target_is_its_maximum(national: Settings) -> None:
    for each in national.sets:
        maxima = {
            metric: (one.points_max, one.target.default)
            for one in each.scoring.indicators
            for metric in one.formula.metrics
        }
        assert maxima == {name: (points, points) for name, points in COMPONENTS.items()}


def test_points_of_the_portal_are_points_of_ours_to_a_billionth(national: Settings) -> None:
    def points(each: SetSpec, hundredths: int) -> list[float]:
        return [
            hundredths / 100 / (one.target.default or 0) * one.points_max
            for one in each.scoring.indicators
        ]

    for each in national.sets:
        for hundredths in range(1001):
            exact = float(Decimal(hundredths) / 100)
            assert points(each, hundredths) == pytest.approx([exact] * 6, rel=0, abs=1e-12)


def test_the_addresses_of_the_portal_come_from_the_environment() -> None:
    environ = {"PORTAL_URL": "http://127.0.0.1:8766"}

    sources = load(CONFIG / "national-766", environ=environ).sources.values()

    assert {getattr(each.connector, "base_url", None) for each in sources} == set(environ.values())
