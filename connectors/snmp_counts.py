"""What is counted of what a device says: a scalar, a table, or both against each other."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from connectors.base import Model, SourceError
from connectors.snmp_agent import Said, Value

Oid = Annotated[str, StringConstraints(pattern=r"^[0-2](\.(0|[1-9][0-9]*)){2,127}$")]


def _as_tuple(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


class Count(Model):
    """A scalar, a column of a table, or both: then the column counts, and the scalar checks it."""

    scalar: Annotated[
        tuple[Oid, ...], BeforeValidator(_as_tuple, json_schema_input_type=Oid | tuple[Oid, ...])
    ] = ()
    """The object that has the count itself; it ends in .0. Of several, the first that the device
    knows."""
    table: Oid | None = None
    """A column of which there is a row for each thing that is counted."""
    equals: tuple[int, ...] = ()
    """Count only rows in which the column has one of these values."""
    sum: bool = False
    """Add the column's numbers up instead of counting its rows."""
    tolerance: int = Field(default=5, ge=0)
    """How far scalar and table may lie apart: things come and go while a table is read."""
    when_empty: Literal["missing", "zero"] = "missing"
    """What a table without rows means where no scalar says how many there are; `zero` holds only
    where the device had something to say to another question."""

    @model_validator(mode="after")
    def _counts_something(self) -> Self:
        if not self.scalar and self.table is None:
            raise ValueError("a count is a scalar, a table, or both")
        if self.table is None and (self.equals or self.sum):
            raise ValueError("equals and sum are of a table")
        if self.equals and self.sum:
            raise ValueError("a table is either counted by equals, or added up by sum")
        return self

    def places(self) -> tuple[str, ...]:
        return (*(() if self.table is None else (self.table,)), *self.scalar)


def count_of(name: str, count: Count, said: Said) -> Value | None:
    """The count, or None when the device does not know it.

    SourceError(reason="content") where scalar and table contradict each other. A scalar that is no
    number stays text, so that whoever admits it can refuse it with what was got.
    """
    scalar = next((said.scalars[oid] for oid in count.scalar if oid in said.scalars), None)
    if count.table is None:
        return scalar
    rows = said.tables[count.table]
    counted = _counted(name, count, rows)
    if not rows and not isinstance(scalar, Decimal):
        return counted if count.when_empty == "zero" and said.rows() else None
    if isinstance(scalar, Decimal):
        _agree(name, count, counted, scalar, empty=not rows)
    return counted


def _counted(name: str, count: Count, rows: Sequence[Value]) -> Decimal:
    if count.equals:
        return Decimal(sum(row in count.equals for row in rows))
    if not count.sum:
        return Decimal(len(rows))
    numbers = [row for row in rows if isinstance(row, Decimal)]
    if len(numbers) < len(rows):
        odd = next(row for row in rows if not isinstance(row, Decimal))
        raise SourceError(f"{name}: {count.table} has {odd!r} for a number", reason="content")
    return sum(numbers, Decimal(0))


def _agree(name: str, count: Count, counted: Decimal, scalar: Decimal, *, empty: bool) -> None:
    if empty and scalar > 0:
        problem = f"{count.table} has no rows, though a scalar says {scalar}"
        raise SourceError(f"{name}: {problem}", reason="content")
    if abs(counted - scalar) > count.tolerance:
        problem = f"{count.table} says {counted} and the scalar {scalar}"
        raise SourceError(f"{name}: {problem}", reason="content")
