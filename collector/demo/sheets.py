"""The writer that fills the folder of reports: once a week, all agencies in one csv file."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

from collector.clock import HOUR_US
from collector.demo.counts import Count, Year
from collector.demo.province import (
    FIRST_DAY,
    LAST_DAY,
    Unit,
    day_start_us,
    is_working,
)

AGENCY, PERIOD, DATE = "Mã đơn vị", "Kỳ", "Ngày báo cáo"
COLUMNS: Mapping[str, str] = {
    "steering_meetings": "Phiên họp Ban Chỉ đạo",
    "news_items": "Tin, bài",
    "committee_head": "Trưởng Ban Chỉ đạo",
    "plan_issued": "Kế hoạch năm",
    "rules_issued": "Quy chế",
    "tasks_planned": "Nhiệm vụ",
    "tasks_done": "Nhiệm vụ hoàn thành",
    "on_data_network": "Mạng truyền số liệu",
    "databases": "Cơ sở dữ liệu",
    "databases_current": "Cơ sở dữ liệu cập nhật",
    "dx_officer": "Cán bộ chuyển đổi số",
    "security_officer": "Cán bộ an toàn thông tin",
    "staff": "Cán bộ",
    "staff_trained": "Cán bộ được bồi dưỡng",
    "systems": "Hệ thống",
    "systems_approved": "Hệ thống được phê duyệt",
    "workstations": "Máy trạm",
    "workstations_protected": "Máy trạm được bảo vệ",
    "incident_plan": "Phương án ứng cứu",
    "operations_centre": "Trung tâm điều hành",
    "products": "Sản phẩm",
    "products_on_platforms": "Sản phẩm trên sàn",
    "schools": "Cơ sở giáo dục",
    "schools_cashless": "Cơ sở giáo dục không tiền mặt",
    "health_facilities": "Cơ sở y tế",
    "health_facilities_cashless": "Cơ sở y tế không tiền mặt",
    "petitions": "Phản ánh, kiến nghị",
    "petitions_on_time": "Phản ánh, kiến nghị đúng hạn",
}
# Written with a dot between the thousands, as people write them.
LONG_NUMBERS = frozenset(
    {
        "staff",
        "staff_trained",
        "workstations",
        "workstations_protected",
        "products",
        "products_on_platforms",
        "petitions",
        "petitions_on_time",
    }
)
_WEEK = timedelta(days=7)
_FROM_US = 7 * HOUR_US


class Reports:
    """Writes each report when its day has come, and the same bytes again when asked again."""

    def __init__(self, folder: Path, year: Year) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._year = year
        self._days = tuple(report_days())
        self._written = 0
        self._at_us: int | None = None

    def environment(self) -> dict[str, str]:
        return {"REPORTS_FOLDER": str(self.folder)}

    def write_until(self, at_us: int) -> Iterator[tuple[str, bytes]]:
        """Write the reports due by a moment; their names and bodies, also of those found there."""
        if self._at_us is None or at_us < self._at_us:
            self._withdraw_after(at_us)
        self._at_us = at_us
        while self._written < len(self._days) and due_us(self._days[self._written]) <= at_us:
            day = self._days[self._written]
            name, body = _name(day), self._report(day)
            _put(self.folder / name, body)
            self._written += 1
            yield name, body

    def _withdraw_after(self, at_us: int) -> None:
        """Remove reports whose day is still to come: they are of a year that begins again.

        Found too early they would be refused for their dates, and their content known as bad.
        """
        due = sum(due_us(day) <= at_us for day in self._days)
        for day in self._days[due:]:
            (self.folder / _name(day)).unlink(missing_ok=True)
        self._written = min(self._written, due)

    def _report(self, day: date) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([AGENCY, PERIOD, DATE, *COLUMNS.values()])
        for unit in self._year.units:
            cells = self._cells(unit, due_us(day))
            writer.writerow([unit.id, str(FIRST_DAY.year), f"{day:%d/%m/%Y}", *cells])
        # Excel tells UTF-8 by this mark.
        return text.getvalue().encode("utf-8-sig")

    def _cells(self, unit: Unit, at_us: int) -> Iterator[str]:
        for metric in COLUMNS:
            count = self._year.at(unit.id, metric, at_us)
            yield _cell(count, long=metric in LONG_NUMBERS)


def report_days() -> Iterator[date]:
    """Mondays, but for those on which nobody works; the last is that of the final figures."""
    day = FIRST_DAY
    while day <= LAST_DAY:
        if is_working(day):
            yield day
        day += _WEEK


def due_us(day: date) -> int:
    return day_start_us(day) + _FROM_US


def _name(day: date) -> str:
    return f"bao-cao-{day}.csv"


def _cell(count: Count, *, long: bool) -> str:
    if count is None:
        return ""
    return f"{count:,}".replace(",", ".") if long else str(count)


def _put(path: Path, body: bytes) -> None:
    """In one step, so that nobody reads half a report."""
    draft = path.with_suffix(".part")
    draft.write_bytes(body)
    draft.replace(path)
