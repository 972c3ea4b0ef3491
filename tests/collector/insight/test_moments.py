"""What people call a scoreboard by."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from collector.clock import DAY_US, HOUR_US
from collector.insight.moments import NoMomentError, day_of, number_a_day_before, number_of
from collector.periods import iso
from tests.makers import NOW_US, Rig

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def rig(rig: Rig) -> Rig:
    """Scoreboards 1 and 2 at 16:00 and 17:00 of 16 October, 3 a day later."""
    rig.move(HOUR_US)
    rig.publish()
    rig.move(DAY_US)
    rig.publish()
    return rig


@pytest.mark.parametrize(
    ("when", "number"),
    [
        ("1", 1),
        ("3", 3),
        ("4", None),
        ("0", None),
        ("2024-10-15", None),
        ("2024-10-16", 2),
        ("2024-10-17", 3),
        ("2030-01-01", 3),
        ("2024-10-16T16:00", 1),
        ("2024-10-16T15:59:59", None),
        ("2024-10-16T09:59:59Z", 1),
        (iso(NOW_US + HOUR_US), 2),
        ("2024-10-16T17:00:00+07:00", 2),
    ],
)
def test_a_number_a_day_or_an_instant_means_a_scoreboard(
    rig: Rig, when: str, number: int | None
) -> None:
    assert number_of(rig.store, when, ZONE) == number


@pytest.mark.parametrize(
    "when", ["", "-1", "yesterday", "2024-13-01", "9999-12-31", "2024-10-16T25:00", "1234567890123"]
)
def test_anything_else_means_nothing(rig: Rig, when: str) -> None:
    with pytest.raises(NoMomentError, match="the number of a scoreboard, a day"):
        number_of(rig.store, when, ZONE)


def test_the_day_before_a_scoreboard_ends_with_the_one_that_it_is_held_against(rig: Rig) -> None:
    assert [number_a_day_before(rig.store, number, ZONE) for number in (1, 2, 3, 9)] == [
        None,
        None,
        2,
        None,
    ]


def test_a_day_is_a_day() -> None:
    assert day_of("2024-02-29") == date(2024, 2, 29)
    with pytest.raises(NoMomentError, match=r"'2023-02-29' is no day such as 2024-12-31"):
        day_of("2023-02-29")
