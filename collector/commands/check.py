"""`chiso check`: every finding of the configuration, with file, line and key."""

import json
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from collector.clock import SystemClock
from collector.commands.common import (
    CONFIG_DIR,
    WELL,
    WRONG_USAGE,
    AsJson,
    ConfigDir,
    StoreUrl,
    exit_codes,
    warn,
)
from collector.insight.lint import indicators_at_their_ceiling, is_there
from collector.outlook import nothing_in_force, outlook
from collector.periods import local
from collector.settings.findings import Finding
from collector.settings.load import inspect, inspect_trial
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.store.store import Store

SetFile = Annotated[
    Path | None,
    typer.Option(
        "--set", metavar="FILE", help="A set to judge as if it stood there for that of its id."
    ),
]


def check(
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_file: SetFile = None,
    as_json: AsJson = False,
) -> None:
    """List all that is wrong with a configuration."""
    with exit_codes():
        settings, findings = _inspected(config, set_file)
        if settings is not None and set_file is None:
            findings = (*findings, *_of_history(settings, store))
        if as_json:
            print(json.dumps([_document(one) for one in findings], ensure_ascii=False, indent=2))
        else:
            for finding in findings:
                print(f"warning: {finding}" if finding.severity == "warning" else finding)
            if settings is not None:
                print(f"{config}: {summary(settings, SystemClock().now_us())}")
        raise typer.Exit(WRONG_USAGE if settings is None else WELL)


def _inspected(config: Path, set_file: Path | None) -> tuple[Settings | None, tuple[Finding, ...]]:
    if set_file is None:
        return inspect(config, environ=os.environ)
    return inspect_trial(config, set_file, environ=os.environ)


def _of_history(settings: Settings, store_url: str | None) -> Sequence[Finding]:
    """What the store tells: the one asked for, or the configuration's own where there is one.

    A configuration is no worse for a store that cannot be read: unless it was asked for, that is
    said and no more.
    """
    url = store_url or settings.store_url
    if store_url is None and not is_there(url):
        return ()
    try:
        with closing(Store.open(url, read_only=True)) as store:
            return tuple(indicators_at_their_ceiling(settings, store, os.environ))
    except StoreError as error:
        if store_url is not None:
            raise
        warn(f"chiso: history is left out: {error}")
        return ()


def _document(finding: Finding) -> dict[str, str | int]:
    return {
        "severity": finding.severity,
        "file": str(finding.place.file),
        "line": finding.place.line,
        "key": finding.place.key,
        "problem": finding.problem,
    }


def summary(settings: Settings, now_us: int) -> str:
    """What a configuration holds, and whether there is anything to score by now."""
    sets = ", ".join(f"{one.id} ({len(one.indicators)} indicators)" for one in settings.sets)
    said = (
        f"well: {len(settings.agencies)} agencies in {len(settings.blocks)} blocks, "
        f"{len(settings.metrics)} metrics, {len(settings.sources)} sources, {sets}"
    )
    if outlook(settings, now_us).plans:
        return said
    today = local(now_us, settings.zone).date()
    return f"{said}\nnothing would be scored today ({today}): {nothing_in_force(settings)}"
