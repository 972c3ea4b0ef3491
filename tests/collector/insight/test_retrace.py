"""Scoreboards are traced by what they knew, not by their times."""

from collector.insight.retrace import check_agency, retrace_stored
from tests.collector.past import brought, everybody
from tests.makers import Rig


def test_each_of_several_scoreboards_of_one_instant_comes_out_again(rig: Rig) -> None:
    brought(rig, everybody(sent=1000, signed=800, spots=8, officer=1))
    brought(rig, {("so-tttt", "signed"): 1000, ("so-gtvt", "officer"): 0})
    brought(rig, {("so-gtvt", "signed"): 100})
    boards = [rig.store.scoreboard_row(number) for number in range(1, rig.store.head() + 1)]

    traced = [retrace_stored(rig.settings, rig.store, number=one.number) for one in boards if one]

    instants = [one.published_us for one in boards if one]
    assert len(instants) > len(set(instants))
    for one in traced:
        for agency in one.board.roster.agencies:
            check_agency(one, agency)
    scores = [one.body("agency/so-tttt")["score"] for one in traced]
    assert len(set(scores)) > 2
