"""Definitions of sets, history scored by another set, and stored runs read back in order."""

from dataclasses import replace

import pytest
from alembic import command
from sqlalchemy import func, select

from collector.facts import Cell
from collector.store import Store, StoreError
from collector.store.migrate import _config
from collector.store.rescored import Rescoring
from collector.store.tables import rescored_cells
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


def test_rescorings_kept_before_it_was_known_against_what_keep_their_numbers(
    store: Store, store_url: str
) -> None:
    commit(store, made_run(1))
    early = Rescoring("sha256:b", 1, 1, "r")
    numbers = [
        store.append_rescoring(replace(early, result=result), "[]", {1: CELLS[1]})
        for result in ("r", "s")
    ]
    config = _config()
    with store._database.migrator.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")

    again = Store.open(store_url)

    assert again.rescorings() == {numbers[0]: early, numbers[1]: replace(early, result="s")}
    assert len(again.rescored_cells(numbers[1])) == 2
    later = replace(early, live_id="old", until_us=at(1), made_us=at(2))
    number = again.append_rescoring(later, "[]", {1: CELLS[1]})
    assert number > max(numbers)
    assert again.rescorings()[number] == later
    assert again.rescored_cells(number) == again.rescored_cells(numbers[0])
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


def test_what_is_held_against_another_set_has_a_number_and_its_cells_stand_once(
    store: Store,
) -> None:
    for minute in (1, 2):
        commit(store, made_run(minute), cells=[Cell("old", "province", f"{minute}")])
    asked = replace(ONE, live_id="old", until_us=at(2), made_us=at(3))

    first = store.append_rescoring(asked, "[]", CELLS)
    again = store.append_rescoring(replace(asked, made_us=at(9)), "[]", CELLS)
    others = [
        store.append_rescoring(replace(asked, **changed), "[]", CELLS)
        for changed in ({"live_id": "other"}, {"until_us": at(1)})
    ]

    assert again == first
    assert store.rescorings()[first].made_us == at(3)
    assert len({first, *others}) == 3
    with store._database.reader.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(rescored_cells)) == 3
    for number in others:
        assert store.rescored_cells(number) == store.rescored_cells(first)
        assert store.rescored_ends(number) == {("new", "province"): "{}"}


def test_cells_of_a_set_are_read_from_one_scoreboard_to_another(store: Store) -> None:
    for minute in (1, 2, 3):
        cells = [Cell("s", "province", str(minute)), Cell("other", "province", "-")]
        commit(store, made_run(minute), cells=cells)

    found = store.cells_between("s", 2, 3)

    assert found == ((2, Cell("s", "province", "2")), (3, Cell("s", "province", "3")))


def test_facts_are_read_back_run_by_run_in_the_order_of_their_commits(store: Store) -> None:
    runs = [
        made_run(3, fact(SENT, "12", 3), fact(SIGNED, "0.50", 3)),
        made_run(1, source="idle"),
        refusing(2, HOTSPOTS, source="wifi"),
        made_run(4, fact(SENT, None, 4)),
    ]
    first, _, refused, last = (commit(store, run) for run in runs)
    numbers = {series: number for number, series in store.series_by_id().items()}

    found = store.facts_between(0, store.run_of_board(4))

    ids = {run.began_us: run.id for run in store.runs()}
    assert (first, refused, last) == (1, 3, 4)
    assert numbers.keys() == {SENT, SIGNED, HOTSPOTS}
    assert list(found.runs) == [ids[at(3)], ids[at(3)], ids[at(4)]]
    assert list(found.series) == [numbers[SENT], numbers[SIGNED], numbers[SENT]]
    assert list(found.values) == ["12", "0.5", None]
    assert list(found.data_us) == [at(3), at(3), at(4)]
    assert set(found.refused) == {(ids[at(2)], numbers[HOTSPOTS])}
    later = store.facts_between(ids[at(3)], ids[at(4)])
    assert (list(later.values), later.refused) == ([None], found.refused)
    assert store.facts_between(ids[at(4)], ids[at(4)]).runs == ()


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
