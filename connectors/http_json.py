"""Any JSON over HTTP, declared in YAML: requests, pages, rows, agency codes and metrics."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import chain
from typing import Annotated, Any, NamedTuple, Self, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from connectors.base import Answer, Ask, Observation, PeriodKind, SourceError, Window
from connectors.fetch.auth import NoAuth, RequestAuth
from connectors.fetch.hide import Hiding
from connectors.http import HttpConnector
from connectors.mapping.agency import Spelling
from connectors.mapping.pages import Whole
from connectors.mapping.question import Question
from connectors.mapping.reading import Fed, Reading, observed
from connectors.mapping.request import EachRow, EachValue, HttpRequest
from connectors.mapping.template import Filling
from connectors.mapping.values import with_values
from connectors.query import Query

# How many rows a source said there are, where it said so, and how many came.
Count: TypeAlias = tuple[int | None, int]


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

    @cached_property
    def agency_system(self) -> str | None:
        return next(request.agency.system for _, request in self.named())

    def agencies(self) -> frozenset[str]:
        ids = [request.agency.id for _, request in self.named()]
        if not self.sites and None in ids:
            return frozenset()
        return frozenset(self.sites.values()) | {each for each in ids if each is not None}

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return self._feeds

    @cached_property
    def _feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset(
            (fed.metric, one.request.period) for one in self._readers for fed in one.metrics
        )

    def expectations(self) -> tuple[str, ...]:
        return tuple(text for _, request in self.named() for text in request.expect)

    def named(self) -> tuple[tuple[str, HttpRequest], ...]:
        """The requests, each with how a message calls it."""
        if isinstance(self.requests, Mapping):
            return tuple((f"requests.{name}", each) for name, each in self.requests.items())
        return tuple((f"requests[{n}]", each) for n, each in enumerate(self.requests))

    @cached_property
    def _readers(self) -> tuple["_Reader", ...]:
        """The requests that feed a metric, as far as no pull changes them."""
        made = (
            _Reader(where, request, self._fed(request), self.sites)
            for where, request in self.named()
        )
        return tuple(one for one in made if one.metrics)

    def _fed(self, request: HttpRequest) -> tuple[Fed, ...]:
        """Which of our metrics a request feeds."""
        ours = self.metrics or {name: name for name in request.metrics}
        return tuple(
            Fed(metric, request.metrics[name])
            for metric, name in ours.items()
            if name in request.metrics
        )

    def observe(self, ask: Ask) -> Answer:
        """All pages of all requests; SourceError when one of them cannot be had whole."""
        http = ask.http
        try:
            parts = [
                self._part(reader, window, ask)
                for reader in self._readers
                for window in reader.request.windows(ask)
            ]
        except SourceError as error:
            raise _without_secrets(error, http.hiding()) from None
        counts = [count for part in parts for count in part.counts]
        return Answer(
            observations=tuple(chain.from_iterable([part.observations for part in parts])),
            received=sum([received for _, received in counts]),
            digest=http.digest(),
            declared=_declared(counts),
        )

    def _part(self, reader: "_Reader", window: Window | None, ask: Ask) -> "_Part":
        request, where = reader.request, reader.where
        zone = None if request.window is None else request.window.tzinfo()
        filling = Filling(window, request.end, zone)
        rows: list[Any] = []
        eaches: list[Any] = []
        counts: list[Count] = []
        for each in self._eaches(reader, filling, ask):
            whole = reader.question.whole(filling._replace(each=each), ask, self.limits)
            rows += whole.rows
            eaches += [each] * len(whole.rows)
            counts.append((whole.declared, len(whole.rows)))
            if len(rows) > self.limits.max_records:
                raise SourceError(
                    f"{where}: more than {self.limits.max_records} rows", reason="content"
                )
        spelling = reader.spelling(ask.codes)
        reading = Reading(request, reader.metrics, where, window, ask, spelling)
        observations = _shown(observed(rows, eaches, reading), spelling.known, ask.http.hiding())
        return _Part(observations, counts)

    def _eaches(self, reader: "_Reader", filling: Filling, ask: Ask) -> Iterable[Any]:
        """What a request is asked for, one by one; one None where it is asked once."""
        match reader.request.for_each:
            case None:
                return (None,)
            case "agencies":
                return self.sites or ask.codes
            case EachValue(values=values):
                return values
            case EachRow() as listing:
                question = Question(listing, f"{reader.where}.for_each")
                return _each_rows(listing, question.whole(filling, ask, self.limits))


class _Reader:
    """A request, which of our metrics it feeds, and how a message calls it."""

    def __init__(
        self,
        where: str,
        request: HttpRequest,
        metrics: tuple[Fed, ...],
        sites: Mapping[str, str],
    ) -> None:
        self.where = where
        self.request = request
        self.metrics = metrics
        self.question = Question(request, where)
        # Codes change by days.
        self.spelling = lru_cache(maxsize=1)(partial(Spelling, request.agency, sites))


class _Part(NamedTuple):
    """What one request brought for one window."""

    observations: list[Observation]
    counts: list[Count]


def _without_secrets(error: SourceError, hiding: Hiding) -> SourceError:
    """The same error: some sources repeat in what they say what they were told."""
    return SourceError(
        hiding.text(str(error)),
        reason=error.reason,
        permanent=error.permanent,
        retry_after_s=error.retry_after_s,
    )


def _shown(
    observations: Iterable[Observation], known: frozenset[str], hiding: Hiding
) -> list[Observation]:
    """Without secrets in texts: they are refused, and then shown and stored."""
    return [
        one
        if one.agency in known and not isinstance(one.value, str)
        else _without(one, known, hiding)
        for one in observations
    ]


def _without(one: Observation, known: frozenset[str], hiding: Hiding) -> Observation:
    if isinstance(one.value, str):
        one = one._replace(value=hiding.text(one.value))
    return one if one.agency in known else one._replace(agency=hiding.text(one.agency))


def _declared(counts: Sequence[Count]) -> int | None:
    """What the source said it has; who says nothing has what came."""
    if not any(declared is not None for declared, _ in counts):
        return None
    return sum([received if declared is None else declared for declared, received in counts])


def _each_rows(listing: EachRow, whole: Whole) -> Iterator[Any]:
    if whole.declared is not None and whole.declared != len(whole.rows):
        words = f"for_each: declared {whole.declared} rows, received {len(whole.rows)}"
        raise SourceError(words, reason="content")
    for number in listing.kept(whole.rows):
        yield _each(listing, whole.rows[number - 1], number)


def _each(listing: EachRow, row: Any, number: int) -> Any:
    if not isinstance(listing.each, dict):
        return _asked_for(listing.each, row, number)
    return {name: _asked_for(path, row, number) for name, path in listing.each.items()}


def _asked_for(path: Query, row: Any, number: int) -> str | int:
    value = path.of(row)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise SourceError(f"for_each row {number} has no {path.text!r}", reason="content")
    return value
