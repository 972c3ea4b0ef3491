"""Faults that once got through and stand in no answer of the table."""

import pytest

from connectors.base import SourceError
from connectors.mapping.moments import DataAt
from tests.connectors.asking import asking, bare
from tests.faults.faults_of_transport import INTERIM
from tests.source_server import Served, serving


@pytest.mark.parametrize(
    ("form", "raw"),
    [
        ("epoch", 1_729_065_600_000),
        ("epoch", "1729065600000"),
        ("epoch_ms", 1_729_065_600_000_000),
        ("epoch", 10**15),
        ("epoch", -(10**11)),
        ("iso", "9999-12-31T23:59:59-12:00"),
        ("iso", "0001-01-01T00:00:00+14:00"),
        ("iso", "20240-10-16"),
    ],
)
def test_a_time_that_is_read_in_another_unit_is_no_time(form: str, raw: object) -> None:
    """It was an error of ours: no calendar of the province reaches so far."""
    option = DataAt.model_validate({"path": "at", "format": form, "zone": "Asia/Ho_Chi_Minh"})

    with pytest.raises(ValueError, match="no time"):
        option.read_us(raw, None)


def test_interim_answers_are_not_read_without_an_end() -> None:
    """They were until the time was over, and kept the processor from all other sources."""
    with (
        serving(*[Served(raw=INTERIM)] * 3) as server,
        asking(bare(server.url)) as http,
        pytest.raises(SourceError, match="interim answers") as caught,
    ):
        http.send("GET", "/stat")

    assert (caught.value.reason, caught.value.permanent) == ("source", False)


def test_a_few_interim_answers_are_read() -> None:
    go_on = b"HTTP/1.1 100 Continue\r\n\r\n" * 3
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
    with serving(Served(raw=go_on + answer)) as server, asking(bare(server.url)) as http:
        assert http.send("GET", "/stat").json() == []
