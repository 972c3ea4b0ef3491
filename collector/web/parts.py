"""What a value was divided from: numerator and denominator of an indicator's formula."""

import ast
import math
from collections.abc import Mapping

import numpy as np

from scoring.formula import parse_formula


def parts_of(text: str, values: Mapping[str, float]) -> tuple[float, float] | None:
    """Numerator and denominator, where the formula is one division and all of it is known."""
    tree = ast.parse(text, mode="eval").body
    if not (isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Div)):
        return None
    above, below = _value(ast.unparse(tree.left), values), _value(ast.unparse(tree.right), values)
    return None if above is None or below is None else (above, below)


def _value(text: str, values: Mapping[str, float]) -> float | None:
    formula = parse_formula(text)
    if not formula.metrics <= values.keys():
        return None
    columns = {name: np.array([values[name]]) for name in formula.metrics}
    value, _ = formula.evaluate(columns)
    number = float(np.ravel(value)[0])
    return number if math.isfinite(number) else None
