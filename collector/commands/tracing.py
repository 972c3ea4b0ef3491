"""A stored scoreboard beside what it was worked out from, for the commands that explain it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from collector.commands.common import NO, check_known, open_to_read, settings_of, usage_error, warn
from collector.insight.retrace import RetraceError, Traced, check_agency, retrace_stored
from collector.store.store import Store

AgencyId = Annotated[str, typer.Argument(metavar="AGENCY")]


@contextmanager
def tracing(
    config: Path, store_url: str | None, set_id: str | None, agency: str
) -> Iterator[tuple[Traced, Store]]:
    """The newest scoreboard, sure to come out again for that agency; ends with the right code."""
    settings = settings_of(config)
    check_known("agency", agency, settings.agencies)
    store = open_to_read(config, store_url)
    try:
        traced = retrace_stored(settings, store, set_id)
        check_agency(traced, agency)
        yield traced, store
    except RetraceError as error:
        if error.unknown:
            raise usage_error(str(error)) from error
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error
    finally:
        store.close()
