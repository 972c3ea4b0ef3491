"""Any JSON over HTTP, declared in YAML: requests, pages, rows, agency codes and metrics."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from connectors.base import Answer, Ask, Observation, PeriodKind, SourceError
from connectors.fetch.auth import NoAuth, RequestAuth
from connectors.fetch.hide import Hiding
from connectors.fetch.reply import Reply
from connectors.fetch.words import Words
from connectors.http import Http, HttpConnector
from connectors.mapping.agency import Spelling
from connectors.mapping.csv_rows import csv_rows
from connectors.mapping.pages import Page, Turn, Whole, all_pages, first_page, joined
from connectors.mapping.presence import names_in
from connectors.mapping.reading import Counted, Fed, Reading, observed
from connectors.mapping.request import EachRow, EachValue, HttpRequest, Listing
from connectors.mapping.sendable import sendable
from connectors.mapping.template import Filling
from connectors.mapping.values import with_values
from connectors.query import Query


def _kind_of_requests(given: Any) -> str:
    return "named" if isinstance(given, Mapping) else "listed"


Requests = Annotated[
    Annotated[dict[str, HttpRequest], Field(min_length=1), Tag("named")]
    | Annotated[tuple[HttpRequest, ...], Field(min_length=1), Tag("listed")],
    Discriminator(_kind_of_requests),
]


class HttpJson(HttpConnector):
    """Each request is asked once a window of its period; all answers together are one answer.

    An observation's data time is `data_at` of its record, else the end of the window asked but
    not after now, else now.
    """

    auth: RequestAuth = NoAuth()
    """How the source is told who asks."""
    values: dict[str, str | int] = Field(default_factory=dict)
    """Texts for the places `{values.NAME}` in base_url, auth and requests."""
    sites: dict[str, str] = Field(default_factory=dict)
    """What the source counts by (codes or names of sites, networks, offices), each with our agency
    id; several of one agency are added up by `aggregate`. In place of a system of codes."""
    requests: Requests
    """What is asked: a list, or a mapping by names of your own."""
    metrics: dict[str, str] = Field(default_factory=dict)
    """Our metrics, each with the name that the requests give it; what is not here is not fed.
    Without it the requests name our metrics themselves."""

    @model_validator(mode="before")
    @classmethod
    def _values_put_in(cls, given: Any) -> Any:
        return with_values(given) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _agree(self) -> Self:
        requests = [request for _, request in self.named()]
        if len({request.agency.system for request in requests}) > 1:
            raise ValueError("the requests of a source name their agencies in one system")
        if self.sites and any(request.agency.system for request in requests):
            raise ValueError("agencies are told apart by sites or by a system, not both")
        known = {metric for request in requests for metric in request.metrics}
        for name in self.metrics.values():
            if name not in known:
                raise ValueError(f"no request has {name!r}; there are {', '.join(sorted(known))}")
        if self.metrics and any(request.expect for request in requests):
            raise ValueError("with metrics beside the requests, expect stands beside them too")
        return self

    @property
    def agency_system(self) -> str | None:
        return next(request.agency.system for _, request in self.named())

    def agencies(self) -> frozenset[str]:
        ids = [request.agency.id for _, request in self.named()]
        if not self.sites and None in ids:
            return frozenset()
        return frozenset(self.sites.values()) | {each for each in ids if each is not None}

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset(
            (fed.metric, request.period)
            for _, request in self.named()
            for fed in self._fed(request)
        )

    def expectations(self) -> tuple[str, ...]:
        return tuple(text for _, request in self.named() for text in request.expect)

    def observe(self, ask: Ask) -> Answer:
        """All pages of all requests; SourceError when one of them cannot be had whole."""
        try:
            parts = [self._part(reading) for reading in self._readings(ask)]
        except SourceError as error:
            raise _without_secrets(error, ask.http.hiding()) from None
        hiding, known = ask.http.hiding(), frozenset([*ask.codes, *self.sites.values()])
        return Answer(
            observations=tuple(
                _shown(one, hiding, known) for part in parts for one in part.observations
            ),
            received=sum(part.received for part in parts),
            digest=ask.http.digest(),
            declared=_declared((part.declared, part.received) for part in parts),
        )

    def _readings(self, ask: Ask) -> Iterator[Reading]:
        """Each request that feeds a metric, once a window."""
        for where, request in self.named():
            fed = self._fed(request)
            spelling = Spelling(request.agency, self.sites, ask.codes)
            for window in request.windows(ask) if fed else ():
                yield Reading(request, fed, where, window, ask, spelling)

    def named(self) -> tuple[tuple[str, HttpRequest], ...]:
        """The requests, each with how a message calls it."""
        if isinstance(self.requests, Mapping):
            return tuple((f"requests.{name}", each) for name, each in self.requests.items())
        return tuple((f"requests[{n}]", each) for n, each in enumerate(self.requests))

    def _fed(self, request: HttpRequest) -> tuple[Fed, ...]:
        """Which of our metrics a request feeds."""
        keys = {name: f"m{number}" for number, name in enumerate(request.metrics)}
        ours = self.metrics or {name: name for name in request.metrics}
        return tuple(
            Fed(metric, keys[name], request.metrics[name])
            for metric, name in ours.items()
            if name in keys
        )

    def _part(self, reading: Reading) -> "_Part":
        request, window = reading.request, reading.window
        zone = None if request.window is None else request.window.tzinfo()
        filling = Filling(window, request.end, zone)
        rows: list[Counted] = []
        wholes = []
        for each in self._eaches(reading, filling):
            whole = self._whole(request, replace(filling, each=each), reading.ask, reading.where)
            rows += [(row, each) for row in whole.rows]
            wholes.append(whole)
            if len(rows) > self.limits.max_records:
                raise SourceError(
                    f"{reading.where}: more than {self.limits.max_records} rows", reason="content"
                )
        declared = _declared((whole.declared, len(whole.rows)) for whole in wholes)
        return _Part(tuple(observed(rows, reading)), len(rows), declared)

    def _eaches(self, reading: Reading, filling: Filling) -> Iterator[Any]:
        """What a request is asked for, one by one; one None where it is asked once."""
        match reading.request.for_each:
            case None:
                yield None
            case "agencies":
                yield from self.sites or reading.ask.codes
            case EachValue(values=values):
                yield from values
            case EachRow() as listing:
                yield from self._each_rows(listing, filling, reading)

    def _each_rows(self, listing: EachRow, filling: Filling, reading: Reading) -> Iterator[Any]:
        whole = self._whole(listing, filling, reading.ask, f"{reading.where}.for_each")
        if whole.declared is not None and whole.declared != len(whole.rows):
            words = f"for_each: declared {whole.declared} rows, received {len(whole.rows)}"
            raise SourceError(words, reason="content")
        for number, row in enumerate(whole.rows, start=1):
            if not listing.is_dropped(row):
                yield _each(listing, row, number)

    def _whole(self, request: Listing, filling: Filling, ask: Ask, where: str) -> Whole:
        def page_of(turn: Turn) -> Page:
            sent = sendable(request, turn, replace(filling, page=turn.page))
            url = sent.path
            if turn.url is not None:
                url = joined(ask.http.absolute(sent.path), turn.url)
            words = Words(
                request.busy_when, request.error_message, self.limits.busy_wait_s, guesses=True
            )
            reply = ask.http.send(
                request.method,
                url,
                query=sent.query,
                headers=sent.headers,
                form=sent.form,
                json=sent.json_body,
                hidden=sent.hidden,
                words=words,
            )
            body = _body(request, reply)
            words.check_busy(body, reply, ask.http.hiding, ask.now)
            _check_ok(request, body, reply.url, words, ask.http)
            return Page(reply, body, _rows(request, body, where))

        if not ask.http.has_one_page:
            return all_pages(request.pages, page_of, self.limits)
        whole, more = first_page(request.pages, page_of)
        if more:
            ask.http.went_on()
        return whole


@dataclass(frozen=True, slots=True)
class _Part:
    """What one request brought for one window."""

    observations: tuple[Observation, ...]
    received: int
    declared: int | None


def _without_secrets(error: SourceError, hiding: Hiding) -> SourceError:
    """The same error: some sources repeat in what they say what they were told."""
    return SourceError(
        hiding.text(str(error)),
        reason=error.reason,
        permanent=error.permanent,
        retry_after_s=error.retry_after_s,
    )


def _shown(one: Observation, hiding: Hiding, known: frozenset[str]) -> Observation:
    """Texts are what is refused, and then shown and stored."""
    if isinstance(one.value, str):
        one = replace(one, value=hiding.text(one.value))
    return one if one.agency in known else replace(one, agency=hiding.text(one.agency))


def _declared(counts: Iterable[tuple[int | None, int]]) -> int | None:
    """What the source said it has, of (declared, received); who says nothing has what came."""
    pairs = list(counts)
    if all(declared is None for declared, _ in pairs):
        return None
    return sum(received if declared is None else declared for declared, received in pairs)


def _each(listing: EachRow, row: Any, number: int) -> Any:
    if not isinstance(listing.each, dict):
        return _asked_for(listing.each, row, number)
    return {name: _asked_for(path, row, number) for name, path in listing.each.items()}


def _asked_for(path: Query, row: Any, number: int) -> str | int:
    value = path.of(row)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise SourceError(f"for_each row {number} has no {path.text!r}", reason="content")
    return value


def _body(request: Listing, reply: Reply) -> Any:
    return reply.json() if request.format == "json" else csv_rows(reply, request.delimiter)


def _check_ok(request: Listing, body: Any, shown: str, words: Words, http: Http) -> None:
    if request.ok_when is not None and not request.ok_when.holds(body):
        said = words.said(body, http.hiding())
        raise SourceError(
            f"{shown}: {request.ok_when.text!r} does not hold{said}", reason="content"
        )


def _rows(request: Listing, body: Any, where: str) -> list[Any]:
    records = request.records
    rows = records.of(body)
    if not isinstance(rows, list):
        what = "is not there" if rows is None else "is no array"
        words = f"{where}: records `{records.text}` {what}; the answer has: "
        raise SourceError(words + names_in(body, records), reason="content")
    return rows
