"""Faults in what is said: not what was asked for, packed wrongly, no JSON, or not for us."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tests.faults.expected import Expected, Fails, Holds, Passes
from tests.faults.fault_server import Act, Exchange
from tests.faults.faults import LOGINS, PAGED, Fault
from tests.faults.speakers import Row
from tests.source_server import LOGIN_PAGE, Served, as_json

SOURCE, CONTENT, AUTH = Fails("source"), Fails("content"), Fails("auth")
DEEP = 100_000
HTML = "text/html; charset=utf-8"
UNAUTHORIZED = as_json({"error": "who are you?"}, 401)


def contents() -> Iterator[Fault]:
    def met(name: str, act: Act, expected: Expected, **but: Expected) -> Fault:
        return Fault(name, "content", act, expected, but)

    yield met("login page", lambda it: it.answer(LOGIN_PAGE), CONTENT)
    yield met("nothing", lambda it: it.answer(Served()), CONTENT)
    yield met("blanks", lambda it: it.answer(Served(b" \r\n" * 99)), CONTENT)
    yield met("error in a good status", _saying(as_json({"error": "no database"})), CONTENT)
    # The portal itself labels its JSON so.
    yield met("JSON labelled as a page", _labelled(HTML), CONTENT, dichvucong=Passes())
    yield met("page labelled as JSON", _saying(replace(LOGIN_PAGE, content_type="a/json")), CONTENT)
    yield met("JSON labelled as bytes", _labelled("application/octet-stream"), Passes())
    yield met("byte order mark", _coded("utf-8-sig", ""), Passes())
    yield met("UTF-16", _coded("utf-16", ""), Passes())
    yield met("UTF-16 that is named", _coded("utf-16", "; charset=utf-16"), Passes())
    yield met("windows-1258 that is named", _coded("cp1258", "; charset=windows-1258"), Passes())
    yield met("windows-1258 that is not named", _coded("cp1258", ""), CONTENT)
    yield met("windows-1258 named UTF-8", _coded("cp1258", "; charset=utf-8"), CONTENT)
    yield met("charset that nobody knows", _coded("utf-8", "; charset=tcvn3"), CONTENT)
    yield met("fields of another version", _edited(_renamed), CONTENT)


def packings() -> Iterator[Fault]:
    def met(name: str, pack: Callable[[bytes], bytes], expected: Expected, of: str) -> Fault:
        return Fault(name, "packing", _packed(pack, of), expected)

    yield met("gzip", gzip.compress, Passes(), "gzip")
    # 200 MB of blanks in 200 kB, in members of 20 MB.
    bomb = gzip.compress(b" " * 20_000_000) * 10
    yield met("gzip bomb", lambda _: bomb, CONTENT, "gzip")
    yield met("gzip cut short", lambda body: gzip.compress(body)[:-9], SOURCE, "gzip")
    yield met("gzip that is none", lambda body: body, CONTENT, "gzip")
    yield met("gzip that is spoilt", lambda body: _spoilt(gzip.compress(body)), CONTENT, "gzip")
    yield met("gzip in gzip", lambda body: gzip.compress(gzip.compress(body)), CONTENT, "gzip")
    yield met("deflate", zlib.compress, CONTENT, "deflate")
    yield met("brotli", lambda body: body, CONTENT, "br")


def jsons() -> Iterator[Fault]:
    bodies = {
        "JSON cut short": b'[{"code": "H0", "n":',
        "JSON with more behind it": b'[{"code": "H0", "n": 1}] []',
        "JSON in single quotes": b"[{'code': 'H0', 'n': 1}]",
        "JSON 100,000 deep": b"[" * DEEP + b"]" * DEEP,
        "objects 100,000 deep": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        "the same key twice": b'[{"code": "H0", "code": "H1", "n": 1, "n": 2}]',
        "half a character": b'{"rows": ["\\ud800"], "total": 1}',
        "a NUL in a text": b'["\\u0000"]',
        "a bare word": b"null",
        "a bare NaN": b"NaN",
        "millions of empty arrays": b"[" + b"[]," * 1_600_000 + b"[]]",
        "millions of empty objects": b"[" + b"{}," * 1_600_000 + b"{}]",
        "a million decimals": b"[" + b"0.1," * 1_200_000 + b"1]",
        "a million texts": b"[" + b'"ab",' * 990_000 + b'""]',
        "a million keys": b"{" + b",".join(b'"%x":1' % n for n in range(480_000)) + b"}",
        "as many decimals as are read": b"[" + b"0.123456789012," * 330_000 + b"1]",
        "150,000 keys": b"{" + b",".join(b'"%x":1.5' % n for n in range(150_000)) + b"}",
        "one text of 4 MB": b'["' + "Ệ".encode() * 1_300_000 + b'"]',
    }
    for name, body in bodies.items():
        yield Fault(name, "json", _saying(Served(body)), CONTENT)


def pages() -> Iterator[Fault]:
    def met(name: str, act: Act, expected: Expected, only: tuple[str, ...] = PAGED) -> Fault:
        return Fault(name, "pages", act, expected, _console(expected), only=only)

    yield Fault("second page fails", "pages", _second(as_json({}, 500)), SOURCE)
    yield Fault("second page is a login page", "pages", _second(LOGIN_PAGE), CONTENT)
    yield met("first page again and again", _first_again, CONTENT)
    yield met("pages without an end", lambda it: it.answer(it.speak(MANY)), CONTENT)
    counted = ("http_json", "unifi by key")
    yield met("total that changes", _changing, CONTENT, counted)
    yield met("total too high", _edited(lambda body: _total(body, b"9")), Holds("partial"), counted)
    yield met("total too low", _edited(lambda body: _total(body, b"3")), Holds("partial"), counted)
    yield met("total that is none", _edited(lambda body: _total(body, b'"all"')), CONTENT, counted)
    yield met("total below zero", _edited(lambda body: _total(body, b"-5")), CONTENT, counted)


def auths() -> Iterator[Fault]:
    by_key = {"unifi by key": AUTH}
    yield Fault("token dies early", "auth", _refused_at(0), Passes(), by_key)
    yield Fault("token dies between pages", "auth", _refused_at(1), Passes(), by_key)
    yield Fault("token refused for ever", "auth", lambda it: it.answer(UNAUTHORIZED), AUTH)
    yield Fault("token known to half of the servers", "auth", _half_rotated, AUTH)

    def login(name: str, act: Act, expected: Expected, **but: Expected) -> Fault:
        return Fault(name, "auth", act, expected, but, only=LOGINS, strikes="login")

    yield login("login refused", lambda it: it.answer(UNAUTHORIZED), AUTH)
    yield login("login without a token", _saying(as_json({"ok": True})), AUTH)
    yield login("login answered by a page", lambda it: it.answer(LOGIN_PAGE), CONTENT, unifi=AUTH)
    yield login("login broken", _saying(as_json({}, 500)), SOURCE)
    yield login("login hangs", Exchange.hush, SOURCE)


MANY = tuple(Row(f"Z{number}", "1") for number in range(1000))


def _saying(served: Served) -> Act:
    return lambda it: it.answer(served)


def _labelled(content_type: str) -> Act:
    return lambda it: it.answer(replace(it.speak(), content_type=content_type))


def _edited(edit: Callable[[bytes], bytes]) -> Act:
    def act(it: Exchange) -> None:
        served = it.speak()
        it.answer(replace(served, body=edit(served.body)))

    return act


def _coded(codec: str, named: str) -> Act:
    def act(it: Exchange) -> None:
        served = it.speak()
        body = served.body.decode().encode(codec)
        it.answer(replace(served, body=body, content_type=f"application/json{named}"))

    return act


def _renamed(body: bytes) -> bytes:
    names = {b'"n"': b'"amount"', b'"CKMB"': b'"CK_MB"', b'"num_sta"': b'"clients"'}
    for name, other in (names | {b'"totalCount"': b'"total_count"'}).items():
        body = body.replace(name, other)
    return body


def _packed(pack: Callable[[bytes], bytes], of: str) -> Act:
    def act(it: Exchange) -> None:
        served = it.speak()
        named = {**served.headers, "Content-Encoding": of}
        it.answer(replace(served, body=pack(served.body), headers=named))

    return act


def _spoilt(packed: bytes) -> bytes:
    """Whole, but for one bit in the midst."""
    place = len(packed) // 2
    return packed[:place] + bytes([packed[place] ^ 16]) + packed[place + 1 :]


def _second(served: Served) -> Act:
    return lambda it: it.answer(it.speak() if it.turn == 0 else served)


def _first_again(it: Exchange) -> None:
    it.answer(it.speak(page="1", offset="0"))


def _changing(it: Exchange) -> None:
    served = it.speak()
    it.answer(replace(served, body=_total(served.body, b"5" if it.turn == 0 else b"6")))


def _total(body: bytes, total: bytes) -> bytes:
    for name in (b'"total": ', b'"totalCount": '):
        body = body.replace(name + b"5", name + total)
    return body


def _console(expected: Expected) -> Mapping[str, Expected]:
    """A console's total is held to by the connector itself."""
    return {"unifi by key": CONTENT} if isinstance(expected, Holds) else {}


def _refused_at(turn: int) -> Act:
    return lambda it: it.answer(UNAUTHORIZED if it.turn == turn else it.speak())


def _half_rotated(it: Exchange) -> None:
    it.answer(UNAUTHORIZED if it.turn % 2 else it.speak())
