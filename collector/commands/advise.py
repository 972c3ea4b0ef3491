"""`chiso advise`: what it would take for more points, a better band or a better rank."""

import json

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
    out = console()

    def line(text: str) -> None:
        out.print(text, markup=False, soft_wrap=True)

    days = document["days"]
    line(f"{document['agency']['name']['vi']}: {document['score']}, rank {document['rank']}")
    line(f"{days['left']} days left, {days['working']} of them worked on")
    band, rank = document["next_band"], document["next_rank"]
    if band:
        line(f"{band['short']:g} short of {band['name']['vi']}, which begins at {band['from']:g}")
    if rank:
        line(f"{rank['short']:g} short of rank {rank['rank']}, which has {rank['score']:g}")
    if document["nothing"]:
        line(document["nothing"]["en"])
    for one in document["indicators"]:
        points = "–" if one["points"] is None else f"{one['points']:g}"
        gain = f"at most +{one['gain_max']:g} in all"
        line(f"\n{one['id']}: {points} / {one['points_max']:g}, {gain}  {one['name']['vi']}")
        if one["blocked"]:
            line(f"  {one['blocked']['en']}")
        for goal in one["goals"]:
            if goal["options"]:
                line(f"  {goal['words']['en']}")
        far = [goal["wanted"]["en"] for goal in one["goals"] if not goal["options"]]
        if far:
            line(f"  Not by this alone: {', '.join(far)}")
