import csv
import io
import json
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from collector.clock import DAY_US
from collector.documents import agency_document, scoreboard_document
from collector.web.api.models import (
    AgencyDocument,
    HistoryDocument,
    ScoreboardDocument,
    SourcesDocument,
)
from collector.web.shell import CSP
from tests.web.site_maker import END_US, HOSTILE, World, client_of, live_a_year, world

PROBLEM = "application/problem+json"


def test_the_scoreboard_is_the_document_that_every_surface_shares(
    http: httpx.Client, year: World
) -> None:
    answer = http.get("/api/v1/scoreboard")

    document = scoreboard_document(year.published().edition(), "sonla-2024")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(document))
    ScoreboardDocument.model_validate(answer.json(), strict=True)


def test_an_agency_is_its_document_with_inputs_in_the_order_of_the_formula(
    http: httpx.Client, year: World
) -> None:
    answer = http.get("/api/v1/agencies/so-yte", params={"set": "sonla-2024"})

    published = year.published()
    document = agency_document(
        published.edition(),
        "sonla-2024",
        "so-yte",
        settings=year.site.settings,
        readings=published.known.readings,
        sources=published.feeding(),
    )
    assert answer.json() == json.loads(json.dumps(document))
    AgencyDocument.model_validate(answer.json(), strict=True)
    found = {one["id"]: one for group in document["groups"] for one in group["indicators"]}
    inputs = found["documents-personally-signed"]["inputs"]
    assert [one["metric"] for one in inputs] == ["documents_signed", "documents_sent"]
    assert {one["source"] for one in inputs} == {"documents"}


def test_history_tells_every_change_and_can_be_cut_by_local_days(http: httpx.Client) -> None:
    whole = http.get("/api/v1/agencies/so-yte/history").json()
    part = http.get(
        "/api/v1/agencies/so-yte/history", params={"from": "2024-06-01", "to": "2024-07-01"}
    ).json()
    one = http.get(
        "/api/v1/agencies/so-yte/history", params={"indicator": "dossiers-online"}
    ).json()

    for document in (whole, part, one):
        HistoryDocument.model_validate(document, strict=True)
    assert whole["unit"] == "points"
    assert whole["indicator"] is None
    times = [sample["known_at"] for sample in whole["samples"]]
    assert times == sorted(times)
    assert 2 <= len(part["samples"]) < len(whole["samples"])
    assert all("2024-05" <= sample["known_at"] < "2024-07" for sample in part["samples"])
    assert one["unit"] == "ratio"
    assert {sample["status"] for sample in one["samples"]} == {"ok"}


def test_sources_tell_their_state_their_runs_and_what_was_refused(http: httpx.Client) -> None:
    document = http.get("/api/v1/sources").json()

    SourcesDocument.model_validate(document, strict=True)
    sources = {one["id"]: one for one in document["sources"]}
    assert sources["wifi"]["state"] == "stale"
    assert sources["portal"]["state"] == "wrong_content"
    assert sources["portal"]["up"] is False
    assert sources["portal"]["runs"][0]["message"] == "the answer is HTML, not JSON"
    assert sources["documents"]["state"] == "fresh"
    assert [one["reason"] for one in sources["documents"]["refusals"]] == [
        "range",
        "unknown_agency",
    ]
    assert sources["documents"]["refusals"][1]["got"] == HOSTILE


def test_the_csv_opens_in_excel_and_agrees_with_the_document(http: httpx.Client) -> None:
    answer = http.get("/api/v1/scoreboard.csv")
    board = http.get("/api/v1/scoreboard").json()

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="sonla-2024-' in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["id"] for row in rows] == [one["id"] for one in board["agencies"]]
    assert [float(row["score"]) for row in rows] == [one["score"] for one in board["agencies"]]
    assert rows[0]["name_vi"] == board["agencies"][0]["name"]["vi"]


def test_the_csv_of_a_language_has_its_words_and_its_decimal_sign(http: httpx.Client) -> None:
    vi = http.get("/api/v1/scoreboard.csv", params={"lang": "vi"}).content.decode("utf-8-sig")
    en = http.get("/api/v1/scoreboard.csv", params={"lang": "en"}).content.decode("utf-8-sig")

    first = next(csv.DictReader(io.StringIO(vi), delimiter=";"))
    assert first["Hạng"] == "1"
    assert first["Mức"] == "Tốt"
    assert "," in first["Điểm"]
    assert next(csv.DictReader(io.StringIO(en)))["Band"] == "Good"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/nothing", 404),
        ("/nothing", 404),
        ("/agencies/nobody", 404),
        ("/?set=none", 404),
        ("/?sort=shoe-size", 400),
        ("/static/nothing.css", 404),
        ("/static/../app.py", 404),
        ("/api/v1/agencies/nobody", 404),
        ("/api/v1/agencies/nobody/history", 404),
        ("/api/v1/agencies/so-yte/history?indicator=none", 404),
        ("/api/v1/scoreboard?set=none", 404),
        ("/api/v1/scoreboard.csv?lang=fr", 400),
        ("/api/v1/agencies/so-yte/history?from=yesterday", 400),
        ("/api/v1/agencies/so-yte/history?to=2024-02-31", 400),
    ],
)
def test_errors_are_problem_json_with_a_clear_detail(
    http: httpx.Client, path: str, status: int
) -> None:
    answer = http.get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def test_a_browser_gets_an_error_as_a_page_in_its_language(http: httpx.Client) -> None:
    answer = http.get("/en/agencies/nobody", headers={"accept": "text/html"})

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no such page" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/en/sources",
        "/agencies/so-yte",
        "/api/v1/scoreboard",
        "/api/v1/scoreboard.csv",
        "/api/v1/openapi.json",
        "/metrics",
        "/healthz",
        "/static/site.css",
        "/favicon.ico",
        "/nothing",
        "/?sort=shoe-size",
    ],
)
def test_every_answer_has_the_security_headers_and_names_no_server(
    http: httpx.Client, path: str
) -> None:
    headers = http.get(path).headers

    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"
    assert "server" not in headers


def test_metrics_come_from_the_sites_registry_in_the_form_that_is_asked_for(
    http: httpx.Client,
) -> None:
    plain = http.get("/metrics")
    open_metrics = http.get(
        "/metrics", headers={"accept": "application/openmetrics-text;version=1.0.0"}
    )

    families = {one.name: one for one in text_string_to_metric_families(plain.text)}
    board = http.get("/api/v1/scoreboard").json()
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")
    assert families["dti_province_score"].samples[0].value == board["province"]["score"]
    assert families["dti_scoreboard_number"].samples[0].value == board["number"]


def test_a_scrape_may_ask_for_some_families_only(http: httpx.Client) -> None:
    page = http.get("/metrics", params={"name[]": ["dti_province_score", "dti_source_up"]}).text

    names = {one.name for one in text_string_to_metric_families(page)}
    assert names == {"dti_province_score", "dti_source_up"}


def test_health_says_that_the_process_lives_and_readiness_why_not(tmp_path: Path) -> None:
    with world(tmp_path, not_ready="the year is being simulated") as one, client_of(one) as client:
        alive, ready = client.get("/healthz"), client.get("/readyz")

    assert alive.json() == {"status": "ok"}
    assert ready.status_code == 503
    assert ready.headers["content-type"] == PROBLEM
    assert ready.json()["detail"] == "the year is being simulated"
    assert ready.headers["retry-after"]


def test_a_service_that_is_ready_says_so(http: httpx.Client) -> None:
    assert http.get("/readyz").json() == {"status": "ready"}


def test_before_the_first_scoreboard_the_api_answers_503_and_the_page_says_so(
    tmp_path: Path,
) -> None:
    with world(tmp_path) as one, client_of(one) as client:
        board, page = client.get("/api/v1/scoreboard"), client.get("/")
        sources = client.get("/api/v1/sources")

    assert board.status_code == 503
    assert board.headers["content-type"] == PROBLEM
    assert page.status_code == 200
    assert "Chưa có bảng điểm." in page.text
    assert "09:00 ngày 01/01/2024" in page.text
    assert {one["state"] for one in sources.json()["sources"]} == {"never"}


def test_when_the_last_set_has_ended_api_and_page_say_which_there_was(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as client:
        one.publisher.publish()
        one.clock.move_to(END_US + DAY_US)
        one.publisher.publish()
        board, page, english = (client.get(path) for path in ("/api/v1/scoreboard", "/", "/en/"))
        ready = client.get("/readyz")

    assert board.status_code == 503
    assert board.json()["detail"] == (
        "no indicator set is in force: sonla-2024 from 2024-01-01 until 2025-01-01"
    )
    assert ready.json() == {"status": "ready", "note": board.json()["detail"]}
    assert "Hiện không có bộ chỉ số nào có hiệu lực." in page.text
    assert "từ 01/01/2024 đến hết 31/12/2024" in page.text
    assert "No indicator set is in force now." in english.text
    assert "Chưa có bảng điểm." not in page.text


def test_a_store_that_is_away_costs_only_what_is_read_from_it(tmp_path: Path) -> None:
    with world(tmp_path) as one, client_of(one) as client:
        live_a_year(one, steps=3)
        (tmp_path / "chiso.db").rename(tmp_path / "gone.db")
        one.site.store.close()
        (tmp_path / "chiso.db").mkdir()

        board, page = client.get("/api/v1/scoreboard"), client.get("/")
        history = client.get("/api/v1/agencies/so-yte/history")
        sources, listed = client.get("/api/v1/sources"), client.get("/sources")

    assert board.status_code == 200
    assert page.status_code == 200
    assert "chưa vẽ được biểu đồ" in page.text
    assert {history.status_code, sources.status_code} == {503}
    assert history.json()["detail"] == "the store is not available at the moment"
    assert str(tmp_path) not in history.text
    assert listed.status_code == 200
    assert "chưa có danh sách lượt thu thập" in listed.text


def test_a_fault_of_ours_shows_no_trace_and_is_logged_under_the_id_that_is_shown(
    tmp_path: Path,
) -> None:
    def broken() -> None:
        raise RuntimeError("secret of the house")

    with world(tmp_path, published=broken) as one, client_of(one) as client:
        answer = client.get("/api/v1/scoreboard")
        page = client.get("/", headers={"accept": "text/html"})

    assert answer.status_code == page.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["content-security-policy"] == CSP
    assert "secret" not in answer.text
    assert page.headers["content-type"].startswith("text/html")
    incident = answer.json()["instance"].removeprefix("urn:uuid:")
    assert one.logged[0]["incident"] == incident
    assert one.logged[0]["path"] == "/api/v1/scoreboard"


def test_names_from_sources_stay_text_in_pages_and_csv(http: httpx.Client) -> None:
    page = http.get("/sources").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_history_that_ends_before_it_begins_is_refused(http: httpx.Client) -> None:
    answer = http.get(
        "/api/v1/agencies/so-yte/history", params={"from": "2024-12-01", "to": "2024-11-30"}
    )

    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "from: 2024-12-01 is later than to: 2024-11-30",
    )
    same = http.get(
        "/api/v1/agencies/so-yte/history", params={"from": "2024-12-01", "to": "2024-12-01"}
    )
    assert same.status_code == 200


def test_a_certain_rank_is_said_to_be_one(http: httpx.Client) -> None:
    board = http.get("/api/v1/scoreboard").json()["agencies"]

    certain = {one["id"]: one["rank_certain"] for one in board}
    assert certain == {
        one["id"]: one["rank"] is not None and one["rank_best"] == one["rank_worst"]
        for one in board
    }
    assert set(certain.values()) == {True, False}
    entry = http.get("/api/v1/agencies/so-yte").json()
    assert entry["rank_certain"] == certain["so-yte"]
