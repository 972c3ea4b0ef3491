"""Made-up facts for the store's tests."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from collector.clock import MINUTE_US
from collector.facts import Admitted, Cell, Refusal, Run, Series
from collector.store import Store

START_US = 1_704_067_200_000_000
SENT = Series("documents_sent", "so-tttt", "2024")
SIGNED = Series("documents_signed", "so-tttt", "2024")
HOTSPOTS = Series("wifi_hotspots", "huyen-moc-chau", "")


def at(minute: int) -> int:
    return START_US + minute * MINUTE_US


def fact(series: Series, value: str | None, minute: int) -> Admitted:
    return Admitted(series, None if value is None else Decimal(value), at(minute))


def made_run(minute: int, *admitted: Admitted, source: str = "documents") -> Run:
    """A good run, due at a minute, that ended a second later."""
    ended_us = at(minute) + 1_000_000
    run = Run(source, at(minute), at(minute), ended_us, "ok", admitted=admitted)
    return replace(run, received=len(admitted), digest=f"sha256:{minute}")


def refusing(minute: int, *refused: Series, source: str = "documents") -> Run:
    refusals = tuple(Refusal("range", f"row {n}", "-1", one) for n, one in enumerate(refused))
    return replace(made_run(minute, source=source), refusals=refusals)


def commit(store: Store, *runs: Run, cells: Sequence[Cell] = ()) -> int:
    """Append runs and the scoreboard after them, at the end of the last; return its number."""
    with store.writing() as tx:
        ids = [tx.append_run(run) for run in runs]
        tx.append_scoreboard(runs[-1].ended_us, runs[-1].due_us, ids[-1], cells)
    return tx.number
