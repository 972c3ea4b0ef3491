"""The systemd unit: its own structure, and systemd's judgement where systemd is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.prometheus import DEPLOY

UNIT = DEPLOY / "chiso.service"
NEEDS_SYSTEMD = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def test_the_unit_starts_the_service_as_its_own_user_and_gives_it_time_to_end() -> None:
    service = _section("Service")

    assert service["user"] == ["chiso"]
    assert service["execstart"][0].split()[:2] == ["/opt/chiso/venv/bin/chiso", "run"]
    assert service["timeoutstopsec"] == ["30"]
    assert service["restart"] == ["on-failure"]
    assert service["restartpreventexitstatus"] == ["2"]


def test_the_store_lies_in_the_folder_that_the_unit_owns() -> None:
    service = _section("Service")

    assert service["statedirectory"] == ["chiso chiso/tmp"]
    assert "CHISO_STORE=sqlite:////var/lib/chiso/chiso.db" in service["environment"]


@pytest.mark.parametrize(
    "setting",
    [
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
        "PrivateDevices=yes",
        "ProtectKernelTunables=yes",
        "ProtectControlGroups=yes",
        "ProtectProc=invisible",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "RestrictNamespaces=yes",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "SystemCallFilter=~@privileged @resources",
        "SystemCallArchitectures=native",
        "UMask=0077",
    ],
)
def test_the_unit_is_hardened_by(setting: str) -> None:
    name, _, value = setting.partition("=")

    assert value in _section("Service")[name.lower()]


@NEEDS_SYSTEMD
def test_systemd_accepts_every_line(tmp_path: Path) -> None:
    done = _analyzed(tmp_path, "verify")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@NEEDS_SYSTEMD
def test_systemd_calls_the_exposure_small(tmp_path: Path) -> None:
    done = _analyzed(tmp_path, "security", "--offline=true", "--no-pager")

    level = re.search(r"Overall exposure level for chiso\.service: ([0-9.]+)", done.stdout)
    assert level, done.stderr
    assert float(level[1]) <= 2.0


def _analyzed(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Of a copy whose program exists on this machine: systemd looks for it."""
    unit = folder / "chiso.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/chiso/venv/bin/chiso", "/bin/true")
    unit.write_text(text, encoding="utf-8")
    command = ["systemd-analyze", *arguments, str(unit)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _section(name: str) -> dict[str, list[str]]:
    """Every value of each setting, which a unit may give more than once; names in lower case."""
    values: dict[str, list[str]] = {}
    section = ""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#") and section == name:
            key, _, value = line.partition("=")
            values.setdefault(key.lower(), []).append(value)
    return values
