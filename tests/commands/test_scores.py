"""`chiso scores` and `chiso history`, on a store that nobody holds."""

import csv
import io
from contextlib import closing
from pathlib import Path

import pytest

from collector.clock import DAY_US
from collector.documents import Document, history_document, scoreboard_document, stored_edition
from collector.settings.load import load
from collector.store.store import Store
from tests.commands.calling import Said, called, chiso
from tests.makers import Counts, drafted, rigged
from tests.source_server import SourceServer


@pytest.fixture(scope="module")
def filled(
    config: Path, source_server: SourceServer, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A store with two days of pulls."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'chiso.db'}"
    counts = Counts()
    source_server.answer = counts
    with pytest.MonkeyPatch.context() as patch, rigged(load(config, environ={}), url) as rig:
        patch.setenv("PLANTED_KEY", "k")
        counts.leave_out("moc-chau")
        rig.pull()
        rig.move(DAY_US)
        counts.say("so-gtvt", spots=10)
        assert rig.pull().run.outcome == "ok"
    return url


@pytest.fixture(scope="module")
def said(config: Path, filled: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    empty = f"sqlite:///{tmp_path_factory.mktemp('store') / 'empty.db'}"
    Store.open(empty).close()
    nowhere = f"sqlite:///{tmp_path_factory.mktemp('store') / 'none.db'}"

    def of(url: str, *args: str) -> Said:
        return called(*args, "--config", config, "--store", url)

    return {
        "scores": chiso("scores", "--config", config, "--store", filled),
        "scores --json": of(filled, "scores", "--json"),
        "history": of(filled, "history", "so-gtvt"),
        "history --json": of(filled, "history", "so-gtvt", "spots-up", "--json"),
        "history --csv": of(filled, "history", "so-gtvt", "--csv"),
        "empty": of(empty, "scores"),
        "nowhere": of(nowhere, "scores"),
        "no such set": of(filled, "scores", "--set", "x"),
        "no such agency": of(filled, "history", "so-gtv"),
        "no such indicator": of(filled, "history", "so-gtvt", "spot-up"),
    }


@pytest.fixture(scope="module")
def document(config: Path, filled: str) -> Document:
    with closing(Store.open(filled, read_only=True)) as store:
        edition = stored_edition(store, load(config, environ={}).zone)
    assert edition is not None
    return scoreboard_document(edition, "test-2024")


def test_scores_as_json_are_the_stored_scoreboard(
    said: dict[str, Said], document: Document
) -> None:
    assert said["scores --json"].code == 0
    assert said["scores --json"].json() == document
    assert document["number"] == 3
    assert document["agencies"][0]["change"] == 5.0


def test_scores_as_a_table_name_every_agency(said: dict[str, Said], document: Document) -> None:
    lines = said["scores"].out.splitlines()

    assert said["scores"].code == 0
    for agency in document["agencies"]:
        (line,) = (one for one in lines if agency["name"]["vi"] in one)
        score = "–" if agency["score"] is None else f"{agency['score']:.2f}"
        assert score in line.split()
    assert "+5.00" in said["scores"].out


def test_scores_say_when_the_sets_have_ended(tmp_path: Path) -> None:
    draft = drafted("http://127.0.0.1:9")
    draft.indicators["set"]["effective"]["until"] = "2025-01-01"
    folder, url = draft.write(tmp_path / "config"), f"sqlite:///{tmp_path / 'chiso.db'}"
    with rigged(load(folder, environ={}), url) as rig:
        rig.move(366 * DAY_US)
        rig.publish()

    found = called("scores", "--config", folder, "--store", url)

    ended = "no indicator set is in force: test-2024 from 2024-01-01 until 2025-01-01"
    assert (found.code, found.out, found.lines()) == (1, "", [f"chiso: {ended}"])


def test_history_as_json_is_every_change(said: dict[str, Said], filled: str) -> None:
    with closing(Store.open(filled, read_only=True)) as store:
        samples = store.history("test-2024", "agency/so-gtvt/spots-up")

    found = said["history --json"]
    assert found.code == 0
    assert found.json() == history_document(samples, "so-gtvt", "spots-up", "devices")
    assert [one["value"] for one in found.json()["samples"]] == [None, 8.0, 10.0]


def test_history_as_csv_and_as_a_table_say_the_same(said: dict[str, Said]) -> None:
    rows = list(csv.DictReader(io.StringIO(said["history --csv"].out)))

    assert [one["value"] for one in rows] == ["", "85.0", "90.0"]
    assert list(rows[0]) == ["at", "known_at", "value", "points", "status"]
    table = said["history"].out
    assert table.startswith("so-gtvt: score (points)")
    assert "90.0" in table


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("empty", 1, "the store holds no scoreboard yet"),
        ("nowhere", 69, "there is no such file"),
        ("no such set", 2, "--set x: in force are test-2024"),
        ("no such agency", 2, "so-gtv: no such agency, did you mean so-gtvt?"),
        ("no such indicator", 2, "spot-up: no such indicator, did you mean spots-up?"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    said: dict[str, Said], name: str, code: int, line: str
) -> None:
    found = said[name]

    assert (found.code, found.out) == (code, "")
    assert len(found.lines()) == 1
    assert line in found.err
