"""`chiso explain` and `chiso advise`, on a store that nobody holds."""

from pathlib import Path

import pytest

from collector.clock import DAY_US
from collector.settings.load import load
from collector.store.store import Store
from tests.commands.calling import Said, called, chiso
from tests.makers import Counts, rigged
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
        patch.setenv("PLANTED_KEY", "k-planted")
        counts.say("so-gtvt", signed=500)
        rig.pull()
        rig.move(DAY_US)
        counts.say("so-gtvt", signed=600)
        assert rig.pull().run.outcome == "ok"
    return url


@pytest.fixture(scope="module")
def said(config: Path, filled: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Said]:
    empty = f"sqlite:///{tmp_path_factory.mktemp('store') / 'empty.db'}"
    Store.open(empty).close()

    def of(url: str, *args: str) -> Said:
        return called(*args, "--config", config, "--store", url)

    return {
        "explain": chiso(
            "explain", "so-gtvt", "signed-ratio", "--config", config, "--store", filled
        ),
        "explain whole": of(filled, "explain", "so-gtvt"),
        "explain --json": of(filled, "explain", "so-gtvt", "--json"),
        "advise": chiso("advise", "so-gtvt", "--config", config, "--store", filled),
        "advise --json": of(filled, "advise", "so-gtvt", "--json"),
        "explain empty": of(empty, "explain", "so-gtvt"),
        "advise empty": of(empty, "advise", "so-gtvt"),
        "explain no such agency": of(filled, "explain", "so-gtv"),
        "advise no such agency": of(filled, "advise", "so-gtv"),
        "no such indicator": of(filled, "explain", "so-gtvt", "signed-rati"),
        "no such set": of(filled, "explain", "so-gtvt", "--set", "x"),
    }


def test_the_tree_reads_from_the_score_to_the_requests(said: dict[str, Said]) -> None:
    text = said["explain"].out

    assert said["explain"].code == 0
    assert "Cơ quan so-gtvt: 75,00 điểm, tăng 5,00 so với hôm qua: Tỷ lệ ký số +1,00." in text
    assert "so-gtvt: 75.00 points, 5.00 more than yesterday: Signed +1.00." in text
    order = [
        "Scoreboard 3, 2024-10-17 16:00 (Asia/Ho_Chi_Minh)",
        "(so-gtvt): 75.00, Yếu, rank 3 = 100 × 15 / 20 (15.00 of the 20 points that apply)",
        "└── Văn bản: 15 / 20",
        "└── signed-ratio: 6 / 10 (+1 since yesterday)  [ok]  Tỷ lệ ký số",
        "├── to_target: min(1, 0.6 / 1) × 10 = 6: 6.00 of 10 points = 10 × 60% / 100%",
        "└── signed / sent = 600 / 1000 = 0.6",
        "├── signed = 600  [ok]  data 2024-10-17 16:00, known 2024-10-17 16:00",
        "├── source counts: Nguồn (Văn phòng)",
        "run 2: ok at 2024-10-17 16:00, digest ",
        "in one of 2 requests",
        "/totals?",
    ]
    places = [text.index(piece) for piece in order]
    assert places == sorted(places)
    assert "k-planted" not in text


def test_json_is_the_tree_and_nothing_else(said: dict[str, Said]) -> None:
    tree = said["explain --json"].json()

    assert tree["score"]["score"] == 75.0
    assert [one["id"] for one in tree["groups"][0]["indicators"]] == [
        "signed-ratio",
        "spots-up",
        "officer-there",
    ]
    assert "k-planted" not in said["explain --json"].out


def test_advice_says_the_least_change_and_what_is_not_enough(said: dict[str, Said]) -> None:
    text = said["advise"].out

    assert said["advise"].code == 0
    assert text.startswith("so-gtvt: 75.00, rank 3\n76 days left\n")
    assert "5.00 short of Good, which begins at 80" in text
    assert "10.00 short of rank 1, which has 85.00" in text
    assert "Tốt" not in text
    assert "Reach the band Good: Signed: 100 more (from 600 to 700), about 1.4 a day" in text
    assert "Spots: 2 more (from 8 to 10)" in text
    assert "Not by this alone: Reach rank 1" in text
    assert said["advise --json"].json()["next_rank"] == {"rank": 1, "score": 85.0, "short": 10.0}


def test_what_would_bring_most_comes_first(said: dict[str, Said]) -> None:
    indicators = said["advise --json"].json()["indicators"]
    heads = [line.split(":")[0] for line in said["advise"].out.split("\n\n")[1:]]

    by_gain = sorted(indicators, key=lambda one: -one["gain_max"])
    assert heads == [one["id"] for one in by_gain if one["gain_max"] > 0]
    assert "of 10 points, at most +20.00 in all" in said["advise"].out


def test_a_step_that_says_nothing_is_left_out(said: dict[str, Said]) -> None:
    text = said["explain whole"].out

    assert "officer = 1\n" in text.replace("  ", "")
    assert "= 1 = 1" not in text
    assert "/totals?" not in text
    assert "in one of 2 requests" in text


def test_times_are_local_in_every_command_and_the_zone_is_named(
    config: Path, filled: str, said: dict[str, Said]
) -> None:
    args = ("--config", config, "--store", filled)
    scores, history, changes = (
        called(*call, *args).out
        for call in (("scores",), ("history", "so-gtvt"), ("changes", "so-gtvt"))
    )

    assert scores.startswith("Scoreboard 3, 2024-10-17 16:00 (Asia/Ho_Chi_Minh), set test-2024")
    assert "times of Asia/Ho_Chi_Minh" in history
    assert "2024-10-17 16:00:00" in history
    assert "times of Asia/Ho_Chi_Minh" in changes
    for text in (scores, history, changes, said["explain"].out):
        assert "T09:00" not in text


def test_a_store_without_a_scoreboard_is_a_no(said: dict[str, Said]) -> None:
    for name in ("explain empty", "advise empty"):
        assert said[name].code == 1
        assert said[name].lines() == ["chiso: the store holds no scoreboard yet"]


def test_names_that_nobody_knows_are_wrong_usage_with_a_suggestion(said: dict[str, Said]) -> None:
    for name in ("explain no such agency", "advise no such agency"):
        assert said[name].code == 2
        assert "so-gtv: no such agency" in said[name].err
        assert "so-gtvt" in said[name].err
    assert said["no such indicator"].code == 2
    assert (
        "signed-rati: no such indicator, did you mean signed-ratio" in said["no such indicator"].err
    )
    assert said["no such set"].code == 2
    assert "in force are test-2024" in said["no such set"].err
