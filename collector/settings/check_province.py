"""Checks of the province, its blocks and agencies."""

from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from collector.settings.draft import Draft
from collector.settings.findings import Finding, hint
from collector.settings.part import Part
from collector.settings.shape import IntervalShape


def time_zone_exists(draft: Draft) -> Iterator[Finding]:
    if draft.province and zone_of(draft.province.value.time_zone) is None:
        near = hint(draft.province.value.time_zone, available_timezones())
        yield draft.province.part.error(f"no such time zone{near}", "time_zone")


def zone_of(name: str) -> ZoneInfo | None:
    """The zone, or None where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def ids_stand_once(draft: Draft) -> Iterator[Finding]:
    yield from twice((each.value.id, each.part) for each in draft.blocks)
    yield from twice((each.value.id, each.part) for each in draft.agencies)


def twice(named: Iterable[tuple[str, Part]]) -> Iterator[Finding]:
    """A finding for each id that stood before; ids are never used again."""
    first: dict[str, Part] = {}
    for name, part in named:
        if name in first:
            yield part.error(f"stands twice, first in line {first[name].place('id').line}", "id")
        first.setdefault(name, part)


def codes_mean_one_agency(draft: Draft) -> Iterator[Finding]:
    """At any time, a code of a system stands for one agency."""
    held: dict[tuple[str, str], list[tuple[str, IntervalShape]]] = {}
    for agency in draft.agencies:
        for system, codes in agency.value.codes.items():
            for code in codes:
                holders = held.setdefault((system, code.code), [])
                for other, interval in holders:
                    if other != agency.value.id and overlap(interval, code):
                        problem = f"{code.code} is the code of {other} too, at the same time"
                        yield agency.part.error(problem, "codes", system)
                holders.append((agency.value.id, code))


def overlap(one: IntervalShape, other: IntervalShape) -> bool:
    """Whether two half-open intervals of days have a day in common."""
    return _before(one.start, other.until) and _before(other.start, one.until)


def _before(start: date | None, until: date | None) -> bool:
    return start is None or until is None or start < until
