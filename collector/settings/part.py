"""A part of a file with its places, and what its model has to say of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from collector.settings.findings import Finding, Place, hint
from collector.settings.read import Document, Steps, Tree

ModelT = TypeVar("ModelT", bound=BaseModel)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """Something inside a document: where it stands, and what stands there."""

    document: Document
    steps: Steps = ()

    @property
    def data(self) -> Tree:
        node: Tree = self.document.data
        for step in self.steps:
            node = _child(node, step)
        return node

    def into(self, *steps: str | int) -> "Part":
        return Part(self.document, (*self.steps, *steps))

    def items(self) -> Iterator["Part"]:
        """The parts of a list or of a mapping; none of anything else."""
        data = self.data
        if isinstance(data, dict):
            yield from (self.into(key) for key in data)
        if isinstance(data, list):
            yield from (self.into(index) for index in range(len(data)))

    def place(self, *steps: str | int) -> Place:
        """Of what stands there or, where nothing does, of the nearest that does."""
        path = (*self.steps, *steps)
        while path and path not in self.document.places:
            path = path[:-1]
        return self.document.places[path]

    def error(self, problem: str, *steps: str | int) -> Finding:
        return Finding(self.place(*steps), problem)

    def warning(self, problem: str, *steps: str | int) -> Finding:
        return Finding(self.place(*steps), problem, "warning")


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value that passed its model, and the part that it was made from."""

    value: T
    part: Part

    @property
    def key(self) -> str:
        """The key that it stands under: the id of a metric or of a source."""
        return str(self.part.steps[-1])


def shaped(
    model: type[ModelT],
    part: Part,
    data: Any,
    *,
    more_keys: frozenset[str] = frozenset(),
) -> tuple[ModelT | None, list[Finding]]:
    """The data as that model, or what is wrong with it; `more_keys` are known beside its own."""
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    told = [detail for detail in details if not _is_follow_up(detail, details)]
    return None, _joined([_finding(model, part, detail, more_keys) for detail in told])


def _is_follow_up(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """A list is called too short when all its members are wrong, of which each is told anyway."""
    loc = detail["loc"]
    inside = (one["loc"] for one in details if len(one["loc"]) > len(loc))
    return detail["type"] == "too_short" and any(one[: len(loc)] == loc for one in inside)


def _finding(
    model: type[BaseModel], part: Part, detail: ErrorDetails, more_keys: frozenset[str]
) -> Finding:
    path, _ = _followed(model, part, detail["loc"])
    place = Part(part.document, path).place()
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            named = f"{place.key}.{key}" if place.key else key
            return Finding(Place(place.file, place.line, named), "is missing")
        case "extra_forbidden":
            beside = more_keys if len(detail["loc"]) == 1 else frozenset()
            known = _keys_beside(model, part, detail["loc"]) | beside
            return Finding(place, f"no such key{hint(key, known)}")
    return Finding(place, _problem(detail, part.document.variables.get(path)))


def _problem(detail: ErrorDetails, variable: str | None) -> str:
    given, context = detail["input"], detail.get("ctx", {})
    if detail["type"] == "union_tag_invalid":
        return f"{context['tag']!r} is none of {context['expected_tags']}"
    if detail["type"] == "union_tag_not_found":
        return f"needs {context['discriminator']}"
    problem = _PROBLEMS.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    if context.get("class_name") in _FORMS:
        problem = f"{problem}: write {_FORMS[context['class_name']]}"
    problem = problem[:1].lower() + problem[1:] if problem.startswith("Input ") else problem
    if variable:
        # What a variable holds may be secret: it is named, and its value never shown.
        return f"{problem.replace(repr(given), '…').replace(str(given), '…')} (from {variable})"
    if detail["type"] == "string_type" and isinstance(given, Mapping) and set(given) == {"env"}:
        return f"{problem}: give {{env: {given['env']}}} a default"
    if detail["type"] == "string_type" and isinstance(given, int | float | Decimal):
        return f"{problem}: write it in quotes"
    return problem


_PROBLEMS = {
    "string_type": "should be text",
    "string_too_short": "should not be empty",
    "too_short": "should not be empty",
    "dict_type": "should be a mapping",
    "model_type": "should be a mapping",
    "model_attributes_type": "should be a mapping",
    "list_type": "should be a list",
    "tuple_type": "should be a list",
}


# What is a mapping though one would rather write one thing.
_FORMS = {
    "Secret": "{env: NAME} or {file: PATH}",
    "NameShape": "{vi: …, en: …}",
    "MetricPath": "{path: …}",
    "AgencyOption": "{code: …}",
}


def _joined(findings: list[Finding]) -> list[Finding]:
    """What the members of a union have against one value is one finding."""
    problems: dict[Place, dict[str, None]] = {}
    for finding in findings:
        problems.setdefault(finding.place, {})[finding.problem] = None
    return [Finding(place, ", or ".join(texts)) for place, texts in problems.items()]


def _followed(
    model: type[BaseModel], part: Part, loc: tuple[str | int, ...]
) -> tuple[Steps, list[type[BaseModel]]]:
    """A model's path to an error, as far as it goes in the file, and the models that are there.

    In a model's path stand members of unions too, which are no keys of the file.
    """
    path, models = part.steps, [model]
    for step in loc:
        called = [each for each in models if _is_called(each, step)]
        if len(models) > 1 and called:
            models = called
        elif (*path, step) in part.document.places:
            path = (*path, step)
            models = [found for each in models for found in _inside(each, step)] or models
    return path, models


def _keys_beside(model: type[BaseModel], part: Part, loc: tuple[str | int, ...]) -> set[str]:
    """The keys that are known where the last one of a path stands."""
    _, models = _followed(model, part, loc[:-1])
    fields = [item for each in models for item in each.model_fields.items()]
    return {field.alias or name for name, field in fields}


def _inside(model: type[BaseModel], step: str | int) -> list[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if step == (field.alias or name):
            return list(_models(field.annotation))
    return []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _is_called(model: type[BaseModel], step: str | int) -> bool:
    """Whether a member of a union is meant: by its name, or by one of its literal fields."""
    literals = (
        get_args(field.annotation)
        for field in model.model_fields.values()
        if get_origin(field.annotation) is Literal
    )
    return step == model.__name__ or any(step in values for values in literals)


def _child(node: Tree, step: str | int) -> Tree:
    if isinstance(node, dict) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
