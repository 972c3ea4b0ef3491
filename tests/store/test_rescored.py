"""Definitions of sets, history scored by another set, and stored runs read back in order."""

import pytest
from alembic import command

from collector.facts import Cell
from collector.store import Store, StoreError
from collector.store.migrate import _config
from collector.store.rescored import Rescoring
from tests.store.made import HOTSPOTS, SENT, SIGNED, at, commit, fact, made_run, refusing

ONE = Rescoring("sha256:b", 1, 2, "sha256:all")
CELLS = {
    1: [Cell("new", "province", "{}"), Cell("new", "agency/a", '{"score":1}')],
    2: [Cell("new", "agency/a", None)],
}


def test_a_populated_store_of_the_first_tables_is_brought_up_and_keeps_its_facts(
    store: Store, store_url: str
) -> None:
    commit(store, made_run(1, fact(SENT, "12", 1)), cells=[Cell("old", "province", "{}")])
    config = _config()
    with store._database.migrator.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    with pytest.raises(StoreError, match="not yet this version's"):
        Store.open(store_url, read_only=True)

    again = Store.open(store_url)

    assert again.readings()[SENT].value == 12
    assert again.cells() == {("old", "province"): "{}"}
    assert again.definition("sha256:b") is None
    again.append_rescoring(Rescoring("sha256:b", 1, 1, "r"), "[]", {1: CELLS[1]})
    assert commit(again, made_run(2)) == 2
    again.close()


def test_a_definition_is_kept_in_the_transaction_of_the_scoreboard_that_uses_it(
    store: Store,
) -> None:
    for said in ({"sha256:a": "[1]"}, {"sha256:a": "[1]", "sha256:b": "[2]"}):
        with store.writing() as tx:
            tx.append_definitions(said)
            tx.append_scoreboard(at(1), None, None, ())

    assert store.definition("sha256:a") == "[1]"
    assert store.definition("sha256:b") == "[2]"


def test_a_definition_of_a_scoreboard_that_was_not_stored_is_stored_with_the_next(
    store: Store,
) -> None:
    with pytest.raises(RuntimeError, match="never appended"), store.writing() as tx:
        tx.append_definitions({"sha256:a": "[1]"})
    assert store.definition("sha256:a") is None

    with store.writing() as tx:
        tx.append_definitions({"sha256:a": "[1]"})
        tx.append_scoreboard(at(1), None, None, ())

    assert store.definition("sha256:a") == "[1]"


def test_a_definition_that_another_instance_kept_is_not_kept_twice(
    store: Store, store_url: str
) -> None:
    other = Store.open(store_url)
    for each in (store, other):
        with each.writing() as tx:
            tx.append_definitions({"sha256:a": "[1]"})
            tx.append_scoreboard(at(1), None, None, ())
    other.close()

    assert store.head() == 2


def test_a_rescoring_stands_beside_what_was_published_and_changes_nothing_of_it(
    store: Store,
) -> None:
    for minute in (1, 2):
        commit(store, made_run(minute), cells=[Cell("old", "province", f"{minute}")])
    before = (store.head(), store.cells(), store.runs(), store.readings())

    number = store.append_rescoring(ONE, "[]", CELLS)

    assert (store.head(), store.cells(), store.runs(), store.readings()) == before
    assert store.rescorings() == {number: ONE}
    assert store.rescored_cells(number) == tuple(
        (place, cell) for place, some in CELLS.items() for cell in sorted(some, key=_subject)
    )
    assert store.definition("sha256:b") == "[]"


def test_the_same_rescoring_is_stored_once_and_another_result_beside_it(store: Store) -> None:
    for minute in (1, 2):
        commit(store, made_run(minute))

    first = store.append_rescoring(ONE, "[]", CELLS)
    again = store.append_rescoring(ONE, "[]", CELLS)
    other = store.append_rescoring(Rescoring("sha256:b", 1, 2, "sha256:other"), "[]", {1: []})

    assert first == again
    assert store.rescorings().keys() == {first, other}
    assert store.rescored_cells(other) == ()


def test_cells_of_a_set_are_read_from_one_scoreboard_to_another(store: Store) -> None:
    for minute in (1, 2, 3):
        cells = [Cell("s", "province", str(minute)), Cell("other", "province", "-")]
        commit(store, made_run(minute), cells=cells)

    found = store.cells_between("s", 2, 3)

    assert found == ((2, Cell("s", "province", "2")), (3, Cell("s", "province", "3")))


def test_stored_runs_are_read_back_with_their_facts_in_the_order_of_their_commits(
    store: Store,
) -> None:
    runs = [
        made_run(3, fact(SENT, "12", 3), fact(SIGNED, "0.50", 3)),
        made_run(1, source="idle"),
        refusing(2, HOTSPOTS, source="wifi"),
        made_run(4, fact(SENT, None, 4)),
    ]
    for run in runs:
        commit(store, run)

    found = store.runs_with_facts(0, store.run_of_board(4))

    assert [run.source for run, _ in found] == ["documents", "wifi", "documents"]
    assert {one.series: one.value for one in found[0][0].admitted} == {SENT: 12, SIGNED: 0.5}
    assert found[1][0].refusals == runs[2].refusals
    assert found[2][0].admitted == runs[3].admitted
    assert found[0][0].ended_us == runs[0].ended_us
    assert store.runs_with_facts(found[0][1], found[1][1]) == found[1:2]


def test_what_a_scoreboard_knew_is_read_by_its_last_run_whatever_the_times_say(
    store: Store,
) -> None:
    commit(store, made_run(9, fact(SENT, "1", 9)))
    with store.writing() as tx:
        tx.append_scoreboard(at(10), None, None, ())
    commit(store, made_run(5, fact(SENT, "2", 5)), refusing(6, HOTSPOTS))

    knew = [store.run_of_board(number) for number in (0, 1, 2, 3)]

    assert knew[0] == 0
    assert knew[1] == knew[2] < knew[3]
    assert store.readings(last_run=knew[0]) == {}
    assert store.readings(last_run=knew[2])[SENT].value == 1
    assert store.readings(last_run=knew[3])[SENT].value == 2
    assert store.readings(None, at(4), last_run=knew[3]) == {}
    assert store.held(last_run=knew[2]) == frozenset()
    assert store.held(last_run=knew[3]) == {HOTSPOTS}


def test_scoreboards_are_read_by_when_they_were_published(store: Store) -> None:
    for minute in (1, 2, 3):
        commit(store, made_run(minute))
    second_us = made_run(2).ended_us

    found = store.scoreboard_rows(second_us, second_us + 1)

    assert [(row.number, row.published_us) for row in found] == [(2, second_us)]


def _subject(cell: Cell) -> str:
    return cell.subject
