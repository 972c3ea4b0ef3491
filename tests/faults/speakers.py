"""Sound sources in the protocol of each connector over HTTP, and how each is configured."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.faults.fault_server import Act, Part
from tests.makers import AGENCIES, Tree
from tests.source_server import Asked, Served, as_json

ROWS_A_PAGE = 2
SECRET = "planted-secret"
TOKEN = "planted-token"
DATA_AT = "2024-10-16T08:00:00Z"
ZONE_NAME = "Sơn La"
LOGIN_PATHS = frozenset({"/token", "/api/login"})


@dataclass(frozen=True)
class Row:
    """What is said of an agency: `value` is a piece of JSON, written into the answer as it is."""

    code: str
    value: str
    at: str = DATA_AT


Rows = Sequence[Row]
# What is said before a fault, and what would be said then without it.
OLD: Rows = tuple(Row(f"H{number}", str(1000 + number)) for number in range(len(AGENCIES)))
NEW: Rows = tuple(Row(f"H{number}", str(2000 + number)) for number in range(len(AGENCIES)))


@dataclass(frozen=True)
class Speaker:
    """One way of speaking: `options` are the source's own keys for a metric, `kind` the metric's.

    `answer` takes what was asked and the rows; it answers logins too.
    """

    connector: str
    kind: str
    options: Callable[[str], Tree]
    is_data: Callable[[Asked], bool]
    answer: Callable[[Asked, Rows], Served]

    def part(self, act: Act, strikes: str) -> Part:
        """What a server serves of it under a name."""
        struck: dict[str, Callable[[Asked], bool]] = {
            "data": self.is_data,
            "login": lambda asked: asked.path in LOGIN_PATHS,
            "any": lambda _: True,
        }
        return Part(
            before=lambda asked: self.answer(asked, OLD),
            after=lambda asked, rows=NEW: self.answer(asked, rows),
            strikes=struck[strikes],
            act=act,
        )


def _json(value: Any, rows: Rows) -> Served:
    """JSON in which the text @N stands for the value of the row of that place."""
    text = json.dumps(value, ensure_ascii=False)
    for place, row in enumerate(rows):
        text = text.replace(f'"@{place}@"', row.value)
    return Served(text.encode())


def _page(asked: Asked, name: str, rows: Rows) -> list[int]:
    start = (int(asked.query[name]) - 1) * ROWS_A_PAGE
    return list(range(len(rows)))[start : start + ROWS_A_PAGE]


# Any JSON, with a token that it is asked for first.

OAUTH = {
    "type": "oauth2_client_credentials",
    "token_url": "/token",
    "client_id": "chiso",
    "client_secret": {"env": "FAULT_SECRET"},
}


def _http_json_options(metric: str) -> Tree:
    return {
        "auth": OAUTH,
        "requests": [
            {
                "path": "/rows",
                "window": {"period": "year"},
                "pages": {
                    "type": "page_number",
                    "param": "page",
                    "size": ROWS_A_PAGE,
                    "total": "total",
                },
                "ok_when": "!error",
                "busy_when": "busy",
                "error_message": "error",
                "records": "rows",
                "data_at": "at",
                "agency": {"code": "code", "system": "register"},
                "metrics": {metric: {"path": "n", "on_null": "error"}},
            }
        ],
    }


def _http_json(asked: Asked, rows: Rows) -> Served:
    if asked.path == "/token":
        return _token()
    if not _has_token(asked):
        return as_json({"error": "who are you?"}, 401)
    shown = [
        {"code": rows[place].code, "name": ZONE_NAME, "n": f"@{place}@", "at": rows[place].at}
        for place in _page(asked, "page", rows)
    ]
    return _json({"rows": shown, "total": len(rows)}, rows)


def _token() -> Served:
    return as_json({"access_token": TOKEN, "expires_in": 3600})


def _has_token(asked: Asked) -> bool:
    return asked.headers.get("authorization") == f"Bearer {TOKEN}"


# The portal: a bare array of objects whose values are text.


def _dichvucong_options(metric: str) -> Tree:
    return {
        "auth": OAUTH,
        "agency": {"system": "register"},
        "page_size": ROWS_A_PAGE,
        "metrics": {metric: "CKMB"},
    }


def _dichvucong(asked: Asked, rows: Rows) -> Served:
    if asked.path == "/token":
        return _token()
    if not _has_token(asked):
        return as_json([], 401)
    page = asked.query.get("page") or str(json.loads(asked.form["params"])["pageIndex"])
    paged = Asked(asked.method, asked.path, {"page": page}, asked.headers, b"", asked.peer)
    shown = [
        {"MA_COQUAN": rows[place].code, "TEN": ZONE_NAME, "CKMB": f"@{place}@"}
        for place in _page(paged, "page", rows)
    ]
    return _json(shown, [_as_text(row) for row in rows])


def _as_text(row: Row) -> Row:
    return Row(row.code, f'"{row.value}"' if row.value.isdigit() else row.value)


# A controller as its own pages ask it: a login, a cookie, and a report of each site.

SITES = {f"H{number}": agency for number, agency in enumerate(AGENCIES)}


def _unifi_options(metric: str) -> Tree:
    password = {"env": "FAULT_SECRET"}
    return {
        "auth": {"type": "login", "username": "reader", "password": password},
        "sites": SITES,
        "metrics": {metric: "clients"},
    }


def _unifi(asked: Asked, rows: Rows) -> Served:
    if asked.path == "/":
        return Served(status=302, headers={"Location": "/manage"})
    if asked.path == "/api/login":
        cookie = {"Set-Cookie": f"unifises={TOKEN}; Path=/"}
        return Served(b'{"meta":{"rc":"ok"},"data":[]}', headers=cookie)
    if f"unifises={TOKEN}" not in asked.headers.get("cookie", ""):
        return as_json({"meta": {"rc": "error", "msg": "api.err.LoginRequired"}, "data": []}, 401)
    if asked.path == "/api/self/sites":
        return _controller([{"_id": row.code, "name": row.code} for row in rows], rows)
    site = asked.path.split("/")[3]
    return _controller([_point(place) for place, row in enumerate(rows) if row.code == site], rows)


def _controller(data: Any, rows: Rows) -> Served:
    return _json({"meta": {"rc": "ok"}, "data": data}, rows)


def _point(place: int) -> Tree:
    state = {"adopted": True, "state": 1, "radio_table": [{}]}
    return {"type": "uap", "name": ZONE_NAME, "num_sta": f"@{place}@", **state}


# A console by its official interface: pages with totals, and a key.


def _console_options(metric: str) -> Tree:
    return {
        "auth": {"type": "api_key", "key": {"env": "FAULT_SECRET"}},
        "sites": SITES,
        "metrics": {metric: "clients"},
    }


def _console(asked: Asked, rows: Rows) -> Served:
    if asked.headers.get("x-api-key") != SECRET:
        return as_json({"message": "Unauthorized"}, 401)
    parts = asked.path.split("/")
    if parts[-1] == "clients":
        place = next(place for place, row in enumerate(rows) if row.code == parts[-2])
        one = {"id": "1", "name": ZONE_NAME, "type": "WIRELESS"}
        page = {"offset": 0, "limit": 200, "count": 1, "totalCount": f"@{place}@", "data": [one]}
        return _json(page, rows)
    start = int(asked.query["offset"])
    found = [{"id": row.code, "name": row.code} for row in rows[start : start + ROWS_A_PAGE]]
    return as_json(
        {"offset": start, "count": len(found), "totalCount": len(rows), "data": found},
    )


SPEAKERS: dict[str, Speaker] = {
    "http_json": Speaker(
        "http_json",
        "period_total",
        _http_json_options,
        lambda asked: asked.path == "/rows",
        _http_json,
    ),
    "dichvucong": Speaker(
        "dichvucong",
        "period_total",
        _dichvucong_options,
        lambda asked: asked.path == "/jsp/rest.jsp",
        _dichvucong,
    ),
    "unifi": Speaker(
        "unifi",
        "gauge",
        _unifi_options,
        lambda asked: asked.path.startswith("/api/s"),
        _unifi,
    ),
    "unifi by key": Speaker(
        "unifi",
        "gauge",
        _console_options,
        lambda asked: asked.path.startswith("/proxy/network/integration/"),
        _console,
    ),
}
