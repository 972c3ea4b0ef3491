from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Answer, SourceError
from connectors.http import NO_WAIT
from connectors.unifi import Unifi
from tests.connectors.asking import NOW, ask_with, asking, observe
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json

BASE = "/proxy/network/integration/v1"
KEY = "planted-key"
CENTRE, MARKET = "88f7af54-98f8-306a-a1c7-c9349722b1f6", "0c1d2e3f-98f8-306a-a1c7-c9349722b1f7"
METRICS = {
    "wifi_hotspots": "access_points",
    "wifi_hotspots_online": "access_points_online",
    "wifi_clients": "clients",
}


def device(name: str, state: str | None = "ONLINE", **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "model": "U6 Pro", "state": state} | more


def access_points(count: int, state: str = "ONLINE") -> list[dict[str, Any]]:
    return [device(f"{state}-{n}", state, features=["accessPoint"]) for n in range(count)]


SWITCH = device("switch", features=["switching"])
WALL_PLUG_WITH_PORTS = device("hall", features=["switching", "accessPoint"])
MODEM = device("modem")


def client(number: int, kind: str = "WIRELESS") -> dict[str, Any]:
    return {"id": f"client-{number}", "type": kind}


@dataclass
class FakeConsole:
    """Answers as the official interface does, `size` rows a page at most."""

    devices: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            CENTRE: [
                *access_points(3),
                *access_points(1, "OFFLINE"),
                *access_points(1, "PENDING_ADOPTION"),
                SWITCH,
                WALL_PLUG_WITH_PORTS,
                MODEM,
            ],
            MARKET: access_points(5),
        }
    )
    clients: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            CENTRE: [*(client(n) for n in range(6)), client(9, "WIRED"), client(10, "VPN")],
            MARKET: [],
        }
    )
    size: int = 4

    def __call__(self, asked: Asked) -> Served:
        if asked.headers.get("x-api-key") != KEY:
            body = {"statusCode": 401, "code": "api.authentication.missing-credentials"}
            return as_json(body, 401)
        match asked.path.removeprefix(BASE).split("/"):
            case ["", "sites"]:
                return self.page(asked, self.sites())
            case ["", "sites", site, "devices"]:
                return self.page(asked, self.devices[site])
            case ["", "sites", site, "clients"]:
                assert asked.query["filter"] == "type.eq('WIRELESS')"
                rows = [row for row in self.clients[site] if row["type"] == "WIRELESS"]
                return self.page(asked, rows)
        return as_json({"statusCode": 404, "message": "not found"}, 404)

    def sites(self) -> list[dict[str, Any]]:
        return [
            {"id": CENTRE, "internalReference": "default", "name": "Trung tâm"},
            {"id": MARKET, "internalReference": "abc123", "name": "Chợ"},
        ]

    def page(self, asked: Asked, rows: list[dict[str, Any]]) -> Served:
        offset, limit = int(asked.query["offset"]), min(int(asked.query["limit"]), self.size)
        data = rows[offset : offset + limit]
        told = {"offset": offset, "limit": limit, "count": len(data), "totalCount": len(rows)}
        return as_json(told | {"data": data})


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIFI_KEY", KEY)


def unifi(url: str, **options: Any) -> Unifi:
    given = {
        "base_url": url,
        "allow": ["base_url"],
        "auth": {"type": "api_key", "key": {"env": "UNIFI_KEY"}},
        "limits": NO_WAIT,
        "sites": {"Trung tâm": "so-tttt", "abc123": "huyen-moc-chau"},
        "metrics": METRICS,
    }
    return Unifi.model_validate(given | options)


def values(answer: Answer) -> dict[tuple[str, str], Decimal | str]:
    return {(seen.metric, seen.agency): seen.value for seen in answer.observations}


def failure(connector: Unifi) -> SourceError:
    with pytest.raises(SourceError) as caught:
        observe(connector)
    assert "planted" not in repr(caught.value)
    return caught.value


def test_a_key_counts_access_points_and_wireless_clients_page_by_page(
    source_server: SourceServer,
) -> None:
    source_server.answer = FakeConsole()

    answer = observe(unifi(source_server.url))

    assert values(answer) == {
        ("wifi_hotspots", "so-tttt"): 5,
        ("wifi_hotspots_online", "so-tttt"): 4,
        ("wifi_clients", "so-tttt"): 6,
        ("wifi_hotspots", "huyen-moc-chau"): 5,
        ("wifi_hotspots_online", "huyen-moc-chau"): 5,
        ("wifi_clients", "huyen-moc-chau"): 0,
    }
    assert {seen.data_us for seen in answer.observations} == {int(NOW.timestamp()) * 1_000_000}
    assert answer.observations[0].where == "site Trung tâm"
    assert (answer.received, answer.complete) == (17, True)


def test_there_is_no_login_and_the_key_is_not_shown(source_server: SourceServer) -> None:
    source_server.answer = FakeConsole(size=200)
    connector = unifi(source_server.url, sites={"default": "so-tttt"})

    with asking(connector) as http:
        connector.observe(ask_with(http))

    assert len(http.requests) == 3
    assert "planted" not in repr(http.requests)
    assert source_server.paths() == [
        f"{BASE}/sites",
        f"{BASE}/sites/{CENTRE}/devices",
        f"{BASE}/sites/{CENTRE}/clients",
    ]


def test_only_what_a_metric_counts_is_asked_for(source_server: SourceServer) -> None:
    source_server.answer = FakeConsole(size=200)
    sites = {"default": "so-tttt"}

    clients = observe(unifi(source_server.url, sites=sites, metrics={"wifi_clients": "clients"}))

    assert values(clients) == {("wifi_clients", "so-tttt"): 6}
    assert source_server.paths() == [f"{BASE}/sites", f"{BASE}/sites/{CENTRE}/clients"]


@pytest.mark.parametrize("site", ["Trung tâm", "default", CENTRE])
def test_a_site_is_known_by_its_name_its_reference_or_its_id(
    source_server: SourceServer, site: str
) -> None:
    source_server.answer = FakeConsole()

    answer = observe(unifi(source_server.url, sites={site: "so-tttt"}))

    assert values(answer)["wifi_hotspots", "so-tttt"] == 5


def test_a_site_that_the_console_does_not_have_is_named(source_server: SourceServer) -> None:
    source_server.answer = FakeConsole()

    error = failure(unifi(source_server.url, sites={"market": "so-tttt"}))

    assert error.reason == "content"
    assert "no site 'market'; it shows Chợ (abc123), Trung tâm (default)" in str(error)


def test_which_states_are_online_is_the_owners_to_say(source_server: SourceServer) -> None:
    console = FakeConsole(devices={CENTRE: [*access_points(2), *access_points(1, "UPDATING")]})
    source_server.answer = console
    options = {"sites": {CENTRE: "so-tttt"}, "metrics": {"online": "access_points_online"}}

    strict = observe(unifi(source_server.url, **options))
    mild = observe(unifi(source_server.url, online_states=["ONLINE", "UPDATING"], **options))

    assert values(strict) == {("online", "so-tttt"): 2}
    assert values(mild) == {("online", "so-tttt"): 3}


def told(rows: list[dict[str, Any]], **figures: Any) -> Served:
    usual = {"offset": 0, "limit": 200, "count": len(rows), "totalCount": len(rows)}
    return as_json(usual | {"data": rows} | figures)


POINTS = access_points(2)
BROKEN_DEVICES = [
    told(POINTS, totalCount=3),
    told(POINTS, count=1),
    told(POINTS, totalCount=-1),
    told(POINTS, totalCount=None),
    told(POINTS, count="many"),
    told(POINTS, data=None),
    told(POINTS, data=[1, 2]),
    told([device("ap", features="accessPoint")]),
    told([device("ap", features=["accessPoint"], state=None)]),
    as_json([]),
    Served(b"{"),
    LOGIN_PAGE,
]


@pytest.mark.parametrize("served", BROKEN_DEVICES)
def test_devices_that_are_not_whole_are_no_answer(
    source_server: SourceServer, served: Served
) -> None:
    console = FakeConsole()
    source_server.answer = lambda asked: (
        served if asked.path.endswith("devices") else console(asked)
    )

    assert failure(unifi(source_server.url, sites={CENTRE: "so-tttt"})).reason == "content"


BROKEN_CLIENTS = [
    told([client(1), client(2, "WIRED")]),
    told([client(1)], totalCount=0),
    told([], totalCount=7),
    told([client(1)], count=7),
    told([client(1)], totalCount=True),
    told([client(1)], totalCount="9"),
    told([client(1)], totalCount=10**29),
]


@pytest.mark.parametrize("served", BROKEN_CLIENTS)
def test_clients_that_are_not_what_was_asked_for_are_no_answer(
    source_server: SourceServer, served: Served
) -> None:
    console = FakeConsole()
    source_server.answer = lambda asked: (
        served if asked.path.endswith("clients") else console(asked)
    )

    assert failure(unifi(source_server.url, sites={CENTRE: "so-tttt"})).reason == "content"


def test_a_pager_that_never_ends_is_left(source_server: SourceServer) -> None:
    console = FakeConsole()
    same = told(access_points(1), totalCount=1000)
    source_server.answer = lambda asked: same if asked.path.endswith("devices") else console(asked)

    assert failure(unifi(source_server.url)).reason == "content"
    assert len(source_server.asked) == 3


def test_a_total_that_changes_between_pages_is_no_answer(source_server: SourceServer) -> None:
    console = FakeConsole()

    def growing(asked: Asked) -> Served:
        if asked.path.endswith("devices"):
            console.devices[CENTRE].append(device(f"new-{len(console.devices[CENTRE])}"))
        return console(asked)

    source_server.answer = growing

    assert "the total changed" in str(failure(unifi(source_server.url)))


def test_a_key_that_is_refused_is_an_error_of_authentication(
    source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNIFI_KEY", "planted-wrong")
    source_server.answer = FakeConsole()

    assert failure(unifi(source_server.url)).reason == "auth"
    assert len(source_server.asked) == 1


def test_a_console_too_old_for_the_interface_is_an_error_of_configuration(
    source_server: SourceServer,
) -> None:
    source_server.answer = lambda _: Served(b"not found", 404, "text/plain")

    error = failure(unifi(source_server.url))

    assert error.reason == "config"
    assert "Network 9.0 or newer" in str(error)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"flavour": "classic"}, "neither flavour classic nor count_from health"),
        ({"count_from": "health"}, "neither flavour classic nor count_from health"),
        ({"online_states": [1]}, "online_states are words with an API key"),
        ({"online_states": ["AWAKE"]}, "online_states"),
        (
            {
                "auth": {"type": "login", "username": "u", "password": {"env": "UNIFI_KEY"}},
                "online_states": ["ONLINE"],
            },
            "numbers without one",
        ),
    ],
)
def test_options_of_the_other_interface_are_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        unifi("https://console.example", **options)
