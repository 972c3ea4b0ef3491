"""What a source bears: requests a minute across restarts, and hours in which it is left alone."""

import threading
from datetime import datetime

import pytest
from pydantic import ValidationError

from connectors.base import SourceError
from connectors.fetch.quiet import check_quiet
from connectors.http import Client, Limits
from tests.connectors.asking import ZONE, bare
from tests.source_server import SourceServer, as_json


def local(clock: str) -> datetime:
    return datetime.fromisoformat(f"2024-10-16T{clock}:00").replace(tzinfo=ZONE)


def test_requests_before_a_restart_count_against_the_minute(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([])
    limits = Limits(requests_per_minute=3, total_s=1.0)
    client = Client(bare(source_server.url, limits=limits), spent=2)
    http = client.begin(threading.Event())

    http.send("GET", "/one")
    with pytest.raises(SourceError, match="no time left") as caught:
        http.send("GET", "/two")
    client.close()

    assert source_server.paths() == ["/one"]
    assert caught.value.reason == "source"


def test_any_number_spent_before_a_restart_is_at_most_the_whole_minute() -> None:
    client = Client(bare("https://portal.example", limits=Limits(requests_per_minute=3)), spent=99)

    assert 59.0 < client.pace.wait_s() <= 60.0


def test_in_quiet_hours_nothing_is_asked(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([])
    client = Client(bare(source_server.url, limits=Limits(quiet=("12:00-13:00",))))

    with pytest.raises(SourceError, match="quiet hours of the source, until 13:00") as caught:
        client.begin(threading.Event(), local("12:45")).send("GET", "/stat")
    client.begin(threading.Event(), local("13:00")).send("GET", "/stat")
    client.close()

    assert (caught.value.reason, caught.value.retry_after_s) == ("source", 900.0)
    assert len(source_server.asked) == 1


def test_a_run_that_began_before_quiet_hours_is_not_cut(source_server: SourceServer) -> None:
    source_server.answer = lambda _: as_json([])
    client = Client(bare(source_server.url, limits=Limits(quiet=("12:00-13:00",))))
    http = client.begin(threading.Event(), local("11:59"))

    http.send("GET", "/one")
    http.send("GET", "/two")
    client.close()

    assert len(source_server.asked) == 2


@pytest.mark.parametrize(
    ("clock", "left_s"), [("22:00", 7 * 3600), ("23:30", 5.5 * 3600), ("04:59", 60.0)]
)
def test_quiet_hours_may_go_over_midnight(clock: str, left_s: float) -> None:
    with pytest.raises(SourceError) as caught:
        check_quiet(["22:00-05:00"], local(clock))

    assert caught.value.retry_after_s == left_s


@pytest.mark.parametrize("clock", ["21:59", "05:00", "12:00"])
def test_outside_of_them_all_is_well(clock: str) -> None:
    check_quiet(["22:00-05:00", "12:30-13:00"], local(clock))


def test_where_hours_overlap_the_longest_counts() -> None:
    with pytest.raises(SourceError) as caught:
        check_quiet(["12:00-13:00", "12:30-14:00"], local("12:45"))

    assert caught.value.retry_after_s == 75 * 60


@pytest.mark.parametrize("hours", ["12-13", "12:00-12:00", "24:00-01:00", "noon", "12:00–13:00"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(ValidationError):
        bare("https://portal.example", limits={"quiet": [hours]})


@pytest.mark.parametrize(
    "quiet",
    [
        ["00:00-12:00", "12:00-00:00"],
        ["06:00-18:00", "17:00-06:30"],
        ["00:01-23:59", "23:00-01:00"],
    ],
)
def test_quiet_hours_that_leave_no_time_of_the_day_are_refused(quiet: list[str]) -> None:
    with pytest.raises(ValidationError, match="leave no time"):
        Limits.model_validate({"quiet": quiet})


def test_quiet_hours_may_leave_a_minute() -> None:
    Limits.model_validate({"quiet": ["00:01-12:00", "12:00-00:00"]})
