"""`chiso check`: every finding of the configuration, with file, line and key."""

import json
import os

import typer

from collector.commands.common import CONFIG_DIR, WELL, WRONG_USAGE, AsJson, ConfigDir, exit_codes
from collector.settings.findings import Finding
from collector.settings.load import inspect
from collector.settings.model import Settings


def check(config: ConfigDir = CONFIG_DIR, as_json: AsJson = False) -> None:
    """List all that is wrong with a configuration."""
    with exit_codes():
        settings, findings = inspect(config, environ=os.environ)
        if as_json:
            print(json.dumps([_document(one) for one in findings], ensure_ascii=False, indent=2))
        else:
            for finding in findings:
                print(f"warning: {finding}" if finding.severity == "warning" else finding)
            if settings is not None:
                print(f"{config}: {_summary(settings)}")
        raise typer.Exit(WRONG_USAGE if settings is None else WELL)


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
