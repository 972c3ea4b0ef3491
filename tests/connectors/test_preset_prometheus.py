"""The preset of Prometheus, on recorded answers and on a real one."""

from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from connectors.base import SourceError
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.connectors.preset import from_preset, recorded
from tests.prometheus import running_prometheus
from tests.source_server import Served, SourceServer, as_json, serving


def prometheus(url: str, folder: Path, query: str, **agency: Any) -> HttpJson:
    instant = {"agency": {"system": "register", **agency}}
    return from_preset(
        "prometheus",
        url,
        folder,
        values={"query": query},
        requests={"instant": instant},
        metrics={"a": "value"},
    )


def of_one(url: str, folder: Path, query: str) -> HttpJson:
    return prometheus(url, folder, query, code=None, system=None, id="so-tttt")


def test_each_series_of_a_vector_is_a_row(source_server: SourceServer, tmp_path: Path) -> None:
    source_server.says(recorded("prometheus/query_up.json"))
    connector = prometheus(source_server.url, tmp_path, "up", code="metric.instance")

    answer = observe(connector)

    assert [(one.agency, one.value) for one in answer.observations] == [
        ("127.0.0.1:19090", Decimal(1)),
        ("127.0.0.1:19999", Decimal(0)),
    ]
    assert {one.data_us for one in answer.observations} == {1795480560_379_000}
    assert source_server.asked[0].path == "/api/v1/query"
    assert source_server.asked[0].query == {"query": "up"}


def test_an_empty_vector_is_no_data_and_never_zero(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.says(recorded("prometheus/query_nosuchmetric.json"))

    answer = observe(of_one(source_server.url, tmp_path, "nosuchmetric"))

    assert (answer.observations, answer.received) == ((), 0)


def test_a_query_without_labels_is_of_one_agency(
    source_server: SourceServer, tmp_path: Path
) -> None:
    source_server.says(recorded("prometheus/query_sum_up_.json"))

    (one,) = observe(of_one(source_server.url, tmp_path, "sum(up)")).observations

    assert (one.agency, one.value) == ("so-tttt", Decimal(1))


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", None, ""])
def test_what_is_no_number_is_refused(
    source_server: SourceServer, tmp_path: Path, value: Any
) -> None:
    row = {"metric": {}, "value": [1795480560.419, value]}
    source_server.says(
        as_json({"status": "success", "data": {"resultType": "vector", "result": [row]}})
    )

    (one,) = observe(of_one(source_server.url, tmp_path, "0/0")).observations

    assert isinstance(one.value, str)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("query_0_0.json", "scalar"),
        ("query_scalar_sum_up__.json", "scalar"),
        ("query_range_up.json", "matrix"),
        ("error_bad_data.json", "unclosed left parenthesis"),
    ],
)
def test_what_is_no_vector_is_an_error_of_content(
    source_server: SourceServer, tmp_path: Path, file: str, said: str
) -> None:
    source_server.says(recorded(f"prometheus/{file}"))

    with pytest.raises(SourceError, match=said) as caught:
        observe(of_one(source_server.url, tmp_path, "x"))

    assert caught.value.reason == "content"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus that scrapes two counts by agency."""
    text = b'dossiers{agency="H0"} 1234\ndossiers{agency="H1"} 0.5\n'

    class Metrics(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its own name
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Metrics)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    folder = tmp_path_factory.mktemp("prometheus")
    try:
        with running_prometheus(f"http://127.0.0.1:{server.server_port}", folder) as url:
            yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_real_prometheus_is_asked(real: str, tmp_path: Path) -> None:
    answer = observe(prometheus(real, tmp_path, "sum by (agency) (dossiers)"))

    found = {one.agency: one.value for one in answer.observations}
    assert found == {"H0": Decimal(1234), "H1": Decimal("0.5")}


@pytest.mark.parametrize(
    ("query", "values"),
    [("nosuchmetric", []), ("vector(0) / 0", ["NaN"]), ("vector(7)", [Decimal(7)])],
)
def test_a_real_prometheus_says_so_when_it_has_nothing(
    real: str, tmp_path: Path, query: str, values: list[Any]
) -> None:
    answer = observe(of_one(real, tmp_path, query))

    assert [one.value for one in answer.observations] == values


def test_a_query_that_a_real_prometheus_refuses_is_an_error(real: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"answered 400; the source says: .*parse") as caught:
        observe(of_one(real, tmp_path, "sum("))

    assert caught.value.reason == "source"


def test_a_proxy_that_shows_a_login_page_is_no_prometheus(tmp_path: Path) -> None:
    page = Served(b"<html>log in</html>", content_type="text/html")
    with serving(page) as server, pytest.raises(SourceError, match="login page"):
        observe(of_one(server.url, tmp_path, "up"))
