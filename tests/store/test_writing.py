import threading
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from collector.facts import Acceptance, Admitted, Cell, Refusal, Run, Track
from collector.store import Store, StoreError
from collector.store.rescored import Rescoring
from collector.store.tables import METADATA
from collector.store.write import canonical, storable
from connectors.base import Request
from tests.store.made import HOTSPOTS, SENT, SIGNED, at, commit, fact, made_run, refusing


def test_a_run_is_read_back_as_it_was_written(store: Store) -> None:
    request = Request("GET", "https://source.example/a?key=…", 200, 1234, 0.25)
    run = replace(
        made_run(5, fact(SENT, "1200", 4)),
        declared=3,
        refusals=(
            Refusal("range", "row 2", "-7", SIGNED, Decimal(-7), at(4)),
            Refusal("unknown_agency", "row 3", "x"),
        ),
        requests=(
            request,
            replace(request, status=None),
            Request("QUERY", "sqlite:///documents.db", None, None, 0.25, rows=0),
        ),
    )

    commit(store, run)

    (stored,) = store.runs()
    assert (stored.source, stored.due_us, stored.ended_us) == ("documents", at(5), run.ended_us)
    assert (stored.received, stored.declared, stored.admitted, stored.refused) == (1, 3, 1, 2)
    assert (stored.outcome, stored.digest) == ("ok", "sha256:5")
    assert store.refusals(stored.id) == run.refusals
    assert store.run_requests(stored.id) == run.requests


def test_a_request_without_rows_is_stored_and_read_as_before_there_were_any(store: Store) -> None:
    request = Request("GET", "https://source.example/a", 200, 1234, 0.25)

    commit(store, replace(made_run(5), requests=(request,)))

    with store._database.writer.begin() as connection:
        text = connection.scalar(select(METADATA.tables["runs"].c.requests))
    assert text == '[["GET","https://source.example/a",200,1234,0.25]]'
    assert store.run_requests(1) == (request,)


def test_what_a_run_was_judged_to_be_is_read_back(store: Store) -> None:
    track = Track("partial", 7, ("so-tttt", "moc-chau"), ("so-tttt",))
    run = replace(made_run(5), track=track, offered=("a", "b"), not_before_us=at(9))

    commit(store, run)

    (stored,) = store.runs()
    assert (stored.track, stored.past, stored.not_before_us) == (track, None, at(9))
    assert store.offered(stored.id) == ("a", "b")


def test_a_run_that_filled_the_past_says_nothing_of_how_its_source_stands(store: Store) -> None:
    commit(store, made_run(1), replace(made_run(2), manual=True, past="2023"))

    assert [run.past for run in store.runs()] == ["2023", None]
    for newest in (store.last_runs(), store.last_ok(), store.last_told()):
        assert newest["documents"].due_us == at(1)


def test_a_run_is_accepted_once(store: Store) -> None:
    held, taking = replace(made_run(1), outcome="held"), Acceptance(1, "an", "tổng được sửa")
    commit(store, held)
    commit(store, replace(made_run(2), manual=True, acceptance=taking))

    with pytest.raises(StoreError) as caught:
        commit(store, replace(made_run(3), manual=True, acceptance=taking))

    assert caught.value.kind == "conflict"
    assert store.acceptance(1) == (2, taking)
    assert store.acceptance(2) is None


def test_a_failed_run_keeps_its_reason_and_words(store: Store) -> None:
    failed = replace(made_run(1), outcome="failed", error_reason="source", message="timed out")

    commit(store, failed)

    (stored,) = store.runs()
    assert (stored.outcome, stored.error_reason) == ("failed", "source")
    assert stored.message == "timed out"


def test_nothing_stays_of_a_transaction_that_an_error_ends(store: Store) -> None:
    commit(store, made_run(1, fact(SENT, "1", 1)), cells=[Cell("s", "province", "{}")])
    before = _rows(store)

    with pytest.raises(ZeroDivisionError):
        _fail_at_the_end(store, made_run(2, fact(HOTSPOTS, "2", 2)))

    assert _rows(store) == before


def test_what_was_rolled_back_can_be_written_after_all(store: Store) -> None:
    run = made_run(1, fact(SENT, "1", 1))
    with pytest.raises(ZeroDivisionError):
        _fail_at_the_end(store, run)

    number = commit(store, run, cells=[Cell("s", "province", "{}")])

    assert number == 1
    assert store.readings()[SENT].value == 1
    assert store.cells() == {("s", "province"): "{}"}


def test_numbers_have_no_gaps_in_spite_of_rollbacks(store: Store) -> None:
    for minute in range(6):
        with pytest.raises(ZeroDivisionError):
            _fail_at_the_end(store, made_run(minute))
        commit(store, made_run(minute))

    assert _numbers(store) == [1, 2, 3, 4, 5, 6]
    assert store.head() == 6


def test_threads_that_write_at_once_take_turns(store: Store) -> None:
    def write(source: str) -> None:
        for minute in range(10):
            commit(store, made_run(minute, fact(SENT, "1", minute), source=source))

    threads = [threading.Thread(target=write, args=(f"source-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _numbers(store) == list(range(1, 41))
    assert store.count_runs() == {(f"source-{n}", "ok"): 10 for n in range(4)}


def test_readers_see_the_state_before_an_open_transaction(store: Store) -> None:
    commit(store, made_run(1, fact(SENT, "1", 1)))

    with store.writing() as tx:
        tx.append_run(made_run(2, fact(SENT, "2", 2)))
        tx.append_scoreboard(at(3), None, None, ())
        seen = [store.readings()[SENT].value, store.head()]

    assert seen == [1, 1]
    assert [store.readings()[SENT].value, store.head()] == [2, 2]


def test_the_same_due_time_is_stored_once(store: Store) -> None:
    commit(store, made_run(1, fact(SENT, "1", 1)))

    with pytest.raises(StoreError) as caught:
        commit(store, made_run(0), made_run(1, fact(SENT, "2", 1)))

    assert caught.value.kind == "conflict"
    assert store.head() == 1
    assert [run.due_us for run in store.runs()] == [at(1)]


def test_a_manual_run_may_be_at_the_time_of_a_due_one(store: Store) -> None:
    commit(store, made_run(1), replace(made_run(1), manual=True))

    assert len(store.runs()) == 2


def test_a_number_without_its_scoreboard_is_not_committed(store: Store) -> None:
    with pytest.raises(RuntimeError, match="scoreboard 1 was taken"), store.writing() as tx:
        tx.append_run(made_run(1))

    assert store.runs() == ()
    assert store.head() == 0


def test_closed_runs_are_appended_without_a_scoreboard(store: Store) -> None:
    closed = [replace(made_run(minute), outcome="interrupted") for minute in (1, 2)]

    ids = store.append_closed(closed)

    assert [run.id for run in store.runs()] == list(reversed(ids))
    assert store.head() == 0


def test_content_taken_again_is_remembered_with_its_first_run(store: Store) -> None:
    commit(store, replace(made_run(1), taken=("a", "b", "a")))
    commit(store, replace(made_run(2), taken=("b", "c")))
    commit(store, replace(made_run(3, source="other"), taken=("d",)))

    assert store.taken("documents") == {"a", "b", "c"}
    assert store.taken("other") == {"d"}
    assert store.taken("nobody") == frozenset()


def test_text_that_no_database_takes_does_not_cost_the_run(store: Store) -> None:
    got = "a\0b\ud800"
    odd = replace(made_run(1), message=got, refusals=(Refusal("type", got, got),))

    commit(store, replace(odd, requests=(Request("GET", got, 200, 1, 0.1),)))

    (stored,) = store.runs()
    assert store.refusals(stored.id)[0].got.startswith("a\N{REPLACEMENT CHARACTER}b")
    assert store.run_requests(stored.id)[0].url == got


def test_rows_are_never_changed_or_deleted(store: Store) -> None:
    run = replace(refusing(1, HOTSPOTS), admitted=(fact(SENT, "1", 1),), taken=("a",))
    commit(store, run, cells=[Cell("s", "province", "{}")])
    commit(store, replace(made_run(2), manual=True, acceptance=Acceptance(1, "an", "because")))
    store.append_rescoring(Rescoring("d", 1, 1, "r"), "[]", {1: [Cell("s", "province", "{}")]})

    for table in METADATA.tables.values():
        if table.name == "head":
            continue
        for change in (update(table).values({next(iter(table.c)): 7}), delete(table)):
            with (
                pytest.raises(IntegrityError, match=f"{table.name} is append-only"),
                store._database.writer.begin() as connection,
            ):
                connection.execute(change)


def test_a_value_that_is_no_number_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="NaN is no number"):
        commit(store, made_run(1, Admitted(SENT, Decimal("NaN"), at(1))))

    assert store.runs() == ()


def test_large_and_small_numbers_are_kept_exactly(store: Store) -> None:
    value = Decimal("123456789012345678901234567890.000000000000000000000000000001")

    commit(store, made_run(1, Admitted(SENT, value, at(1))))

    assert store.readings()[SENT].value == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40))
def test_a_number_has_one_text(value: Decimal) -> None:
    text = canonical(value)

    assert Decimal(text) == value
    assert "E" not in text
    assert canonical(Decimal(f"{text}.000" if "." not in text else f"{text}000")) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [("1E+3", "1000"), ("0.50", "0.5"), ("-0", "0"), ("10.0", "10"), ("100", "100"), ("0E-9", "0")],
)
def test_equal_numbers_have_equal_texts(written: str, text: str) -> None:
    assert canonical(Decimal(written)) == text


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_becomes_one_that_can_be_stored(text: str) -> None:
    assert "\0" not in storable(text)
    assert storable(text).encode().decode() == storable(text)
    assert len(storable(text)) >= len(text)


def _fail_at_the_end(store: Store, run: Run) -> None:
    with store.writing() as tx:
        run_id = tx.append_run(run)
        tx.append_scoreboard(at(3), at(2), run_id, [Cell("s", "agency/a", "{}")])
        raise ZeroDivisionError


def _numbers(store: Store) -> list[int]:
    rows = [store.scoreboard_row(number) for number in range(1, store.head() + 1)]
    return [row.number for row in rows if row]


def _rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store._database.reader.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in METADATA.tables.items()
        }
