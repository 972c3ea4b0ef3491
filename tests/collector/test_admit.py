"""Which rows of an answer become facts, and which do not, each for its reason."""

import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.admit import Admission, admit
from collector.clock import DAY_US
from collector.directory import Directory, codes_of
from collector.facts import Admitted, Reading, Series
from collector.judges import Context
from collector.periods import local, period_at
from collector.settings.model import Code, Settings
from connectors.base import Answer, Observation, Rejected
from tests.makers import AGENCIES, NOW_US, Counts, Rig, drafted, rigged, with_source
from tests.source_server import SourceServer

SENT = Series("sent", "so-tttt", "2024")
SIGNED = Series("signed", "so-tttt", "2024")
SPOTS = Series("spots", "so-tttt", "")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return drafted("https://register.example").settings(tmp_path_factory.mktemp("config"))


def context(settings: Settings, *known: Reading, now_us: int = NOW_US) -> Context:
    """What is judged against in 2024, beside what is known."""
    period = period_at("year", now_us, settings.zone)
    return Context(
        source=settings.sources["counts"],
        metrics=settings.metrics,
        directory=Directory(settings.agencies, settings.zone),
        readings={one.series: one for one in known},
        windows=(period.window(settings.zone),),
        day=local(now_us, settings.zone).date(),
        now_us=now_us,
    )


def reading(series: Series, value: str) -> Reading:
    return Reading(series, Decimal(value), NOW_US - DAY_US, NOW_US - DAY_US, 1)


def said(
    metric: str, value: Any, agency: str = "so-tttt", *, at_us: int = NOW_US, where: str = "row 1"
) -> Observation:
    period = "2024" if metric in {"sent", "signed"} else None
    code = f"H{AGENCIES.index(agency)}" if agency in AGENCIES else agency
    number = Decimal(value) if isinstance(value, int) else value
    return Observation(metric, code, period, at_us, number, where)


def answer(*observations: Observation, **more: Any) -> Answer:
    return Answer(observations, received=len(observations), digest="d", complete=False, **more)


def judged(settings: Settings, *observations: Observation, known: tuple[Reading, ...] = ()) -> Any:
    """Reasons by metric, and values by metric, of one agency's rows among others that are good."""
    good = [said("spots", 1, agency) for agency in AGENCIES[1:]]
    admission = admit(answer(*good, *observations), context(settings, *known))
    assert admission.outcome == "ok", admission.held
    mine = [one for one in admission.admitted if one.series.agency == "so-tttt"]
    reasons = [(one.series.metric if one.series else "", one.reason) for one in admission.refusals]
    return reasons, {one.series.metric: one.value for one in mine}


# One good pull, then one with a row spoilt, through a real server and a real store.
SPOILT: dict[str, tuple[dict[str, Any], str, str]] = {
    "a number that is none": ({"sent": float("nan")}, "type", "sent"),
    "an infinite number": ({"sent": float("inf")}, "type", "sent"),
    "a negative infinite number": ({"spots": float("-inf")}, "type", "spots"),
    "words": ({"sent": "nhiều"}, "type", "sent"),
    "a list": ({"spots": [8]}, "type", "spots"),
    "true for a count": ({"spots": True}, "type", "spots"),
    "a state nobody declared": ({"officer": "Trưởng phòng"}, "type", "officer"),
    "a negative count": ({"sent": -1}, "range", "sent"),
    "more than its range": ({"spots": 501}, "range", "spots"),
    "a part above its whole": ({"signed": 1001}, "at_most", "signed"),
    "a fall by more than a tenth": ({"sent": 899}, "fall", "sent"),
    "a broken expectation": ({"signed": 0}, "expect", "signed"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_refused_row_leaves_the_last_good_reading(
    name: str, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
) -> None:
    changes, reason, metric = SPOILT[name]
    draft = drafted(source_server.url, expect=["signed >= 1"])
    with rigged(draft.settings(tmp_path / "config"), url) as rig:
        rig.pull()
        before = rig.readings()
        counts.say("so-tttt", **changes)
        rig.move(60_000_000)

        run = rig.pull().run

        assert (run.outcome, [one.reason for one in run.refusals]) == ("ok", [reason])
        refused = run.refusals[0].series
        assert refused is not None
        assert (refused.agency, refused.metric) == ("so-tttt", metric)
        assert rig.readings() == before
        assert {one.series: one.value for one in rig.store.readings().values()} == {
            one.series: one.value for one in rig.published.known.readings.values()
        }
        assert rig.store.refusals(2) == run.refusals


def test_a_row_of_an_unknown_agency_is_refused_and_the_others_count(
    rig: Rig, counts: Counts
) -> None:
    counts.totals.append({"code": "H99", "sent": 5, "signed": 5})

    run = rig.pull().run

    assert run.outcome == "ok"
    assert [(one.reason, one.got, one.series) for one in run.refusals] == [
        ("unknown_agency", "H99", None)
    ] * 2
    assert len(rig.readings()) == 20


def test_of_two_rows_that_say_different_things_of_a_series_none_is_believed(
    settings: Settings,
) -> None:
    reasons, values = judged(settings, said("spots", 8), said("spots", 9), said("spots", 8))

    assert reasons == [("spots", "duplicate")] * 3
    assert values == {}


def test_of_two_rows_that_say_the_same_the_second_is_refused(settings: Settings) -> None:
    reasons, values = judged(settings, said("spots", 8), said("spots", 8))

    assert (reasons, values) == ([("spots", "duplicate")], {"spots": 8})


def test_a_second_row_is_a_duplicate_also_after_an_unreadable_first(settings: Settings) -> None:
    reasons, values = judged(settings, said("spots", "x"), said("spots", 3))

    assert reasons == [("spots", "type"), ("spots", "duplicate")]
    assert values == {}


def test_a_series_is_one_object_however_often_it_is_spoken_of(settings: Settings) -> None:
    judging = context(settings)

    first, second = (admit(answer(said("spots", n)), judging).admitted[0] for n in (1, 2))

    assert first.series is second.series


def test_a_fall_of_just_a_tenth_is_a_restatement(settings: Settings) -> None:
    reasons, values = judged(settings, said("sent", 900), known=(reading(SENT, "1000"),))

    assert (reasons, values) == ([], {"sent": 900})


def test_a_part_is_compared_with_the_whole_that_stands_where_none_came(settings: Settings) -> None:
    reasons, _ = judged(settings, said("signed", 1001), known=(reading(SENT, "1000"),))

    assert reasons == [("signed", "at_most")]


def test_a_part_is_compared_with_the_last_good_whole_where_the_new_one_is_refused(
    settings: Settings,
) -> None:
    rows = (said("sent", 2_000_000), said("signed", 1500))

    reasons, values = judged(settings, *rows, known=(reading(SENT, "1000"),))

    assert reasons == [("sent", "range"), ("signed", "at_most")]
    assert values == {}


def test_a_part_never_passes_a_whole_that_an_expectation_refused(tmp_path: Path) -> None:
    """The whole that came would have borne the part; the one that stands does not."""
    strict = drafted("https://register.example", expect=["sent <= 5 * spots"], max_refused=1)
    expecting = context(strict.settings(tmp_path), reading(SENT, "100"))
    rows = (said("sent", 200), said("signed", 150), said("spots", 1))
    good = [said("sent", 1, one) for one in AGENCIES[1:]]

    admission = admit(answer(*rows, *good), expecting)

    assert [(one.series.metric, one.reason) for one in admission.refusals if one.series] == [
        ("sent", "expect"),
        ("spots", "expect"),
        ("signed", "at_most"),
    ]
    assert {one.series.agency for one in admission.admitted} == set(AGENCIES[1:])


def test_each_link_of_a_chained_expectation_is_judged(tmp_path: Path) -> None:
    strict = drafted("https://register.example", expect=["1 <= signed <= sent"], max_refused=1)
    expecting = context(strict.settings(tmp_path))
    first, second, third = AGENCIES[:3]
    low = (said("sent", 5, first), said("signed", 0, first))
    good = (said("sent", 5, second), said("signed", 5, second))
    alone = said("signed", 9, third)

    admission = admit(answer(*low, *good, alone), expecting)

    assert [one.got for one in admission.refusals] == ["1 <= signed: signed 0"]
    admitted = [(one.series.metric, one.series.agency) for one in admission.admitted]
    assert sorted(one for one in admitted if one[1] in AGENCIES[:3]) == sorted(
        [("sent", first), ("sent", second), ("signed", second), ("signed", third)]
    )


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("name", ["Cấp trưởng", "CẤP TRƯỞNG", "cấp trưởng", "  Cấp trưởng "])
def test_a_state_is_told_by_name_whatever_its_case_and_composition(
    settings: Settings, name: str, form: Any
) -> None:
    reasons, values = judged(settings, said("officer", unicodedata.normalize(form, name)))

    assert (reasons, values) == ([], {"officer": 1})


def test_accents_do_tell_states_apart(settings: Settings) -> None:
    reasons, values = judged(settings, said("officer", "Cap truong"))

    assert (reasons, values) == ([("officer", "type")], {})


def test_a_closed_window_says_nothing_of_the_moment(settings: Settings) -> None:
    """Asked for two years, a source says its gauge twice: the newer word holds, none is wrong."""
    last_year = said("spots", 3, at_us=NOW_US - 300 * DAY_US)
    rows = (said("spots", 4)._replace(period="2024"), last_year._replace(period="2023"))

    for order in (rows, rows[::-1]):
        reasons, values = judged(settings, *order)
        assert (reasons, values) == ([], {"spots": 4})


def test_a_total_of_a_time_before_its_period_is_refused(settings: Settings) -> None:
    start_us = period_at("year", NOW_US, settings.zone).start_us(settings.zone)
    old = said("sent", 5, at_us=start_us - 1)
    first = said("signed", 5, at_us=start_us)
    moment = said("spots", 8, at_us=start_us - DAY_US)

    reasons, values = judged(settings, old, first, moment)

    assert (reasons, values) == ([("sent", "range")], {"signed": 5, "spots": 8})
    refusal = admit(answer(old), context(settings)).refusals[0]
    assert refusal.got == "5 of 2023-12-31T16:59:59.999999Z, before 2024"


def test_rows_refused_by_the_connector_are_listed(settings: Settings) -> None:
    rejected = (Rejected("type", "report.xlsx", "no such column"),)

    admission = admit(answer(said("spots", 1), rejected=rejected), context(settings))

    assert [(one.reason, one.where) for one in admission.refusals] == [("type", "report.xlsx")]
    assert admission.outcome == "ok"


def test_what_was_got_is_cut_short(settings: Settings) -> None:
    admission = admit(answer(said("spots", 1, "H" * 500)), context(settings))

    assert admission.refusals[0].got == "H" * 80


class TestHeldAsAWhole:
    def test_when_rows_declared_and_received_differ(self, rig: Rig, counts: Counts) -> None:
        counts.declared = 6

        run = rig.pull().run

        assert (run.outcome, run.admitted) == ("held", ())
        assert run.message == "declared 11 rows, received 10"
        assert {one.reason for one in run.refusals} == {"held"}
        assert rig.readings() == {}
        assert rig.status("so-tttt", "spots-up") == "held"

    def test_when_too_few_agencies_came(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        draft = drafted(source_server.url, expect=["agencies >= 80 %"])
        with rigged(draft.settings(tmp_path / "config"), url) as rig:
            counts.leave_out("moc-chau")
            assert rig.pull().run.outcome == "ok"
            before = rig.readings()
            counts.leave_out("phu-yen")
            counts.say("so-tttt", spots=9)
            rig.move(60_000_000)

            run = rig.pull().run

            assert (run.outcome, run.message) == (
                "held",
                "3 of 5 agencies came, 80% are expected",
            )
            assert rig.readings() == before

    def test_when_more_than_a_fifth_of_the_rows_is_refused(self, rig: Rig, counts: Counts) -> None:
        rig.pull()
        before = rig.readings()
        rig.move(60_000_000)
        for agency in AGENCIES[:2]:
            counts.say(agency, sent=-1, spots=8)
        counts.say("thanh-tra", spots=-1, sent=1200)

        run = rig.pull().run

        assert (run.outcome, run.message) == (
            "held",
            "3 of 10 are refused, counted by known agency and period",
        )
        assert rig.readings() == before
        assert rig.status("thanh-tra", "signed-ratio") == "ok"

    def test_of_one_period_it_is_agencies_that_are_counted(self, settings: Settings) -> None:
        rows = [said("sent", value, one) for one, value in zip(AGENCIES, (-1, -1, 1), strict=False)]

        held = admit(answer(*rows), context(settings))

        assert held.held == ("held", "rows of 2 of 3 known agencies are refused")

    def test_when_no_row_is_of_a_known_agency(self, rig: Rig, counts: Counts) -> None:
        rig.pull()
        before = rig.readings()
        rig.move(60_000_000)
        counts.totals = [{"code": code, "sent": 5, "signed": 5} for code in ("", "X1", "X2", "X3")]
        counts.now = [{"code": "", "spots": 1, "officer": "Cấp phó"}]

        run = rig.pull().run

        assert (run.outcome, run.message) == (
            "held",
            "none of 5 rows is of a known agency; they say '', 'X1', 'X2' …",
        )
        assert rig.readings() == before

    def test_when_the_only_row_is_a_strangers(self, settings: Settings) -> None:
        held = admit(answer(said("spots", 1, "X1")), context(settings))

        assert held.held == ("held", "the one row is of no known agency; it says 'X1'")

    def test_but_not_when_just_a_fifth_is(self, rig: Rig, counts: Counts) -> None:
        for agency in AGENCIES[:2]:
            counts.say(agency, sent=-1)

        assert rig.pull().run.outcome == "ok"

    def test_rows_of_unknown_agencies_do_not_count_towards_it(
        self, rig: Rig, counts: Counts
    ) -> None:
        counts.now += [{"code": f"X{number}", "spots": 1} for number in range(50)]

        assert rig.pull().run.outcome == "ok"

    def test_and_what_it_took_is_not_remembered(self, settings: Settings) -> None:
        held = admit(answer(said("spots", 1), declared=2), context(settings))

        assert isinstance(held, Admission)
        assert (held.outcome, held.admitted) == ("held", ())
        assert [(one.reason, one.series) for one in held.refusals] == [("held", SPOTS)]


class TestAbsent:
    @pytest.mark.parametrize(
        ("absent", "value", "status"),
        [("missing", None, "missing"), ("zero", "0", "ok"), ("hold", "8", "ok")],
    )
    def test_an_agency_that_a_complete_answer_lacks(
        self,
        absent: str,
        value: str | None,
        status: str,
        source_server: SourceServer,
        counts: Counts,
        tmp_path: Path,
        url: str,
    ) -> None:
        draft = drafted(source_server.url, absent=absent)
        with rigged(draft.settings(tmp_path / "config"), url) as rig:
            rig.pull()
            counts.leave_out("moc-chau")
            rig.move(60_000_000)

            assert rig.pull().run.outcome == "ok"

            assert rig.readings().get(("spots", "moc-chau")) == value
            assert rig.status("moc-chau", "spots-up") == status
            assert rig.readings()["spots", "so-tttt"] == "8"
            assert rig.store.held() == rig.published.known.held

    def test_a_refused_row_is_not_an_absent_one(
        self, source_server: SourceServer, counts: Counts, tmp_path: Path, url: str
    ) -> None:
        draft = drafted(source_server.url, absent="zero")
        with rigged(draft.settings(tmp_path / "config"), url) as rig:
            rig.pull()
            counts.say("moc-chau", spots=-1, officer="?")
            rig.move(60_000_000)

            assert rig.pull().run.outcome == "ok"

            assert rig.readings()["spots", "moc-chau"] == "8"

    def test_an_incomplete_answer_says_nothing_of_who_is_not_in_it(
        self, settings: Settings
    ) -> None:
        known = tuple(reading(Series("spots", one, ""), "8") for one in AGENCIES)
        whole = replace(answer(said("spots", 1)), complete=True)

        assert len(admit(whole, context(settings, *known)).admitted) == 5
        assert len(admit(answer(said("spots", 1)), context(settings, *known)).admitted) == 1

    def test_nothing_is_withdrawn_that_was_never_known(self, settings: Settings) -> None:
        whole = replace(answer(said("spots", 1)), complete=True)

        assert [one.series for one in admit(whole, context(settings)).admitted] == [SPOTS]

    def test_a_total_that_is_absent_is_zero_at_its_windows_time(self, settings: Settings) -> None:
        zero = with_source(settings, absent="zero")
        whole = replace(answer(said("spots", 1)), complete=True)

        admitted = {one.series: one for one in admit(whole, context(zero)).admitted}

        assert admitted[SENT] == Admitted(SENT, Decimal(0), NOW_US)
        assert admitted[SPOTS].value == 1


class TestCodes:
    def test_a_code_holds_from_a_day_until_before_another(self, settings: Settings) -> None:
        agency = replace(
            settings.agencies["so-tttt"],
            codes=(
                Code("register", "OLD", until=date(2024, 7, 1)),
                Code("register", "NEW", start=date(2024, 7, 1)),
                Code("other", "X"),
            ),
        )

        assert codes_of(agency, "register", date(2024, 6, 30)) == ("OLD",)
        assert codes_of(agency, "register", date(2024, 7, 1)) == ("NEW",)

    def test_a_closed_periods_codes_are_those_of_its_last_day(self, settings: Settings) -> None:
        """Its data time is its end, which is the first instant of the next period already."""
        agency = settings.agencies["so-tttt"]
        dated = (
            Code("register", "H0", until=date(2025, 1, 1)),
            Code("register", "N0", start=date(2025, 1, 1)),
        )
        changed = {**settings.agencies, "so-tttt": replace(agency, codes=dated)}
        end_us = period_at("year", NOW_US, settings.zone).until_us(settings.zone)
        closed = context(settings).windows
        january = context(settings, now_us=end_us + DAY_US)._replace(
            directory=Directory(changed, settings.zone), windows=closed
        )
        rows = [said("sent", 7, one, at_us=end_us) for one in AGENCIES]
        begun = said("spots", 7, at_us=end_us)._replace(agency="N0")

        admission = admit(answer(*rows, begun), january)

        assert admission.refusals == ()
        assert {SENT, SPOTS} <= {one.series for one in admission.admitted}

    def test_a_total_that_came_in_part_by_an_earlier_code_is_not_taken_for_the_whole(
        self, settings: Settings
    ) -> None:
        dated = (
            Code("register", "OLD", until=date(2024, 7, 1)),
            Code("register", "NEW", start=date(2024, 7, 1)),
        )
        agency = replace(settings.agencies["so-tttt"], codes=dated)
        changed = {**settings.agencies, "so-tttt": agency}
        judging = context(settings)._replace(directory=Directory(changed, settings.zone))
        good = [said("sent", 1, one) for one in AGENCIES[1:]]
        parts = [said("sent", n, code) for n, code in ((1, "OLD"), (2, "NEW"))]

        both, new = (admit(answer(*good, *rows), judging) for rows in (parts, parts[1:]))

        assert [one.reason for one in both.refusals] == ["unknown_agency", "duplicate"]
        assert SENT not in {one.series for one in both.admitted}
        assert SENT in {one.series for one in new.admitted}

    def test_agencies_without_a_code_or_not_there_are_not_expected(
        self, settings: Settings
    ) -> None:
        agencies = dict(settings.agencies)
        agencies["so-tttt"] = replace(agencies["so-tttt"], codes=())
        agencies["so-gtvt"] = replace(agencies["so-gtvt"], until=date(2024, 10, 16))

        directory = Directory(agencies, settings.zone)
        found = directory.expected(settings.sources["counts"], date(2024, 10, 16))

        assert found == set(AGENCIES[2:])


numbers = st.integers(-5, 1_200_000)


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["sent", "signed"]), st.sampled_from(AGENCIES), numbers),
        max_size=12,
    ),
    stood=st.dictionaries(st.sampled_from(AGENCIES), st.integers(0, 1_000_000), max_size=5),
)
def test_whatever_comes_no_row_is_lost_and_no_part_is_more_than_its_whole(
    settings: Settings, rows: list[tuple[str, str, int]], stood: dict[str, int]
) -> None:
    known = tuple(
        reading(Series(metric, agency, "2024"), str(value))
        for agency, value in stood.items()
        for metric in ("sent", "signed")
    )
    patient = with_source(settings, max_refused=Decimal(1))
    said_rows = [said(metric, value, agency) for metric, agency, value in rows]

    admission = admit(answer(*said_rows), context(patient, *known))

    assert len(admission.admitted) + len(admission.refusals) == len(rows)
    after = {one.series: one.value for one in known}
    after |= {one.series: one.value for one in admission.admitted if one.value is not None}
    for agency in {agency for _, agency, _ in rows}:
        came = {one.series.metric for one in admission.admitted if one.series.agency == agency}
        part, whole = (after.get(Series(name, agency, "2024")) for name in ("signed", "sent"))
        if "signed" in came and part is not None and whole is not None:
            assert part <= whole
