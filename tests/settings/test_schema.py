"""The JSON Schema of each file says what the models say, as far as a schema can."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from collector.settings.schema import FileKind, Schema, schema_of
from collector.settings.shape import SourceShape
from connectors.registry import CONNECTORS
from tests import makers

CONFIG = Path(__file__).parents[2] / "config"
KINDS: tuple[FileKind, ...] = get_args(FileKind)
SHIPPED = sorted(file for file in CONFIG.glob("*/*.yaml") if file.parent.name != "presets")
PRESETS = sorted((CONFIG / "presets").glob("*.yaml"))


def read(file: Path) -> Any:
    return json.loads(json.dumps(YAML(typ="safe").load(file), default=str))


def kind_of(file: Path) -> FileKind:
    (found,) = (kind for kind in KINDS if file.stem.startswith(kind))
    return found


def errors(kind: FileKind, document: Any) -> list[str]:
    validator = jsonschema_rs.validator_for(schema_of(kind, CONNECTORS))
    return [f"{list(one.instance_path)}: {one.message}" for one in validator.iter_errors(document)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_a_sound_schema(kind: FileKind) -> None:
    schema = schema_of(kind, CONNECTORS)

    jsonschema_rs.meta.validate(schema)
    assert set(references(schema)) <= {f"#/$defs/{name}" for name in schema["$defs"]}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_shipped_file_meets_its_schema(file: Path) -> None:
    assert errors(kind_of(file), read(file)) == []


@pytest.mark.parametrize("preset", PRESETS, ids=lambda file: file.stem)
def test_a_source_that_starts_from_a_preset_meets_it(preset: Path) -> None:
    source = {"use": f"presets/{preset.stem}", "owner": "Văn phòng"}

    assert errors("sources", {"sources": {"one": source}}) == []


@pytest.mark.parametrize("preset", PRESETS, ids=lambda file: file.stem)
def test_the_keys_of_every_preset_are_known(preset: Path) -> None:
    known = {one.removeprefix("#/$defs/") for one in sources_of_connectors()}
    schema = schema_of("sources", CONNECTORS)["$defs"]
    keys = {key for name in known for key in schema[name]["properties"]}

    assert read(preset).keys() <= keys


def small() -> dict[FileKind, Any]:
    draft = makers.drafted("https://register.example")
    return {
        "province": draft.province,
        "metrics": draft.metrics,
        "sources": {"sources": draft.sources},
        "indicators": draft.indicators,
    }


def test_a_sound_configuration_has_no_error() -> None:
    for kind, document in small().items():
        assert errors(kind, document) == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("province", ("province", "colour"), "red"),
        ("province", ("province", "id"), None),
        ("province", ("agencies", 0, "codes"), "H1"),
        ("province", ("province", "holidays"), ["2024-2-8"]),
        ("metrics", ("metrics", "sent", "kind"), "count"),
        ("metrics", ("metrics", "sent", "max_fall"), "much"),
        ("metrics", ("metrics", "Sent"), {}),
        ("sources", ("sources", "counts", "connector"), "http"),
        ("sources", ("sources", "counts", "freshness", "late_after"), 45),
        ("sources", ("sources", "counts", "base_ulr"), "https://register.example"),
        ("sources", ("sources", "counts", "requests", 0, "metric"), {}),
        ("sources", ("sources", "counts", "limits", "attempts"), 99),
        ("indicators", ("set", "period"), "week"),
        ("indicators", ("groups", 0, "indicators", 0, "points", "rule"), "by_luck"),
        ("indicators", ("groups", 0, "indicators", 0, "points", "target"), "high"),
    ],
)
def test_a_slip_is_an_error(kind: FileKind, path: tuple[Any, ...], value: Any) -> None:
    document = deepcopy(small()[kind])
    node = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value

    assert errors(kind, document)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("sources", ("sources", "counts", "base_url"), "https://register.example"),
        ("sources", ("sources", "counts", "schedule", "every"), "15m"),
        ("metrics", ("metrics", "sent", "max_fall"), 0.1),
        ("indicators", ("set", "digits"), 2),
    ],
)
def test_a_variable_may_stand_for_any_single_value(
    kind: FileKind, path: tuple[Any, ...], value: Any
) -> None:
    document = deepcopy(small()[kind])
    node = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = {"env": "NAME", "default": value}

    assert errors(kind, document) == []


def test_every_connector_has_its_options_beside_what_all_have() -> None:
    schema = schema_of("sources", CONNECTORS)
    for model in CONNECTORS.values():
        keys = schema["$defs"][model.__name__]["properties"].keys()
        own = {one.alias or name for name, one in model.model_fields.items()}
        assert keys == SourceShape.model_fields.keys() | own
    assert len(sources_of_connectors()) == len(CONNECTORS)


def test_every_key_whose_name_is_not_enough_says_what_it_is() -> None:
    """Names, ids and what tells kinds apart need no words, nor does what its part says already."""
    plain = {"id", "name", "type", "rule", "vi", "en"}
    silent = [
        f"{kind} {part}.{key}"
        for kind in KINDS
        for part, one in schema_of(kind, CONNECTORS)["$defs"].items()
        for key, said in one.get("properties", {}).items()
        if part != "Variable" and key not in plain and not {"description", "$ref"} & said.keys()
    ]

    assert silent == []


def references(tree: Any) -> list[str]:
    if isinstance(tree, list):
        return [one for item in tree for one in references(item)]
    if not isinstance(tree, dict):
        return []
    own = [tree["$ref"]] if isinstance(tree.get("$ref"), str) else []
    return own + [one for item in tree.values() for one in references(item)]


def sources_of_connectors() -> list[str]:
    source: Schema = schema_of("sources", CONNECTORS)["$defs"]["Source"]
    return [one["then"]["$ref"] for one in source["else"]["allOf"]]
