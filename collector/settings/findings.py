"""What is wrong with a configuration, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a file. Lines count from 1; the key is empty where the file as a whole is meant.

    A folder has no lines: 0.
    """

    file: Path
    line: int
    key: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else str(self.file)
        return where + (f": {self.key}" if self.key else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (error), or that nobody can have meant (warning)."""

    place: Place
    problem: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}"


class ConfigErrors(Exception):  # noqa: N818  it carries all errors of a configuration, not one
    """The configuration cannot be used; `findings` are its errors in the order of the files."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


def hint(name: str, known: Iterable[str]) -> str:
    """`, did you mean …?` where a known name is close, else nothing."""
    near = get_close_matches(name, sorted(set(known) - {name}), n=1)
    return f", did you mean {near[0]}?" if near else ""
