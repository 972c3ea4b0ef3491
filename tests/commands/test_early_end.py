"""What ends before it has begun says one clear line or none, and never a traceback."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.calling import ROOT, WAIT_S, called, environment


@pytest.mark.parametrize(("command", "code"), [("demo", 0), ("run", 0), ("check", 130)])
def test_ctrl_c_while_it_still_loads_ends_it_quietly(command: str, code: int) -> None:
    # Python says each module that it has loaded, and so how far it has come.
    spoken = [sys.executable, "-X", "importtime", "-m", "collector", command]
    with subprocess.Popen(
        spoken, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert any("rich" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

        assert process.wait(WAIT_S) == code
    assert "Traceback" not in said


def test_a_demo_that_can_write_nothing_says_so_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    said = called("demo", "--store", f"sqlite:///{file}/demo.db", "--listen", "127.0.0.1:0")

    assert said.code == 69
    assert said.lines() == [f"chiso: the demo cannot write to {file}: File exists"]
