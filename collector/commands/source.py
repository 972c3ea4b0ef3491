"""`chiso source`: work on how one source is described."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from collector.clock import SystemClock
from collector.commands.common import (
    CONFIG_DIR,
    NO,
    WELL,
    AsJson,
    ConfigDir,
    StoreUrl,
    check_known,
    exit_codes,
    settings_for,
    store_of,
    usage_error,
    warn,
)
from collector.once import NotSavedError
from collector.once import record as recorded

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def source() -> None:
    """Keep what a source answers, to describe it without access."""


@app.command()
def record(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for the answers.")],
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Ask once, store nothing, and keep the answers without secrets."""
    with exit_codes():
        settings, _ = settings_for(config, source_id)
        check_known("source", source_id, settings.sources)
        url = store_of(store, settings)
        try:
            document, files = recorded(settings, url, source_id, SystemClock(), folder)
        except NotSavedError as error:
            raise usage_error(str(error)) from error
        except FileExistsError as error:
            raise usage_error(f"{folder} holds answers already: take a new folder") from error
        except OSError as error:
            raise usage_error(f"cannot write to {folder}: {error.strerror}") from error
        _print(document, files, as_json=as_json)
        raise typer.Exit(WELL if document["outcome"] == "ok" else NO)


def _print(document: dict[str, object], files: tuple[Path, ...], *, as_json: bool) -> None:
    if as_json:
        told = {**document, "files": [str(file) for file in files]}
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return
    print(f"{document['source']}: {document['outcome']}")
    error = document["error"]
    if isinstance(error, dict):
        print(f"  {error['reason']}: {error['message']}")
    for file in files:
        print(f"  {file}")
    warn("Secrets were removed; look through the files before they leave your hands.")
