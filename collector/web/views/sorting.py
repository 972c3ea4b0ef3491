"""Order of names and of ranked rows; a database's own collation is never asked."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

Row = TypeVar("Row")
# Vietnamese sorts by letter first, in which these marks make another letter, then by tone.
_LETTER_MARKS = {"\u0306": 1, "\u0302": 2, "\u031b": 3}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
Key = tuple[list[tuple[str, int]], list[int], str]


def name_key(name: str) -> Key:
    """Letters (a ă â b c d đ …), then tones (none, huyền, hỏi, ngã, sắc, nặng), then the name."""
    letters: list[tuple[str, int]] = []
    tones: list[int] = []
    for sign in unicodedata.normalize("NFD", name.casefold()):
        if letters and sign in _LETTER_MARKS:
            letters[-1] = (letters[-1][0], _LETTER_MARKS[sign])
        elif tones and sign in _TONES:
            tones[-1] = _TONES[sign]
        else:
            letters.append(("d", 1) if sign == "đ" else (sign, 0))
            tones.append(0)
    return letters, tones, name


def in_order(
    rows: Iterable[Row],
    key: Callable[[Row], float | None],
    name: Callable[[Row], str],
    *,
    descending: bool,
) -> list[Row]:
    """Missing values last both ways, equal ones by name."""
    by_name = sorted(rows, key=lambda row: name_key(name(row)))
    there = [(value, row) for row in by_name if (value := key(row)) is not None]
    there.sort(key=lambda pair: -pair[0] if descending else pair[0])
    return [row for _, row in there] + [row for row in by_name if key(row) is None]


def by_name(rows: Iterable[Row], name: Callable[[Row], str], *, descending: bool) -> list[Row]:
    return sorted(rows, key=lambda row: name_key(name(row)), reverse=descending)
