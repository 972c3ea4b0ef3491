"""`chiso run`: a real service, asked over HTTP and over its socket, until it is told to end."""

import json
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from collector.store.store import Store
from tests.commands.calling import Running, called, chiso, running, together
from tests.connectors.holding import held
from tests.makers import Counts, Draft, by_path, source
from tests.source_server import LOGIN_PAGE, Asked, Served, SourceServer, serving


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('live') / 'chiso.db'}"


@pytest.fixture(scope="module")
def live(config: Path, stored: str, source_server: SourceServer) -> Iterator[Running]:
    """A service that has pulled its source once."""
    log = Path(stored.removeprefix("sqlite:///")).with_name("log")
    with running(config, stored, log, PLANTED_KEY="k") as one:
        assert one.until(lambda service: service.has("run", outcome="ok"))
        yield one


def got(url: str) -> str:
    answer = requests.get(url, timeout=10)
    answer.raise_for_status()
    return answer.text


def samples(url: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(got(url)):
        for one in family.samples:
            found.setdefault(one.name, []).append(one.value)
    return found


def test_what_it_serves_and_what_it_stored_are_one_scoreboard(
    live: Running, config: Path, stored: str
) -> None:
    said = chiso("scores", "--json", "--config", config, "--store", stored)
    document = said.json()

    assert json.loads(got(f"{live.url}/api/v1/scoreboard")) == document
    found = samples(f"{live.url}/metrics")
    assert found["dti_scoreboard_number"] == [document["number"]]
    assert found["dti_province_score"] == [document["province"]["score"]]
    assert sorted(found["dti_agency_score"]) == sorted(one["score"] for one in document["agencies"])
    assert "_created" not in " ".join(found)
    assert "ready" in got(f"{live.url}/readyz")


def test_a_pull_is_made_by_the_running_service(live: Running, config: Path, stored: str) -> None:
    socket = Path(stored.removeprefix("sqlite:///") + ".socket")
    before = samples(f"{live.url}/metrics")

    said = chiso("pull", "counts", "--json", "--config", config, "--store", stored)

    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert (said.code, said.err) == (0, "")
    assert said.json()["outcome"] == "ok"
    after = samples(f"{live.url}/metrics")
    assert after["dti_runs_total"] == [before["dti_runs_total"][0] + 1]
    assert after["dti_scoreboard_number"] == [before["dti_scoreboard_number"][0] + 1]


def test_the_running_service_pulls_a_source_while_another_one_is_being_written(
    live: Running, config: Path, stored: str, tmp_path: Path
) -> None:
    folder = tmp_path / "c"
    shutil.copytree(config, folder)
    with (folder / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write("  new: {connector: http_json}\n")

    said = called("pull", "counts", "--json", "--config", folder, "--store", stored)

    assert (said.code, said.json()["outcome"]) == (0, "ok")
    assert "sources.new" in said.err


def test_a_second_instance_exits_75_and_a_taken_port_69_each_with_one_line(
    live: Running, config: Path, stored: str, store: str
) -> None:
    address = live.url.removeprefix("http://")

    second, taken = together(
        ("run", "--config", config, "--store", stored, "--listen", "127.0.0.1:0"),
        ("run", "--config", config, "--store", store, "--listen", address),
    )

    assert (second.code, len(second.lines())) == (75, 1)
    assert "another instance holds it" in second.err
    assert (taken.code, len(taken.lines())) == (69, 1)
    assert taken.err.startswith(f"chiso: cannot listen on {address}: Address already in use")
    assert live.process.poll() is None


@pytest.mark.parametrize("listen", ["nowhere", "127.0.0.1:70000", "127.0.0.1:", ":x"])
def test_an_address_that_is_none_is_refused(listen: str, config: Path, store: str) -> None:
    said = called("run", "--config", config, "--store", store, "--listen", listen)

    assert said.code == 2
    assert said.lines() == [f"chiso: --listen {listen}: expected HOST:PORT, such as 127.0.0.1:9766"]


def test_sigterm_ends_it_within_10_s_with_0_while_a_source_hangs(
    tmp_path: Path, store: str
) -> None:
    asked = threading.Event()
    with serving() as server:

        def hang(_: Asked) -> Served:
            asked.set()
            server.ended.wait(60)
            return LOGIN_PAGE

        server.answer = by_path({"stuck": hang, "quick": Counts()})
        sources: dict[str, Any] = {
            name: source(f"{server.url}/{name}", schedule={"every": "1s"}, priority=number)
            for number, name in enumerate(("stuck", "quick"))
        }
        config = Draft(sources=sources).write(tmp_path / "config")
        with running(config, store, tmp_path / "log") as one:
            assert asked.wait(10)
            assert one.until(lambda service: service.has("run", source="quick", outcome="ok"))

            code, took_s = one.end(signal.SIGTERM)

            assert (code, took_s < 10) == (0, True)
            assert one.has("run", source="stuck", outcome="interrupted")
            assert one.logged()[-1]["event"] == "ended"
    with closing(Store.open(store, read_only=True)) as opened:
        assert [run.outcome for run in opened.runs("stuck")] == ["interrupted"]
        assert {run.outcome for run in opened.runs("quick")} <= {"ok", "coalesced", "interrupted"}
    assert not Path(store.removeprefix("sqlite:///") + ".socket").exists()


def test_sigterm_ends_it_while_a_folder_of_reports_hangs(tmp_path: Path, store: str) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "a.csv").write_text("agency,spots\nso-tttt,8\n", encoding="utf-8")
    with serving() as server, held(reports / "a.csv"):
        server.answer = Counts()
        quick = source(server.url, schedule={"every": "1s"}, priority=1)
        sheet = {
            **{key: quick[key] for key in ("name", "owner", "schedule", "freshness")},
            "connector": "sheet",
            "folder": str(reports),
            "pattern": "*.csv",
            "agency": {"column": "agency"},
            "metrics": {"spots": {"column": "spots"}},
            "limits": {"total_s": 0.5},
            "settle_s": 0,
        }
        config = Draft(sources={"stuck": sheet, "quick": quick}).write(tmp_path / "config")
        with running(config, store, tmp_path / "log") as one:
            assert one.until(lambda service: service.count("run", source="stuck") > 1)
            assert one.until(lambda service: service.has("run", source="quick", outcome="ok"))

            code, took_s = one.end(signal.SIGTERM)

            assert (code, took_s < 10) == (0, True)
            assert one.logged()[-1]["event"] == "ended"
    with closing(Store.open(store, read_only=True)) as opened:
        *_, second, first = [run for run in opened.runs("stuck") if run.outcome == "failed"]
        asked = [opened.run_requests(run.id) for run in (first, second)]
    assert first.message == "no whole answer within 0.5 s"
    assert second.message == "what an earlier run began still hangs"
    assert [[one.url for one in some] for some in asked] == [[str(reports / "a.csv")], []]


def test_ctrl_c_ends_it_with_0(live: Running) -> None:
    """The last of these tests: the service is gone after it."""
    assert live.end(signal.SIGINT)[0] == 0
    assert [line["event"] for line in live.logged()].count("bug") == 0
