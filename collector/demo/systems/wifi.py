"""A classic UniFi Network controller: login by cookie, sites, devices, health."""

import json
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from collector.clock import DAY_US
from collector.demo.counts import Year
from collector.demo.province import event_of
from collector.demo.systems.base import (
    Asked,
    Latest,
    Served,
    json_answer,
    out_of_order,
)

# Whose hotspots a site has: (site, what the controller calls it, agency).
SITES = (
    ("default", "Bảo tàng và Thư viện tỉnh", "so-vhttdl"),
    ("t0hiewq1", "Thành phố Sơn La", "thanh-pho"),
    ("ph5yenk2", "Phù Yên", "huyen-phu-yen"),
    ("m0cchau3", "Mộc Châu", "huyen-moc-chau"),
    ("ma1sonr4", "Mai Sơn", "huyen-mai-son"),
    ("va8hott5", "Vân Hồ", "huyen-van-ho"),
)
SESSION_LIFE_US = 30 * DAY_US
_COOKIE = "unifises"
_SWITCH_CLIENTS = 14


class Wifi:
    name = "wifi"

    def __init__(self, year: Year) -> None:
        self._year = year
        self._username = "chiso-readonly"
        self._password = secrets.token_urlsafe(18)
        self._sessions: dict[str, int] = {}
        self._lock = threading.Lock()
        self._sites = Latest(self._sites_at)

    def environment(self, url: str) -> dict[str, str]:
        return {
            "WIFI_URL": url,
            "WIFI_USERNAME": self._username,
            "WIFI_PASSWORD": self._password,
        }

    def answer(self, asked: Asked) -> Served:
        outage = event_of("outage", self.name, asked.at_us)
        if outage is not None:
            return out_of_order(outage)
        if asked.path == "/":
            # By this, and not by a page, is a classic controller told from a UniFi OS console.
            return Served(302, b"", "text/plain", (("Location", "/manage"),))
        if asked.method == "POST" and asked.path == "/api/login":
            return self._login(asked)
        if not self._knows(asked):
            return _refused("api.err.LoginRequired", 401)
        return self._data(asked)

    def _login(self, asked: Asked) -> Served:
        try:
            given = json.loads(asked.body)
            pair = f"{given['username']}:{given['password']}".encode()
        except (ValueError, LookupError, TypeError):
            return _refused("api.err.Invalid", 400)
        if not secrets.compare_digest(pair, f"{self._username}:{self._password}".encode()):
            return _refused("api.err.Invalid", 400)
        session = secrets.token_urlsafe(24)
        with self._lock:
            live = {known: end for known, end in self._sessions.items() if end > asked.at_us}
            self._sessions = live | {session: asked.at_us + SESSION_LIFE_US}
        cookie = ("Set-Cookie", f"{_COOKIE}={session}; Path=/; HttpOnly")
        return json_answer(_enveloped([]), headers=(cookie,))

    def _knows(self, asked: Asked) -> bool:
        pairs = (part.strip().partition("=") for part in asked.headers.get("cookie", "").split(";"))
        session = next((value for name, _, value in pairs if name == _COOKIE), "")
        return self._sessions.get(session, 0) > asked.at_us

    def _data(self, asked: Asked) -> Served:
        sites = self._sites.at(asked.at_us)
        if asked.path == "/api/self/sites":
            return json_answer(_enveloped([_site(name, title) for name, title, _ in SITES]))
        path = asked.path.removeprefix("/api/s/")
        site, _, what = path.partition("/")
        if site not in sites or what not in sites[site]:
            return _refused(
                "api.err.NoSiteContext" if site not in sites else "api.err.NotFound", 404
            )
        return json_answer(_enveloped(sites[site][what]))

    def _sites_at(self, at_us: int) -> Mapping[str, Mapping[str, list[dict[str, Any]]]]:
        made = {}
        for name, _, agency in SITES:
            devices = _devices(name, *self._state(agency, at_us))
            made[name] = {"stat/device": devices, "stat/health": _health(devices)}
        return made

    def _state(self, agency: str, at_us: int) -> tuple[int, int, int]:
        counts = (
            self._year.at(agency, metric, at_us)
            for metric in ("wifi_hotspots", "wifi_hotspots_online", "wifi_clients")
        )
        total, online, clients = (count if isinstance(count, int) else 0 for count in counts)
        return total, online, clients


def _devices(site: str, total: int, online: int, clients: int) -> list[dict[str, Any]]:
    """Access points, and beside them a switch with clients of its own and a plug of type uap."""
    each, more = divmod(clients, online) if online else (0, 0)
    points = [
        _access_point(site, number, up=number < online, clients=each + (number < more))
        for number in range(total)
    ]
    switch = {"type": "usw", "model": "US24", "state": 1, "num_sta": _SWITCH_CLIENTS}
    plug = {"type": "uap", "model": "UP1", "state": 1, "num_sta": 0, "radio_table": []}
    return [*points, _device(site, 900, switch), _device(site, 901, plug)]


def _access_point(site: str, number: int, *, up: bool, clients: int) -> dict[str, Any]:
    radios = [{"name": "ra0", "radio": "ng"}, {"name": "rai0", "radio": "na"}]
    state = {"state": 1 if up else 0, "num_sta": clients if up else 0}
    return _device(site, number, {"type": "uap", "model": "U7LR", "radio_table": radios, **state})


def _device(site: str, number: int, rest: dict[str, Any]) -> dict[str, Any]:
    place = [name for name, _, _ in SITES].index(site)
    mac = f"02:00:00:{place:02x}:{number // 256:02x}:{number % 256:02x}"
    return {"_id": f"{place:08x}{number:016x}", "mac": mac, "adopted": True, **rest}


def _health(devices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    points = [device for device in devices if device.get("radio_table")]
    online = sum(point["state"] == 1 for point in points)
    wlan = {
        "subsystem": "wlan",
        "status": "ok" if online == len(points) else "warning",
        "num_user": 0,
        "num_guest": sum(point["num_sta"] for point in points),
        "num_iot": 0,
        "num_ap": online,
        "num_adopted": len(points),
        "num_disabled": 0,
        "num_disconnected": len(points) - online,
        "num_pending": 0,
    }
    lan = {"subsystem": "lan", "status": "ok", "num_user": _SWITCH_CLIENTS, "num_sw": 1}
    return [wlan, lan]


def _site(name: str, title: str) -> dict[str, Any]:
    return {"_id": f"site-{name}", "name": name, "desc": title, "role": "readonly"}


def _enveloped(data: list[dict[str, Any]]) -> dict[str, Any]:
    return {"meta": {"rc": "ok"}, "data": data}


def _refused(message: str, status: int) -> Served:
    return json_answer({"meta": {"rc": "error", "msg": message}, "data": []}, status=status)
