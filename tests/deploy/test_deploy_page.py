"""The operator's page: what it names exists, and what exists is named."""

import re
import subprocess

from collector.commands import common
from tests.prometheus import DEPLOY

PAGE = (DEPLOY / "README.md").read_text(encoding="utf-8")
# None of these is an operator's business.
UNNAMED = {"README.md", ".gitignore", "kept.py"}


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    files = [link for link in links if not link.startswith("#")]
    headings = {_anchor(title) for title in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)}

    assert files
    assert [name for name in files if not (DEPLOY / name).exists()] == []
    assert {link[1:] for link in links if link.startswith("#")} <= headings


def test_every_file_for_operators_is_linked() -> None:
    names = {path.name for path in DEPLOY.iterdir() if path.is_file()}

    assert {name for name in names - UNNAMED if f"]({name})" not in PAGE} == set()


def test_the_exit_codes_are_those_of_the_commands() -> None:
    table = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)]

    assert table == [
        common.WELL,
        common.NO,
        common.WRONG_USAGE,
        common.UNAVAILABLE,
        common.LOCKED,
    ]


def test_every_block_of_commands_is_sound_shell() -> None:
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", PAGE, re.MULTILINE | re.DOTALL)

    for block in blocks:
        done = subprocess.run(
            ["bash", "-n"], input=block, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), block


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
