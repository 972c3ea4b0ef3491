"""`chiso pull`: ask one source now; with --dry-run, only show what would become of its answer."""

import json
import os
import sys
from typing import Annotated

import typer
from rich.table import Table

from collector.clock import SystemClock
from collector.commands.common import (
    CONFIG_DIR,
    NO,
    WELL,
    AsJson,
    ConfigDir,
    StoreUrl,
    console,
    exit_codes,
    settings_of,
    usage_error,
    warn,
)
from collector.control import ControlError, ask_service, socket_path
from collector.documents import Document
from collector.logs import logger
from collector.service import dry_run, pull_once
from collector.settings.findings import hint
from collector.settings.model import Settings

_ANSWER_S_MAX = 3600.0
_ROWS_SHOWN = 40


def pull(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Store nothing, show everything.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pull one source now."""
    with exit_codes():
        settings = settings_of(config)
        if source not in settings.sources:
            raise usage_error(f"{source}: no such source{hint(source, settings.sources)}")
        url = store or os.environ.get("CHISO_STORE") or settings.store_url
        document = dry_run(settings, url, source, SystemClock()) if dry else None
        document = document or _through_service(url, source) or _by_ourselves(settings, url, source)
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document)
        raise typer.Exit(WELL if document["outcome"] == "ok" else NO)


def _through_service(url: str, source: str) -> Document | None:
    request = {"command": "pull", "source": source}
    try:
        return ask_service(socket_path(url), request, timeout_s=_ANSWER_S_MAX)
    except ControlError as error:
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error


def _by_ourselves(settings: Settings, url: str, source: str) -> Document:
    log = logger(sys.stderr, "text")
    return pull_once(settings, url, source, SystemClock(), log)


def _print(document: Document) -> None:
    out = console()
    out.print(f"{document['source']}: {document['outcome']}")
    if document["error"]:
        out.print(f"  {document['error']['reason']}: {document['error']['message']}")
    for one in document["requests"]:
        out.print(
            f"  {one['method']} {one['url']} → {one['status']}, "
            f"{one['bytes']} bytes in {one['seconds']} s"
        )
    out.print(_observation_table(document))
    for one in document["refused"]:
        out.print(f"  refused {one['where']}: {one['reason']}, got {one['got']}")


def _observation_table(document: Document) -> Table:
    rows = document["observations"]
    title = f"{len(rows)} observations" + (
        f", the first {_ROWS_SHOWN}" if len(rows) > _ROWS_SHOWN else ""
    )
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for head in ("metric", "agency", "period", "data_at"):
        table.add_column(head)
    table.add_column("value", justify="right")
    for one in rows[:_ROWS_SHOWN]:
        table.add_row(
            one["metric"],
            one["agency"],
            one["period"] or "–",
            one["data_at"],
            "–" if one["value"] is None else f"{one['value']:g}",
        )
    return table
