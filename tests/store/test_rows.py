"""Rows that are sent many at a time, in pieces of a few sizes."""

import pytest

from collector.store import Store
from tests.store.made import SENT, commit, fact, made_run


@pytest.mark.parametrize("many", [1, 3, 255, 256, 257, 700])
def test_each_of_many_runs_is_given_its_own_id_in_their_order(store: Store, many: int) -> None:
    runs = [made_run(minute, fact(SENT, str(minute), minute)) for minute in range(many)]

    with store.writing() as tx:
        ids = tx.append_runs(runs)
        tx.append_scoreboard(runs[-1].ended_us, None, ids[-1], ())

    assert ids == sorted(ids)
    assert {stored.id: stored.due_us for stored in store.runs(limit=many + 1)} == {
        number: run.due_us for number, run in zip(ids, runs, strict=True)
    }
    assert [store.admitted(number) for number in ids] == [run.admitted for run in runs]


def test_rows_beside_each_other_are_stored_as_one_after_the_other(store: Store) -> None:
    together = [made_run(1, fact(SENT, "1", 1)), made_run(2), made_run(3, fact(SENT, "3", 3))]
    with store.writing() as tx:
        ids = tx.append_runs(together)
        tx.append_scoreboard(together[-1].ended_us, None, ids[-1], ())
    commit(store, made_run(4, fact(SENT, None, 4)))

    assert [len(store.admitted(number)) for number in ids] == [1, 0, 1]
    assert SENT not in store.readings()
