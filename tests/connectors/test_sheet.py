import io
import os
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from pydantic import ValidationError

from connectors.base import Answer, Ask, Observation, SourceError, Window
from connectors.http import Client
from connectors.sheet import Sheet
from connectors.unifi import Unifi
from tests.connectors.holding import held

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
# Files of a test are newer than this moment, so they went by another clock and count as settled.
NOW = datetime(2024, 11, 1, 2, 0, tzinfo=UTC)
YEAR = Window("year", "2024", datetime(2024, 1, 1, tzinfo=ZONE), datetime(2025, 1, 1, tzinfo=ZONE))
HEADINGS = ["Mã đơn vị", "Kỳ", "Ngày", "Sản phẩm", "Cán bộ"]
CSV_HEADINGS = "Mã đơn vị,Kỳ,Ngày,Sản phẩm,Cán bộ\n"
OPTIONS: dict[str, Any] = {
    "pattern": ["*.xlsx", "*.csv"],
    "agency": {"column": "Mã đơn vị"},
    "period": {"column": "Kỳ"},
    "data_at": {"column": "Ngày"},
    "metrics": {
        "products": {"column": "Sản phẩm", "number": "vi"},
        "officer": {"column": "Cán bộ"},
    },
}
Put = Callable[..., Path]


def us(*moment: int) -> int:
    """UTC microseconds of a local moment."""
    return int(datetime(*moment, tzinfo=ZONE).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


def sheet(folder: Path, **options: Any) -> Sheet:
    return Sheet.model_validate(OPTIONS | {"folder": folder} | options)


def workbook(*rows: list[Any], headings: list[str] | None = None, name: str = "Báo cáo") -> bytes:
    """An xlsx file; a text that begins with = is a formula without a stored value."""
    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"default_date_format": "dd/mm/yyyy"})
    page = book.add_worksheet(name)
    for number, row in enumerate([headings or HEADINGS, *rows]):
        for column, value in enumerate(row):
            if isinstance(value, str) and value.startswith("="):
                page.write_formula(number, column, value, None, "")
            else:
                page.write(number, column, value)
    book.close()
    return body.getvalue()


def changed(body: bytes, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    """The same workbook with one part of its zip edited."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(packed, "w", 8) as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, edit(content) if info.filename == part else content)
    return packed.getvalue()


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def asked() -> Iterator[Callable[..., Ask]]:
    other = Unifi.model_validate(
        {
            "base_url": "http://127.0.0.1:9",
            "auth": {"type": "login", "username": "x", "password": {"env": "X"}},
            "sites": {"default": "x"},
            "metrics": {"x": "clients"},
        }
    )
    with closing(Client(other)) as client:

        def ask(
            *,
            taken: frozenset[str] = frozenset(),
            now: datetime = NOW,
            windows: tuple[Window, ...] = (YEAR,),
        ) -> Ask:
            stop = threading.Event()
            return Ask(client.begin(stop), windows, now, (), taken, stop)

        yield ask


@pytest.fixture
def pull(tmp_path: Path, asked: Callable[..., Ask]) -> Callable[..., Answer]:
    def observe(
        *,
        taken: frozenset[str] = frozenset(),
        now: datetime = NOW,
        windows: tuple[Window, ...] = (YEAR,),
        **options: Any,
    ) -> Answer:
        ask = asked(taken=taken, now=now, windows=windows)
        return sheet(tmp_path, **options).observe(ask)

    return observe


Pull = Callable[..., Answer]


def values(answer: Answer) -> dict[tuple[str, str], Decimal | str]:
    return {(seen.metric, seen.agency): seen.value for seen in answer.observations}


def problem(answer: Answer) -> tuple[str, str]:
    """Where and why the only file is bad; nothing else may have come of it."""
    assert answer.observations == ()
    assert answer.received == 0
    [rejected] = answer.rejected
    assert rejected.reason == "type"
    return rejected.where, rejected.got


def test_a_workbook_gives_an_observation_for_each_metric_of_each_row(put: Put, pull: Pull) -> None:
    row = ["so-tttt", 2024, date(2024, 10, 16), 12, "Chuyên trách"]
    path = put("bao-cao.xlsx", workbook(row))

    answer = pull()

    at_us = us(2024, 10, 17)  # the end of that day, half-open
    assert answer.observations == (
        Observation(
            "products",
            "so-tttt",
            "2024",
            at_us,
            Decimal(12),
            "bao-cao.xlsx, row 2, column 'Sản phẩm'",
        ),
        Observation(
            "officer",
            "so-tttt",
            "2024",
            at_us,
            "Chuyên trách",
            "bao-cao.xlsx, row 2, column 'Cán bộ'",
        ),
    )
    digest = sha256(path.read_bytes()).hexdigest()
    assert answer.taken == (digest,)
    assert answer.digest == sha256(digest.encode()).hexdigest()
    assert (answer.received, answer.declared, answer.complete, answer.rejected) == (
        1,
        None,
        False,
        (),
    )


def test_numbers_of_a_workbook_are_exact_and_those_in_text_are_read_as_declared(
    put: Put, pull: Pull
) -> None:
    day = date(2024, 10, 16)
    rows = [
        ["a", "2024", day, "1.234", 0.97],
        ["b", "2024", day, 1234.5, "1.234"],
        ["c", "2024", day, "12.34", 3.0],
        ["d", "2024", day, 1e22, True],
        ["e", "2024", day, day, -3],
    ]
    put("a.xlsx", workbook(*rows))

    answer = pull()

    assert values(answer) == {
        ("products", "a"): Decimal(1234),
        ("officer", "a"): Decimal("0.97"),
        ("products", "b"): Decimal("1234.5"),
        ("officer", "b"): "1.234: say number: plain or number: vi",
        ("products", "c"): "12.34",  # neither 1234 nor 12,34: whoever admits it refuses it
        ("officer", "c"): Decimal(3),
        ("products", "d"): Decimal(10**22),
        ("officer", "d"): "true",
        ("products", "e"): "2024-10-16",
        ("officer", "e"): Decimal(-3),
    }
    assert str(values(answer)["officer", "c"]) == "3"


@pytest.mark.parametrize("blank", ["=1+1", "", "  ", None])
def test_a_cell_or_formula_without_a_value_is_what_the_metric_says(
    put: Put, pull: Pull, blank: str | None
) -> None:
    put("a.xlsx", workbook(["a", 2024, date(2024, 10, 16), blank, "x"]))

    def with_blank(on_null: str) -> Answer:
        return pull(metrics={"products": {"column": "Sản phẩm", "on_null": on_null}})

    assert values(with_blank("missing")) == {}
    assert with_blank("missing").rejected == ()
    assert values(with_blank("zero")) == {("products", "a"): Decimal(0)}
    assert problem(with_blank("error")) == ("a.xlsx, row 2, column 'Sản phẩm'", "is blank")


def test_a_csv_with_a_mark_and_vietnamese_headings_is_read(put: Put, pull: Pull) -> None:
    headings = CSV_HEADINGS.replace("Mã đơn vị", "Mã đơn vị ")  # as some keyboards compose it
    rows = 'so-tttt,2024,16/10/2024,"1.234,5",Kiêm nhiệm\n\nso-yt,2024,2024-10-15,7,\n'
    put("bao cao.csv", "\ufeff" + headings + rows)

    answer = pull()

    assert values(answer) == {
        ("products", "so-tttt"): Decimal("1234.5"),
        ("officer", "so-tttt"): "Kiêm nhiệm",
        ("products", "so-yt"): Decimal(7),
    }
    assert {seen.data_us for seen in answer.observations} == {us(2024, 10, 17), us(2024, 10, 16)}


def test_encoding_and_delimiter_are_declared(put: Put, pull: Pull) -> None:
    text = CSV_HEADINGS + "a,2024,16/10/2024,7,có\n"
    put("a.csv", text.replace(",", ";").encode("utf-16"))

    answer = pull(encoding="utf-16", delimiter=";")

    assert values(answer) == {("products", "a"): Decimal(7), ("officer", "a"): "có"}


def test_headings_may_stand_below_a_title_and_rows_without_keys_are_remarks(
    put: Put, pull: Pull
) -> None:
    rows: list[list[Any]] = [
        [],
        ["MÃ  ĐƠN VỊ", "kỳ", "Ngày", "Sản\nphẩm", "Cán bộ", "Ghi chú"],
        ["a", 2024, date(2024, 10, 16), 3, "x", "beside"],
        [],
        [None, None, "Tổng cộng", 3],
        [None, None, None, None, "Người lập biểu", "", "outside the headings"],
    ]
    put("a.xlsx", workbook(*rows, headings=["BÁO CÁO CHUYỂN ĐỔI SỐ"]))

    answer = pull(header_row=3, metrics={"products": {"column": "Sản phẩm"}})

    assert values(answer) == {("products", "a"): Decimal(3)}
    assert answer.observations[0].where == "a.xlsx, row 4, column 'Sản phẩm'"


def test_a_sheet_is_picked_by_name_or_index(put: Put, pull: Pull) -> None:
    put("a.xlsx", workbook(["a", 2024, date(2024, 10, 16), 3, "x"], name="Biểu 1"))

    assert len(pull(sheet="Biểu 1").observations) == 2
    assert problem(pull(sheet="Biểu 2")) == ("a.xlsx, the file", "has no sheet 'Biểu 2'")
    assert problem(pull(sheet=1)) == ("a.xlsx, the file", "has no sheet 1")


@pytest.mark.parametrize(
    ("kind", "cell", "period"),
    [
        ("year", 2024, "2024"),
        ("year", "2024 ", "2024"),
        ("quarter", "2024-Q3", "2024-Q3"),
        ("month", "2024-10", "2024-10"),
        ("month", date(2024, 10, 1), "2024-10"),  # what Excel makes of 2024-10
        ("day", "2024-10-16", "2024-10-16"),
        ("day", date(2024, 10, 16), "2024-10-16"),
    ],
)
def test_periods_come_as_ids_of_the_declared_kind(
    put: Put, pull: Pull, kind: str, cell: Any, period: str
) -> None:
    put("a.xlsx", workbook(["a", cell, date(2024, 10, 16), 3, "x"]))

    answer = pull(period={"column": "Kỳ", "kind": kind})

    assert {seen.period for seen in answer.observations} == {period}


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("year", "2024-10"),
        ("year", "Năm 2024"),
        ("year", 2024.5),
        ("year", date(2024, 1, 1)),
        ("year", None),
        ("year", "0000"),
        ("year", "9999"),
        ("quarter", "2024-Q5"),
        ("month", "2024-13"),
        ("month", date(2024, 10, 2)),
        ("day", "2024-02-30"),
        ("day", True),
    ],
)
def test_a_row_of_an_unreadable_period_makes_its_file_bad(
    put: Put, pull: Pull, kind: str, cell: Any
) -> None:
    good = {"year": 2024, "quarter": "2024-Q3", "month": "2024-10", "day": "2024-10-16"}[kind]
    day = date(2024, 10, 16)
    put("a.xlsx", workbook(["a", good, day, 3, "x"], ["b", cell, day, 4, "x"]))

    where, got = problem(pull(period={"column": "Kỳ", "kind": kind}))

    assert where == "a.xlsx, row 3, column 'Kỳ'"
    assert got.startswith(f"is no {kind}: ")


@pytest.mark.parametrize(
    ("cell", "data_us"),
    [
        (date(2024, 10, 16), us(2024, 10, 17)),
        (datetime.fromisoformat("2024-10-16T13:30"), us(2024, 10, 16, 13, 30)),
        ("16/10/2024", us(2024, 10, 17)),
        ("1/3/2024", us(2024, 3, 2)),  # the day comes first
        ("2024-10-16", us(2024, 10, 17)),
        ("2024-10-16T13:30:00", us(2024, 10, 16, 13, 30)),
        ("2024-10-16T13:30:00+00:00", us(2024, 10, 16, 20, 30)),
        (date(2024, 11, 1), us(2024, 11, 1, 9)),  # today has not ended: capped at now
        (date(2024, 11, 2), us(2024, 11, 1, 9)),
    ],
)
def test_the_day_of_a_report_ends_in_the_provinces_zone(
    put: Put, pull: Pull, cell: Any, data_us: int
) -> None:
    put("a.xlsx", workbook(["a", 2024, cell, 3, "x"]))

    answer = pull()

    assert {seen.data_us for seen in answer.observations} == {data_us}


@pytest.mark.parametrize(
    ("cell", "got"),
    [
        (None, "is no date such as 16/10/2024: blank"),
        ("31/02/2024", "is no date such as 16/10/2024: '31/02/2024'"),
        ("10/16/2024", "is no date such as 16/10/2024: '10/16/2024'"),
        ("20241016", "is no date such as 16/10/2024: '20241016'"),
        ("2024-10-16 noon", "is no date such as 16/10/2024: '2024-10-16 noon'"),
        (45581, "is no date such as 16/10/2024: '45581'"),
        (date(2024, 11, 3), "lies in the future: '2024-11-03'"),
        (date(9999, 12, 31), "lies in the future: '9999-12-31'"),
    ],
)
def test_a_row_of_an_unreadable_day_makes_its_file_bad(
    put: Put, pull: Pull, cell: Any, got: str
) -> None:
    put("a.xlsx", workbook(["a", 2024, date(2024, 10, 16), 3, "x"], ["b", 2024, cell, 3, "x"]))

    assert problem(pull()) == ("a.xlsx, row 3, column 'Ngày'", got)


def test_without_a_day_a_row_speaks_of_the_end_of_its_period(put: Put, pull: Pull) -> None:
    day = date(2024, 10, 16)
    put("a.xlsx", workbook(["a", 2023, day, 3, "x"], ["a", 2024, day, 3, "x"]))

    answer = pull(data_at=None, metrics={"products": {"column": "Sản phẩm"}})

    assert [seen.data_us for seen in answer.observations] == [us(2024, 1, 1), us(2024, 11, 1, 9)]


def test_without_a_period_the_zone_is_an_option(put: Put, pull: Pull) -> None:
    put("a.xlsx", workbook(["a", 2024, date(2024, 10, 16), 3, "x"]))

    answer = pull(period=None, windows=(), time_zone="Asia/Ho_Chi_Minh")

    assert {(seen.period, seen.data_us) for seen in answer.observations} == {
        (None, us(2024, 10, 17))
    }


def test_without_a_period_and_a_day_a_row_speaks_of_now(put: Put, pull: Pull) -> None:
    put("a.xlsx", workbook(["a", 2024, date(2024, 10, 16), 3, "x"]))

    answer = pull(period=None, data_at=None, windows=())

    assert {seen.data_us for seen in answer.observations} == {us(2024, 11, 1, 9)}


def test_a_row_without_an_agency_makes_its_file_bad(put: Put, pull: Pull) -> None:
    put("a.xlsx", workbook([None, 2024, date(2024, 10, 16), 3, "x"]))

    assert problem(pull()) == ("a.xlsx, row 2, column 'Mã đơn vị'", "names no agency: blank")


def test_a_code_that_excel_took_for_a_number_is_whole_again(put: Put, pull: Pull) -> None:
    put("a.xlsx", workbook([6012, 2024, date(2024, 10, 16), 3, "x"]))

    assert {seen.agency for seen in pull().observations} == {"6012"}


def test_a_bad_file_is_rejected_whole_while_a_good_one_beside_it_is_used(
    put: Put, pull: Pull
) -> None:
    day = date(2024, 10, 16)
    good = put("b.xlsx", workbook(["b", 2024, day, 3, "x"]))
    bad = put("a.xlsx", workbook(["a", 2024, day, 3, "x"], ["a", "soon", day, 4, "x"]))

    answer = pull()

    assert {seen.agency for seen in answer.observations} == {"b"}
    assert [rejected.where for rejected in answer.rejected] == ["a.xlsx, row 3, column 'Kỳ'"]
    # Both are remembered: the bad one is looked at again when its content changes.
    assert set(answer.taken) == {sha256(path.read_bytes()).hexdigest() for path in (good, bad)}


def test_what_was_taken_is_not_read_again(put: Put, pull: Pull) -> None:
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x\n")
    put("bad.csv", "nothing\n")
    first = pull()
    put("same content.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x\n")

    second = pull(taken=frozenset(first.taken))

    assert len(first.taken) == 2
    assert second == Answer((), 0, sha256(b"").hexdigest(), complete=False)


def test_each_new_file_is_kept_with_its_rows_and_its_size(
    put: Put, tmp_path: Path, asked: Callable[..., Ask]
) -> None:
    report = CSV_HEADINGS + "a,2024,16/10/2024,7,x\nb,2024,16/10/2024,8,x\n"
    put("a.csv", report)
    put("bad.csv", "nothing\n")
    first, second = asked(), asked(taken=frozenset({sha256(report.encode()).hexdigest()}))

    sheet(tmp_path).observe(first)
    sheet(tmp_path).observe(second)

    assert [(one.method, one.url, one.status) for one in first.ledger.requests] == [
        ("READ", str(tmp_path / "a.csv"), None),
        ("READ", str(tmp_path / "bad.csv"), None),
    ]
    assert [(one.rows, one.bytes) for one in first.ledger.requests] == [
        (2, len(report.encode())),
        (0, 8),
    ]
    assert [one.url for one in second.ledger.requests] == [str(tmp_path / "bad.csv")]


def test_a_file_is_read_again_when_its_content_changes(put: Put, pull: Pull) -> None:
    put("a.csv", CSV_HEADINGS + "a,2024,soon,7,x\n")
    first = pull()
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,8,x\n")

    second = pull(taken=frozenset(first.taken))

    assert problem(first)[0] == "a.csv, row 2, column 'Ngày'"
    assert values(second)["products", "a"] == Decimal(8)


def test_the_newest_report_of_a_series_counts(put: Put, pull: Pull) -> None:
    put("1 late.csv", CSV_HEADINGS + "a,2024,16/10/2024,9,x\n")
    put("2 early.csv", CSV_HEADINGS + "a,2024,09/10/2024,8,x\nb,2024,09/10/2024,5,x\n")

    answer = pull()

    assert values(answer) == {
        ("products", "a"): Decimal(9),
        ("officer", "a"): "x",
        ("products", "b"): Decimal(5),
        ("officer", "b"): "x",
    }
    assert answer.received == 3


def test_of_reports_of_the_same_day_the_last_by_name_counts(put: Put, pull: Pull) -> None:
    put("b.csv", CSV_HEADINGS + "a,2024,16/10/2024,9,x\n")
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,8,x\n")

    [products] = [seen for seen in pull().observations if seen.metric == "products"]

    assert products.value == Decimal(9)


def test_periods_are_series_of_their_own_but_for_figures_of_the_moment(
    put: Put, pull: Pull
) -> None:
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,9,new\na,2023,31/12/2023,8,old\n")
    metrics = {
        "products": {"column": "Sản phẩm"},
        "officer": {"column": "Cán bộ", "moment": True},
    }

    answer = pull(metrics=metrics)

    assert [(seen.metric, seen.period, seen.value) for seen in answer.observations] == [
        ("products", "2024", Decimal(9)),
        ("officer", None, "new"),
        ("products", "2023", Decimal(8)),
    ]


def test_two_rows_of_one_file_for_one_series_both_come_so_that_they_can_be_refused(
    put: Put, pull: Pull
) -> None:
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,9,x\na,2024,16/10/2024,8,x\n")

    figures = [seen.value for seen in pull().observations if seen.metric == "products"]

    assert figures == [Decimal(9), Decimal(8)]


@pytest.mark.parametrize(
    ("content", "where", "got"),
    [
        ("", "the sheet", "has no row 1 for its headings"),
        (CSV_HEADINGS, "the sheet", "has no rows under its headings"),
        (
            "Mã đơn vị;Kỳ\na;2024\n",
            "row 1",
            "has no column 'Mã đơn vị'; there are 'Mã đơn vị;Kỳ'",
        ),
        ("\na,b\n", "row 1", "has no column 'Mã đơn vị'; there are none"),
        ("Kỳ,Ngày,kỳ ,Mã đơn vị,Cán bộ,Sản phẩm\n", "row 1", "has 2 columns 'Kỳ'"),
        (CSV_HEADINGS + "a,2024,16/10/2024,97,5,x\n", "row 2", "has 6 cells under 5 headings"),
        (CSV_HEADINGS + "a,2024,16/10", "row 2", "has 3 cells under 5 headings"),
        (CSV_HEADINGS + 'a,2024,16/10/2024,7,"x', "the text", "is no csv: "),
        (CSV_HEADINGS.encode("utf-16"), "the text", "is not utf-8-sig: "),
    ],
)
def test_a_csv_that_is_not_the_report_says_why(
    put: Put, pull: Pull, content: str, where: str, got: str
) -> None:
    put("a.csv", content)

    found = problem(pull())

    assert found[0] == f"a.csv, {where}"
    assert found[1].startswith(got)


def test_cells_beyond_the_headings_may_be_blank(put: Put, pull: Pull) -> None:
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x,,\n , \n")

    assert len(pull().observations) == 2


@pytest.mark.parametrize(
    ("limits", "where"),
    [({"max_rows": 2}, "row 3"), ({"max_cells": 14}, "row 3")],
)
def test_a_csv_that_is_too_large_is_bad(
    put: Put, pull: Pull, limits: dict[str, int], where: str
) -> None:
    put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x\n" * 2)

    assert problem(pull(limits=limits))[0] == f"a.csv, {where}"


WHOLE = workbook(["a", 2024, date(2024, 10, 16), 3, "x"])
PAGE = "xl/worksheets/sheet1.xml"


def bomb() -> bytes:
    return changed(WHOLE, PAGE, lambda page: page + b" " * 5_000_000)


def lies_about_its_size() -> bytes:
    """The directory of this zip says 10 bytes where 5 million come."""
    body = bytearray(changed(WHOLE, PAGE, lambda page: page + b" " * 5_000_000))
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        size = package.getinfo(PAGE).file_size.to_bytes(4, "little")
    return bytes(body.replace(size, (10).to_bytes(4, "little")))


def many_entries() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for number in range(1001):
            package.writestr(f"xl/{number}.xml", "<a/>")
    return packed.getvalue()


def encrypted_entry() -> bytes:
    """The first entry's flags in the directory say that it is encrypted."""
    at = WHOLE.index(b"PK\x01\x02") + 8
    return WHOLE[:at] + b"\x01" + WHOLE[at + 1 :]


def twin_entries() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("xl/a.xml", "<a/>")
        package.writestr("xl/A.xml", "<a/>")
    return packed.getvalue()


def other_packing() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as package:
        package.writestr("xl/workbook.xml", "<a/>")
    return packed.getvalue()


def far_cell(reference: bytes) -> bytes:
    return changed(WHOLE, PAGE, lambda page: page.replace(b'r="E2"', b'r="%s"' % reference))


def far_row() -> bytes:
    return changed(WHOLE, PAGE, lambda page: page.replace(b'row r="2"', b'row r="-2"'))


def endless_text() -> bytes:
    """One long text that every cell of many shows."""
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (number, number)
        for number in range(3, 3003)
    )
    noise = b"".join(sha256(b"%d" % number).hexdigest().encode() for number in range(300))
    book = changed(WHOLE, PAGE, lambda page: page.replace(b"</sheetData>", cells + b"</sheetData>"))
    return changed(
        book, "xl/sharedStrings.xml", lambda texts: texts.replace(b"<t>x", b"<t>" + noise)
    )


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "is no whole xlsx file"),
        (b"not a zip", "is no whole xlsx file"),
        (WHOLE[: len(WHOLE) // 2], "is no whole xlsx file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is encrypted, or of Excel 97–2003"),
        (encrypted_entry(), "is encrypted"),
        (bomb(), "unpacks to over 100 times its size"),
        (lies_about_its_size(), "is no whole xlsx file"),
        (many_entries(), "has more than 1000 zip entries"),
        (twin_entries(), "stands twice in the zip"),
        (other_packing(), "is packed by method 14"),
        (far_cell(b"XFD2"), None),
        (far_cell(b"XFD1048576"), "reach row 1048576, over 100000"),
        (far_cell(b"XFD99999"), "span more than 1000000 cells"),
        (far_cell(b"ZZZZZZZ2"), "has a cell 'ZZZZZZZ2'"),
        (far_row(), "has a row '-2'"),
        (endless_text(), "may hold more than 50000000 characters"),
        (
            changed(
                WHOLE, PAGE, lambda page: page.replace(b"<worksheet", b"<!DOCTYPE a><worksheet")
            ),
            "declares a document type",
        ),
        (changed(WHOLE, PAGE, lambda page: page[:300]), "is no well-formed XML"),
        (
            changed(WHOLE, PAGE, lambda page: page.replace(b"<v>0</v>", b"<v>99</v>")),
            "cannot be read",
        ),
        (changed(WHOLE, "xl/workbook.xml", lambda _: b"<a/>"), "cannot be read"),
    ],
)
def test_a_workbook_that_could_do_harm_is_bad_and_nothing_more(
    put: Put, pull: Pull, content: bytes, got: str | None
) -> None:
    put("a.xlsx", content)

    answer = pull()

    if got is None:
        assert len(answer.observations) == 1  # a stray cell far to the right is no harm yet
    else:
        assert got in problem(answer)[1]


def test_cells_and_rows_may_stand_without_their_references(put: Put, pull: Pull) -> None:
    def unreferenced(page: bytes) -> bytes:
        return re.sub(rb'(<row|<c) r="[^"]*"', rb"\1", page)

    put("a.xlsx", changed(WHOLE, PAGE, unreferenced))

    assert values(pull()) == {("products", "a"): Decimal(3), ("officer", "a"): "x"}


def test_a_workbook_that_unpacks_to_too_much_is_bad(put: Put, pull: Pull) -> None:
    put("a.xlsx", WHOLE)

    assert problem(pull(limits={"max_unpacked": 1000})) == (
        "a.xlsx, the file",
        "unpacks to over 1000 bytes",
    )


def test_a_file_that_is_too_large_is_not_even_read_and_rejected_once(put: Put, pull: Pull) -> None:
    put("a.xlsx", WHOLE)

    first = pull(limits={"max_bytes": "1KB"})
    second = pull(limits={"max_bytes": "1KB"}, taken=frozenset(first.taken))

    assert problem(first) == ("a.xlsx, the file", f"is {len(WHOLE)} bytes, over 1000")
    assert second.rejected == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_rejected_with_each_pull(put: Put, pull: Pull) -> None:
    path = put("a.xlsx", WHOLE)
    path.chmod(0)
    first = pull()
    path.chmod(0o600)

    second = pull(taken=frozenset(first.taken))

    assert problem(first) == ("a.xlsx, the file", "cannot be read: Permission denied")
    assert first.taken == ()
    assert len(second.observations) == 2


def test_a_file_changed_just_now_waits_for_the_next_pull(put: Put, pull: Pull) -> None:
    path = put("a.xlsx", WHOLE)
    touched = (NOW - timedelta(seconds=1)).timestamp()
    os.utime(path, (touched, touched))

    at_once, later = pull(), pull(now=NOW + timedelta(seconds=2))

    assert (at_once.taken, at_once.rejected) == ((), ())
    assert len(later.observations) == 2


def test_only_regular_files_of_the_pattern_are_looked_at(
    put: Put, pull: Pull, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text(CSV_HEADINGS + "a,2024,16/10/2024,7,x\n")
    (tmp_path / "link.csv").symlink_to(outside / "secret.csv")
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    put("~$b.xlsx", b"a lock file of Excel")
    put(".hidden.csv", "x")
    put("readme.txt", "x")
    put("KÝ BÁO CÁO.XLSX", WHOLE)

    answer = pull()

    assert [seen.where.partition(",")[0] for seen in answer.observations] == ["KÝ BÁO CÁO.XLSX"] * 2
    assert answer.rejected == ()


def test_more_files_than_one_pull_may_take_come_with_the_next(put: Put, pull: Pull) -> None:
    for number in range(5):
        put(f"{number}.csv", CSV_HEADINGS + f"a{number},2024,16/10/2024,7,x\n")

    first = pull(limits={"max_files": 3})
    second = pull(limits={"max_files": 3}, taken=frozenset(first.taken))

    assert {seen.agency for seen in first.observations} == {"a0", "a1", "a2"}
    assert {seen.agency for seen in second.observations} == {"a3", "a4"}


def test_an_absent_folder_is_an_error_of_the_source(pull: Pull, tmp_path: Path) -> None:
    tmp_path.rmdir()

    with pytest.raises(SourceError, match="No such file or directory") as caught:
        pull()

    assert caught.value.reason == "source"


def test_a_stop_ends_a_pull_between_two_files(
    put: Put, tmp_path: Path, asked: Callable[..., Ask]
) -> None:
    put("a.xlsx", WHOLE)
    ask = asked()
    ask.stop.set()

    with pytest.raises(SourceError, match="interrupted"):
        sheet(tmp_path).observe(ask)


def test_a_folder_that_hangs_costs_its_own_time_and_one_thread_until_it_is_back(
    put: Put, tmp_path: Path, asked: Callable[..., Ask]
) -> None:
    path = put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x\n")
    connector, began_s = sheet(tmp_path, limits={"total_s": 0.3}), time.monotonic()
    first, second = asked(), asked()

    with held(path):
        with pytest.raises(SourceError, match=r"no whole answer within 0\.3 s") as late:
            connector.observe(first)
        with pytest.raises(SourceError, match="still hangs") as still:
            connector.observe(second)
    _join_what_hung()

    assert {(one.value.reason, one.value.permanent) for one in (late, still)} == {("source", False)}
    assert time.monotonic() - began_s < 10
    (reading,) = first.ledger.requests
    assert (reading.url, reading.rows) == (str(path), None)
    assert connector.observe(asked()).received == 1


def test_a_folder_that_hangs_does_not_hold_up_the_end_of_the_service(
    put: Put, tmp_path: Path, asked: Callable[..., Ask]
) -> None:
    path, ask = put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x\n"), asked()
    threading.Timer(0.2, ask.stop.set).start()
    began_s = time.monotonic()

    with held(path), pytest.raises(SourceError, match="the service stops"):
        sheet(tmp_path).observe(ask)

    assert time.monotonic() - began_s < 10
    _join_what_hung()


def test_files_that_a_slow_folder_leaves_no_time_for_come_with_the_next_pull(
    put: Put, tmp_path: Path, asked: Callable[..., Ask]
) -> None:
    path = put("a.csv", CSV_HEADINGS + "a,2024,16/10/2024,7,x\n")
    put("b.csv", CSV_HEADINGS + "b,2024,16/10/2024,8,x\n")
    connector = sheet(tmp_path, limits={"total_s": 4})

    with held(path) as let_go:
        threading.Timer(2.2, let_go).start()
        first = connector.observe(asked())
    second = connector.observe(asked(taken=frozenset(first.taken)))

    assert [{one.agency for one in answer.observations} for answer in (first, second)] == [
        {"a"},
        {"b"},
    ]


def _join_what_hung() -> None:
    for thread in threading.enumerate():
        if thread.name == "bounded":
            thread.join(10)


def test_it_says_what_it_feeds(tmp_path: Path) -> None:
    metrics = {"products": {"column": "A"}, "officer": {"column": "B", "moment": True}}
    named = sheet(tmp_path, agency={"column": "Mã", "system": "reports"}, metrics=metrics)

    assert named.feeds() == {("products", "year"), ("officer", None)}
    assert named.agency_system == "reports"
    assert sheet(tmp_path).agency_system is None
    quarterly = sheet(tmp_path, period={"column": "Kỳ", "kind": "quarter"})
    assert quarterly.feeds() == {("products", "quarter"), ("officer", "quarter")}
    assert sheet(tmp_path, period=None, data_at=None).feeds() == {
        ("products", None),
        ("officer", None),
    }


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pattern": "../*.xlsx"}, "files of the folder itself"),
        ({"pattern": "*"}, r"ends in \.xlsx or \.csv"),
        ({"pattern": []}, "at least 1 item"),
        ({"encoding": "vni"}, "no such encoding: 'vni'"),
        ({"time_zone": "Sơn La"}, "no such time zone"),
        ({"delimiter": ""}, "at least 1 character"),
        ({"header_row": 0}, "greater than or equal to 1"),
        ({"sheet": -1}, "greater than or equal to 0"),
        ({"period": None}, "needs time_zone"),
        ({"metrics": {}}, "at least 1 item"),
    ],
)
def test_an_option_that_cannot_be_is_refused(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        sheet(tmp_path, **options)
