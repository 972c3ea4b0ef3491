"""An example set of three indicators, and agencies with the inputs that a test gives them."""

from collections.abc import Mapping, Sequence

import numpy as np

from scoring.formula import parse_formula
from scoring.model import (
    NOT_APPLICABLE,
    NOT_CONNECTED,
    OK,
    Band,
    Indicator,
    IndicatorSet,
    Inputs,
    Result,
    Roster,
    Target,
)
from scoring.rules import Steps, ToTarget, YesNo
from scoring.score import prepare, score
from scoring.shown import shown

SIGNED = Indicator(
    "signed",
    "documents",
    parse_formula("signed / sent"),
    when_zero="not_applicable",
    points_max=10,
    rule=ToTarget(),
    target=Target(0.8),
)
MEETINGS = Indicator(
    "meetings",
    "people",
    parse_formula("meetings"),
    when_zero="zero",
    points_max=6,
    rule=Steps(((4, 6), (2, 3)), 6),
)
OFFICER = Indicator(
    "officer",
    "people",
    parse_formula("officer"),
    when_zero="zero",
    points_max=4,
    rule=YesNo(),
    over_province="mean",
)
SET = IndicatorSet(
    id="example",
    digest="",
    scale=100,
    digits=2,
    missing="zero",
    min_coverage=0,
    province="mean_of_blocks",
    bands=(Band("good", 85), Band("fair", 70), Band("weak", 0)),
    indicators=(SIGNED, MEETINGS, OFFICER),
)
METRICS = ("signed", "sent", "meetings", "officer")
TOP = {"signed": 200, "sent": 100, "meetings": 12, "officer": 1}

# A number; or a status and, where one is known, its number.
Given = float | tuple[int, float | None]


def given(**numbers: Given) -> dict[str, Given]:
    """An agency that signed 60 of 100 documents, met twice and has an officer; or otherwise."""
    return {"signed": 60.0, "sent": 100.0, "meetings": 2.0, "officer": 1.0, **numbers}


def scored(
    agencies: Sequence[Mapping[str, Given]],
    *,
    spec: IndicatorSet = SET,
    blocks: Sequence[str] | None = None,
) -> Result:
    names = tuple(f"agency-{number}" for number in range(len(agencies)))
    roster = Roster(names, tuple(blocks or ["office"] * len(agencies)))
    plan = prepare(spec, METRICS, roster, ("office", "district", "ward"), "2024")
    return score(plan, inputs(agencies))


def inputs(agencies: Sequence[Mapping[str, Given]]) -> Inputs:
    """Whatever is not ok ranges from 0 to the top of its metric."""
    shape = (len(agencies), len(METRICS))
    numbers, lows, highs = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape)
    statuses = np.zeros(shape, dtype=np.int8)
    for row, agency in enumerate(agencies):
        for column, metric in enumerate(METRICS):
            datum = agency[metric]
            status, number = datum if isinstance(datum, tuple) else (OK, datum)
            numbers[row, column] = np.nan if number is None else number
            statuses[row, column] = status
            sure = status == OK
            lows[row, column] = numbers[row, column] if sure else 0
            highs[row, column] = numbers[row, column] if sure else TOP[metric]
    return Inputs(METRICS, numbers, lows, highs, statuses)


def triple(result: Result, agency: int = 0) -> tuple[str, str, str]:
    low, middle, high = (f[agency] for f in (result.low, result.score, result.high))
    shown_score = "none" if np.isnan(middle) else str(shown(middle, 2))
    return str(shown(low, 2)), shown_score, str(shown(high, 2))


NOTHING: Mapping[str, Given] = dict.fromkeys(METRICS, (NOT_CONNECTED, None))
NO_DUTY: Mapping[str, Given] = dict.fromkeys(METRICS, (NOT_APPLICABLE, None))
