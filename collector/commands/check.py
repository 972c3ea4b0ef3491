"""`chiso check`: every finding of the configuration, with file, line and key."""

import json
import os
from collections.abc import Sequence
from contextlib import closing

import typer

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
from collector.settings.findings import Finding
from collector.settings.load import inspect
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.store.store import Store


def check(config: ConfigDir = CONFIG_DIR, store: StoreUrl = None, as_json: AsJson = False) -> None:
    """List all that is wrong with a configuration."""
    with exit_codes():
        settings, findings = inspect(config, environ=os.environ)
        if settings is not None:
            findings = (*findings, *_of_history(settings, store))
        if as_json:
            print(json.dumps([_document(one) for one in findings], ensure_ascii=False, indent=2))
        else:
            for finding in findings:
                print(f"warning: {finding}" if finding.severity == "warning" else finding)
            if settings is not None:
                print(f"{config}: {_summary(settings)}")
        raise typer.Exit(WRONG_USAGE if settings is None else WELL)


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


def _summary(settings: Settings) -> str:
    sets = ", ".join(f"{one.id} ({len(one.indicators)} indicators)" for one in settings.sets)
    return (
        f"well: {len(settings.agencies)} agencies in {len(settings.blocks)} blocks, "
        f"{len(settings.metrics)} metrics, {len(settings.sources)} sources, {sets}"
    )
