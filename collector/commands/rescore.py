"""`chiso rescore`: stored history under another set, kept beside the live one."""

import json
import sys
from contextlib import closing
from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from collector.clock import SystemClock
from collector.commands.chosen import live_set, set_named, told_apart
from collector.commands.common import (
    CONFIG_DIR,
    NO,
    AsJson,
    ConfigDir,
    StoreUrl,
    console,
    exit_codes,
    settings_of,
    store_of,
    usage_error,
    warn,
)
from collector.commands.reasons import print_why
from collector.commands.whatif import Against
from collector.documents import Document
from collector.insight.moments import NoMomentError, day_of
from collector.insight.rescore import NothingToScoreError, Task
from collector.insight.rescore import rescore as rescored
from collector.periods import period_of
from collector.settings.model import SetSpec, Settings
from collector.store.store import Store

SetToTry = Annotated[
    str, typer.Option("--set", metavar="SET", help="indicators-*.yaml, an id, or a digest.")
]
FromDay = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="First local day; else the store's.")
]
ToDay = Annotated[
    str | None,
    typer.Option("--to", metavar="DAY", help="Last local day (included); else today."),
]


def rescore(
    set_name: SetToTry,
    from_: FromDay = None,
    to: ToDay = None,
    against: Against = None,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Score stored history by another set: who gains, who loses."""
    with exit_codes():
        settings = settings_of(config)
        days = _day("--from", from_), _day("--to", to)
        with closing(_opened(settings, store)) as opened:
            spec = set_named(settings, opened, set_name)
            live = live_set(settings, opened, spec, against)
            task = _task(settings, spec, live, days)
            try:
                document = _with_bar(settings, opened, task)
            except NothingToScoreError as error:
                warn(f"chiso: {error}")
                raise typer.Exit(NO) from error
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document)


def _opened(settings: Settings, store_url: str | None) -> Store:
    """To write beside a running service: its own rows are not touched, and it waits its turn."""
    url = store_of(store_url, settings)
    # Looked at first: what is asked about history makes no new store.
    Store.open(url, read_only=True).close()
    return Store.open(url)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else day_of(text)
    except NoMomentError as error:
        raise usage_error(f"{option}: {error}") from error


def _task(
    settings: Settings, spec: SetSpec, live: SetSpec, days: tuple[date | None, date | None]
) -> Task:
    first, last = days
    if first and last and last < first:
        raise usage_error(f"--to {last} is before --from {first}")
    from_us = period_of("day", first).start_us(settings.zone) if first else 0
    until_us = period_of("day", last).until_us(settings.zone) if last else 2**62
    return Task(spec, live.id, from_us, until_us)


def _with_bar(settings: Settings, store: Store, task: Task) -> Document:
    columns = (
        TextColumn("Rescoring"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        shown = bar.add_task("")
        return rescored(
            settings,
            store,
            task,
            lambda done, total: bar.update(shown, completed=done, total=total),
            now_us=SystemClock().now_us(),
        )


def _print(document: Document) -> None:
    out = console()
    boards, number = document["scoreboards"], document["rescoring"]
    live, tried = told_apart(document["live"], document["set"])
    out.print(
        f"{tried} beside {live} as published: {boards['count']} scoreboards, "
        f"{boards['first']} to {boards['last']}; gains are on the live set's scale\n",
        markup=False,
        soft_wrap=True,
    )
    out.print(_table(document))
    gains = [one["gain"] for one in document["agencies"] if one["gain"] is not None]
    up, down = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    out.print(f"\n{up} gain, {down} lose, {len(gains) - up - down} stay.")
    print_why(document["why"], out)
    out.print(
        f"\nKept as rescoring {number}: page /rescorings/{number}, API /api/v1/rescorings/{number}",
        markup=False,
    )


def _table(document: Document) -> Table:
    """Ranks are those within a block: its agencies stand together, who gains most first."""
    table = Table(box=None, pad_edge=False)
    for head in ("Gain", "Live", "New", "Rank", "New", "Mean gain", "Live", "New"):
        table.add_column(head, justify="right")
    table.add_column("Agency")
    table.add_column("Most by")
    table.add_row(*_cells(document["province"]))
    # A block without any score is told of nowhere, but its agencies are.
    blocks = {one["id"]: one for one in document["blocks"]}
    for block in blocks | dict.fromkeys(one["block"] for one in document["agencies"]):
        table.add_row()
        if block in blocks:
            table.add_row(*_cells(blocks[block]), style="bold")
        for one in document["agencies"]:
            if one["block"] == block:
                table.add_row(*_cells(one), _most(one["most"]))
    return table


def _cells(one: Document) -> tuple[str, ...]:
    live, other = one["live"], one["rescored"]
    return (
        _signed(one["gain"]),
        _figure(live["score"]),
        _figure(other["score"]),
        _rank(live["rank"]),
        _rank(other["rank"]),
        _signed(one["mean_gain"]),
        _figure(live["mean"]),
        _figure(other["mean"]),
        escape(one["name"]["vi"]),
    )


def _most(most: Document | None) -> str:
    return "" if most is None else f"{most['id']} {_signed(most['change'])}"


def _figure(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def _signed(number: float | None) -> str:
    if number is None:
        return "–"
    return f"{number:+.2f}" if number else "0.00"


def _rank(rank: int | None) -> str:
    return "" if rank is None else str(rank)
