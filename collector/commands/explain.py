"""`chiso explain`: where an agency's score comes from, down to the answers of its sources."""

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

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
from collector.insight.evidence import evidence_of
from collector.insight.explain import explain as explained


def explain(
    agency: AgencyId,
    indicator: Annotated[str | None, typer.Argument(metavar="[INDICATOR]")] = None,
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    set_id: SetId = None,
    as_json: AsJson = False,
) -> None:
    """Show where an agency's score comes from."""
    with exit_codes():
        with tracing(config, store, set_id, agency) as (traced, opened):
            tree = explained(traced, agency, evidence_of(traced, opened, agency), indicator)
        if as_json:
            print(json.dumps(tree, ensure_ascii=False, indent=2))
        else:
            _print(tree)


def _print(tree: Document) -> None:
    out = console()
    out.print(f"Scoreboard {tree['number']}, published {tree['published_at']}", markup=False)
    out.print(tree["sentence"]["vi"], markup=False, soft_wrap=True)
    out.print(tree["sentence"]["en"], markup=False, soft_wrap=True)
    root = Tree(escape(_score_line(tree)))
    for group in tree["groups"]:
        branch = root.add(escape(_group_line(group)))
        for one in group["indicators"]:
            _add_indicator(branch, one)
    out.print(root)


def _score_line(tree: Document) -> str:
    score, agency = tree["score"], tree["agency"]
    name = f"{agency['name']['vi']} ({agency['id']})"
    if score["score"] is None:
        return f"{name}: no score, {score['low']}–{score['high']}"
    rank = "" if score["rank"] is None else f", rank {score['rank']}"
    band = "" if score["band_name"] is None else f", {score['band_name']['vi']}"
    return f"{name}: {score['score']:.{score['digits']}f} = {score['text']}{band}{rank}"


def _group_line(group: Document) -> str:
    points = "–" if group["points"] is None else f"{group['points']:g}"
    return f"{group['name']['vi']}: {points} / {group['points_max']:g}"


def _add_indicator(branch: Tree, one: Document) -> None:
    points = "–" if one["points"] is None else f"{one['points']:g}"
    change = f" ({one['change']:+g} since yesterday)" if one["change"] else ""
    head = f"{one['id']}: {points} / {one['points_max']:g}{change}  [{one['status']}]"
    node = branch.add(escape(f"{head}  {one['name']['vi']}"))
    if one["why"]:
        node.add(escape(one["why"]["en"]))
    rule, formula = one["rule"], one["formula"]
    if rule["text"]:
        node.add(
            escape(f"{rule['kind']}: {rule['text']} = {rule['result']:.9g}: {rule['words']['en']}")
        )
    value = "–" if formula["value"] is None else f"{formula['value']:.9g}"
    inputs = node.add(escape(f"{formula['text']} = {formula['numbers']} = {value}"))
    for reading in one["readings"]:
        _add_reading(inputs, reading)


def _add_reading(node: Tree, one: Document) -> None:
    value = (
        "–" if one["value"] is None else f"{one['value']:g}" if one["word"] is None else one["word"]
    )
    text = f"{one['metric']} = {value}  [{one['status']}]"
    if one["data_at"]:
        text += f"  data {one['data_at']}, known {one['known_at']}"
    leaf = node.add(escape(text))
    if one["source"]:
        leaf.add(escape(f"source {one['source']}: {one['source_name']['vi']} ({one['owner']})"))
    if one["why"]:
        leaf.add(escape(one["why"]["en"]))
    for word, run in (("run", one["run"]), ("asked: run", one["asked"])):
        if run:
            _add_run(leaf, word, run)
    if one["refused"]:
        refused = one["refused"]
        text = f"refused since: {refused['got']}, {refused['reason']}, at {refused['where']}"
        _add_run(leaf.add(escape(text)), "run", refused["run"])


def _add_run(node: Tree, word: str, run: Document) -> None:
    text = f"{word} {run['id']}: {run['outcome']} at {run['ended_at']}, digest {run['digest']}"
    leaf = node.add(escape(text + (f": {run['message']}" if run["message"] else "")))
    for one in run["requests"]:
        leaf.add(escape(f"{one['method']} {one['url']} → {one['status']}, {one['bytes']} bytes"))
