"""Our own certificate, where a source asks for one."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from tests.connectors.asking import Bare, asking, bare
from tests.source_server import SourceServer, as_json, serving


@pytest.fixture
def guarded(ca_file: Path, tls: ssl.SSLContext) -> Iterator[SourceServer]:
    """Talks only to who shows the one certificate that it knows."""
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(ca_file)
    with serving(tls=tls) as server:
        server.answer = lambda _: as_json(["in"])
        yield server


def certified(url: str, ca_file: Path, **more: Any) -> Bare:
    return bare(url, ca_file=ca_file, auth={"type": "mtls"}, **more)


def test_a_source_that_asks_for_our_certificate_is_shown_it(
    guarded: SourceServer, ca_file: Path
) -> None:
    own = {"cert": ca_file, "key": ca_file.with_name("key.pem")}

    with asking(certified(guarded.url, ca_file, client_cert=own)) as http:
        assert http.send("GET", "/stat").json() == ["in"]


def test_without_it_there_is_no_answer(guarded: SourceServer, ca_file: Path) -> None:
    with asking(bare(guarded.url, ca_file=ca_file)) as http, pytest.raises(SourceError) as caught:
        http.send("GET", "/stat")

    assert caught.value.reason == "source"
    assert guarded.asked == []


@pytest.mark.parametrize("missing", ["cert", "key"])
def test_a_certificate_that_is_not_there_is_an_error_of_the_configuration(
    guarded: SourceServer, ca_file: Path, missing: str
) -> None:
    own = {"cert": ca_file, "key": ca_file.with_name("key.pem")} | {missing: Path("/no/such.pem")}

    with (
        asking(certified(guarded.url, ca_file, client_cert=own)) as http,
        pytest.raises(SourceError, match=rf"client_cert\.{missing}: there is no file") as caught,
    ):
        http.send("GET", "/stat")

    assert caught.value.reason == "config"


def test_a_source_proved_by_a_certificate_has_one() -> None:
    with pytest.raises(ValidationError, match="client_cert"):
        bare("https://portal.example", auth={"type": "mtls"})
