"""A formula as a quotient of two polynomials, as far as it is one: what its extremes depend on."""

from collections.abc import Iterator
from fractions import Fraction
from functools import reduce

from scoring.tree import Fold, Metric, Negative, Node, Number

# Powers of metrics, each as often as it stands in the product, and the factor before them.
Polynomial = dict[tuple[str, ...], Fraction]
Quotient = tuple[Polynomial, Polynomial]

# Products of long sums grow without measure; beyond so many terms a formula is no quotient.
TERMS_MAX = 64
_ONE: Polynomial = {(): Fraction(1)}


def quotient_of(node: Node) -> Quotient | None:
    """Numerator and denominator; None with `min` and `max`, and where it grows too long."""
    match node:
        case Number(value):
            return {(): Fraction(value)}, _ONE
        case Metric(name):
            return {(name,): Fraction(1)}, _ONE
        case Negative(part):
            inner = quotient_of(part)
            return inner and (_times(inner[0], {(): Fraction(-1)}), inner[1])
        case Fold(sign, parts) if sign not in {"min", "max"}:
            sides = [quotient_of(part) for part in parts]
            known = [side for side in sides if side]
            if len(known) < len(sides):
                return None
            return _short(reduce(lambda left, right: _joined(sign, left, right), known))
    return None


def is_linear(quotient: Quotient) -> bool:
    """Whether above and below stand only sums of metrics, each with a plain factor."""
    return all(len(term) <= 1 for term in _terms(quotient))


def is_linear_in_each(quotient: Quotient) -> bool:
    """Whether no product above or below has a metric twice: with all others fixed it is linear."""
    return all(len(set(term)) == len(term) for term in _terms(quotient))


def _terms(quotient: Quotient) -> Iterator[tuple[str, ...]]:
    for side in quotient:
        yield from side


def _joined(sign: str, left: Quotient, right: Quotient) -> Quotient:
    (above, below), (over, under) = left, right
    if sign == "*":
        return _times(above, over), _times(below, under)
    if sign == "/":
        return _times(above, under), _times(below, over)
    factor: Polynomial = {(): Fraction(1 if sign == "+" else -1)}
    if below == under:
        return _plus(above, _times(over, factor)), below
    return _plus(_times(above, under), _times(_times(over, below), factor)), _times(below, under)


def _plus(left: Polynomial, right: Polynomial) -> Polynomial:
    total = {
        term: left.get(term, Fraction(0)) + right.get(term, Fraction(0)) for term in left | right
    }
    return {term: factor for term, factor in total.items() if factor}


def _times(left: Polynomial, right: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for term, factor in left.items():
        for other, times in right.items():
            product = tuple(sorted(term + other))
            total[product] = total.get(product, Fraction(0)) + factor * times
    return {term: factor for term, factor in total.items() if factor}


def _short(quotient: Quotient) -> Quotient | None:
    return quotient if max(map(len, quotient)) <= TERMS_MAX else None
