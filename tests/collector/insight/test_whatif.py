"""What would be, with other readings or by another set."""

from pathlib import Path
from typing import Any

import pytest

from collector.insight.whatif import Question, WhatIfError, readings_of, what_if
from collector.settings.load import load_set
from tests.collector.past import brought, everybody, harder
from tests.makers import Rig, drafted, rigged

START = everybody(sent=1000, signed=800, spots=8, officer=1)


@pytest.fixture
def past(rig: Rig) -> Rig:
    brought(rig, START | {("so-gtvt", "signed"): 850, ("thanh-tra", "officer"): 0})
    return rig


def asked(rig: Rig, agency: str, *texts: str) -> dict[str, Any]:
    spec = rig.settings.sets[0]
    values = readings_of(list(texts), rig.settings, spec)
    return what_if(rig.settings, rig.store, Question(agency, values, spec, spec))


def test_more_signed_documents_raise_a_score_and_push_a_rival_down(past: Rig) -> None:
    document = asked(past, "so-tttt", "signed=900")

    assert [document[when]["score"] for when in ("before", "after")] == [85.0, 90.0]
    assert [document[when]["rank"] for when in ("before", "after")] == [2, 1]
    assert [one["id"] for one in document["indicators"]] == ["signed-ratio"]
    assert [
        (one["id"], one["before"]["rank"], one["after"]["rank"]) for one in document["others"]
    ] == [("so-gtvt", 1, 2)]
    assert document["readings"] == [{"metric": "signed", "before": 800.0, "after": 900.0}]


def test_what_it_answers_is_what_is_published_once_it_is_so(past: Rig) -> None:
    document = asked(past, "so-tttt", "signed=900", "spots=10")

    brought(past, {("so-tttt", "signed"): 900, ("so-tttt", "spots"): 10})

    body = past.body("agency/so-tttt")
    assert document["after"] == {key: body[key] for key in document["after"]}
    assert document["province"]["after"]["score"] == past.body("province")["score"]


def test_what_is_known_already_changes_nothing(past: Rig) -> None:
    document = asked(past, "so-tttt", "signed=800")

    assert document["before"] == document["after"]
    assert (document["indicators"], document["others"]) == ([], [])


def test_a_state_is_given_by_its_name_or_its_number(past: Rig) -> None:
    for text in ("officer=Cấp trưởng", "officer = 1", "officer=1.0"):
        assert asked(past, "thanh-tra", text)["after"]["score"] == 85.0


def test_nothing_is_stored(past: Rig) -> None:
    before = past.store.head(), past.store.cells(), past.store.rescorings()

    asked(past, "so-tttt", "signed=900")

    assert (past.store.head(), past.store.cells(), past.store.rescorings()) == before


def test_a_reading_that_no_source_feeds_counts_too(tmp_path: Path, url: str) -> None:
    draft = drafted("https://register.example")
    draft.agency("moc-chau")["codes"] = {}
    with rigged(draft.settings(tmp_path / "config"), url) as rig:
        brought(rig, START)
        assert rig.status("moc-chau", "spots-up") == "not_connected"

        document = asked(rig, "moc-chau", "spots=10")

    assert document["before"]["score"] is None
    assert document["after"]["score"] == 25.0
    assert document["readings"] == [{"metric": "spots", "before": None, "after": 10.0}]


def test_another_set_is_held_against_the_live_one(past: Rig, tmp_path: Path) -> None:
    draft = drafted("https://register.example")
    harder(draft)
    draft.indicators["set"]["id"] = "test-2025"
    file = draft.write(tmp_path / "other") / "indicators-2024.yaml"
    other = load_set(past.settings.folder, file, environ={})

    question = Question("thanh-tra", {}, past.settings.sets[0], other)
    document = what_if(past.settings, past.store, question)

    assert (document["live"]["id"], document["set"]["id"]) == ("test-2024", "test-2025")
    assert document["before"]["score"] == 60.0
    assert document["after"]["score"] == 80.0
    gone = [one for one in document["indicators"] if one["after"] is None]
    assert not gone


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("signed", "'signed' is not of the form METRIC=VALUE"),
        ("signed=", "'signed=' is not of the form METRIC=VALUE"),
        ("sigend=1", "sigend: no such metric, did you mean signed?"),
        ("spots=many", "spots: 'many' is no number"),
        ("spots=NaN", "spots: 'NaN' is no number"),
        ("spots=1.300", "spots: 1.300 may mean 1300: write 1300, or one more decimal, 1.3000"),
        ("spots=501", "spots: 501 is outside its range, 0 to 500"),
        ("spots=-1", "spots: -1 is outside its range, 0 to 500"),
        ("officer=Cấp trưỏng", "is no state: one of Chưa có, Cấp phó, Cấp trưởng, did you mean"),
        ("officer=0.7", "officer: '0.7' is no state: one of"),
    ],
)
def test_what_makes_no_sense_is_said_with_what_was_meant(
    past: Rig, text: str, problem: str
) -> None:
    with pytest.raises(WhatIfError) as caught:
        asked(past, "so-tttt", text)

    assert problem in str(caught.value)


def test_a_part_cannot_be_more_than_its_whole_whichever_is_changed(past: Rig) -> None:
    for text, problem in (
        ("signed=1001", "signed: 1001 is more than sent, 1000"),
        ("sent=700", "signed: 800 is more than sent, 700"),
    ):
        with pytest.raises(WhatIfError, match=problem):
            asked(past, "so-tttt", text)

    assert asked(past, "so-tttt", "sent=2000", "signed=2000")["after"]["score"] == 95.0


def test_a_metric_that_the_set_does_not_use_is_refused(tmp_path: Path, url: str) -> None:
    draft = drafted("https://register.example")
    harder(draft)
    with rigged(draft.settings(tmp_path / "config"), url) as rig:
        brought(rig, START)
        with pytest.raises(WhatIfError, match="officer: no indicator of test-2024 uses it"):
            asked(rig, "so-tttt", "officer=1")


def test_an_agency_that_is_not_on_the_scoreboard_is_refused(past: Rig) -> None:
    with pytest.raises(WhatIfError, match="so-ttt: not on the scoreboard, did you mean so-tttt"):
        asked(past, "so-ttt", "signed=1")
