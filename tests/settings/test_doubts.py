"""What of a source's options can be seen to be wrong before anything is asked."""

from pathlib import Path
from typing import Any

import pytest

from collector.settings.findings import Finding
from collector.settings.load import inspect
from tests.makers import Draft, drafted, named

SNMP = {
    "connector": "snmp",
    "agency": "so-tttt",
    "auth": {"type": "v2c", "community": {"env": "COMMUNITY"}},
    "counts": {"up": {"scalar": ["1.3.6.1.2.1.1.7.0"]}},
    "metrics": {"spots": "up"},
}

LOOPBACK = "is a loopback address that `allow` does not name: write `allow: base_url`"


def findings(draft: Draft, folder: Path) -> tuple[Finding, ...]:
    environ = {"COMMUNITY": "public"}
    _, found = inspect(draft.write(folder / "config"), environ)
    return tuple(one for one in found if one.place.key.startswith("sources."))


def over_http(url: str, **options: Any) -> Draft:
    draft = drafted(url, **options)
    if "allow" not in options:
        del draft.sources["counts"]["allow"]
    return draft


@pytest.mark.parametrize(
    ("options", "key", "missing"),
    [
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file", "/nowhere/ca.pem"),
        (
            {"client_cert": {"cert": "/nowhere/own.pem", "key": "/dev/null"}},
            "client_cert.cert",
            "/nowhere/own.pem",
        ),
    ],
)
def test_a_certificate_that_is_not_there_is_told_with_its_line(
    tmp_path: Path, options: dict[str, Any], key: str, missing: str
) -> None:
    """The service runs all the same: another machine may have it."""
    draft = over_http("https://register.example", **options)

    finding = next(one for one in findings(draft, tmp_path) if "no file" in one.problem)

    assert (finding.severity, finding.problem) == ("warning", f"there is no file {missing}")
    assert finding.place.key == f"sources.counts.{key}"
    text = finding.place.file.read_text(encoding="utf-8").splitlines()[finding.place.line - 1]
    assert key.rpartition(".")[2] in text


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:8080", f"127.0.0.1 {LOOPBACK}"),
        ("http://localhost", f"127.0.0.1 {LOOPBACK}"),
        ("http://[::1]:8080", f"::1 {LOOPBACK}"),
        ("http://169.254.169.254", "169.254.169.254 is a link-local address that `allow` does not"),
    ],
)
def test_an_address_that_is_never_asked_is_an_error_with_its_line(
    tmp_path: Path, url: str, problem: str
) -> None:
    (finding,) = findings(over_http(url), tmp_path)

    assert finding.severity == "error"
    assert finding.problem.startswith(problem)
    assert finding.place.key == "sources.counts.base_url"
    assert finding.place.line > 1


def test_an_address_outside_the_allowed_networks_is_one_too(tmp_path: Path) -> None:
    draft = over_http("http://10.1.2.3", allow=["10.20.0.0/16"])

    assert [one.problem for one in findings(draft, tmp_path)] == [
        "10.1.2.3 is outside the allowed networks"
    ]


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://127.0.0.1:8080", {"allow": ["base_url"]}),
        ("http://127.0.0.1:8080", {"allow": ["127.0.0.0/8"]}),
        ("http://10.1.2.3", {}),
        ("http://register.example", {}),
        ("http://127.0.0.1:8080", {"proxy": "http://proxy.example:3128"}),
    ],
)
def test_an_address_that_may_be_asked_is_well(
    tmp_path: Path, url: str, options: dict[str, Any]
) -> None:
    assert findings(over_http(url, **options), tmp_path) == ()


def test_a_proxy_that_is_never_asked_is_an_error(tmp_path: Path) -> None:
    draft = over_http("http://register.example", proxy="http://127.0.0.1:3128")

    (finding,) = findings(draft, tmp_path)

    assert (finding.severity, finding.place.key) == ("error", "sources.counts.proxy")


@pytest.mark.parametrize(("host", "count"), [("127.0.0.1", 1), ("10.1.2.3", 0), ("ap.example", 0)])
def test_a_device_that_is_never_asked_is_an_error(tmp_path: Path, host: str, count: int) -> None:
    draft = over_http("https://register.example")
    common = ("owner", "schedule", "freshness")
    own = {key: draft.sources["counts"][key] for key in common}
    draft.sources["device"] = {**own, "name": named("Mạng", "Net"), "host": host, **SNMP}

    found = [one for one in findings(draft, tmp_path) if one.place.key == "sources.device.host"]

    assert [one.severity for one in found] == ["error"] * count
