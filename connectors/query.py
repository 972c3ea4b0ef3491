"""JMESPath expressions: compiled when the configuration is read, so that a bad one is its error."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import jmespath
from jmespath.exceptions import ArityError, JMESPathError, UnknownFunctionError
from jmespath.functions import Functions, signature
from jmespath.visitor import Options, TreeInterpreter
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from connectors.nouns import SourceError

Names: TypeAlias = tuple[str, ...]

_OPERATORS = frozenset("\"'`[](){}|&!*<>=,.@\\")
_WHOLE = re.compile(r"-?[0-9]{1,300}", re.ASCII)
_FUNCTIONS: Mapping[str, Mapping[str, Any]] = Functions().FUNCTION_TABLE


class _Exact(Functions):
    """JMESPath's functions over the numbers that answers have: whole ones, and decimals."""

    def _convert_to_jmespath_type(self, name: str) -> Any:
        return super()._convert_to_jmespath_type("float" if name == "Decimal" else name)  # type: ignore[misc]  # not in the types

    def _get_allowed_pytypes(self, types: Any) -> Any:
        allowed, subtypes = super()._get_allowed_pytypes(types)  # type: ignore[misc]  # not in the types
        return _with_decimals(allowed), [_with_decimals(each) for each in subtypes]

    @signature({"types": []})
    def _func_to_number(self, value: Any) -> Any:
        """Of a text only digits are one: what may be read in two ways is left to `number`."""
        if isinstance(value, str):
            return int(value) if _WHOLE.fullmatch(value) else value
        is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        return value if is_number else None

    @signature({"types": []})
    def _func_to_string(self, value: Any) -> Any:
        return str(value) if isinstance(value, Decimal) else super()._func_to_string(value)  # type: ignore[misc]  # not in the types

    @signature({"types": []})
    def _func_type(self, value: Any) -> Any:
        return "number" if isinstance(value, Decimal) else super()._func_type(value)  # type: ignore[misc]  # not in the types


def _with_decimals(types: Any) -> Any:
    return [*types, "Decimal"] if "float" in types else types


@dataclass(frozen=True, slots=True)
class Query:
    """An expression as written, and compiled.

    `names` are those of a path that goes from name to name and nothing else: most are, and need no
    interpreter. `either` are those of two such paths, of which the second stands in for the first:
    `a.b || null` is written for what need not be there.
    """

    text: str
    parsed: Any = field(compare=False, repr=False)
    interpreter: TreeInterpreter = field(compare=False, repr=False)
    names: Names | None = field(compare=False, repr=False)
    either: tuple[Names, Names] | None = field(compare=False, repr=False)

    def of(self, value: Any) -> Any:
        """What it selects, None for what is not there; SourceError("content") by wrong types."""
        if self.names is not None:
            for name in self.names:
                value = value.get(name) if isinstance(value, dict) else None
            return value
        try:
            return self.interpreter.visit(self.parsed, value)
        except (JMESPathError, TypeError, ValueError, ArithmeticError) as error:
            raise SourceError(
                f"{self.text!r} cannot be asked of the answer: {_line(error)}", reason="content"
            ) from error

    def column(self, rows: Sequence[Any]) -> list[Any]:
        """What it selects of each row, as `of` does."""
        if self.names is not None:
            return _followed(self.names, rows)
        if self.either is None:
            return [self.of(row) for row in rows]
        first, second = (_followed(names, rows) for names in self.either)
        return [
            one if self.is_true(one) else other for one, other in zip(first, second, strict=True)
        ]

    def holds(self, value: Any) -> bool:
        """Whether the answer is true in JMESPath's sense: neither null, false nor empty; 0 is."""
        return self.is_true(self.of(value))

    @staticmethod
    def is_true(found: Any) -> bool:
        """JMESPath's truth of a value found."""
        return not (found is None or found is False or found in ("", [], {}))


def query_of(text: Any) -> Query:
    """ValueError where the text is no JMESPath."""
    if isinstance(text, Query):
        return text
    if not isinstance(text, str):
        raise ValueError("a JMESPath expression is text")  # noqa: TRY004  pydantic takes ValueErrors
    try:
        compiled = jmespath.compile(text)
        _check_functions(compiled.parsed)
        _make_exact(compiled.parsed)
    except JMESPathError as error:
        problem = _quoted(text) or f"{text!r} is no JMESPath: {_line(error)}"
        raise ValueError(problem) from error
    parsed, exact = compiled.parsed, TreeInterpreter(Options(custom_functions=_Exact()))
    return Query(text, parsed, exact, _names(parsed), _either(parsed))


Path = Annotated[
    Query,
    BeforeValidator(query_of),
    PlainSerializer(lambda query: query.text, return_type=str),
    WithJsonSchema({"type": "string"}),
]


def _quoted(text: str) -> str | None:
    """What was meant where a text looks like one name with signs that JMESPath minds."""
    if not text.strip() or set(text) & _OPERATORS:
        return None
    return f"{text!r} is no JMESPath; a name with other signs is quoted: '\"{text}\"'"


def _followed(names: Names, rows: Sequence[Any]) -> list[Any]:
    """What is at the end of a path in each row."""
    found = list(rows)
    for name in names:
        found = [value.get(name) if isinstance(value, dict) else None for value in found]
    return found


def _either(node: Mapping[str, Any]) -> tuple[Names, Names] | None:
    """The paths in `a || b`; None for what is more or less than that."""
    if node["type"] != "or_expression":
        return None
    first, second = map(_names, node["children"])
    return None if first is None or second is None else (first, second)


def _names(node: Mapping[str, Any]) -> Names | None:
    """The names in `a`, `a.b`, … and `@`, which has none; None for what is more than that."""
    match node:
        case {"type": "current"}:
            return ()
        case {"type": "field", "value": name}:
            return (name,)
        case {"type": "subexpression", "children": steps}:
            found = [_names(step) for step in steps]
            return None if None in found else tuple(name for names in found for name in names or ())
    return None


def _check_functions(node: Mapping[str, Any]) -> None:
    """The library looks at names and numbers of arguments only when it calls a function."""
    for child in node["children"]:
        _check_functions(child)
    if node["type"] != "function_expression":
        return
    name, count = node["value"], len(node["children"])
    if name not in _FUNCTIONS:
        raise UnknownFunctionError(f"there is no function {name}()")
    wanted = _FUNCTIONS[name]["signature"]
    open_ended = bool(wanted) and wanted[-1].get("variadic", False)
    if count < len(wanted) or (count > len(wanted) and not open_ended):
        raise ArityError(len(wanted), count, name)


def _make_exact(node: Any) -> None:
    """Literals as decimals: the answer's numbers are, and 84.3 as a float equals none of them."""
    for child in node["children"]:
        _make_exact(child)
    if node["type"] == "literal":
        node["value"] = _exact(node["value"])


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    return value


def _line(error: Exception) -> str:
    """The first line: what follows it draws an arrow under the expression."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
