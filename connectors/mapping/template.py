"""Places in configured strings: `{window.start:FORMAT}`, `{window.end:FORMAT}`, `{page}`, `{each}`.

`{each.NAME}` is one of several values of a row that a request is asked for.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from connectors.base import SourceError, Window

End = Literal["inclusive", "exclusive"]

_PLACE = re.compile(
    r"\{(?:window\.(?P<edge>start|end):(?P<format>[^{}]+)"
    r"|(?P<page>page)|each(?:\.(?P<name>[A-Za-z_]\w*))?)\}",
    re.ASCII,
)
# What looks like a place but is none would reach the source as it stands.
_ALMOST = re.compile(r"\{\s*(?:window|page|each|values)\b[^{}]*\}")
_EPOCHS = {"epoch": 1, "epoch_ms": 1000}


class Filling(NamedTuple):
    """What the places stand for. An inclusive end is the last instant before the window's end.

    `zone` is that in which the window's edges are written, where it is not the window's own.
    """

    window: Window | None = None
    end: End = "exclusive"
    zone: tzinfo | None = None
    page: int | None = None
    each: Any = None


def fill(value: Any, filling: Filling) -> Any:
    """The same value with every string in it filled; keys stay as they are.

    A string that is a place and nothing else becomes its value, so that a number stays one.
    """
    if isinstance(value, str):
        match = _PLACE.fullmatch(value)
        return _filled(match, filling) if match else fill_text(value, filling)
    if isinstance(value, Mapping):
        return {key: fill(item, filling) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, filling) for item in value]
    return value


def fill_text(text: str, filling: Filling) -> str:
    return _PLACE.sub(lambda match: str(_filled(match, filling)), text)


def fill_path(text: str, filling: Filling) -> str:
    """As a path: what stands for `{each}` cannot leave its place in it."""
    return _PLACE.sub(lambda match: _in_path(match, filling), text)


def places_of(value: Any) -> frozenset[str]:
    """Which of `window`, `page` and `each` stand in strings; ValueError for a malformed place."""
    return frozenset(place for text in _texts(value) for place in _places(text))


def each_names(value: Any) -> frozenset[str]:
    """The names that `{each.NAME}` places ask for; "" is that of `{each}`."""
    matches = (match for text in _texts(value) for match in _PLACE.finditer(text))
    return frozenset(match["name"] or "" for match in matches if _kind(match) == "each")


def _in_path(match: re.Match[str], filling: Filling) -> str:
    filled = str(_filled(match, filling))
    if _kind(match) != "each":
        return filled
    quoted = quote(filled, safe="")
    # Clients and servers walk up the path at these, quoted or not.
    if quoted in {"", ".", ".."}:
        raise SourceError(f"{filled!r} cannot stand in a path", reason="content")
    return quoted


def _filled(match: re.Match[str], filling: Filling) -> Any:
    kind = _kind(match)
    if kind == "page":
        return filling.page
    if kind == "each":
        return filling.each[match["name"]] if match["name"] else filling.each
    if filling.window is None:
        raise ValueError(f"{match[0]} without a window")  # the options were not checked: our bug
    edge = _edge(match["edge"], filling.window, filling.end)
    return _formatted(edge.astimezone(filling.zone) if filling.zone else edge, match["format"])


def _kind(match: re.Match[str]) -> Literal["window", "page", "each"]:
    if match["edge"]:
        return "window"
    return "page" if match["page"] else "each"


def _edge(edge: str, window: Window, end: End) -> datetime:
    if edge == "start":
        return window.start
    return window.end if end == "exclusive" else window.end - timedelta(microseconds=1)


def _formatted(moment: datetime, form: str) -> str:
    if form in _EPOCHS:
        return str(int(moment.timestamp() * _EPOCHS[form]))
    return moment.strftime(form)


def _places(text: str) -> Iterator[str]:
    left = _PLACE.sub("", text)
    almost = _ALMOST.search(left)
    if almost:
        known = "{window.start:%Y-%m-%d}, {window.end:…}, {page}, {each} and {each.NAME} are"
        raise ValueError(f"{almost[0]} is no place: {known}")
    for match in _PLACE.finditer(text):
        if match["format"]:
            _check_format(match["format"], match[0])
        yield _kind(match)


def _check_format(form: str, place: str) -> None:
    # %s counts from the machine's own zone and %c, %x, %X follow its language.
    directives = re.findall(r"%(.)", form)
    if form not in _EPOCHS and (not directives or not set(directives) <= set("YmdHMSfjyzGVub%")):
        raise ValueError(f"{place}: the format is epoch, epoch_ms, or made of %Y %m %d %H %M %S %f")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
