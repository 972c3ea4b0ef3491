"""What a run was not allowed to bring is taken as it was, once, by somebody, for a reason."""

from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from collector.accept import AcceptError, accept, waiting
from collector.clock import MINUTE_US, SystemClock
from collector.control import ControlError
from collector.facts import Acceptance, Run
from collector.logs import logger
from collector.once import accept_once
from collector.store.store import Store
from tests.collector.test_service import running
from tests.collector.test_track import state
from tests.makers import AGENCIES, NOW_US, Counts, Rig, drafted, rigged
from tests.source_server import SourceServer

WHY = "Tổng được sửa sau đối soát"


@pytest.fixture
def held(rig: Rig, counts: Counts) -> Rig:
    """Two runs: a good one, and one whose totals all fell by half; run 2 is held."""
    rig.pull()
    for agency in AGENCIES:
        counts.say(agency, sent="500.50", signed=400, spots=9)
    rig.move(MINUTE_US)
    assert rig.pull().run.outcome == "held"
    rig.move(MINUTE_US)
    return rig


def take(rig: Rig, run_id: int = 2) -> Run:
    return accept(Acceptance(run_id, "an", WHY), rig.engine.counter())


def test_all_that_a_held_run_brought_is_known_as_it_was(held: Rig) -> None:
    run = take(held)

    assert (run.outcome, run.manual, len(run.admitted)) == ("ok", True, 20)
    assert run.message == f"run 2 accepted by an: {WHY}"
    known = held.published.known.readings
    found = {(one.metric, fact.value, fact.data_us) for one, fact in known.items()}
    assert found == {
        ("sent", Decimal("500.5"), NOW_US + MINUTE_US),
        ("signed", Decimal(400), NOW_US + MINUTE_US),
        ("spots", Decimal(9), NOW_US + MINUTE_US),
        ("officer", Decimal(1), NOW_US + MINUTE_US),
    }
    assert held.store.readings() == known
    assert {fact.run_id for fact in known.values()} == {3}


def test_who_and_why_stand_in_the_store_beside_the_run_it_was(held: Rig) -> None:
    take(held)

    assert held.store.acceptance(2) == (3, Acceptance(2, "an", WHY))
    (line,) = (line for line in held.logged() if line["event"] == "run accepted")
    assert (line["run"], line["who"], line["rows"]) == (2, "an", 20)
    assert held.store.run_requests(3) == held.store.run_requests(2)


def test_its_source_is_well_again_and_stays_so(held: Rig) -> None:
    assert state(held) == "regressed"

    take(held)
    seen = [state(held)]
    held.move(MINUTE_US)
    seen.append(held.pull().run.outcome)
    seen.append(state(held))

    assert seen == ["fresh", "ok", "fresh"]


def test_a_scoreboard_follows(held: Rig) -> None:
    before = held.published.board.number

    take(held)

    assert held.published.board.number == held.store.head() == before + 1
    assert held.body("agency/so-tttt/spots-up")["value"] == 9


def test_a_second_acceptance_is_refused(held: Rig) -> None:
    take(held)

    with pytest.raises(AcceptError, match="run 2 was accepted already, by an in run 3"):
        take(held)

    assert len(held.store.runs()) == 3


def test_rows_refused_in_a_good_run_can_be_accepted(rig: Rig, counts: Counts) -> None:
    """Else a total that fell for good would be refused for ever."""
    rig.pull()
    counts.say("so-tttt", sent=500, signed=400, spots=-1)
    rig.move(MINUTE_US)
    assert rig.pull().run.outcome == "ok"

    run = take(rig)

    values = {(one.series.metric, one.series.agency): one.value for one in run.admitted}
    assert values == {("sent", "so-tttt"): 500, ("spots", "so-tttt"): -1}


@pytest.mark.parametrize(
    ("run_id", "problem"), [(1, "run 1 of counts held nothing"), (77, "there is no run 77")]
)
def test_a_run_of_which_nothing_was_held(run_id: int, problem: str, held: Rig) -> None:
    with pytest.raises(AcceptError, match=problem):
        take(held, run_id)


def test_figures_that_a_newer_run_brought_are_left_as_they_are(held: Rig, counts: Counts) -> None:
    counts.say("so-tttt", sent=1200, signed=900)
    for agency in AGENCIES[1:4]:
        counts.say(agency, sent=1300, signed=900)
    assert held.pull().run.outcome == "ok"

    run = take(held)

    assert {one.series.agency for one in run.admitted} == {"moc-chau"}
    assert held.readings()["sent", "so-tttt"] == "1200"


def test_where_newer_runs_brought_everything_nothing_is_left(held: Rig, counts: Counts) -> None:
    for agency in AGENCIES:
        counts.say(agency, sent=1200)
    held.pull()

    with pytest.raises(AcceptError, match="newer runs brought all that run 2"):
        take(held)


def test_who_accepts_an_answer_without_an_agency_accepts_that_it_is_gone(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    draft = drafted(source_server.url, expect=["agencies >= 90 %"], absent="hold")
    with rigged(draft.settings(tmp_path), url) as rig:
        rig.pull()
        counts.leave_out("moc-chau")
        rig.move(MINUTE_US)
        rig.pull()
        assert state(rig) == "partial"

        take(rig)

        assert state(rig) == "fresh"


def test_held_runs_wait_until_they_are_accepted(held: Rig) -> None:
    assert [run.id for run in waiting(held.store, limit=10)] == [2]

    take(held)

    assert waiting(held.store, limit=10) == ()


def test_a_running_service_takes_it_through_its_socket(
    source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    request = {"command": "accept", "run": 1, "who": "an", "why": WHY}
    counts.declared = 99
    settings = drafted(source_server.url, schedule={"every": "1h"}).settings(tmp_path)
    with rigged(settings, url, clock=SystemClock()) as rig, running(rig) as one:
        assert one.ask(command="pull", source="counts")["outcome"] == "held"
        document = one.ask(**request)

        assert (document["source"], document["outcome"]) == ("counts", "ok")
        assert len(document["observations"]) == 20
        with pytest.raises(ControlError, match="accepted already"):
            one.ask(**request)
        with pytest.raises(ControlError, match="an acceptance is"):
            one.ask(command="accept", run="2")


def test_without_a_service_it_is_taken_into_the_store_itself(held: Rig, url: str) -> None:
    held.store.close()

    taking = Acceptance(2, "an", WHY)
    document = accept_once(held.settings, url, taking, SystemClock(), logger(held.lines, "text"))

    assert len(document["observations"]) == 20
    with closing(Store.open(url, read_only=True)) as opened:
        assert opened.acceptance(2) == (3, taking)
