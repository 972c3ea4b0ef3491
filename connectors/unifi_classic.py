"""A UniFi controller as its own pages ask it: a login, a session, and the reports of each site."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import quote

from connectors.base import SourceError
from connectors.fetch.auth import Login
from connectors.fetch.reply import Reply, retry_after_s
from connectors.http import Http
from connectors.unifi_sites import Counts, Rows, figure, site_names

Flavour = Literal["classic", "unifi_os"]
Report = Literal["device", "health"]

_LOGIN_PATHS: Mapping[Flavour, str] = {"classic": "/api/login", "unifi_os": "/api/auth/login"}
_PREFIXES: Mapping[Flavour, str] = {"classic": "", "unifi_os": "/proxy/network"}
_SITE_KEYS = ("name", "_id", "desc")
_LOGIN_REQUIRED = "api.err.LoginRequired"
_FOUND, _BAD, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SECOND_FACTOR = 302, 400, 401, 403, 429, 499


def count_devices(rows: Rows, site: str, online_states: Collection[object]) -> Counts:
    """Of the rows of stat/device."""
    points = [row for row in rows if _is_access_point(row)]
    online = [figure(row, "state", site) in online_states for row in points]
    # One that is away may say nothing of clients; one that is there must.
    heard = [
        row for row, is_on in zip(points, online, strict=True) if is_on or _clients_key(row) in row
    ]
    return {
        "access_points": Decimal(len(points)),
        "access_points_online": Decimal(sum(online)),
        "clients": sum((figure(row, _clients_key(row), site) for row in heard), Decimal(0)),
    }


def count_health(rows: Rows, site: str) -> Counts:
    """Of the rows of stat/health."""
    found = [row for row in rows if row.get("subsystem") == "wlan"]
    if len(found) != 1:
        raise SourceError(f"site {site}: {len(found)} rows of subsystem wlan", reason="content")
    wlan = {"num_guest": 0, "num_iot": 0} | found[0]
    clients = (figure(wlan, key, site) for key in ("num_user", "num_guest", "num_iot"))
    return {
        "access_points": figure(wlan, "num_adopted", site),
        "access_points_online": figure(wlan, "num_ap", site),
        "clients": sum(clients, Decimal(0)),
    }


def _is_access_point(row: Mapping[str, Any]) -> bool:
    """Smart plugs are of type uap too, but have no radios; most gateways have none either."""
    has_radios = row.get("type") in {"uap", "udm"} and bool(row.get("radio_table"))
    return has_radios and row.get("adopted") is not False


def _clients_key(row: Mapping[str, Any]) -> str:
    """A gateway with an access point in it counts its wired clients beside those of its radios."""
    return "wlan-num_sta" if row.get("type") == "udm" else "num_sta"


class Controller:
    """One run's talk with a controller; the session's cookie stays with the source's client."""

    def __init__(self, http: Http, login: Login, flavour: Literal["auto"] | Flavour) -> None:
        self._http = http
        self._login = login
        self._flavour = self._detected() if flavour == "auto" else flavour
        self._csrf: str | None = None
        self._may_log_in = True
        self._digest = sha256()

    def digest(self) -> str:
        """SHA-256 of the bodies used; those of logins and of refusals are not."""
        return self._digest.hexdigest()

    def sites(self, named: Mapping[str, str]) -> dict[str, str]:
        """The controller's own name of each site that `named` has."""
        return site_names(named, self.rows("/api/self/sites"), _SITE_KEYS, "name")

    def report(self, site: str, report: Report) -> Rows:
        return self.rows(f"/api/s/{quote(site, safe='')}/stat/{report}")

    def rows(self, path: str) -> Rows:
        """The data of one report; logs in only where the last session is over."""
        reply, answer = self._get(path)
        if _wants_login(reply, answer):
            self._log_in()
            reply, answer = self._get(path)
        rows = _data(reply, answer)
        self._digest.update(reply.body)
        return rows

    def _detected(self) -> Flavour:
        """A classic controller points from its root to /manage; UniFi OS shows a page there."""
        root = self._http.send("GET", "/", accept=(_FOUND,), counted=False)
        return "classic" if root.status == _FOUND else "unifi_os"

    def _get(self, path: str) -> tuple[Reply, Any]:
        reply = self._send("GET", _PREFIXES[self._flavour] + path, (_BAD, _UNAUTHORIZED))
        return reply, reply.json() if reply.status < _BAD else _excuse(reply)

    def _log_in(self) -> None:
        if not self._may_log_in:
            raise SourceError("the controller ended the session it had just begun", reason="auth")
        self._may_log_in = False
        body = {"username": self._login.name(), "password": self._login.password.reveal()}
        statuses = (_BAD, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SECOND_FACTOR)
        path = _LOGIN_PATHS[self._flavour]
        _judge_login(self._send("POST", path, statuses, json=body), self._flavour)

    def _send(self, method: str, path: str, accept: tuple[int, ...], json: Any = None) -> Reply:
        headers = {} if self._csrf is None else {"X-CSRF-Token": self._csrf}
        reply = self._http.send(
            method, path, headers=headers, json=json, accept=accept, counted=False
        )
        fresh = reply.headers.get("x-updated-csrf-token") or reply.headers.get("x-csrf-token")
        self._csrf = fresh or self._csrf
        return reply


def _judge_login(reply: Reply, flavour: Flavour) -> None:
    answer = _excuse(reply)
    said = _said(answer)
    if reply.status == _SECOND_FACTOR or any(word in said.lower() for word in ("2fa", "mfa")):
        problem = "the login asks for a second factor: use a local read-only account without MFA"
        raise SourceError(f"{reply.url}: {problem}", reason="auth")
    if reply.status == _TOO_MANY:
        wait_s = retry_after_s(reply.headers.get("retry-after"), datetime.now(UTC))
        problem = "the controller allows no more logins for now"
        raise SourceError(f"{reply.url}: {problem}", reason="auth", retry_after_s=wait_s)
    if reply.status >= _BAD or (flavour == "classic" and not _is_ok(answer)):
        told = f": {said}" if said else ""
        raise SourceError(f"{reply.url}: the login was refused{told}", reason="auth")


def _wants_login(reply: Reply, answer: Any) -> bool:
    return reply.status == _UNAUTHORIZED or _said(answer) == _LOGIN_REQUIRED


def _data(reply: Reply, answer: Any) -> Rows:
    if _wants_login(reply, answer):
        raise SourceError(f"{reply.url}: refused right after a login", reason="auth")
    if reply.status >= _BAD or not _is_ok(answer):
        said = _said(answer) or "neither ok nor an error"
        reason: Literal["auth", "content"] = "auth" if "NoPermission" in said else "content"
        raise SourceError(f"{reply.url}: the controller says {said}", reason=reason)
    rows = answer.get("data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"{reply.url}: data is no list of objects", reason="content")
    return rows


def _is_ok(answer: Any) -> bool:
    meta = answer.get("meta") if isinstance(answer, dict) else None
    return isinstance(meta, dict) and meta.get("rc") == "ok"


def _excuse(reply: Reply) -> Any:
    """The answer to a login or beside a bad status, which may be of any kind."""
    try:
        return reply.json()
    except SourceError:
        return None


def _said(answer: Any) -> str:
    """The controller's own word for what is wrong; empty where it has none."""
    if not isinstance(answer, dict):
        return ""
    meta = answer.get("meta")
    words = (meta.get("msg") if isinstance(meta, dict) else None, answer.get("code"))
    return next((word for word in words if isinstance(word, str)), "")
