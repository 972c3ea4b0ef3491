import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from connectors.base import Answer, Ask, SourceError
from connectors.snmp import Snmp
from tests.connectors.asking import NOW
from tests.connectors.snmp_device import (
    AUTH_KEY,
    PRIVACY_KEY,
    USER,
    Oids,
    Pairs,
    scripted,
    simulated,
)

ROOT = Path(__file__).parents[2]
RECORDED = ROOT.parent / "shared" / "data" / "snmp"
# The number that is set aside for examples.
VENDOR = "1.3.6.1.4.1.32473"
TOTAL, CLIENTS, NAME, NONE = (f"{VENDOR}.1.{number}.0" for number in (1, 2, 3, 9))
STATE, LOAD, EMPTY = (f"{VENDOR}.2.1.{column}" for column in (19, 20, 21))
MADE_UP = "\n".join(
    [
        "1.3.6.1.2.1.1.1.0|4|a made-up controller",
        f"{TOTAL}|66|4",
        f"{CLIENTS}|66|0",
        f"{NAME}|4|twelve",
        *(f"{STATE}.{row}|2|{state}" for row, state in enumerate([1, 1, 2, 1, 1], start=1)),
        *(f"{LOAD}.{row}|66|{load}" for row, load in enumerate([7, 0, 5], start=1)),
        f"{VENDOR}.3.1.1|2|1",
        "",
    ]
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A device that has the made-up walk, and the recorded ones where they are."""
    walks = {"made-up": MADE_UP} | {
        file.stem: file.read_text(encoding="utf-8") for file in RECORDED.glob("*.snmprec")
    }
    with simulated(tmp_path_factory.mktemp("snmp"), walks) as port:
        yield port


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMP_COMMUNITY", "made-up")
    monkeypatch.setenv("SNMP_PROOF", AUTH_KEY)
    monkeypatch.setenv("SNMP_HIDING", PRIVACY_KEY)


def snmp(port: int, counts: Mapping[str, Any], **options: Any) -> Snmp:
    given = {
        "host": "127.0.0.1",
        "port": port,
        "allow": ["host"],
        "auth": {"type": "v2c", "community": {"env": "SNMP_COMMUNITY"}},
        "limits": {"timeout_s": 2, "retries": 1, "total_s": 20},
        "agency": "so-tttt",
        "counts": counts,
        "metrics": {f"wifi_{name}": name for name in counts},
    }
    return Snmp.model_validate(given | options)


def ask_of(stop: threading.Event | None = None) -> Ask:
    return Ask(None, (), NOW, (), frozenset(), stop or threading.Event())


def pull(connector: Snmp, stop: threading.Event | None = None) -> Answer:
    return connector.observe(ask_of(stop))


def values(connector: Snmp) -> dict[str, Decimal | str]:
    found = pull(connector).observations
    assert {one.agency for one in found} <= {"so-tttt"}
    assert {one.period for one in found} <= {None}
    return {one.metric.removeprefix("wifi_"): one.value for one in found}


def failure(connector: Snmp, stop: threading.Event | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        pull(connector, stop)
    assert "planted" not in repr(caught.value)
    assert "made-up" not in repr(caught.value)
    return caught.value


def test_tables_and_scalars_are_counted(port: int) -> None:
    counts = {
        "points": {"table": STATE},
        "online": {"table": STATE, "equals": [1], "scalar": TOTAL},
        "clients": {"scalar": CLIENTS},
        "load": {"table": LOAD, "sum": True},
    }

    found = values(snmp(port, counts))

    assert found == {"points": 5, "online": 4, "clients": 0, "load": 12}


def test_each_question_is_kept_with_its_rows_and_its_time(port: int) -> None:
    counts = {
        "online": {"table": STATE, "equals": [1], "scalar": [NONE, TOTAL]},
        "clients": {"scalar": CLIENTS},
        "nothing": {"table": EMPTY},
    }
    connector, ask = snmp(port, counts), ask_of()

    connector.observe(ask)

    asked = ask.ledger.requests
    assert [f"{one.method} {one.url}" for one in asked] == list(connector.asks())
    # Of three scalars the device knows two.
    assert [(one.status, one.bytes, one.rows) for one in asked] == [
        (None, None, 2),
        (None, None, 5),
        (None, None, 0),
    ]
    assert all(0 < one.seconds < 20 for one in asked)


def test_a_question_that_nobody_answers_is_kept_without_rows(silent: int) -> None:
    ask = ask_of()
    connector = snmp(silent, {"points": {"scalar": TOTAL}}, limits={"total_s": 0.4})

    with pytest.raises(SourceError):
        connector.observe(ask)

    (asked,) = ask.ledger.requests
    assert (f"{asked.method} {asked.url}",) == connector.asks()
    assert asked.rows is None
    assert 0.2 < asked.seconds < 2.0


def test_an_answer_says_when_and_where_it_was_counted_and_has_the_same_digest(port: int) -> None:
    connector = snmp(port, {"online": {"table": STATE, "equals": [1], "scalar": TOTAL}})

    first, second = pull(connector), pull(connector)

    (observed,) = first.observations
    assert observed.data_us == int(NOW.timestamp()) * 1_000_000
    assert observed.where == f"online ({STATE} and {TOTAL})"
    assert (first.received, first.declared) == (6, None)
    assert first.digest == second.digest


def test_what_the_device_does_not_know_is_missing_and_not_zero(port: int) -> None:
    counts = {"scalar": {"scalar": NONE}, "table": {"table": EMPTY}, "clients": {"scalar": CLIENTS}}

    assert values(snmp(port, counts)) == {"clients": 0}


def test_a_table_is_counted_also_where_its_scalar_is_not_known(port: int) -> None:
    assert values(snmp(port, {"points": {"table": STATE, "scalar": NONE}})) == {"points": 5}


def test_an_empty_table_is_zero_where_its_scalar_says_so(port: int) -> None:
    assert values(snmp(port, {"clients": {"table": EMPTY, "scalar": CLIENTS}})) == {"clients": 0}


def test_an_empty_table_can_be_declared_zero_where_the_device_says_anything_else(port: int) -> None:
    clients = {"table": EMPTY, "when_empty": "zero"}

    assert values(snmp(port, {"clients": clients, "points": {"table": STATE}}))["clients"] == 0
    assert values(snmp(port, {"clients": clients})) == {}


def test_an_empty_table_where_the_scalar_says_more_is_no_answer(port: int) -> None:
    error = failure(snmp(port, {"points": {"table": EMPTY, "scalar": TOTAL}}))

    assert error.reason == "content"
    assert "has no rows, though a scalar says 4" in str(error)


def test_scalar_and_table_may_lie_apart_by_the_tolerance_and_no_more(port: int) -> None:
    points = {"table": STATE, "scalar": TOTAL}

    assert values(snmp(port, {"points": points | {"tolerance": 1}})) == {"points": 5}
    error = failure(snmp(port, {"points": points | {"tolerance": 0}}))

    assert error.reason == "content"
    assert "says 5 and the scalar 4" in str(error)


def test_a_column_of_text_cannot_be_added_up(port: int) -> None:
    error = failure(snmp(port, {"points": {"table": f"{VENDOR}.1", "sum": True}}))

    assert (error.reason, "has 'twelve' for a number" in str(error)) == ("content", True)


def test_it_says_what_it_feeds_and_for_whom() -> None:
    connector = snmp(161, {"points": {"scalar": TOTAL}})

    assert connector.feeds() == {("wifi_points", None)}
    assert connector.agencies() == {"so-tttt"}
    assert connector.agency_system is None


def test_of_several_scalars_the_first_that_is_known_counts(port: int) -> None:
    assert values(snmp(port, {"points": {"scalar": [NONE, TOTAL, CLIENTS]}})) == {"points": 4}


def test_a_scalar_that_is_no_number_stays_the_text_that_it_is(port: int) -> None:
    assert values(snmp(port, {"points": {"scalar": NAME}})) == {"points": "twelve"}


def test_only_counts_that_a_metric_is_made_of_are_asked_for(port: int) -> None:
    counts = {"points": {"table": STATE}, "broken": {"table": EMPTY, "scalar": TOTAL}}

    assert values(snmp(port, counts, metrics={"wifi_points": "points"})) == {"points": 5}


def test_a_table_of_too_many_rows_is_refused(port: int) -> None:
    limits = {"timeout_s": 2, "max_rows": 4, "rows_per_request": 2}

    error = failure(snmp(port, {"points": {"table": STATE}}, limits=limits))

    assert (error.reason, f"{STATE} has more than 4 rows" in str(error)) == ("content", True)


def test_a_wrong_community_is_silence(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMP_COMMUNITY", "planted-community")
    limits = {"timeout_s": 0.5, "retries": 0}

    error = failure(snmp(port, {"points": {"scalar": TOTAL}}, limits=limits))

    assert (error.reason, error.permanent) == ("source", False)
    assert str(error) == f"127.0.0.1:{port}: no answer (address, community or view?)"


def v3(**options: Any) -> dict[str, Any]:
    keys = {"auth_key": {"env": "SNMP_PROOF"}, "privacy_key": {"env": "SNMP_HIDING"}}
    return {"auth": {"type": "v3", "user": USER, "context": "made-up"} | keys | options}


def test_version_3_proves_and_hides(port: int) -> None:
    assert values(snmp(port, {"points": {"table": STATE}}, **v3())) == {"points": 5}


@pytest.mark.parametrize(
    ("variable", "problem"),
    [("SNMP_PROOF", "authentication key is wrong"), ("SNMP_HIDING", "privacy key is wrong")],
)
def test_a_wrong_key_is_an_error_of_authentication(
    port: int, monkeypatch: pytest.MonkeyPatch, variable: str, problem: str
) -> None:
    monkeypatch.setenv(variable, "planted-wrong-key")

    error = failure(snmp(port, {"points": {"scalar": TOTAL}}, **v3()))

    assert error.reason == "auth"
    assert problem in str(error)


def test_a_user_whom_the_device_does_not_know_is_an_error_of_authentication(port: int) -> None:
    error = failure(snmp(port, {"points": {"scalar": TOTAL}}, **v3(user="nobody")))

    assert (error.reason, "does not know the user" in str(error)) == ("auth", True)


def test_a_key_that_is_too_short_is_an_error_of_configuration(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNMP_PROOF", "short")

    error = failure(snmp(port, {"points": {"scalar": TOTAL}}, **v3()))

    assert (error.reason, "auth_key is shorter than 8" in str(error)) == ("config", True)


def test_a_secret_that_is_not_there_is_an_error_of_configuration(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SNMP_COMMUNITY")

    assert failure(snmp(port, {"points": {"scalar": TOTAL}})).reason == "config"


@pytest.mark.parametrize(
    ("allow", "problem"),
    [((), "a loopback address"), (("10.0.0.0/8",), "outside the allowed networks")],
)
def test_a_device_outside_the_allowed_networks_is_not_asked(
    allow: tuple[str, ...], problem: str
) -> None:
    asked: list[Oids] = []

    def heard(oids: Oids) -> Pairs:
        asked.append(oids)
        return []

    with scripted(heard) as port:
        error = failure(snmp(port, {"points": {"scalar": TOTAL}}, allow=allow))

    assert error.reason == "config"
    assert problem in str(error)
    assert asked == []


def test_a_name_that_nobody_knows_is_an_error_of_the_source() -> None:
    error = failure(snmp(161, {"points": {"scalar": TOTAL}}, host="no-such-device.invalid"))

    assert (error.reason, "cannot be resolved" in str(error)) == ("source", True)


def test_rows_that_come_again_and_again_end_the_talk() -> None:
    with scripted(lambda _: [(f"{STATE}.1", 1), (f"{STATE}.2", 1)]) as port:
        error = failure(snmp(port, {"points": {"table": STATE}}))

    assert (error.reason, "again and again" in str(error)) == ("content", True)


def test_a_device_that_answers_something_else_has_not_answered() -> None:
    with scripted(lambda _: [(f"{TOTAL}.1", 7)]) as port:
        assert values(snmp(port, {"points": {"scalar": TOTAL}})) == {}


def test_a_device_is_asked_over_ipv6_too() -> None:
    try:
        with scripted(lambda oids: [(oids[0], 7)], "::1") as port:
            found = values(snmp(port, {"points": {"scalar": TOTAL}}, host="::1"))
    except OSError:
        pytest.skip("this machine has no IPv6")

    assert found == {"points": 7}


def hanging() -> Iterator[int]:
    """A device that is there and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


silent = pytest.fixture(hanging, name="silent")


def test_a_run_ends_with_its_total_time_whatever_its_retries_add_up_to(silent: int) -> None:
    limits = {"timeout_s": 30, "retries": 9, "total_s": 0.4}
    began_s = time.monotonic()

    error = failure(snmp(silent, {"points": {"scalar": TOTAL}}, limits=limits))

    assert (error.reason, "no whole answer within 0.4 s" in str(error)) == ("source", True)
    assert time.monotonic() - began_s < 2.0


def test_a_run_ends_when_the_service_does(silent: int) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began_s = time.monotonic()

    error = failure(snmp(silent, {"points": {"scalar": TOTAL}}, limits={"timeout_s": 30}), stop)

    assert "the service stops" in str(error)
    assert time.monotonic() - began_s < 2.0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"counts": {"points": {}}}, "a count is a scalar, a table, or both"),
        ({"counts": {"points": {"scalar": TOTAL, "equals": [1]}}}, "equals and sum are of a table"),
        ({"counts": {"points": {"scalar": "ifNumber.0"}}}, "pattern"),
        ({"counts": {"points": {"table": STATE, "equals": [1], "sum": True}}}, "either"),
        ({"metrics": {"wifi_points": "poinst"}}, "no count 'poinst'; counts has points"),
        ({"host": "udp://10.0.0.1"}, "pattern"),
        ({"auth": {"type": "v2c", "community": "public"}}, "Secret"),
        (
            {"auth": {"type": "v3", "user": "u", "privacy_key": {"env": "SNMP_HIDING"}}},
            "privacy_key needs auth_key",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_configuration(
    options: dict[str, Any], problem: str
) -> None:
    given = {"counts": {"points": {"scalar": TOTAL}}} | options

    with pytest.raises(ValidationError, match=problem):
        snmp(161, given.pop("counts"), **given)


def test_the_connectors_are_known_without_the_library() -> None:
    said = python("import connectors.registry, sys; print('pysnmp' in sys.modules)")

    assert said == "False"


WITHOUT = f"""
import sys
sys.modules["pysnmp"] = None
from connectors.base import SourceError
from connectors.snmp import Snmp
from tests.connectors.asking import ask_with
count, secret = {{"scalar": "{TOTAL}"}}, {{"env": "SNMP_COMMUNITY"}}
connector = Snmp.model_validate({{
    "host": "127.0.0.1", "auth": {{"type": "v2c", "community": secret}},
    "agency": "so-tttt", "counts": {{"points": count}}, "metrics": {{"points": "points"}},
}})
try:
    connector.observe(ask_with(None))
except SourceError as error:
    print(error.reason, error)
"""


def test_without_the_library_a_run_says_what_to_install() -> None:
    said = python(WITHOUT)

    assert said == "config 127.0.0.1:161: SNMP needs an extra that is not installed: chiso[snmp]"


def python(program: str) -> str:
    """What another Python prints."""
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


PRESETS = sorted((ROOT / "config" / "presets").glob("snmp-*.yaml"))
WALKS = [
    ("snmp-aruba", "aruba-7210", {"access_points": 13, "access_points_online": 9, "clients": 67}),
    ("snmp-aruba", "aruba-7010", {"access_points": 4, "access_points_online": 4}),
    ("snmp-aruba", "aruba-7020", {"access_points": 3, "access_points_online": 1}),
    (
        "snmp-huawei",
        "huawei-acu2",
        {"access_points": 1890, "access_points_online": 1880, "clients": 1149},
    ),
    ("snmp-ruckus", "ruckus-scg", {"access_points": 7682, "clients": 13021}),
]


@pytest.mark.parametrize(("preset", "walk", "counted"), WALKS)
def test_a_preset_counts_what_a_real_controller_has(
    port: int, monkeypatch: pytest.MonkeyPatch, preset: str, walk: str, counted: dict[str, int]
) -> None:
    if not (RECORDED / f"{walk}.snmprec").is_file():
        pytest.skip("the recorded walks are not beside this clone")
    monkeypatch.setenv("SNMP_COMMUNITY", walk)

    assert values(snmp(port, preset_of(preset)["counts"])) == counted


@pytest.mark.parametrize("preset", [file.stem for file in PRESETS])
def test_a_preset_needs_nothing_but_a_device_an_agency_and_metrics(preset: str) -> None:
    given = preset_of(preset)

    connector = snmp(161, given["counts"])

    assert set(given) == {"connector", "counts"}
    assert given["connector"] == "snmp"
    assert "access_points" in connector.counts


def preset_of(name: str) -> dict[str, Any]:
    text = (ROOT / "config" / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    given: dict[str, Any] = YAML(typ="safe").load(text)
    return given
