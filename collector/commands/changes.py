"""`chiso changes`: what moved an agency's score and rank between two scoreboards."""

import json
from contextlib import closing
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from collector.commands.common import (
    CONFIG_DIR,
    NO,
    AsJson,
    ConfigDir,
    StoreUrl,
    check_known,
    console,
    exit_codes,
    local_minute,
    open_to_read,
    settings_of,
    usage_error,
    warn,
)
from collector.commands.scores import SetId
from collector.documents import Document
from collector.insight.changes import ChangesError, UnknownError, changes_document, compare
from collector.insight.moments import NoMomentError, number_a_day_before, number_of
from collector.insight.recompute import NotKeptError
from collector.settings.model import Settings
from collector.store.store import Store

From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="WHEN",
        help="Scoreboard's number, local day (its last one), or instant; else the day before --to.",
    ),
]
To = Annotated[str | None, typer.Option("--to", metavar="WHEN", help="Likewise; else the newest.")]
CAUSES = {
    "late_correction": "late corrections",
    "new_data": "new data",
    "coverage": "coverage",
    "rule_change": "rule change",
}


def changes(
    agency: Annotated[str, typer.Argument(metavar="AGENCY")],
    from_: From = None,
    to: To = None,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    as_json: AsJson = False,
) -> None:
    """Show what moved a score and a rank."""
    with exit_codes():
        settings = settings_of(config)
        check_known("agency", agency, settings.agencies)
        if set_id is not None and set_id.endswith((".yaml", ".yml")):
            raise usage_error(
                f"--set {set_id}: changes are between published scoreboards, and a file is on "
                f"none: `chiso rescore --set {set_id}` scores history by it, "
                f"`chiso whatif {agency} --set {set_id}` the newest scoreboard"
            )
        with closing(open_to_read(config, store)) as opened:
            document = _document(settings, opened, agency, set_id, (from_, to))
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document, settings.zone)


def _document(
    settings: Settings,
    store: Store,
    agency: str,
    set_id: str | None,
    ends: tuple[str | None, str | None],
) -> Document:
    try:
        second = _number(store, "--to", ends[1], settings.zone) if ends[1] else store.head()
        first = (
            _number(store, "--from", ends[0], settings.zone)
            if ends[0]
            else number_a_day_before(store, second, settings.zone)
        )
        if first is None:
            raise UnknownError("the store holds no scoreboard of a day before")
        return changes_document(compare(settings, store, set_id, first, second), agency)
    except NoMomentError as error:
        raise usage_error(str(error)) from error
    except (ChangesError, NotKeptError) as error:
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error


def _number(store: Store, option: str, when: str, zone: ZoneInfo) -> int:
    number = number_of(store, when, zone)
    if number is None:
        raise UnknownError(f"{option} {when}: there is no scoreboard of that moment")
    return number


def _print(document: Document, zone: ZoneInfo) -> None:
    out = console()
    agency = document["agency"]
    out.print(
        f"{escape(agency['name']['vi'])} ({agency['id']}), set {document['set']}, times of {zone}"
    )
    for side in ("from", "to"):
        out.print(f"{side:5}{_end(document[side], zone)}")
    if document["change"] is None:
        out.print("\nOne of the two gives no score: there is no change to split.")
    else:
        _print_score(document, zone)
    if document["rank"] is not None:
        _print_rank(document)


def _print_score(document: Document, zone: ZoneInfo) -> None:
    causes = ", ".join(f"{CAUSES[one['cause']]} {_signed(one)}" for one in document["causes"])
    out = console()
    out.print(f"\nScore {_signed({'points': document['change']})} = {causes}")
    if not document["parts"]:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("Points", justify="right")
    for head in ("Cause", "Indicator", "Readings"):
        table.add_column(head)
    for part in document["parts"]:
        table.add_row(
            _signed(part),
            CAUSES[part["cause"]],
            part["indicator"] or "(the scale)",
            escape("; ".join(_reading(one, zone) for one in part["inputs"])),
        )
    out.print(table)


def _print_rank(document: Document) -> None:
    ranks, move = (document["from"]["rank"], document["to"]["rank"]), document["rank"]
    if not move["own"] and not move["others"]:
        console().print(f"\nRank {ranks[1]}, unchanged")
        return
    console().print(
        f"\nRank {ranks[0]} → {ranks[1]}: {_places(move['own'])} by its own score, "
        f"{_places(move['others'])} by the others'"
    )


def _places(move: int) -> str:
    """A lower rank is the better one."""
    if not move:
        return "none"
    return f"{abs(move)} {'up' if move < 0 else 'down'}"


def _end(end: Document, zone: ZoneInfo) -> str:
    score = "no score" if end["score"] is None else f"{end['score']:.2f} points"
    rank = "no rank" if end["rank"] is None else f"rank {end['rank']}"
    return f"scoreboard {end['number']}, {local_minute(end['published_at'], zone)}: {score}, {rank}"


def _signed(part: Document) -> str:
    return f"{part['points']:+.2f}" if part["points"] else "0.00"


def _reading(one: Document, zone: ZoneInfo) -> str:
    before, after = ("none" if end is None else f"{end['value']:g}" for end in _ends(one))
    last = one["to"] or one["from"]
    day = local_minute(last["data_at"], zone).partition(" ")[0]
    return f"{one['metric']} {before} → {after} (data {day}, run {last['run']})"


def _ends(one: Document) -> tuple[Document | None, Document | None]:
    return one["from"], one["to"]
