"""The shipped configuration of Sơn La: whom it scores, by what, and what it says of itself."""

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from collector.demo.counts import read_year
from collector.demo.sheets import AGENCY, COLUMNS, DATE, PERIOD, Reports
from collector.demo.systems.wifi import SITES
from collector.settings.load import inspect, load
from collector.settings.model import Settings
from connectors.sheet import Sheet
from connectors.unifi import Unifi

SONLA = Path(__file__).parents[2] / "config" / "sonla"
SECRETS = {"IGATE_ID", "IGATE_SECRET", "DOCUMENTS_API_KEY", "WIFI_USERNAME", "WIFI_PASSWORD"}
NEEDED = {
    "documents-personally-signed",
    "procedures-full-process",
    "services-with-dossiers",
    "dossiers-online",
    "dossiers-digitised",
    "wifi-online",
    "products-on-platforms",
    "schools-cashless",
    "health-cashless",
    "officer-assigned",
    "security-officer-assigned",
    "on-data-network",
    "databases-current",
}


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(SONLA, environ={})


def test_nothing_is_found_wrong_but_the_secrets_that_are_not_there() -> None:
    _, findings = inspect(SONLA, {})

    assert {finding.severity for finding in findings} == {"warning"}
    assert {finding.problem.split()[-1] for finding in findings} == SECRETS


def test_with_its_secrets_nothing_is_found_at_all() -> None:
    settings, findings = inspect(SONLA, dict.fromkeys(SECRETS, "planted"))

    assert settings is not None
    assert findings == ()


def test_twenty_agencies_and_twelve_district_units_are_scored_in_2024(settings: Settings) -> None:
    roster = settings.roster_on(date(2024, 6, 1))

    assert Counter(roster.blocks) == {"provincial": 20, "district": 12}


def test_districts_end_with_june_2025_and_two_departments_become_one_in_march(
    settings: Settings,
) -> None:
    march, july = (settings.roster_on(day) for day in (date(2025, 3, 1), date(2025, 7, 1)))

    assert "so-tttt" not in march.agencies
    assert settings.agencies["so-tttt"].successors == ("so-khcn",)
    assert Counter(july.blocks) == {"provincial": 19}


def test_groups_are_those_of_the_national_set_scaled_to_a_hundred_points(
    settings: Settings,
) -> None:
    (spec,) = settings.sets
    points: Counter[str] = Counter()
    for indicator in spec.scoring.indicators:
        points[indicator.group] += int(indicator.points_max)

    assert [points[group] for group, _ in spec.groups] == [10, 10, 10, 10, 10, 0, 20, 15, 15]
    assert {indicator.group for indicator in spec.indicators} == {g for g, _ in spec.groups}


def test_the_indicators_that_officials_ask_for_are_there(settings: Settings) -> None:
    (spec,) = settings.sets

    assert {indicator.id for indicator in spec.indicators} >= NEEDED


def test_every_metric_has_a_plausible_range_and_one_source(settings: Settings) -> None:
    fed = Counter(
        metric for source in settings.sources.values() for metric, _ in source.connector.feeds()
    )

    assert set(fed) == set(settings.metrics)
    assert set(fed.values()) == {1}
    assert all(m.low is not None and m.high is not None for m in settings.metrics.values())


def test_every_address_and_folder_can_be_set_from_the_environment() -> None:
    text = (SONLA / "sources.yaml").read_text(encoding="utf-8")
    places = [line for line in text.splitlines() if "base_url:" in line or "folder:" in line]

    assert len(places) == 5
    assert all("{env: " in line and "default: " in line for line in places)


def test_the_set_says_that_its_figures_are_an_example() -> None:
    head = (SONLA / "indicators-2024.yaml").read_text(encoding="utf-8").split("\nset:")[0]

    assert "EXAMPLE" in head
    assert "not public" in head
    assert "PLACEHOLDERS" in (SONLA / "province.yaml").read_text(encoding="utf-8")


def test_codes_are_those_that_the_simulated_systems_use(settings: Settings) -> None:
    for unit in read_year().units:
        agency = settings.agencies[unit.id]
        codes = {code.system: code.code for code in agency.codes}

        assert codes["dossiers"] == unit.dossiers_code
        assert codes["documents"] == unit.documents_code
        assert codes["dichvucong"] == f"H52.{unit.number:02d}"
        assert agency.name.vi == unit.name


def test_sites_and_columns_are_those_that_the_simulated_province_has(settings: Settings) -> None:
    wifi, reports = settings.sources["wifi"].connector, settings.sources["reports"].connector

    assert isinstance(wifi, Unifi)
    assert isinstance(reports, Sheet)
    assert wifi.sites == {site: agency for site, _, agency in SITES}
    assert {m: column.column for m, column in reports.metrics.items()} == dict(COLUMNS)


def test_reports_say_figures_of_the_moment_apart_from_totals(settings: Settings) -> None:
    reports = settings.sources["reports"].connector
    assert isinstance(reports, Sheet)

    for metric, column in reports.metrics.items():
        assert column.moment == (settings.metrics[metric].kind != "period_total"), metric


def test_the_writer_of_reports_heads_its_columns_as_the_form_says(tmp_path: Path) -> None:
    reports = Reports(tmp_path, read_year())
    _, body = next(reports.write_until(2**62))

    header = next(csv.reader(io.StringIO(body.decode("utf-8-sig"))))

    assert header == [AGENCY, PERIOD, DATE, *COLUMNS.values()]
