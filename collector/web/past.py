"""Scores at past moments, for pictures: read once, kept, since what is published never changes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from collector.clock import DAY_US
from collector.documents import Document
from collector.periods import Period, local
from collector.store.store import Store
from collector.web.current import Current

Key = tuple[str, str]
Triples = Mapping[Key, "Moment"]
# By day for two months, by week for a year, by month beyond: never more points than a line needs.
_STEPS_DAYS = (1, 7, 30)
_POINTS_MAX = 62
_KEPT = 512


@dataclass(frozen=True, slots=True)
class Moment:
    """A subject's score at a moment; all None where it had none.

    A midnight belongs to the day that it ends.
    """

    at_us: int
    score: float | None = None
    low: float | None = None
    high: float | None = None


class Past:
    """Scores of provinces, blocks and agencies at the ends of past days."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # The instants asked for lie before the newest scoreboard: nothing published later is
        # older, so what was found once stays true.
        self._at = lru_cache(maxsize=_KEPT)(self._read)

    def line(self, one: Current, subject: str) -> tuple[Moment, ...]:
        """The subject from the beginning of the period to now; StoreError when it is away.

        What stood at the end of each day, week or month, whichever the length asks for, and now.
        """
        past = (
            self._at(at_us).get((one.set_id, subject), Moment(at_us)) for at_us in _instants(one)
        )
        return (*past, _now(one, subject))

    def _read(self, at_us: int) -> Triples:
        number = self._store.number_at(at_us)
        cells = {} if number is None else self._store.cells(number)
        return {
            key: _moment(at_us, json.loads(body))
            for key, body in cells.items()
            if key[1] == "province" or (key[1].startswith("agency/") and key[1].count("/") == 1)
        }


def weeks(line: Sequence[Moment], count: int = 12) -> tuple[Moment, ...]:
    """The last weeks of a line, a point a week."""
    if not line:
        return ()
    end_us = line[-1].at_us
    start_us = end_us - count * 7 * DAY_US
    recent = [moment for moment in line if moment.at_us >= start_us]
    kept = [moment for moment in recent[:-1] if (end_us - moment.at_us) >= DAY_US]
    every = max(1, len(kept) // count)
    return (*kept[len(kept) % every :: every], line[-1])


def _instants(one: Current) -> tuple[int, ...]:
    """Ends of local days, from the period's first on, all before the scoreboard."""
    zone = one.settings.zone
    period = one.head["period"]
    first, until = date.fromisoformat(period["from"]), date.fromisoformat(period["until"])
    last = min(local(one.edition.published_us, zone).date(), until - timedelta(days=1))
    days = max(0, (last - first).days)
    step = next((each for each in _STEPS_DAYS if days <= each * _POINTS_MAX), days // _POINTS_MAX)
    ends = (first + timedelta(days=passed) for passed in range(step, days + 1, step))
    return tuple(_midnight_us(end, one) for end in ends)


def _midnight_us(day: date, one: Current) -> int:
    return Period("day", "", day, day + timedelta(days=1)).start_us(one.settings.zone)


def _now(one: Current, subject: str) -> Moment:
    body = one.edition.body(one.set_id, subject) or {}
    return _moment(one.edition.published_us, body)


def _moment(at_us: int, body: Document) -> Moment:
    return Moment(at_us, body.get("score"), body.get("low"), body.get("high"))
