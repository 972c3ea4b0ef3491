"""The simulated province: its units with their codes, its calendar, and the events of its year."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from collector.clock import DAY_US, HOUR_US

# Sơn La is seven hours ahead of UTC, all year round.
OFFSET_US = 7 * HOUR_US
FIRST_DAY = date(2024, 1, 1)
# From this day on every count is what it is at the end of the year.
LAST_DAY = date(2024, 12, 30)
YEAR_START_US = (FIRST_DAY - date(1970, 1, 1)).days * DAY_US - OFFSET_US
YEAR_STOP_US = YEAR_START_US + 365 * DAY_US + 16 * HOUR_US

HOLIDAYS = frozenset(
    FIRST_DAY + timedelta(days=number)
    for number in (0, 38, 39, 40, 41, 42, 43, 44, 108, 119, 120, 121, 245, 246)
)


@dataclass(frozen=True, slots=True)
class Unit:
    """An agency by our id; its codes in the systems follow from its number."""

    id: str
    number: int
    name: str

    @property
    def is_district(self) -> bool:
        return self.number > _NUMBER_LAST_PROVINCIAL

    @property
    def dossiers_code(self) -> str:
        return f"SLA{self.number:03d}"

    @property
    def documents_code(self) -> str:
        return f"000.00.{self.number:02d}.H52"

    @property
    def portal_code(self) -> str:
        """The portal mixes both forms in one answer; here one unit has the old one."""
        return self.documents_code if self.number == _NUMBER_OLD_FORM else f"H52.{self.number:02d}"


EventKind = Literal["outage", "absent", "partial", "overcounted", "miscounted"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that goes wrong at a source from the local day `start` until before `until`."""

    kind: EventKind
    source: str
    start: date
    until: date
    story: str
    metrics: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()


EVENTS = (
    Event(
        "absent",
        "reports",
        FIRST_DAY,
        date(2024, 3, 11),
        "the form of the reports has no officers yet: two inputs come late, for everybody",
        metrics=frozenset({"dx_officer", "security_officer"}),
    ),
    Event(
        "outage",
        "documents",
        date(2024, 3, 4),
        date(2024, 3, 9),
        "the document system is being moved and answers 503",
    ),
    Event(
        "overcounted",
        "dossiers",
        FIRST_DAY,
        date(2024, 6, 12),
        "dossiers of one district were entered twice; the correction makes its total fall",
        metrics=frozenset({"dossiers_received"}),
        agencies=frozenset({"huyen-thuan-chau"}),
    ),
    Event(
        "miscounted",
        "dossiers",
        date(2024, 8, 14),
        date(2024, 8, 15),
        "the dossier system declares a row more than it sends: its answers are held",
    ),
    Event(
        "partial",
        "portal",
        FIRST_DAY,
        date(2024, 10, 15),
        "satisfaction with dossiers, a third of its component, is not computed yet, for everybody",
        metrics=frozenset({"mdhl"}),
    ),
)

_NUMBER_LAST_PROVINCIAL = 20
_NUMBER_OLD_FORM = 4


def event_of(
    kind: EventKind, source: str, at_us: int, *, metric: str | None = None, agency: str = ""
) -> Event | None:
    """The event of that kind that goes on at a source, and concerns the metric and the agency."""
    day = day_at(at_us)
    for event in EVENTS:
        if event.kind != kind or event.source != source or not event.start <= day < event.until:
            continue
        concerned = metric is None or metric in event.metrics
        if concerned and (not event.agencies or agency in event.agencies):
            return event
    return None


def day_number(at_us: int) -> int:
    """Days since 1 January 2024, local."""
    return (at_us - YEAR_START_US) // DAY_US


def day_at(at_us: int) -> date:
    return FIRST_DAY + timedelta(days=day_number(at_us))


def day_start_us(day: date) -> int:
    return YEAR_START_US + (day - FIRST_DAY).days * DAY_US


def is_working(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in HOLIDAYS


_SATURDAY = 5
