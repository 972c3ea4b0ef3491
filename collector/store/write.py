"""One writing transaction: runs and the scoreboard that follows, all or nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from sqlalchemy import Connection, insert, select

from collector.facts import Acceptance, Cell, Refusal, Run
from collector.store.definitions import append_definitions
from collector.store.intern import Interned, Key
from collector.store.rows import append_returning, append_rows
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
from connectors.base import Request

_NEXT_NUMBER = "UPDATE head SET number = number + 1 RETURNING number"
# Of a run's row, all but the id that it is given.
_COLUMNS = tuple(name for name in runs.c.keys() if name != "id")  # noqa: SIM118  a collection of columns
# No two runs have the same.
_RUN_KEY = ("source", "due_us", "manual")


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
    """A transaction under way; its number is the new scoreboard's, the first thing it takes.

    `sources` comes to hold those of its runs.
    """

    def __init__(self, connection: Connection, names: Names, sources: set[str]) -> None:
        self._connection = connection
        self._names = names
        self._sources = sources
        self._published = False
        self.number: int = connection.exec_driver_sql(_NEXT_NUMBER).scalar_one()

    def append_run(self, run: Run) -> int:
        """Append a run with all that it brought, and return its id."""
        return self.append_runs([run])[0]

    def append_runs(self, new: Sequence[Run]) -> list[int]:
        """Append runs with all that they brought, and return their ids."""
        self._sources.update(run.source for run in new)
        return append_runs(self._connection, self._names, new)

    def append_definitions(self, definitions: Mapping[str, str]) -> None:
        """Keep what the sets of the scoreboard say, by their digests; each is stored once."""
        append_definitions(self._connection, self._names.sets, definitions)

    def append_scoreboard(
        self, published_us: int, data_us: int | None, run_id: int | None, changed: Sequence[Cell]
    ) -> None:
        """Append the one scoreboard; `changed` are the cells that differ from the one before."""
        self._published = True
        row = (self.number, published_us, data_us, run_id)
        append_rows(self._connection, scoreboards, [row])
        if not changed:
            return
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


def append_runs(connection: Connection, names: Names, new: Sequence[Run]) -> list[int]:
    """Append the runs' rows, and all that they brought; return their ids."""
    numbers = _append_run_rows(connection, new)
    numbered = list(zip(new, numbers, strict=True))
    ids = names.series.ids(connection, _series_of(new))
    facts = [row for pair in numbered for row in _observation_rows(*pair, ids)]
    append_rows(connection, observations, facts)
    refused = [row for pair in numbered for row in _refusal_rows(*pair, ids)]
    append_rows(connection, refusals, refused)
    for run, run_id in numbered:
        _append_taken(connection, run, run_id)
        if run.acceptance is not None:
            connection.execute(insert(acceptances), _acceptance_row(run.acceptance, run, run_id))
    return numbers


def _append_run_rows(connection: Connection, new: Sequence[Run]) -> list[int]:
    rows = [_row(run) for run in new]
    given = append_returning(connection, runs, _COLUMNS, rows, ("id", *_RUN_KEY))
    ids = {(source, due_us, manual): number for number, source, due_us, manual in given}
    return [ids[run.source, run.due_us, int(run.manual)] for run in new]


def _series_of(new: Sequence[Run]) -> Iterator[Key]:
    for run in new:
        yield from (refusal.series for refusal in run.refusals if refusal.series)
        yield from (one.series for one in run.admitted)


def canonical(value: Decimal) -> str:
    """The one text of a number: equal numbers have equal texts. ValueError if it is not finite."""
    text = str(value)
    if text.isdecimal():  # most are counts, and these are written as they are
        return text
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


def _row(run: Run) -> tuple[object, ...]:
    """In the order of `_COLUMNS`."""
    track = run.track
    return (
        *(run.source, run.due_us, int(run.manual), run.began_us, run.ended_us),
        *(run.outcome, run.error_reason),
        None if run.message is None else storable(run.message),
        *(run.received, run.declared, len(run.admitted), len(run.refusals), run.digest),
        _requests_text(run),
        *(track.verdict, track.same or None, _list_text(track.absent), _list_text(track.vanished)),
        *(_list_text(run.offered), run.past, run.not_before_us),
    )


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
    return json.dumps([_request_row(one) for one in run.requests], separators=(",", ":"))


def _request_row(one: Request) -> list[object]:
    """In the order of its fields; rows only where there can be any."""
    row: list[object] = [one.method, one.url, one.status, one.bytes, one.seconds]
    return row if one.rows is None else [*row, one.rows]


def _observation_rows(run: Run, run_id: int, ids: dict[Key, int]) -> list[tuple[object, ...]]:
    known_us = run.ended_us
    rows = [
        (ids[series], run_id, data_us, known_us, None if value is None else canonical(value))
        for series, value, data_us in run.admitted
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
    return None if refusal.series is None else ids[refusal.series]


def _append_taken(connection: Connection, run: Run, run_id: int) -> None:
    if not run.taken:
        return
    known = connection.scalars(select(taken.c.digest).where(taken.c.source == run.source))
    new = dict.fromkeys(run.taken).keys() - set(known)
    append_rows(connection, taken, [(run.source, digest, run_id) for digest in sorted(new)])
