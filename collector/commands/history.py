"""`chiso history`: how an agency's score, or one of its indicators, went over time."""

import csv
import json
import sys
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from collector.commands.common import (
    CONFIG_DIR,
    AsJson,
    ConfigDir,
    StoreUrl,
    check_known,
    console,
    exit_codes,
    open_to_read,
    settings_of,
    usage_error,
)
from collector.commands.scores import SetId
from collector.documents import Document, history_document
from collector.settings.findings import hint
from collector.settings.model import SetSpec, Settings

_FIELDS = ("at", "known_at", "value", "points", "status")
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV and nothing else.")]


def history(
    agency: Annotated[str, typer.Argument(metavar="AGENCY")],
    indicator: Annotated[str | None, typer.Argument(metavar="[INDICATOR]")] = None,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Print how a score or an indicator went."""
    with exit_codes():
        settings = settings_of(config)
        spec = _set(settings, set_id)
        unit = _unit(settings, spec, agency, indicator)
        opened = open_to_read(config, store)
        try:
            subject = f"agency/{agency}" + (f"/{indicator}" if indicator else "")
            samples = opened.history(spec.id, subject)
        finally:
            opened.close()
        document = history_document(samples, agency, indicator, unit)
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        elif as_csv:
            _print_csv(document)
        else:
            _print_table(document, settings.zone)


def _set(settings: Settings, set_id: str | None) -> SetSpec:
    known = {spec.id: spec for spec in settings.sets}
    if set_id is not None and set_id not in known:
        raise usage_error(f"--set {set_id}: no such set{hint(set_id, known)}")
    return known[set_id or min(known)]


def _unit(settings: Settings, spec: SetSpec, agency: str, indicator: str | None) -> str:
    check_known("agency", agency, settings.agencies)
    if indicator is None:
        return "points"
    units = {one.id: one.unit for one in spec.indicators}
    if indicator not in units:
        raise usage_error(f"{indicator}: no such indicator{hint(indicator, units)}")
    return units[indicator]


def _print_csv(document: Document) -> None:
    writer = csv.DictWriter(sys.stdout, _FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(document["samples"])


def _print_table(document: Document, zone: ZoneInfo) -> None:
    subject = document["indicator"] or "score"
    title = f"{document['agency']}: {subject} ({document['unit']}), times of {zone}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for field in _FIELDS:
        table.add_column(field, justify="right" if field in {"value", "points"} else "left")
    for sample in document["samples"]:
        table.add_row(*(_cell(field, sample[field], zone) for field in _FIELDS))
    console().print(table)


def _cell(field: str, value: object, zone: ZoneInfo) -> str:
    if value is None:
        return "–"
    # Scoreboards may follow each other within a minute.
    if field in {"at", "known_at"}:
        return f"{datetime.fromisoformat(str(value)).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return str(value)
