"""One request of a declared source: how it is asked, and what of its answer is meant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import Field, model_validator

from connectors.base import Model, PeriodKind
from connectors.compact import compact
from connectors.numbers import NumberLocale
from connectors.pages import Offset, PageNumber, Pages, Single, Turn
from connectors.query import Path, Query, hash_of
from connectors.secret import Secret
from connectors.template import End, Filling, fill, fill_text, places_of

Scalar = str | int | float | bool
Value = Scalar | Secret
Pairs = tuple[tuple[str, str], ...]


class WindowOption(Model):
    """The period asked for; `end: inclusive` sends its last instant, else the first one after."""

    period: PeriodKind
    end: End = "exclusive"


class AgencyPath(Model):
    """Where a record names its agency, and in which system's codes; none: our own ids."""

    code: Path
    system: str | None = None


class MetricPath(Model):
    """Where a record has a metric. A value that is null or not there is as `on_null` says."""

    path: Path
    number: NumberLocale = "plain"
    on_null: Literal["missing", "zero", "error"] = "missing"


class HttpRequest(Model):
    """One request, its pages and its records; all expressions are JMESPath.

    `form_json` sends each of its values as compact JSON in one form field. `ok_when` is asked of
    the body, `drop_when` of a record (a roll-up, say). `records` must be there, and be an array.
    """

    path: str = ""
    method: Literal["GET", "POST"] = "GET"
    query: dict[str, Value | tuple[Scalar, ...]] = Field(default_factory=dict)
    headers: dict[str, Value] = Field(default_factory=dict)
    form: dict[str, Value] | None = None
    json_body: Any = Field(default=None, alias="json")
    form_json: dict[str, Any] | None = None
    window: WindowOption | None = None
    pages: Pages = Single()
    ok_when: Path | None = None
    error_message: Path | None = None
    records: Path
    drop_when: Path | None = None
    agency: AgencyPath
    metrics: dict[str, MetricPath] = Field(min_length=1)
    data_at: Path | None = None
    expect: tuple[str, ...] = ()

    @property
    def period(self) -> PeriodKind | None:
        return None if self.window is None else self.window.period

    @cached_property
    def selection(self) -> Query:
        """From a record to `{agency, data_at, m0, m1, …}`, the metrics in their order."""
        parts = {"agency": self.agency.code}
        if self.data_at is not None:
            parts["data_at"] = self.data_at
        return hash_of(parts | {f"m{n}": part.path for n, part in enumerate(self.metrics.values())})

    @model_validator(mode="after")
    def _can_be_asked(self) -> "HttpRequest":
        bodies = [self.form is not None or self.form_json is not None, self.json_body is not None]
        if all(bodies):
            raise ValueError("a request has a form or a JSON body, not both")
        if self.method == "GET" and any(bodies):
            raise ValueError("a request with a form or a JSON body has method: POST")
        places = places_of([self.path, *self._parts()])
        if "window" in places and self.window is None:
            raise ValueError("{window…} needs window: {period: …}")
        counted = isinstance(self.pages, PageNumber | Offset)
        if "page" in places and not counted:
            raise ValueError("{page} needs pages of type page_number or offset")
        if counted and "page" not in places and getattr(self.pages, "param", None) is None:
            raise ValueError("pages need a param, or {page} in the request")
        return self

    def _parts(self) -> Iterator[Any]:
        yield from (self.query, self.headers, self.form, self.json_body, self.form_json)


@dataclass(frozen=True, slots=True)
class Sendable:
    """A request with every place filled: what `Http.send` is given."""

    path: str
    query: Pairs
    headers: dict[str, str]
    form: Pairs | None
    json_body: Any


def sendable(request: HttpRequest, turn: Turn, filling: Filling) -> Sendable:
    """The request for one page; secrets are read here. A turn's address brings its own query."""
    paged: dict[str, Mapping[str, int]] = {}
    if not isinstance(request.pages, Single):
        paged[request.pages.where] = turn.params or {}
    query = _pairs(request.query, filling) + _pairs(paged.get("query", {}), filling)
    return Sendable(
        path=fill_text(request.path, filling),
        query=() if turn.url else query,
        headers=dict(_pairs(request.headers, filling)),
        form=_form(request, paged, filling),
        json_body=_with(fill(request.json_body, filling), paged.get("json", {})),
    )


def _form(
    request: HttpRequest, paged: Mapping[str, Mapping[str, int]], filling: Filling
) -> Pairs | None:
    if request.form is None and request.form_json is None and "form" not in paged:
        return None
    plain = _pairs(request.form or {}, filling) + _pairs(paged.get("form", {}), filling)
    packed = (
        (name, compact(_with(fill(value, filling), paged.get("form_json", {}))))
        for name, value in (request.form_json or {}).items()
    )
    return (*plain, *packed)


def _with(value: Any, params: Mapping[str, int]) -> Any:
    if not params:
        return value
    return {**(value if isinstance(value, Mapping) else {}), **params}


def _pairs(given: Mapping[str, Any], filling: Filling) -> Pairs:
    return tuple(
        (name, _text(item, filling))
        for name, value in given.items()
        for item in (value if isinstance(value, tuple) else (value,))
    )


def _text(value: Value, filling: Filling) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, bool):
        return "true" if value else "false"
    return fill_text(str(value), filling)
