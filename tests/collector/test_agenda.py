"""When sources are due: spread, never twice, and as cron means it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.agenda import COALESCED_MAX, Agenda, Owed, Quiet, trigger_of
from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from collector.periods import instant_us, local
from collector.settings.model import Schedule
from tests.makers import NOW_US

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
QUARTER_US = 15 * MINUTE_US
# A Sunday.
SUNDAY_US = instant_us(datetime(2024, 10, 6, tzinfo=ZONE))
SUN, MON, TUE, WED, THU, FRI, SAT = 6, 0, 1, 2, 3, 4, 5


def agenda(schedule: Schedule | None = None, *, done_us: int | None = None) -> Agenda:
    trigger = trigger_of("a", schedule or Schedule(every_us=QUARTER_US), ZONE)
    done = {} if done_us is None else {"a": done_us}
    return Agenda({"a": trigger}, dict(done), dict(done))


def dues(cron: str, from_us: int = SUNDAY_US) -> Iterator[datetime]:
    one, due_us = agenda(Schedule(cron=cron)), from_us - 1
    while True:
        due_us = one.after_us("a", due_us)
        yield local(due_us, ZONE)


class TestCron:
    @pytest.mark.parametrize(
        ("field", "days"),
        [
            ("0", {SUN}),
            ("7", {SUN}),
            ("1", {MON}),
            ("6", {SAT}),
            ("1-5", {MON, TUE, WED, THU, FRI}),
            ("0-4", {SUN, MON, TUE, WED, THU}),
            ("5-7", {FRI, SAT, SUN}),
            ("0,6", {SUN, SAT}),
            ("*/2", {SUN, TUE, THU, SAT}),
            ("1-5/2", {MON, WED, FRI}),
            ("3/2", {WED, FRI}),
            ("MON-FRI", {MON, TUE, WED, THU, FRI}),
            ("fri-mon", {FRI, SAT, SUN, MON}),
            ("sun,3", {SUN, WED}),
            ("*", {SUN, MON, TUE, WED, THU, FRI, SAT}),
        ],
    )
    def test_weekdays_mean_what_cron_says(self, field: str, days: set[int]) -> None:
        found = list(islice(dues(f"30 6 * * {field}"), len(days) * 2))

        assert {due.weekday() for due in found} == days
        assert found[-1] - found[0] < timedelta(days=14)

    def test_where_day_and_weekday_are_narrowed_either_will_do(self) -> None:
        found = list(islice(dues("0 6 15 * 1"), 4))

        assert [due.day for due in found] == [7, 14, 15, 21]

    def test_hours_are_those_of_the_province(self) -> None:
        assert next(dues("30 8 * * *")).strftime("%H:%M") == "08:30"

    @pytest.mark.parametrize(
        "cron",
        ["", "* * * *", "* * * * * *", "0 6 * * 8", "0 6 * * x", "0 6 * * 1/0", "61 6 * * *"],
    )
    def test_what_is_no_cron_expression_says_so(self, cron: str) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            agenda(Schedule(cron=cron))

    def test_a_day_that_never_comes_is_an_error_and_no_endless_search(self) -> None:
        with pytest.raises(ValueError, match="never comes due"):
            agenda(Schedule(cron="0 0 30 2 *")).after_us("a", NOW_US)


class TestSpread:
    def test_sources_of_one_schedule_are_due_at_different_moments(self) -> None:
        every = Schedule(every_us=QUARTER_US)
        names = [f"source-{number}" for number in range(40)]
        triggers = {name: trigger_of(name, every, ZONE) for name in names}

        offsets = {Agenda(triggers).after_us(name, NOW_US) % QUARTER_US for name in names}

        assert len(offsets) > 35

    def test_and_at_the_same_moments_in_each_process(self) -> None:
        quarter, daily = Schedule(every_us=QUARTER_US), Schedule(cron="0 6 * * *")

        found = [agenda(one).after_us("a", NOW_US) for one in (quarter, daily)]

        assert [datetime.fromtimestamp(us / SECOND_US, UTC).isoformat() for us in found] == [
            "2024-10-16T09:04:10+00:00",
            "2024-10-16T23:00:10+00:00",
        ]


@given(
    every_s=st.integers(1, 10_000_000),
    at_us=st.integers(
        instant_us(datetime(2021, 1, 1, tzinfo=UTC)), instant_us(datetime(2060, 1, 1, tzinfo=UTC))
    ),
)
def test_dues_of_an_interval_follow_one_another_exactly(every_s: int, at_us: int) -> None:
    one = agenda(Schedule(every_us=every_s * SECOND_US))

    first = one.after_us("a", at_us)
    second = one.after_us("a", first)

    assert at_us < first <= at_us + every_s * SECOND_US
    assert second - first == every_s * SECOND_US
    assert one.after_us("a", second - 1) == second


class TestOwed:
    def test_a_source_never_pulled_is_due_at_once(self) -> None:
        assert agenda().owed("a", NOW_US) == Owed(NOW_US)
        assert agenda().next_due_us("a", NOW_US) == NOW_US

    def test_nothing_is_owed_before_the_next_due(self) -> None:
        one = agenda(done_us=NOW_US)
        due_us = one.next_due_us("a", NOW_US)

        assert one.owed("a", due_us - 1) is None
        assert one.owed("a", due_us) == Owed(due_us)

    def test_the_same_due_is_never_owed_twice(self) -> None:
        one = agenda(done_us=NOW_US)
        made = []
        for now_us in range(NOW_US, NOW_US + 3 * HOUR_US, 7 * SECOND_US):
            owed = one.owed("a", now_us)
            if owed is not None:
                made.append(owed.due_us)
                one.close("a", owed)

        assert len(made) == 12
        assert all(after - before == QUARTER_US for before, after in pairwise(made))

    def test_dues_passed_while_stopped_become_one_run_for_the_newest(self) -> None:
        one = agenda(done_us=NOW_US)

        owed = one.owed("a", NOW_US + HOUR_US)

        assert owed is not None
        due = [owed.due_us - n * QUARTER_US for n in range(4)]
        assert (owed.due_us, owed.coalesced_us) == (due[0], (due[3], due[2], due[1]))
        one.close("a", owed)
        assert one.owed("a", NOW_US + HOUR_US) is None

    def test_after_years_of_a_stop_only_so_many_are_recorded(self) -> None:
        one = agenda(Schedule(every_us=HOUR_US), done_us=NOW_US - 1200 * DAY_US)

        owed = one.owed("a", NOW_US)

        assert owed is not None
        assert len(owed.coalesced_us) == COALESCED_MAX
        assert owed.coalesced_us[-1] == owed.due_us - HOUR_US


class TestRetryAfter:
    def test_a_source_that_asks_to_wait_is_due_then(self) -> None:
        one = agenda(done_us=NOW_US)
        due_us = one.next_due_us("a", NOW_US)
        wanted_us = due_us + 100 * SECOND_US
        one.close("a", Owed(due_us), not_before_us=wanted_us)

        assert one.next_due_us("a", due_us) == wanted_us
        assert one.owed("a", wanted_us - 1) is None
        assert one.owed("a", wanted_us) == Owed(wanted_us)

    def test_dues_that_it_waits_through_are_stood_for(self) -> None:
        one = agenda(done_us=NOW_US)
        due_us = one.next_due_us("a", NOW_US)
        wanted_us = due_us + 40 * MINUTE_US
        one.close("a", Owed(due_us), not_before_us=wanted_us)

        owed = one.owed("a", wanted_us)

        between = (due_us + QUARTER_US, due_us + 2 * QUARTER_US)
        assert owed == Owed(wanted_us, between)
        one.close("a", owed)
        assert one.next_due_us("a", wanted_us) == due_us + 3 * QUARTER_US

    def test_one_that_is_late_itself_makes_no_second_run(self) -> None:
        one = agenda(done_us=NOW_US)
        due_us = one.next_due_us("a", NOW_US)
        one.close("a", Owed(due_us), not_before_us=due_us + MINUTE_US)

        assert one.owed("a", due_us + 16 * MINUTE_US) == Owed(due_us + QUARTER_US)


class TestClockSetBack:
    def test_does_not_stop_the_schedule(self) -> None:
        one = agenda(done_us=NOW_US)
        back_us = NOW_US - DAY_US

        assert one.next_due_us("a", back_us) == back_us
        owed = one.owed("a", back_us)
        assert owed == Owed(back_us)
        one.close("a", owed)
        assert back_us < one.next_due_us("a", back_us) <= back_us + QUARTER_US

    def test_and_records_no_due_again_until_the_clock_has_caught_up(self) -> None:
        one = agenda()
        made = []
        for start_us in (NOW_US, NOW_US - 2 * HOUR_US):
            for now_us in range(start_us, start_us + 3 * HOUR_US, 61 * SECOND_US + 1):
                owed = one.owed("a", now_us)
                if owed is not None:
                    made += [*owed.coalesced_us, owed.due_us]
                    one.close("a", owed)

        assert len(made) == len(set(made))
        assert len(made) == 2 * 13

    def test_forgets_what_the_source_asked_by_the_clock_before(self) -> None:
        one = agenda()
        one.close("a", Owed(NOW_US), not_before_us=NOW_US + HOUR_US)

        assert one.owed("a", NOW_US - DAY_US) == Owed(NOW_US - DAY_US)

    def test_a_little_is_only_waited_for(self) -> None:
        one = agenda(done_us=NOW_US)

        assert one.owed("a", NOW_US - SECOND_US) is None


def quietly(*hours: str, schedule: Schedule | None = None, done: str | None = None) -> Agenda:
    one = agenda(schedule, done_us=None if done is None else at(done))
    return replace(one, quiet={"a": Quiet(hours, ZONE)})


def at(clock: str, day: int = 16) -> int:
    return instant_us(datetime.fromisoformat(f"2024-10-{day}T{clock}").replace(tzinfo=ZONE))


def told(at_us: int) -> str:
    return f"{local(at_us, ZONE):%d %H:%M}"


class TestQuietHours:
    """Whoever asks in them would only be told that it is quiet, and count it as a failure."""

    NOON = Schedule(cron="0 12 * * *")

    def test_what_comes_due_in_them_is_due_at_their_end(self) -> None:
        one = quietly("12:00-13:00", schedule=self.NOON, done="11:00")

        assert told(one.next_due_us("a", at("11:00"))) == "16 13:00"
        assert one.owed("a", at("12:59:59")) is None
        assert one.owed("a", at("13:00")) == Owed(at("13:00"))

    def test_it_is_due_once_however_often_it_would_have_been(self) -> None:
        one = quietly("12:00-13:00", done="11:55")

        owed = one.owed("a", at("13:00"))

        assert owed == Owed(at("13:00"))
        one.close("a", Owed(at("13:00")))
        assert at("13:00") < one.next_due_us("a", at("13:00")) <= at("13:15")

    def test_asked_in_the_middle_of_them_their_end_is_next(self) -> None:
        one = quietly("12:00-13:00", schedule=self.NOON, done="11:00")

        assert told(one.after_us("a", at("12:45"))) == "16 13:00"
        assert told(one.after_us("a", at("12:00"))) == "16 13:00"
        assert told(one.after_us("a", at("13:00"))) == "17 13:00"

    def test_a_due_from_before_waits_for_their_end_too(self) -> None:
        """The service was stopped over it."""
        one = quietly("12:00-13:00", schedule=Schedule(cron="0 11 * * *"), done="10:00")

        assert one.owed("a", at("12:10")) is None
        assert told(one.next_due_us("a", at("12:10"))) == "16 13:00"
        owed = one.owed("a", at("13:00"))
        assert owed is not None
        assert told(owed.due_us) == "16 11:00"

    def test_a_source_never_pulled_waits_as_well(self) -> None:
        one = quietly("12:00-13:00")

        assert one.owed("a", at("12:10")) is None
        assert told(one.next_due_us("a", at("12:10"))) == "16 13:00"
        assert one.owed("a", at("13:00")) == Owed(at("13:00"))

    def test_what_a_source_asked_to_wait_ends_after_them(self) -> None:
        one = quietly("12:00-13:00", done="11:00")
        one.close("a", Owed(at("11:50")), not_before_us=at("12:20"))

        assert told(one.next_due_us("a", at("11:51"))) == "16 13:00"
        assert one.owed("a", at("12:30")) is None
        assert one.owed("a", at("13:00")) == Owed(at("13:00"))

    @pytest.mark.parametrize(
        ("hours", "clock", "due"),
        [
            (("22:00-05:00",), "22:30", "17 05:00"),
            (("22:00-05:00",), "04:59", "16 05:00"),
            (("22:00-05:00",), "21:59", "16 21:59"),
            (("12:00-13:00", "12:30-14:00", "14:00-15:00"), "12:10", "16 15:00"),
        ],
    )
    def test_over_midnight_and_one_after_the_other(
        self, hours: tuple[str, ...], clock: str, due: str
    ) -> None:
        assert told(quietly(*hours).next_due_us("a", at(clock))) == due


@given(
    hours=st.lists(
        st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda one: one[0] != one[1]),
        min_size=1,
        max_size=2,
    ),
    every_s=st.integers(60, 200_000),
    minute=st.integers(0, 10_000),
)
def test_no_due_is_in_quiet_hours_and_each_is_later_than_the_one_before(
    hours: list[tuple[int, int]], every_s: int, minute: int
) -> None:
    written = tuple(f"{begin:02d}:00-{end:02d}:00" for begin, end in hours)
    quiet = Quiet(written, ZONE)
    one = replace(agenda(Schedule(every_us=every_s * SECOND_US)), quiet={"a": quiet})
    due_us = at("00:00") + minute * MINUTE_US
    assume(any(quiet.until_us(due_us + n * HOUR_US) == due_us + n * HOUR_US for n in range(24)))

    for _ in range(5):
        following_us = one.after_us("a", due_us)
        assert following_us > due_us
        assert quiet.until_us(following_us) == following_us
        due_us = following_us
