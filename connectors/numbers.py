"""Numbers as sources write them, read exactly or not at all."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from babel.numbers import NumberFormatError, parse_decimal

NumberLocale = Literal["plain", "vi"]

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,9})?", re.ASCII)
_VIETNAMESE = re.compile(r"[+-]?[\d.]+(?:,\d+)?", re.ASCII)
# Thousands to one half of the world, and thousandths to the other.
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+)", re.ASCII)
_SHOWN_CHARS_MAX = 30
# No count of a province is near these; a decimal such as 1e999999999 would fill the memory of
# whoever writes it out.
_DIGITS_MAX = 300
_SHORT = 10**18


def read_numbers(
    raws: Iterable[Any], locale: NumberLocale | None, null: Decimal | str | None
) -> list[Decimal | str | None]:
    """Each as `read_number` reads it, and `null` for each None."""
    # Most are short whole numbers, which need no call.
    return [
        Decimal(raw)
        if type(raw) is int and -_SHORT < raw < _SHORT
        else (null if raw is None else read_number(raw, locale))
        for raw in raws
    ]


def read_number(raw: Any, locale: NumberLocale | None) -> Decimal | str:
    """A JSON value as a decimal, or as the text that it is, so that it can be refused by name.

    `plain` is 1234.5, `vi` is 1.234,5; a JSON number is a number in both. What cannot be told
    apart with certainty (12.34 in `vi`) stays text, and so do true and false: they name states.
    None is `plain` where nobody said so: a text such as 1.300, which may mean either, is not read.
    """
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return Decimal(raw) if abs(raw) < _SHORT else decimal_of(str(raw))
    if isinstance(raw, Decimal):
        return _bounded(raw, str(raw))
    if not isinstance(raw, str):
        return "null" if raw is None else f"a JSON {_kind(raw)}"
    return _read(raw.strip(), raw, locale)


def is_ambiguous(text: str) -> bool:
    """Whether a number may be grouped by thousands or have three decimals, as 1.300 and 1,300."""
    return _AMBIGUOUS.fullmatch(text) is not None


def _hinted(text: str) -> str:
    shown = text[:_SHOWN_CHARS_MAX]
    if "," in text:
        return f"{shown}: say number: vi if the comma is the decimal one"
    return f"{shown}: say number: plain or number: vi"


def decimal_of(text: str) -> Decimal | str:
    """The decimal that a JSON number or constant is; an absurd one stays the text that it is."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return _bounded(value, text)


def _bounded(value: Decimal, text: str) -> Decimal | str:
    """A decimal as it is counted, which is written so; the text where that is absurd."""
    if not value.is_finite():
        return value
    # To take a decimal apart costs more than all the rest, and few have an exponent.
    has_exponent = "e" in text or "E" in text
    if (has_exponent or len(text) > _DIGITS_MAX) and _is_absurd(value):
        return text
    # A zero has no sign here: -0 and 0 are one count.
    return abs(value) if value.is_zero() else value


def _read(text: str, raw: str, locale: NumberLocale | None) -> Decimal | str:
    if locale == "vi":
        return _vietnamese(text, raw)
    if locale is None and is_ambiguous(text):
        return _hinted(text)
    return _plain(text, raw)


def _plain(text: str, raw: str) -> Decimal | str:
    return decimal_of(text) if _PLAIN.fullmatch(text) else raw


def _vietnamese(text: str, raw: str) -> Decimal | str:
    if len(text) > _DIGITS_MAX or not _VIETNAMESE.fullmatch(text):
        return raw
    try:
        return decimal_of(str(parse_decimal(text, locale="vi", strict=True)))
    except NumberFormatError:
        return raw


def _is_absurd(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    return len(digits) > _DIGITS_MAX or abs(int(exponent)) > _DIGITS_MAX


def _kind(raw: Any) -> str:
    return "object" if isinstance(raw, dict) else "array"
