"""A source that is well is asked though another one is being written."""

import json
from pathlib import Path
from typing import Any

from tests.commands.calling import called
from tests.makers import Counts, drafted
from tests.source_server import SourceServer

HALF: dict[str, Any] = {"connector": "http_json", "base_url": "https://new.example", "requsts": []}


def written(url: str, folder: Path, **changes: Any) -> Path:
    """The small province with one more source, of which half is written."""
    draft = drafted(url)
    draft.sources["counts"] |= changes
    draft.sources["new"] = HALF
    return draft.write(folder)


def test_a_dry_run_shows_a_source_and_says_what_is_wrong_with_another(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    source_server.answer = Counts()
    folder = written(source_server.url, tmp_path / "c")

    said = called("pull", "counts", "--dry-run", "--json", "--config", folder, "--store", store)

    assert (said.code, json.loads(said.out)["outcome"]) == (0, "ok")
    *errors, last = said.err.splitlines()
    assert any("sources.new.requsts: no such key, did you mean requests?" in one for one in errors)
    assert all(f"{folder}/sources.yaml:" in one and ": sources.new" in one for one in errors)
    assert last == "chiso: none of that is of counts itself"


def test_nothing_is_stored_without_the_others_and_the_way_on_is_told(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    where = ("--config", written(source_server.url, tmp_path / "c"), "--store", store)

    now = called("pull", "counts", *where)
    past = called("pull", "counts", "--from", "2024-01-01", "--to", "2024-01-31", *where)

    for said in (now, past):
        assert (said.code, said.out) == (2, "")
        assert "sources.new.requsts: no such key" in said.err
        assert "nothing is stored while other sources are wrong" in said.err
        assert "`chiso pull counts --dry-run` asks it" in said.err
    assert not Path(store.removeprefix("sqlite:///")).exists()


def test_a_source_that_is_wrong_itself_is_not_asked_and_all_is_told(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    folder = written(source_server.url, tmp_path / "c", requests=[])
    before = len(source_server.asked)

    said = called("pull", "counts", "--dry-run", "--config", folder, "--store", store)

    assert (said.code, said.out, len(source_server.asked)) == (2, "", before)
    assert ": sources.counts.requests" in said.err
    assert ": sources.new.requsts" in said.err
    assert "itself" not in said.err


def test_a_set_that_is_wrong_stops_a_pull_of_whatever_source(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    draft = drafted(source_server.url)
    draft.sources["new"] = HALF
    draft.indicators["set"]["scale"] = 0
    folder = draft.write(tmp_path / "c")

    said = called("pull", "counts", "--dry-run", "--config", folder, "--store", store)

    assert (said.code, said.out) == (2, "")
    assert "indicators-2024.yaml" in said.err


def test_a_name_that_no_source_has_is_no_source_that_is_well(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    folder = written(source_server.url, tmp_path / "c")

    said = called("pull", "count", "--dry-run", "--config", folder, "--store", store)

    assert (said.code, said.out) == (2, "")
    assert "sources.new.requsts" in said.err


def test_codes_of_a_source_that_is_left_out_are_not_called_mistaken(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    """`registry` would else pass for a slip of `register`."""
    source_server.answer = Counts()
    draft = drafted(source_server.url)
    draft.sources["new"] = HALF
    draft.province["agencies"][0]["codes"]["registry"] = "X"
    folder = draft.write(tmp_path / "c")

    said = called("pull", "counts", "--dry-run", "--config", folder, "--store", store)

    assert said.out.startswith("counts: ok\n")
    assert "registry" not in said.err


def test_answers_of_a_source_are_recorded_beside_one_that_is_wrong(
    source_server: SourceServer, store: str, tmp_path: Path
) -> None:
    source_server.answer = Counts()
    folder = written(source_server.url, tmp_path / "c")

    said = called(
        *("source", "record", "counts", tmp_path / "kept", "--config", folder, "--store", store)
    )

    assert (said.code, said.out.splitlines()[0]) == (0, "counts: ok")
