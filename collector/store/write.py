"""One writing transaction: runs and the scoreboard that follows, all or nothing."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from sqlalchemy import Connection, Table, insert, select, update

from collector.facts import Acceptance, Cell, Refusal, Run, Series
from collector.store.definitions import append_definitions
from collector.store.intern import Interned, Key
from collector.store.tables import (
    acceptances,
    cells,
    head,
    observations,
    refusals,
    runs,
    scoreboards,
    series,
    subjects,
    taken,
)


class Names:
    """Ids of series and subjects, and sets that are kept, remembered across transactions."""

    def __init__(self) -> None:
        self.series = Interned(series)
        self.subjects = Interned(subjects)
        self.sets: set[str] = set()

    def forget(self) -> None:
        self.series.forget()
        self.subjects.forget()
        self.sets.clear()


class Writing:
    """A transaction under way; its number is the new scoreboard's, the first thing it takes."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._published = False
        following = update(head).values(number=head.c.number + 1).returning(head.c.number)
        self.number: int = connection.execute(following).scalar_one()

    def append_run(self, run: Run) -> int:
        """Append a run with all that it brought, and return its id."""
        return append_run(self._connection, self._names, run)

    def append_definitions(self, definitions: Mapping[str, str]) -> None:
        """Keep what the sets of the scoreboard say, by their digests; each is stored once."""
        append_definitions(self._connection, self._names.sets, definitions)

    def append_scoreboard(
        self, published_us: int, data_us: int | None, run_id: int | None, changed: Sequence[Cell]
    ) -> None:
        """Append the one scoreboard; `changed` are the cells that differ from the one before."""
        self._published = True
        row = {"published_us": published_us, "data_us": data_us, "run_id": run_id}
        self._connection.execute(insert(scoreboards), {"number": self.number, **row})
        ids = self._names.subjects.ids(
            self._connection, [(cell.set_id, cell.subject) for cell in changed]
        )
        rows = [(ids[cell.set_id, cell.subject], self.number, cell.body) for cell in changed]
        append_rows(self._connection, cells, rows)

    def finish(self) -> None:
        """Before the commit: a number without its scoreboard would leave a gap."""
        if not self._published:
            raise RuntimeError(f"scoreboard {self.number} was taken and never appended")


def take_turn(connection: Connection) -> None:
    """Lock out other writers without taking a number."""
    connection.execute(select(head.c.number).with_for_update())


def append_run(connection: Connection, names: Names, run: Run) -> int:
    """Append the run's row, and all that it brought; return its id."""
    run_id: int = connection.execute(insert(runs).returning(runs.c.id), _row(run)).scalar_one()
    placed = [refusal.series for refusal in run.refusals if refusal.series]
    keys = [_key(one) for one in (*placed, *(one.series for one in run.admitted))]
    ids = names.series.ids(connection, keys)
    append_rows(connection, observations, _observation_rows(run, run_id, ids))
    append_rows(connection, refusals, _refusal_rows(run, run_id, ids))
    _append_taken(connection, run, run_id)
    if run.acceptance is not None:
        connection.execute(insert(acceptances), _acceptance_row(run.acceptance, run, run_id))
    return run_id


def canonical(value: Decimal) -> str:
    """The one text of a number: equal numbers have equal texts. ValueError if it is not finite."""
    if not value.is_finite():
        raise ValueError(f"{value} is no number to store")
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def storable(text: str) -> str:
    """Text that both databases take: what no file can hold (NUL, half a character) is replaced."""
    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return whole.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _row(run: Run) -> dict[str, object]:
    return {
        "source": run.source,
        "due_us": run.due_us,
        "manual": int(run.manual),
        "began_us": run.began_us,
        "ended_us": run.ended_us,
        "outcome": run.outcome,
        "error_reason": run.error_reason,
        "message": None if run.message is None else storable(run.message),
        "received": run.received,
        "declared": run.declared,
        "admitted": len(run.admitted),
        "refused": len(run.refusals),
        "digest": run.digest,
        "requests": _requests_text(run),
        "verdict": run.track.verdict,
        "same": run.track.same or None,
        "absent": _list_text(run.track.absent),
        "vanished": _list_text(run.track.vanished),
        "offered": _list_text(run.offered),
        "past": run.past,
        "not_before_us": run.not_before_us,
    }


def _list_text(texts: Sequence[str]) -> str | None:
    return json.dumps(texts, separators=(",", ":")) if texts else None


def _acceptance_row(acceptance: Acceptance, run: Run, run_id: int) -> dict[str, object]:
    return {
        "run_id": run_id,
        "of_run": acceptance.of_run,
        "who": storable(acceptance.who),
        "why": storable(acceptance.why),
        "at_us": run.ended_us,
    }


def _requests_text(run: Run) -> str:
    asked = [[one.method, one.url, one.status, one.bytes, one.seconds] for one in run.requests]
    return json.dumps(asked, separators=(",", ":"))


def _observation_rows(run: Run, run_id: int, ids: dict[Key, int]) -> list[tuple[object, ...]]:
    known_us = run.ended_us
    rows = [
        (ids[_key(one.series)], run_id, one.data_us, known_us, _value_text(one.value))
        for one in run.admitted
    ]
    # In the order of the key, which is the order of the pages.
    return sorted(rows, key=itemgetter(0))


def _value_text(value: Decimal | None) -> str | None:
    return None if value is None else canonical(value)


def _refusal_rows(run: Run, run_id: int, ids: dict[Key, int]) -> list[tuple[object, ...]]:
    return [
        (
            *(run_id, place, one.reason, storable(one.where), storable(one.got)),
            *(_id_of(one, ids), _value_text(one.value), one.data_us),
        )
        for place, one in enumerate(run.refusals)
    ]


def _id_of(refusal: Refusal, ids: dict[Key, int]) -> int | None:
    return None if refusal.series is None else ids[_key(refusal.series)]


def _append_taken(connection: Connection, run: Run, run_id: int) -> None:
    if not run.taken:
        return
    known = connection.scalars(select(taken.c.digest).where(taken.c.source == run.source))
    new = dict.fromkeys(run.taken).keys() - set(known)
    append_rows(connection, taken, [(run.source, digest, run_id) for digest in sorted(new)])


def append_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows in the order of the table's columns, straight to the driver: there are many."""
    if rows:
        statement = insert(table).compile(dialect=connection.dialect)
        connection.exec_driver_sql(str(statement), list(rows))


def _key(one: Series) -> Key:
    return (one.metric, one.agency, one.period)
