"""A set's definition as the store keeps it, read back as the set that it was."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.settings.build import build_set
from collector.settings.draft import SetDraft, draft_set
from collector.settings.findings import ConfigErrors, Finding, Place
from collector.settings.model import Metric, SetSpec
from collector.settings.points import LevelsShape
from collector.settings.read import Document
from scoring.formula import parse_formula


def kept_set(digest: str, text: str, metrics: Mapping[str, Metric]) -> SetSpec:
    """The set of that digest; ConfigErrors when this version or these metrics cannot score it."""
    place = Place(Path(digest), 1)
    draft, findings = draft_set(Document(place.file, _tree(text), {(): place}, {}))
    if draft.shape is None or findings:
        raise ConfigErrors(findings)
    said = _unscorable(draft, metrics)
    if said is None:
        spec = build_set(draft, draft.shape.value, metrics)
        if spec.scoring.digest == digest:
            return spec
        said = f"is not what this version of chiso makes of it ({spec.scoring.digest})"
    raise ConfigErrors([Finding(place, said)])


def _unscorable(draft: SetDraft, metrics: Mapping[str, Metric]) -> str | None:
    """What the metrics of today lack for it."""
    formulas = [(one.value, parse_formula(one.value.value)) for one in draft.indicators]
    used = frozenset[str]().union(*(formula.metrics for _, formula in formulas))
    if gone := sorted(used - metrics.keys()):
        return f"scores by metrics that metrics.yaml has no more: {', '.join(gone)}"
    for shape, formula in formulas:
        if isinstance(shape.points, LevelsShape):
            values = metrics[formula.names[0]].values or {}
            if lost := sorted(shape.points.levels.keys() - values.keys()):
                return f"scores by values that {formula.text} has no more: {', '.join(lost)}"
    return None


def _tree(text: str) -> dict[str, Any]:
    """The file again, from its parts: each with the steps that lead to it, outer ones first."""
    tree: dict[str, Any] = {"bands": [], "groups": []}
    for steps, said in json.loads(text):
        node: Any = tree
        for step in steps[:-1]:
            node = node[step]
        if steps[-1] == len(node):
            node.append(said)
        else:
            node[steps[-1]] = said
        if len(steps) == len(("groups", 0)) and steps[0] == "groups":
            said["indicators"] = []
    return tree
