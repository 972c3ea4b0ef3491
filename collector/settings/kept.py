"""A set's definition as the store keeps it, read back as the set that it was."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.settings.build import build_set, is_averaged
from collector.settings.draft import draft_set
from collector.settings.findings import ConfigErrors, Finding, Place
from collector.settings.model import Metric, SetSpec
from collector.settings.read import Document


def kept_set(digest: str, text: str, metrics: Mapping[str, Metric]) -> SetSpec:
    """The set of that digest; ConfigErrors when this version or these metrics cannot score it."""
    place = Place(Path(digest), 1)
    draft, findings = draft_set(Document(place.file, _tree(text), {(): place}, {}))
    if draft.shape is None or findings:
        raise ConfigErrors(findings)
    averaged = frozenset(name for name, metric in metrics.items() if is_averaged(metric))
    spec = build_set(draft, draft.shape.value, averaged)
    if spec.scoring.digest != digest:
        said = f"is not what this version of chiso makes of it ({spec.scoring.digest})"
        raise ConfigErrors([Finding(place, said)])
    used = frozenset[str]().union(*(one.formula.metrics for one in spec.scoring.indicators))
    gone = sorted(used - metrics.keys())
    if gone:
        said = f"scores by metrics that metrics.yaml has no more: {', '.join(gone)}"
        raise ConfigErrors([Finding(place, said)])
    return spec


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
