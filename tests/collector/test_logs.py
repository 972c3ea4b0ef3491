"""Log lines for machines and for people."""

import io
import json
from datetime import datetime
from pathlib import Path

from collector.logs import logger


def test_a_line_for_machines_is_one_json_object_with_its_time_in_utc() -> None:
    stream = io.StringIO()

    logger(stream, "json").warning("run", source="dossiers", message="Sơn La\nhai dòng")

    (line,) = stream.getvalue().splitlines()
    said = json.loads(line)
    assert (said["event"], said["level"], said["source"]) == ("run", "warning", "dossiers")
    assert said["message"] == "Sơn La\nhai dòng"
    assert "Sơn La" in line
    assert datetime.fromisoformat(said["timestamp"]).utcoffset() is not None


def test_what_has_no_words_in_json_is_told_by_its_own(tmp_path: Path) -> None:
    stream = io.StringIO()

    logger(stream, "json").info("started", store=tmp_path)

    assert json.loads(stream.getvalue())["store"] == repr(tmp_path)


def test_an_error_of_ours_is_told_in_the_same_line() -> None:
    stream = io.StringIO()

    try:
        int("rows")
    except ValueError:
        logger(stream, "json").exception("bug")

    (line,) = stream.getvalue().splitlines()
    assert "ValueError: invalid literal" in json.loads(line)["exception"]


def test_a_line_for_people_has_no_colours_where_nobody_looks() -> None:
    stream = io.StringIO()

    logger(stream, "text").info("started", at="http://127.0.0.1:9766")

    assert "started" in stream.getvalue()
    assert "at=http://127.0.0.1:9766" in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_what_only_helps_to_find_bugs_is_not_said() -> None:
    stream = io.StringIO()

    logger(stream, "json").debug("detail")

    assert stream.getvalue() == ""
