"""`chiso explain`: where an agency's score comes from, down to the answers of its sources."""

import json
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.tree import Tree

from collector.commands.common import (
    CONFIG_DIR,
    AsJson,
    ConfigDir,
    StoreUrl,
    came_of,
    console,
    exit_codes,
    local_minute,
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
            zone = traced.settings.zone
        if as_json:
            print(json.dumps(tree, ensure_ascii=False, indent=2))
        else:
            _Printer(zone, alone=indicator is not None).print(tree)


@dataclass(frozen=True)
class _Printer:
    """Writes a tree; requests are listed where a single indicator was asked for."""

    zone: ZoneInfo
    alone: bool

    def print(self, tree: Document) -> None:
        out = console()
        at = self._at(tree["published_at"])
        out.print(f"Scoreboard {tree['number']}, {at} ({self.zone})", markup=False)
        out.print(tree["sentence"]["vi"], markup=False, soft_wrap=True)
        out.print(tree["sentence"]["en"], markup=False, soft_wrap=True)
        root = Tree(escape(_score_line(tree)))
        for group in tree["groups"]:
            branch = root.add(escape(_group_line(group)))
            for one in group["indicators"]:
                self._add_indicator(branch, one)
        out.print(root)

    def _add_indicator(self, branch: Tree, one: Document) -> None:
        points = "–" if one["points"] is None else f"{one['points']:g}"
        change = f" ({one['change']:+g} since yesterday)" if one["change"] else ""
        head = f"{one['id']}: {points} / {one['points_max']:g}{change}  [{one['status']}]"
        node = branch.add(escape(f"{head}  {one['name']['vi']}"))
        if one["why"]:
            node.add(escape(one["why"]["en"]))
        if one["rule"]["text"]:
            node.add(escape(_rule_line(one["rule"])))
        inputs = node.add(escape(_formula_line(one["formula"])))
        for reading in one["readings"]:
            self._add_reading(inputs, reading)

    def _add_reading(self, node: Tree, one: Document) -> None:
        text = f"{one['metric']} = {_value(one)}  [{one['status']}]"
        if one["data_at"]:
            text += f"  data {self._at(one['data_at'])}, known {self._at(one['known_at'])}"
        leaf = node.add(escape(text))
        if one["source"]:
            leaf.add(escape(f"source {one['source']}: {one['source_name']['vi']} ({one['owner']})"))
        if one["why"]:
            leaf.add(escape(one["why"]["en"]))
        for word, run in (("run", one["run"]), ("asked: run", one["asked"])):
            if run:
                self._add_run(leaf, word, run)
        if one["refused"]:
            refused = one["refused"]
            text = f"refused since: {refused['got']}, {refused['reason']}, at {refused['where']}"
            self._add_run(leaf.add(escape(text)), "run", refused["run"])

    def _add_run(self, node: Tree, word: str, run: Document) -> None:
        ended = self._at(run["ended_at"])
        text = f"{word} {run['id']}: {run['outcome']} at {ended}, digest {run['digest']}"
        leaf = node.add(escape(text + (f": {run['message']}" if run["message"] else "")))
        requests = run["requests"]
        if len(requests) > 1:
            # A run says what it asked, not which answer held a figure.
            leaf = leaf.add(f"in one of {len(requests)} requests")
        if self.alone or len(requests) == 1:
            for one in requests:
                leaf.add(escape(f"{one['method']} {one['url']} → {came_of(one)}"))

    def _at(self, iso: str) -> str:
        return local_minute(iso, self.zone)


def _score_line(tree: Document) -> str:
    score, agency = tree["score"], tree["agency"]
    name = f"{agency['name']['vi']} ({agency['id']})"
    if score["score"] is None:
        return f"{name}: no score, {score['low']}–{score['high']}"
    rank = "" if score["rank"] is None else f", rank {score['rank']}"
    band = "" if score["band_name"] is None else f", {score['band_name']['vi']}"
    shown = f"{score['score']:.{score['digits']}f}"
    counted = f"{score['points']:.{score['digits']}f} of the {score['points_max']:g}"
    return f"{name}: {shown}{band}{rank} = {score['text']} ({counted} points that apply)"


def _group_line(group: Document) -> str:
    points = "–" if group["points"] is None else f"{group['points']:g}"
    return f"{group['name']['vi']}: {points} / {group['points_max']:g}"


def _rule_line(rule: Document) -> str:
    return f"{rule['kind']}: {rule['text']} = {rule['result']:.9g}: {rule['words']['en']}"


def _formula_line(formula: Document) -> str:
    """With its numbers, where those are not the value itself."""
    value = "–" if formula["value"] is None else f"{formula['value']:.9g}"
    if formula["numbers"] in {value, "?"}:
        return f"{formula['text']} = {value}"
    return f"{formula['text']} = {formula['numbers']} = {value}"


def _value(one: Document) -> str:
    if one["value"] is None:
        return "–"
    return one["word"] or f"{one['value']:g}"
