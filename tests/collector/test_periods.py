"""Periods and instants: exact, half-open, and named alike by everyone."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.periods import (
    instant_us,
    iso,
    local,
    moment_of,
    parse_period,
    period_at,
    period_of,
)
from connectors.base import PeriodKind

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
kinds = st.sampled_from(get_args(PeriodKind))
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("kind", "name", "start", "until"),
    [
        ("year", "2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("quarter", "2024-Q4", date(2024, 10, 1), date(2025, 1, 1)),
        ("month", "2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("day", "2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_a_period_goes_from_its_first_day_until_before_the_next_ones(
    kind: PeriodKind, name: str, start: date, until: date
) -> None:
    period = parse_period(name)

    assert (period.kind, period.start, period.until) == (kind, start, until)


@given(kind=kinds, day=days)
def test_every_day_lies_in_one_period_of_a_kind_which_its_id_names(
    kind: PeriodKind, day: date
) -> None:
    period = period_of(kind, day)

    assert period.start <= day < period.until
    assert parse_period(period.id) == period
    assert period.previous().until == period.start
    assert period_of(kind, period.until).previous() == period


@pytest.mark.parametrize(
    "text", ["", "24", "2024-13", "2024-Q5", "2024-1", "2024-02-30", "2024-W01", "2024 ", "0000"]
)
def test_what_names_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_period(text)


def test_a_period_begins_and_ends_at_local_midnight() -> None:
    year = parse_period("2024")

    assert iso(year.start_us(ZONE)) == "2023-12-31T17:00:00Z"
    assert iso(year.until_us(ZONE)) == "2024-12-31T17:00:00Z"
    assert period_at("year", year.until_us(ZONE) - 1, ZONE).id == "2024"
    assert period_at("year", year.until_us(ZONE), ZONE).id == "2025"


def test_a_window_is_the_period_in_the_provinces_zone() -> None:
    window = parse_period("2024-10").window(ZONE)

    assert (window.kind, window.id) == ("month", "2024-10")
    assert window.start.isoformat() == "2024-10-01T00:00:00+07:00"
    assert window.end.isoformat() == "2024-11-01T00:00:00+07:00"


@given(
    moment=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001  made aware
        lambda naive: naive.replace(tzinfo=UTC)
    )
)
def test_instants_and_moments_are_the_same_to_the_microsecond(moment: datetime) -> None:
    at_us = instant_us(moment)

    assert moment_of(at_us) == moment
    assert instant_us(moment + timedelta(microseconds=1)) == at_us + 1
    assert local(at_us, ZONE) == moment
    assert datetime.fromisoformat(iso(at_us)) == moment
    assert iso(at_us).endswith("Z")
