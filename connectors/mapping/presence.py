"""Whether rows have what is asked of them at all: a name in none of them is a mistake."""

from collections.abc import Sequence
from typing import Any

from connectors.nouns import SourceError
from connectors.query import Query

_NAMES_SHOWN = 12
_NAME_CHARS_MAX = 40


def check_there(
    rows: Sequence[Any], column: Sequence[Any], query: Query, purpose: str, where: str
) -> None:
    """SourceError("content") for a path of names that no row has; one that is null is there.

    `column` is what the query found in the rows. Expressions are not judged: `a || null` says that
    a row need not have `a`.
    """
    # Most rows have it: the first one ends the question.
    if not rows or not query.names or any(found is not None for found in column):
        return
    if not any(_has(row, query.names) for row in rows):
        raise _nowhere(rows, purpose, query, where)


def names_in(value: Any, query: Query) -> str:
    """The keys of an object where a path ends in it, as a message shows them."""
    before = ""
    for name in query.names or ():
        if not isinstance(value, dict) or not isinstance(value.get(name), dict):
            break
        value, before = value[name], f"{before}{name}."
    if not isinstance(value, dict) or not value:
        return f"an array of {len(value)}" if isinstance(value, list) else "no names"
    shown = [f"{before}{key[:_NAME_CHARS_MAX]}" for key in list(value)[:_NAMES_SHOWN]]
    return ", ".join([*shown, "…"] if len(value) > _NAMES_SHOWN else shown)


def _has(value: Any, names: Sequence[str]) -> bool:
    """Whether a path leads to something, or to a null on the way."""
    for name in names:
        if value is None:
            return True
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True


def _nowhere(rows: Sequence[Any], purpose: str, query: Query, where: str) -> SourceError:
    many, there = f"none of {len(rows)} rows has", "they have"
    if len(rows) == 1:
        many, there = "the one row lacks", "it has"
    return SourceError(
        f"{where}: {many} `{query.text}` ({purpose}); {there}: {names_in(rows[0], query)} "
        f"(if the source leaves it out when it is empty, write `{query.text} || null`)",
        reason="content",
    )
