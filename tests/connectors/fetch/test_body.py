"""Bytes become values strictly: decoded as declared, exact, without a key twice."""

import contextlib
import gzip
import json
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import SourceError
from connectors.fetch.body import decoded, parse_json, unpack

JSON = "application/json"


def test_numbers_are_exact() -> None:
    body = b'{"a": 0.1, "b": 12, "c": 123456789012345678901234567890, "d": 1.50}'

    assert parse_json(body, JSON) == {
        "a": Decimal("0.1"),
        "b": 12,
        "c": Decimal(123456789012345678901234567890),
        "d": Decimal("1.5"),
    }


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_a_constant_that_is_no_number_costs_nothing_else(text: str) -> None:
    good, bad = parse_json(f"[7, {text}]".encode(), JSON)

    assert good == 7
    assert isinstance(bad, Decimal)
    assert str(bad) == text


@pytest.mark.parametrize(
    "text",
    ["1e400", "-1e400", "1e999999999", "1e99999999999999999999",
     "1e-999999999", "1e-99999999999999999999", "9" * 5000, "0." + "1" * 5000, "0e-999999999"],
)  # fmt: skip
def test_an_absurd_number_stays_the_text_that_it_is_and_costs_nothing_else(text: str) -> None:
    """Whoever refuses it can say what came."""
    good, bad = parse_json(f"[7, {text}]".encode(), JSON)

    assert good == 7
    assert bad == text


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('﻿["Sơn La"]'.encode(), JSON),
        ('["Sơn La"]'.encode(), JSON),
        ('["Sơn La"]'.encode(), "text/plain; charset=UTF-8"),
        ('﻿["Sơn La"]'.encode(), "application/json; charset=utf8"),
        ('["Sơn La"]'.encode("utf-16"), JSON),
        ('["S\u01a1n La"]'.encode("windows-1258"), "application/json; charset=windows-1258"),
        ('["So\u031bn La"]'.encode(), JSON),
        (b'["So\\u031bn La"]', JSON),
    ],
)  # fmt: skip
def test_names_are_the_same_text_however_they_were_written(body: bytes, content_type: str) -> None:
    assert parse_json(body, content_type) == ["Sơn La"]


def test_marks_that_come_alone_are_composed() -> None:
    body = '{"t\u00ea\u0323n": "V\u00e2\u0323n"}'.encode("windows-1258", "strict")

    assert parse_json(body, "application/json; charset=windows-1258") == {"tện": "Vận"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'[{"x": {"b": 1, "b": 1}}]', "'b' twice"),
        (b"[1, 2", "not JSON at character"),
        (b"[1,]", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b"<html></html>", "login page"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "login page"),
        (b" \n<?xml version='1.0'?><a/>", "login page"),
        (b"[" * 100_000 + b"]" * 100_000, "too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too deeply"),
        (b'["\xff\xfe"]', "not text"),
        (b'["\\ud800"]', "no Unicode"),
        (b'["a\\u0000b"]', "no Unicode"),
        (b'["a\x00b"]', "not JSON"),
        (b"[" + b"1," * 300_000 + b"1]", "more pieces"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_an_error_of_content(body: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        parse_json(body, JSON)

    assert caught.value.reason == "content"


def test_a_charset_that_writes_half_a_sign_is_an_error_of_content() -> None:
    with pytest.raises(SourceError, match="not text") as caught:
        parse_json(b'["+2AA-"]', "application/json; charset=utf-7")

    assert caught.value.reason == "content"


def test_as_many_pieces_as_a_large_answer_has_are_read() -> None:
    assert len(parse_json(b"[" + b"1," * 299_000 + b"1]", JSON)) == 299_001


def test_what_is_escaped_is_composed_in_keys_and_values_alike() -> None:
    body = b'{"V\\u00e2\\u0323n": ["So\\u031bn", "La", 7, {"t\\u00ea\\u0323n": null}]}'

    assert parse_json(body, JSON) == {"Vận": ["Sơn", "La", 7, {"tện": None}]}


@pytest.mark.parametrize(
    "charset",
    ["no-such-charset", "zip", "base64", "punycode", "idna", "rot13", "unicode_escape", "undefined",
     "mbcs", "utf-8\x00", '"a\x00b"', "windows-1259", "iso-8859-12", "a" * 900],
)  # fmt: skip
def test_a_charset_that_is_none_is_an_error_of_content(charset: str) -> None:
    with pytest.raises(SourceError, match="not text") as caught:
        parse_json(b"[]", f"application/json; charset={charset}")

    assert caught.value.reason == "content"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("charset*=\0''a", "names its charset"),
        ("charset*0*=a; charset*=b", "names its charset"),
        ("charset*0*=utf-8''a; charset*2=b", "not text"),
        ("charset*99999999999999999999*=x''a", "not text"),
        ("charset=a" + ";" * 1000, "too great a length"),
    ],
)
def test_a_type_that_cannot_be_read_is_an_error_of_content(parameters: str, said: str) -> None:
    for read in (parse_json, decoded):
        with pytest.raises(SourceError, match=said) as caught:
            read(b"[]", f"text/json; {parameters}")
        assert caught.value.reason == "content"


@pytest.mark.parametrize(
    "charset",
    ["utf-8", "UTF8", "utf-16", "utf-16le", "UTF-32BE", "us-ascii", "latin-1", "ISO-8859-1",
     "iso8859-15", "iso_8859_1", "windows-1252", "cp1258", "WINDOWS-1258"],
)  # fmt: skip
def test_what_sources_write_in_is_read(charset: str) -> None:
    body = "[12]".encode(charset)

    assert parse_json(body, f"application/json; charset={charset}") == [12]


@pytest.mark.parametrize(
    "marks",
    ["\u0301\u0323" * 16, "\u0344" * 40, "\u0f73" * 40, "\u0323" * 40 + "\u0301"],
)
def test_more_marks_than_a_sign_can_have_are_an_error_of_content(marks: str) -> None:
    """To put them in order takes the square of their number."""
    for body in (f'["a{marks}"]'.encode(), json.dumps(["a" + marks]).encode()):
        with pytest.raises(SourceError, match="more than 30 marks") as caught:
            parse_json(body, JSON)
        assert caught.value.reason == "content"
    with pytest.raises(SourceError, match="more than 30 marks"):
        decoded(f"a{marks}".encode(), "text/csv")


def test_as_many_marks_as_unicode_allows_are_put_in_order() -> None:
    marks = "\u0301\u0323" * 15
    (text,) = parse_json(f'["a{marks}", "{"═" * 500}a\u0323"]'.encode(), JSON)[:1]

    assert text == unicodedata.normalize("NFC", f"a{marks}")


def test_json_that_calls_itself_html_is_refused_unless_its_source_does_so() -> None:
    with pytest.raises(SourceError, match="HTML"):
        parse_json(b"[1]", "text/html; charset=UTF-8")

    assert parse_json(b"[1]", "text/html; charset=UTF-8", any_type=True) == [1]


def test_html_stays_html_for_a_source_that_mislabels() -> None:
    with pytest.raises(SourceError, match="HTML"):
        parse_json(b"<p>[1]</p>", "text/html", any_type=True)


def test_an_error_shows_nothing_of_the_answer() -> None:
    with pytest.raises(SourceError) as caught:
        parse_json(b'{"password": "planted" x', JSON)

    assert "planted" not in str(caught.value)


@given(st.binary(max_size=2000))
def test_whatever_comes_is_json_or_an_error_of_the_source(body: bytes) -> None:
    with contextlib.suppress(SourceError):
        parse_json(body, JSON)


def test_an_answer_in_a_few_packed_pieces_is_unpacked_whole() -> None:
    pieces = [gzip.compress(bytes([number])) for number in range(16)]

    assert unpack(b"".join(pieces), "gzip", 100) == bytes(range(16))


def test_an_answer_in_many_packed_pieces_is_an_error_of_content() -> None:
    """Each takes a copy of all that comes after it."""
    with pytest.raises(SourceError, match="more than 16 pieces") as caught:
        unpack(gzip.compress(b"") * 17, "gzip", 100)

    assert caught.value.reason == "content"


@given(st.binary(max_size=2000))
def test_what_was_packed_is_unpacked(body: bytes) -> None:
    assert unpack(gzip.compress(body), "GZIP", 10_000) == body
