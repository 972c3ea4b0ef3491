"""A UniFi console by its official interface: sites, devices and clients, page by page."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote

from connectors.base import SourceError
from connectors.fetch.options import Limits
from connectors.fetch.reply import Reply
from connectors.http import Http
from connectors.mapping.pages import Offset, Page, Turn, all_pages
from connectors.query import query_of
from connectors.unifi_sites import Count, Counts, Rows, site_names

DeviceState = Literal[
    "ONLINE",
    "OFFLINE",
    "PENDING_ADOPTION",
    "UPDATING",
    "GETTING_READY",
    "ADOPTING",
    "DELETING",
    "CONNECTION_INTERRUPTED",
    "ISOLATED",
    "U5G_INCORRECT_TOPOLOGY",
]

_BASE = "/proxy/network/integration/v1"
_SITES = "/sites"
_SITE_KEYS = ("name", "id", "internalReference")
_PAGES = Offset(
    type="offset",
    param="offset",
    size_param="limit",
    size=200,
    total=query_of("totalCount"),
    count=query_of("count"),
)
# Not of the network yet.
_WAITING = frozenset({"PENDING_ADOPTION", "ADOPTING"})
_WIRELESS = "WIRELESS"
_NOT_FOUND = 404
# No console has so many; as a figure it would be believed where no range is declared.
_ROWS_MAX = 10**9


class Integration:
    """One run's talk with a console. `received` counts the rows that counts were made of."""

    def __init__(
        self, http: Http, limits: Limits, states: Collection[object], wanted: Collection[Count]
    ) -> None:
        self._http = http
        self._limits = limits
        self._states = states
        self._wanted = wanted
        self.received = 0

    def sites(self, named: Mapping[str, str]) -> dict[str, str]:
        """The console's id of each site that `named` has."""
        return site_names(named, self._rows(_SITES), _SITE_KEYS, "id")

    def counts(self, site_id: str, site: str) -> Counts:
        """What is wanted of a site; SourceError(reason="content") for what is not as published."""
        path = f"{_SITES}/{quote(site_id, safe='')}"
        counts: dict[Count, Decimal] = {}
        if {"access_points", "access_points_online"} & set(self._wanted):
            devices = self._rows(f"{path}/devices")
            self.received += len(devices)
            counts |= _count_points(devices, site, self._states)
        if "clients" in self._wanted:
            counts["clients"] = self._wireless(f"{path}/clients", site)
        return counts

    def _rows(self, path: str) -> Rows:
        """All rows of all pages; the console says how many there are."""
        last: list[Page] = []

        def page_of(turn: Turn) -> Page:
            last[:] = [self._page(path, turn.params or {})]
            return last[0]

        whole = all_pages(_PAGES, page_of, self._limits)
        if len(whole.rows) != whole.declared:
            problem = f"says it has {whole.declared} rows and gave {len(whole.rows)}"
            raise SourceError(f"{last[0].reply.url}: {problem}", reason="content")
        return list(whole.rows)

    def _wireless(self, path: str, site: str) -> Decimal:
        """By the console's own total: there may be thousands, and their number is all we need."""
        asked = {"filter": f"type.eq('{_WIRELESS}')", "offset": 0, "limit": 200}
        page = self._page(path, asked)
        self.received += len(page.rows)
        if any(row.get("type") != _WIRELESS for row in page.rows):
            raise SourceError(f"site {site}: clients of other types came too", reason="content")
        total, count = (_figure(page, key) for key in ("totalCount", "count"))
        is_whole = total >= len(page.rows) if page.rows else total == 0
        if count != len(page.rows) or not is_whole:
            problem = f"{len(page.rows)} clients came, said to be {count} of {total}"
            raise SourceError(f"site {site}: {problem}", reason="content")
        return Decimal(total)

    def _page(self, path: str, asked: Mapping[str, object]) -> Page:
        query = [(name, str(value)) for name, value in asked.items()]
        accept = (_NOT_FOUND,) if path == _SITES else ()
        reply = self._http.send("GET", _BASE + path, query=query, accept=accept)
        if reply.status == _NOT_FOUND:
            problem = "there is no such interface; Network 9.0 or newer on UniFi OS has it"
            raise SourceError(f"{reply.url}: {problem}", reason="config")
        return Page(reply, body := reply.json(), _data(reply, body))


def _data(reply: Reply, body: Any) -> Rows:
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"{reply.url}: data is no list of objects", reason="content")
    return rows


def _figure(page: Page, key: str) -> int:
    raw = page.body.get(key)
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw < _ROWS_MAX:
        raise SourceError(f"{page.reply.url}: {key!r} is no number of rows", reason="content")
    return raw


def _count_points(devices: Rows, site: str, states: Collection[object]) -> dict[Count, Decimal]:
    points = [row for row in devices if "accessPoint" in _features(row, site)]
    found = [_state(row, site) for row in points]
    adopted = [state for state in found if state not in _WAITING]
    return {
        "access_points": Decimal(len(adopted)),
        "access_points_online": Decimal(sum(state in states for state in adopted)),
    }


def _features(row: Mapping[str, Any], site: str) -> list[Any]:
    """Of a device; some, such as modems, say nothing of features."""
    features = row.get("features", [])
    if not isinstance(features, list):
        raise SourceError(
            f"site {site}: features of {row.get('name')} are no list", reason="content"
        )
    return features


def _state(row: Mapping[str, Any], site: str) -> str:
    state = row.get("state")
    if not isinstance(state, str) or not state:
        raise SourceError(f"site {site}: state of {row.get('name')} is {state!r}", reason="content")
    return state.upper()
