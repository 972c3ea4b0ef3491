from pathlib import Path

import pytest

from collector.clock import DAY_US
from collector.commands.check import summary
from collector.settings.load import load
from tests.commands.calling import Said, called, together
from tests.makers import NOW_US, Draft, drafted


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with one mistake in each of three files."""
    draft = drafted("https://register.example")
    draft.province["agencies"][0]["block"] = "provincal"
    draft.metrics["metrics"]["signed"]["at_most"] = "snt"
    draft.sources["counts"]["colour"] = "red"
    return draft.write(tmp_path_factory.mktemp("config") / "wrong")


@pytest.fixture(scope="module")
def said(wrong: Path, config: Path) -> list[Said]:
    store = f"sqlite:///{wrong.parent / 'chiso.db'}"
    bad, refused = together(
        ("check", "--config", wrong), ("run", "--config", wrong, "--store", store)
    )
    return [
        called("check", "--config", config),
        bad,
        called("check", "--config", wrong, "--json"),
        refused,
    ]


MISTAKES = (
    ("province.yaml", "provincal", "did you mean provincial?"),
    ("metrics.yaml", "snt", "did you mean sent?"),
    ("sources.yaml", "sources.counts.colour", "no such key"),
)


def test_a_good_configuration_is_summed_up(said: list[Said]) -> None:
    good = said[0]

    assert good.code == 0
    assert (
        "well: 5 agencies in 2 blocks, 4 metrics, 1 sources, test-2024 (3 indicators)" in good.out
    )
    assert "warning: " in good.out
    assert "PLANTED_KEY" in good.out


def test_all_mistakes_are_listed_at_once_with_file_and_line(said: list[Said], wrong: Path) -> None:
    bad = said[1]

    assert bad.code == 2
    errors = [line for line in bad.out.splitlines() if not line.startswith("warning")]
    assert len(errors) == len(MISTAKES)
    for file, what, hint in MISTAKES:
        (line,) = (one for one in errors if file in one)
        assert line.startswith(f"{wrong / file}:")
        assert line.split(":")[1].isdecimal()
        assert what in line
        assert hint in line


def test_and_as_json_with_their_parts(said: list[Said], wrong: Path) -> None:
    found = said[2].json()

    assert said[2].code == 2
    assert all(set(one) == {"severity", "file", "line", "key", "problem"} for one in found)
    errors = [one for one in found if one["severity"] == "error"]
    assert {one["file"] for one in errors} == {str(wrong / file) for file, _, _ in MISTAKES}


def test_the_service_does_not_start_on_them_and_says_the_same(
    said: list[Said], wrong: Path
) -> None:
    checked, refused = said[1], said[3]

    assert (refused.code, refused.out) == (2, "")
    errors = [line for line in checked.out.splitlines() if not line.startswith("warning")]
    assert refused.lines() == errors
    assert not (wrong.parent / "chiso.db").exists()


def trial(folder: Path, target: object) -> Path:
    """A set of the same id in a file of another name, with another target."""
    draft = drafted("https://register.example")
    draft.indicators["groups"][0]["indicators"][0]["points"]["target"] = target
    return (draft.write(folder / "trial") / "indicators-2024.yaml").rename(folder / "trial.yaml")


def test_a_trial_set_is_judged_as_if_it_stood_in_the_folder(config: Path, tmp_path: Path) -> None:
    file = trial(tmp_path, 99)

    said = called("check", "--config", config, "--set", file)

    assert said.code == 0
    (line,) = (one for one in said.out.splitlines() if "points.target: " in one)
    assert line.startswith(f"warning: {file}:")
    assert line.endswith("no value reaches 99: `signed / sent` is at most 1")
    assert "test-2024 (3 indicators)" in said.out
    assert "overlap" not in said.out
    assert "used by nothing" not in said.out


def test_a_trial_set_in_the_folder_itself_is_no_stranger_there(tmp_path: Path) -> None:
    folder = drafted("https://register.example").write(tmp_path / "here")
    file = (folder / "trial.yaml").write_bytes((folder / "indicators-2024.yaml").read_bytes())

    said = called("check", "--config", folder, "--set", folder / "trial.yaml")

    assert file
    assert said.code == 0
    assert "read by nobody" not in said.out


def test_a_target_in_per_cent_is_told_how_it_is_written(config: Path, tmp_path: Path) -> None:
    said = called("check", "--config", config, "--set", trial(tmp_path, "97%"))

    assert said.code == 2
    assert "'97%' is no number: write 0.97" in said.out


def test_a_time_without_a_set_is_told_and_is_no_mistake(tmp_path: Path) -> None:
    def ending(draft: Draft) -> Draft:
        draft.indicators["set"]["effective"]["until"] = "2024-12-31"
        return draft

    folder = ending(drafted("https://register.example")).write(tmp_path / "ended")
    settings = load(folder, environ={})

    assert summary(settings, NOW_US).endswith("test-2024 (3 indicators)")
    assert summary(settings, NOW_US + 404 * DAY_US).endswith(
        "\nnothing would be scored today (2025-11-24): "
        "no indicator set is in force: test-2024 from 2024-01-01 until 2024-12-31"
    )
