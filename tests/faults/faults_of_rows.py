"""Faults in single values and rows: whole and well-formed answers that must not all be believed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tests.faults.expected import Expected, Fails, Holds, Passes, Refuses, Stays
from tests.faults.fault_server import Act
from tests.faults.faults import NO_FIGURE, TOTALS, Fault, for_unifi
from tests.faults.speakers import NEW, OLD, Row

CONTENT = Fails("content")
KEY = "unifi by key"
# An agency that is not in an answer keeps what was said of it.
LASTING: Mapping[str, object] = {"absent": "hold"}
TELLING: Mapping[str, object] = {"expect": ["agencies >= 90 %"]}


def values() -> Iterator[Fault]:
    no_numbers = {
        "NaN": "NaN",
        "Infinity": "Infinity",
        "minus Infinity": "-Infinity",
        "1e400": "1e400",
        "1e-400": "1e-400",
        "1e999999999": "1e999999999",
        "a million digits": "9" * 1_000_000,
        "NaN in a text": '"NaN"',
        "12 %": '"12 %"',
        "1,234": '"1,234"',
        "a word": '"nhiều"',
        "an empty text": '""',
        "digits of another script": '"١٢"',
        "null": "null",
        "true": "true",
        "an array": "[1000]",
        "an object": '{"value": 1000}',
    }
    for name, piece in no_numbers.items():
        yield Fault(f"value {name}", "value", _valued(piece), Refuses("type"), NO_FIGURE)
    out_of_range = {"below zero": "-5", "of 30 digits": "1" * 30, "1e30": "1e30"}
    for name, piece in out_of_range.items():
        act, but = _valued(piece), {KEY: CONTENT}
        yield Fault(f"value {name}", "value", act, Refuses("range"), but)
    # A console says at once of how many clients one came, which is more than none.
    yield Fault("value -0", "value", _valued("-0"), Passes("0"), {KEY: CONTENT})
    yield Fault("value as text", "value", _valued('"2000"'), Passes("2000"), {KEY: CONTENT})


def rows() -> Iterator[Fault]:
    first, others = NEW[0], NEW[1:]

    def met(
        name: str, said: Sequence[Row], expected: Expected, unifi: Expected, **source: object
    ) -> Fault:
        return Fault(name, "rows", _saying(said), expected, for_unifi(unifi), source=source)

    second = Refuses("duplicate", kept=False)
    yield met("row twice", (*NEW, first), second, CONTENT)
    neither = Refuses("duplicate", rows=2)
    yield met("row twice and different", (*NEW, replace(first, value="7")), neither, CONTENT)
    unknown = Refuses("unknown_agency", kept=False)
    yield met("unknown agency", (*NEW, Row("H99", "7")), unknown, Passes())
    yield met("agency missing", others, Holds("partial"), CONTENT, **TELLING)
    yield met("no rows", (), Holds("partial"), CONTENT, **TELLING)
    renamed = Refuses("unknown_agency")
    yield met("agency renamed", _coded("X0"), renamed, CONTENT, **LASTING)
    yield met("code in wide letters", _coded("\uff280"), renamed, CONTENT, **LASTING)
    yield met("code with a hidden sign", _coded("H0\u200b"), renamed, CONTENT, **LASTING)
    yield met("code empty", _coded(""), renamed, CONTENT, **LASTING)
    yield met("our own id as a code", _coded("so-tttt"), renamed, CONTENT, **LASTING)
    yield replace(
        met("code in small letters", _coded("h0"), renamed, CONTENT, **LASTING),
        but={"dichvucong": Passes(), **for_unifi(CONTENT)},
    )
    yield met("rows in another order", NEW[::-1], Passes(), Passes())
    often = {"freshness": {"late_after": "45m", "stale_after": "3d", "frozen_after": 1}}
    again = Stays("frozen")
    yield met("the same answer again", OLD, again, again, **often)
    yield from _over_time()


def _over_time() -> Iterator[Fault]:
    only, falls = ("http_json",), {"max_fall": 0.1}
    first, others = NEW[0], NEW[1:]

    def timed(name: str, at: str, expected: Expected) -> Fault:
        act = _saying((replace(first, at=at), *others))
        return Fault(name, "rows", act, expected, only=only)

    yield timed("data time yet to come", "2024-10-18T00:00:00Z", Refuses("future"))
    yield timed("data time that is none", "yesterday", Refuses("type"))
    yield timed("data time of the year 9999", "9999-12-31T23:59:59-12:00", Refuses("type"))
    # What became known last counts, whatever time it speaks of; its age shows that it is old.
    yield timed("data time going backwards", "2024-10-01T00:00:00Z", Passes())
    fallen = (replace(first, value="7"), *others)
    yield Fault("total fallen", "rows", _saying(fallen), Refuses("fall"), only=TOTALS, metric=falls)
    zeros = tuple(replace(row, value="0") for row in NEW)
    yield Fault("all zero", "rows", _saying(zeros), Holds("regressed"), only=TOTALS, metric=falls)


def _valued(piece: str) -> Act:
    return _saying((replace(NEW[0], value=piece), *NEW[1:]))


def _coded(code: str) -> Sequence[Row]:
    return (replace(NEW[0], code=code), *NEW[1:])


def _saying(said: Sequence[Row]) -> Act:
    return lambda it: it.answer(it.speak(said))
