"""Where a source may lie: however an inner address is spelt, it is not connected to by accident."""

import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from connectors.fetch.addresses import Allowed
from connectors.http import Client
from tests.connectors.asking import asking, bare
from tests.source_server import SourceServer, as_json

SPELLINGS = [
    *("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1"),
    *("0177.0.0.1", "0177.1", "017700000001", "0", "localhost", "LOCALHOST"),
    "0.0.0.0",  # noqa: S104  what is refused here, nothing binds to
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]"),
    *("169.254.169.254", "0xa9fea9fe", "2852039166", "[::ffff:169.254.169.254]"),
    *("[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("224.0.0.1", "255.255.255.255", "[ff02::1]"),
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_inner_address_is_not_connected_to_however_it_is_spelt(
    source_server: SourceServer, host: str
) -> None:
    options = bare(f"http://{host}:{source_server.port}", allow=[])

    with asking(options) as http, pytest.raises(SourceError, match="`allow`") as caught:
        http.send("GET", "/stat")

    assert caught.value.reason == "config"
    assert source_server.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]"])
def test_an_inner_address_that_is_allowed_is_asked(source_server: SourceServer, host: str) -> None:
    source_server.says(as_json([]))
    options = bare(f"http://{host}:{source_server.port}", allow=["127.0.0.0/8"])

    with asking(options) as http:
        http.send("GET", "/stat")

    assert len(source_server.asked) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_base_url_can_allow_the_address_that_it_spells_out(
    source_server: SourceServer, host: str
) -> None:
    source_server.says(as_json([]))

    with asking(bare(f"http://{host}:{source_server.port}", allow="base_url")) as http:
        http.send("GET", "/stat")

    assert len(source_server.asked) == 1


def test_base_url_allows_no_other_address(source_server: SourceServer) -> None:
    auth = {
        "type": "oauth2_client_credentials",
        "token_url": f"http://127.0.0.2:{source_server.port}/token",
        "client_id": "chiso",
        "client_secret": {"file": __file__},
    }

    with (
        asking(bare(source_server.url, auth=auth)) as http,
        pytest.raises(SourceError, match=r"127\.0\.0\.2 is a loopback address"),
    ):
        http.send("GET", "/stat")

    assert source_server.asked == []


def test_a_name_that_only_looks_like_base_url_is_no_leave(source_server: SourceServer) -> None:
    options = bare(f"http://127.1:{source_server.port}", allow=["base_url"])

    with asking(options) as http, pytest.raises(SourceError, match="loopback"):
        http.send("GET", "/stat")


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.16.0.9", "192.168.1.1", "203.0.113.7", "2001:db8::1", "fd12::7"]
)
def test_private_and_public_addresses_are_allowed(address: str) -> None:
    assert Allowed().refusal(address) is None


def test_networks_leave_out_all_others() -> None:
    allowed = bare("https://portal.example", allow="10.20.0.0/16, 2001:db8::/32").allowed()

    assert allowed.refusal("10.20.255.1") is None
    assert allowed.refusal("::ffff:10.20.0.1") is None
    assert allowed.refusal("2001:db8::5") is None
    assert allowed.refusal("10.21.0.1") == "is outside the allowed networks"
    assert allowed.refusal("fe80::1%eth0") == "is outside the allowed networks"


@pytest.mark.parametrize("allow", [["10.0.0.0/99"], ["somewhere"], 7, "base_url,no"])
def test_a_network_that_is_none_is_refused(allow: Any) -> None:
    with pytest.raises(ValidationError):
        bare("https://portal.example", allow=allow)


def test_a_name_that_moves_inside_leads_nowhere_not_allowed(source_server: SourceServer) -> None:
    source_server.says(as_json([]), as_json([]))
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2", "127.0.0.1"]])
    options = bare(f"http://portal.test:{source_server.port}", allow=["127.0.0.1/32"])
    client = Client(options, lookup=lambda _name, _port: next(answers))
    http = client.begin(threading.Event())

    # Looked up once a connection: between the check and the connecting there is nothing to move.
    http.send("GET", "/first")
    client.close()
    with pytest.raises(SourceError, match=r"portal\.test is outside") as caught:
        http.send("GET", "/second")
    http.send("GET", "/third")
    client.close()

    assert caught.value.reason == "config"
    assert [asked.path for asked in source_server.asked] == ["/first", "/third"]
    assert next(answers, None) is None


def test_whom_the_system_connects_to_decides_not_whom_it_was_asked_for(
    source_server: SourceServer,
) -> None:
    """A system takes 0.0.0.0 for its own loopback address, which no network here allows."""
    options = bare(f"http://portal.test:{source_server.port}", allow=["0.0.0.0/32"])
    client = Client(options, lookup=lambda _name, _port: ["0.0.0.0"])  # noqa: S104  asked for

    with pytest.raises(SourceError, match=r"leads to 127\.0\.0\.1, which is outside") as caught:
        client.begin(threading.Event()).send("GET", "/stat")
    client.close()

    assert caught.value.reason == "config"
    assert source_server.asked == []


def test_a_look_up_that_hangs_ends_with_the_run(source_server: SourceServer) -> None:
    over = threading.Event()

    def hangs(_name: str, _port: int) -> list[str]:
        over.wait(30)
        return ["127.0.0.1"]

    limits = {"total_s": 0.3, "connect_s": 30, "attempts": 4, "wait_s": 0}
    options = bare(f"http://portal.test:{source_server.port}", limits=limits)
    client = Client(options, lookup=hangs)
    began_s = time.monotonic()

    with pytest.raises(SourceError) as caught:
        client.begin(threading.Event()).send("GET", "/stat")
    taken_s = time.monotonic() - began_s
    over.set()
    client.close()

    assert caught.value.reason == "source"
    assert taken_s < 0.8
    assert source_server.asked == []


def test_what_a_proxy_resolves_is_its_own_affair(source_server: SourceServer) -> None:
    source_server.says(as_json([]))

    with asking(bare("http://portal.invalid", proxy=source_server.url, allow=[])) as http:
        http.send("GET", "/stat")

    assert urlsplit(http.requests[0].url).hostname == "portal.invalid"
