from collector.facts import Cell, Sample
from collector.store import ScoreboardRow, Store
from tests.store.made import at, commit, made_run

SET = "sonla-2024"


def publish(store: Store, minute: int, **bodies: str | None) -> int:
    """A scoreboard of its own, published at a minute."""
    with store.writing() as tx:
        changed = [Cell(SET, subject, body) for subject, body in bodies.items()]
        tx.append_scoreboard(at(minute), None, None, changed)
    return tx.number


def test_a_store_begins_without_a_scoreboard(store: Store) -> None:
    assert store.head() == 0
    assert store.scoreboard_row() is None
    assert store.cells() == {}
    assert store.number_at(at(1)) is None
    assert store.history(SET, "province") == ()


def test_a_scoreboard_has_its_times_and_its_run(store: Store) -> None:
    run = made_run(5)
    commit(store, run)
    publish(store, 9)

    run_id = store.runs()[0].id
    assert store.scoreboard_row(1) == ScoreboardRow(1, run.ended_us, run.due_us, run_id)
    assert store.scoreboard_row() == ScoreboardRow(2, at(9), None, None)
    assert store.scoreboard_row(3) is None


def test_cells_are_those_in_force_in_a_scoreboard(store: Store) -> None:
    publish(store, 1, province="1", a="1")
    publish(store, 2, a="2")
    publish(store, 3, a=None, b="3")

    assert store.cells(1) == {(SET, "province"): "1", (SET, "a"): "1"}
    assert store.cells(2) == {(SET, "province"): "1", (SET, "a"): "2"}
    assert store.cells() == {(SET, "province"): "1", (SET, "b"): "3"}
    assert store.cells(0) == {}


def test_the_same_subject_in_two_sets_is_two_subjects(store: Store) -> None:
    with store.writing() as tx:
        cells = [Cell("month", "province", "m"), Cell("year", "province", "y")]
        tx.append_scoreboard(at(1), None, None, cells)

    assert store.cells() == {("month", "province"): "m", ("year", "province"): "y"}
    assert [sample.body for sample in store.history("year", "province")] == ["y"]


def test_the_number_before_an_instant_leaves_that_instant_out(store: Store) -> None:
    for minute in (1, 2, 3):
        publish(store, minute)

    assert store.number_at(at(3)) == 2
    assert store.number_at(at(3) + 1) == 3
    assert store.number_at(at(1)) is None


def test_history_tells_each_change_in_the_order_of_numbers(store: Store) -> None:
    publish(store, 1, a="1")
    publish(store, 2, b="x")
    publish(store, 3, a="3")
    publish(store, 4, a=None)

    assert store.history(SET, "a") == (
        Sample(1, None, at(1), "1"),
        Sample(3, None, at(3), "3"),
        Sample(4, None, at(4), None),
    )


def test_history_of_an_interval_begins_with_what_stood_then(store: Store) -> None:
    for minute in (1, 3, 5, 7):
        publish(store, minute, a=str(minute))

    assert _bodies(store, 4, 7) == ["3", "5"]
    assert _bodies(store, 5, 8) == ["5", "7"]
    assert _bodies(store, 0, 2) == ["1"]
    assert _bodies(store, None, 4) == ["1", "3"]
    assert _bodies(store, 9, None) == ["7"]


def test_history_keeps_the_order_of_numbers_when_the_clock_was_set_back(store: Store) -> None:
    for minute in (5, 3, 4):
        publish(store, minute, a=str(minute))

    assert _bodies(store, None, None) == ["5", "3", "4"]
    assert _bodies(store, 4, None) == ["4"]


def test_the_newest_instant_is_that_of_a_run_or_a_scoreboard(store: Store) -> None:
    publish(store, 5)
    assert store.newest_us() == at(5)

    store.append_closed([made_run(6)])
    assert store.newest_us() == made_run(6).ended_us


def _bodies(store: Store, from_minute: int | None, until_minute: int | None) -> list[str | None]:
    from_us = None if from_minute is None else at(from_minute)
    until_us = None if until_minute is None else at(until_minute)
    return [sample.body for sample in store.history(SET, "a", from_us, until_us)]
