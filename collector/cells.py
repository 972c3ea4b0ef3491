"""A scoreboard as rows to store: what each set says of each subject, only where it changed.

Figures are the shown ones: scores and points rounded half up to the set's digits, values, targets
and coverage quantised at 1e-9.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.facts import Cell, Scoreboard, SetBoard
from collector.outlook import Outlook, SetPlan
from collector.settings.model import Name, Settings
from collector.texts import agency_texts, cell_texts
from scoring.model import BlockScore, Bools, Cells, Triple
from scoring.shown import quantised, shown

Body = dict[str, Any]
Bodies = Mapping[tuple[str, str], str]
_Keys = AbstractSet[tuple[str, str]]
# Each set's board, and the one before it.
_Pairs = Sequence[tuple[SetBoard, SetBoard | None]]
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def changed_cells(
    settings: Settings, view: Outlook, board: Scoreboard, before: Scoreboard | None, bodies: Bodies
) -> list[Cell]:
    """The cells in which a scoreboard differs from the bodies in force before it.

    `before` is the scoreboard those bodies came from, where it is at hand: cells whose figures
    are the same bit for bit are then not rendered again, and a set's board that is the same object
    is not looked at.
    """
    earlier = {one.set_id: one for one in before.boards} if before else {}
    pairs = [(one, earlier.get(one.set_id)) for one in board.boards]
    fresh = {
        (one.set_id, subject): body
        for plan, (one, then) in zip(view.plans, pairs, strict=True)
        if one is not then
        for subject, body in _of_set(settings, plan, one, then)
    }
    changed = [Cell(*key, body) for key, body in fresh.items() if bodies.get(key) != body]
    return changed + [Cell(*key, None) for key in sorted(_gone(view, pairs, earlier, bodies))]


def _gone(view: Outlook, pairs: _Pairs, earlier: Mapping[str, SetBoard], bodies: Bodies) -> _Keys:
    """Of boards that are alike only a block can go: once none of its agencies has a score."""
    alike = [(one, then) for one, then in pairs if then is not None and _alike(one, then)]
    if pairs and len(alike) == len(pairs) == len(earlier):
        return {
            (one.set_id, subject)
            for one, then in alike
            for subject in _blocks_of(then) - _blocks_of(one)
        }
    there = {
        (one.set_id, subject)
        for plan, (one, _) in zip(view.plans, pairs, strict=True)
        for subject in _subjects(plan, one)
    }
    return bodies.keys() - there


def merged(bodies: Bodies, cells: list[Cell]) -> Bodies:
    """The bodies in force once the cells are stored."""
    if not cells:
        return bodies
    result = dict(bodies)
    for cell in cells:
        key = (cell.set_id, cell.subject)
        if cell.body is None:
            result.pop(key, None)
        else:
            result[key] = cell.body
    return result


def name_body(name: Name) -> dict[str, str]:
    return {"vi": name.vi, "en": name.en}


def _text(body: Body) -> str:
    return _ENCODER.encode(body)


def _of_set(
    settings: Settings, plan: SetPlan, board: SetBoard, before: SetBoard | None
) -> Iterator[tuple[str, str]]:
    """Subjects with their bodies, but for those of which no figure changed."""
    if before is not None and not _alike(board, before):
        before = None
    if before is None:
        yield "set", _text(_set_body(settings, plan))
    yield "province", _text(_province_body(settings, plan, board))
    for block in board.result.blocks:
        yield f"block/{block.id}", _text(_block_body(settings, plan, block))
    for column, indicator in enumerate(plan.spec.indicators):
        if before is None or not _says_the_same(board, before, column):
            yield f"indicator/{indicator.id}", _text(_indicator_body(plan, board, column))
    names, (rows,) = board.roster.agencies, np.nonzero(_scored_anew(board, before))
    agencies = agency_texts(settings, plan, board, rows)
    yield from zip([f"agency/{names[row]}" for row in rows.tolist()], agencies, strict=True)
    yield from _moved_cells(plan, board, before)


def _moved_cells(
    plan: SetPlan, board: SetBoard, before: SetBoard | None
) -> Iterator[tuple[str, str]]:
    rows, columns = np.nonzero(_moved(board, before))
    texts = cell_texts(plan, board.result.cells, rows, columns)
    names, indicators = board.roster.agencies, [one.id for one in plan.spec.indicators]
    for row, column, text in zip(rows.tolist(), columns.tolist(), texts, strict=True):
        yield f"agency/{names[row]}/{indicators[column]}", text


def _subjects(plan: SetPlan, board: SetBoard) -> Iterator[str]:
    """All that a board says something of."""
    yield from ("set", "province", *_blocks_of(board))
    indicators = [one.id for one in plan.spec.indicators]
    yield from (f"indicator/{one}" for one in indicators)
    for agency in board.roster.agencies:
        yield f"agency/{agency}"
        yield from (f"agency/{agency}/{one}" for one in indicators)


def _blocks_of(board: SetBoard) -> set[str]:
    return {f"block/{block.id}" for block in board.result.blocks}


def _says_the_same(board: SetBoard, before: SetBoard, column: int) -> bool:
    return board.result.province_values[column] == before.result.province_values[column]


def _moved(board: SetBoard, before: SetBoard | None) -> Bools:
    """Where any figure differs, bit for bit, from a board of the same roster and period."""
    cells = board.result.cells
    if before is None:
        return np.ones(cells.value.shape, dtype=np.bool_)
    moved: Bools = cells.statuses != before.result.cells.statuses
    for now, then in zip(_figures(cells), _figures(before.result.cells), strict=True):
        moved |= _differ(now, then)
    return moved


def _scored_anew(board: SetBoard, before: SetBoard | None) -> Bools:
    """The agencies of which anything that their own cell says differs."""
    if before is None:
        return np.ones(len(board.roster.agencies), dtype=np.bool_)
    now, then = board.result, before.result
    anew: Bools = now.rank != then.rank
    anew |= (now.rank_best != then.rank_best) | (now.rank_worst != then.rank_worst)
    for name in ("score", "low", "high", "coverage"):
        anew |= _differ(getattr(now, name), getattr(then, name))
    return anew


def _alike(board: SetBoard, before: SetBoard) -> bool:
    """Whether both are of one edition, roster and period."""
    same = (before.digest, before.period) == (board.digest, board.period)
    return same and before.roster == board.roster


def _differ(now: npt.NDArray[np.float64], then: npt.NDArray[np.float64]) -> Bools:
    """Where two arrays differ bit for bit, so that NaN equals itself."""
    bits_now = np.ascontiguousarray(now).view(np.int64)
    differ: Bools = bits_now != np.ascontiguousarray(then).view(np.int64)
    return differ


def _figures(cells: Cells) -> tuple[npt.NDArray[np.float64], ...]:
    return (
        cells.value,
        cells.target,
        cells.points,
        cells.points_low,
        cells.points_high,
        cells.points_max,
    )


def _set_body(settings: Settings, plan: SetPlan) -> Body:
    spec, period = plan.spec, plan.period
    limits = {band.id: band.start for band in spec.scoring.bands}
    maxima = {one.id: one.points_max for one in spec.scoring.indicators}
    return {
        "digest": spec.scoring.digest,
        "name": name_body(spec.name),
        "scale": _plain(spec.scoring.scale),
        "digits": spec.scoring.digits,
        "missing": spec.scoring.missing,
        "period": {
            "kind": period.kind,
            "id": period.id,
            "from": period.start.isoformat(),
            "until": period.until.isoformat(),
        },
        "bands": [
            {"id": band, "name": name_body(name), "from": _plain(limits[band])}
            for band, name in spec.bands
        ],
        "blocks": [
            {"id": block.id, "name": name_body(block.name)} for block in settings.blocks.values()
        ],
        "agencies": list(plan.roster.agencies),
        "groups": [{"id": group, "name": name_body(name)} for group, name in spec.groups],
        "indicators": [
            {
                "id": one.id,
                "group": one.group,
                "name": name_body(one.name),
                "unit": one.unit,
                "points_max": _plain(maxima[one.id]),
            }
            for one in spec.indicators
        ],
    }


def _province_body(settings: Settings, plan: SetPlan, board: SetBoard) -> Body:
    province = board.result.province
    head: Body = {"id": settings.province, "name": name_body(settings.province_name)}
    if province is None:
        return head | {"score": None, "low": None, "high": None, "band": None}
    return head | _triple(province.triple, plan.spec.scoring.digits) | {"band": province.band}


def _block_body(settings: Settings, plan: SetPlan, block: BlockScore) -> Body:
    return {
        "id": block.id,
        "name": name_body(settings.blocks[block.id].name),
        **_triple(block.triple, plan.spec.scoring.digits),
        "band": block.band,
        "agencies_scored": block.agencies_scored,
    }


def agency_body(settings: Settings, plan: SetPlan, board: SetBoard, row: int) -> Body:
    body: Body = json.loads(agency_texts(settings, plan, board, np.array([row]))[0])
    return body


def _indicator_body(plan: SetPlan, board: SetBoard, column: int) -> Body:
    indicator = plan.spec.scoring.indicators[column]
    found, target = board.result.province_values[column], plan.province_targets[column]
    return {
        "id": indicator.id,
        "value": None if found.value is None else _value(found.value),
        "target": None if target is None else _value(target),
        "unit": plan.spec.indicators[column].unit,
        "agencies_counted": found.agencies_counted,
    }


def cell_body(plan: SetPlan, cells: Cells, row: int, column: int) -> Body:
    body: Body = json.loads(cell_texts(plan, cells, np.array([row]), np.array([column]))[0])
    return body


def _triple(triple: Triple, digits: int) -> Body:
    return {
        "score": None if triple.score is None else _points(triple.score, digits),
        "low": _points(triple.low, digits),
        "high": _points(triple.high, digits),
    }


def _points(number: float, digits: int) -> float | None:
    return None if math.isnan(number) else float(shown(number, digits))


def _value(number: float) -> float | None:
    return None if math.isnan(number) else float(quantised(number))


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number
