"""How a source stands: the worst that holds, and its times."""

from collections.abc import Callable

import pytest

from collector.clock import DAY_US, MINUTE_US
from collector.sources import source_views
from tests.makers import NOW_US, Counts, Rig
from tests.source_server import LOGIN_PAGE, Served, SourceServer


def state(rig: Rig) -> str:
    (view,) = source_views(rig.settings, rig.published, {}, rig.clock.now_us())
    return view.state


def test_never_before_any_answer(rig: Rig) -> None:
    assert state(rig) == "never"


def test_fresh_then_late_then_stale_by_the_age_of_its_data(rig: Rig) -> None:
    rig.pull()
    seen = []
    for step_us in (45 * MINUTE_US, 1, 75 * MINUTE_US - 1, 1):
        rig.move(step_us)
        seen.append(state(rig))

    assert seen == ["fresh", "late", "late", "stale"]


def test_stale_as_soon_as_any_of_its_readings_is(rig: Rig, counts: Counts) -> None:
    """The age that a metric declares for itself makes its readings and its source stale alike."""
    rig.pull()
    for step_us, status, standing in ((120 * MINUTE_US, "ok", "late"), (1, "stale", "stale")):
        rig.move(step_us)
        rig.publish()
        assert (rig.status("so-tttt", "spots-up"), state(rig)) == (status, standing)

    rig.pull()
    assert (rig.status("so-tttt", "spots-up"), state(rig)) == ("ok", "fresh")


def test_its_age_is_that_of_its_oldest_metric(rig: Rig, counts: Counts) -> None:
    counts.now = [one | {"at": "2024-10-16T08:00:00Z"} for one in counts.now]

    rig.pull()

    assert state(rig) == "late"
    (view,) = source_views(rig.settings, rig.published, {}, NOW_US)
    assert view.data_us == NOW_US - 60 * MINUTE_US


def incomplete(counts: Counts) -> None:
    counts.declared = 99


def refused(counts: Counts) -> None:
    for agency in ("so-tttt", "so-gtvt", "phu-yen"):
        counts.say(agency, spots=-1)


def a_minute_ahead_of_us(counts: Counts) -> None:
    counts.now = [one | {"at": "2024-10-16T09:02:00Z"} for one in counts.now]


def of_the_future(counts: Counts) -> None:
    counts.totals = [one | {"at": "2024-11-01T00:00:00Z"} for one in counts.totals]
    counts.now = [one | {"at": "2024-11-01T00:00:00Z"} for one in counts.now]


WRONG: dict[Callable[[Counts], None], str] = {
    incomplete: "partial",
    refused: "held",
    a_minute_ahead_of_us: "fresh",
    of_the_future: "future",
}


@pytest.mark.parametrize("spoil", WRONG, ids=lambda one: one.__name__)
def test_an_answer_that_is(spoil: Callable[[Counts], None], rig: Rig, counts: Counts) -> None:
    rig.pull()
    spoil(counts)
    rig.move(MINUTE_US)

    rig.pull()

    assert state(rig) == WRONG[spoil]


def test_wrong_content_goes_before_all_else(
    rig: Rig, counts: Counts, source_server: SourceServer
) -> None:
    rig.pull()
    source_server.answer = lambda _: LOGIN_PAGE
    rig.move(10 * DAY_US)

    rig.pull()

    assert state(rig) == "wrong_content"


def test_a_source_that_does_not_answer_is_as_old_as_its_data(
    rig: Rig, source_server: SourceServer
) -> None:
    rig.pull()
    source_server.answer = lambda _: Served(status=503)
    rig.move(MINUTE_US)

    rig.pull()

    assert state(rig) == "fresh"
    (view,) = source_views(rig.settings, rig.published, {"counts": 5}, rig.clock.now_us())
    assert (view.up, view.next_due_us) == (False, 5)
    assert view.last is not None
    assert view.last_ok is not None
    assert (view.last.outcome, view.last_ok.outcome) == ("failed", "ok")
