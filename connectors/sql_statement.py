"""What may be asked of a database: one statement that reads, with the window's edges in it."""

import re
from typing import Annotated

from pydantic import AfterValidator
from sqlalchemy import text

EDGES = ("window_start", "window_end")

# What is no word of the statement itself: texts, quoted names, comments. Databases differ in the
# finer points; each is also told, in its own way, that nothing may be written.
_BESIDE = re.compile(
    r"'(?:[^']|'')*'"
    r'|"(?:[^"]|"")*"'
    r"|`[^`]*`"
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
    r"|--[^\n]*"
    r"|/\*.*?\*/",
    re.DOTALL,
)
_READS = re.compile(r"(?:select|with|values)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:insert|update|delete|merge|into)\b", re.IGNORECASE)


def _statement(given: str) -> str:
    bare = _BESIDE.sub(" ", given).strip().removesuffix(";").strip()
    if ";" in bare:
        raise ValueError("a query is one statement")
    if not _READS.match(bare.lstrip("( \n\t")):
        raise ValueError("a query reads: it begins with SELECT, WITH or VALUES")
    if written := _WRITES.search(bare):
        raise ValueError(f"a query only reads: it has no {written[0].upper()}")
    if unknown := sorted(parameters_of(given) - set(EDGES)):
        known = " and ".join(f":{edge}" for edge in EDGES)
        raise ValueError(f"a query has no :{unknown[0]} but {known}; a plain colon is written \\:")
    return given.strip().removesuffix(";")


Statement = Annotated[str, AfterValidator(_statement)]


def parameters_of(query: str) -> frozenset[str]:
    return frozenset(text(query).compile().params)
