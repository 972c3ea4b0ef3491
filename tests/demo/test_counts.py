"""The synthetic counts: plausible on every day, and at the year's end the published result."""

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from collector.clock import DAY_US, HOUR_US
from collector.demo.counts import (
    COMPONENTS,
    GROWING,
    LADDERS,
    TOTALS,
    Count,
    Year,
    read_year,
)
from collector.demo.province import (
    EVENTS,
    HOLIDAYS,
    LAST_DAY,
    YEAR_START_US,
    YEAR_STOP_US,
    day_at,
    day_start_us,
    event_of,
)
from collector.settings.load import load
from collector.settings.model import Settings
from scoring.model import MISSING, OK, Inputs, Result
from scoring.score import prepare, score

SONLA = Path(__file__).parents[2] / "config" / "sonla"
NOON_US = 12 * HOUR_US
DAYS_US = tuple(YEAR_START_US + day * DAY_US + NOON_US for day in range(0, 366, 3))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(SONLA, environ={})


@pytest.fixture(scope="module")
def year() -> Year:
    return read_year()


@pytest.fixture(scope="module")
def result(settings: Settings, year: Year) -> Result:
    """What the example set says of the counts at the end of the year."""
    spec = settings.sets[0].scoring
    roster = settings.roster_on(date(2024, 12, 31))
    metrics = tuple(sorted({name for one in spec.indicators for name in one.formula.metrics}))
    numbers = np.array(
        [
            [_number(settings, name, year.at(agency, name, YEAR_STOP_US)) for name in metrics]
            for agency in roster.agencies
        ]
    )
    unknown = np.isnan(numbers)
    inputs = Inputs(
        metrics,
        numbers,
        lows=np.where(unknown, 0.0, numbers),
        highs=np.where(unknown, 1e6, numbers),
        statuses=np.where(unknown, MISSING, OK).astype(np.int8),
    )
    return score(prepare(spec, metrics, roster, tuple(settings.blocks), "2024"), inputs)


def _number(settings: Settings, metric: str, count: Count) -> float:
    if count is None:
        return float("nan")
    if isinstance(count, str):
        values = settings.metrics[metric].values or {}
        return float({name.casefold(): value for name, value in values.items()}[count.casefold()])
    return float(count)


def _shown(value: float | None) -> Decimal:
    assert value is not None
    return Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _shown_scores(settings: Settings, result: Result, block: str) -> dict[str, Decimal]:
    roster = settings.roster_on(date(2024, 12, 31))
    return {
        agency: _shown(float(figure))
        for agency, its, figure in zip(roster.agencies, roster.blocks, result.score, strict=True)
        if its == block
    }


def test_provincial_agencies_end_as_published(settings: Settings, result: Result) -> None:
    scores = _shown_scores(settings, result, "provincial")

    first, second, *rest = sorted(scores.items(), key=lambda pair: -pair[1])

    assert first == ("so-tttt", Decimal("91.48"))
    assert second == ("so-gtvt", Decimal("89.94"))
    assert sum(70 <= shown < 85 for _, shown in rest) == 11
    assert sum(50 <= shown < 70 for _, shown in rest) == 7


def test_district_units_end_as_published(settings: Settings, result: Result) -> None:
    scores = _shown_scores(settings, result, "district")

    first, second, *rest = sorted(scores.items(), key=lambda pair: -pair[1])

    assert first == ("thanh-pho", Decimal("89.77"))
    assert second == ("huyen-phu-yen", Decimal("84.13"))
    assert sum(70 <= shown < 85 for _, shown in rest) == 6
    assert sum(50 <= shown < 70 for _, shown in rest) == 4


def test_bands_end_as_published(settings: Settings, result: Result) -> None:
    blocks = settings.roster_on(date(2024, 12, 31)).blocks
    bands = Counter(zip(blocks, result.bands, strict=True))

    assert bands == {
        ("provincial", "tot"): 2,
        ("provincial", "kha"): 11,
        ("provincial", "trung-binh"): 7,
        ("district", "tot"): 1,
        ("district", "kha"): 7,
        ("district", "trung-binh"): 4,
    }


def test_blocks_and_province_end_as_published(result: Result) -> None:
    means = {block.id: _shown(block.triple.score) for block in result.blocks}

    assert means == {"provincial": Decimal("73.20"), "district": Decimal("76.40")}
    assert result.province is not None
    assert _shown(result.province.triple.score) == Decimal("74.80")
    assert result.province.band == "kha"


def test_province_wide_ratios_end_as_published(settings: Settings, result: Result) -> None:
    ids = (indicator.id for indicator in settings.sets[0].scoring.indicators)
    values = {
        name: province.value for name, province in zip(ids, result.province_values, strict=True)
    }

    assert 0.97 < (values["documents-personally-signed"] or 0) < 0.972
    assert 0.855 < (values["services-with-dossiers"] or 0) < 0.86
    assert 0.95 < (values["dossiers-online"] or 0) < 0.97
    assert 0.95 < (values["dossiers-digitised"] or 0) < 0.97
    assert values["procedures-full-process"] == 1.0


def test_every_agency_has_all_inputs_of_its_duties_at_the_end(result: Result) -> None:
    assert result.coverage.tolist() == [1.0] * 32
    assert result.low.tolist() == result.score.tolist() == result.high.tolist()


def test_no_two_agencies_of_a_block_show_the_same_score(settings: Settings, result: Result) -> None:
    for block in ("provincial", "district"):
        shown = _shown_scores(settings, result, block)
        assert len(set(shown.values())) == len(shown)


def test_a_part_never_passes_its_whole_on_any_day(settings: Settings, year: Year) -> None:
    parts = [(m.id, m.at_most) for m in settings.metrics.values() if m.at_most is not None]

    for at_us in DAYS_US:
        for unit in year.units:
            for part, whole in parts:
                below, above = year.at(unit.id, part, at_us), year.at(unit.id, whole, at_us)
                assert _is_at_most(below, above), (day_at(at_us), unit.id, part, below, above)


def _is_at_most(part: Count, whole: Count) -> bool:
    if part is None or whole is None:
        return part is whole
    return isinstance(part, int) and isinstance(whole, int) and 0 <= part <= whole


def test_every_count_lies_in_its_metrics_range(settings: Settings, year: Year) -> None:
    for at_us in DAYS_US[::8]:
        for metric in settings.metrics.values():
            for unit in year.units:
                count = year.at(unit.id, metric.id, at_us)
                if isinstance(count, str):
                    assert any(count in ladder for ladder in LADDERS)
                elif count is not None:
                    assert metric.low is not None
                    assert metric.high is not None
                    assert metric.low <= count <= metric.high, (unit.id, metric.id, count)


def test_totals_begin_near_nothing_and_only_one_of_them_ever_falls(year: Year) -> None:
    falls = []
    for unit in year.units:
        for metric in TOTALS:
            course = [_whole(year.at(unit.id, metric, at_us)) for at_us in DAYS_US]
            assert course[0] <= course[-1] / 100
            steps = pairwise(course)
            falls += [(unit.id, metric) for before, after in steps if after < before]

    assert falls == [("huyen-thuan-chau", "dossiers_received")]


def test_within_a_day_totals_grow_with_the_hours(year: Year) -> None:
    morning_us = day_start_us(date(2024, 5, 14)) + 8 * HOUR_US
    counts = [
        _whole(year.at("thanh-pho", "dossiers_received", morning_us + hour * HOUR_US))
        for hour in range(10)
    ]

    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_little_is_done_on_holidays(year: Year) -> None:
    def done(day: date) -> int:
        start_us = day_start_us(day)
        ends = (start_us, start_us + DAY_US)
        before, after = (_whole(year.at("thanh-pho", "documents_sent", us)) for us in ends)
        return after - before

    assert done(date(2024, 2, 12)) * 5 < done(date(2024, 2, 20))


def _whole(count: Count) -> int:
    assert isinstance(count, int)
    return count


def test_ratios_are_better_at_the_end_than_in_spring(year: Year) -> None:
    spring_us = day_start_us(date(2024, 4, 1))

    def share(part: str, whole: str, at_us: int) -> float:
        parts, wholes = (
            sum(_whole(year.at(unit.id, name, at_us)) for unit in year.units)
            for name in (part, whole)
        )
        return parts / wholes

    for pair in (
        ("documents_signed", "documents_sent"),
        ("services_with_dossiers", "services_online"),
        ("procedures_full_process", "procedures_eligible"),
    ):
        assert share(*pair, spring_us) < share(*pair, YEAR_STOP_US) - 0.05


def test_nothing_but_wifi_clients_moves_after_the_thirtieth_of_december(year: Year) -> None:
    last_us = day_start_us(LAST_DAY)
    for unit in year.units:
        for metric in (*year.finals[unit.id], "tong_score"):
            final = year.finals[unit.id].get(metric)
            count = year.at(unit.id, metric, last_us)
            assert count == year.at(unit.id, metric, YEAR_STOP_US + 8 * HOUR_US)
            assert metric == "tong_score" or count == final


def test_wifi_clients_come_and_go_by_the_hour_to_the_very_end(year: Year) -> None:
    def clients(hour: int) -> int:
        return _whole(year.at("thanh-pho", "wifi_clients", day_start_us(date(2024, 12, 31)) + hour))

    night, evening = clients(3 * HOUR_US), clients(19 * HOUR_US)
    minutes = {clients(16 * HOUR_US + minute * 60_000_000) for minute in range(30)}

    assert 0 < night * 10 < evening
    assert len(minutes) > 5


def test_some_states_stand_from_the_start_and_others_change_on_a_day(year: Year) -> None:
    course = {
        unit.id: {year.at(unit.id, "plan_issued", at_us) for at_us in DAYS_US}
        for unit in year.units
        if year.finals[unit.id]["plan_issued"] == "Có"
    }

    assert {frozenset(words) for words in course.values()} == {
        frozenset({"Có"}),
        frozenset({"Không", "Có"}),
    }


def test_the_total_of_the_portal_is_the_exact_sum_of_its_components(year: Year) -> None:
    for at_us in DAYS_US[::10]:
        for unit in year.units:
            parts = [year.at(unit.id, name, at_us) for name in COMPONENTS]
            total = year.at(unit.id, "tong_score", at_us)
            assert total == sum(part for part in parts if isinstance(part, Decimal))


def test_officers_are_not_reported_until_their_day_in_march(year: Year) -> None:
    (event,) = (event for event in EVENTS if event.kind == "absent")
    before_us, after_us = day_start_us(event.until) - 1, day_start_us(event.until)

    assert {year.at(unit.id, "dx_officer", before_us) for unit in year.units} == {None}
    assert None not in {year.at(unit.id, "dx_officer", after_us) for unit in year.units}


def test_satisfaction_jumps_for_everybody_in_october(year: Year) -> None:
    (event,) = (event for event in EVENTS if event.kind == "partial")
    before_us, after_us = day_start_us(event.until) - 1, day_start_us(event.until)

    for unit in year.units:
        before, after = (year.at(unit.id, "mdhl", us) for us in (before_us, after_us))
        assert isinstance(before, Decimal)
        assert isinstance(after, Decimal)
        assert before <= 12 < after


def test_a_restated_total_falls_by_a_few_percent(year: Year) -> None:
    (event,) = (event for event in EVENTS if event.kind == "overcounted")
    (agency,) = event.agencies
    before_us, after_us = day_start_us(event.until) - 1, day_start_us(event.until)

    before, after = (
        _whole(year.at(agency, "dossiers_received", us)) for us in (before_us, after_us)
    )

    assert 0.9 * before < after < before


def test_an_event_concerns_its_own_days_only() -> None:
    (outage,) = (event for event in EVENTS if event.kind == "outage")
    days = [day_start_us(outage.start), day_start_us(outage.until) - 1]
    beside = [day_start_us(outage.start) - 1, day_start_us(outage.until)]

    assert [event_of("outage", outage.source, us) for us in days] == [outage, outage]
    assert [event_of("outage", outage.source, us) for us in beside] == [None, None]
    assert event_of("outage", "portal", days[0]) is None


def test_what_grows_and_what_totals_is_told_as_the_configuration_has_it(
    settings: Settings,
) -> None:
    kinds = {metric.id: metric.kind for metric in settings.metrics.values()}

    assert {kinds[name] for name in TOTALS} == {"period_total"}
    assert {kinds[name] for name in GROWING if name not in COMPONENTS} == {"gauge"}


def test_holidays_are_those_of_the_configuration() -> None:
    text = (SONLA / "province.yaml").read_text(encoding="utf-8")
    listed = [line.split()[1] for line in text.splitlines() if line.strip().startswith("- 2024-")]
    days = {
        date.fromordinal(day)
        for start, until in (item.split("/") for item in listed)
        for day in range(
            date.fromisoformat(start).toordinal(), date.fromisoformat(until).toordinal()
        )
    }

    assert days == HOLIDAYS


def test_a_table_that_cannot_be_read_names_its_line(tmp_path: Path) -> None:
    table = tmp_path / "year.csv"
    table.write_text("# made up\nagency,number,name,staff\nso-a,1,A,12\nso-b,2,B,many\n")

    with pytest.raises(ValueError, match=r"year\.csv:4: .*many"):
        read_year(table)
