"""CSV answers: each line a record by the names in the first line."""

import csv
import io
from typing import Any

from connectors.base import SourceError
from connectors.fetch.body import decoded
from connectors.fetch.reply import Reply


def csv_rows(reply: Reply, delimiter: str) -> list[dict[str, Any]]:
    """Records of text, empty cells None; SourceError("content") for what is no such table."""
    try:
        text = decoded(reply.body, reply.headers.get("content-type", ""))
    except SourceError as error:
        raise SourceError(f"{reply.url}: {error}", reason=error.reason) from None
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip() for name in next(lines, [])]
        rows = [line for line in lines if line]
    except csv.Error as error:
        raise _no_table(reply, str(error)) from None
    if not all(names) or len(set(names)) != len(names):
        raise _no_table(reply, "its first line does not name each column once")
    for number, line in enumerate(rows, start=1):
        if len(line) != len(names):
            raise _no_table(reply, f"row {number} has {len(line)} cells, not {len(names)}")
    return [{name: cell or None for name, cell in zip(names, line, strict=True)} for line in rows]


def _no_table(reply: Reply, problem: str) -> SourceError:
    return SourceError(f"{reply.url}: the answer is no CSV: {problem}", reason="content")
