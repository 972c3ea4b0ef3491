"""The national public-service portal: points by Decision 766, and monthly dossier counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from connectors.base import Answer, Ask, Model, Observation, PeriodKind, SourceError, Window
from connectors.compact import compact
from connectors.fetch.auth import NoAuth, RequestAuth
from connectors.http import HttpConnector, Reply
from connectors.mapping.moments import instant_us
from connectors.numbers import read_number

PortalField = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Row = dict[str, Any]

_PATH = "/jsp/rest.jsp"
_HEADERS = {"X-Requested-With": "XMLHttpRequest"}
_CODE = "MA_COQUAN"
_SCORES: Literal["report_tinh_766_service"] = "report_tinh_766_service"
_DOSSIERS: Literal["report_by_month_sum_service"] = "report_by_month_sum_service"
_OLD_CODE = re.compile(r"(?P<units>(?:\d{2,3}\.)+)(?P<root>[A-Z]\d{2,})")


class System(Model):
    """The system whose codes in `province.yaml` are the portal's."""

    system: str = "dichvucong"
    """The system."""


class Dichvucong(HttpConnector):
    """`metrics` maps our metrics to the portal's fields; the portal asks for no credentials.

    `report_tinh_766_service` is asked once a window of `period`; `province` is its id there, "0"
    for all provinces, and `unit_kind` its p_loaidonvi. `report_by_month_sum_service` is asked for
    the year only, once a known agency and month up to now, and its fields are added up. No answer
    of that second service is on record: its shape (one row, fields as text) is an assumption.
    """

    auth: RequestAuth = NoAuth()
    """How the source is told who asks; the portal itself needs nothing."""
    service: Literal["report_tinh_766_service", "report_by_month_sum_service"] = _SCORES
    """Points by Decision 766, or counts of dossiers."""
    province: str = "0"
    """The province's id at the portal; "0" is all provinces."""
    unit_kind: int = 1
    """The kind of unit, p_loaidonvi."""
    period: Literal["year", "quarter", "month"] = "year"
    """The kind of period that is asked for."""
    page_size: int = Field(default=100, ge=1, le=1000)
    """How many rows a page has."""
    agency: System = System()
    """The system whose codes in province.yaml are the portal's, in either form."""
    metrics: dict[str, PortalField] = Field(min_length=1)
    """Our metrics, each with the portal's field."""

    @model_validator(mode="after")
    def _sums_are_of_years(self) -> "Dichvucong":
        if self.service == _DOSSIERS and self.period != "year":
            raise ValueError(f"{_DOSSIERS} is added up to years: period: year")
        return self

    @property
    def agency_system(self) -> str | None:
        return self.agency.system

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset((metric, self.period) for metric in self.metrics)

    def observe(self, ask: Ask) -> Answer:
        """All rows of all windows; SourceError("content") where a field is not in a row."""
        read = self._scores if self.service == _SCORES else self._dossiers
        answers = [read(window, ask) for window in ask.windows if window.kind == self.period]
        return Answer(
            observations=tuple(one for rows in answers for one in rows.observations),
            received=sum(rows.received for rows in answers),
            digest=ask.http.digest(),
        )

    def _scores(self, window: Window, ask: Ask) -> "_Rows":
        codes = {normal_code(code): code for code in ask.codes}
        rows = self._all_pages(window, ask)
        observations = []
        for number, row in enumerate(rows, start=1):
            where = f"{self.service} {window.id} row {number}"
            agency = _spelt(_field(row, _CODE, where), codes)
            for metric, field in self.metrics.items():
                value = read_number(_field(row, field, where), "plain")
                observations.append(_observation(metric, agency, window, ask.now, value, where))
        return _Rows(tuple(observations), len(rows))

    def _all_pages(self, window: Window, ask: Ask) -> list[Row]:
        """Page after page until one is not full: a bare array does not say how many rows it has.

        A page with more rows than asked for comes from a source that does not page: it is all.
        """
        rows: list[Row] = []
        for index in range(1, self.limits.max_pages + 1):
            page = self._rows(self._score_params(window, index), ask)
            if page and page == rows[-len(page) :]:
                raise SourceError(f"{self.service}: page {index} came twice", reason="content")
            rows += page
            if len(rows) > self.limits.max_records:
                limit = self.limits.max_records
                raise SourceError(f"{self.service}: more than {limit} rows", reason="content")
            if len(page) != self.page_size:
                return rows
        limit = self.limits.max_pages
        raise SourceError(f"{self.service}: more than {limit} pages", reason="content")

    def _score_params(self, window: Window, index: int) -> dict[str, Any]:
        quarter = (window.start.month + 2) // 3 if window.kind == "quarter" else 0
        return {
            "type": "ref",
            "p_nam": str(window.start.year),
            "p_6thang": 0,
            "p_tinh_id": self.province,
            "pageIndex": index,
            "pageSize": self.page_size,
            "p_loaidonvi": self.unit_kind,
            "loaichitieu": 0,
            "service": self.service,
            "p_quy": quarter,
            "p_thang": window.start.month if window.kind == "month" else 0,
        }

    def _dossiers(self, window: Window, ask: Ask) -> "_Rows":
        months = _months_begun(window, ask.now)
        observations = []
        for code in ask.codes:
            rows = [self._month(window, month, code, ask) for month in months]
            where = f"{self.service} {window.id} {code}"
            for metric, field in self.metrics.items():
                value = _sum([_field(row, field, where) for row in rows])
                observations.append(_observation(metric, code, window, ask.now, value, where))
        return _Rows(tuple(observations), len(ask.codes) * len(months))

    def _month(self, window: Window, month: int, code: str, ask: Ask) -> Row:
        params = {
            "type": "ref",
            "p_nam": str(window.start.year),
            "p_tinh_id": self.province,
            "p_huyen_id": code,
            "p_thang": str(month),
            "p_linhvuc": 0,
            "service": self.service,
        }
        rows = self._rows(params, ask)
        if len(rows) != 1:
            raise SourceError(
                f"{self.service}: {len(rows)} rows for {code} in month {month}, not one",
                reason="content",
            )
        return rows[0]

    def _rows(self, params: Mapping[str, Any], ask: Ask) -> list[Row]:
        form = (("params", compact(params)),)
        reply = ask.http.send("POST", _PATH, headers=_HEADERS, form=form)
        return _objects(reply)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read of one window, and how many rows it came from."""

    observations: tuple[Observation, ...]
    received: int


def normal_code(code: str) -> str:
    """A code by Decision 20/2020/QĐ-TTg, also where it is written in the older form.

    The new form begins with the root and appends the units, one a level, separated by dots: H52 is
    a province and H52.14 a unit of it. The older one ended with the root and gave each level of
    units, from the lowest, two or three digits before it, zeros where there is none:
    000.00.00.H37 is H37, 000.00.14.H52 is H52.14 and 000.05.14.H52 is H52.14.05. Anything else
    comes back as it is, without blanks around it and in capitals.
    """
    text = code.strip().upper()
    old = _OLD_CODE.fullmatch(text)
    if old is None:
        return text
    units = old["units"].rstrip(".").split(".")[::-1]
    while units and not units[-1].strip("0"):
        units.pop()
    return ".".join([old["root"], *units])


def _spelt(code: Any, codes: Mapping[str, str]) -> str:
    """The code as our own file spells it; what that does not know, in its normal form."""
    normal = normal_code(str(code or ""))
    return codes.get(normal, normal)


def _objects(reply: Reply) -> list[Row]:
    # The portal's page is a JSP, whose type is HTML unless its author thought of it.
    rows = reply.json(any_type=True)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"{reply.url}: the answer is no array of objects", reason="content")
    return rows


def _field(row: Row, name: str, where: str) -> Any:
    if name not in row:
        raise SourceError(f"{where} has no field {name}", reason="content")
    return row[name]


def _sum(texts: list[Any]) -> Decimal | str:
    """The sum, or the first value that is no finite number, to be refused as it is."""
    numbers = [read_number(text, "plain") for text in texts]
    total = Decimal(0)
    for number in numbers:
        if isinstance(number, str) or not number.is_finite():
            return number
        total += number
    return total


def _months_begun(window: Window, now: datetime) -> range:
    """The months of a year that have begun, 1 to 12."""
    if now >= window.end:
        return range(1, 13)
    local = now.astimezone(window.start.tzinfo)
    return range(1, local.month + 1 if now >= window.start else 1)


def _observation(
    metric: str, agency: str, window: Window, now: datetime, value: Decimal | str, where: str
) -> Observation:
    data_us = instant_us(min(window.end, now))
    return Observation(metric, agency, window.id, data_us, value, where)
