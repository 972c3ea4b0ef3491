"""`chiso demo`: a simulated province, the real service against it, and a year in a minute."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from collector.commands.common import (
    CONFIG_DIR,
    UNAVAILABLE,
    WELL,
    AsJson,
    ConfigDir,
    exit_codes,
    warn,
)
from collector.commands.run import LISTEN, Listen, address, listening, stop_on_signals
from collector.commands.scores import print_edition
from collector.demo.neighbour import Neighbour, NeighbourError
from collector.logs import logger
from collector.periods import local

if TYPE_CHECKING:
    from collector.demo.show import Stage, Year
    from collector.web.server import Server

FOLDER = Path("var")
STORE = f"sqlite:///{FOLDER}/demo.db"
Once = Annotated[
    bool, typer.Option("--once", help="Only the year, in a temporary store, without a port.")
]
Attach = Annotated[
    Path | None,
    typer.Option(
        "--province",
        metavar="FILE",
        help="A simulated province that runs already: what it printed when it began.",
    ),
]
DemoStore = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help=f"Where the demo keeps its year [{STORE}; with --once: nowhere].",
    ),
]


def demo(
    config: ConfigDir = CONFIG_DIR,
    listen: Listen = LISTEN,
    once: Once = False,
    as_json: AsJson = False,
    province: Attach = None,
    store: DemoStore = None,
) -> None:
    """Show a simulated year, then its last day live."""
    try:
        with exit_codes():
            if not once:
                _live(config, store or STORE, province, listen)
                return
            with tempfile.TemporaryDirectory(prefix="chiso-") as folder:
                _once(config, store or f"sqlite:///{folder}/demo.db", province, as_json=as_json)
    except NeighbourError as error:
        warn(f"chiso: {error}")
        raise typer.Exit(UNAVAILABLE) from error


def _once(config: Path, url: str, province: Path | None, *, as_json: bool) -> None:
    # Here and below: the service and its web take as long to load as all else.
    from collector.demo.show import begin_year, front_of

    with _staged(config, url, province) as ready:
        year = begin_year(ready, front_of(ready))
        if not _with_bar(ready, year):
            raise typer.Exit(WELL)
        edition = year.engine.desk.publisher.published.edition()
        zone = year.engine.settings.zone
    print_edition(edition, edition.set_ids()[0], zone, as_json=as_json)


def _live(config: Path, url: str, province: Path | None, listen: str) -> None:
    from collector.demo.show import begin_year, front_of, is_over, run_live

    host, port = address(listen)
    with _staged(config, url, province) as ready:
        if is_over(ready):
            print(f"The demo's year is over. To see it again, remove {ready.store.url_shown}.")
            return
        front = front_of(ready)
        with listening(front, host, port) as server:
            year = begin_year(ready, front)
            server.start()
            if _with_bar(ready, year):
                _say_where(server, ready.store.url_shown)
                run_live(ready, front)
        if is_over(ready):
            print("The demo's last day ended at 23:59; its year is over.")


@contextmanager
def _staged(config: Path, url: str, province: Path | None) -> Iterator["Stage"]:
    """The sources, the store and the log of a demo: beside a SQLite store, else in `var`."""
    from collector.demo.show import stage

    scheme, _, file = url.partition(":///")
    folder = Path(file).parent if scheme.startswith("sqlite") else FOLDER
    stop = stop_on_signals()
    with (
        _log_in(folder) as log,
        closing(
            Neighbour.attach(province) if province else Neighbour.start(folder / "province")
        ) as neighbour,
        stage(config, url, neighbour, logger(log, "json"), stop) as ready,
    ):
        yield ready


def _log_in(folder: Path) -> TextIO:
    """The demo's log in its folder; exit code 69 where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / "demo.log").open("a", encoding="utf-8")
    except OSError as error:
        warn(f"chiso: the demo cannot write to {folder}: {error.strerror or error}")
        raise typer.Exit(UNAVAILABLE) from error


def _with_bar(ready: "Stage", year: "Year") -> bool:
    """Run the year under a progress bar on standard error; True when it was finished."""
    from collector.demo.show import run_year

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[day]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        task = bar.add_task("The year 2024", total=year.until_us - year.from_us, day="")

        def show(at_us: int) -> None:
            day = local(at_us, ready.settings.zone).date().isoformat()
            bar.update(task, completed=at_us - year.from_us, day=day)

        return run_year(ready, year, show)


def _chiso() -> str:
    """The command as this shell finds it."""
    beside = Path(sys.executable).with_name("chiso")
    if shutil.which("chiso") or not beside.exists():
        return "chiso"
    return str(Path(os.path.relpath(beside)))


def _say_where(server: "Server", url: str) -> None:
    print(
        f"""
The simulated province is live: 31 December 2024, 16:00, every source every 5 seconds.
The raw counts are synthetic; the year's results are those published for Sơn La.

  pages     {server.url}/        (English: {server.url}/en/)
  metrics   {server.url}/metrics
  API       {server.url}/api/v1/scoreboard
  terminal  {_chiso()} scores --store {url}

Ctrl-C ends it; the next `make demo` goes on from here.
""",
        flush=True,
    )
