from pathlib import Path

import pytest

from tests.commands.calling import Said, called, together
from tests.makers import drafted


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
