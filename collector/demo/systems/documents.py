"""A document system: how many documents went out, and how many of them were personally signed."""

import secrets
from typing import Any

from collector.demo.counts import Count, Year
from collector.demo.province import FIRST_DAY, Unit, event_of
from collector.demo.systems.base import (
    Asked,
    Latest,
    Served,
    json_answer,
    not_found,
    out_of_order,
)

STATISTICS_PATH = "/api/thong-ke/ky-so"


class Documents:
    name = "documents"

    def __init__(self, year: Year) -> None:
        self._year = year
        self._key = secrets.token_urlsafe(24)
        self._rows = Latest(self._rows_at)

    def environment(self, url: str) -> dict[str, str]:
        return {"DOCUMENTS_URL": url, "DOCUMENTS_API_KEY": self._key}

    def answer(self, asked: Asked) -> Served:
        outage = event_of("outage", self.name, asked.at_us)
        if outage is not None:
            return out_of_order(outage)
        if asked.method != "GET" or asked.path != STATISTICS_PATH:
            return not_found()
        if not secrets.compare_digest(
            asked.headers.get("x-api-key", "").encode(), self._key.encode()
        ):
            return json_answer({"ma_loi": "401", "thong_bao": "Khóa không hợp lệ"}, status=401)
        rows = self._rows.at(asked.at_us) if _is_this_year(asked) else self._nothing()
        return json_answer(
            {
                "ma_loi": "0",
                "thong_bao": "Thành công",
                "du_lieu": {"tong_so": len(rows), "don_vi": rows},
            }
        )

    def _rows_at(self, at_us: int) -> list[dict[str, Any]]:
        return [
            _row(
                unit,
                self._year.at(unit.id, "documents_sent", at_us),
                self._year.at(unit.id, "documents_signed", at_us),
            )
            for unit in self._year.units
        ]

    def _nothing(self) -> list[dict[str, Any]]:
        return [_row(unit, 0, 0) for unit in self._year.units]


def _row(unit: Unit, sent: Count, signed: Count) -> dict[str, Any]:
    """The sum is text with a dot between the thousands, as a page would show it."""
    return {
        "ma_don_vi": unit.documents_code,
        "ten_don_vi": unit.name,
        "van_ban_di": f"{sent:,}".replace(",", "."),
        "da_ky_so_ca_nhan": signed,
    }


def _is_this_year(asked: Asked) -> bool:
    year = str(FIRST_DAY.year)
    return all(asked.query.get(bound, "").endswith(year) for bound in ("tu_ngay", "den_ngay"))
