"""`chiso pull`: ask one source now, or for its past; with --dry-run, only show what would be."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from collector.backfill import BackfillError, periods_of_past, while_hopeful
from collector.clock import SystemClock
from collector.commands.common import (
    CONFIG_DIR,
    NO,
    WELL,
    AsJson,
    ConfigDir,
    StoreUrl,
    came_of,
    check_known,
    console,
    exit_codes,
    settings_for,
    store_of,
    usage_error,
    warn,
)
from collector.control import ControlError, ask_service, socket_path
from collector.documents import Document
from collector.insight.moments import NoMomentError, day_of
from collector.logs import logger
from collector.once import NotSavedError, dry_run, fill_once, pull_once
from collector.periods import Period, local
from collector.settings.findings import Finding
from collector.settings.model import Settings

_ANSWER_S_MAX = 3600.0
_ROWS_SHOWN = 40
_AGENCIES_SHOWN = 2

FromDay = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="Fill the past from this local day.")
]
ToDay = Annotated[
    str | None,
    typer.Option("--to", metavar="DAY", help="Last local day to fill (included); else today."),
]
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--from-file",
        metavar="ANSWER",
        help="With --dry-run: map a saved answer, or a folder of `source record`.",
    ),
]


def pull(
    source: Annotated[str, typer.Argument(metavar="SOURCE")],
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Store nothing, show everything.")] = False,
    from_file: FromFile = None,
    from_: FromDay = None,
    to: ToDay = None,
    as_json: AsJson = False,
) -> None:
    """Pull one source now, or fill its past."""
    with exit_codes():
        settings, errors = settings_for(config, source)
        check_known("source", source, settings.sources)
        wrong = _clash(from_, to, from_file, dry=dry)
        if wrong:
            raise usage_error(wrong)
        asked = _Asked(settings, store_of(store, settings), source, errors)
        if from_ is not None:
            periods = _periods(settings, source, from_, to)
            documents = _filled(asked, periods)
            _print_past(source, documents, periods, as_json=as_json)
            good = sum(one["outcome"] == "ok" for one in documents)
            raise typer.Exit(WELL if good == len(periods) else NO)
        document = _dry(asked, from_file) if dry else None
        document = document or _through_service(asked) or _by_ourselves(asked)
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document)
        raise typer.Exit(WELL if document["outcome"] == "ok" else NO)


@dataclass(frozen=True)
class _Asked:
    """A source, by what and into which store; `errors` are of other sources."""

    settings: Settings
    url: str
    source: str
    errors: tuple[Finding, ...]

    def check_storable(self) -> None:
        """What is stored is scored: without the other sources that would be a wrong board."""
        if self.errors:
            raise usage_error(
                "no service runs, and nothing is stored while other sources are wrong: mend them, "
                f"or take them out; meanwhile `chiso pull {self.source} --dry-run` asks it"
            )


def _clash(from_: str | None, to: str | None, from_file: Path | None, *, dry: bool) -> str | None:
    if to is not None and from_ is None:
        return "--to needs --from: the first day to fill"
    if dry and from_ is not None:
        return "--dry-run shows what the source says now, not its past"
    if from_file is not None and not dry:
        return "--from-file needs --dry-run: a saved answer is no news"
    return None


def _dry(asked: _Asked, answer: Path | None) -> Document:
    try:
        document = dry_run(asked.settings, asked.url, asked.source, SystemClock(), answer)
        asks = asked.settings.sources[asked.source].connector.asks()
        return {**document, "asks": list(asks)} if asks else document
    except NotSavedError as error:
        raise usage_error(str(error)) from error


def _through_service(asked: _Asked, past: str | None = None) -> Document | None:
    request = {"command": "pull", "source": asked.source, "past": past}
    try:
        return ask_service(socket_path(asked.url), request, timeout_s=_ANSWER_S_MAX)
    except ControlError as error:
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error


def _by_ourselves(asked: _Asked) -> Document:
    asked.check_storable()
    log = logger(sys.stderr, "text")
    return pull_once(asked.settings, asked.url, asked.source, SystemClock(), log)


def _periods(settings: Settings, source: str, from_: str, to: str | None) -> tuple[Period, ...]:
    now_us = SystemClock().now_us()
    today = local(now_us, settings.zone).date()
    first, last = _day("--from", from_), today if to is None else _day("--to", to)
    try:
        return periods_of_past(settings.sources[source], settings, first, last, now_us)
    except BackfillError as error:
        raise usage_error(str(error)) from error


def _day(option: str, text: str) -> date:
    try:
        return day_of(text)
    except NoMomentError as error:
        raise usage_error(f"{option}: {error}") from error


def _filled(asked: _Asked, periods: tuple[Period, ...]) -> list[Document]:
    """A run a period, through the running service or else by ourselves, with a bar meanwhile."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    shown = Console(stderr=True)
    done: list[Document] = []
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(asked.source, total=len(periods))
        for document in while_hopeful(_runs(asked, periods)):
            done.append({"period": periods[len(done)].id, **document})
            bar.update(task, advance=1, description=f"{asked.source} {done[-1]['period']}")
    return done


def _runs(asked: _Asked, periods: tuple[Period, ...]) -> Iterator[Document]:
    first = _through_service(asked, periods[0].id)
    if first is None:
        asked.check_storable()
        log, clock = logger(sys.stderr, "text"), SystemClock()
        yield from fill_once(asked.settings, asked.url, asked.source, periods, clock, log)
        return
    yield first
    for period in periods[1:]:
        document = _through_service(asked, period.id)
        if document is None:
            raise ControlError(f"the running service ended before {period.id}")
        yield document


def _print_past(
    source: str, documents: list[Document], periods: tuple[Period, ...], *, as_json: bool
) -> None:
    if as_json:
        told = {"source": source, "periods": [one.id for one in periods], "runs": documents}
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for head in ("period", "outcome", "observations", "refused", "restated", "message"):
        counted = head in {"observations", "refused", "restated"}
        table.add_column(head, justify="right" if counted else "left")
    for one in documents:
        counts = (str(len(one[name])) for name in ("observations", "refused", "restated"))
        message = one["error"]["message"] if one["error"] else ""
        table.add_row(one["period"], one["outcome"], *counts, escape(message))
    console().print(table)
    if len(documents) < len(periods):
        left = f"{periods[len(documents)].id} and later were not asked for"
        warn(f"chiso: {source} gives no answer: {left}")


def _print(document: Document) -> None:
    out = console()
    out.print(f"{document['source']}: {document['outcome']}")
    if document["error"]:
        error = document["error"]
        out.print(f"  {error['reason']}: {error['message']}", markup=False)
    _print_asked(out, document)
    if "received" in document and document["outcome"] != "failed":
        rows = document["received"]
        of = f", {document['pages']}" if "pages" in document else ""
        out.print(f"  {rows} row{'' if rows == 1 else 's'} received{of}")
    out.print(_observation_table(document))
    _print_rows(out, document)


def _print_asked(out: Console, document: Document) -> None:
    """What came of each request; before that, what no request repeats."""
    told = {f"{one['method']} {one['url']}" for one in document["requests"]}
    lines = [one for one in document.get("asks", ()) if one not in told]
    lines += [
        f"{one['method']} {one['url']} → {came_of(one)} in {one['seconds']} s"
        for one in document["requests"]
    ]
    for line in lines:
        # An address that is cut cannot be pasted.
        out.print(f"  {line}", markup=False, soft_wrap=True)


def _print_rows(out: Console, document: Document) -> None:
    """What became of rows beside observations, and of whom there were none."""
    for one in document["refused"]:
        said = f"  refused {one['where']}: {one['reason']}, got {one['got']}"
        out.print(said, markup=False)
    for one in document["restated"]:
        where = f"{one['metric']} of {one['agency']}, {one['period']}"
        out.print(f"  restated {where}: {_plain(one['from'])} → {_plain(one['to'])}", markup=False)

    twice = [one["where"] for one in document["refused"] if one["reason"] == "duplicate"]
    if len(twice) > 1 and twice[0].startswith("requests"):
        out.print("  several rows of one agency: say aggregate: sum, count or last", markup=False)
    for one in document.get("missing", ()):
        out.print(f"  {one['metric']}: nothing said of {_some(one['agencies'])}", markup=False)


def _some(agencies: list[str]) -> str:
    if len(agencies) <= _AGENCIES_SHOWN:
        return " and ".join(agencies)
    return f"{len(agencies)} agencies, such as {', '.join(agencies[:_AGENCIES_SHOWN])}"


def _observation_table(document: Document) -> Table:
    rows = document["observations"]
    title = f"{len(rows)} observation{'' if len(rows) == 1 else 's'}" + (
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
            "–" if one["value"] is None else _plain(one["value"]),
        )
    return table


def _plain(number: float) -> str:
    """All digits of a count, however large."""
    return f"{number:.15g}"
