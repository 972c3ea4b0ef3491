"""`chiso accept`: take what a held run brought, with who and why."""

import getpass
import json
import os
import sys
from contextlib import closing
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from collector.accept import AcceptError, waiting
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
    open_to_read,
    settings_of,
    store_of,
    usage_error,
    warn,
)
from collector.control import ControlError, ask_service, socket_path
from collector.documents import Document
from collector.facts import Acceptance
from collector.logs import logger
from collector.once import accept_once
from collector.periods import iso

_ANSWER_S_MAX = 600.0
# How many runs are looked through for those that wait.
_RUNS_SEEN = 2000


def accept(
    run: Annotated[
        int | None, typer.Argument(metavar="[RUN]", help="Its number; without, those that wait.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who; else the user's name.")
    ] = None,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take what a held run brought, with who and why."""
    with exit_codes():
        if run is None:
            _print_waiting(_waiting(config, store), as_json=as_json)
            return
        if reason is None or not reason.strip():
            raise usage_error("say why with --reason TEXT: it is kept with the figures")
        taking = Acceptance(run, by or _user(), reason.strip())
        document = _accepted(taking, config, store)
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            rows = len(document["observations"])
            print(f"run {run} of {document['source']}: {rows} observations accepted")
        raise typer.Exit(WELL)


def _user() -> str:
    """Whoever runs the command; in a container that knows no users, the number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _accepted(taking: Acceptance, config: ConfigDir, store: StoreUrl) -> Document:
    settings = settings_of(config)
    url = store_of(store, settings)
    request = {
        "command": "accept",
        "run": taking.of_run,
        "who": taking.who,
        "why": taking.why,
    }
    try:
        document = ask_service(socket_path(url), request, timeout_s=_ANSWER_S_MAX)
        if document is None:
            log = logger(sys.stderr, "text")
            document = accept_once(settings, url, taking, SystemClock(), log)
    except (ControlError, AcceptError) as error:
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error
    return document


def _waiting(config: ConfigDir, store: StoreUrl) -> list[Document]:
    with closing(open_to_read(config, store)) as opened:
        return [
            {
                "run": one.id,
                "source": one.source,
                "ended_at": iso(one.ended_us),
                "verdict": one.track.verdict,
                "refused": one.refused,
                "message": one.message,
            }
            for one in waiting(opened, limit=_RUNS_SEEN)
        ]


def _print_waiting(found: list[Document], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for head in ("run", "source", "ended_at", "verdict", "refused", "message"):
        table.add_column(head, justify="right" if head in {"run", "refused"} else "left")
    for one in found:
        table.add_row(*(escape(str(text if text is not None else "–")) for text in one.values()))
    console().print(table if found else "no run waits to be accepted")
