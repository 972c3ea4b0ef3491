"""What the documents say is so: commands, connectors, files and exit codes."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from collector.commands import common
from collector.commands.app import app
from connectors.registry import CONNECTORS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "deploy/README.md").read_text(encoding="utf-8")


def test_the_readme_begins_with_its_two_commands() -> None:
    first = re.search(r"```sh\n(.*?)```", README, re.DOTALL)

    assert first is not None
    assert [line.split("  ")[0] for line in first[1].splitlines()] == ["make demo", "make test"]


def test_the_table_of_connectors_is_the_registry() -> None:
    table = README.split("## Connectors")[1].split("Try one")[0]

    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == sorted(CONNECTORS)


def test_the_presets_that_the_readme_names_are_all_there_are() -> None:
    said = README.split("Presets that `use:` takes:")[1].split("each file")[0]

    shipped = {file.stem for file in (ROOT / "config/presets").glob("*.yaml")}
    assert set(re.findall(r"`([\w-]+)`", said)) - {"snmp"} == shipped


def test_the_table_of_commands_is_the_command_line() -> None:
    table = README.split("## Commands")[1]

    assert set(re.findall(r"^\| `chiso (\w+)", table, re.MULTILINE)) == set(commands())


def test_every_command_that_a_document_names_exists() -> None:
    for text in (README, OPERATORS):
        named = re.findall(r"(?:`|bin/)chiso ([a-z]+)", text)
        assert set(named) <= set(commands())


def test_every_command_has_help_of_one_line() -> None:
    for name, callback in commands().items():
        assert len((callback.__doc__ or "").strip().splitlines()) == 1, name


@pytest.mark.parametrize("target", ["demo", "test", "check"])
def test_the_makefile_has_what_the_readme_names(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "deploy/README.md"])
def test_every_link_to_a_file_leads_to_one(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]

    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_the_exit_codes_are_those_of_the_commands() -> None:
    said = re.search(r"Exit codes: 0 well, (\d+).*?, (\d+).*?, (\d+).*?, (\d+)", README, re.DOTALL)

    assert said is not None
    codes = (common.NO, common.WRONG_USAGE, common.UNAVAILABLE, common.LOCKED)
    assert tuple(int(code) for code in said.groups()) == codes


def test_the_changelog_has_the_version_or_what_is_not_released_yet() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## [{project['version']}]" in changelog or "## [Unreleased]" in changelog


def test_python_dash_m_collector_is_chiso() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "collector", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "Usage: chiso" in said


def commands() -> dict[str, object]:
    group = typer.main.get_group(app)
    return {name: command.callback for name, command in group.commands.items()}
