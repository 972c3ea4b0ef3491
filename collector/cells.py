"""A scoreboard as rows to store: what each set says of each subject, only where it changed.

Figures are the shown ones: scores and points rounded half up to the set's digits, values, targets
and coverage quantised at 1e-9.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.facts import Cell, Scoreboard, SetBoard
from collector.outlook import Outlook, SetPlan
from collector.settings.model import Name, Settings
from scoring.model import STATUSES, BlockScore, Bools, Cells, Triple
from scoring.shown import quantised, shown

Body = dict[str, Any]
Bodies = Mapping[tuple[str, str], str]
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
    fresh: dict[tuple[str, str], str] = {}
    kept: set[tuple[str, str]] = set()
    stood = {one.set_id for one in board.boards if earlier.get(one.set_id) is one}
    if stood and len(stood) == len(board.boards) == len(earlier):
        return []
    for plan, one in zip(view.plans, board.boards, strict=True):
        if one.set_id in stood:
            kept.update(key for key in bodies if key[0] == one.set_id)
            continue
        same, cells = _of_set(settings, plan, one, earlier.get(one.set_id))
        kept.update((one.set_id, subject) for subject in same)
        fresh.update(((one.set_id, subject), body) for subject, body in cells)
    gone = bodies.keys() - fresh.keys() - kept
    changed = [Cell(*key, body) for key, body in fresh.items() if bodies.get(key) != body]
    return changed + [Cell(*key, None) for key in sorted(gone)]


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
) -> tuple[list[str], list[tuple[str, str]]]:
    """Subjects that stayed as they were, and the others with their bodies."""
    alike = before is not None and _alike(board, before)
    same: list[str] = ["set"] if alike else []
    cells = [] if alike else [("set", _text(_set_body(settings, plan)))]
    cells += [("province", _text(_province_body(settings, plan, board)))]
    for block in board.result.blocks:
        cells.append((f"block/{block.id}", _text(_block_body(settings, plan, block))))
    for column, indicator in enumerate(plan.spec.indicators):
        subject = f"indicator/{indicator.id}"
        if before and alike and _says_the_same(board, before, column):
            same.append(subject)
        else:
            cells.append((subject, _text(_indicator_body(plan, board, column))))
    # As lists: one cell of an array costs more to ask than all of it to convert.
    moved, scored = _moved(board, before).tolist(), _scored_anew(board, before).tolist()
    for row, agency in enumerate(board.roster.agencies):
        if scored[row]:
            cells.append((f"agency/{agency}", _text(agency_body(settings, plan, board, row))))
        else:
            same.append(f"agency/{agency}")
        for column, indicator in enumerate(plan.spec.indicators):
            subject = f"agency/{agency}/{indicator.id}"
            if moved[row][column]:
                cells.append((subject, _text(cell_body(plan, board.result.cells, row, column))))
            else:
                same.append(subject)
    return same, cells


def _says_the_same(board: SetBoard, before: SetBoard, column: int) -> bool:
    return board.result.province_values[column] == before.result.province_values[column]


def _moved(board: SetBoard, before: SetBoard | None) -> Bools:
    """Where any figure differs, bit for bit, from a board of the same roster and period."""
    cells = board.result.cells
    if before is None or not _alike(board, before):
        return np.ones(cells.value.shape, dtype=np.bool_)
    moved: Bools = cells.statuses != before.result.cells.statuses
    for now, then in zip(_figures(cells), _figures(before.result.cells), strict=True):
        moved |= _differ(now, then)
    return moved


def _scored_anew(board: SetBoard, before: SetBoard | None) -> Bools:
    """The agencies of which anything that their own cell says differs."""
    if before is None or not _alike(board, before):
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
    result, agency = board.result, settings.agencies[board.roster.agencies[row]]
    score = float(result.score[row])
    triple = Triple(
        float(result.low[row]), None if math.isnan(score) else score, float(result.high[row])
    )
    return {
        "id": agency.id,
        "block": agency.block,
        "name": name_body(agency.name),
        **_triple(triple, plan.spec.scoring.digits),
        "rank": _rank(result.rank[row]),
        "rank_best": _rank(result.rank_best[row]),
        "rank_worst": _rank(result.rank_worst[row]),
        "band": result.bands[row],
        "coverage": _value(float(result.coverage[row])),
    }


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
    digits = plan.spec.scoring.digits
    return {
        "id": plan.spec.indicators[column].id,
        "value": _value(float(cells.value[row, column])),
        "target": _value(float(cells.target[row, column])),
        "points": _points(float(cells.points[row, column]), digits),
        "points_low": _points(float(cells.points_low[row, column]), digits),
        "points_high": _points(float(cells.points_high[row, column]), digits),
        "points_max": _plain(float(cells.points_max[row, column])),
        "status": STATUSES[cells.statuses[row, column]],
    }


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


def _rank(rank: np.int64) -> int | None:
    return int(rank) or None
