"""The documents that API, commands and pages share, key by key."""

import json
from typing import Any

import pytest

from collector.clock import HOUR_US
from collector.documents import (
    Document,
    agency_document,
    history_document,
    run_document,
    scoreboard_document,
    stored_edition,
)
from collector.facts import Run
from tests.makers import AGENCIES, NOW_US, Counts, Rig

SET = "test-2024"


@pytest.fixture
def pulled(rig: Rig, counts: Counts) -> Rig:
    """Three pulls over two days; so-gtvt leads, moc-chau never came."""
    counts.leave_out("moc-chau")
    rig.pull()
    rig.move(9 * HOUR_US)
    counts.say("so-gtvt", spots=10)
    rig.pull()
    rig.move(HOUR_US)
    counts.say("so-tttt", sent=3000, signed=2000)
    rig.pull()
    return rig


def of_agency(rig: Rig, agency: str) -> Document:
    published = rig.published
    return agency_document(
        published.edition(),
        SET,
        agency,
        settings=rig.settings,
        readings=published.known.readings,
        sources=published.feeding(),
    )


def keys(document: Any) -> set[str]:
    return set(document)


def test_a_scoreboard_has_the_keys_of_the_design(pulled: Rig) -> None:
    document = scoreboard_document(pulled.published.edition(), SET)

    assert list(document) == [
        "number",
        "published_at",
        "data_at",
        "set",
        "period",
        "province",
        "blocks",
        "agencies",
        "indicators",
    ]
    assert (document["number"], document["published_at"]) == (4, "2024-10-16T19:00:00Z")
    assert document["data_at"] == "2024-10-16T19:00:00Z"
    assert keys(document["set"]) == {"id", "digest", "scale"}
    assert document["period"] == {
        "kind": "year",
        "id": "2024",
        "from": "2024-01-01",
        "until": "2025-01-01",
    }
    assert keys(document["province"]) == {"id", "score", "low", "high", "band"}
    assert keys(document["blocks"][0]) == {
        *("id", "name", "score", "low", "high", "band", "agencies_scored"),
    }
    assert keys(document["agencies"][0]) == {
        *("id", "block", "name", "score", "low", "high", "rank", "rank_best", "rank_worst"),
        *("rank_certain", "band", "coverage", "change"),
    }
    assert keys(document["indicators"][0]) == {"id", "value", "target", "unit", "agencies_counted"}
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_agencies_stand_by_block_and_rank_those_without_one_last(pulled: Rig) -> None:
    document = scoreboard_document(pulled.published.edition(), SET)

    order = [(one["id"], one["rank"]) for one in document["agencies"]]
    assert order == [
        ("so-gtvt", 1),
        ("thanh-tra", 2),
        ("so-tttt", 3),
        ("phu-yen", 1),
        ("moc-chau", None),
    ]
    assert [one["id"] for one in document["blocks"]] == ["provincial", "district"]


def test_a_province_wide_value_is_a_ratio_of_sums(pulled: Rig) -> None:
    document = scoreboard_document(pulled.published.edition(), SET)

    signed = document["indicators"][0]
    # 2000 + 3 × 800 of 3000 + 3 × 1000; the mean of the ratios would be 0.766666667.
    assert (signed["value"], signed["agencies_counted"]) == (0.733333333, 4)


def test_what_is_stored_and_what_is_published_are_one_document(pulled: Rig) -> None:
    stored = stored_edition(pulled.store, pulled.settings.zone)

    assert stored is not None
    published = scoreboard_document(pulled.published.edition(), SET)
    assert scoreboard_document(stored, SET) == published
    changes = {one["id"]: one["change"] for one in published["agencies"]}
    assert changes == {
        "so-gtvt": 5.0,
        "thanh-tra": 0.0,
        "so-tttt": -6.67,
        "phu-yen": 0.0,
        "moc-chau": None,
    }


def test_a_set_that_is_not_there_is_a_key_error(pulled: Rig) -> None:
    with pytest.raises(KeyError, match="other"):
        scoreboard_document(pulled.published.edition(), "other")


def test_an_agency_is_told_down_to_the_readings(pulled: Rig) -> None:
    document = of_agency(pulled, "so-tttt")

    assert (document["id"], document["rank"], document["number"]) == ("so-tttt", 3, 4)
    (group,) = document["groups"]
    assert (group["id"], group["points"], group["points_max"]) == ("documents", 15.67, 20.0)
    signed = group["indicators"][0]
    assert (signed["value"], signed["points"], signed["status"]) == (0.666666667, 6.67, "ok")
    assert signed["data_at"] == signed["known_at"] == "2024-10-16T19:00:00Z"
    assert signed["inputs"] == [
        {
            "metric": metric,
            "value": value,
            "source": "counts",
            "owner": "Văn phòng",
            "data_at": "2024-10-16T19:00:00Z",
            "known_at": "2024-10-16T19:00:00Z",
            "run": 3,
        }
        for metric, value in (("signed", 2000.0), ("sent", 3000.0))
    ]


def test_an_agency_that_never_came_has_its_sources_and_no_figures(pulled: Rig) -> None:
    document = of_agency(pulled, "moc-chau")

    (group,) = document["groups"]
    signed = group["indicators"][0]
    assert (document["score"], document["coverage"], signed["status"]) == (None, 0.0, "missing")
    assert (signed["value"], signed["data_at"], signed["known_at"]) == (None, None, None)
    assert {one["source"] for one in signed["inputs"]} == {"counts"}


def test_history_is_every_change_of_a_score_or_of_an_indicator(pulled: Rig) -> None:
    scored = pulled.store.history(SET, "agency/so-tttt")
    valued = pulled.store.history(SET, "agency/so-tttt/signed-ratio")

    scores = history_document(scored, "so-tttt", None, "points")
    values = history_document(valued, "so-tttt", "signed-ratio", "ratio")

    assert [one["value"] for one in scores["samples"]] == [None, 85.0, 85.0, 78.33]
    assert keys(scores) == {"agency", "indicator", "unit", "samples"}
    assert values["samples"] == [
        {
            "at": at,
            "known_at": known_at,
            "value": value,
            "points": points,
            "status": status,
        }
        for at, known_at, value, points, status in (
            (None, "2024-10-16T09:00:00Z", None, 0.0, "missing"),
            ("2024-10-16T09:00:00Z", "2024-10-16T09:00:00Z", 0.8, 8.0, "ok"),
            ("2024-10-16T19:00:00Z", "2024-10-16T19:00:00Z", 0.666666667, 6.67, "ok"),
        )
    ]


class TestRunDocument:
    def test_of_a_good_run(self, rig: Rig, counts: Counts) -> None:
        counts.say("so-tttt", spots=-1)

        document = run_document(rig.pull().run)

        assert list(document) == [
            *("source", "outcome", "error", "observations", "refused", "requests", "restated"),
        ]
        assert (document["outcome"], document["error"]) == ("ok", None)
        assert len(document["observations"]) == 4 * len(AGENCIES) - 1
        assert document["refused"] == [
            {"reason": "range", "where": "requests[1] row 1 spots", "got": "-1 outside 0–500"}
        ]
        assert keys(document["requests"][0]) == {
            *("method", "url", "status", "bytes", "rows", "seconds"),
        }

    @pytest.mark.parametrize("outcome", ["failed", "interrupted"])
    def test_of_one_without_an_answer(self, outcome: Any) -> None:
        run = Run("a", NOW_US, NOW_US, NOW_US, outcome, error_reason="source", message="no")

        document = run_document(run)

        assert document["outcome"] == "failed"
        assert document["error"] == {"reason": "source", "message": "no"}

    def test_of_a_held_one(self, rig: Rig, counts: Counts) -> None:
        counts.declared = 7

        document = run_document(rig.pull().run)

        assert (document["outcome"], document["observations"]) == ("held", [])
        assert document["error"] == {
            "reason": "held",
            "message": "declared 12 rows, received 10",
        }
