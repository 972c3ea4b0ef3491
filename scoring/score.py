"""Score a roster on an indicator set: a pure function of a plan and the inputs of a moment."""

from functools import partial

import numpy as np

from scoring.layout import Indices
from scoring.means import Means, means_again, means_of
from scoring.model import Inputs, Ranks, Result
from scoring.plan import Plan, prepare, stretches
from scoring.points import points_of
from scoring.province import over_province
from scoring.ranks import no_ranks, rank_blocks
from scoring.sheet import Sheet, copied, empty
from scoring.totals import totals_of

__all__ = ["Plan", "prepare", "rescore", "score"]


def score(plan: Plan, inputs: Inputs) -> Result:
    """All that the set says of these inputs; ValueError if they are not laid out as planned."""
    _check(plan, inputs)
    sheet = empty(plan, sure=not np.count_nonzero(inputs.statuses))
    for agencies in stretches(plan):
        _fill(sheet, inputs, agencies)
    standing = no_ranks(plan)
    rank_blocks(sheet.totals, [members for _, members in plan.blocks], standing)
    bands = plan.layout.bands.of_all(sheet.totals.score)
    means = means_of(plan, sheet.totals)
    return _result(sheet, inputs, standing, bands, means)


def rescore(plan: Plan, before: Result, inputs: Inputs, agencies: Indices) -> Result:
    """The result of inputs in which, since those of `before`, only these agencies' rows changed.

    It is what `score` gives, bit for bit, for the work of those agencies and their blocks.
    """
    _check(plan, inputs)
    sheet = copied(plan, before)
    _fill(sheet, inputs, _alone(agencies))
    touched = [plan.blocks[number] for number in set(plan.block_of[agencies].tolist())]
    standing = np.array([before.rank, before.rank_best, before.rank_worst])
    rank_blocks(sheet.totals, [members for _, members in touched], standing)
    bands = list(before.bands)
    moved = plan.layout.bands.of_all(sheet.totals.score[agencies])
    for agency, band in zip(agencies.tolist(), moved, strict=True):
        bands[agency] = band
    means = means_again(plan, sheet.totals, before, {block for block, _ in touched})
    return _result(sheet, inputs, standing, tuple(bands), means)


def _check(plan: Plan, inputs: Inputs) -> None:
    if inputs.metrics != plan.metrics:
        raise ValueError("the inputs have other metrics than the plan")


def _alone(agencies: Indices) -> slice | Indices:
    """One agency as a slice, which costs less to look up than a list of one."""
    return slice(agencies[0], agencies[0] + 1) if agencies.size == 1 else agencies


def _fill(sheet: Sheet, inputs: Inputs, agencies: slice | Indices) -> None:
    points = points_of(sheet.plan, inputs, agencies)
    sheet.write(agencies, points, totals_of(sheet.plan, points))


def _result(
    sheet: Sheet,
    inputs: Inputs,
    standing: Ranks,
    bands: tuple[str | None, ...],
    means: Means,
) -> Result:
    (score_, low, high, coverage), (rank, best, worst) = sheet.totals.figures, standing
    blocks, province = means
    return Result(
        cells=sheet.cells(),
        score=score_,
        low=low,
        high=high,
        coverage=coverage,
        scorable=sheet.totals.scorable,
        rank=rank,
        rank_best=best,
        rank_worst=worst,
        bands=bands,
        blocks=blocks,
        province=province,
        over_province=partial(over_province, sheet, inputs),
    )
