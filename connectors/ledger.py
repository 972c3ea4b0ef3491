"""What a pull asked that does not go over HTTP, and what came of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connectors.nouns import Request


@dataclass(slots=True)
class Entry:
    """One question; whoever reads its answer says how much of it came so far."""

    method: str
    url: str
    began_s: float
    ended_s: float | None = None
    rows: int | None = None
    bytes: int | None = None

    def request(self, now_s: float) -> Request:
        ended_s = now_s if self.ended_s is None else self.ended_s
        return Request(self.method, self.url, None, self.bytes, ended_s - self.began_s, self.rows)


class Ledger:
    """The questions of one pull in their order; the thread that asks may be left behind."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    @property
    def requests(self) -> tuple[Request, ...]:
        """What was asked so far; a question that is still open has lasted until now."""
        now_s = time.monotonic()
        return tuple(entry.request(now_s) for entry in tuple(self._entries))

    @contextmanager
    def asking(self, method: str, url: str) -> Iterator[Entry]:
        """Keep a question, without secrets, and how long the block takes to answer it."""
        entry = Entry(method, url, time.monotonic())
        self._entries.append(entry)
        try:
            yield entry
        finally:
            entry.ended_s = time.monotonic()

    def forget(self, entry: Entry | None) -> None:
        """Take out what turned out to bring nothing that is new."""
        self._entries = [one for one in self._entries if one is not entry]
