"""A scoreboard with other readings, or by another set: what would be, and for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np

from collector.documents import Document
from collector.insight.recompute import NOTHING, Scored, bodies_of, known_at, scored
from collector.periods import iso
from collector.scoreboard import Grid, Known, build
from collector.settings.findings import hint
from collector.settings.model import Metric, SetSpec, Settings
from collector.store.store import Store
from connectors.numbers import is_ambiguous, read_number

_FIGURES = ("score", "low", "high", "rank", "rank_best", "rank_worst", "band", "coverage")
_POINTS = ("value", "points", "points_max", "status")


Bodies = dict[str, Document]


Wrong = Literal[
    "form", "twice", "metric", "unused", "number", "state", "range", "part", "agency", "board"
]


class WhatIfError(ValueError):
    """The question makes no sense: no such agency or metric, or a value that cannot be.

    `wrong` and `about` say the same to who has words of their own.
    """

    def __init__(self, message: str, wrong: Wrong, **about: str) -> None:
        super().__init__(message)
        self.wrong: Wrong = wrong
        self.about: Mapping[str, str] = about


@dataclass(frozen=True)
class Question:
    """An agency's readings by metric, as they would be, and the set to score by.

    `live` is the set that the answer is held against; mostly the same.
    """

    agency: str
    values: Mapping[str, Decimal]
    live: SetSpec
    spec: SetSpec


@dataclass(frozen=True)
class Stood:
    """The scoreboard that is asked about: its number and moment, and what it knew."""

    number: int
    published_us: int
    known: Known


def readings_of(texts: list[str], settings: Settings, spec: SetSpec) -> dict[str, Decimal]:
    """`METRIC=VALUE` each, a state by its name or its number; WhatIfError says what is wrong."""
    return readings_given((_sure(*_pair(text)) for text in texts), settings, spec)


def readings_given(
    pairs: Iterable[tuple[str, str]], settings: Settings, spec: SetSpec
) -> dict[str, Decimal]:
    """A metric and its value each, as `readings_of` takes them apart."""
    values: dict[str, Decimal] = {}
    for name, text in pairs:
        if name in values:
            raise WhatIfError(f"{name}: given more than once", "twice", metric=name)
        values[name] = _value(_metric(settings, spec, name), text.strip())
    return values


def what_if(settings: Settings, store: Store, question: Question) -> Document:
    """The newest scoreboard's moment, scored as it was and as it would be; nothing is stored.

    WhatIfError where the store holds no scoreboard yet, or the agency is not on it.
    """
    row = store.scoreboard_row()
    if row is None:
        raise WhatIfError("the store holds no scoreboard yet", "board")
    stood = Stood(row.number, row.published_us, known_at(store, row.number))
    return what_if_of(settings, stood, question)


def what_if_of(settings: Settings, stood: Stood, question: Question) -> Document:
    """The same of a scoreboard that is at hand."""
    known, at_us = stood.known, stood.published_us
    before = scored(settings, question.live, known, at_us)
    same = question.spec.scoring.digest == question.live.scoring.digest
    plain = before if same else scored(settings, question.spec, known, at_us)
    agencies = plain.board.roster.agencies
    if question.agency not in agencies:
        said = f"{question.agency}: not on the scoreboard{hint(question.agency, agencies)}"
        raise WhatIfError(said, "agency", agency=question.agency)
    _check_bounds(settings, question, plain)
    after = _changed(plain, question, at_us)
    return {
        "agency": question.agency,
        "number": stood.number,
        "published_at": iso(at_us),
        "live": _head(question.live),
        "set": _head(question.spec),
        "readings": [_reading_entry(plain, question, metric) for metric in question.values],
        **_told(settings, before, after, question),
    }


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not value:
        raise WhatIfError(f"{text!r} is not of the form METRIC=VALUE", "form", text=text)
    return name, value


def _sure(name: str, value: str) -> tuple[str, str]:
    """Typed by hand, 5.300 may mean 5300."""
    if not is_ambiguous(value):
        return name, value
    whole = value.replace(".", "").replace(",", "")
    said = f"{name}: {value} may mean {whole}: write {whole}, or one more decimal, {value}0"
    raise WhatIfError(said, "number", metric=name, text=value)


def _metric(settings: Settings, spec: SetSpec, name: str) -> Metric:
    metric = settings.metrics.get(name)
    if metric is None:
        said = f"{name}: no such metric{hint(name, settings.metrics)}"
        raise WhatIfError(said, "metric", metric=name)
    used = frozenset[str]().union(*(one.formula.metrics for one in spec.scoring.indicators))
    if name not in used:
        said = f"{name}: no indicator of {spec.id} uses it{hint(name, used)}"
        raise WhatIfError(said, "unused", metric=name)
    return metric


def _value(metric: Metric, text: str) -> Decimal:
    named = metric.values or {}
    if text in named:
        return named[text]
    value = read_number(text, "plain")
    if isinstance(value, str) or not value.is_finite() or (named and value not in named.values()):
        if not named:
            raise WhatIfError(
                f"{metric.id}: {text!r} is no number", "number", metric=metric.id, text=text
            )
        known = ", ".join(named)
        said = f"{metric.id}: {text!r} is no state: one of {known}{hint(text, named)}"
        raise WhatIfError(said, "state", metric=metric.id, text=text, known=known)
    return _in_range(metric, value)


def _in_range(metric: Metric, value: Decimal) -> Decimal:
    low, high = metric.low, metric.high
    if (low is not None and value < low) or (high is not None and value > high):
        least, most = (f"{end:f}" if end is not None else "…" for end in (low, high))
        said = f"{metric.id}: {value:f} is outside its range, {least} to {most}"
        raise WhatIfError(
            said, "range", metric=metric.id, value=f"{value:f}", least=least, most=most
        )
    return value


def _check_bounds(settings: Settings, question: Question, each: Scored) -> None:
    """A part of a count cannot be more than the count, be either of them changed or not."""
    row = each.board.roster.agencies.index(question.agency)
    numbers = {
        metric.id: Decimal(str(number)).normalize()
        for metric, number in zip(each.plan.metrics, each.grid.numbers[row].tolist(), strict=True)
        if not np.isnan(number)
    } | dict(question.values)
    for name in sorted(numbers):
        whole = settings.metrics[name].at_most
        touched = question.values.keys() & {name, whole}
        if touched and whole in numbers and numbers[name] > numbers[whole]:
            part, most = f"{numbers[name]:f}", f"{numbers[whole]:f}"
            said = f"{name}: {part} is more than {whole}, {most}"
            raise WhatIfError(said, "part", metric=name, value=part, whole=whole, most=most)


def _changed(each: Scored, question: Question, at_us: int) -> Scored:
    """The board once more, the readings fresh at its moment, connected or not."""
    grid, plan = each.grid, each.plan
    numbers, data_us, held = grid.numbers.copy(), grid.data_us.copy(), grid.held.copy()
    trusted = plan.stale_after_us.copy()
    row = plan.roster.agencies.index(question.agency)
    for column, metric in enumerate(plan.metrics):
        if metric.id in question.values:
            place = row, column
            numbers[place], data_us[place] = float(question.values[metric.id]), at_us
            held[place], trusted[place] = False, max(trusted[place], 0)
    changed = replace(plan, stale_after_us=trusted)
    filled = Grid(changed, numbers, data_us, held)
    return Scored(changed, filled, build([filled], NOTHING, number=0, at_us=at_us).boards[0])


def _told(settings: Settings, before: Scored, after: Scored, question: Question) -> Document:
    sides = [bodies_of(settings, each) for each in (before, after)]
    mine = f"agency/{question.agency}"
    return {
        "before": _kept(sides[0].get(mine), _FIGURES),
        "after": _kept(sides[1].get(mine), _FIGURES),
        "indicators": [
            {"id": one.id, "name": {"vi": one.name.vi, "en": one.name.en}} | change
            for one in after.plan.spec.indicators
            for change in [_change(sides, f"{mine}/{one.id}", _POINTS)]
            if change["before"] != change["after"]
        ],
        "others": _others(sides, after.board.roster.agencies, question.agency),
        "blocks": _wholes(sides, "block/"),
        "province": _wholes(sides, "province")[0],
    }


def _others(sides: list[Bodies], agencies: tuple[str, ...], mine: str) -> list[Document]:
    """Whose rank becomes another, best first."""
    entries = [
        {key: sides[1][f"agency/{one}"][key] for key in ("id", "block", "name")}
        | _change(sides, f"agency/{one}", ("score", "rank"))
        for one in agencies
        if one != mine
    ]
    moved = [one for one in entries if _rank(one["before"]) != _rank(one["after"])]
    return sorted(moved, key=lambda one: (one["block"], _rank(one["after"]) or len(agencies) + 1))


def _wholes(sides: list[Bodies], head: str) -> list[Document]:
    subjects = sorted(one for one in sides[0].keys() | sides[1].keys() if one.startswith(head))
    named = [(sides[1].get(one) or sides[0][one], one) for one in subjects]
    return [
        {"id": body["id"], "name": body["name"]} | _change(sides, one, ("score", "band"))
        for body, one in named
    ]


def _change(sides: list[Bodies], subject: str, keys: tuple[str, ...]) -> Document:
    before, after = (_kept(side.get(subject), keys) for side in sides)
    return {"before": before, "after": after}


def _kept(body: Document | None, keys: tuple[str, ...]) -> Document | None:
    return None if body is None else {key: body[key] for key in keys}


def _rank(figures: Document | None) -> int | None:
    return None if figures is None else figures["rank"]


def _reading_entry(each: Scored, question: Question, metric: str) -> Document:
    row = each.board.roster.agencies.index(question.agency)
    column = [one.id for one in each.plan.metrics].index(metric)
    number = float(each.grid.numbers[row, column])
    return {
        "metric": metric,
        "before": None if np.isnan(number) else number,
        "after": float(question.values[metric]),
    }


def _head(spec: SetSpec) -> Document:
    return {"id": spec.id, "digest": spec.scoring.digest, "scale": spec.scoring.scale}
