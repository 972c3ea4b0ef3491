from dataclasses import replace
from decimal import Decimal

from collector.facts import Reading
from collector.store import Store
from tests.store.made import HOTSPOTS, SENT, SIGNED, at, commit, fact, made_run, refusing


def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert store.readings() == {}
    assert store.held() == frozenset()
    assert store.last_due("documents") is None
    assert store.newest_us() is None
    assert store.last_runs() == {}


def test_the_newest_known_fact_is_the_reading(store: Store) -> None:
    commit(store, made_run(10, fact(SENT, "100", 9), fact(SIGNED, "90", 9)))
    commit(store, made_run(20, fact(SENT, "110.5", 19)))
    commit(store, made_run(30, fact(HOTSPOTS, "0", 29), source="wifi"))

    known = store.readings()

    assert {series: reading.value for series, reading in known.items()} == {
        SENT: Decimal("110.5"),
        SIGNED: Decimal(90),
        HOTSPOTS: Decimal(0),
    }
    run_id = store.runs("documents")[0].id
    known_us = made_run(20).ended_us
    assert known[SENT] == Reading(SENT, Decimal("110.5"), at(19), known_us, run_id)


def test_a_restatement_of_older_data_is_the_reading(store: Store) -> None:
    commit(store, made_run(20, fact(SENT, "110", 19)))
    commit(store, made_run(30, fact(SENT, "80", 9)))

    assert store.readings()[SENT].value == 80


def test_readings_are_as_they_were_known_at_a_past_moment(store: Store) -> None:
    for minute in (10, 20, 30):
        commit(store, made_run(minute, fact(SENT, str(minute), minute - 1)))
    known_us = made_run(20).ended_us

    assert store.readings(known_us=known_us)[SENT].value == 20
    assert store.readings(known_us=known_us - 1)[SENT].value == 10
    assert store.readings(known_us=at(10)) == {}


def test_a_fact_is_known_from_the_end_of_its_run_whatever_was_stored_before(
    store: Store,
) -> None:
    commit(store, replace(made_run(20, fact(SENT, "20", 20)), ended_us=at(40)))
    commit(store, made_run(30, fact(SIGNED, "30", 30), source="other"))

    known = store.readings(known_us=at(35))

    assert known.keys() == {SIGNED}


def test_readings_can_be_those_of_an_earlier_data_time(store: Store) -> None:
    commit(store, made_run(10, fact(SENT, "10", 5)))
    commit(store, made_run(20, fact(SENT, "20", 15)))

    assert store.readings(at_us=at(14))[SENT].value == 10
    assert store.readings(at_us=at(15))[SENT].value == 20
    assert store.readings(at_us=at(4)) == {}


def test_what_is_known_now_of_a_past_moment_includes_restatements(store: Store) -> None:
    commit(store, made_run(10, fact(SENT, "10", 5)))
    commit(store, made_run(20, fact(SENT, "20", 15)))
    commit(store, made_run(30, fact(SENT, "11", 5)))

    assert store.readings(at_us=at(10))[SENT].value == 11
    assert store.readings(known_us=at(25), at_us=at(10))[SENT].value == 10


def test_a_withdrawn_series_has_no_reading_until_it_comes_again(store: Store) -> None:
    commit(store, made_run(10, fact(SENT, "10", 10)))
    commit(store, made_run(20, fact(SENT, None, 20)))
    withdrawn = store.readings()
    commit(store, made_run(30, fact(SENT, "30", 30)))

    assert withdrawn == {}
    assert store.readings()[SENT].value == 30
    assert store.readings(known_us=at(15))[SENT].value == 10


def test_a_series_is_held_when_answers_came_and_none_was_good(store: Store) -> None:
    commit(store, made_run(10, fact(SENT, "10", 10)))

    commit(store, refusing(20, SENT, SIGNED))

    assert store.held() == {SIGNED}
    assert store.readings().keys() == {SENT}


def test_a_series_is_no_longer_held_after_a_good_answer(store: Store) -> None:
    commit(store, refusing(10, SIGNED))

    commit(store, made_run(20, fact(SIGNED, "1", 20)))

    assert store.held() == frozenset()
    assert store.held(known_us=at(15)) == {SIGNED}
    assert store.held(known_us=at(10)) == frozenset()


def test_a_withdrawn_series_is_held_only_when_it_is_refused_since(store: Store) -> None:
    commit(store, refusing(10, SENT))
    commit(store, made_run(20, fact(SENT, None, 20)))
    after_withdrawal = store.held()

    commit(store, refusing(30, SENT))

    assert after_withdrawal == frozenset()
    assert store.held() == {SENT}


def test_runs_are_listed_newest_first(store: Store) -> None:
    for minute in range(1, 6):
        commit(store, made_run(minute), made_run(minute, source="wifi"))

    assert [run.due_us for run in store.runs("wifi", limit=2)] == [at(5), at(4)]
    assert len(store.runs(limit=7)) == 7
    assert [run.due_us for run in store.runs("wifi", since_us=at(4))] == [at(5), at(4)]


def test_the_last_due_time_leaves_manual_runs_out(store: Store) -> None:
    commit(store, made_run(10))
    commit(store, replace(made_run(20), manual=True))
    commit(store, replace(made_run(15), outcome="interrupted"))

    assert store.last_due("documents") == at(15)


def test_the_last_attempt_and_the_last_good_one_are_known_by_source(store: Store) -> None:
    commit(store, made_run(1), made_run(1, source="wifi"))
    commit(store, replace(made_run(2), outcome="failed", error_reason="source"))
    store.append_closed([replace(made_run(3), outcome="coalesced")])

    last, good = store.last_runs(), store.last_ok()

    assert (last["documents"].outcome, last["documents"].due_us) == ("failed", at(2))
    assert good["documents"].due_us == at(1)
    assert last["wifi"] == good["wifi"]
    assert store.count_runs() == {
        ("documents", "ok"): 1,
        ("documents", "failed"): 1,
        ("documents", "coalesced"): 1,
        ("wifi", "ok"): 1,
    }


def test_a_reading_leads_to_its_run_and_to_what_else_that_brought(store: Store) -> None:
    facts = (fact(SENT, "10", 9), fact(SIGNED, None, 9))
    commit(store, made_run(10, *facts))
    commit(store, made_run(20, fact(SIGNED, "9", 19)))

    run_id = store.readings()[SENT].run_id

    run = store.run(run_id)
    assert run is not None
    assert run.due_us == at(10)
    assert store.admitted(run_id) == facts


def test_an_unknown_run_has_nothing(store: Store) -> None:
    assert store.run(7) is None
    assert store.admitted(7) == ()
    assert store.refusals(7) == ()
    assert store.run_requests(7) == ()


def test_the_newest_refusal_of_an_agencys_series_is_found_as_it_was_known(store: Store) -> None:
    commit(store, refusing(10, SENT))
    commit(store, refusing(20, SENT))
    commit(store, refusing(30, SIGNED))

    first = store.refused(SENT.agency, at(11))
    last = store.refused(SENT.agency, at(31))

    assert {series: run_id for series, (run_id, _) in first.items()} == {SENT: 1}
    assert {series: run_id for series, (run_id, _) in last.items()} == {SENT: 2, SIGNED: 3}
    assert last[SENT][1].reason == store.refusals(2)[0].reason
    assert store.refused("nobody", at(31)) == {}


def test_the_last_attempts_are_found_as_they_were_known(store: Store) -> None:
    commit(store, made_run(1), made_run(1, source="wifi"))
    commit(store, made_run(5))

    assert store.last_runs(at(4))["documents"].due_us == at(1)
    assert store.last_runs(at(0)) == {}
