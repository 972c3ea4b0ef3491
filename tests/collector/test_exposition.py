"""/metrics read back as a scraper reads it, and held against the published scoreboard."""

from typing import Any, get_args

import pytest
from prometheus_client import Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from collector.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from collector.documents import scoreboard_document
from collector.exposition import FAMILIES
from collector.sources import STATES
from connectors.base import Reason, RefusalReason
from tests.makers import AGENCIES, NOW_US, Counts, Rig, label, row
from tests.source_server import LOGIN_PAGE, SourceServer

SET = "test-2024"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def of_family(samples: Samples, name: str) -> dict[frozenset[tuple[str, str]], float]:
    return {labels: value for (one, labels), value in samples.items() if one == name}


def document(rig: Rig) -> dict[str, Any]:
    return scoreboard_document(rig.published.edition(), SET)


@pytest.fixture
def uneven(rig: Rig, counts: Counts) -> Rig:
    """Pulled once: one agency has nothing to count, one did not come, one was refused."""
    counts.say("so-tttt", sent=3, signed=1, spots=9)
    counts.say("so-gtvt", sent=0, signed=0)
    counts.say("thanh-tra", spots=-1)
    counts.leave_out("moc-chau")
    assert rig.pull().run.outcome == "ok"
    return rig


def test_what_is_scraped_is_the_published_scoreboard(uneven: Rig) -> None:
    samples, board = uneven.metrics(), document(uneven)

    for one in board["agencies"]:
        labels = label(agency=one["id"], block=one["block"], set=SET)
        for family, key in (
            ("dti_agency_score", "score"),
            ("dti_agency_score_low", "low"),
            ("dti_agency_score_high", "high"),
            ("dti_agency_coverage_ratio", "coverage"),
            ("dti_agency_rank", "rank"),
            ("dti_agency_rank_best", "rank_best"),
            ("dti_agency_rank_worst", "rank_worst"),
        ):
            assert samples.get((family, labels)) == one[key], (family, one["id"])
    for block in board["blocks"]:
        labels = label(block=block["id"], set=SET)
        assert samples["dti_block_score", labels] == block["score"]
        assert samples["dti_block_score_low", labels] == block["low"]
        assert samples["dti_block_score_high", labels] == block["high"]
    province = board["province"]
    for end in ("", "_low", "_high"):
        key = end.removeprefix("_") or "score"
        assert samples[f"dti_province_score{end}", label(set=SET)] == province[key]
    for one in board["indicators"]:
        labels = label(indicator=one["id"], set=SET)
        assert samples.get(("dti_province_indicator_value", labels)) == one["value"]
        assert samples.get(("dti_province_indicator_target", labels)) == one["target"]
    assert samples["dti_scoreboard_number", frozenset()] == board["number"]
    assert samples["dti_scoreboard_timestamp_seconds", frozenset()] == NOW_US / SECOND_US


def test_each_indicator_of_each_agency_has_its_status_and_what_goes_with_it(uneven: Rig) -> None:
    samples = uneven.metrics()

    for agency in AGENCIES:
        for indicator in ("signed-ratio", "spots-up", "officer-there"):
            cell = uneven.body(f"agency/{agency}/{indicator}")
            labels = label(agency=agency, indicator=indicator, set=SET)
            holds = label(agency=agency, indicator=indicator, set=SET, status=cell["status"])
            assert samples["dti_indicator_status", holds] == 1
            assert samples.get(("dti_indicator_value", labels)) == cell["value"]
            assert samples.get(("dti_indicator_points", labels)) == cell["points"]
            most = None if cell["status"] == "not_applicable" else cell["points_max"]
            assert samples.get(("dti_indicator_points_max", labels)) == most
    assert len(of_family(samples, "dti_indicator_status")) == 15
    statuses = {dict(one)["status"] for one in of_family(samples, "dti_indicator_status")}
    assert statuses == {"ok", "not_applicable", "missing", "held"}


def test_a_missing_score_has_no_sample_and_is_no_zero(uneven: Rig) -> None:
    samples = uneven.metrics()

    scored = {dict(one)["agency"] for one in of_family(samples, "dti_agency_score")}
    assert scored == set(AGENCIES) - {"moc-chau"}
    assert "moc-chau" in {
        dict(one)["agency"] for one in of_family(samples, "dti_agency_score_high")
    }


def test_names_are_told_beside_the_figures(uneven: Rig) -> None:
    samples = uneven.metrics()

    agency = label(agency="so-tttt", block="provincial", name="Cơ quan so-tttt")
    assert samples["dti_agency_info", agency] == 1
    indicator = label(
        indicator="signed-ratio", group="documents", unit="ratio", name="Tỷ lệ ký số", set=SET
    )
    assert samples["dti_indicator_info", indicator] == 1
    digest = uneven.settings.sets[0].scoring.digest
    assert samples["dti_indicator_set_info", label(set=SET, digest=digest)] == 1
    bands = {
        dict(one)["agency"]: dict(one)["band"] for one in of_family(samples, "dti_agency_band")
    }
    assert bands == {
        one["id"]: one["band"] for one in document(uneven)["agencies"] if one["band"] is not None
    }


def test_every_counter_is_there_with_zero_from_the_start(rig: Rig) -> None:
    samples = rig.metrics()

    counters = ("runs", "http_requests", "http_retries", "observations")
    wanted = [(f"dti_{one}_total", label(source="counts")) for one in counters]
    wanted += [
        ("dti_run_failures_total", label(source="counts", reason=reason))
        for reason in get_args(Reason)
    ]
    wanted += [
        ("dti_observations_refused_total", label(source="counts", reason=reason))
        for reason in get_args(RefusalReason)
    ]
    wanted += [("dti_run_duration_seconds_count", label(source="counts"))]
    assert {samples[one] for one in wanted} == {0}


def test_a_run_is_counted_with_all_that_it_brought(rig: Rig, counts: Counts) -> None:
    counts.say("so-tttt", spots=-1)
    counts.totals.append(row("so-tttt", sent=1, signed=1))

    rig.pull(due_us=NOW_US - 3 * SECOND_US)

    samples, source = rig.metrics(), label(source="counts")
    assert samples["dti_runs_total", source] == 1
    assert samples["dti_observations_total", source] == 17
    assert samples["dti_http_requests_total", source] == 2
    assert samples["dti_run_lateness_seconds", source] == 3
    assert samples["dti_run_duration_seconds_count", source] == 1
    refused = of_family(samples, "dti_observations_refused_total")
    assert {dict(one)["reason"]: count for one, count in refused.items() if count} == {
        "range": 1,
        "duplicate": 4,
    }


class TestSources:
    def test_times_are_instants_and_never_ages(self, rig: Rig, source_server: SourceServer) -> None:
        rig.pull()
        rig.move(HOUR_US)
        source_server.answer = lambda _: LOGIN_PAGE
        rig.pull()

        samples, source = rig.metrics(), label(source="counts")

        now_s = NOW_US / SECOND_US
        assert samples["dti_source_up", source] == 0
        assert samples["dti_source_data_timestamp_seconds", source] == now_s
        assert samples["dti_source_last_success_timestamp_seconds", source] == now_s
        assert samples["dti_source_last_attempt_timestamp_seconds", source] == now_s + 3600
        due_us = rig.engine.agenda.next_due_us("counts", NOW_US + HOUR_US)
        assert samples["dti_source_next_due_timestamp_seconds", source] == due_us / SECOND_US

    def test_what_is_not_known_of_a_source_has_no_sample(self, rig: Rig) -> None:
        samples, source = rig.metrics(), label(source="counts")

        assert samples["dti_source_up", source] == 0
        assert ("dti_source_data_timestamp_seconds", source) not in samples
        assert ("dti_source_last_success_timestamp_seconds", source) not in samples

    def test_of_all_states_just_one_holds(self, rig: Rig) -> None:
        for step_us in (0, MINUTE_US, HOUR_US, 4 * DAY_US):
            rig.move(step_us)
            states = of_family(rig.metrics(), "dti_source_state")
            assert len(states) == len(STATES)
            assert sorted(states.values()) == [0] * 9 + [1]


class TestText:
    def test_every_family_has_its_help_and_type_and_stands_once(self, uneven: Rig) -> None:
        text = generate_latest(uneven.front.registry).decode()

        families = list(text_string_to_metric_families(text))
        names = [one.name for one in families]
        assert len(names) == len(set(names))
        assert set(FAMILIES) <= set(names)
        assert all(one.documentation for one in families)
        assert {one.type for one in families if one.name in FAMILIES} == {"gauge"}

    def test_one_family_can_be_asked_for_by_name(self, uneven: Rig) -> None:
        some = uneven.front.registry.restricted_registry(["dti_agency_score", "dti_runs_total"])

        text = generate_latest(some).decode()

        samples = [line.split("{")[0] for line in text.splitlines() if line[0] != "#"]
        assert set(samples) == {"dti_agency_score", "dti_runs_total"}

    def test_a_name_that_is_taken_shows_at_once(self, rig: Rig) -> None:
        with pytest.raises(ValueError, match="Duplicated"):
            Gauge("dti_agency_score", "Another.", registry=rig.front.registry)
