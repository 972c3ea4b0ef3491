"""Arithmetic over metrics: parsed by an own allow-list, evaluated on arrays or exactly."""

import ast
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np

from scoring.comparison import Comparison
from scoring.tree import (
    Bools,
    Floats,
    Fold,
    FormulaError,
    Interval,
    Metric,
    Negative,
    Node,
    Number,
    Sign,
)

__all__ = [
    "Comparison",
    "Formula",
    "FormulaError",
    "parse_comparison",
    "parse_comparisons",
    "parse_formula",
]

LENGTH_MAX = 2000
DEPTH_MAX = 50
# So much of an offending piece stands in an error.
PIECE_MAX = 40


@dataclass(frozen=True)
class Formula:
    """Arithmetic over metrics, as written and as a tree."""

    text: str
    metrics: frozenset[str]
    _root: Node

    @property
    def names(self) -> tuple[str, ...]:
        """The metrics in the order in which they first stand."""
        return tuple(dict.fromkeys(self._mentions))

    @property
    def repeats(self) -> bool:
        """Whether a metric stands twice."""
        return len(self._mentions) > len(self.metrics)

    @property
    def quotient(self) -> tuple[str, ...] | None:
        """The one metric that it is, or the two that it is the quotient of; else None."""
        match self._root:
            case Metric(name):
                return (name,)
            case Fold("/", (Metric(above), Metric(below))) if above != below:
                return above, below
        return None

    @property
    def root(self) -> Node:
        return self._root

    @property
    def _mentions(self) -> list[str]:
        words = re.findall(r"[A-Za-z_]\w*", self.text)
        return [word for word in words if word in self.metrics]

    def evaluate(self, columns: Mapping[str, Floats]) -> tuple[Floats, Bools]:
        """One value an agency, NaN for unknown, and where a divisor was zero (NaN there too)."""
        with np.errstate(all="ignore"):
            value, zero = self._root.floats(columns)
        return np.where(np.isfinite(value), value, np.nan), zero

    def bounds(self, lows: Mapping[str, Floats], highs: Mapping[str, Floats]) -> Interval:
        """The least and greatest value while every metric ranges from its low to its high.

        A metric alone behind a division sign ranges from 1, where its range reaches 0; what is
        worked out there leaves an end open. A metric that stands twice may count for its
        low and its high at once: never too narrow, sometimes too wide. NaN where nothing can be
        said. Where every range is a point, the ends are those of `evaluate`, bit for bit.
        """
        with np.errstate(all="ignore"):
            return self._root.bounds(lows, highs)


def parse_formula(text: str) -> Formula:
    """Numbers, names, parentheses, `+ - * /`, minus, `min max sum`; else FormulaError."""
    source = _cleaned(text)
    root = _node(_expression(source), source, depth=1)
    return Formula(source, _named(source, root), root)


def parse_comparison(text: str) -> Comparison:
    """Two formulas with one of `<= < >= > == !=` between them; else FormulaError."""
    source, tree = _compared(text)
    if len(tree.ops) > 1:
        raise _refused("a chained comparison", tree, source)
    (pair,) = _pairs(source, tree)
    return pair


def parse_comparisons(text: str) -> tuple[Comparison, ...]:
    """A comparison, or the links of a chain: `0 <= a <= b` is `0 <= a` and `a <= b`."""
    return tuple(_pairs(*_compared(text)))


def _compared(text: str) -> tuple[str, ast.Compare]:
    source = _cleaned(text)
    tree = _expression(source)
    if not isinstance(tree, ast.Compare):
        raise FormulaError(
            f"a comparison needs one of {' '.join(_COMPARE.values())}: {_shown(source)}"
        )
    return source, tree


def _pairs(source: str, tree: ast.Compare) -> Iterator[Comparison]:
    chain = pairwise([tree.left, *tree.comparators])
    for op, (before, after) in zip(tree.ops, chain, strict=True):
        sign = _COMPARE.get(type(op))
        if sign is None:
            raise _refused(f"a comparison other than {' '.join(_COMPARE.values())}", tree, source)
        left, right = _node(before, source, depth=1), _node(after, source, depth=1)
        text = source
        if len(tree.ops) > 1:
            text = f"{_piece(before, source)} {sign} {_piece(after, source)}"
        yield Comparison(text, _named(text, left, right), left, sign, right)


def _cleaned(text: str) -> str:
    """One line of allowed characters, so that a place in it is simply a count of characters."""
    source = re.sub(r"\s", " ", text).strip()
    if not source:
        raise FormulaError("it is empty")
    if len(source) > LENGTH_MAX:
        raise FormulaError(f"it has {len(source)} characters; at most {LENGTH_MAX} are allowed")
    if found := re.search(r"[^A-Za-z0-9_ .,+*/()<>=!-]", source):
        raise FormulaError(_place(f"character {found[0]!r} is not allowed", found.start()))
    # Exponents, hexadecimals, underscores and imaginary numbers all have a letter after a digit.
    if found := re.search(r"(?<![\w.])[\d.]*\d[\d.]*[A-Za-z_]\w*", source):
        raise FormulaError(
            _place(f"{found[0]!r} is neither a plain decimal number nor a name", found.start())
        )
    return source


def _expression(source: str) -> ast.expr:
    try:
        return ast.parse(source, mode="eval").body
    except SyntaxError as error:
        where = (error.offset or 1) - 1
        raise FormulaError(_place(f"not readable here: {_shown(source[where:])}", where)) from None
    except (MemoryError, RecursionError):
        raise _too_deep() from None


def _node(tree: ast.expr, source: str, *, depth: int) -> Node:
    if depth > DEPTH_MAX:
        raise _too_deep()
    match tree:
        case ast.Constant():
            return _number(tree, source)
        case ast.Name(id=name) if name not in _CALLS:
            return Metric(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Negative(_node(operand, source, depth=depth + 1))
        case ast.BinOp():
            return _binary(tree, source, depth)
        case ast.Call():
            return _call(tree, source, depth)
        case _:
            raise _refused(_kind(tree), tree, source)


def _number(tree: ast.Constant, source: str) -> Number:
    """The decimal as it is written: 0.1 is one tenth, not the nearest float."""
    if type(tree.value) not in {int, float}:
        raise _refused(_kind(tree), tree, source)
    value = Decimal(_piece(tree, source))
    if not math.isfinite(float(value)):
        raise _refused("so great a number", tree, source)
    return Number(value)


def _binary(tree: ast.BinOp, source: str, depth: int) -> Fold:
    sign = _BINARY.get(type(tree.op))
    if sign is None:
        raise _refused(_kind(tree.op), tree, source)
    left = _node(tree.left, source, depth=depth + 1)
    right = _node(tree.right, source, depth=depth + 1)
    if sign == "/" and isinstance(right, Number) and not right.value:
        raise _refused("a division by 0", tree, source)
    return Fold(sign, (left, right))


def _call(tree: ast.Call, source: str, depth: int) -> Node:
    name = tree.func.id if isinstance(tree.func, ast.Name) else ""
    if name not in _CALLS:
        raise _refused(f"a call other than {', '.join(_CALLS)}", tree, source)
    if tree.keywords or not tree.args:
        raise _refused(f"{name}() without plain arguments", tree, source)
    return Fold(_CALLS[name], tuple(_node(part, source, depth=depth + 1) for part in tree.args))


def _named(source: str, *roots: Node) -> frozenset[str]:
    names = frozenset[str]().union(*(root.names() for root in roots))
    if not names:
        raise FormulaError(f"it names no metric: {_shown(source)}")
    return names


def _refused(what: str, tree: ast.expr, source: str) -> FormulaError:
    return FormulaError(
        _place(f"{what} is not allowed: {_shown(_piece(tree, source))}", tree.col_offset)
    )


def _too_deep() -> FormulaError:
    return FormulaError(f"it is nested more than {DEPTH_MAX} levels deep; `sum(…)` is one level")


def _place(message: str, start: int) -> str:
    return f"{message} (character {start + 1})"


def _piece(tree: ast.expr, source: str) -> str:
    return source[tree.col_offset : tree.end_col_offset]


def _shown(piece: str) -> str:
    return repr(piece if len(piece) <= PIECE_MAX else f"{piece[:PIECE_MAX]}…")


def _kind(tree: ast.AST) -> str:
    return _KINDS.get(type(tree), "this")


_CALLS: Mapping[str, Sign] = {"min": "min", "max": "max", "sum": "+"}
_BINARY: Mapping[type[ast.operator], Sign] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}
_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.LtE: "<=",
    ast.Lt: "<",
    ast.GtE: ">=",
    ast.Gt: ">",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_KINDS: Mapping[type[ast.AST], str] = {
    ast.Attribute: "a dot behind a name",
    ast.Pow: "a power",
    ast.FloorDiv: "`//`",
    ast.UnaryOp: "a sign other than minus",
    ast.Name: "a function without its arguments",
    ast.Compare: "a comparison",
    ast.Tuple: "a list",
    ast.BoolOp: "`and`, `or`",
    ast.IfExp: "`if`",
    ast.Constant: "a word of Python",
}
