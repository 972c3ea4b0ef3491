"""Every fault of content calls within its declared delay, and a clean source calls nobody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from collector.agenda import agenda_of
from collector.clock import MINUTE_US
from collector.schedule import run_owed
from collector.sources import STANDINGS, SourceState, source_views
from tests.makers import AGENCIES, Counts, Rig, drafted, rigged
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer

EVERY_MIN, LATE_MIN, STALE_MIN, FROZEN_AFTER = 15, 45, 120, 4
CALLS_MIN = {one.state: one.alert.for_us // MINUTE_US for one in STANDINGS if one.alert}
# What passes before a state can hold: the next run, and the age or the runs that it is told by.
UNTIL_MIN: dict[SourceState, int] = {
    "late": LATE_MIN,
    "stale": STALE_MIN,
    "frozen": (FROZEN_AFTER + 1) * EVERY_MIN,
}


@dataclass
class World:
    """A source whose figures move from run to run, until a fault changes it."""

    counts: Counts = field(default_factory=Counts)
    moves: bool = True
    says: Served | None = None
    asked: int = 0

    def __call__(self, asked: Asked) -> Served:
        self.asked += self.moves
        self.counts.say("moc-chau", spots=8 + self.asked % 50)
        return self.says or self.counts(asked)


def stop_moving(world: World) -> None:
    world.moves = False


def break_down(world: World) -> None:
    world.says = Served(status=503)


def show_a_login(world: World) -> None:
    world.says = LOGIN_PAGE


def halve(world: World) -> None:
    for agency in AGENCIES:
        world.counts.say(agency, sent=500, signed=400)


def declare_more(world: World) -> None:
    world.counts.declared = 99


def run_ahead(world: World) -> None:
    world.counts.now = [one | {"at": "2024-12-24T00:00:00Z"} for one in world.counts.now]


def pass_all_ranges(world: World) -> None:
    for agency in AGENCIES:
        world.counts.say(agency, sent=9_000_000)


FAULTS: dict[SourceState, Callable[[World], None]] = {
    "wrong_content": show_a_login,
    "future": run_ahead,
    "partial": declare_more,
    "regressed": halve,
    "frozen": stop_moving,
    "held": pass_all_ranges,
    "stale": break_down,
    "late": break_down,
}


def test_every_state_that_calls_has_a_fault() -> None:
    assert FAULTS.keys() == CALLS_MIN.keys()


@pytest.mark.parametrize("state", FAULTS)
def test_a_fault_calls_within_its_delay_and_what_is_well_does_not(
    state: SourceState, source_server: SourceServer, tmp_path: Path, url: str
) -> None:
    freshness = {
        "late_after": f"{LATE_MIN}m",
        "stale_after": f"{STALE_MIN}m",
        "frozen_after": FROZEN_AFTER,
    }
    settings = drafted(source_server.url, freshness=freshness).settings(tmp_path / "config")
    world = World()
    source_server.answer = world
    with rigged(settings, url) as rig:
        minutes = _states(rig)
        clean = [next(minutes) for _ in range(4 * EVERY_MIN)]
        FAULTS[state](world)
        delay_min = UNTIL_MIN.get(state, EVERY_MIN) + CALLS_MIN[state]
        found = [next(minutes) for _ in range(delay_min + 1)]

    assert set(clean) == {"fresh"}
    assert set(found[-CALLS_MIN[state] :]) == {state}


def _states(rig: Rig) -> Iterator[SourceState]:
    """How the source stands, minute by minute, while it is pulled whenever it is due."""
    (source,) = rig.settings.sources.values()
    agenda = agenda_of([source], rig.settings.zone, {})
    while True:
        run_owed(source, agenda, rig.engine.desk)
        (view,) = source_views(rig.settings, rig.published, {}, rig.clock.now_us())
        yield view.state
        rig.move(MINUTE_US)
