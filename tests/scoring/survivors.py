"""What `make mutants` left alive: printed, or with `--write` put into the page beside this file.

A mutant is named by its function and its change, for its number moves with every line of code.
The page's headings are the reasons, written by hand; a survivor stays under its own.
"""

import ast
import difflib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).with_name("SURVIVORS.md")
LEAST = 0.90
NO_REASON = "No reason yet"
NOTHING = "nothing"
LONG, AROUND = 120, 40
LINE = r"^- `([^`]+)`: `([^`]+)` → `([^`]+)`$"
# What mutmut notes down for a run of the tests that found nothing, and where no test came by.
ALIVE = {0, 5, 33}
TIME_OUT = {-24, 24, 36, 152, 255}


@dataclass(frozen=True, order=True)
class Survivor:
    """A function, and its change: what is gone and what stands there instead."""

    where: str
    before: str
    after: str

    def line(self) -> str:
        return f"- `{self.where}`: `{self.before}` → `{self.after}`"


@dataclass(frozen=True)
class Found:
    """All mutants of a run, and those that lived."""

    total: int
    alive: tuple[Survivor, ...]
    timed_out: int

    @property
    def score(self) -> float:
        return 1 - len(self.alive) / self.total


def found_in(folder: Path) -> Found:
    """What a run left in its folder; ValueError where it did not come to its end."""
    total, timed_out = 0, 0
    alive: list[Survivor] = []
    for meta in sorted(folder.glob("scoring/*.py.meta")):
        codes: dict[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))[
            "exit_code_by_key"
        ]
        if None in codes.values():
            raise ValueError(f"{meta.name}: not all mutants were tried")
        total += len(codes)
        timed_out += sum(code in TIME_OUT for code in codes.values())
        names = [name for name, code in codes.items() if code in ALIVE]
        alive += _survivors(meta.with_suffix(""), names)
    if not total:
        raise ValueError(f"{folder}: no mutants there")
    return Found(total, tuple(sorted(alive)), timed_out)


def _survivors(module: Path, names: list[str]) -> Iterator[Survivor]:
    """Beside each function as it is, a mutated module has the function's mutants."""
    functions = {
        node.name: [
            f"({ast.unparse(node.args)})",
            *ast.unparse(ast.Module(node.body, [])).splitlines(),
        ]
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    for name in names:
        mutant = name.rpartition(".")[2]
        mangled = mutant.rpartition("__mutmut_")[0]
        change = _change(functions[f"{mangled}__mutmut_orig"], functions[mutant])
        yield Survivor(f"{module.stem}.{_plain(mangled)}", *change)


def _plain(mangled: str) -> str:
    return mangled.removeprefix("xǁ").removeprefix("x_").replace("ǁ", ".")


def _change(original: list[str], mutant: list[str]) -> tuple[str, str]:
    lines = [line for line in difflib.ndiff(original, mutant) if line[:2] in {"- ", "+ "}]
    before, after = (
        " ⏎ ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return _around(before, after), _around(after, before) or NOTHING


def _around(text: str, other: str) -> str:
    """A long line cut down to what differs from the other, and a little around that."""
    if len(text) <= LONG:
        return text
    start = _alike(text, other)
    end = len(text) - _alike(text[start:][::-1], other[start:][::-1])
    first, last = max(start - AROUND, 0), min(end + AROUND, len(text))
    return "…" * (first > 0) + text[first:last] + "…" * (last < len(text))


def _alike(one: str, other: str) -> int:
    """How many characters they begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other)))  # noqa: B905  the shorter one ends it


def explained(page: str) -> dict[Survivor, str]:
    """Each survivor that a page names, with the heading that it stands under."""
    known: dict[Survivor, str] = {}
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        reason, _, rest = section.partition("\n")
        for where, before, after in re.findall(LINE, rest, flags=re.MULTILINE):
            known[Survivor(where, before, after)] = reason.strip()
    return known


def written(found: Found, page: str, day: str) -> str:
    """The page anew: its prose and the order of its reasons stay, what is dead leaves."""
    known = explained(page)
    reasons: dict[str, list[Survivor]] = {reason: [] for reason in known.values()}
    for one in found.alive:
        reasons.setdefault(known.get(one, NO_REASON), []).append(one)
    prose = re.split(r"^(?:Last run|## )", page, maxsplit=1, flags=re.MULTILINE)[0]
    parts = [f"{prose}Last run: {day}, {summary(found)}.\n"]
    for reason, ones in reasons.items():
        if ones:
            parts.append(f"## {reason}\n\n" + "\n".join(one.line() for one in ones) + "\n")
    return "\n".join(parts)


def summary(found: Found) -> str:
    dead = found.total - len(found.alive)
    return (
        f"`make mutants`: {dead} of {found.total} mutants found, {found.score:.1%}"
        f" ({found.timed_out} of them by running out of time)"
    )


def main(arguments: list[str]) -> int:
    found = found_in(ROOT / "mutants")
    page = PAGE.read_text(encoding="utf-8")
    if arguments == ["--write"]:
        day = datetime.now(tz=UTC).date().isoformat()
        PAGE.write_text(written(found, page, day), encoding="utf-8")
    known = explained(page)
    lines = [f"{one.line()} ({known.get(one, NO_REASON)})" for one in found.alive]
    lines.append(f"{summary(found)}; at least {LEAST:.0%} are asked for")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if found.score >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
