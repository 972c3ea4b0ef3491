"""Which sets, agencies, periods and sources are in force on a day."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from collector.clock import DAY_US, HOUR_US
from collector.outlook import outlook, series_of
from collector.periods import parse_period
from collector.settings.model import Settings
from tests.makers import AGENCIES, NOW_US, Draft, drafted, source

URL = "https://register.example"
MIDNIGHT_US = NOW_US + 8 * HOUR_US


def made(tmp_path: Path, **agency: Any) -> Settings:
    """The small province, in which the first agency is changed."""
    draft = drafted(URL)
    draft.agency("so-tttt").update(agency)
    return draft.settings(tmp_path)


def feeds(settings: Settings, at_us: int = NOW_US, agency: int = 0) -> set[str | None]:
    return set(outlook(settings, at_us).plans[0].feeds[agency])


def test_holds_until_the_next_local_midnight(tmp_path: Path) -> None:
    view = outlook(made(tmp_path), NOW_US)

    assert (view.day, view.until_us) == (date(2024, 10, 16), MIDNIGHT_US)


def test_a_day_on_which_nothing_changes_keeps_its_plans(tmp_path: Path) -> None:
    settings = made(tmp_path)
    today = outlook(settings, NOW_US)

    tomorrow = outlook(settings, MIDNIGHT_US, today)

    assert tomorrow.day == date(2024, 10, 17)
    assert tomorrow.plans[0] is today.plans[0]


def test_an_agency_is_scored_from_its_first_day_until_before_its_end(tmp_path: Path) -> None:
    settings = made(tmp_path, **{"from": "2024-10-17", "until": "2024-10-19"})

    there = [
        "so-tttt" in outlook(settings, MIDNIGHT_US + days * DAY_US).plans[0].roster.agencies
        for days in (-1, 0, 1, 2)
    ]

    assert there == [False, True, True, False]
    assert "so-tttt" not in outlook(settings, MIDNIGHT_US - 1).plans[0].roster.agencies


def test_an_agency_is_connected_while_it_has_a_code(tmp_path: Path) -> None:
    settings = made(tmp_path, codes={"register": [{"code": "H0", "until": "2024-10-17"}]})

    assert feeds(settings) == {"counts"}
    assert feeds(settings, MIDNIGHT_US) == {None}


def test_of_two_sources_the_one_of_higher_priority_feeds(tmp_path: Path) -> None:
    draft = Draft(sources={"low": source(URL), "high": source(URL, priority=1)})

    assert feeds(draft.settings(tmp_path)) == {"high"}


def test_and_the_other_one_where_it_does_not_know_the_agency(tmp_path: Path) -> None:
    high = source(URL, priority=1)
    for request in high["requests"]:
        request["agency"]["system"] = "other"
    draft = Draft(sources={"low": source(URL), "high": high})
    draft.agency("so-gtvt")["codes"]["other"] = "X1"
    settings = draft.settings(tmp_path)

    assert feeds(settings, agency=AGENCIES.index("so-tttt")) == {"low"}
    assert feeds(settings, agency=AGENCIES.index("so-gtvt")) == {"high"}


def test_a_source_that_asks_for_another_kind_of_period_feeds_no_total(tmp_path: Path) -> None:
    draft = drafted(URL)
    draft.sources["counts"]["requests"][0]["window"] = {"period": "month"}
    settings = draft.settings(tmp_path)
    plan = outlook(settings, NOW_US).plans[0]

    by_metric = dict(zip((one.id for one in plan.metrics), plan.feeds[0], strict=True))

    assert by_metric == {"officer": "counts", "sent": None, "signed": None, "spots": "counts"}


def test_a_set_is_in_force_from_its_first_day_until_before_its_end(tmp_path: Path) -> None:
    draft = drafted(URL)
    draft.indicators["set"]["effective"] = {"from": "2024-10-17", "until": "2024-10-18"}
    settings = draft.settings(tmp_path)

    found = [len(outlook(settings, MIDNIGHT_US + days * DAY_US).plans) for days in (-1, 0, 1)]

    assert found == [0, 1, 0]


def test_a_new_period_has_a_plan_of_its_own(tmp_path: Path) -> None:
    settings = made(tmp_path)
    today = outlook(settings, NOW_US)

    plan = outlook(settings, NOW_US + 100 * DAY_US, today).plans[0]

    assert plan is not today.plans[0]
    assert plan.period == parse_period("2025")
    assert {one.period for one in plan.place} == {"", "2025"}


def test_totals_are_series_of_a_period_and_the_others_of_none(tmp_path: Path) -> None:
    settings = replace(made(tmp_path))
    year = parse_period("2024")

    assert series_of(settings.metrics["sent"], "a", year).period == "2024"
    assert series_of(settings.metrics["spots"], "a", year).period == ""
