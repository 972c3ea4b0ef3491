from contextlib import closing
from pathlib import Path

import pytest

from collector.settings.load import load
from collector.store.store import Store
from tests.commands.calling import called, chiso
from tests.makers import AGENCIES, Counts, rigged
from tests.source_server import SourceServer


@pytest.fixture
def held(
    config: Path, store: str, source_server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A store whose second run is held."""
    monkeypatch.setenv("PLANTED_KEY", "k")
    counts = Counts()
    source_server.answer = counts
    with rigged(load(config, environ={}), store) as rig:
        rig.pull()
        rig.move(1)
        for agency in AGENCIES:
            counts.say(agency, sent=1, signed=1)
        assert rig.pull().run.outcome == "held"
    return store


def test_lists_what_waits_takes_it_once_and_says_so(config: Path, held: str) -> None:
    where = ("--config", config, "--store", held)
    listed = called("accept", "--json", *where)
    taken = chiso("accept", 2, "--reason", "đã đối soát", "--by", "an", *where)
    again = called("accept", 2, "--reason", "đã đối soát", *where)
    nothing = called("accept", *where)

    (one,) = listed.json()
    assert (one["run"], one["source"], one["verdict"]) == (2, "counts", "regressed")
    assert (taken.code, taken.out) == (0, "run 2 of counts: 20 observations accepted\n")
    assert (again.code, again.out) == (1, "")
    assert again.lines() == ["chiso: run 2 was accepted already, by an in run 3"]
    assert (nothing.code, nothing.out.strip()) == (0, "no run waits to be accepted")
    with closing(Store.open(held, read_only=True)) as opened:
        (_, acceptance) = opened.acceptance(2) or (0, None)
        assert acceptance is not None
        assert (acceptance.who, acceptance.why) == ("an", "đã đối soát")


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((1, "--reason", "x"), 1, "run 1 of counts held nothing that could be accepted"),
        ((9, "--reason", "x"), 1, "there is no run 9"),
        ((2,), 2, "say why with --reason TEXT: it is kept with the figures"),
        ((2, "--reason", "  "), 2, "say why with --reason TEXT: it is kept with the figures"),
    ],
)
def test_what_cannot_be_accepted(
    args: tuple[object, ...], code: int, said: str, config: Path, held: str
) -> None:
    refused = called("accept", *args, "--config", config, "--store", held)

    assert (refused.code, refused.lines()) == (code, [f"chiso: {said}"])


def test_the_list_is_a_table_too(config: Path, held: str) -> None:
    shown = called("accept", "--config", config, "--store", held)

    assert [line.split()[:2] for line in shown.out.splitlines()] == [
        ["run", "source"],
        ["2", "counts"],
    ]


def test_a_store_that_another_holds_is_left_alone(config: Path, held: str) -> None:
    with closing(Store.open(held)) as holder:
        holder.lock_instance()

        locked = called("accept", 2, "--reason", "x", "--config", config, "--store", held)

    assert (locked.code, len(locked.lines())) == (75, 1)
