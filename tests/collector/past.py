"""A small province's past, fact by fact: who moves it needs no source."""

from decimal import Decimal

from collector.clock import DAY_US, HOUR_US
from collector.facts import Admitted, Run, Series
from tests.makers import AGENCIES, Draft, Rig

TOTALS = frozenset({"sent", "signed"})
Facts = dict[tuple[str, str], float | None]


def everybody(**values: float) -> Facts:
    return {(agency, metric): number for agency in AGENCIES for metric, number in values.items()}


def brought(rig: Rig, facts: Facts, *, data_us: int | None = None, period: str = "2024") -> int:
    """A run that brings these facts now; the scoreboard's number after it."""
    at_us = rig.clock.now_us()
    admitted = tuple(
        Admitted(
            Series(metric, agency, period if metric in TOTALS else ""),
            None if number is None else Decimal(str(number)),
            at_us if data_us is None else data_us,
        )
        for (agency, metric), number in facts.items()
    )
    # Two runs of a moment are due at two.
    due_us = at_us - rig.published.board.number
    run = Run("counts", due_us, due_us, at_us, "ok", admitted=admitted)
    return rig.publish(run).board.number


def next_day(rig: Rig) -> None:
    rig.move(DAY_US)


def next_hour(rig: Rig) -> None:
    rig.move(HOUR_US)


def harder(draft: Draft) -> None:
    """Another edition of the set: signing counts double, and meeting officers no more."""
    signed, spots, _ = draft.indicators["groups"][0]["indicators"]
    signed["points"] = {"max": 20, "rule": "to_target", "target": 1}
    draft.indicators["groups"][0]["indicators"] = [signed, spots]
