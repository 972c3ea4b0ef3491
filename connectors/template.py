"""Places in configured strings: `{window.start:FORMAT}`, `{window.end:FORMAT}` and `{page}`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from connectors.base import Window

End = Literal["inclusive", "exclusive"]

_PLACE = re.compile(r"\{(?:window\.(?P<edge>start|end):(?P<format>[^{}]+)|(?P<page>page))\}")
# What looks like a place but is none would reach the source as it stands.
_ALMOST = re.compile(r"\{\s*(?:window|page|each)\b[^{}]*\}")
_EPOCHS = {"epoch": 1, "epoch_ms": 1000}


@dataclass(frozen=True, slots=True)
class Filling:
    """What the places stand for. An inclusive end is the last instant before the window's end."""

    window: Window | None = None
    end: End = "exclusive"
    page: int | None = None


def fill(value: Any, filling: Filling) -> Any:
    """The same value with every string in it filled; keys stay as they are."""
    if isinstance(value, str):
        return fill_text(value, filling)
    if isinstance(value, Mapping):
        return {key: fill(item, filling) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, filling) for item in value]
    return value


def fill_text(text: str, filling: Filling) -> str:
    return _PLACE.sub(lambda match: _filled(match, filling), text)


def places_of(value: Any) -> frozenset[str]:
    """Which of `window` and `page` stand in a value's strings; ValueError for a malformed place."""
    return frozenset(place for text in _texts(value) for place in _places(text))


def _filled(match: re.Match[str], filling: Filling) -> str:
    if match["page"]:
        return str(filling.page)
    if filling.window is None:
        raise ValueError(f"{match[0]} without a window")  # the options were not checked: our bug
    return _formatted(_edge(match["edge"], filling.window, filling.end), match["format"])


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
        raise ValueError(
            f"{almost[0]} is no place: {{window.start:%Y-%m-%d}}, {{window.end:…}} and {{page}} are"
        )
    for match in _PLACE.finditer(text):
        if match["format"]:
            _check_format(match["format"], match[0])
        yield "page" if match["page"] else "window"


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
