"""What tests of connectors share: a bare source over HTTP, and an Ask at a fixed moment."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from collector.periods import parse_period
from connectors.base import Answer, Ask, PeriodKind
from connectors.http import NO_WAIT, Client, Http, HttpConnector

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2024, 10, 16, 9, 0, tzinfo=UTC)


class Bare(HttpConnector):
    """A source that is asked by the test itself."""

    @property
    def agency_system(self) -> str | None:
        return None

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset()

    def observe(self, ask: Ask) -> Answer:
        raise AssertionError("a test asks by itself")


def bare(url: str, **options: Any) -> Bare:
    return Bare.model_validate(
        {"base_url": url, "limits": NO_WAIT, "allow": ["base_url"], **options}
    )


@contextmanager
def asking(options: HttpConnector, stop: threading.Event | None = None) -> Iterator[Http]:
    client = Client(options)
    try:
        yield client.begin(stop or threading.Event())
    finally:
        client.close()


def ask_with(
    http: Http | None, *, periods: tuple[str, ...] = ("2024",), codes: tuple[str, ...] = ()
) -> Ask:
    windows = tuple(parse_period(period).window(ZONE) for period in periods)
    return Ask(http, windows, NOW, codes, frozenset(), threading.Event(), ZONE)


def observe(
    options: HttpConnector, *, periods: tuple[str, ...] = ("2024",), codes: tuple[str, ...] = ()
) -> Answer:
    """One pull over a client of its own."""
    with asking(options) as http:
        return options.observe(ask_with(http, periods=periods, codes=codes))
