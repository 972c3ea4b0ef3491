"""`use: presets/NAME`: a source that starts from the description of a known product."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard, TypeVar

from collector.settings.findings import Finding, hint
from collector.settings.part import Part
from collector.settings.read import Document, Steps, Tree, read

T = TypeVar("T")
# Which other keys these have is told by their `type`: those of another type are unknown to it.
_TYPED = frozenset({"auth", "pages"})


def with_presets(
    sources: Document, folder: Path, environ: Mapping[str, str]
) -> tuple[Document, list[Finding]]:
    """The sources with their presets under their own keys, each value with its own place.

    A source whose preset cannot be had keeps its `use`, so that nobody judges half of it.
    """
    findings: list[Finding] = []
    for part in Part(sources, ("sources",)).items():
        if isinstance(part.data, dict) and "use" in part.data:
            preset, wrong = _preset(part, folder, environ)
            misnamed = _misnamed(part, preset) if preset else None
            if misnamed:
                preset, wrong = None, (*wrong, misnamed)
            findings += wrong
            sources = _laid(sources, part.steps[-1], part.data, preset) if preset else sources
    return sources, findings


def _preset(
    part: Part, folder: Path, environ: Mapping[str, str]
) -> tuple[Document | None, tuple[Finding, ...]]:
    use = part.into("use").data
    if not isinstance(use, str) or not re.fullmatch(r"presets/[a-z0-9][a-z0-9_-]*", use):
        return None, (part.error("should be presets/NAME", "use"),)
    file = folder.parent / f"{use}.yaml"
    if not file.is_file():
        known = [f"presets/{each.stem}" for each in file.parent.glob("*.yaml")]
        longer = [each for each in known if each.startswith(use)]
        near = f", did you mean {' or '.join(sorted(longer))}?" if longer else hint(use, known)
        return None, (part.error(f"no such preset{near}", "use"),)
    preset, findings = read(file, environ)
    if preset and "use" in preset.data:
        return None, (*findings, Part(preset).error("a preset does not use another", "use"))
    return preset, findings


def _misnamed(part: Part, preset: Document) -> Finding | None:
    """A request beside those of its preset, which lack what only the source can say.

    Else the preset's own file would be told to be wrong.
    """
    own, open_ones = part.into("requests").data, _open_requests(preset)
    if not isinstance(own, dict) or not open_ones or any(name in open_ones for name in own):
        return None
    names, given = ", ".join(open_ones), next(iter(own), None)
    if given is None:
        return None
    near = hint(str(given), open_ones)
    return part.error(f"the preset has {names}{near.replace(',', ';', 1)}", "requests", given)


def _open_requests(preset: Document) -> list[str]:
    """The preset's requests that say nothing of agencies, or of metrics."""
    every = preset.data.get("requests") if isinstance(preset.data, dict) else None
    found = every.items() if isinstance(every, dict) else ()
    return [
        str(name)
        for name, each in found
        if isinstance(each, dict) and not {"agency", "metrics"} <= set(each)
    ]


def _laid(sources: Document, name: str | int, given: dict[str, Tree], preset: Document) -> Document:
    """The document with that source merged over its preset."""
    own = {key: value for key, value in given.items() if key != "use"}
    every = sources.data["sources"]
    if not isinstance(every, dict):
        return sources
    merged = {
        key: _merged(own, preset.data) if key == name else each for key, each in every.items()
    }
    return replace(
        sources,
        data={**sources.data, "sources": merged},
        places={**_showing(preset, preset.places, own, name), **sources.places},
        variables={**_showing(preset, preset.variables, own, name), **sources.variables},
    )


def _merged(over: Tree, under: Tree) -> Tree:
    if not _is_open(over) or not _is_open(under):
        return over
    both = {
        key: over[key]
        if _is_retyped(key, over[key], under[key])
        else _merged(over[key], under[key])
        for key in over
        if key in under
    }
    return {**under, **over, **both}


def _is_retyped(key: str | int, over: Tree, under: Tree) -> bool:
    """Whether a source chose another type than its preset's, which then gives nothing to it."""
    if key not in _TYPED or not isinstance(over, dict) or not isinstance(under, dict):
        return False
    return "type" in over and over["type"] != under.get("type")


def _showing(
    preset: Document, under: Mapping[Steps, T], over: Tree, name: str | int
) -> dict[Steps, T]:
    return {
        ("sources", name, *path): each
        for path, each in under.items()
        if _shows(path, over, preset.data)
    }


def _shows(path: Steps, over: Tree, under: Tree) -> bool:
    """Whether a value of the preset is still to be seen under the source's own keys."""
    for step in path:
        if not _is_open(over) or not isinstance(under, dict):
            return False
        if step not in over:
            return True
        over, under = over[str(step)], under[str(step)]
        if _is_retyped(step, over, under):
            return False
    return False


def _is_open(tree: Tree) -> TypeGuard[dict[str, Tree]]:
    """Mappings are merged, but a secret is one thing: {env: …} never becomes half {file: …}."""
    return isinstance(tree, dict) and set(tree) not in ({"env"}, {"file"})
