import json
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Answer, Ask, SourceError
from connectors.http import NO_WAIT, Client
from connectors.unifi import Flavour, Unifi
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, as_json, serving

RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "unifi"
NOW = datetime(2024, 10, 16, 2, 0, tzinfo=UTC)
NOW_US = 1_729_044_000_000_000
METRICS = {
    "wifi_hotspots": "access_points",
    "wifi_hotspots_online": "access_points_online",
    "wifi_clients": "clients",
}
SITES = {"default": "so-tttt", "abc123": "huyen-moc-chau"}
RADIOS = [{"radio": "ng", "name": "wifi0"}, {"radio": "na", "name": "wifi1"}]


def access_point(num_sta: int, state: int = 1, **more: Any) -> dict[str, Any]:
    radios = {"type": "uap", "model": "U7PG2", "adopted": True, "radio_table": RADIOS}
    return {"name": "ap", "num_sta": num_sta, "state": state, **radios, **more}


PLUG = {"type": "uap", "model": "UP1", "name": "plug", "state": 1, "num_sta": 1, "adopted": True}
STRIP = {**PLUG, "model": "UP6", "radio_table": []}
SWITCH = {"type": "usw", "model": "US24P250", "name": "switch", "state": 1, "num_sta": 20}
GATEWAY = {"type": "ugw", "model": "UGW3", "name": "gateway", "state": 1, "num_sta": 4}


@dataclass
class FakeController:
    """Answers as a controller of either kind does; sites lists (name, id, description)."""

    flavour: Flavour
    sites: list[tuple[str, str, str]] = field(
        default_factory=lambda: [
            ("default", "5e231c10931eb902acf25112", "Default"),
            ("abc123", "5e231c10931eb902acf25113", "Mộc Châu"),
        ]
    )
    devices: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            "default": [access_point(7), access_point(5), access_point(0, 0), PLUG, STRIP, SWITCH],
            "abc123": [access_point(3), GATEWAY],
        }
    )
    health: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    open_sessions: set[str] = field(default_factory=set)
    logins: int = 0

    def __call__(self, asked: Asked) -> Served:
        if asked.path == "/":
            return self._root()
        if asked.path == {"classic": "/api/login", "unifi_os": "/api/auth/login"}[self.flavour]:
            return self._login(asked)
        prefix = {"classic": "/api", "unifi_os": "/proxy/network/api"}[self.flavour]
        if not asked.path.startswith(prefix + "/"):
            return as_json({"meta": {"rc": "error", "msg": "api.err.NotFound"}}, 404)
        if not self.open_sessions & set(asked.headers.get("cookie", "").split("; ")):
            return as_json({"meta": {"rc": "error", "msg": "api.err.LoginRequired"}}, 401)
        return self._data(asked.path.removeprefix(prefix))

    def _root(self) -> Served:
        if self.flavour == "classic":
            return Served(b"", 302, headers={"Location": "/manage"})
        return Served(b"<!doctype html><html></html>", content_type="text/html")

    def _login(self, asked: Asked) -> Served:
        self.logins += 1
        if (asked.json["username"], asked.json["password"]) != ("chiso", "right"):
            return as_json({"meta": {"rc": "error", "msg": "api.err.Invalid"}}, 400)
        cookie = f"unifises=s{self.logins}"
        self.open_sessions = {cookie}
        if self.flavour == "classic":
            return as_json({"meta": {"rc": "ok"}, "data": []}, Set_Cookie=f"{cookie}; Path=/")
        user = {"username": "chiso", "status": "ACTIVE"}
        return as_json(user, Set_Cookie=f"{cookie}; Path=/", X_CSRF_Token=f"csrf{self.logins}")

    def _data(self, path: str) -> Served:
        if path == "/self/sites":
            rows = [{"name": name, "_id": id_, "desc": desc} for name, id_, desc in self.sites]
            return ok(rows, X_Updated_CSRF_Token="csrf-new")
        _, _, site, _, report = path.split("/")
        reports = {"device": self.devices, "health": self.health}
        return ok(reports[report][site])


def ok(rows: list[dict[str, Any]], **headers: str) -> Served:
    return as_json({"meta": {"rc": "ok"}, "data": rows}, 200, **headers)


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with serving() as served:
        yield served


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIFI_USERNAME", "chiso")
    monkeypatch.setenv("WIFI_PASSWORD", "right")


def unifi(server: SourceServer, **options: Any) -> Unifi:
    auth = {
        "type": "login",
        "username": {"env": "WIFI_USERNAME"},
        "password": {"env": "WIFI_PASSWORD"},
    }
    given = {
        "base_url": server.url,
        "allow": ["base_url"],
        "auth": auth,
        "limits": NO_WAIT,
        "sites": SITES,
        "metrics": METRICS,
    }
    return Unifi.model_validate(given | options)


def pull(connector: Unifi) -> Answer:
    with closing(Client(connector)) as client:
        return pull_through(client, connector)


def pull_through(client: Client, connector: Unifi) -> Answer:
    stop = threading.Event()
    return connector.observe(Ask(client.begin(stop), (), NOW, (), frozenset(), stop))


def values(answer: Answer) -> dict[tuple[str, str], Decimal | str]:
    return {(seen.metric, seen.agency): seen.value for seen in answer.observations}


@pytest.mark.parametrize("flavour", ["classic", "unifi_os"])
def test_both_kinds_of_controller_are_found_out_and_count_access_points_alone(
    server: SourceServer, flavour: Flavour
) -> None:
    server.answer = FakeController(flavour)

    answer = pull(unifi(server))

    assert values(answer) == {
        ("wifi_hotspots", "so-tttt"): 3,
        ("wifi_hotspots_online", "so-tttt"): 2,
        ("wifi_clients", "so-tttt"): 12,
        ("wifi_hotspots", "huyen-moc-chau"): 1,
        ("wifi_hotspots_online", "huyen-moc-chau"): 1,
        ("wifi_clients", "huyen-moc-chau"): 3,
    }
    assert {seen.data_us for seen in answer.observations} == {NOW_US}
    assert {seen.period for seen in answer.observations} == {None}
    assert answer.observations[0].where == "site default"
    assert (answer.received, answer.declared, answer.complete) == (8, None, True)


def test_a_controller_whose_kind_is_given_is_not_asked_for_it(server: SourceServer) -> None:
    server.answer = FakeController("unifi_os")

    pull(unifi(server, flavour="unifi_os"))

    assert server.paths() == [
        "/proxy/network/api/self/sites",
        "/api/auth/login",
        "/proxy/network/api/self/sites",
        "/proxy/network/api/s/default/stat/device",
        "/proxy/network/api/s/abc123/stat/device",
    ]


@pytest.mark.parametrize("flavour", ["classic", "unifi_os"])
def test_a_session_serves_many_pulls(server: SourceServer, flavour: Flavour) -> None:
    controller = FakeController(flavour)
    server.answer = controller
    connector = unifi(server)

    with closing(Client(connector)) as client:
        first, second = pull_through(client, connector), pull_through(client, connector)

    assert controller.logins == 1
    assert values(first) == values(second)
    assert first.digest == second.digest  # what a login or a refusal says is not counted


def test_a_session_that_is_over_is_begun_again_once(server: SourceServer) -> None:
    controller = FakeController("classic")
    server.answer = controller
    connector = unifi(server)

    with closing(Client(connector)) as client:
        pull_through(client, connector)
        controller.open_sessions.clear()
        answer = pull_through(client, connector)

    assert controller.logins == 2
    assert len(answer.observations) == 6


def test_a_session_that_never_holds_is_begun_only_once_a_pull(server: SourceServer) -> None:
    logins = []

    def forgetful(asked: Asked) -> Served:
        if asked.path == "/api/login":
            logins.append(asked)
            return ok([])
        return as_json({"meta": {"rc": "error", "msg": "api.err.LoginRequired"}}, 401)

    server.answer = forgetful

    with pytest.raises(SourceError, match="refused right after a login") as caught:
        pull(unifi(server, flavour="classic"))

    assert len(logins) == 1
    assert (caught.value.reason, caught.value.permanent) == ("auth", True)


def test_a_session_that_ends_twice_in_one_pull_is_an_error(server: SourceServer) -> None:
    controller = FakeController("classic")

    def short_lived(asked: Asked) -> Served:
        if asked.path.endswith("/abc123/stat/device"):
            controller.open_sessions.clear()
        return controller(asked)

    server.answer = short_lived

    with pytest.raises(SourceError, match="ended the session it had just begun") as caught:
        pull(unifi(server))

    assert caught.value.reason == "auth"
    assert controller.logins == 1


def test_login_required_with_another_status_is_a_reason_to_log_in_too(
    server: SourceServer,
) -> None:
    controller = FakeController("classic")

    def odd(asked: Asked) -> Served:
        served = controller(asked)
        return Served(served.body, 400) if served.status == 401 else served

    server.answer = odd

    assert len(pull(unifi(server)).observations) == 6


def test_the_csrf_token_of_a_console_is_sent_back_and_replaced(server: SourceServer) -> None:
    server.answer = FakeController("unifi_os")

    pull(unifi(server))

    sent = [asked.headers.get("x-csrf-token") for asked in server.asked]
    assert sent == [None, None, None, "csrf1", "csrf-new", "csrf-new"]


@pytest.mark.parametrize(
    "served",
    [
        as_json({"code": "MFA_AUTH_REQUIRED"}, 499),
        Served(b"", 499),
        as_json({"meta": {"rc": "error", "msg": "api.err.Ubic2faTokenRequired"}}, 400),
        as_json({"meta": {"rc": "error", "msg": "api.err.Ubic2faTokenRequired"}}),
    ],
)
def test_a_login_that_wants_a_second_factor_says_what_to_do(
    server: SourceServer, served: Served
) -> None:
    server.says(as_json({}, 401), served)

    with pytest.raises(SourceError, match="local read-only account without MFA") as caught:
        pull(unifi(server, flavour="classic"))

    assert caught.value.reason == "auth"


def test_a_wrong_password_is_tried_once_and_never_shown(
    server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller = FakeController("classic")
    server.answer = controller
    monkeypatch.setenv("WIFI_PASSWORD", "wr0ng-and-secret")

    with pytest.raises(SourceError, match=r"login was refused: api\.err\.Invalid") as caught:
        pull(unifi(server))

    assert "wr0ng" not in str(caught.value)
    assert caught.value.reason == "auth"
    assert controller.logins == 1


def test_too_many_logins_are_not_followed_by_more(server: SourceServer) -> None:
    said = {"code": "AUTHENTICATION_FAILED_LIMIT_REACHED"}
    server.says(as_json({}, 401), as_json(said, 429, Retry_After="60"))

    with pytest.raises(SourceError, match="no more logins") as caught:
        pull(unifi(server, flavour="unifi_os"))

    assert caught.value.retry_after_s == 60
    assert len(server.asked) == 2


def test_a_missing_password_is_an_error_of_the_configuration(
    server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = FakeController("classic")
    monkeypatch.delenv("WIFI_PASSWORD")

    with pytest.raises(SourceError, match="WIFI_PASSWORD") as caught:
        pull(unifi(server))

    assert caught.value.reason == "config"


def test_sites_are_known_by_name_id_or_description_and_add_up_by_agency(
    server: SourceServer,
) -> None:
    server.answer = FakeController("classic")
    sites = {"5e231c10931eb902acf25112": "so-tttt", "Mộc Châu": "so-tttt"}

    answer = pull(unifi(server, sites=sites))

    assert values(answer) == {
        ("wifi_hotspots", "so-tttt"): 4,
        ("wifi_hotspots_online", "so-tttt"): 3,
        ("wifi_clients", "so-tttt"): 15,
    }
    assert answer.observations[0].where == "site 5e231c10931eb902acf25112, Mộc Châu"


def test_a_site_that_the_controller_does_not_have_is_named(server: SourceServer) -> None:
    server.answer = FakeController("classic")

    with pytest.raises(
        SourceError, match=r"no site 'abc124'; it shows abc123 \(Mộc Châu\), default"
    ) as caught:
        pull(unifi(server, sites={"abc124": "so-tttt"}))

    assert caught.value.reason == "content"


def test_an_account_that_sees_no_site_is_told_so(server: SourceServer) -> None:
    server.answer = FakeController("classic", sites=[])

    with pytest.raises(SourceError, match="none to this account"):
        pull(unifi(server))


def test_one_site_under_two_names_would_be_counted_twice_and_is_refused(
    server: SourceServer,
) -> None:
    server.answer = FakeController("classic")

    with pytest.raises(SourceError, match="named twice") as caught:
        pull(unifi(server, sites={"default": "so-tttt", "Default": "so-tttt"}))

    assert caught.value.reason == "config"


def test_a_description_that_two_sites_share_names_neither(server: SourceServer) -> None:
    server.answer = FakeController("classic", sites=[("a", "1", "Chợ"), ("b", "2", "Chợ")])

    with pytest.raises(SourceError, match="2 sites have the desc 'Chợ'"):
        pull(unifi(server, sites={"Chợ": "so-tttt"}))


def test_which_states_are_online_is_the_owners_to_say(server: SourceServer) -> None:
    devices = {"default": [access_point(1), access_point(1, 4), access_point(0, 6)]}
    server.answer = FakeController("classic", devices=devices)
    metrics = {"wifi_hotspots_online": "access_points_online"}
    sites = {"default": "so-tttt"}

    strict = pull(unifi(server, metrics=metrics, sites=sites))
    mild = pull(unifi(server, metrics=metrics, sites=sites, online_states=[1, 4, 6]))

    assert values(strict) == {("wifi_hotspots_online", "so-tttt"): 1}
    assert values(mild) == {("wifi_hotspots_online", "so-tttt"): 3}


def test_a_device_that_waits_for_adoption_is_not_an_access_point_yet(
    server: SourceServer,
) -> None:
    devices = {"default": [access_point(2), access_point(0, 2, adopted=False)]}
    server.answer = FakeController("classic", devices=devices)

    answer = pull(unifi(server, sites={"default": "so-tttt"}))

    assert values(answer)["wifi_hotspots", "so-tttt"] == 1


def test_a_gateway_with_radios_is_an_access_point_and_its_wired_clients_are_none(
    server: SourceServer,
) -> None:
    gateway = access_point(30, type="udm", name="gateway") | {"wlan-num_sta": 4}
    bare = {**gateway, "radio_table": []}
    server.answer = FakeController("classic", devices={"default": [access_point(2), gateway, bare]})

    answer = pull(unifi(server, sites={"default": "so-tttt"}))

    assert values(answer)["wifi_hotspots", "so-tttt"] == 2
    assert values(answer)["wifi_clients", "so-tttt"] == 6


def test_an_access_point_that_is_away_may_say_nothing_of_clients(server: SourceServer) -> None:
    away = access_point(0, 0)
    del away["num_sta"]
    server.answer = FakeController("classic", devices={"default": [access_point(2), away]})

    answer = pull(unifi(server, sites={"default": "so-tttt"}))

    assert values(answer)["wifi_clients", "so-tttt"] == 2


@pytest.mark.parametrize(("key", "value"), [("num_sta", None), ("num_sta", "many"), ("state", {})])
def test_a_figure_of_a_device_that_is_none_is_named(
    server: SourceServer, key: str, value: Any
) -> None:
    odd = access_point(2, name="hall") | {key: value}
    server.answer = FakeController("classic", devices={"default": [odd]})

    with pytest.raises(SourceError, match=f"site default: {key} of hall") as caught:
        pull(unifi(server, sites={"default": "so-tttt"}))

    assert caught.value.reason == "content"


def test_a_site_without_devices_counts_zero(server: SourceServer) -> None:
    server.answer = FakeController("classic", devices={"default": []})

    answer = pull(unifi(server, sites={"default": "so-tttt"}))

    assert set(values(answer).values()) == {Decimal(0)}


def test_the_controllers_own_sums_can_be_taken_instead(server: SourceServer) -> None:
    wlan = {"subsystem": "wlan", "num_adopted": 5, "num_ap": 4, "num_user": 7, "num_guest": 2}
    health = {"default": [{"subsystem": "wan", "num_sta": 99}, wlan | {"num_iot": 1}]}
    server.answer = FakeController("classic", health=health)

    answer = pull(unifi(server, sites={"default": "so-tttt"}, count_from="health"))

    assert values(answer) == {
        ("wifi_hotspots", "so-tttt"): 5,
        ("wifi_hotspots_online", "so-tttt"): 4,
        ("wifi_clients", "so-tttt"): 10,
    }


def test_health_without_wireless_is_an_error(server: SourceServer) -> None:
    server.answer = FakeController("classic", health={"default": [{"subsystem": "www"}]})

    with pytest.raises(SourceError, match="0 rows of subsystem wlan"):
        pull(unifi(server, sites={"default": "so-tttt"}, count_from="health"))


@pytest.mark.parametrize(
    ("served", "reason", "words"),
    [
        (as_json({"meta": {"rc": "error", "msg": "api.err.NoPermission"}}), "auth", "NoPermission"),
        (as_json({"meta": {"rc": "error", "msg": "api.err.Odd"}}, 400), "content", "api.err.Odd"),
        (as_json([]), "content", "neither ok nor an error"),
        (as_json({"meta": {"rc": "ok"}, "data": {}}), "content", "no list of objects"),
        (as_json({"meta": {"rc": "ok"}, "data": [1]}), "content", "no list of objects"),
        (LOGIN_PAGE, "content", "HTML page"),
        (as_json({}, 403), "auth", "403"),
    ],
)
def test_an_answer_that_is_none_is_an_error_and_never_a_count(
    server: SourceServer, served: Served, reason: str, words: str
) -> None:
    server.says(served)

    with pytest.raises(SourceError, match=words) as caught:
        pull(unifi(server, flavour="classic"))

    assert caught.value.reason == reason


def test_it_says_what_it_feeds_and_for_whom(server: SourceServer) -> None:
    connector = unifi(server)

    assert connector.feeds() == {(metric, None) for metric in METRICS}
    assert connector.agency_system is None
    assert connector.agencies() == {"so-tttt", "huyen-moc-chau"}


def test_other_ways_to_prove_who_asks_are_refused(server: SourceServer) -> None:
    with pytest.raises(ValidationError, match="login"):
        unifi(server, auth={"type": "none"})


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers beside the repository")
def test_recorded_devices_hold_one_access_point(server: SourceServer) -> None:
    kinds = ("uap", "usw", "ugw", "pdu")
    rows = [json.loads((RECORDED / f"{kind}-unpoller.json").read_bytes()) for kind in kinds]
    server.answer = FakeController("classic", devices={"default": rows})

    answer = pull(unifi(server, sites={"default": "so-tttt"}))

    assert values(answer) == {
        ("wifi_hotspots", "so-tttt"): 1,
        ("wifi_hotspots_online", "so-tttt"): 1,
        ("wifi_clients", "so-tttt"): rows[0]["num_sta"],
    }


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded answers beside the repository")
def test_recorded_health_sites_and_login_of_a_console_are_read(server: SourceServer) -> None:
    def recorded(asked: Asked) -> Served:
        if asked.path == "/api/auth/login":
            body = (RECORDED / "login-unifios-aiounifi.json").read_bytes()
            return Served(body, headers={"Set-Cookie": "TOKEN=t; Path=/; HttpOnly"})
        if asked.headers.get("cookie") != "TOKEN=t":
            return as_json({"code": 401, "message": "Unauthorized"}, 401)
        name = "self-sites-aiounifi" if asked.path.endswith("sites") else "stat-health-unpoller"
        return Served((RECORDED / f"{name}.json").read_bytes())

    server.answer = recorded
    options = {"sites": {"Default": "so-tttt"}, "count_from": "health", "flavour": "unifi_os"}

    answer = pull(unifi(server, **options))

    assert values(answer) == {
        ("wifi_hotspots", "so-tttt"): 1,
        ("wifi_hotspots_online", "so-tttt"): 1,
        ("wifi_clients", "so-tttt"): 7,
    }
