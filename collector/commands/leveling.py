"""The level ranking of a store, for `chiso scores --level`."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from collector.commands.common import NO, open_to_read, settings_of, usage_error, warn
from collector.insight.level import Level, level_at, level_of
from collector.insight.moments import NoMomentError, day_of
from collector.insight.retrace import RetraceError, retrace_stored
from collector.periods import local, period_of
from collector.settings.findings import hint
from collector.settings.model import Settings
from collector.store.store import Store


def level_asked(
    config: Path, store_url: str | None, set_id: str | None, day: str | None
) -> tuple[Level, ZoneInfo]:
    """Beside the newest scoreboard, or as of the end of a day by all that is known of it now.

    And the province's zone.
    """
    settings = settings_of(config)
    store = open_to_read(config, store_url)
    try:
        if day is not None:
            return _of_day(settings, store, set_id, day_of(day)), settings.zone
        return level_of(retrace_stored(settings, store, set_id), store), settings.zone
    except NoMomentError as error:
        raise usage_error(str(error)) from error
    except RetraceError as error:
        if error.unknown:
            raise usage_error(str(error)) from error
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error
    finally:
        store.close()


def _of_day(settings: Settings, store: Store, set_id: str | None, day: date) -> Level:
    wanted = set_id or min(spec.id for spec in settings.sets)
    known = {spec.id for spec in settings.sets}
    if wanted not in known:
        raise usage_error(f"--set {wanted}: no such set{hint(wanted, known)}")
    row = store.scoreboard_row()
    if row is None or local(row.published_us, settings.zone).date() < day:
        raise RetraceError(f"the store holds no scoreboard of {day} yet")
    end_us = period_of("day", day).until_us(settings.zone) - 1
    found = level_at(settings, store, wanted, end_us)
    if found is None:
        raise RetraceError(f"{wanted} was not in force on {day}")
    return found
