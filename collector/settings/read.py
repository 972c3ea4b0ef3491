"""YAML to plain data: strict, and with the file, line and key of every value."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from collector.settings.findings import Finding, Place

Tree = dict[str, "Tree"] | list["Tree"] | str | int | bool | Decimal | None
Steps = tuple[str | int, ...]

BYTES_MAX = 1 << 20
# More digits, or a greater power of ten, are no count of anything.
DIGITS_MAX = 40
EXPONENT_MAX = 30
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data, each value's place, and the variable that a value was taken from.

    Numbers with a point are exact decimals, dates are text, keys are text as written.
    """

    file: Path
    data: dict[str, Tree]
    places: Mapping[Steps, Place]
    variables: Mapping[Steps, str]


def read(file: Path, environ: Mapping[str, str]) -> tuple[Document | None, tuple[Finding, ...]]:
    """The file as data, and all that is wrong with it as YAML.

    `{env: NAME, default: …}` becomes the variable's value, or the default where the variable is
    not set or empty. A lone `{env: NAME}` or `{file: PATH}` is left to whoever wants a secret.
    """
    top = Place(file, 1)
    text = _text(file)
    root = text if isinstance(text, Finding) else _composed(file, text)
    if isinstance(root, Finding):
        return None, (root,)
    if not isinstance(root, MappingNode):
        problem = "is empty" if root is None else "must be a mapping of keys to values"
        return None, (Finding(top, problem),)
    walk = _Walk(file, environ)
    data = walk.mapping(root, (), top)
    return Document(file, data, walk.places, walk.variables), tuple(walk.findings)


def _text(file: Path) -> str | Finding:
    try:
        with file.open("rb") as stream:
            raw = stream.read(BYTES_MAX + 1)
    except OSError as error:
        return Finding(Place(file, 1), f"cannot be read: {error.strerror}")
    if len(raw) > BYTES_MAX:
        return Finding(Place(file, 1), f"has more than {BYTES_MAX} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Finding(Place(file, line), f"is not UTF-8: byte {raw[error.start]:#04x}")


def _composed(file: Path, text: str) -> Node | Finding | None:
    yaml = YAML(typ="safe", pure=True)
    # Anchors are refused below, with a place; a warning would come before that, without one.
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return Finding(Place(file, line), f"is no YAML: {error.problem or error.context}")
    except YAMLError as error:
        # The reader alone has no mark; it counts characters.
        line = text.count("\n", 0, getattr(error, "position", None) or 0) + 1
        return Finding(Place(file, line), f"is no YAML: {str(error).splitlines()[0]}")
    except RecursionError:
        return Finding(Place(file, 1), "is nested too deep")
    return root


@dataclass
class _Walk:
    """Goes through a file's nodes once; what is refused is None and has a finding."""

    file: Path
    environ: Mapping[str, str]
    places: dict[Steps, Place] = field(default_factory=dict)
    variables: dict[Steps, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    anchored: set[int] = field(default_factory=set)

    def value(self, node: Node, steps: Steps, place: Place) -> Tree:
        self.places[steps] = place
        if node.anchor and self._is_alias(node, place):
            return None
        if isinstance(node, MappingNode):
            return self._resolved(self.mapping(node, steps, place), steps)
        if isinstance(node, SequenceNode):
            return self._sequence(node, steps, place)
        return self._scalar(node, place)

    def mapping(self, node: MappingNode, steps: Steps, place: Place) -> dict[str, Tree]:
        self.places[steps] = place
        self._core_tag(node, place)
        first: dict[str, int] = {}
        data: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = self._key(key_node, Place(self.file, line, place.key))
            if key is None:
                continue
            here = Place(self.file, line, _joined(place.key, key))
            if key in first:
                self._refuse(here, f"stands twice, first in line {first[key]}")
                continue
            first[key] = line
            data[key] = self.value(value_node, (*steps, key), here)
        return data

    def _sequence(self, node: SequenceNode, steps: Steps, place: Place) -> list[Tree]:
        self._core_tag(node, place)
        return [
            self.value(
                item,
                (*steps, index),
                Place(self.file, item.start_mark.line + 1, _joined(place.key, _label(item, index))),
            )
            for index, item in enumerate(node.value)
        ]

    def _is_alias(self, node: Node, place: Place) -> bool:
        """Refuses the anchor where it stands; its aliases are not followed."""
        if id(node) in self.anchored:
            return True
        self.anchored.add(id(node))
        self._refuse(place, f"anchors and aliases (&{node.anchor}) are not used here: write it out")
        return False

    def _key(self, node: Node, place: Place) -> str | None:
        if not isinstance(node, ScalarNode):
            self._refuse(place, "a key must be plain text")
            return None
        if _type(node) == "merge":
            self._refuse(place, "merge keys (<<) are not used here: write it out")
            return None
        text = str(node.value)
        return text.lower() if _type(node) == "bool" else text

    def _resolved(self, data: dict[str, Tree], steps: Steps) -> Tree:
        name = data.get("env")
        if set(data) != {"env", "default"} or not isinstance(name, str):
            return data
        found = self.environ.get(name)
        if not found:
            return data["default"]
        self.variables[steps] = name
        return found

    def _scalar(self, node: Node, place: Place) -> Tree:
        text = str(node.value)
        match _type(node):
            case "str" | "timestamp" | "merge":
                return text
            case "null":
                return None
            case "bool" if text.lower() in {"true", "false"}:
                return text.lower() == "true"
            case "int" | "float":
                return self._number(text, place)
        self._core_tag(node, place, known=())
        return None

    def _number(self, text: str, place: Place) -> int | Decimal | None:
        integer = _INTEGER.fullmatch(text)
        if not integer and not _DECIMAL.fullmatch(text):
            self._refuse(place, f"{text}: write a number in plain decimals, or text in quotes")
            return None
        number = Decimal(text)
        if len(text) > DIGITS_MAX or abs(number.adjusted()) > EXPONENT_MAX:
            self._refuse(place, "is no plausible number")
            return None
        return int(text) if integer else number

    def _core_tag(self, node: Node, place: Place, known: tuple[str, ...] = ("map", "seq")) -> None:
        if _type(node) not in known:
            problem = f"{_type(node)} is not used here: only text, numbers, lists and mappings"
            self._refuse(place, problem)

    def _refuse(self, place: Place, problem: str) -> None:
        self.findings.append(Finding(place, problem))


def _type(node: Node) -> str:
    """The tag without its usual prefix: `str`, `int`, `map` …, or a tag of somebody's own."""
    return str(node.tag).removeprefix("tag:yaml.org,2002:")


def _joined(key: str, step: str) -> str:
    return f"{key}.{step}" if key else step


def _label(node: Node, index: int) -> str:
    """An item is called by its `id`, where it has one, else by its number from 0."""
    return next(_ids(node), str(index))


def _ids(node: Node) -> Iterator[str]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, ScalarNode) and value.value:
                yield str(value.value)
