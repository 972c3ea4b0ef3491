"""Faults on the way: names, connections, TLS, time, lengths, statuses and redirects."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.faults.expected import Fails, Passes
from tests.faults.fault_server import CHUNK, Act, Exchange, head, whole
from tests.faults.faults import Fault, sound
from tests.faults.grounds import (
    Ground,
    certified,
    full,
    greet_in_plain,
    greet_with_reset,
    greet_with_silence,
    greeted,
    named,
    nobody,
    outdated,
    rebound,
)
from tests.source_server import LOGIN_PAGE, Served, as_json

SOURCE, CONFIG, CONTENT, AUTH = (
    Fails("source"),
    Fails("config"),
    Fails("content"),
    Fails("auth"),
)
STATUS_LINE = b"HTTP/1.1 200 OK\r\n"
HEADERS = STATUS_LINE + b"Content-Type: application/json\r\nContent-Length: 900\r\n"
CHUNKED = STATUS_LINE + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n" * 1000
HUGE_BYTES = 500_000_000


def connections() -> Iterator[Fault]:
    def met(name: str, expected: Fails, ground: Ground) -> Fault:
        return Fault(name, "connection", sound, expected, ground=ground)

    yield met("connection refused", SOURCE, nobody)
    yield met("connection never accepted", SOURCE, full)
    yield met("name unknown", SOURCE, named("nobody.test"))
    yield met("name resolved too late", SOURCE, named("slow.test"))
    yield met("name of this machine", CONFIG, named("inner.test"))
    yield met("name of a link-local address", CONFIG, named("near.test"))
    yield Fault(
        "name rebound to this machine",
        "connection",
        _closing,
        CONFIG,
        strikes="any",
        ground=rebound,
    )


def tls() -> Iterator[Fault]:
    grounds = {
        "certificate expired": certified("expired"),
        "certificate of another host": certified("elsewhere"),
        "certificate self-signed": certified("self-signed"),
        "TLS 1.0 only": outdated,
        "reset in the handshake": greeted(greet_with_reset),
        "silence in the handshake": greeted(greet_with_silence),
        "plain HTTP in place of TLS": greeted(greet_in_plain),
    }
    for name, ground in grounds.items():
        yield Fault(name, "tls", sound, SOURCE, ground=ground)


def times() -> Iterator[Fault]:
    acts: dict[str, Act] = {
        "silence": Exchange.hush,
        "status line drips": lambda it: it.drip(b"HTTP/1.1 200 OK" + b"K" * 900),
        "headers drip": lambda it: it.drip(HEADERS + b"X-Filler: " + b"y" * 900),
        "headers without an end": lambda it: it.drip(STATUS_LINE + b"X: y\r\n" * 200),
        "body drips": lambda it: _after(it, HEADERS + b"\r\n", it.drip, b"[" + b" " * 899),
        "chunks drip": lambda it: _after(it, CHUNKED, it.drip, b"1\r\n[\r\n" * 99),
        "packed body drips": lambda it: _after(it, PACKED + b"\r\n", it.drip, b"\x1f" * 900),
        "one byte and silence": lambda it: _hushed(it, HEADERS + b"\r\n["),
        "half the headers and silence": lambda it: _hushed(it, HEADERS),
        "interim answers for ever": lambda it: it.pour(INTERIM, 10**9),
    }
    for name, act in acts.items():
        yield Fault(name, "time", act, SOURCE)


PACKED = HEADERS + b"Content-Encoding: gzip\r\n"


def lengths() -> Iterator[Fault]:
    acts: dict[str, Act] = {
        "hang-up without an answer": lambda it: it.last(b""),
        "reset without an answer": Exchange.reset,
        "reset in the headers": lambda it: _after(it, HEADERS, it.reset),
        "reset in the body": lambda it: _after(it, _half(it), it.reset),
        "truncated, with a length": lambda it: it.last(_half(it)),
        "truncated in a chunk": lambda it: it.last(CHUNKED + b"ff\r\n" + it.speak().body[:9]),
        "truncated between chunks": lambda it: it.last(CHUNKED + _chunk(it.speak().body)),
        "ends when the connection does": lambda it: it.last(_open_ended(it)),
        "length that is no number": lambda it: it.last(_with_length(it, "many")),
        "length below zero": lambda it: it.last(_with_length(it, "-1")),
        "two lengths": lambda it: it.last(_with_length(it, "5, 900")),
        "no HTTP": lambda it: it.last(b"SSH-2.0-OpenSSH_9.2\r\n"),
    }
    for name, act in acts.items():
        yield Fault(name, "length", act, SOURCE)
    yield Fault("answer too many", "length", _twice, Passes())
    # A server that closes what was kept open, just when it is asked once more.
    yield Fault("hang-up at first", "length", _at_first(lambda it: it.last(b"")), Passes())


def floods() -> Iterator[Fault]:
    length = {"Content-Length": str(HUGE_BYTES)}
    times = HUGE_BYTES // len(CHUNK)
    huge = head(Served(), length)
    yield Fault("500 MB", "length", lambda it: _after(it, huge, it.pour, CHUNK, times), CONTENT)
    chunk = _chunk(CHUNK)
    yield Fault(
        "chunks for ever", "length", lambda it: _after(it, CHUNKED, it.pour, chunk, 10**9), CONTENT
    )
    pours = {"headers": b"X: y\r\n" * 10_000, "one header": b"X" * 60_000}
    for name, data in pours.items():
        yield Fault(f"{name} for ever", "length", _pouring(STATUS_LINE, data), SOURCE)
    yield Fault("status line for ever", "length", _pouring(b"HTTP/1.1 200 ", CHUNK), SOURCE)
    refused = head(Served(status=500), length)
    yield Fault(
        "500 MB beside an error",
        "length",
        lambda it: _after(it, refused, it.pour, CHUNK, 99),
        SOURCE,
    )


def statuses() -> Iterator[Fault]:
    page = b"<html><h1>Bad gateway</h1></html>"
    said = {
        "status 500": as_json({"error": "no database"}, 500),
        "status 502 with a page": Served(page, 502, "text/html"),
        "status 429": as_json({}, 429),
        "status 404": as_json({"error": "no such thing"}, 404),
        "status 304": Served(status=304),
        "status 410": as_json({}, 410),
    }
    for name, served in said.items():
        but = {"unifi by key": CONFIG} if served.status == 404 else {}
        yield Fault(name, "status", _saying(served), SOURCE, but)
    yield Fault("status 204", "status", lambda it: it.answer(Served(status=204)), CONTENT)
    yield Fault("status 403", "status", _saying(as_json({}, 403)), AUTH)
    waits = {
        "status 429 for 120 s": (as_json({}, 429, Retry_After="120"), 120.0),
        "status 503 for a day": (as_json({}, 503, Retry_After="86400"), 86_400.0),
        "status 503 for a year": (as_json({}, 503, Retry_After="31536000"), 86_400.0),
        "status 429 until a time": (_until_a_time(timedelta(seconds=90)), 90.0),
        "status 429 until a time gone by": (_until_a_time(timedelta(days=-1)), 30.0),
    }
    for name, (served, wait_s) in waits.items():
        yield Fault(name, "status", _saying(served), Fails("source", wait_s))
    yield Fault("status 503 at first", "status", _at_first(_saying(as_json({}, 503))), Passes())
    yield from _words()


def _words() -> Iterator[Fault]:
    """What stands in the body of an error is heard, but not waited for."""
    yield Fault("status 500 and words that drip", "status", _wordy, SOURCE)
    busy = Fails("source", 60.0)
    for status in (200, 403, 429, 503):
        said = _saying(as_json({"busy": True, "error": "come again later"}, status))
        yield Fault(f"busy with status {status}", "status", said, busy, only=("http_json",))


def redirects() -> Iterator[Fault]:
    targets = {
        "redirect to this machine": "http://127.0.0.1:9/",
        "redirect to a link-local address": "http://169.254.169.254/latest/meta-data/",
        "redirect to a file": "file:///etc/passwd",
        "redirect to a scheme of its own": "gopher://127.0.0.1:70/",
        "redirect to no address": "http://[",
        "redirect to nowhere": "",
        "redirects in a circle": "?",
    }
    follows = {"redirects": 3}
    for name, target in targets.items():
        moved = Served(status=302, headers={"Location": target})
        yield Fault(name, "redirect", _saying(moved), SOURCE, source=follows)
    yield Fault("redirect to a login page", "redirect", _to_login, CONTENT, source=follows)
    to_login = Served(status=302, headers={"Location": "/login"})
    yield Fault("redirect that is not followed", "redirect", _saying(to_login), SOURCE)


def _saying(served: Served) -> Act:
    return lambda it: it.answer(served)


def _pouring(first: bytes, data: bytes) -> Act:
    return lambda it: _after(it, first, it.pour, data, 10**9)


def _after(it: Exchange, first: bytes, then: Callable[..., None], *args: object) -> None:
    it.send(first)
    then(*args)


def _hushed(it: Exchange, first: bytes) -> None:
    it.send(first)
    it.hush()


def _closing(it: Exchange) -> None:
    served = it.speak()
    closing: Mapping[str, str] = {**served.headers, "Connection": "close"}
    it.last(whole(Served(served.body, served.status, headers=closing)))


def _half(it: Exchange) -> bytes:
    """Headers that promise all of a sound answer, and half of it."""
    said = whole(it.speak())
    return said[: -len(it.speak().body) // 2]


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _open_ended(it: Exchange) -> bytes:
    served = it.speak()
    return head(served, {"Connection": "close"}) + served.body


def _with_length(it: Exchange, length: str) -> bytes:
    served = it.speak()
    lengths = [("Content-Length", each.strip()) for each in length.split(",")]
    lines = "".join(f"{name}: {text}\r\n" for name, text in lengths)
    return STATUS_LINE + lines.encode() + b"Content-Type: application/json\r\n\r\n" + served.body


def _wordy(it: Exchange) -> None:
    _after(it, head(Served(status=500), {"Content-Length": "900"}), it.drip, b"{" * 900)


def _at_first(act: Act) -> Act:
    """So once, and then as always."""
    return lambda it: it.answer(it.speak()) if it.turn else act(it)


def _twice(it: Exchange) -> None:
    """The answer, and at once another that nobody asked for."""
    more = Served(b"{}")
    it.send(whole(it.speak()) + whole(more))


def _until_a_time(ahead: timedelta) -> Served:
    """The clock of the source is years behind: only the span between its two dates counts."""
    now = datetime(2021, 3, 4, 5, 6, 7, tzinfo=UTC)
    dates = {"Date": now, "Retry-After": now + ahead}
    headers = {name: format_datetime(date, usegmt=True) for name, date in dates.items()}
    return Served(b"{}", 429, headers=headers)


def _to_login(it: Exchange) -> None:
    if "signin" in it.asked.query:
        it.answer(LOGIN_PAGE)
    else:
        it.answer(Served(status=302, headers={"Location": "?signin=1"}))
