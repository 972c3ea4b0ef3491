"""A request as a simulated system sees it, and its answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Generic, Protocol, TypeVar

from collector.demo.province import Event

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Asked:
    """`at_us` is the simulated moment; header names are in lower case."""

    at_us: int
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Served:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return sha256(self.body).hexdigest()


class System(Protocol):
    """`answer` may be called from several threads."""

    @property
    def name(self) -> str: ...

    def environment(self, url: str) -> dict[str, str]:
        """What the configuration needs to reach the system at its address."""
        ...

    def answer(self, asked: Asked) -> Served: ...


class Latest(Generic[Value]):
    """Keeps the newest of what is costly to make: all requests of one pull ask the same moment."""

    def __init__(self, make: Callable[[int], Value]) -> None:
        self._make = make
        self._kept: tuple[int, Value] | None = None

    def at(self, at_us: int) -> Value:
        kept = self._kept
        if kept is None or kept[0] != at_us:
            # Two threads may both make it: the same value, and either may stay.
            kept = (at_us, self._make(at_us))
            self._kept = kept
        return kept[1]


def json_answer(
    content: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> Served:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Served(status, body, "application/json;charset=UTF-8", headers)


def not_found() -> Served:
    return Served(404, b"<html><body>Not Found</body></html>", "text/html;charset=UTF-8")


def out_of_order(event: Event) -> Served:
    """The page that a gateway shows while the system behind it is away."""
    page = f"<html><body>503 Service Unavailable: {event.story}</body></html>"
    return Served(503, page.encode(), "text/html;charset=UTF-8")
