import json
from itertools import pairwise
from pathlib import Path

from collector.clock import DAY_US
from collector.web.current import current
from collector.web.past import Moment, Past, weeks
from tests.web.site_maker import BEGIN_US, World, live_a_year, world


def test_a_line_holds_what_stood_at_the_end_of_each_week_and_now(year: World) -> None:
    one = current(year.site, None)

    line = Past(year.site.store).line(one, "province")

    assert len(line) == 53
    assert all(later.at_us - sooner.at_us == 7 * DAY_US for sooner, later in pairwise(line[:-1]))
    assert line[-1].score == one.scoreboard()["province"]["score"]
    for moment in line[:-1]:
        stood = year.site.store.history("sonla-2024", "province", until_us=moment.at_us)[-1]
        assert json.loads(stood.body or "{}")["score"] == moment.score


def test_a_line_of_a_short_time_is_by_day_and_begins_where_nothing_stood(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        one.clock.move_to(BEGIN_US + 3 * DAY_US)
        one.publisher.publish()
        line = Past(one.site.store).line(current(one.site, None), "agency/so-yte")

    assert [moment.score for moment in line[:-1]] == [None, None, None]
    assert [moment.low for moment in line] == [None, None, None, 0.0]


def test_what_was_read_once_is_not_read_again(tmp_path: Path) -> None:
    with world(tmp_path) as one:
        live_a_year(one, steps=3)
        past, now = Past(one.site.store), current(one.site, None)
        before = past.line(now, "province")
        one.site.store.close()
        (tmp_path / "chiso.db").rename(tmp_path / "gone.db")

        assert past.line(now, "province") == before


def test_weeks_are_the_last_points_of_a_line() -> None:
    line = tuple(Moment(week * 7 * DAY_US, float(week)) for week in range(40))

    assert weeks(line) == line[27:]
    assert weeks(()) == ()
    days = tuple(Moment(day * DAY_US, float(day)) for day in range(61))
    assert len(weeks(days)) <= 14
    assert weeks(days)[-1] == days[-1]
