"""`values:` of a source, put in wherever `{values.NAME}` stands: what a preset leaves open."""

import re
from collections.abc import Mapping
from typing import Any

_PLACE = re.compile(r"\{values\.([A-Za-z_]\w*)\}", re.ASCII)


def with_values(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with every place filled; ValueError for a value that is not there."""
    values = options.get("values")
    known = values if isinstance(values, Mapping) else {}
    return {
        key: given if key == "values" else _filled(given, known) for key, given in options.items()
    }


def _filled(given: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(given, str):
        return _PLACE.sub(lambda match: _value(match[1], known), given)
    if isinstance(given, Mapping):
        return {key: _filled(item, known) for key, item in given.items()}
    return [_filled(item, known) for item in given] if isinstance(given, list | tuple) else given


def _value(name: str, known: Mapping[str, Any]) -> str:
    value = known.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise ValueError(f"values.{name} is missing: {{values.{name}}} stands for it")
    return str(value)
