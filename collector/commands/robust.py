"""`chiso robust`: how far the ranks of the newest scoreboard lean on its weights."""

import json
from typing import Annotated

import typer
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
from collector.commands.scores import SetId
from collector.documents import Document
from collector.insight.retrace import RetraceError, Traced, check_agency, retrace_stored
from collector.insight.robust import (
    DRAWS,
    DRAWS_MAX,
    SEED,
    SEED_MAX,
    SPREAD,
    SPREAD_MAX,
    robust_document,
)
from collector.settings.model import Settings
from collector.store.store import Store

Draws = Annotated[int, typer.Option(min=1, max=DRAWS_MAX, help="How many sets of weights.")]
Seed = Annotated[int, typer.Option(min=0, max=SEED_MAX, help="Which ones: the same for the same.")]
Spread = Annotated[
    float, typer.Option(min=0, max=SPREAD_MAX, help="How far a weight may be off: 0.1 is ±10 %.")
]


def robust(
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    spread: Spread = SPREAD,
    as_json: AsJson = False,
) -> None:
    """Show how far the ranks lean on the weights."""
    with exit_codes():
        opened = open_to_read(config, store)
        try:
            traced = _traced(settings_of(config), opened, set_id)
        finally:
            opened.close()
        document = robust_document(traced, draws=draws, seed=seed, spread=spread)
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document)


def _traced(settings: Settings, store: Store, set_id: str | None) -> Traced:
    """The newest scoreboard, sure to come out again as it was published."""
    try:
        traced = retrace_stored(settings, store, set_id)
        for agency in traced.board.roster.agencies:
            check_agency(traced, agency)
    except RetraceError as error:
        if error.unknown:
            raise usage_error(str(error)) from error
        warn(f"chiso: {error}")
        raise typer.Exit(NO) from error
    return traced


def _print(document: Document) -> None:
    out = console()
    out.print(
        f"Scoreboard {document['number']}, set {document['set']['id']}: {document['draws']} draws "
        f"of weights ±{document['spread']:.0%}, seed {document['seed']}; and each indicator left "
        "out once\n",
        markup=False,
    )
    for block in document["blocks"]:
        mine = [one for one in document["agencies"] if one["block"] == block["id"]]
        out.print(_table(block["name"]["vi"], mine))
    moving = sorted(document["indicators"], key=lambda one: -one["agencies_moved"])
    out.print("Ranks that are others without an indicator:", markup=False)
    for one in moving:
        if one["agencies_moved"]:
            out.print(f"{one['agencies_moved']:>4}  {one['id']}", markup=False)


def _table(block: str, agencies: list[Document]) -> Table:
    table = Table(title=block, title_justify="left", box=None, pad_edge=False)
    for head in ("Rank", "Score", "Stays", "In", "Same rank", "Without one"):
        table.add_column(head, justify="right")
    table.add_column("Agency")
    for one in agencies:
        table.add_row(
            _figure(one["rank"]),
            "–" if one["score"] is None else f"{one['score']:.2f}",
            _span(one["stays_best"], one["stays_worst"]),
            _share(one["inside"]),
            _share(one["holds"]),
            _span(one["without_best"], one["without_worst"]),
            one["name"]["vi"],
        )
    return table


def _figure(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _span(best: int | None, worst: int | None) -> str:
    return _figure(best) if best == worst else f"{_figure(best)}–{_figure(worst)}"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
