"""What `make mutants` says of a run, and that its page speaks of the code as it is."""

import ast
import json
from pathlib import Path

import pytest

from tests.scoring.survivors import (
    NO_REASON,
    PAGE,
    ROOT,
    Survivor,
    explained,
    found_in,
    summary,
    written,
)

MODULE = '''
def x_twice__mutmut_orig(a):
    """Said once."""
    return a * 2
def x_twice__mutmut_1(a):
    """Said once."""
    return a / 2
def x_twice__mutmut_2(a):
    """Said once."""
    return a * 3
class Sum:
    def xǁSumǁ_of__mutmut_orig(self, a):
        if a:
            self.a = a
        return a
    def xǁSumǁ_of__mutmut_1(self, a):
        return a
'''
CODES = {"scoring.m.x_twice__mutmut_1": 1, "scoring.m.x_twice__mutmut_2": 0}
METHOD = {"scoring.m.xǁSumǁ_of__mutmut_1": 33}
THRICE = Survivor("m.twice", "return a * 2", "return a * 3")
LESS = Survivor("m.Sum._of", "if a: ⏎ self.a = a", "nothing")


def mutated(folder: Path, codes: dict[str, int | None]) -> Path:
    room = folder / "scoring"
    room.mkdir()
    (room / "m.py").write_text(MODULE, encoding="utf-8")
    (room / "m.py.meta").write_text(json.dumps({"exit_code_by_key": codes}), encoding="utf-8")
    return folder


def test_a_run_is_summed_up_with_those_that_live_named_by_their_change(tmp_path: Path) -> None:
    timeout = {"scoring.m.x_twice__mutmut_3": 24}

    found = found_in(mutated(tmp_path, {**CODES, **METHOD, **timeout}))

    assert found.alive == (LESS, THRICE)
    assert (found.total, found.timed_out, found.score) == (4, 1, 0.5)
    assert summary(found).startswith("`make mutants`: 2 of 4 mutants found, 50.0%")


def test_a_long_line_is_cut_down_to_what_differs(tmp_path: Path) -> None:
    codes: dict[str, int | None] = {"scoring.m.x_twice__mutmut_2": 0}
    numbers = f"[{'a, ' * 60}a]"
    folder = mutated(tmp_path, codes)
    (folder / "scoring/m.py").write_text(MODULE.replace("a *", f"{numbers} *"), encoding="utf-8")

    (one,) = found_in(folder).alive

    assert one.before == f"…{', a' * 12}] * 2"
    assert one.after == f"…{', a' * 12}] * 3"


@pytest.mark.parametrize("codes", [{}, {"scoring.m.x_twice__mutmut_1": None}])
def test_a_run_without_an_end_is_no_run(tmp_path: Path, codes: dict[str, int | None]) -> None:
    with pytest.raises(ValueError, match=r"no mutants there|not all mutants were tried"):
        found_in(mutated(tmp_path, codes))


def test_the_page_keeps_prose_and_reasons_and_loses_what_is_dead(tmp_path: Path) -> None:
    dead = Survivor("m.gone", "return 1", "return 2")
    page = f"# Page\n\nProse.\n\nLast run: never.\n\n## As good\n\n{THRICE.line()}\n{dead.line()}\n"

    found = found_in(mutated(tmp_path, {**CODES, **METHOD}))
    after = written(found, page, "2024-05-06")

    assert after.startswith("# Page\n\nProse.\n\nLast run: 2024-05-06, `make mutants`: 1 of 3")
    assert explained(after) == {THRICE: "As good", LESS: NO_REASON}
    assert written(found, after, "2024-05-06") == after


def test_the_page_speaks_of_functions_that_exist_and_gives_each_survivor_a_reason() -> None:
    known = explained(PAGE.read_text(encoding="utf-8"))

    assert NO_REASON not in known.values()
    assert {one.where for one in known} <= functions()


def functions() -> set[str]:
    """Of the whole room, as `module.function` and `module.Class.method`."""
    found = set()
    for file in sorted((ROOT / "scoring").glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            inner = node.body if isinstance(node, ast.ClassDef) else []
            names = [node.name] if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
            names += [f"{names[0]}.{one.name}" for one in inner if isinstance(one, ast.FunctionDef)]
            found |= {f"{file.stem}.{name}" for name in names}
    return found
