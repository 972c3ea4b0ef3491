# ruff: noqa: INP001  what operators copy is a folder, not a package
"""Files that stand in the repository and are made by code: written anew, or only compared."""

import sys
from collections.abc import Mapping
from pathlib import Path


def keep(files: Mapping[Path, str], arguments: list[str], command: str) -> int:
    """Write the files, or with `--check` compare them with what they should have.

    0 when they are written or current, 1 when one is not, 2 for wrong usage; `command` makes them.
    """
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"usage: {command} [--check]\n")
        return 2
    stale = [file for file, text in files.items() if _text_of(file) != text]
    if arguments == ["--check"]:
        for file in stale:
            sys.stderr.write(f"{file.name} is not what its code gives: run {command}\n")
        return 1 if stale else 0
    for file in stale:
        file.write_text(files[file], encoding="utf-8")
    return 0


def _text_of(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
