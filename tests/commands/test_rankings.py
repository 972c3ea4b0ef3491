"""`chiso robust`, `chiso scores --level` and `chiso check --store`, on a store of two days."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from collector.clock import DAY_US
from collector.insight.level import level_at, level_document, level_of
from collector.insight.retrace import retrace_stored
from collector.insight.robust import robust_document
from collector.periods import period_of
from collector.settings.load import load
from collector.settings.model import Settings
from collector.store.store import Store
from tests.commands.calling import Said, called
from tests.makers import NOW_US, Counts, rigged, row
from tests.source_server import SourceServer


@pytest.fixture(scope="module")
def settings(config: Path) -> Settings:
    return load(config, environ={})


@pytest.fixture(scope="module")
def filled(
    settings: Settings, source_server: SourceServer, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A store with two days of pulls, in the second of which one agency says the first again."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'chiso.db'}"
    counts = Counts()
    source_server.answer = counts
    with pytest.MonkeyPatch.context() as patch, rigged(settings, url) as rig:
        patch.setenv("PLANTED_KEY", "k")
        counts.say("so-tttt", signed=700)
        counts.say("phu-yen", spots=4)
        rig.pull()
        rig.move(DAY_US)
        for one in (*counts.totals, *counts.now):
            if one["code"] == row("moc-chau")["code"]:
                one["at"] = "2024-10-16T09:00:00Z"
        counts.say("so-gtvt", spots=10)
        assert rig.pull().run.outcome == "ok"
    return url


@pytest.fixture(scope="module")
def store(filled: str) -> Iterator[Store]:
    opened = Store.open(filled, read_only=True)
    yield opened
    opened.close()


def asked(config: Path, url: str, *args: str) -> Said:
    return called(*args, "--config", config, "--store", url)


def test_robust_as_json_is_the_document_of_the_newest_scoreboard(
    config: Path, filled: str, settings: Settings, store: Store
) -> None:
    said = asked(config, filled, "robust", "--draws", "40", "--seed", "3", "--json")

    document = robust_document(retrace_stored(settings, store), draws=40, seed=3, spread=0.1)
    assert said.code == 0
    assert said.json() == document
    assert [one["rank"] for one in document["agencies"] if one["block"] == "provincial"] == [
        1,
        2,
        3,
    ]


def test_robust_as_a_table_names_every_agency_and_what_ranks_lean_on(
    config: Path, filled: str, settings: Settings
) -> None:
    said = asked(config, filled, "robust")

    assert said.code == 0
    assert said.out.startswith("Scoreboard 3, set test-2024: 1000 draws of weights ±10%, seed 1")
    for agency in settings.agencies.values():
        assert agency.name.vi in said.out
    assert "spots-up" in said.out.split("without an indicator:")[1]


def test_the_level_ranking_as_json_and_as_a_table(
    config: Path, filled: str, settings: Settings, store: Store
) -> None:
    as_json = asked(config, filled, "scores", "--level", "--json")
    table = asked(config, filled, "scores", "--level")

    document = level_document(level_of(retrace_stored(settings, store), store))
    assert as_json.json() == document
    assert "Khối tỉnh" in table.out
    assert "\n  district, 2024-10-16 16:00: signed-ratio" in table.out


def test_the_level_ranking_of_a_past_day(
    config: Path, filled: str, settings: Settings, store: Store
) -> None:
    said = asked(config, filled, "scores", "--level", "--on", "2024-10-16", "--json")

    end_us = period_of("day", date(2024, 10, 16)).until_us(settings.zone) - 1
    level = level_at(settings, store, "test-2024", end_us)
    assert level is not None
    assert said.json() == level_document(level)
    assert level.edition.number == 2
    assert level.edition.published_us > NOW_US


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (("robust", "--set", "x"), 2, "--set x: in force are test-2024"),
        (("scores", "--level", "--set", "x"), 2, "--set x: in force are test-2024"),
        (("scores", "--on", "2024-10-16"), 2, "--on belongs to --level"),
        (("scores", "--level", "--on", "then"), 2, "'then' is no day such as 2024-12-31"),
        (("scores", "--level", "--on", "9999-12-31"), 1, "no scoreboard of 9999-12-31 yet"),
        (("scores", "--level", "--on", "2023-12-31"), 1, "test-2024 was not in force"),
        (
            ("scores", "--level", "--on", "2024-10-16", "--set", "test"),
            2,
            "did you mean test-2024?",
        ),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    config: Path, filled: str, args: tuple[str, ...], code: int, line: str
) -> None:
    said = asked(config, filled, *args)

    assert (said.code, said.out) == (code, "")
    assert len(said.lines()) == 1
    assert line in said.err


@pytest.mark.parametrize("command", [("robust",), ("scores", "--level")])
def test_a_store_without_a_scoreboard_has_nothing_to_rank(
    config: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    Store.open(url).close()

    said = asked(config, url, *command)

    assert (said.code, said.out) == (1, "")
    assert "the store holds no scoreboard yet" in said.err


@pytest.mark.parametrize(
    ("option", "value"), [("--draws", "0"), ("--spread", "1"), ("--seed", "-1")]
)
def test_draws_that_cannot_be_are_wrong_usage(
    config: Path, filled: str, option: str, value: str
) -> None:
    assert asked(config, filled, "robust", option, value).code == 2


def test_check_reads_the_store_that_is_given_or_that_is_there(config: Path, filled: str) -> None:
    given = asked(config, filled, "check")
    configured = called("check", "--config", config, CHISO_STORE=filled)
    alone = called("check", "--config", config, CHISO_STORE="sqlite:////nowhere/chiso.db")

    said = "all 5 agencies have had all its 5 points since 2024-10-16: it tells nobody apart"
    assert given.code == configured.code == alone.code == 0
    assert said in given.out
    assert said in configured.out
    assert said not in alone.out
    assert alone.err == ""


def test_a_store_that_cannot_be_read_is_an_error_only_where_it_was_asked_for(
    config: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_text("no database", encoding="utf-8")
    url = f"sqlite:///{broken}"

    given = asked(config, url, "check")
    configured = called("check", "--config", config, CHISO_STORE=url)

    assert given.code == 69
    assert configured.code == 0
    assert configured.err.startswith("chiso: history is left out: ")
    assert "well: 5 agencies" in configured.out
