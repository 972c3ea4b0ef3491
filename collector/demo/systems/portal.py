"""The national portal's service of points by Decision 766, for the units of one province."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from collector.demo.counts import COMPONENTS, Year
from collector.demo.province import FIRST_DAY, Unit, event_of
from collector.demo.systems.base import (
    Asked,
    Latest,
    Served,
    json_answer,
    not_found,
    out_of_order,
)

REST_PATH = "/jsp/rest.jsp"
SERVICE = "report_tinh_766_service"
PROVINCE = "426103"
_PAGING = {"pageSize": 100, "pageIndex": 1}


class Portal:
    """Needs no authentication. What it does not know is answered by an empty array."""

    name = "portal"

    def __init__(self, year: Year) -> None:
        self._year = year
        self._rows = Latest(self._rows_at)

    def environment(self, url: str) -> dict[str, str]:
        return {"PORTAL_URL": url}

    def answer(self, asked: Asked) -> Served:
        outage = event_of("outage", self.name, asked.at_us)
        if outage is not None:
            return out_of_order(outage)
        if asked.method != "POST" or asked.path != REST_PATH:
            return not_found()
        params = _params(asked)
        if params is None:
            return json_answer({"error": "params is no JSON object of that shape"}, status=400)
        if params.get("service") != SERVICE or str(params.get("p_tinh_id")) != PROVINCE:
            return json_answer([])
        rows = self._rows.at(asked.at_us)
        if not _is_this_year(params):
            rows = [_emptied(row) for row in rows]
        size, page = params["pageSize"], params["pageIndex"]
        return json_answer(rows[(page - 1) * size : page * size])

    def _rows_at(self, at_us: int) -> list[dict[str, str]]:
        """The best first, as the portal sorts them; all values are text."""
        scored = [(self._points(unit, at_us), unit) for unit in self._year.units]
        scored.sort(key=lambda pair: (-sum(pair[0].values()), pair[1].number))
        return [_row(unit, points, place) for place, (points, unit) in enumerate(scored, start=1)]

    def _points(self, unit: Unit, at_us: int) -> dict[str, Decimal]:
        points = {name: self._year.at(unit.id, name, at_us) for name in COMPONENTS}
        return {name: point for name, point in points.items() if isinstance(point, Decimal)}


def _params(asked: Asked) -> dict[str, Any] | None:
    """The JSON object in the form field `params`, with its paging as numbers from 1 on."""
    try:
        params = json.loads(dict(parse_qsl(asked.body.decode())).get("params", ""))
        paging = {key: max(int(params.get(key, usual)), 1) for key, usual in _PAGING.items()}
    except (ValueError, TypeError, AttributeError):
        return None
    return {**params, **paging}


def _is_this_year(params: dict[str, Any]) -> bool:
    parts = ("p_6thang", "p_quy", "p_thang")
    whole = all(str(params.get(part, 0)) in {"0", ""} for part in parts)
    return whole and str(params.get("p_nam")) == str(FIRST_DAY.year)


def _row(unit: Unit, points: dict[str, Decimal], place: int) -> dict[str, str]:
    number = str(900_000 + unit.number)
    return {
        "ID": number,
        "TEN": unit.name,
        "TEN_COQUAN": unit.name,
        "MA_COQUAN": unit.portal_code,
        "LOAI_COQUAN": "2",
        "CAPDONVIID": "2" if unit.is_district else "1",
        "ID_COQUAN": number,
        **{name.upper(): _shortest(point) for name, point in points.items()},
        "TONG_SCORE": _shortest(sum(points.values(), Decimal(0))),
        "ROW_STT": str(place),
    }


def _shortest(point: Decimal) -> str:
    text = f"{point:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _emptied(row: dict[str, str]) -> dict[str, str]:
    points = {*(name.upper() for name in COMPONENTS), "TONG_SCORE"}
    return {key: "0" if key in points else value for key, value in row.items()}
