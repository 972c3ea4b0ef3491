"""What an input could be while it is not sure, and when that next changes."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from collector.clock import DAY_US, HOUR_US
from collector.facts import Reading, Series
from collector.outlook import Outlook, outlook
from collector.scoreboard import Known, build, grids, next_change_us
from collector.settings.model import Settings
from tests.makers import NOW_US, drafted

NAMES = ("officer", "sent", "signed", "spots")
SPOTS, SENT = Series("spots", "so-tttt", ""), Series("sent", "so-tttt", "2024")
MIDNIGHT_US = (NOW_US // DAY_US + 1) * DAY_US


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Spots range from 1 to 500 and move by 10 a day at most, sent documents by 100."""
    settings = drafted("https://register.example").settings(tmp_path)
    spots, sent = settings.metrics["spots"], settings.metrics["sent"]
    return replace(
        settings,
        metrics={
            **settings.metrics,
            "spots": replace(
                spots, low=Decimal(1), high=Decimal(500), max_change_per_day=Decimal(10)
            ),
            "sent": replace(
                sent, low=Decimal(0), high=Decimal(9000), max_change_per_day=Decimal(100)
            ),
        },
    )


def known(series: Series, value: int, data_us: int) -> Known:
    return Known({series: Reading(series, Decimal(value), data_us, data_us, 1)}, frozenset())


def view_of(settings: Settings) -> Outlook:
    return outlook(settings, NOW_US)


def span(settings: Settings, series: Series, value: int, data_us: int) -> tuple[float, float]:
    facts = known(series, value, data_us)
    view = view_of(settings)
    inputs = build(grids(view, facts), facts, number=1, at_us=NOW_US).boards[0].inputs
    column = NAMES.index(series.metric)
    return float(inputs.lows[0, column]), float(inputs.highs[0, column])


def test_a_stale_gauge_ranges_over_what_its_days_allow(settings: Settings) -> None:
    # From data four days before the end of the UTC day.
    assert span(settings, SPOTS, 100, MIDNIGHT_US - 4 * DAY_US) == (60, 140)


def test_a_stale_total_has_only_grown(settings: Settings) -> None:
    assert span(settings, SENT, 100, MIDNIGHT_US - 10 * DAY_US) == (100, 1100)


def test_no_days_lead_out_of_the_declared_range(settings: Settings) -> None:
    assert span(settings, SPOTS, 20, MIDNIGHT_US - 40 * DAY_US) == (1, 420)
    assert span(settings, SPOTS, 480, MIDNIGHT_US - 4 * DAY_US) == (440, 500)


def test_what_was_said_last_stays_possible_outside_a_narrowed_range(settings: Settings) -> None:
    assert span(settings, SPOTS, 900, MIDNIGHT_US - 4 * DAY_US) == (500, 900)


def test_without_a_declared_change_a_stale_input_ranges_over_all(settings: Settings) -> None:
    spots = replace(settings.metrics["spots"], max_change_per_day=None)
    free = replace(settings, metrics={**settings.metrics, "spots": spots})

    assert span(free, SPOTS, 100, MIDNIGHT_US - 4 * DAY_US) == (1, 500)


def test_what_is_fresh_does_not_range_and_what_is_missing_ranges_over_all(
    settings: Settings,
) -> None:
    assert span(settings, SPOTS, 100, NOW_US) == (100, 100)
    assert span(settings, SENT, 100, NOW_US) == (100, 100)
    assert span(settings, Series("spots", "elsewhere", ""), 100, NOW_US) == (1, 500)


def test_bounds_move_at_the_end_of_the_utc_day_while_something_is_stale(
    settings: Settings,
) -> None:
    view = view_of(settings)
    until_us = replace(view, until_us=NOW_US + 30 * DAY_US)
    stale = grids(view, known(SPOTS, 100, NOW_US - 20 * DAY_US))
    fresh = grids(view, known(SPOTS, 100, NOW_US - HOUR_US))

    assert next_change_us(stale, until_us, NOW_US) == MIDNIGHT_US
    assert next_change_us(fresh, until_us, NOW_US) > NOW_US
    assert (
        next_change_us(grids(view, Known({}, frozenset())), until_us, NOW_US) == until_us.until_us
    )


def test_a_part_that_is_unknown_is_at_most_its_whole(settings: Settings) -> None:
    plan = view_of(settings).plans[0]

    assert plan.metrics[NAMES.index("signed")].at_most == "sent"
    ((parts, wholes),) = plan.scoring.layout.parts
    assert (parts.tolist(), wholes.tolist()) == ([NAMES.index("signed")], [NAMES.index("sent")])
