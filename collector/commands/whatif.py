"""`chiso whatif`: the newest scoreboard with other readings, or by another set; stores nothing."""

import json
from contextlib import closing
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from collector.commands.chosen import live_set, set_named, told_apart
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
from collector.documents import Document
from collector.insight.whatif import Question, WhatIfError, readings_of, what_if
from collector.insight.wording import state_word
from collector.settings.model import Metric, SetSpec, Settings

SetToTry = Annotated[
    str | None,
    typer.Option(
        "--set", metavar="SET", help="Score by a file, an id, or a digest; else the first by id."
    ),
]
Against = Annotated[
    str | None,
    typer.Option("--against", metavar="ID", help="Live set to hold it against; else of its id."),
]


def whatif(
    agency: Annotated[str, typer.Argument(metavar="AGENCY")],
    readings: Annotated[
        list[str] | None,
        typer.Argument(metavar="METRIC=VALUE…", help="A number, or a state by its name."),
    ] = None,
    set_name: SetToTry = None,
    against: Against = None,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    as_json: AsJson = False,
) -> None:
    """Show what other readings, or another set, would do."""
    with exit_codes():
        settings = settings_of(config)
        check_known("agency", agency, settings.agencies)
        if not readings and set_name is None:
            raise usage_error("give readings as METRIC=VALUE, a --set, or both")
        with closing(open_to_read(config, store)) as opened:
            try:
                named = set_named(settings, opened, set_name) if set_name else None
                live = live_set(settings, opened, named or settings.sets[0], against)
                spec = named or live
                values = readings_of(readings or [], settings, spec)
                document = what_if(settings, opened, Question(agency, values, live, spec))
            except WhatIfError as error:
                raise usage_error(str(error)) from error
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document, settings, (live, spec))


def _print(document: Document, settings: Settings, sets: tuple[SetSpec, SetSpec]) -> None:
    out = console()
    out.print(f"{document['agency']}, set {document['set']['id']}: what if?")
    for one in document["readings"]:
        metric = settings.metrics[one["metric"]]
        before = "none" if one["before"] is None else _reading(metric, one["before"])
        text = f"  {metric.id} {before} → {_reading(metric, one['after'])}"
        out.print(text, markup=False)
    if document["live"]["digest"] != document["set"]["digest"]:
        live, tried = told_apart(document["live"], document["set"])
        out.print(f"  scored by {tried} instead of {live}", markup=False)
    before, after = (
        _standing(document[side], spec)
        for side, spec in zip(("before", "after"), sets, strict=True)
    )
    out.print(f"\nbefore  {before}\nafter   {after}", markup=False)
    province = document["province"]
    out.print(f"province  {_score(province['before'])} → {_score(province['after'])}\n")
    out.print(_indicators(document["indicators"]))
    out.print(_others(document["others"]))


def _reading(metric: Metric, number: float) -> str:
    return state_word(metric, number) or f"{number:g}"


def _indicators(changed: list[Document]) -> Table:
    table = Table(
        title="Indicators that change" if changed else "No indicator changes",
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=bool(changed),
    )
    for head in ("Before", "After"):
        table.add_column(head, justify="right")
    table.add_column("Indicator")
    for one in changed:
        table.add_row(_points(one["before"]), _points(one["after"]), one["id"])
    return table


def _others(moved: list[Document]) -> Table:
    table = Table(
        title="Whose rank changes" if moved else "Nobody else's rank changes",
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=bool(moved),
    )
    for head in ("Before", "After"):
        table.add_column(head, justify="right")
    table.add_column("Agency")
    for one in moved:
        table.add_row(_rank(one["before"]), _rank(one["after"]), escape(one["name"]["vi"]))
    return table


def _standing(figures: Document | None, spec: SetSpec) -> str:
    if figures is None:
        return "not on the scoreboard"
    names = {band: name.vi for band, name in spec.bands}
    band = names.get(figures["band"], "no band")
    return f"{_score(figures)}, rank {_rank(figures)}, {band}"


def _score(figures: Document | None) -> str:
    if figures is None or figures["score"] is None:
        return "no score"
    return f"{figures['score']:.2f}"


def _rank(figures: Document | None) -> str:
    return "–" if figures is None or figures["rank"] is None else str(figures["rank"])


def _points(cell: Document | None) -> str:
    return "–" if cell is None or cell["points"] is None else f"{cell['points']:.2f}"
