"""The shape of the code, as a test: short functions, short files, nothing of a workplace."""

import ast
import subprocess
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("collector", "connectors", "scoring")
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in python_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]

    assert long == []


def test_no_file_is_a_dumping_ground() -> None:
    long = [
        str(file.relative_to(ROOT))
        for file in python_files()
        if len(file.read_text(encoding="utf-8").splitlines()) > FILE_LINES_MAX
    ]

    assert long == []


def test_every_room_and_module_says_what_it_is() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in python_files()
        if file.read_text(encoding="utf-8").strip()
        and ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) is None
    ]

    assert silent == []


def test_no_other_distribution_brings_a_room_of_our_name() -> None:
    found = packages_distributions()

    assert {room: set(found.get(room, ["chiso"])) for room in ROOMS} == {
        room: {"chiso"} for room in ROOMS
    }


def test_locks_name_no_index_and_no_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text


def test_no_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    found = subprocess.run(
        ["git", "grep", "-nIE", r"(^|[^\w.])/(work|root|Users)/[a-z]", "--", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    assert [line for line in found.splitlines() if "test_architecture" not in line] == []


def python_files() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))
