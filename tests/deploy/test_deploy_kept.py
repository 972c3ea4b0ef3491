from pathlib import Path

import pytest

from deploy.kept import keep


def test_what_is_not_current_is_named_and_then_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    first.write_text("as it is")
    files = {first: "as it is", second: "as it should be"}

    assert keep(files, ["--check"], "the command") == 1
    assert capsys.readouterr().err == ("second.md is not what its code gives: run the command\n")
    assert keep(files, [], "the command") == 0
    assert second.read_text() == "as it should be"
    assert keep(files, ["--check"], "the command") == 0
