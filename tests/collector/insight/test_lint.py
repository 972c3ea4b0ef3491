"""What stored history tells of a set, on scoreboards of a real store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.clock import DAY_US
from collector.insight.lint import indicators_at_their_ceiling, is_there
from tests.makers import Counts, Rig, drafted, rigged
from tests.source_server import SourceServer

SET = "indicators-2024.yaml"


def found(rig: Rig) -> list[str]:
    findings = indicators_at_their_ceiling(rig.settings, rig.store, {})
    return [str(each).removeprefix(f"{rig.settings.folder}/") for each in findings]


def line(rig: Rig, text: str, *, after: str) -> int:
    lines = (rig.settings.folder / SET).read_text(encoding="utf-8").splitlines()
    begin = next(place for place, one in enumerate(lines) if after in one)
    return next(place for place, one in enumerate(lines[begin:], begin + 1) if text in one)


def test_an_indicator_that_all_always_have_in_full_tells_nobody_apart(rig: Rig) -> None:
    rig.pull()
    rig.move(DAY_US)
    rig.pull()

    (said,) = found(rig)

    place = f"{SET}:{line(rig, 'points:', after='id: officer-there')}"
    key = "groups.documents.indicators.officer-there.points"
    assert said == (
        f"{place}: {key}: all 5 agencies have had all its 5 points since 2024-10-16: "
        "it tells nobody apart"
    )


def test_it_is_enough_that_one_agency_once_had_less(rig: Rig, counts: Counts) -> None:
    counts.say("moc-chau", officer="Cấp phó")
    rig.pull()
    rig.move(DAY_US)
    counts.say("moc-chau", officer="Cấp trưởng")
    rig.pull()

    assert rig.body("agency/moc-chau/officer-there")["points"] == 5
    assert found(rig) == []


def test_agencies_of_which_nothing_is_known_say_nothing(rig: Rig, counts: Counts) -> None:
    counts.leave_out("phu-yen")
    rig.pull()

    (said,) = found(rig)

    assert rig.status("phu-yen", "officer-there") == "missing"
    assert "all 4 agencies have had" in said


def test_one_agency_alone_cannot_be_told_apart(rig: Rig, counts: Counts) -> None:
    for agency in ("so-gtvt", "thanh-tra", "phu-yen", "moc-chau"):
        counts.leave_out(agency)
    rig.pull()

    assert found(rig) == []


@pytest.fixture
def changed(rig: Rig, source_server: SourceServer, tmp_path: Path) -> Iterator[Rig]:
    """The same store under a set whose officers have 6 points, of which nothing is known yet."""
    rig.pull()
    draft = drafted(source_server.url)
    draft.indicators["groups"][0]["indicators"][2]["points"]["max"] = 6
    settings = draft.settings(tmp_path / "changed")
    with rigged(settings, rig.store.url_shown, clock=rig.clock) as made:
        yield made


def test_only_scoreboards_of_the_sets_own_edition_count(rig: Rig, changed: Rig) -> None:
    changed.move(DAY_US)
    before = found(rig)
    changed.pull()

    (after,) = found(changed)

    assert before == []
    assert "all its 6 points since 2024-10-16" in after


def test_a_store_may_be_a_file_or_a_server(tmp_path: Path) -> None:
    assert not is_there(f"sqlite:///{tmp_path / 'none.db'}")
    assert is_there(f"sqlite:///{tmp_path}")
    assert is_there("postgresql://chiso@localhost/chiso")
