from datetime import date, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.clock import DAY_US, HOUR_US, MINUTE_US
from collector.settings.findings import ConfigErrors
from collector.settings.load import inspect, load
from collector.settings.model import Code, Freshness, Name, Schedule, WorkingHours
from scoring.model import Applies, Band, Target
from scoring.rules import Steps, ToTarget, YesNo
from tests.settings.folder import CONNECTORS, Folder, Register

P, M, S, SET = "province.yaml", "metrics.yaml", "sources.yaml", "indicators-2024.yaml"


def test_a_valid_configuration_has_no_finding(folder: Folder) -> None:
    assert folder.says() == []


def test_the_province_is_what_its_file_says(folder: Folder) -> None:
    settings = folder.settings()

    assert (settings.folder, settings.province) == (folder.path, "son-la")
    assert settings.province_name == Name("Sơn La", "Son La")
    assert settings.zone == ZoneInfo("Asia/Ho_Chi_Minh")
    assert settings.working_hours == WorkingHours(frozenset(range(5)), time(7, 30), time(17))
    assert settings.holidays == (
        (date(2024, 2, 8), date(2024, 2, 15)),
        (date(2024, 9, 2), date(2024, 9, 3)),
    )
    assert list(settings.blocks) == ["provincial", "district"]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 2, 7), True),
        (date(2024, 2, 8), False),
        (date(2024, 2, 14), False),
        (date(2024, 2, 15), True),
        (date(2024, 2, 17), False),
        (date(2024, 9, 2), False),
    ],
)
def test_agencies_work_on_weekdays_that_are_no_holidays(
    folder: Folder, day: date, *, works: bool
) -> None:
    assert folder.settings().works_on(day) is works


@pytest.mark.parametrize(
    ("text", "days"),
    [("Sat-Mon 08:00-12:00", {5, 6, 0}), ("Mon,Wed 08:00-12:00", {0, 2}), ("Sun 08:00-12:00", {6})],
)
def test_working_days_may_be_a_range_or_a_list(folder: Folder, text: str, days: set[int]) -> None:
    folder.change(P, "Mon-Fri 07:30-17:00", text)

    assert folder.settings().working_hours.days == days


def test_agencies_have_their_codes_times_and_successors(folder: Folder) -> None:
    first, second, third = folder.settings().agencies.values()

    assert first.codes == (Code("register", "H52.01"),)
    assert (first.until, first.successors, first.inherits) == (
        date(2025, 3, 1),
        ("so-khcn",),
        "sum",
    )
    assert second.codes == (
        Code("register", "H52.02", None, date(2026, 1, 1)),
        Code("register", "5203", date(2026, 1, 1), None),
    )
    assert third.codes == ()


def test_the_roster_of_a_day_has_who_exists_then(folder: Folder) -> None:
    settings = folder.settings()

    assert settings.roster_on(date(2025, 2, 28)).agencies == ("so-tttt", "phu-yen")
    assert settings.roster_on(date(2025, 3, 1)).agencies == ("so-khcn", "phu-yen")


def test_metrics_have_exact_ranges_and_those_of_what_bounds_them(folder: Folder) -> None:
    metrics = folder.settings().metrics

    ranges = {name: (metric.low, metric.high) for name, metric in metrics.items()}
    assert ranges == {
        "documents_sent": (Decimal(0), Decimal("5000000.5")),
        "documents_signed": (Decimal(0), Decimal("5000000.5")),
        "hotspots": (Decimal(1), Decimal(500)),
        "officer": (Decimal(0), Decimal(1)),
    }
    assert str(metrics["hotspots"].high) == "500"
    assert metrics["documents_sent"].max_fall == Decimal("0.1")
    assert metrics["hotspots"].stale_after_us == 2 * HOUR_US
    assert metrics["officer"].values == {"none": 0, "deputy": Decimal("0.5"), "true": 1}
    assert metrics["officer"].unit == "state"


def test_part_of_a_count_may_be_less_than_the_whole_can_be(folder: Folder) -> None:
    folder.add(
        M,
        "  online: {kind: gauge, unit: devices, name: {vi: a, en: a}, at_most: hotspots}\n",
    )

    online = folder.settings().metrics["online"]

    assert (online.low, online.high) == (Decimal(0), Decimal(500))


def test_a_total_without_a_range_is_at_least_0(folder: Folder) -> None:
    folder.change(M, "    range: [0, 5000000.50]\n", "")

    metrics = folder.settings().metrics

    assert (metrics["documents_sent"].low, metrics["documents_sent"].high) == (Decimal(0), None)
    assert (metrics["documents_signed"].low, metrics["documents_signed"].high) == (Decimal(0), None)


def test_sources_have_what_their_keys_say_and_defaults_for_the_rest(folder: Folder) -> None:
    documents, radio = folder.settings().sources.values()

    assert (documents.id, documents.connector_name, documents.owner) == (
        "documents",
        "register",
        "Văn phòng",
    )
    assert documents.schedule == Schedule(every_us=15 * MINUTE_US)
    assert documents.freshness == Freshness(45 * MINUTE_US, 3 * DAY_US, 200)
    assert (documents.priority, documents.absent, documents.max_refused) == (
        0,
        "missing",
        Decimal("0.2"),
    )
    assert documents.close_after_us == 45 * DAY_US
    assert documents.agencies_min == Decimal("0.9")
    assert [each.text for each in documents.expectations] == ["documents_signed <= documents_sent"]
    assert radio.schedule == Schedule(cron="30 6 * * *")
    assert (radio.priority, radio.absent, radio.max_refused) == (2, "zero", Decimal("0.25"))
    assert radio.close_after_us == 30 * DAY_US
    assert radio.agencies_min is None


def test_what_a_connector_expects_is_expected_too(folder: Folder) -> None:
    both = '["documents_sent >= 0", "agencies >= 95.5 %"]'
    folder.change(S, "period: year", f"period: year\n    requests: [{{expect: {both}}}]")

    documents = folder.settings().sources["documents"]

    assert [each.text for each in documents.expectations] == [
        "documents_signed <= documents_sent",
        "documents_sent >= 0",
    ]
    assert documents.agencies_min == Decimal("0.955")


def test_sets_score_as_their_file_says(folder: Folder) -> None:
    (only,) = folder.settings().sets
    signed, spots, officer = only.scoring.indicators

    assert (only.id, only.period, only.start, only.until) == (
        "test-2024",
        "year",
        date(2024, 1, 1),
        date(2025, 1, 1),
    )
    assert only.scoring.bands == (Band("yeu", 0.0), Band("tot", 85.0))
    assert (only.scoring.scale, only.scoring.digits, only.scoring.min_coverage) == (100.0, 2, 0.25)
    assert signed.rule == ToTarget()
    assert signed.target == Target(0.97, {"so-tttt": 0.99}, {"2025": 0.98})
    assert signed.applies == Applies(
        frozenset({"provincial"}), frozenset({"phu-yen"}), frozenset({"so-khcn"})
    )
    assert spots.rule == Steps(((10.0, 4.0), (5.0, 2.5)), 4.0)
    assert officer.rule == YesNo()
    assert [(each.id, each.group) for each in only.indicators] == [
        ("signed", "documents"),
        ("spots", "documents"),
        ("officer", "people"),
    ]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("hotspots", "sums"), ("officer", "mean"), ("hotspots * officer", "none")],
)
def test_over_the_province_counts_are_summed_and_states_have_a_mean(
    folder: Folder, formula: str, expected: str
) -> None:
    folder.change(SET, "value: officer", f"value: {formula}")

    assert folder.settings().sets[0].scoring.indicators[-1].over_province == expected


def test_a_target_may_be_one_number_and_a_set_without_an_end(folder: Folder) -> None:
    folder.change(SET, "{default: 0.97, agencies: {so-tttt: 0.99}, periods: {2025: 0.98}}", "0.97")
    folder.change(SET, ", until: 2025-01-01}", "}")

    (only,) = folder.settings().sets

    assert only.scoring.indicators[0].target == Target(0.97)
    assert only.until is None
    assert only.in_force(date(2999, 1, 1))


def test_sets_stand_in_the_order_of_their_ids(folder: Folder) -> None:
    text = folder.read(SET).replace("id: test-2024", "id: a-set")
    folder.write("indicators-zzz.yaml", text)

    assert [each.id for each in folder.settings().sets] == ["a-set", "test-2024"]


def test_the_digest_is_of_what_a_set_says_and_not_of_how_it_is_written(folder: Folder) -> None:
    before = folder.settings().sets[0].scoring.digest
    folder.change(SET, "from: 85}", "from: 85.0} # a comment")
    folder.change(SET, "  scale: 100\n", "")
    folder.change(SET, "{max: 5, rule: yes_no}", "{rule: yes_no, max: 5}")
    same = folder.settings().sets[0].scoring.digest
    folder.change(SET, "from: 85.0}", "from: 84.9}")
    other = folder.settings().sets[0].scoring.digest

    assert before == same
    assert before != other
    assert before.startswith("sha256:")
    assert len(before) == len("sha256:") + 64


@pytest.mark.parametrize(
    ("environ", "store"),
    [
        ({}, "sqlite:///var/test.db"),
        ({"TEST_STORE": "sqlite:///a.db"}, "sqlite:///a.db"),
        ({"TEST_STORE": "sqlite:///a.db", "CHISO_STORE": "sqlite:///b.db"}, "sqlite:///b.db"),
    ],
)
def test_the_store_comes_from_the_environment_before_the_file(
    folder: Folder, environ: dict[str, str], store: str
) -> None:
    folder.environ.update(environ)

    assert folder.settings().store_url == store


def test_without_a_word_the_store_is_a_file_below_var(folder: Folder) -> None:
    folder.change(P, 'store: {env: TEST_STORE, default: "sqlite:///var/test.db"}\n', "")

    assert folder.settings().store_url == "sqlite:///var/chiso.db"


def test_a_connector_gets_its_own_keys_with_variables_put_in(folder: Folder) -> None:
    folder.environ["DOCUMENTS_URL"] = "http://127.0.0.1:8000"

    documents = folder.settings().sources["documents"].connector
    radio = folder.settings().sources["radio"].connector

    assert isinstance(documents, Register)
    assert isinstance(radio, Register)
    assert documents.url == "http://127.0.0.1:8000"
    assert radio.metrics["hotspots"].factor == 0.5
    assert documents.token is not None
    assert documents.token.env == "DOCUMENTS_TOKEN"


def test_all_errors_of_all_files_are_raised_at_once_in_their_order(folder: Folder) -> None:
    folder.change(P, "block: district,", "block: districts,")
    folder.change(P, "time_zone:", "timezone:")
    folder.change(M, "kind: gauge", "kind: gauges")
    folder.change(S, "documents_signed: {path", "documents_singed: {path")
    folder.change(S, "url: https://radio.example", "url: 5")
    folder.change(SET, "value: hotspots", "value: hot spots")
    folder.change(SET, "from: 0}", "from: 1}")

    with pytest.raises(ConfigErrors) as caught:
        folder.settings()

    places = [(each.place.file.name, each.place.line) for each in caught.value.findings]
    assert places == sorted(places, key=lambda each: ((P, M, S, SET).index(each[0]), each[1]))
    assert {name for name, _ in places} == {P, M, S, SET}
    assert len(places) == 9
    assert str(caught.value) == "\n".join(str(each) for each in caught.value.findings)


def test_an_error_reads_as_file_line_key_and_reason(folder: Folder) -> None:
    folder.change(S, "documents_signed: {path", "documents_singed: {path")

    with pytest.raises(ConfigErrors) as caught:
        folder.settings()

    line = folder.line(S, "documents_singed")
    key = "sources.documents.metrics.documents_singed"
    problem = "no such metric, did you mean documents_signed?"
    assert str(caught.value.findings[0]) == f"{folder.path}/{S}:{line}: {key}: {problem}"


@pytest.mark.parametrize("name", [P, M, S])
def test_a_file_that_is_not_there_is_the_only_finding(folder: Folder, name: str) -> None:
    (folder.path / name).unlink()

    assert folder.says() == [f"{name}:1: cannot be read: No such file or directory"]


def test_without_a_set_there_is_nothing_to_score_by(folder: Folder) -> None:
    (folder.path / SET).unlink()

    with pytest.raises(ConfigErrors, match=r"has no indicators-\*\.yaml: nothing to score by"):
        folder.settings()


def test_a_folder_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    settings, findings = inspect(tmp_path / "none", {}, CONNECTORS)

    assert settings is None
    assert [str(each) for each in findings] == [f"{tmp_path}/none: no such folder"]


def test_load_uses_the_connectors_of_the_registry(folder: Folder) -> None:
    with pytest.raises(ConfigErrors, match="no such connector"):
        load(folder.path, environ={})
