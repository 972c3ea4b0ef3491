"""Every fault against every connector over HTTP: ends in time, costs little, says what it is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from connectors.http import HttpConnector
from connectors.registry import CONNECTORS
from tests.faults.expected import Expected, Fails, Holds, Passes, Refuses, Stays
from tests.faults.faults import Fault
from tests.faults.judge import AFTER, BEFORE, FIRST, complaints
from tests.faults.puller import Verdict
from tests.faults.session import ATTEMPTS, Record, met_by
from tests.faults.speakers import SECRET, SPEAKERS, TOKEN
from tests.faults.table import FAULTS

MEETINGS = [(speaker, fault) for speaker in SPEAKERS for fault in met_by(speaker)]
IDS = [f"{speaker}, {fault.name}" for speaker, fault in MEETINGS]

# Whom nobody may reach, with how many may come to the door: a name that is rebound was well once.
SHUT = {
    "name unknown": 0,
    "name resolved too late": 0,
    "name of this machine": 0,
    "name of a link-local address": 0,
    "name rebound to this machine": 1,
}
# Where nobody can be counted.
UNSEEN = {"connection refused", "connection never accepted"}

each_meeting = pytest.mark.parametrize(("speaker", "fault"), MEETINGS, ids=IDS)


@each_meeting
def test_a_fault_costs_a_run_and_nothing_else(
    speaker: str, fault: Fault, records: Mapping[str, Record]
) -> None:
    verdict = records[speaker].verdicts[fault.id]

    assert complaints(verdict, fault.of(speaker), is_warm=fault.is_warm) == []


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_every_fault_was_met(speaker: str, records: Mapping[str, Record]) -> None:
    record = records[speaker]
    counts = {
        fault.name: len(record.answers(fault)) + record.visits[fault.id]
        for fault in met_by(speaker)
        if fault.name not in SHUT.keys() | UNSEEN
    }

    assert [name for name, count in counts.items() if count == 0] == []


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_nobody_goes_where_nobody_may(speaker: str, records: Mapping[str, Record]) -> None:
    record = records[speaker]
    visits = {fault.name: record.visits[fault.id] for fault in FAULTS if fault.name in SHUT}

    assert visits == SHUT


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_no_question_is_asked_more_often_than_declared(
    speaker: str, records: Mapping[str, Record]
) -> None:
    record = records[speaker]
    for fault in met_by(speaker):
        asked = Counter(entry.asked for entry in record.answers(fault))
        allowed = ATTEMPTS + _more(fault)
        assert max(asked.values(), default=0) <= allowed * record.verdicts[fault.id].tries, fault


def _more(fault: Fault) -> int:
    """What is followed, and what is renewed, is asked again."""
    return int(str(fault.source.get("redirects", 0))) + (fault.stage == "auth")


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_no_secret_is_shown_or_stored(speaker: str, records: Mapping[str, Record]) -> None:
    seen = records[speaker].seen

    assert "scoreboard" in seen or "dti_" in seen
    assert {secret for secret in (SECRET, TOKEN) if secret in seen} == set()


def test_there_are_many_faults_and_each_has_a_name_of_its_own() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS) >= 150


def test_every_connector_over_http_meets_them() -> None:
    over_http = {name for name, kind in CONNECTORS.items() if issubclass(kind, HttpConnector)}

    assert {speaker.connector for speaker in SPEAKERS.values()} == over_http
    assert min(len(met_by(speaker)) for speaker in SPEAKERS) >= 130


FAILED = Verdict(
    source="made-up",
    tries=1,
    warmed=True,
    outcome="failed",
    reason="source",
    message="it did",
    verdict=None,
    wait_s=None,
    admitted={},
    refused=(),
    before=BEFORE,
    after=BEFORE,
    seconds=0.1,
    waited_s=0.0,
    growth_mib=1.0,
)
HELD = replace(FAILED, outcome="held", reason=None, verdict="partial")
GOOD = replace(FAILED, outcome="ok", reason=None, message=None, admitted=AFTER, after=AFTER)
KEPT = {**AFTER, FIRST: BEFORE[FIRST]}
REFUSED = replace(GOOD, refused=("type",), after=KEPT)
CANARIES: dict[str, tuple[Verdict, Expected]] = {
    "too late": (replace(FAILED, seconds=1.6), Fails("source")),
    "too late by itself": (replace(FAILED, seconds=3.0, waited_s=1.4), Fails("source")),
    "too large": (replace(FAILED, growth_mib=65.0), Fails("source")),
    "our own fault": (replace(FAILED, reason="ours"), Fails("ours")),
    "another reason": (replace(FAILED, reason="content"), Fails("source")),
    "no reason": (replace(FAILED, message=""), Fails("source")),
    "a wait that was not noted": (FAILED, Fails("source", 60.0)),
    "a bad answer that was used": (replace(FAILED, after=AFTER), Fails("source")),
    "a bad answer that passes": (GOOD, Fails("source")),
    "no sound answer before": (replace(FAILED, before={}, after={}), Fails("source")),
    "a held answer that was used": (replace(HELD, after=AFTER), Holds("partial")),
    "held for another reason": (replace(HELD, verdict="held"), Holds("partial")),
    "a good answer refused": (FAILED, Passes()),
    "a good answer not used": (replace(GOOD, after=BEFORE), Passes()),
    "an answer said again and not found so": (replace(GOOD, after=BEFORE), Stays("frozen")),
    "news in an answer said again": (replace(GOOD, verdict="frozen"), Stays("frozen")),
    "a good row refused": (replace(GOOD, refused=("type",)), Passes()),
    "a bad row that was used": (replace(REFUSED, after=AFTER), Refuses("type")),
    "a bad row without a word": (replace(REFUSED, refused=()), Refuses("type")),
    "a row refused otherwise": (replace(REFUSED, refused=("range",)), Refuses("type")),
    "good rows lost with a bad one": (replace(REFUSED, after=BEFORE), Refuses("type")),
}


@pytest.mark.parametrize("name", CANARIES)
def test_the_judge_sees(name: str) -> None:
    verdict, expected = CANARIES[name]

    assert complaints(verdict, expected, is_warm=True) != []


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (FAILED, Fails("source")),
        (replace(FAILED, wait_s=60.0), Fails("source", 60.0)),
        (replace(FAILED, seconds=3.0, waited_s=1.6), Fails("source")),
        (HELD, Holds("partial")),
        (GOOD, Passes()),
        (REFUSED, Refuses("type")),
        (replace(GOOD, verdict="frozen", after=BEFORE), Stays("frozen")),
    ],
)
def test_the_judge_has_nothing_to_say_of_what_is_well(verdict: Verdict, expected: Expected) -> None:
    assert complaints(verdict, expected, is_warm=True) == []
