"""What is known of each input, and that filling in what changed is as good as filling in all."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from collector.cells import Bodies, changed_cells, merged
from collector.clock import DAY_US, HOUR_US
from collector.facts import Admitted, Reading, Refusal, Run, Series
from collector.outlook import Outlook, outlook
from collector.scoreboard import Grid, Known, build, grids, learned, next_change_us
from collector.settings.model import Settings
from scoring.model import STATUSES, Inputs
from tests.makers import AGENCIES, NOW_US, drafted

NOTHING = Known({}, frozenset())
NAMES = ("officer", "sent", "signed", "spots")
SPOTS = Series("spots", "so-tttt", "")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    draft = drafted("https://register.example")
    del draft.agency("moc-chau")["codes"]
    return draft.settings(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="session")
def view(settings: Settings) -> Outlook:
    return outlook(settings, NOW_US)


def run(*admitted: Admitted, refused: tuple[Series, ...] = ()) -> Run:
    refusals = tuple(Refusal("range", "row", "x", one) for one in refused)
    ended = Run("counts", NOW_US, NOW_US, NOW_US, "ok", admitted=admitted, refusals=refusals)
    return replace(ended, received=len(admitted))


def fact(series: Series, value: int | None, at_us: int = NOW_US) -> Admitted:
    return Admitted(series, None if value is None else Decimal(value), at_us)


def status(known: Known, view: Outlook, at_us: int = NOW_US, agency: int = 0) -> str:
    """That of the agency's spots."""
    (board,) = build(grids(view, known), known, number=1, at_us=at_us).boards
    return STATUSES[int(board.inputs.statuses[agency, NAMES.index("spots")])]


def inputs(known: Known, view: Outlook, at_us: int = NOW_US) -> Inputs:
    return build(grids(view, known), known, number=1, at_us=at_us).boards[0].inputs


class TestStatus:
    def test_missing_before_any_answer(self, view: Outlook) -> None:
        assert status(NOTHING, view) == "missing"

    def test_held_where_every_answer_was_refused(self, view: Outlook) -> None:
        known, _ = learned(NOTHING, [(run(refused=(SPOTS,)), 1)])

        assert status(known, view) == "held"

    def test_ok_up_to_its_age_and_stale_an_instant_later(self, view: Outlook) -> None:
        known, _ = learned(NOTHING, [(run(fact(SPOTS, 0)), 1)])

        assert status(known, view) == "ok"
        assert status(known, view, NOW_US + 2 * HOUR_US) == "ok"
        assert status(known, view, NOW_US + 2 * HOUR_US + 1) == "stale"

    def test_ok_where_an_answer_is_refused_after_a_good_one(self, view: Outlook) -> None:
        known, _ = learned(NOTHING, [(run(fact(SPOTS, 0)), 1), (run(refused=(SPOTS,)), 2)])

        assert status(known, view) == "ok"
        assert known.held == frozenset()

    def test_missing_again_once_it_is_withdrawn(self, view: Outlook) -> None:
        known, _ = learned(NOTHING, [(run(fact(SPOTS, 0)), 1), (run(fact(SPOTS, None)), 2)])

        assert status(known, view) == "missing"

    def test_not_connected_where_no_source_knows_the_agency(self, view: Outlook) -> None:
        other = Series("spots", "moc-chau", "")
        known, _ = learned(NOTHING, [(run(fact(other, 5)), 1)])

        assert status(known, view, agency=AGENCIES.index("moc-chau")) == "not_connected"
        assert status(NOTHING, view, agency=AGENCIES.index("moc-chau")) == "not_connected"

    def test_not_applicable_comes_with_a_whole_of_zero(self, view: Outlook) -> None:
        sent, signed = (Series(name, "so-tttt", "2024") for name in ("sent", "signed"))
        known, _ = learned(NOTHING, [(run(fact(sent, 0), fact(signed, 0)), 1)])

        (board,) = build(grids(view, known), known, number=1, at_us=NOW_US).boards

        assert STATUSES[int(board.result.cells.statuses[0, 0])] == "not_applicable"

    def test_a_metrics_own_age_goes_before_its_sources(self, view: Outlook) -> None:
        ages = dict(zip(NAMES, view.plans[0].stale_after_us[0], strict=True))

        assert ages == {
            "officer": 3 * DAY_US,
            "sent": 3 * DAY_US,
            "signed": 3 * DAY_US,
            "spots": 2 * HOUR_US,
        }


class TestRanges:
    def test_a_fresh_number_is_itself(self, view: Outlook) -> None:
        known, _ = learned(NOTHING, [(run(fact(SPOTS, 7)), 1)])
        found = inputs(known, view)

        column = NAMES.index("spots")
        assert (found.lows[0, column], found.highs[0, column]) == (7, 7)

    def test_what_is_not_known_is_anything_that_its_metric_declares(self, view: Outlook) -> None:
        found = inputs(NOTHING, view)

        assert found.lows[0].tolist() == [0, 0, 0, 0]
        assert found.highs[0].tolist() == [1, 1_000_000, 1_000_000, 500]

    def test_what_was_said_last_stays_possible_beyond_the_range(self, view: Outlook) -> None:
        known, _ = learned(NOTHING, [(run(fact(SPOTS, 900)), 1)])
        found = inputs(known, view, NOW_US + DAY_US)

        column = NAMES.index("spots")
        assert (found.lows[0, column], found.highs[0, column]) == (0, 900)


class TestNextChange:
    def test_is_the_next_local_midnight_where_nothing_is_known(self, view: Outlook) -> None:
        assert next_change_us(grids(view, NOTHING), view, NOW_US) == NOW_US + 8 * HOUR_US

    def test_is_the_first_deadline_ahead(self, view: Outlook) -> None:
        late = Series("spots", "so-gtvt", "")
        told = run(fact(SPOTS, 1, NOW_US - HOUR_US), fact(late, 1, NOW_US - 3 * HOUR_US))
        known, _ = learned(NOTHING, [(told, 1)])

        assert next_change_us(grids(view, known), view, NOW_US) == NOW_US + HOUR_US + 1


def test_readings_of_other_periods_are_not_this_periods(view: Outlook) -> None:
    old = Series("sent", "so-tttt", "2023")
    known, _ = learned(NOTHING, [(run(fact(old, 5)), 1)])

    assert np.isnan(inputs(known, view).numbers).all()


def test_a_scoreboard_s_data_time_is_that_of_its_newest_reading(view: Outlook) -> None:
    told = run(fact(SPOTS, 1, NOW_US - HOUR_US), fact(Series("sent", "so-tttt", "2024"), 1))
    known, _ = learned(NOTHING, [(told, 1)])

    assert build(grids(view, known), known, number=1, at_us=NOW_US).data_us == NOW_US
    assert build(grids(view, NOTHING), NOTHING, number=1, at_us=NOW_US).data_us is None


def test_a_reading_says_when_and_by_which_run_it_became_known() -> None:
    known, touched = learned(NOTHING, [(run(fact(SPOTS, 4, NOW_US - 5)), 9)])

    assert known.readings[SPOTS] == Reading(SPOTS, Decimal(4), NOW_US - 5, NOW_US, 9)
    assert touched == {SPOTS}


one_series = st.builds(
    Series, st.sampled_from(NAMES), st.sampled_from(AGENCIES), st.sampled_from(["", "2024"])
)
one_run = st.builds(
    lambda facts, refused: run(
        *facts, refused=tuple(one for one in refused if one not in {f.series for f in facts})
    ),
    st.lists(
        st.builds(
            fact,
            one_series,
            st.one_of(st.none(), st.integers(0, 900)),
            st.integers(NOW_US - 4 * DAY_US, NOW_US),
        ),
        max_size=5,
        unique_by=lambda one: one.series,
    ),
    st.lists(one_series, max_size=3),
)


@given(runs=st.lists(one_run, max_size=6))
def test_filling_in_what_a_run_touched_is_as_good_as_filling_in_all(
    view: Outlook, runs: list[Run]
) -> None:
    known, filled = NOTHING, grids(view, NOTHING)
    for number, one in enumerate(runs):
        known, touched = learned(known, [(one, number)])
        filled = grids(view, known, filled, touched)

        for made, whole in zip(filled, grids(view, known), strict=True):
            assert _same(made, whole)


def _same(one: Grid, other: Grid) -> bool:
    return (
        np.array_equal(one.numbers, other.numbers, equal_nan=True)
        and np.array_equal(one.data_us, other.data_us)
        and np.array_equal(one.held, other.held)
    )


@how(deadline=None)
@given(runs=st.lists(one_run, max_size=5), step_us=st.sampled_from([0, HOUR_US, 5 * HOUR_US]))
def test_cells_rendered_for_what_moved_are_as_good_as_all_rendered_anew(
    settings: Settings, view: Outlook, runs: list[Run], step_us: int
) -> None:
    known, before = NOTHING, None
    bodies: Bodies = {}
    for number, one in enumerate(runs, start=1):
        known, _ = learned(known, [(one, number)])
        at_us = NOW_US + number * step_us
        board = build(grids(view, known), known, number=number, at_us=at_us)

        changed = changed_cells(settings, view, board, before, bodies)

        whole = changed_cells(settings, view, board, None, {})
        bodies, before = merged(bodies, changed), board
        assert bodies == {(cell.set_id, cell.subject): cell.body for cell in whole}
        assert len({(cell.set_id, cell.subject) for cell in changed}) == len(changed)
