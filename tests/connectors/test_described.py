"""Every key that a source may set says what it is: the key reference is made from that."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from connectors.registry import CONNECTORS


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def reached(top: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all that its fields lead to."""
    found, left = {top}, [top]
    while left:
        for field in left.pop().model_fields.values():
            for model in models_in(field.annotation):
                if model not in found:
                    found.add(model)
                    left.append(model)
    return found


@pytest.mark.parametrize("name", ["http_json", "dichvucong"])
def test_every_key_says_what_it_is(name: str) -> None:
    models = reached(CONNECTORS[name])
    silent = [
        f"{model.__name__}.{field}"
        for model in sorted(models, key=lambda each: each.__name__)
        for field, info in model.model_fields.items()
        if not info.description and field != "type"
    ]

    assert len(models) > 3
    assert silent == []


@pytest.mark.parametrize("name", ["http_json", "dichvucong"])
def test_every_part_says_what_it_is(name: str) -> None:
    assert [model.__name__ for model in reached(CONNECTORS[name]) if not model.__doc__] == []


def test_a_schema_can_be_printed() -> None:
    schema = CONNECTORS["http_json"].model_json_schema()

    assert schema["properties"]["requests"]["description"].startswith("What is asked")
