"""Rows of an xlsx or csv file that a stranger may have made: bounded, and never half read."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from python_calamine import CalamineSheet, CalamineWorkbook, WorksheetNotFound

from connectors.package import BadFile, TableLimits, repack

__all__ = ["BadFile", "Cell", "Row", "TableLimits", "read_csv", "read_xlsx"]

# None is a blank: no content, a formula without a stored value, or an Excel error such as #N/A.
Cell = Decimal | bool | date | str | None
Row = tuple[Cell, ...]
_Raw = int | float | bool | str | date | datetime | time | timedelta
_Result = TypeVar("_Result")

_WHOLE_MAX = 2.0**53  # above it a float no longer tells neighbouring whole numbers apart


def read_xlsx(body: bytes, sheet: int | str, limits: TableLimits) -> tuple[Row, ...]:
    """All rows of one worksheet (by index from 0, or by name) from row 1 on; BadFile otherwise.

    Numbers are the shortest decimals that Excel's own binary numbers stand for; dates are dates,
    or naive datetimes where they have a time of day.
    """
    package = repack(body, limits)
    rows = _unharmed(lambda: _worksheet(package, sheet))
    return tuple(tuple(_cell(raw) for raw in row) for row in rows)


def read_csv(
    body: bytes, *, encoding: str, delimiter: str, header_row: int, limits: TableLimits
) -> tuple[Row, ...]:
    """All records, each cell text or blank; BadFile unless each is as wide as the headings.

    A narrower one was cut short, and a wider one has a decimal comma that parts the cells.
    """
    try:
        text = body.decode(encoding)
    except UnicodeError as error:
        raise BadFile("the text", f"is not {encoding}: {error}") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records = tuple(_records(reader, limits))
    _judge_widths(records, header_row)
    return records


def tidy(text: str) -> str:
    """Composed, and without white space around or doubled inside: how names are compared."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _worksheet(package: bytes, sheet: int | str) -> list[list[_Raw]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(package)) as workbook:
            found = _named(workbook, sheet)
            return [] if found.start is None else list(found.iter_rows())
    except WorksheetNotFound as error:
        raise BadFile("the file", f"has no sheet {sheet!r}") from error


def _named(workbook: CalamineWorkbook, sheet: int | str) -> CalamineSheet:
    if isinstance(sheet, int):
        return workbook.get_sheet_by_index(sheet)
    return workbook.get_sheet_by_name(sheet)


def _unharmed(read: Callable[[], _Result]) -> _Result:
    """Whatever the reader stumbles over costs this file only."""
    try:
        return read()
    except (BadFile, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BadFile("the file", f"cannot be read: {error}") from error


def _cell(raw: _Raw) -> Cell:
    if isinstance(raw, bool | date):
        return raw
    if isinstance(raw, int | float):
        return _decimal(raw)
    return str(raw).strip() or None


def _decimal(raw: float) -> Decimal:
    if abs(raw) < _WHOLE_MAX and raw == int(raw):
        return Decimal(int(raw))
    return Decimal(repr(raw))


def _judge_widths(records: tuple[Row, ...], header_row: int) -> None:
    heading = records[header_row - 1] if len(records) >= header_row else ()
    wanted = _width(heading)
    for number, record in enumerate(records[header_row:], start=header_row + 1):
        width = _width(record)
        if wanted and width and (width > len(heading) or len(record) < wanted):
            problem = f"has {len(record)} cells under {len(heading)} headings"
            raise BadFile(f"row {number}", problem)


def _width(record: Row) -> int:
    return max((index for index, cell in enumerate(record, 1) if cell is not None), default=0)


def _records(reader: Iterable[list[str]], limits: TableLimits) -> Iterator[Row]:
    cells = 0
    try:
        for number, record in enumerate(reader, start=1):
            cells += len(record)
            if number > limits.max_rows or cells > limits.max_cells:
                raise BadFile(f"row {number}", "is one too many: the table is too large")
            yield tuple(text.strip() or None for text in record)
    except csv.Error as error:
        raise BadFile("the text", f"is no csv: {error}") from error
