"""`chiso advise`: what it would take for more points, a better band or a better rank."""

import json
from collections.abc import Iterator

from collector.commands.common import (
    CONFIG_DIR,
    AsJson,
    ConfigDir,
    StoreUrl,
    console,
    exit_codes,
)
from collector.commands.scores import SetId
from collector.commands.tracing import AgencyId, tracing
from collector.documents import Document
from collector.insight.advise import advise as advised


def advise(
    agency: AgencyId,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    as_json: AsJson = False,
) -> None:
    """Show what would earn an agency more points, a better band or a better rank."""
    with exit_codes():
        with tracing(config, store, set_id, agency) as (traced, _):
            document = advised(traced, agency)
        if as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            _print(document)


def _print(document: Document) -> None:
    """What would bring most comes first; names are the English ones, as the advice is."""
    out = console()
    for text in (*_standing(document), *_advice(document["indicators"])):
        out.print(text, markup=False, soft_wrap=True)


def _standing(document: Document) -> Iterator[str]:
    days, band, rank = (document[key] for key in ("days", "next_band", "next_rank"))
    score = "no score" if document["score"] is None else f"{document['score']:.2f}"
    place = "no rank" if document["rank"] is None else f"rank {document['rank']}"
    yield f"{document['agency']['name']['en']}: {score}, {place}"
    left, working = _days(days["left"]), days["working"]
    yield left if working == days["left"] else f"{left}, {working} of them worked on"
    if band:
        name = band["name"]["en"]
        yield f"{band['short']:.2f} short of {name}, which begins at {band['from']:g}"
    if rank:
        yield f"{rank['short']:.2f} short of rank {rank['rank']}, which has {rank['score']:.2f}"
    if document["nothing"]:
        yield document["nothing"]["en"]


def _days(left: int) -> str:
    return "1 day left" if left == 1 else f"{left} days left"


def _advice(indicators: list[Document]) -> Iterator[str]:
    ordered = sorted(indicators, key=lambda one: -one["gain_max"])
    for one in ordered:
        if one["gain_max"] > 0:
            yield from _of_indicator(one)
    full = [one["id"] for one in ordered if one["gain_max"] <= 0]
    if full:
        yield f"\nNothing to gain: {', '.join(full)}"


def _of_indicator(one: Document) -> Iterator[str]:
    points = "–" if one["points"] is None else f"{one['points']:.2f}"
    head = f"{one['id']}: {points} of {one['points_max']:g} points"
    yield f"\n{head}, at most +{one['gain_max']:.2f} in all  {one['name']['en']}"
    if one["blocked"]:
        yield f"  {one['blocked']['en']}"
    for goal in one["goals"]:
        if goal["options"]:
            yield f"  {goal['words']['en']}"
    far = [goal["wanted"]["en"] for goal in one["goals"] if not goal["options"]]
    if far:
        yield f"  Not by this alone: {', '.join(far)}"
