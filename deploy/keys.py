# ruff: noqa: INP001  what operators copy is a folder, not a package
"""Writes `KEYS.md`: `python -m deploy.keys`; with `--check` it only compares.

The reference of all keys, from the same models that judge the configuration.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import get_args

from collector.settings.schema import FileKind, Schema, schema_of
from connectors.registry import CONNECTORS
from deploy.kept import keep

FILE = Path(__file__).with_name("KEYS.md")
_HEAD = """\
# The keys of the configuration

Made by keys.py from the models that judge the configuration; a test compares. Do not edit.

Editors that know YAML schemas complete these keys: `chiso schema sources > sources.schema.json`,
then `# yaml-language-server: $schema=sources.schema.json` as the first line of `sources.yaml`.
`chiso check` tells what several values must meet together. In place of any single value
`{env: NAME, default: …}` takes that of a variable. **Bold** keys must be there.
"""
_FILES: Mapping[FileKind, str] = {
    "province": "province.yaml",
    "metrics": "metrics.yaml",
    "sources": "sources.yaml",
    "indicators": "indicators-*.yaml",
}
_WORDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}
_LONGEST = 60


def main(arguments: list[str]) -> int:
    """As `keep` says."""
    return keep({FILE: generated()}, arguments, "python -m deploy.keys")


def generated() -> str:
    """The text that the file should have."""
    return "\n".join([_HEAD, *(line for kind in get_args(FileKind) for line in _file(kind))])


def _file(kind: FileKind) -> Iterator[str]:
    schema = schema_of(kind, CONNECTORS)
    parts: dict[str, Schema] = dict(schema["$defs"])
    parts.pop("Variable")
    yield f"## {_FILES[kind]}\n"
    yield from _table(schema, kind)
    common = set(parts["Source"]["properties"]) if kind == "sources" else set[str]()
    connectors = {model.__name__: name for name, model in CONNECTORS.items()}
    for name in sorted(parts, key=lambda name: (name != "Source", name not in connectors, name)):
        part = parts[name]
        if name in connectors:
            yield f"### {_title(kind, name)}: connector `{connectors[name]}`\n"
            own = {key: one for key, one in part["properties"].items() if key not in common}
            part = {**part, "properties": own}
        else:
            yield f"### {_title(kind, name)}\n"
        if "description" in part:
            yield f"{_line(part['description'])}\n"
        yield from _table(part, kind)


def _table(part: Schema, kind: FileKind) -> Iterator[str]:
    if not part.get("properties"):
        return
    yield "| key | is | default | meaning |"
    yield "|---|---|---|---|"
    for key, one in part["properties"].items():
        shown = f"**`{key}`**" if key in part.get("required", ()) else f"`{key}`"
        meaning = _line(one.get("description", ""))
        yield f"| {shown} | {_kind(one, kind)} | {_default(one)} | {meaning} |"
    yield ""


def _kind(one: Schema, kind: FileKind) -> str:
    """What a value may be, in words; other tables are linked."""
    if "$ref" in one:
        name = str(one["$ref"]).rpartition("/")[2]
        return f"[{name}](#{_anchor(kind, name)})"
    for choice in ("anyOf", "oneOf"):
        if choice in one:
            kinds = [_kind(each, kind) for each in one[choice] if not _is_aside(each)]
            return " or ".join(dict.fromkeys(kinds))
    if "const" in one:
        return _code(one["const"])
    if "enum" in one:
        return ", ".join(_code(each) for each in one["enum"])
    return _of_type(one, kind)


def _code(value: object) -> str:
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _of_type(one: Schema, kind: FileKind) -> str:
    named = one.get("type", "any")
    if isinstance(named, list):
        return " or ".join(str(_WORDS.get(each, each)) for each in named)
    if named == "array":
        several = one.get("prefixItems")
        if several:
            return "[" + ", ".join(_kind(each, kind) for each in several) + "]"
        return f"list of {_kind(one['items'], kind)}" if one.get("items") else "list"
    if named == "object":
        inner = next(iter(one.get("patternProperties", {}).values()), None)
        inner = inner or one.get("additionalProperties")
        return f"names with {_kind(inner, kind)}" if isinstance(inner, dict) else "mapping"
    if one.get("examples"):
        return "text such as " + " or ".join(f"`{each}`" for each in one["examples"])
    return str(_WORDS.get(named, named))


def _is_aside(one: Schema) -> bool:
    """Said once for all keys: a variable's value, and that what is optional may be null."""
    return one.get("$ref") == "#/$defs/Variable" or one.get("type") == "null"


def _default(one: Schema) -> str:
    value = one.get("default")
    if value is None or value in ({}, [], ""):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= _LONGEST else "its own"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _title(kind: FileKind, name: str) -> str:
    """Files have parts of the same name: each heading says whose it is."""
    return f"{kind} {name}"


def _anchor(kind: FileKind, name: str) -> str:
    connector = next((key for key, one in CONNECTORS.items() if one.__name__ == name), None)
    title = _title(kind, name) + (f": connector {connector}" if connector else "")
    return title.lower().replace(":", "").replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
