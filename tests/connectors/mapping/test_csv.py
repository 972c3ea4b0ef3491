"""CSV answers: whole tables, or none."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.base import Answer, SourceError
from connectors.http import NO_WAIT
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.connectors.preset import recorded
from tests.source_server import LOGIN_PAGE, Served, SourceServer


def read(server: SourceServer, body: bytes, kind: str = "text/csv", **request: Any) -> Answer:
    server.says(Served(body, content_type=kind))
    asked = {
        "format": "csv",
        "agency": {"code": '"Mã đơn vị"', "system": "register"},
        "metrics": {"sent": {"path": '"Văn bản đi"', "number": "vi"}},
        **request,
    }
    options = {"base_url": server.url, "allow": "base_url", "limits": NO_WAIT, "requests": [asked]}
    return observe(HttpJson.model_validate(options))


TABLE = 'Mã đơn vị,Văn bản đi,Ghi chú\r\nH1,"1.234,5",\r\n\r\nH2,,"a,\nb"\r\n'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (TABLE.encode(), "text/csv"),
        (TABLE.encode("utf-8-sig"), "text/csv; charset=utf-8"),
        (TABLE.encode("utf-16"), "text/csv; charset=utf-16"),
        (TABLE.encode(), "application/octet-stream"),
    ],
)
def test_each_line_is_a_record_by_the_names_of_the_first(
    source_server: SourceServer, body: bytes, kind: str
) -> None:
    answer = read(source_server, body, kind)

    assert [(one.agency, one.value) for one in answer.observations] == [("H1", Decimal("1234.5"))]
    assert answer.received == 2


def test_columns_can_be_separated_otherwise(source_server: SourceServer) -> None:
    answer = read(
        source_server,
        TABLE.replace(",", ";").encode(),
        delimiter=";",
        metrics={"n": {"path": '"Ghi chú"'}},
    )

    assert [one.value for one in answer.observations] == ["a;\nb"]


@pytest.mark.parametrize(
    "body",
    [
        b"a,a\n1,2\n",
        b"a,\n1,2\n",
        b"a,b\n1\n",
        b"a,b\n1,2,3\n",
        b'a,b\n1,"2\n',
        b"",
        b"  \n",
        b"\xff\xfe\xfd,b\n",
        LOGIN_PAGE.body,
    ],
)
def test_what_is_no_table_is_an_error_of_content(source_server: SourceServer, body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read(source_server, body)

    assert caught.value.reason == "content"


def test_a_page_that_says_what_it_is_is_no_table(source_server: SourceServer) -> None:
    with pytest.raises(SourceError, match="login page"):
        read(source_server, b"a,b\n1,2\n", "text/html")


def test_the_dump_of_a_ckan_table_is_read(source_server: SourceServer) -> None:
    body = recorded("ckan/datastore_dump_bom.csv").body
    metrics = {"n": {"path": "applications", "aggregate": "sum", "on_null": "zero"}}

    answer = read(source_server, body, agency={"id": "so-tttt"}, metrics=metrics)

    assert [one.value for one in answer.observations] == [Decimal(2 * 141713)]
    assert answer.received == 3
