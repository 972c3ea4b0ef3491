"""Access points and clients by site from a UniFi Network controller, classic or on UniFi OS."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from pydantic import ByteSize, Field

from connectors.auth import Login
from connectors.base import Answer, Ask, Observation, PeriodKind, SourceError
from connectors.http import Http, HttpOptions, Limits, Reply
from connectors.numbers import read_number
from connectors.reply import retry_after_s

Count = Literal["access_points", "access_points_online", "clients"]
Flavour = Literal["classic", "unifi_os"]
_Counts: TypeAlias = Mapping[Count, Decimal]
_Rows: TypeAlias = list[dict[str, Any]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOGIN_PATHS: Mapping[Flavour, str] = {"classic": "/api/login", "unifi_os": "/api/auth/login"}
_PREFIXES: Mapping[Flavour, str] = {"classic": "", "unifi_os": "/proxy/network"}
_LOGIN_REQUIRED = "api.err.LoginRequired"
_FOUND, _BAD, _UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _SECOND_FACTOR = 302, 400, 401, 403, 429, 499


class Unifi(HttpOptions):
    """Counts of the moment, one observation a metric and agency.

    `sites` maps a site's name, id or description to our agency id; those of one agency add up.
    Access points are adopted devices of type uap that have radios: smart plugs have that type
    too. Clients are those of the access points, for gateways and switches count the same ones.
    `online_states` are the states of a device that count as online; 1 is connected, and whether
    upgrading (4), provisioning (5) or a missed heartbeat (6) do too is the owner's to say.
    `count_from: health` takes the controller's own sums, in one small answer a site.
    """

    auth: Login
    limits: Limits = Limits(max_bytes=ByteSize(20_000_000))
    flavour: Literal["auto", "classic", "unifi_os"] = "auto"
    sites: dict[str, str] = Field(min_length=1)
    metrics: dict[str, Count] = Field(min_length=1)
    count_from: Literal["devices", "health"] = "devices"
    online_states: tuple[int, ...] = (1,)

    @property
    def agency_system(self) -> str | None:
        return None

    def agencies(self) -> frozenset[str]:
        return frozenset(self.sites.values())

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset((metric, None) for metric in self.metrics)

    def observe(self, ask: Ask) -> Answer:
        """Ask for every site; SourceError when one is not there or cannot be read."""
        controller = Controller(ask.http, self.auth, self.flavour)
        names = site_names(self.sites, controller.rows("/api/self/sites"))
        found: dict[str, _Rows] = {
            site: controller.rows(f"/api/s/{quote(name, safe='')}/stat/{self._report()}")
            for site, name in names.items()
        }
        counts = {site: self._counts(site, rows) for site, rows in found.items()}
        data_us = (ask.now - _EPOCH) // timedelta(microseconds=1)
        return Answer(
            observations=tuple(self._observations(counts, data_us)),
            received=sum(len(rows) for rows in found.values()),
            digest=controller.digest(),
        )

    def _report(self) -> str:
        return "device" if self.count_from == "devices" else "health"

    def _counts(self, site: str, rows: _Rows) -> _Counts:
        if self.count_from == "devices":
            return count_devices(rows, site, frozenset(self.online_states))
        return count_health(rows, site)

    def _observations(self, counts: Mapping[str, _Counts], data_us: int) -> Iterator[Observation]:
        for agency in dict.fromkeys(self.sites.values()):
            sites = [site for site, its in self.sites.items() if its == agency]
            where = f"site {', '.join(sites)}"
            for metric, count in self.metrics.items():
                value = sum((counts[site][count] for site in sites), Decimal(0))
                yield Observation(metric, agency, None, data_us, value, where)


def site_names(sites: Iterable[str], rows: _Rows) -> dict[str, str]:
    """The controller's name of each site that we name by its name, id or description."""
    names: dict[str, str] = {}
    for site in sites:
        name = _site_name(site, rows)
        if name in names.values():
            raise SourceError(f"site {site!r} is named twice under sites", reason="config")
        names[site] = name
    return names


def _site_name(site: str, rows: _Rows) -> str:
    for key in ("name", "_id", "desc"):
        found = [row.get("name") for row in rows if row.get(key) == site]
        if len(found) > 1:
            raise SourceError(f"{len(found)} sites have the {key} {site!r}", reason="content")
        if found and isinstance(found[0], str):
            return found[0]
    known = ", ".join(sorted(f"{row.get('name')} ({row.get('desc')})" for row in rows))
    there = f"it shows {known}" if known else "it shows none to this account"
    raise SourceError(f"the controller has no site {site!r}; {there}", reason="content")


def count_devices(rows: _Rows, site: str, online_states: frozenset[int]) -> _Counts:
    """Of the rows of stat/device."""
    points = [row for row in rows if _is_access_point(row)]
    online = [_number(row, "state", site) in online_states for row in points]
    # One that is away may say nothing of clients; one that is there must.
    heard = [row for row, is_on in zip(points, online, strict=True) if is_on or "num_sta" in row]
    return {
        "access_points": Decimal(len(points)),
        "access_points_online": Decimal(sum(online)),
        "clients": sum((_number(row, "num_sta", site) for row in heard), Decimal(0)),
    }


def count_health(rows: _Rows, site: str) -> _Counts:
    """Of the rows of stat/health."""
    found = [row for row in rows if row.get("subsystem") == "wlan"]
    if len(found) != 1:
        raise SourceError(f"site {site}: {len(found)} rows of subsystem wlan", reason="content")
    wlan = {"num_guest": 0, "num_iot": 0} | found[0]
    clients = (_number(wlan, key, site) for key in ("num_user", "num_guest", "num_iot"))
    return {
        "access_points": _number(wlan, "num_adopted", site),
        "access_points_online": _number(wlan, "num_ap", site),
        "clients": sum(clients, Decimal(0)),
    }


def _is_access_point(row: Mapping[str, Any]) -> bool:
    has_radios = row.get("type") == "uap" and bool(row.get("radio_table"))
    return has_radios and row.get("adopted") is not False


def _number(row: Mapping[str, Any], key: str, site: str) -> Decimal:
    value = read_number(row.get(key), "plain")
    if isinstance(value, str) or not value.is_finite():
        of = row.get("name") or row.get("mac") or row.get("subsystem")
        raise SourceError(f"site {site}: {key} of {of} is {value}", reason="content")
    return value


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

    def rows(self, path: str) -> _Rows:
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


def _data(reply: Reply, answer: Any) -> _Rows:
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
