"""What the headers of an answer ask for, however odd they are."""

from datetime import UTC, datetime

import pytest

from connectors.fetch.reply import asked_wait_s, retry_after_s

NOW = datetime(2024, 10, 16, 9, 0, tzinfo=UTC)
NO_DATES = (
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 2020 00:00:00 +999999999999999999",
    "Mon, 01 Jan 2020 99999999999999999999:00:00 GMT",
    "Mon, 99999999999999999999 Jan 2020 00:00:00 GMT",
    "Mon, 01 Jan " + "9" * 5000 + " 00:00:00 GMT",
    "soon",
)


@pytest.mark.parametrize("header", NO_DATES)
def test_a_date_that_is_none_asks_for_no_wait(header: str) -> None:
    assert retry_after_s(header, NOW) is None


@pytest.mark.parametrize("header", NO_DATES)
def test_an_answer_whose_own_date_is_none_is_counted_from_our_clock(header: str) -> None:
    headers = {"date": header, "retry-after": "Wed, 16 Oct 2024 09:02:00 GMT"}

    assert asked_wait_s(headers, NOW) == 120.0


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("Mon, 01 Jan 0001 00:00:00 +2300", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2300", 86_400.0),
        ("Wed, 16 Oct 2024 16:02:00 +0700", 120.0),
        ("9" * 5000, 86_400.0),
    ],
)
def test_a_wait_is_at_most_a_day_and_never_less_than_nothing(header: str, wait_s: float) -> None:
    assert retry_after_s(header, NOW) == wait_s
