from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from connectors.drop import Drop, DropRules, drops
from connectors.ledger import Ledger

NOW = datetime(2024, 11, 1, tzinfo=UTC)


def rules(*patterns: str) -> DropRules:
    return DropRules(patterns=patterns, settled_before=NOW, now=NOW, max_bytes=1_000_000)


def test_a_file_that_vanishes_before_its_turn_is_no_error(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text(name)
    ledger = Ledger()
    seen = drops(tmp_path, rules("*.csv"), ledger)

    first = next(seen)
    (tmp_path / "b.csv").unlink()

    assert [drop.name for drop in (first, *seen)] == ["a.csv", "c.csv"]
    assert [Path(one.url).name for one in ledger.requests] == ["a.csv", "c.csv"]


def test_a_file_that_is_not_as_long_as_it_was_said_waits() -> None:
    # The kernel's own files say 0 bytes and have more.
    ledger = Ledger()
    assert list(drops(Path("/proc/self"), rules("status"), ledger)) == []
    assert ledger.requests == ()


def test_a_file_that_cannot_be_read_is_shown_and_not_remembered() -> None:
    # Nothing is mapped at the start of a process's memory.
    ledger = Ledger()

    [drop] = drops(Path("/proc/self"), rules("mem"), ledger)

    assert replace(drop, entry=None) == Drop(
        "mem", None, None, "cannot be read: Input/output error"
    )
    assert [(one.url, one.bytes, one.rows) for one in ledger.requests] == [
        ("/proc/self/mem", None, None)
    ]
