"""Any JSON over HTTP, declared in YAML: requests, pages, rows, agency codes and metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from connectors.auth import NoAuth, RequestAuth
from connectors.base import Answer, Ask, Observation, PeriodKind, SourceError, Window
from connectors.http import HttpOptions
from connectors.numbers import read_number
from connectors.pages import Page, Turn, Whole, all_pages, joined
from connectors.query import Query
from connectors.request import HttpRequest, MetricPath, sendable
from connectors.template import Filling

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SAID_CHARS_MAX = 200


class HttpJson(HttpOptions):
    """Each request is asked once a window of its period; all answers together are one answer.

    An observation's data time is `data_at` of its record, else the end of the window asked but
    not after now, else now.
    """

    auth: RequestAuth = NoAuth()
    requests: tuple[HttpRequest, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_system(self) -> "HttpJson":
        if len({request.agency.system for request in self.requests}) > 1:
            raise ValueError("the requests of a source name their agencies in one system")
        return self

    @property
    def agency_system(self) -> str | None:
        return self.requests[0].agency.system

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset(
            (metric, request.period) for request in self.requests for metric in request.metrics
        )

    def expectations(self) -> tuple[str, ...]:
        return tuple(text for request in self.requests for text in request.expect)

    def observe(self, ask: Ask) -> Answer:
        """All pages of all requests; SourceError when one of them cannot be had whole."""
        parts = [
            self._part(index, window, ask)
            for index, request in enumerate(self.requests)
            for window in ask.windows_of(request.period)
        ]
        return Answer(
            observations=tuple(one for part in parts for one in part.observations),
            received=sum(part.received for part in parts),
            digest=ask.http.digest(),
            declared=_declared(parts),
        )

    def _part(self, index: int, window: Window | None, ask: Ask) -> "_Part":
        request = self.requests[index]
        whole = self._whole(request, window, ask)
        reading = _Reading(request, f"requests[{index}]", window, ask)
        return _Part(tuple(_observed(whole.rows, reading)), len(whole.rows), whole.declared)

    def _whole(self, request: HttpRequest, window: Window | None, ask: Ask) -> Whole:
        end = "exclusive" if request.window is None else request.window.end

        def page_of(turn: Turn) -> Page:
            sent = sendable(request, turn, Filling(window, end, turn.page))
            url = ask.http.absolute(sent.path)
            reply = ask.http.send(
                request.method,
                url if turn.url is None else joined(url, turn.url),
                query=sent.query,
                headers=sent.headers,
                form=sent.form,
                json=sent.json_body,
            )
            body = reply.json()
            return Page(reply, body, _rows(request, body, reply.url))

        return all_pages(request.pages, page_of, self.limits)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one request brought for one window."""

    observations: tuple[Observation, ...]
    received: int
    declared: int | None


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the records of one answer are read."""

    request: HttpRequest
    where: str
    window: Window | None
    ask: Ask

    @property
    def period(self) -> str | None:
        return None if self.window is None else self.window.id

    def data_us(self) -> int:
        """The data time of a record that names none."""
        now = self.ask.now
        return _instant_us(now if self.window is None else min(self.window.end, now))

    def zone(self) -> tzinfo | None:
        return None if self.window is None else self.window.start.tzinfo


def _declared(parts: list[_Part]) -> int | None:
    """What the source said it has; the requests that say nothing count as they came."""
    if all(part.declared is None for part in parts):
        return None
    return sum(part.received if part.declared is None else part.declared for part in parts)


def _rows(request: HttpRequest, body: Any, shown: str) -> list[Any]:
    if request.ok_when is not None and not request.ok_when.holds(body):
        said = _said(request.error_message, body)
        raise SourceError(
            f"{shown}: {request.ok_when.text!r} does not hold{said}", reason="content"
        )
    rows = request.records.of(body)
    if not isinstance(rows, list):
        what = "is not there" if rows is None else "is no array"
        raise SourceError(f"{shown}: {request.records.text!r} {what}", reason="content")
    return rows


def _said(path: Query | None, body: Any) -> str:
    said = None if path is None else path.of(body)
    return "" if said is None else f"; the source says: {str(said)[:_SAID_CHARS_MAX]}"


def _observed(rows: tuple[Any, ...], reading: _Reading) -> Iterator[Observation]:
    drop = reading.request.drop_when
    for number, row in enumerate(rows, start=1):
        where = f"{reading.where} row {number}"
        if not isinstance(row, dict):
            raise SourceError(f"{where} is no object", reason="content")
        if drop is None or not drop.holds(row):
            yield from _of_row(row, where, reading)


def _of_row(row: dict[str, Any], where: str, reading: _Reading) -> Iterator[Observation]:
    picked = reading.request.selection.of(row)
    agency = _code(picked["agency"])
    try:
        data_us = _data_us(picked.get("data_at"), reading)
        unreadable = None
    except ValueError as error:
        data_us, unreadable = reading.data_us(), f"data_at {error}"
    for number, (metric, option) in enumerate(reading.request.metrics.items()):
        value = _value(picked[f"m{number}"], option)
        if value is not None:
            said = unreadable or value
            yield Observation(metric, agency, reading.period, data_us, said, where)


def _value(raw: Any, option: MetricPath) -> Decimal | str | None:
    if raw is not None:
        return read_number(raw, option.number)
    return {"missing": None, "zero": Decimal(0), "error": "null"}[option.on_null]


def _code(raw: Any) -> str:
    """A code as text; what is no code matches no agency, and is refused with what was got."""
    return "" if raw is None else str(raw).strip()[:_SAID_CHARS_MAX]


def _data_us(raw: Any, reading: _Reading) -> int:
    """ValueError, with what was got, for what is no ISO 8601 time."""
    if raw is None:
        return reading.data_us()
    try:
        moment = datetime.fromisoformat(raw)
        zone = moment.tzinfo or reading.zone()
    except (TypeError, ValueError):
        raise ValueError(f"{str(raw)[:_SAID_CHARS_MAX]!r} is no time") from None
    if zone is None:
        raise ValueError(f"{raw!r} names no zone")
    try:
        return _instant_us(moment.replace(tzinfo=zone))
    except OverflowError:
        raise ValueError(f"{raw!r} is no time") from None


def _instant_us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
