"""A declared request with every place in it filled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.compact import compact
from connectors.fetch.credentials import Pairs, text_of
from connectors.mapping.pages import Single, Turn
from connectors.mapping.request import Listing, Value
from connectors.mapping.template import Filling, fill, fill_path, fill_text, places_of
from connectors.secret import Secret, revealed, secrets_in


@dataclass(frozen=True, slots=True)
class Sendable:
    """A request with every place filled: what `Http.send` is given; `hidden` are names in query."""

    path: str
    query: Pairs
    headers: dict[str, str]
    form: Pairs | None
    json_body: Any
    hidden: frozenset[str]


def is_fixed(request: Listing) -> bool:
    """Whether it is the same each time: without places, pages and secrets."""
    plain = not places_of(request.parts()) and not any(secrets_in(request.parts()))
    return plain and isinstance(request.pages, Single)


def sendable(request: Listing, turn: Turn, filling: Filling) -> Sendable:
    """The request for one page; secrets are read here. A turn's address brings its own query."""
    paged: dict[str, Mapping[str, Any]] = {}
    if not isinstance(request.pages, Single):
        paged[request.pages.where] = turn.params or {}
    query = _pairs(request.query, filling) + _turned(paged.get("query", {}))
    return Sendable(
        path=fill_path(request.path, filling),
        query=() if turn.url else query,
        headers=dict(_pairs(request.headers, filling)),
        form=_form(request, paged, filling),
        json_body=_with(revealed(fill(request.json_body, filling)), paged.get("json", {})),
        hidden=frozenset(
            name for name, value in request.query.items() if isinstance(value, Secret)
        ),
    )


def _form(
    request: Listing, paged: Mapping[str, Mapping[str, Any]], filling: Filling
) -> Pairs | None:
    if request.form is None and request.form_json is None and "form" not in paged:
        return None
    plain = _pairs(request.form or {}, filling) + _turned(paged.get("form", {}))
    packed = (
        (name, compact(_with(fill(value, filling), paged.get("form_json", {}))))
        for name, value in (request.form_json or {}).items()
    )
    return (*plain, *packed)


def _with(value: Any, params: Mapping[str, Any]) -> Any:
    if not params:
        return value
    return {**(value if isinstance(value, Mapping) else {}), **params}


def _turned(params: Mapping[str, Any]) -> Pairs:
    """A cursor may be more than a text or a number."""
    return tuple(
        (name, text_of(value) if isinstance(value, str | int | float) else compact(value))
        for name, value in params.items()
    )


def _pairs(given: Mapping[str, Any], filling: Filling) -> Pairs:
    return tuple(_listed(given, filling))


def _listed(given: Mapping[str, Any], filling: Filling) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        for item in value if isinstance(value, tuple) else (value,):
            yield name, _text(item, filling)


def _text(value: Value, filling: Filling) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    return fill_text(value, filling) if isinstance(value, str) else text_of(value)
