"""The simulated systems speak their protocols, and their ledger proves what they said."""

import csv
import http.client
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from collector.clock import DAY_US, HOUR_US, SECOND_US
from collector.demo.counts import Year, read_year
from collector.demo.province import YEAR_STOP_US, day_start_us
from collector.demo.servers import Province
from collector.demo.systems.dossiers import TOKEN_LIFE_S, TOKEN_PATH
from collector.demo.systems.wifi import SITES

STATISTIC = "/pa/dossier-statistic/--statistic-agency-kgg"
YEAR_2024 = {"from-date": "2024-01-01T00:00:00.000Z", "to-date": "2024-12-31T23:59:59.999Z"}
DOCUMENTS = "/api/thong-ke/ky-so?" + urlencode({"tu_ngay": "01/01/2024", "den_ngay": "31/12/2024"})


@dataclass(frozen=True)
class Said:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Neighbourhood:
    """A province that runs in this process, asked over real connections."""

    def __init__(self, folder: Path, described: dict[str, Any]) -> None:
        self.folder = folder
        self.described = described
        self.environment: dict[str, str] = described["environment"]

    def ask(
        self,
        base: str,
        target: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: str | None = None,
    ) -> Said:
        url = self.environment.get(base, base)
        line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        try:
            line.request(method, target, body, headers or {})
            answer = line.getresponse()
            return Said(answer.status, answer.headers, answer.read())
        finally:
            line.close()

    def put_clock(self, at_us: int, **more: bool) -> Said:
        body = json.dumps({"at_us": at_us, **more})
        return self.ask(self.described["control"], "/clock", method="PUT", body=body)

    def token(self) -> dict[str, str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.environment["IGATE_ID"],
            "client_secret": self.environment["IGATE_SECRET"],
        }
        said = self.ask("DOSSIERS_URL", TOKEN_PATH, method="POST", body=urlencode(form))
        assert said.status == 200
        return {"Authorization": f"Bearer {said.json['access_token']}"}

    def statistic(self, headers: dict[str, str], **more: str) -> Said:
        target = f"{STATISTIC}?{urlencode(YEAR_2024 | more)}"
        return self.ask("DOSSIERS_URL", target, headers=headers)

    def portal(self, **params: Any) -> Said:
        asked = {
            "type": "ref",
            "service": "report_tinh_766_service",
            "p_nam": "2024",
            "p_tinh_id": "426103",
            "p_thang": 0,
            "pageIndex": 1,
            "pageSize": 100,
        }
        form = urlencode({"params": json.dumps(asked | params)})
        return self.ask("PORTAL_URL", "/jsp/rest.jsp", method="POST", body=form)

    def session(self) -> dict[str, str]:
        body = json.dumps(
            {
                "username": self.environment["WIFI_USERNAME"],
                "password": self.environment["WIFI_PASSWORD"],
            }
        )
        said = self.ask("WIFI_URL", "/api/login", method="POST", body=body)
        assert said.status == 200
        return {"Cookie": said.headers["Set-Cookie"].partition(";")[0]}

    def ledger(self) -> list[dict[str, Any]]:
        text = Path(self.described["ledger"]).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Neighbourhood]:
    with Province(tmp_path, keep_bodies=True) as running:
        there = Neighbourhood(tmp_path, running.description())
        there.put_clock(YEAR_STOP_US)
        yield there


@pytest.fixture(scope="module")
def year() -> Year:
    return read_year()


def test_dossiers_come_in_pages_that_begin_with_the_sum_of_all(
    province: Neighbourhood, year: Year
) -> None:
    token = province.token()

    pages = [province.statistic(token, page=str(page), size="20").json for page in (0, 1)]

    rows = [row for page in pages for row in page["content"]]
    assert [page["totalElements"] for page in pages] == [33, 33]
    assert [page["last"] for page in pages] == [False, True]
    assert rows[0]["agency"]["code"] == ""
    assert rows[0]["received"] == sum(row["received"] for row in rows[1:])
    assert rows[14]["received"] == year.at("so-tttt", "dossiers_received", YEAR_STOP_US)
    assert len({row["agency"]["code"] for row in rows}) == 33


def test_dossiers_are_refused_without_the_token_that_the_client_secret_buys(
    province: Neighbourhood,
) -> None:
    form = {"grant_type": "client_credentials", "client_id": "chiso", "client_secret": "guess"}

    assert province.statistic({}).status == 401
    assert province.statistic({"Authorization": "Bearer guess"}).status == 401
    bought = province.ask("DOSSIERS_URL", TOKEN_PATH, method="POST", body=urlencode(form))
    assert (bought.status, bought.json) == (401, {"error": "invalid_client"})


def test_a_token_ends_in_the_simulated_time(province: Neighbourhood) -> None:
    end_us = YEAR_STOP_US - DAY_US
    province.put_clock(end_us - TOKEN_LIFE_S * SECOND_US)
    token = province.token()

    province.put_clock(end_us - 1)
    last = province.statistic(token).status
    province.put_clock(end_us)
    over = province.statistic(token).status

    assert (last, over) == (200, 401)


def test_another_years_dossiers_are_none(province: Neighbourhood) -> None:
    bounds = {"from-date": "2023-01-01T00:00:00.000Z", "to-date": "2023-12-31T23:59:59.999Z"}

    rows = province.statistic(province.token(), size="50", **bounds).json["content"]

    assert len(rows) == 33
    assert {row["received"] for row in rows} == {0}


def test_on_one_day_in_august_a_row_more_is_declared_than_sent(province: Neighbourhood) -> None:
    province.put_clock(day_start_us(date(2024, 8, 14)) + 9 * HOUR_US)

    page = province.statistic(province.token(), size="50").json

    assert page["totalElements"] == len(page["content"]) + 1


def test_documents_are_written_with_a_dot_between_the_thousands(
    province: Neighbourhood, year: Year
) -> None:
    key = {"X-API-Key": province.environment["DOCUMENTS_API_KEY"]}

    data = province.ask("DOCUMENTS_URL", DOCUMENTS, headers=key).json["du_lieu"]

    row = next(row for row in data["don_vi"] if row["ma_don_vi"] == "000.00.31.H52")
    assert data["tong_so"] == 32
    assert row["van_ban_di"] == "44.217"
    assert row["da_ky_so_ca_nhan"] == year.at("thanh-pho", "documents_signed", YEAR_STOP_US)


def test_documents_need_their_key(province: Neighbourhood) -> None:
    assert province.ask("DOCUMENTS_URL", DOCUMENTS).status == 401
    assert province.ask("DOCUMENTS_URL", DOCUMENTS, headers={"X-API-Key": "guess"}).status == 401


def test_the_document_system_is_away_for_five_days_in_march(province: Neighbourhood) -> None:
    key = {"X-API-Key": province.environment["DOCUMENTS_API_KEY"]}

    statuses = []
    for day in (3, 4, 8, 9):
        province.put_clock(day_start_us(date(2024, 3, day)) + 9 * HOUR_US)
        statuses.append(province.ask("DOCUMENTS_URL", DOCUMENTS, headers=key).status)

    assert statuses == [200, 503, 503, 200]


def test_the_portal_answers_a_bare_array_of_text_the_best_first(
    province: Neighbourhood,
) -> None:
    rows = province.portal().json

    totals = [Decimal(row["TONG_SCORE"]) for row in rows]
    parts = ("CKMB", "TDGQ", "CLGQ", "TTTT", "MDHL", "MDSH")
    assert len(rows) == 32
    assert {type(value) for row in rows for value in row.values()} == {str}
    assert totals == sorted(totals, reverse=True)
    assert totals == [sum(Decimal(row[part]) for part in parts) for row in rows]
    assert [row["ROW_STT"] for row in rows] == [str(place) for place in range(1, 33)]
    assert "000.00.04.H52" in {row["MA_COQUAN"] for row in rows}


def test_the_portal_pages_and_knows_one_province_and_one_service(
    province: Neighbourhood,
) -> None:
    assert len(province.portal(pageSize=20, pageIndex=2).json) == 12
    assert province.portal(p_tinh_id="398126").json == []
    assert province.portal(service="report_by_year_sum_service").json == []
    assert {row["TONG_SCORE"] for row in province.portal(p_nam="2023").json} == {"0"}
    garbled = province.ask("PORTAL_URL", "/jsp/rest.jsp", method="POST", body="params=%7B")
    assert garbled.status == 400


def test_the_controller_is_a_classic_one_and_wants_a_login(province: Neighbourhood) -> None:
    greeting = province.ask("WIFI_URL", "/")
    bad = json.dumps({"username": "chiso-readonly", "password": "guess"})

    assert (greeting.status, greeting.headers["Location"]) == (302, "/manage")
    assert (
        province.ask("WIFI_URL", "/api/self/sites").json["meta"]["msg"] == "api.err.LoginRequired"
    )
    assert province.ask("WIFI_URL", "/api/login", method="POST", body=bad).status == 400


def test_the_controllers_devices_and_health_agree_beside_a_switch_and_a_plug(
    province: Neighbourhood, year: Year
) -> None:
    cookie = province.session()
    sites = province.ask("WIFI_URL", "/api/self/sites", headers=cookie).json["data"]

    assert [site["name"] for site in sites] == [name for name, _, _ in SITES]
    for name, _, agency in SITES:
        devices, health = (
            province.ask("WIFI_URL", f"/api/s/{name}/stat/{what}", headers=cookie).json["data"]
            for what in ("device", "health")
        )
        points = [device for device in devices if device.get("radio_table")]
        wlan = next(row for row in health if row["subsystem"] == "wlan")
        assert len(points) == wlan["num_adopted"] == len(devices) - 2
        assert len(points) == year.at(agency, "wifi_hotspots", YEAR_STOP_US)
        online = year.at(agency, "wifi_hotspots_online", YEAR_STOP_US)
        assert sum(point["state"] == 1 for point in points) == wlan["num_ap"] == online
        clients = year.at(agency, "wifi_clients", YEAR_STOP_US)
        assert sum(point["num_sta"] for point in points) == wlan["num_guest"] == clients
        assert sum(device["num_sta"] for device in devices) > sum(p["num_sta"] for p in points)


def test_an_unknown_path_is_not_found_everywhere(province: Neighbourhood) -> None:
    cookie = province.session()

    for base in ("DOSSIERS_URL", "DOCUMENTS_URL", "PORTAL_URL", "WIFI_URL"):
        assert province.ask(base, "/nowhere", headers=cookie).status == 404


def test_reports_are_there_when_the_clock_has_been_put(province: Neighbourhood) -> None:
    names = sorted(path.name for path in (province.folder / "reports").iterdir())

    assert names[0] == "bao-cao-2024-01-08.csv"
    assert names[-1] == "bao-cao-2024-12-30.csv"
    assert "bao-cao-2024-02-12.csv" not in names
    assert len(names) == 49


def test_the_last_report_has_the_final_figures(province: Neighbourhood, year: Year) -> None:
    body = (province.folder / "reports" / "bao-cao-2024-12-30.csv").read_bytes()

    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))

    row = next(row for row in rows if row["Mã đơn vị"] == "so-gddt")
    assert len(rows) == 32
    assert row["Ngày báo cáo"] == "30/12/2024"
    assert row["Cán bộ"] == "2.164"
    assert row["Cơ sở giáo dục không tiền mặt"] == str(year.finals["so-gddt"]["schools_cashless"])
    assert row["Cơ sở y tế"] == ""


def test_a_report_comes_on_its_day_and_not_before(tmp_path: Path) -> None:
    with Province(tmp_path) as running:
        there = Neighbourhood(tmp_path, running.description())
        due_us = day_start_us(date(2024, 1, 8)) + 7 * HOUR_US

        there.put_clock(due_us - 1)
        before = list((tmp_path / "reports").iterdir())
        there.put_clock(due_us)
        after = [path.name for path in (tmp_path / "reports").iterdir()]

    assert before == []
    assert after == ["bao-cao-2024-01-08.csv"]


def test_a_year_that_begins_again_finds_no_report_of_the_one_before(tmp_path: Path) -> None:
    first_us = day_start_us(date(2024, 1, 8)) + 7 * HOUR_US
    reports = tmp_path / "reports"
    with Province(tmp_path) as running:
        there = Neighbourhood(tmp_path, running.description())
        there.put_clock(YEAR_STOP_US)
        there.put_clock(first_us)
        put_back = [path.name for path in reports.iterdir()]
        there.put_clock(YEAR_STOP_US)
        of_the_year = {path.name for path in reports.iterdir()}

    with Province(tmp_path) as running:
        there = Neighbourhood(tmp_path, running.description())
        there.put_clock(first_us)
        started_again = [path.name for path in reports.iterdir()]

    assert put_back == started_again == ["bao-cao-2024-01-08.csv"]
    assert len(of_the_year) > 40


def test_a_second_start_writes_the_same_reports_byte_for_byte(tmp_path: Path) -> None:
    found = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        with Province(folder) as running:
            Neighbourhood(folder, running.description()).put_clock(YEAR_STOP_US)
        found.append({path.name: path.read_bytes() for path in (folder / "reports").iterdir()})

    assert found[0] == found[1]
    assert found[0]


def test_each_start_has_secrets_of_its_own(tmp_path: Path) -> None:
    keys = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        with Province(folder) as running:
            keys.append(running.description()["environment"]["DOCUMENTS_API_KEY"])

    assert keys[0] != keys[1]


def test_the_ledger_has_every_answer_with_its_moment_and_digest(province: Neighbourhood) -> None:
    said = province.portal()

    line = province.ledger()[-1]

    assert line == {
        "at_us": YEAR_STOP_US,
        "system": "portal",
        "path": "/jsp/rest.jsp",
        "status": 200,
        "sha256": sha256(said.body).hexdigest(),
    }
    assert (province.folder / "bodies" / line["sha256"]).read_bytes() == said.body


def test_the_ledger_has_the_reports_too(province: Neighbourhood) -> None:
    lines = [line for line in province.ledger() if line["system"] == "reports"]

    assert len(lines) == 49
    for line in lines:
        body = (province.folder / "reports" / line["path"]).read_bytes()
        assert line["sha256"] == sha256(body).hexdigest()


def test_the_same_moment_is_answered_by_the_same_bytes(province: Neighbourhood) -> None:
    first = province.portal()
    province.put_clock(YEAR_STOP_US - DAY_US)
    other = province.portal(p_nam="2023")
    province.put_clock(YEAR_STOP_US)

    assert province.portal().body == first.body
    assert other.body != first.body


def test_a_running_clock_goes_on_and_a_standing_one_does_not(province: Neighbourhood) -> None:
    control = province.described["control"]
    stood = [province.ask(control, "/clock").json["at_us"] for _ in range(2)]

    province.put_clock(YEAR_STOP_US, running=True)
    ran = [province.ask(control, "/clock").json["at_us"] for _ in range(2)]

    assert stood == [YEAR_STOP_US, YEAR_STOP_US]
    assert YEAR_STOP_US < ran[0] < ran[1] < YEAR_STOP_US + 10 * SECOND_US


def test_a_clock_that_cannot_be_read_is_refused_and_moves_nothing(
    province: Neighbourhood,
) -> None:
    control = province.described["control"]

    refused = province.ask(control, "/clock", method="PUT", body='{"at": 1}')

    assert refused.status == 400
    assert province.ask(control, "/clock").json["at_us"] == YEAR_STOP_US


def test_connections_stay_open_between_requests(province: Neighbourhood) -> None:
    line = http.client.HTTPConnection(urlsplit(province.environment["WIFI_URL"]).netloc, timeout=5)
    line.request("GET", "/api/self/sites")
    line.getresponse().read()
    port = line.sock.getsockname()[1]

    line.request("GET", "/api/self/sites")
    line.getresponse().read()

    assert line.sock.getsockname()[1] == port
    line.close()


def test_as_a_process_it_says_where_it_is_and_ends_when_told(tmp_path: Path) -> None:
    process = _started(tmp_path)
    assert process.stdout is not None
    there = Neighbourhood(tmp_path, json.loads(process.stdout.readline()))

    assert there.put_clock(YEAR_STOP_US).status == 200
    assert len(there.portal().json) == 32
    assert {urlsplit(url).hostname for url in _addresses(there)} == {"127.0.0.1"}

    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    _closed(process)


def test_tied_to_its_starter_it_ends_when_that_one_is_gone(tmp_path: Path) -> None:
    process = _started(tmp_path, "--tied")
    assert process.stdout is not None
    assert process.stdin is not None
    process.stdout.readline()

    process.stdin.close()

    assert process.wait(10) == 0
    _closed(process)


def _started(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "collector.demo.servers", "--folder", str(folder), *more],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def _closed(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()


def _addresses(there: Neighbourhood) -> list[str]:
    urls = [url for name, url in there.environment.items() if name.endswith("_URL")]
    return [there.described["control"], *urls]
