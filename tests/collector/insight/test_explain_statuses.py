"""Explanations of what is not as it should be, each status with its reason."""

from typing import Any

from collector.clock import DAY_US, HOUR_US
from collector.insight.evidence import evidence_of
from collector.insight.explain import explain
from collector.insight.retrace import check_agency, retrace_published, retrace_stored
from tests.makers import Counts, Rig

Tree = dict[str, Any]


def _tree(rig: Rig, agency: str = "so-tttt") -> Tree:
    traced = retrace_published(rig.settings, rig.published, "test-2024")
    return explain(traced, agency, evidence_of(traced, rig.store, agency))


def _of(tree: Tree, indicator: str) -> Tree:
    found: Tree = next(one for one in tree["groups"][0]["indicators"] if one["id"] == indicator)
    return found


def test_a_good_indicator_shows_rule_formula_readings_run_and_requests(
    rig: Rig, counts: Counts
) -> None:
    rig.pull()
    one = _of(_tree(rig), "signed-ratio")

    assert one["why"] is None
    assert one["rule"] == {
        "kind": "to_target",
        "result": 8.0,
        "text": "min(1, 0.8 / 1) × 10",
        "words": {
            "vi": "8,00 trên 10 điểm = 10 × 80% / 100%",
            "en": "8.00 of 10 points = 10 × 80% / 100%",
        },
    }
    assert one["formula"] == {
        "text": "signed / sent",
        "numbers": "800 / 1000",
        "value": 0.8,
        "zero": False,
    }
    signed, sent = one["readings"]
    assert (signed["metric"], signed["value"], signed["period"]) == ("signed", 800.0, "2024")
    assert (sent["source"], sent["owner"], sent["status"]) == ("counts", "Văn phòng", "ok")
    run = signed["run"]
    assert (run["outcome"], run["ended_at"]) == ("ok", signed["known_at"])
    assert [request["status"] for request in run["requests"]] == [200, 200]


def test_a_stored_scoreboard_gives_the_same_tree_as_the_service(rig: Rig, counts: Counts) -> None:
    rig.pull()
    traced = retrace_stored(rig.settings, rig.store)

    check_agency(traced, "so-tttt")
    assert explain(traced, "so-tttt", evidence_of(traced, rig.store, "so-tttt")) == _tree(rig)


def test_stale_says_its_age_and_its_limit(rig: Rig, counts: Counts) -> None:
    rig.pull()
    rig.move(5 * HOUR_US)
    rig.publish()
    tree = _tree(rig)
    (spots,) = _of(tree, "spots-up")["readings"]

    assert spots["status"] == "stale"
    assert spots["stale_after_s"] == 2 * 3600
    assert spots["why"] == {
        "vi": "Số liệu đến 16:00 ngày 16/10/2024 (5\xa0giờ trước), cũ hơn mức 2\xa0giờ của nguồn",
        "en": "Data as of 16 Oct 2024, 16:00 (5\xa0hours ago), older than the source's 2\xa0hours",
    }
    assert tree["sentence"]["vi"].endswith("Số liệu cũ: Điểm Wi-Fi (5\xa0giờ trước).")
    assert tree["sentence"]["en"].endswith("Out of date: Spots (5\xa0hours ago).")


def test_missing_says_which_source_was_asked_and_when(rig: Rig, counts: Counts) -> None:
    counts.leave_out("so-tttt")
    rig.pull()
    one = _of(_tree(rig), "signed-ratio")

    assert one["why"] == {"vi": "tính 0 điểm", "en": "counts as 0 points"}
    assert one["rule"]["text"] is None
    assert one["formula"]["numbers"] == "? / ?"
    signed = one["readings"][0]
    assert signed["why"]["en"] == (
        "Nguồn was asked at 16 Oct 2024, 16:00 (run 1: ok), nothing came for this period"
    ).replace("Nguồn", "Source")
    assert signed["asked"]["id"] == 1
    assert signed["asked"]["requests"]
    assert signed["run"] is None


def test_missing_before_any_run_says_that_nobody_asked(rig: Rig) -> None:
    rig.publish()
    tree = _tree(rig)
    signed = _of(tree, "signed-ratio")["readings"][0]

    assert signed["why"] == {"vi": "Chưa hỏi Nguồn lần nào", "en": "Source has not been asked yet"}
    assert tree["score"]["score"] is None
    assert tree["score"]["text"] is None
    assert tree["sentence"]["vi"] == (
        "Cơ quan so-tttt: chưa có điểm, có thể từ 0,00 đến 100,00 điểm. "
        "Chưa có số liệu: Tỷ lệ ký số; Điểm Wi-Fi; Có cán bộ."
    )


def test_held_says_what_was_refused_and_why(rig: Rig, counts: Counts) -> None:
    counts.say("so-tttt", sent=2_000_000)
    rig.pull()
    tree = _tree(rig)
    sent = _of(tree, "signed-ratio")["readings"][1]

    assert sent["status"] == "held"
    assert sent["why"]["en"] == (
        "The figure of 16 Oct 2024, 16:00 is not used (run 1): "
        "2000000 outside 0–1000000, outside the plausible range"
    )
    assert sent["refused"]["reason"] == "range"
    assert sent["refused"]["run"]["id"] == 1
    assert "Held for checking: Signed." in tree["sentence"]["en"]


def test_a_refusal_since_the_good_reading_stands_beside_it(rig: Rig, counts: Counts) -> None:
    rig.pull()
    rig.move(HOUR_US)
    counts.say("so-tttt", sent=2_000_000)
    rig.pull()
    sent = _of(_tree(rig), "signed-ratio")["readings"][1]

    assert (sent["status"], sent["value"], sent["why"]) == ("ok", 1000.0, None)
    assert (sent["run"]["id"], sent["refused"]["run"]["id"]) == (1, 2)


def test_a_zero_denominator_says_what_the_set_makes_of_it(rig: Rig, counts: Counts) -> None:
    counts.say("so-tttt", sent=0, signed=0)
    rig.pull()
    one = _of(_tree(rig), "signed-ratio")

    assert one["status"] == "not_applicable"
    assert one["formula"] == {
        "text": "signed / sent",
        "numbers": "0 / 0",
        "value": None,
        "zero": True,
    }
    assert one["why"]["en"] == "The denominator is 0; left out of the maximum"


def test_the_day_before_tells_what_moved_and_what_came_in(rig: Rig, counts: Counts) -> None:
    counts.say("so-tttt", sent=0, signed=0)
    rig.pull()
    rig.move(DAY_US)
    counts.say("so-tttt", sent=1000, signed=900, spots=6)
    rig.pull()
    tree = _tree(rig)

    assert _of(tree, "signed-ratio")["counts"] == "newly"
    assert _of(tree, "spots-up")["change"] == -1.0
    assert tree["sentence"]["vi"] == (
        "Cơ quan so-tttt: 85,00 điểm, giảm 5,00 so với hôm qua: Điểm Wi-Fi −1,00; "
        "bắt đầu được tính: Tỷ lệ ký số."
    )
