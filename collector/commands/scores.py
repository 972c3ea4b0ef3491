"""`chiso scores`: the newest scoreboard of a store, live or level, as a table or as JSON."""

import json
from collections import defaultdict
from typing import Annotated, Any
from zoneinfo import ZoneInfo

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
    local_minute,
    open_to_read,
    settings_of,
    usage_error,
    warn,
)
from collector.commands.leveling import level_asked
from collector.documents import Edition, scoreboard_document, stored_edition
from collector.insight.level import Level, level_document
from collector.outlook import nothing_in_force
from collector.periods import iso

SetId = Annotated[
    str | None, typer.Option("--set", metavar="ID", help="Indicator set; the first by id.")
]


IsLevel = Annotated[
    bool,
    typer.Option(
        "--level", help="Each indicator at the latest data time that all of a block have."
    ),
]
OnDay = Annotated[
    str | None,
    typer.Option("--on", metavar="DAY", help="With --level: as of the end of a past day."),
]


def scores(
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    level: IsLevel = False,
    day: OnDay = None,
    as_json: AsJson = False,
) -> None:
    """Print the newest scoreboard."""
    with exit_codes():
        if day is not None and not level:
            raise usage_error("--on belongs to --level; `chiso history` tells what was published")
        if level:
            found, zone = level_asked(config, store, set_id, day)
            print_level(found, zone, as_json=as_json)
            return
        settings = settings_of(config)
        opened = open_to_read(config, store)
        try:
            edition = stored_edition(opened, settings.zone)
        finally:
            opened.close()
        if edition is None:
            warn("chiso: the store holds no scoreboard yet")
            raise typer.Exit(NO)
        if not edition.set_ids():
            warn(f"chiso: {nothing_in_force(settings)}")
            raise typer.Exit(NO)
        chosen = chosen_set(edition, set_id)
        print_edition(edition, chosen, settings.zone, as_json=as_json)


def chosen_set(edition: Edition, set_id: str | None) -> str:
    """The set asked for, or the first by id."""
    known = edition.set_ids()
    if set_id is not None and set_id not in known:
        raise usage_error(f"--set {set_id}: in force are {', '.join(known)}")
    return set_id or known[0]


def print_edition(edition: Edition, set_id: str, zone: ZoneInfo, *, as_json: bool) -> None:
    document = scoreboard_document(edition, set_id)
    if as_json:
        print(json.dumps(document, ensure_ascii=False, indent=2))
        return
    names = {
        band["id"]: band["name"]["vi"] for band in (edition.body(set_id, "set") or {})["bands"]
    }
    _print_tables(document, names, zone, console())


def print_level(level: Level, zone: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(level_document(level), ensure_ascii=False, indent=2))
        return
    print_edition(level.edition, level.set_id, zone, as_json=False)
    out = console()
    out.print(
        "Level: each indicator at the latest data time that all of a block have", markup=False
    )
    groups: dict[tuple[str, int | None], list[str]] = defaultdict(list)
    for one in level.moments:
        groups[one.block, one.data_us].append(one.indicator)
    for (block, data_us), indicators in groups.items():
        when = "no common time, left out" if data_us is None else local_minute(iso(data_us), zone)
        out.print(f"  {block}, {when}: {', '.join(indicators)}", markup=False, soft_wrap=True)


def _print_tables(
    document: dict[str, Any], bands: dict[str, str], zone: ZoneInfo, out: Console
) -> None:
    province = document["province"]
    out.print(
        f"Scoreboard {document['number']}, {local_minute(document['published_at'], zone)} "
        f"({zone}), set {document['set']['id']}, period {document['period']['id']}"
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
            _signed(one["change"]),
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


def _signed(change: float | None) -> str:
    return f"{change:+.2f}" if change else _figure(change)


def _rank(agency: dict[str, Any]) -> str:
    if agency["rank"] is None:
        return "–"
    best, worst = agency["rank_best"], agency["rank_worst"]
    return str(agency["rank"]) if best == worst else f"{agency['rank']} ({best}–{worst})"
