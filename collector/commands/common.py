"""What every command shares: its options, and one clear line with the right exit code."""

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from collector.control import ControlError
from collector.documents import Document
from collector.settings.findings import ConfigErrors, Finding, hint
from collector.settings.load import load, load_alone
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.store.store import Store

WELL, NO, WRONG_USAGE, UNAVAILABLE, LOCKED = 0, 1, 2, 69, 75

ConfigDir = Annotated[
    Path, typer.Option("--config", metavar="DIR", help="Folder of the configuration.")
]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", help="Store; else CHISO_STORE, else the configuration's."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
CONFIG_DIR = Path("config/sonla")


def console() -> Console:
    """Standard output as wide as it is; a table in a pipe is not folded to 80 columns."""
    return Console(width=None if sys.stdout.isatty() else 160, highlight=False)


def local_minute(iso: str, zone: ZoneInfo) -> str:
    """An instant of a document as a reader's clock has it; who prints it names the zone once."""
    return f"{datetime.fromisoformat(iso).astimezone(zone):%Y-%m-%d %H:%M}"


def came_of(request: Document) -> str:
    """What a request brought: rows where it was not over HTTP, else its status and bytes."""
    if request["rows"] is None and request["status"] is None:
        return "no answer"
    rows, size = request["rows"], request["bytes"]
    head = (
        f"{rows} row{'' if rows == 1 else 's'}" if request["status"] is None else request["status"]
    )
    return f"{head}" if size is None else f"{head}, {size} bytes"


def warn(message: str) -> None:
    print(message, file=sys.stderr)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Every expected failure ends as one clear message and its exit code."""
    try:
        yield
    except ConfigErrors as errors:
        for finding in errors.findings:
            warn(str(finding))
        raise typer.Exit(WRONG_USAGE) from errors
    except StoreError as error:
        warn(f"chiso: {error}")
        raise typer.Exit(LOCKED if error.kind == "locked" else UNAVAILABLE) from error
    except ControlError as error:
        warn(f"chiso: {error}")
        raise typer.Exit(UNAVAILABLE) from error
    except BrokenPipeError as error:
        # The reader of a pipe (such as `head`) has seen enough; the interpreter's own flush at
        # its end must not find the broken pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(WELL) from error


def settings_of(config: Path) -> Settings:
    return load(config, environ=os.environ)


def settings_for(config: Path, source: str) -> tuple[Settings, tuple[Finding, ...]]:
    """What asking one source takes, and what is wrong with others, which is told."""
    settings, errors = load_alone(config, source, environ=os.environ)
    for error in errors:
        warn(str(error))
    if errors:
        warn(f"chiso: none of that is of {source} itself")
    return settings, errors


def store_of(given: str | None, settings: Settings) -> str:
    """The store that a command works on: its own option, the environment, the configuration."""
    return given or os.environ.get("CHISO_STORE") or settings.store_url


def check_known(what: str, given: str, known: Collection[str]) -> None:
    """Wrong usage where what was given is not known; the message suggests what is."""
    if given not in known:
        raise usage_error(f"{given}: no such {what}{hint(given, known)}")


def open_to_read(config: Path, store_url: str | None) -> Store:
    """The store without a running service's leave: for looking only."""
    url = store_url or os.environ.get("CHISO_STORE") or settings_of(config).store_url
    return Store.open(url, read_only=True)


def usage_error(message: str) -> typer.Exit:
    warn(f"chiso: {message}")
    return typer.Exit(WRONG_USAGE)
