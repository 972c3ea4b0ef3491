import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from collector import figures
from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from collector.periods import instant_us

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AT_US = instant_us(datetime(2024, 12, 31, 9, 45, tzinfo=UTC))


def test_a_score_is_rounded_half_up_and_written_with_its_languages_point() -> None:
    assert figures.score(2.125, 2, "vi") == "2,13"
    assert figures.score(91.48, 2, "en") == "91.48"
    assert figures.score(1234.5, 1, "vi") == "1.234,5"
    assert figures.score(74.5, 0, "en") == "75"


def test_counts_are_grouped_and_keep_at_most_two_decimals() -> None:
    assert figures.plain(1234567, "vi") == "1.234.567"
    assert figures.plain(1234567, "en") == "1,234,567"
    assert figures.plain(87.05, "vi") == "87,05"
    assert figures.plain(4.0, "vi") == "4"


def test_a_ratio_has_one_decimal_and_is_never_shown_as_zero_when_it_is_not() -> None:
    assert figures.percent(0.9712, "vi") == "97,1%"
    assert figures.percent(0.97125, "en") == "97.1%"
    assert figures.percent(0.0, "vi") == "0,0%"
    assert figures.percent(0.0004, "vi") == "<0,1%"
    assert figures.percent(0.0005, "vi") == "0,1%"


def test_a_target_has_no_needless_decimals() -> None:
    assert figures.percent_target(0.97, "vi") == "97%"
    assert figures.percent_target(0.975, "vi") == "97,5%"


def test_a_change_has_a_sign_unless_it_rounds_to_nothing() -> None:
    assert figures.change(0.44, 2, "vi") == "+0,44"
    assert figures.change(-0.33, 2, "en") == "−0.33"
    assert figures.change(-0.001, 2, "vi") == "0,00"
    assert figures.change(0.0, 2, "vi") == "0,00"


def test_a_small_gap_to_a_target_is_not_called_nothing() -> None:
    assert figures.percentage_points(0.003, "vi") == "0,3"
    assert figures.percentage_points(0.0001, "en") == "<0.1"


def test_a_range_has_a_dash_between_its_ends() -> None:
    assert figures.span(71.2, 76.4, 2, "vi") == "71,20–76,40"


def test_instants_and_days_are_local_and_spelt_out() -> None:
    assert figures.instant(AT_US, ZONE, "vi") == "16:45 ngày 31/12/2024"
    assert figures.instant(AT_US, ZONE, "en") == "31 Dec 2024, 16:45"
    assert figures.day(date(2025, 1, 2), "vi") == "02/01/2025"
    assert figures.day(date(2025, 1, 2), "en") == "2 Jan 2025"
    assert figures.machine(AT_US, ZONE) == "2024-12-31T16:45:00+07:00"


@pytest.mark.parametrize(
    ("passed_us", "vi", "en"),
    [
        (12 * MINUTE_US, "12 phút trước", "12 minutes ago"),
        (59 * MINUTE_US + 59 * SECOND_US, "59 phút trước", "59 minutes ago"),
        (HOUR_US, "1 giờ trước", "1 hour ago"),
        (2 * DAY_US + 5 * HOUR_US, "2 ngày trước", "2 days ago"),
        (0, "vừa xong", "just now"),
        (-5 * SECOND_US, "vừa xong", "just now"),
    ],
)
def test_an_age_counts_whole_units_of_the_largest_that_fits(
    passed_us: int, vi: str, en: str
) -> None:
    assert figures.age(AT_US - passed_us, AT_US, "vi").replace("\xa0", " ") == vi
    assert figures.age(AT_US - passed_us, AT_US, "en").replace("\xa0", " ") == en


@pytest.mark.parametrize(
    ("length_us", "vi", "en"),
    [
        (3 * DAY_US, "3 ngày", "3 days"),
        (36 * HOUR_US, "36 giờ", "36 hours"),
        (HOUR_US, "1 giờ", "1 hour"),
        (5 * SECOND_US, "5 giây", "5 seconds"),
        (SECOND_US // 2, "0,5 giây", "0.5 seconds"),
    ],
)
def test_a_limit_is_said_in_whole_units_where_that_is_possible(
    length_us: int, vi: str, en: str
) -> None:
    assert figures.duration(length_us, "vi").replace("\xa0", " ") == vi
    assert figures.duration(length_us, "en").replace("\xa0", " ") == en


@pytest.mark.parametrize(
    ("kind", "start", "vi", "en"),
    [
        ("year", date(2024, 1, 1), "năm 2024", "2024"),
        ("quarter", date(2024, 7, 1), "quý 3/2024", "Q3 2024"),
        ("month", date(2024, 10, 1), "tháng 10/2024", "October 2024"),
        ("day", date(2024, 10, 16), "ngày 16/10/2024", "16 Oct 2024"),
    ],
)
def test_a_period_has_its_name_in_both_languages(kind: str, start: date, vi: str, en: str) -> None:
    assert figures.period(kind, start, "vi") == vi
    assert figures.period(kind, start, "en") == en


@pytest.mark.parametrize("language", figures.LANGUAGES)
def test_no_figure_is_too_great_to_be_written(language: figures.Language) -> None:
    assert len(re.sub(r"\D", "", figures.plain(1e299, language))) == 300
    assert len(re.sub(r"\D", "", figures.percent(1e26, language))) == 30
    assert len(re.sub(r"\D", "", figures.change(-1e299, 2, language))) == 302
