"""JSON Schema of each file of a configuration, from the models that judge it.

Editors complete keys by it. What several values together must meet is `chiso check`'s to say.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from collector.settings.draft import ConnectorClasses
from collector.settings.scalars import Id, MetricId
from collector.settings.set_shape import BandShape, GroupShape, IndicatorShape, SetFile, SetShape
from collector.settings.shape import (
    AgencyShape,
    BlockShape,
    MetricsFile,
    MetricShape,
    ProvinceFile,
    ProvinceShape,
    SourcesFile,
    SourceShape,
)

Schema = dict[str, Any]
FileKind = Literal["province", "metrics", "sources", "indicators"]
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = frozenset({"string", "number", "integer", "boolean"})
_VARIABLE: Schema = {
    "type": "object",
    "description": "The value of an environment variable, or the default where it is not set.",
    "properties": {"env": {"type": "string"}, "default": {}},
    "required": ["env", "default"],
    "additionalProperties": False,
}


class _Province(ProvinceFile):
    province: ProvinceShape
    blocks: list[BlockShape]
    agencies: list[AgencyShape]


class _Metrics(MetricsFile):
    metrics: dict[MetricId, MetricShape]


class _Sources(SourcesFile):
    sources: dict[Id, SourceShape]


class _Group(GroupShape):
    indicators: list[IndicatorShape]


class _Set(SetFile):
    set: SetShape
    bands: list[BandShape]
    groups: list[_Group]


_FILES: Mapping[FileKind, type[BaseModel]] = {
    "province": _Province,
    "metrics": _Metrics,
    "sources": _Sources,
    "indicators": _Set,
}


def schema_of(kind: FileKind, connectors: ConnectorClasses) -> Schema:
    """One file's schema; that of the sources has the options of every connector."""
    models = [_FILES[kind], *(connectors.values() if kind == "sources" else ())]
    refs, found = models_json_schema([(model, "validation") for model in models])
    parts: dict[str, Schema] = {name: _bare(part) for name, part in found["$defs"].items()}
    for model in (_FILES[kind], _Group):
        _describe(model, parts)
    for model in models[1:]:
        name = _name(refs[model, "validation"])
        parts[name] = _source(parts["SourceShape"], parts[name])
    if kind == "sources":
        names = {key: _name(refs[model, "validation"]) for key, model in connectors.items()}
        parts["SourceShape"] = _any_source(parts["SourceShape"], names)
    whole = parts.pop(_name(refs[_FILES[kind], "validation"]))
    opened = {_public(name): _open(part) for name, part in sorted(parts.items())}
    title = {"$schema": _DRAFT, "title": f"chiso: {kind}"}
    document: Schema = _renamed(
        {**title, **_open(whole), "$defs": {**opened, "Variable": _VARIABLE}}
    )
    return document


def _describe(model: type[BaseModel], parts: dict[str, Schema]) -> None:
    """What the file's own model says of its keys; here they only have more of a type."""
    said = model.__mro__[1].model_fields if issubclass(model.__mro__[1], BaseModel) else {}
    for key, one in parts.get(model.__name__, {}).get("properties", {}).items():
        if key in said and said[key].description:
            one["description"] = said[key].description


def _name(ref: Mapping[str, Any]) -> str:
    return str(ref["$ref"]).rpartition("/")[2]


def _source(common: Schema, own: Schema) -> Schema:
    """A source of one connector: the keys that all have, and its options."""
    return {
        **own,
        "properties": {**common["properties"], **own["properties"]},
        "required": [*common.get("required", ()), *own.get("required", ())],
    }


def _any_source(common: Schema, names: Mapping[str, str]) -> Schema:
    """By its connector; one that starts from a preset may leave out what stands there."""
    needed = ["connector", *(key for key in common["required"] if key != "connector")]
    known = {"connector": {"enum": sorted(names), "description": "The kind of system."}}
    preset = {
        "type": "string",
        "pattern": "^presets/[a-z0-9][a-z0-9_-]*$",
        "description": "The description of a known product to start from.",
    }
    return {
        "type": "object",
        "description": f"{common['description']} Without `use` it needs {_named(needed)}.",
        "properties": {**common["properties"], **known, "use": preset},
        "if": {"required": ["use"]},
        "else": {
            "required": ["connector"],
            "allOf": [
                {
                    "if": {
                        "properties": {"connector": {"const": connector}},
                        "required": ["connector"],
                    },
                    "then": {"$ref": f"#/$defs/{name}"},
                }
                for connector, name in sorted(names.items())
            ],
        },
    }


def _named(keys: list[str]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _bare(tree: Any) -> Any:
    """Without the titles that pydantic makes of names, and what only OpenAPI knows."""
    if isinstance(tree, list):
        return [_bare(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    bare = {
        key: {name: _bare(part) for name, part in value.items()}
        if key == "properties"
        else _bare(value)
        for key, value in tree.items()
        if key != "discriminator" and not (key == "title" and isinstance(value, str))
    }
    default: Any = bare.get("default")
    # Decimals are given as text, though no file may write them so.
    if isinstance(default, str) and _is_number(bare):
        bare["default"] = float(default)
    if "patternProperties" in bare:
        bare["additionalProperties"] = False
    return bare


def _is_number(tree: Schema) -> bool:
    return any(one.get("type") == "number" for one in (tree, *tree.get("anyOf", ())))


def _open(tree: Any) -> Any:
    """Wherever a single value stands, `{env: NAME, default: …}` may stand too."""
    if isinstance(tree, list):
        return [_open(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if _is_scalar(tree):
        kept = {key: tree[key] for key in ("description", "default") if key in tree}
        value = {key: item for key, item in tree.items() if key not in kept}
        return {**kept, "anyOf": [value, {"$ref": "#/$defs/Variable"}]}
    # What is no schema itself stays as it is: defaults, and the keys of a mapping.
    closed = ("default", "propertyNames", "if", "enum", "required")
    return {
        key: {name: _open(part) for name, part in value.items()}
        if key == "properties"
        else (value if key in closed else _open(value))
        for key, value in tree.items()
    }


def _is_scalar(tree: Schema) -> bool:
    kinds = tree.get("type", ())
    named = {kinds} if isinstance(kinds, str) else set(kinds)
    return bool(named) and named <= _SCALARS and "const" not in tree and "enum" not in tree


def _public(name: str) -> str:
    """`ProvinceShape` and `_Group` are the province and a group to those who read the schema."""
    return name.strip("_").removesuffix("Shape")


def _renamed(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_renamed(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    return {
        key: f"#/$defs/{_public(value.rpartition('/')[2])}" if key == "$ref" else _renamed(value)
        for key, value in tree.items()
    }
