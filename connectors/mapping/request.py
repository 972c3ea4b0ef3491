"""One request of a declared source: how it is asked, and what of its answer is meant."""

from collections.abc import Mapping, Sequence
from datetime import timedelta, tzinfo
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from connectors.base import Ask, Model, PeriodKind, SourceError, Window
from connectors.fetch.credentials import Plain
from connectors.mapping.agency import AgencyOption
from connectors.mapping.moments import DataAtOption, Span, Zone
from connectors.mapping.pages import Offset, PageNumber, Pages, Single
from connectors.mapping.template import End, each_names, places_of
from connectors.numbers import NumberLocale
from connectors.query import Path, Query, query_of
from connectors.secret import Secret, with_secrets

Value = Plain | Secret
Body = Annotated[Any, BeforeValidator(with_secrets)]


class WindowOption(Model):
    """The time asked for: a period, or a span of time that ends now."""

    period: PeriodKind | None = None
    """The kind of period; each one wanted is asked for by itself."""
    look_back: Span | None = None
    """In place of a period: so much time before now, such as 7d; it speaks of the moment."""
    end: End = "exclusive"
    """Whether the end that is sent is the last instant inside, or the first one after."""
    zone: Zone | None = None
    """Whose clock the edges are written by; the province's otherwise."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.period is None) == (self.look_back is None):
            raise ValueError("needs one of period and look_back")
        return self

    def tzinfo(self) -> tzinfo | None:
        return ZoneInfo(self.zone) if self.zone else None


class MetricPath(Model):
    """Where a record has a metric, and what its values are."""

    path: Path
    """JMESPath to the value in a record. A plain path (`a.b`) that no record of an answer has fails
    the run; of a field that the source leaves out when it is empty, write `a.b || null`."""
    number: NumberLocale | None = None
    """How numbers in text are written: plain is 1234.5, vi is 1.234,5. Where this is not said they
    are read as plain, but a text such as "1.300", which may be either, is refused."""
    on_null: Literal["missing", "zero", "error"] = "missing"
    """What a value is that is null or not there."""
    aggregate: Literal["sum", "count", "last"] | None = None
    """What the records of one agency come to, whichever of its codes they have: their sum (missing
    where one of them is), the number of those where `path` holds (neither null, false nor empty),
    or the value of the newest one that has any, by `data_at`, else by place. A sum or number is
    refused where a record's `data_at` is outside of the window. Without `aggregate` each record
    stands for itself, and of two that say different things of one agency both are refused."""


class Listing(Model):
    """What is asked, page by page, and where its rows are; all expressions are JMESPath."""

    path: str = ""
    """The path under base_url."""
    method: Literal["GET", "POST"] = "GET"
    """How it is asked; either is taken as a question that may be repeated."""
    query: dict[str, Value | tuple[Plain, ...]] = Field(default_factory=dict)
    """Query parameters; a list is one parameter several times."""
    headers: dict[str, Value] = Field(default_factory=dict)
    """Headers, plain or secret."""
    form: dict[str, Value] | None = None
    """A form, its values plain or secret."""
    json_body: Body = Field(default=None, alias="json")
    """A JSON body; `{env: NAME}` and `{file: PATH}` in it are secrets."""
    form_json: dict[str, Any] | None = None
    """Form fields that hold JSON: each value is sent as compact JSON."""
    pages: Pages = Single()
    """How the rest of a long answer is asked for."""
    format: Literal["json", "csv"] = "json"
    """What the answer is; of CSV each line is a record, by the names in the first one."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """What separates the columns of CSV."""
    ok_when: Path | None = None
    """Must hold of the body, else the answer is none."""
    busy_when: Path | None = None
    """Holds of a body that means "try again later", with whatever status: the run fails, and the
    source is left alone as long as its Retry-After says, else for `busy_wait_s` of the limits."""
    error_message: Path | None = None
    """What the source says is wrong: when `ok_when` does not hold, and in JSON that comes with a
    status of errors. Without it a text `detail`, `message`, `error_description`, `error` or `title`
    is shown."""
    records: Path = Field(default_factory=lambda: query_of("@"))
    """The rows of the body: an array that must be there; without it the body itself."""
    drop_when: Path | None = None
    """Rows of which it holds are left out, such as those that sum up others."""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        bodies = [self.form is not None or self.form_json is not None, self.json_body is not None]
        if all(bodies):
            raise ValueError("a request has a form or a JSON body, not both")
        if self.method == "GET" and any(bodies):
            raise ValueError("a request with a form or a JSON body has method: POST")
        places = places_of(self.parts())
        counted = isinstance(self.pages, PageNumber | Offset)
        if "page" in places and not counted:
            raise ValueError("{page} needs pages of type page_number or offset")
        if counted and "page" not in places and getattr(self.pages, "param", None) is None:
            raise ValueError("pages need a param, or {page} in the request")
        return self

    def parts(self) -> list[Any]:
        """Whatever may hold places."""
        return [self.path, self.query, self.headers, self.form, self.json_body, self.form_json]

    def kept(self, rows: Sequence[Any]) -> Sequence[int]:
        """The numbers, from 1, of the rows that are not left out."""
        if self.drop_when is None:
            return range(1, len(rows) + 1)
        found = self.drop_when.column(rows)
        return [number for number, one in enumerate(found, 1) if not Query.is_true(one)]


class EachValue(Model):
    """One request for each of these values."""

    values: tuple[str, ...] = Field(min_length=1)
    """The values, as `{each}`."""

    def names(self) -> frozenset[str]:
        return frozenset({""})


class EachRow(Listing):
    """One request for each row of an earlier one, such as the sites that a controller lists."""

    each: Path | dict[str, Path]
    """JMESPath to the value in a row, as `{each}`; or several by name, as `{each.NAME}`."""

    def names(self) -> frozenset[str]:
        return frozenset(self.each) if isinstance(self.each, dict) else frozenset({""})

    @model_validator(mode="after")
    def _asked_first(self) -> Self:
        if "each" in places_of(self.parts()):
            raise ValueError("the request that lists what is asked for cannot have {each} itself")
        return self


def _kind_of_each(given: Any) -> str:
    if isinstance(given, str):
        return "agencies"
    if isinstance(given, Mapping):
        return "values" if "values" in given else "rows"
    return "values" if isinstance(given, EachValue) else "rows"


ForEach = Annotated[
    Annotated[Literal["agencies"], Tag("agencies")]
    | Annotated[EachValue, Tag("values")]
    | Annotated[EachRow, Tag("rows")],
    Discriminator(_kind_of_each),
]


class HttpRequest(Listing):
    """One request, and what its records say."""

    window: WindowOption | None = None
    """The time that is asked for."""
    for_each: ForEach | None = None
    """One request for each site or agency code (`agencies`), value, or row of another answer."""
    agency: AgencyOption
    """Whose a record is."""
    metrics: dict[str, MetricPath] = Field(min_length=1)
    """The metrics of a record."""
    data_at: DataAtOption | None = None
    """When a record is from; without it the end of the window, but not after now."""
    expect: tuple[str, ...] = ()
    """What every agency's figures must meet, such as "signed <= sent" or "1 <= signed <= sent"."""

    @property
    def period(self) -> PeriodKind | None:
        return None if self.window is None else self.window.period

    @property
    def end(self) -> End:
        return "exclusive" if self.window is None else self.window.end

    def windows(self, ask: Ask) -> tuple[Window | None, ...]:
        """The windows that are asked for, each by itself; a None is a question without one."""
        if self.window is None or self.window.look_back is None:
            return ask.windows_of(self.period)
        if not ask.moments:
            return ()
        return (rolling(self.window.look_back, self.window.tzinfo() or zone_of(ask), ask),)

    @model_validator(mode="after")
    def _places_are_filled(self) -> Self:
        parts = self.parts()
        listing = self.for_each.parts() if isinstance(self.for_each, EachRow) else []
        if "window" in places_of([parts, listing]) and self.window is None:
            raise ValueError("{window…} needs window: {period: …} or {look_back: …}")
        asked = each_names(parts)
        if isinstance(self.agency.each, str):
            asked |= {self.agency.each}
        elif self.agency.each:
            asked |= {""}
        if asked and self.for_each is None:
            raise ValueError("{each} needs for_each: what is asked for, one by one")
        known = _names(self.for_each)
        if not asked <= known:
            place = (
                "{each" + "".join(f".{name}" for name in sorted(asked - known)[:1] if name) + "}"
            )
            raise ValueError(f"{place} is not among the values of for_each")
        return self


def _names(for_each: ForEach | None) -> frozenset[str]:
    return for_each.names() if isinstance(for_each, EachValue | EachRow) else frozenset({""})


def rolling(look_back: timedelta, zone: tzinfo | None, ask: Ask) -> Window:
    """The time before now; its id is no period's."""
    if zone is None:
        raise SourceError("a window with look_back needs a zone", reason="config")
    now = ask.now.astimezone(zone)
    return Window("day", "", now - look_back, now)


def zone_of(ask: Ask) -> tzinfo | None:
    """The province's zone, as far as it was told."""
    if ask.zone is not None or not ask.windows:
        return ask.zone
    return ask.windows[0].start.tzinfo
