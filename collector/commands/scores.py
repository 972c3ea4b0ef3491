"""`chiso scores`: the newest scoreboard of a store, as a table or as JSON."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from collector.commands.common import (
    CONFIG_DIR,
    NO,
    AsJson,
    ConfigDir,
    StoreUrl,
    console,
    exit_codes,
    open_to_read,
    settings_of,
    usage_error,
    warn,
)
from collector.documents import Edition, scoreboard_document, stored_edition

SetId = Annotated[
    str | None, typer.Option("--set", metavar="ID", help="Indicator set; the first by id.")
]


def scores(
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    as_json: AsJson = False,
) -> None:
    """Print the newest scoreboard."""
    with exit_codes():
        opened = open_to_read(config, store)
        try:
            edition = stored_edition(opened, settings_of(config).zone)
        finally:
            opened.close()
        if edition is None or not edition.set_ids():
            warn("chiso: the store holds no scoreboard yet")
            raise typer.Exit(NO)
        print_edition(edition, chosen_set(edition, set_id), as_json=as_json)


def chosen_set(edition: Edition, set_id: str | None) -> str:
    """The set asked for, or the first by id."""
    known = edition.set_ids()
    if set_id is not None and set_id not in known:
        raise usage_error(f"--set {set_id}: in force are {', '.join(known)}")
    return set_id or known[0]


def print_edition(edition: Edition, set_id: str, *, as_json: bool) -> None:
    document = scoreboard_document(edition, set_id)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    names = {
        band["id"]: band["name"]["vi"] for band in (edition.body(set_id, "set") or {})["bands"]
    }
    _print_tables(document, names, console())


def _print_tables(document: dict[str, Any], bands: dict[str, str], out: Console) -> None:
    province = document["province"]
    out.print(
        f"Scoreboard {document['number']}, published {document['published_at']}, "
        f"set {document['set']['id']}, period {document['period']['id']}"
    )
    out.print(f"Province: {_scored(province)}  {bands.get(province['band'], '–')}\n")
    for block in document["blocks"]:
        mine = [one for one in document["agencies"] if one["block"] == block["id"]]
        out.print(_block_table(block, mine, bands))
    out.print(_indicator_table(document["indicators"]))


def _block_table(
    block: dict[str, Any], agencies: list[dict[str, Any]], bands: dict[str, str]
) -> Table:
    title = (
        f"{block['name']['vi']}: {_scored(block)}, "
        f"mean of {block['agencies_scored']} agencies, {bands.get(block['band'], '–')}"
    )
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for head in ("Rank", "Score", "Low", "High", "Coverage", "Change"):
        table.add_column(head, justify="right")
    table.add_column("Band")
    table.add_column("Agency")
    for one in agencies:
        table.add_row(
            _rank(one),
            _figure(one["score"]),
            _figure(one["low"]),
            _figure(one["high"]),
            f"{one['coverage']:.0%}",
            "–" if one["change"] is None else f"{one['change']:+.2f}",
            bands.get(one["band"], "–"),
            one["name"]["vi"],
        )
    return table


def _indicator_table(indicators: list[dict[str, Any]]) -> Table:
    table = Table(title="The whole province", title_justify="left", box=None, pad_edge=False)
    for head in ("Value", "Target", "Agencies"):
        table.add_column(head, justify="right")
    table.add_column("Indicator")
    for one in indicators:
        table.add_row(
            "–" if one["value"] is None else f"{one['value']:.4f}",
            "–" if one["target"] is None else f"{one['target']:g}",
            str(one["agencies_counted"]),
            one["id"],
        )
    return table


def _scored(whole: dict[str, Any]) -> str:
    if whole["score"] is None:
        return f"no score ({_figure(whole['low'])}–{_figure(whole['high'])})"
    return _figure(whole["score"])


def _figure(number: float | None) -> str:
    return "–" if number is None else f"{number:.2f}"


def _rank(agency: dict[str, Any]) -> str:
    if agency["rank"] is None:
        return "–"
    best, worst = agency["rank_best"], agency["rank_worst"]
    return str(agency["rank"]) if best == worst else f"{agency['rank']} ({best}–{worst})"
