"""A source that starts from a shipped preset, read as any configuration is."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collector.settings.load import load
from connectors.http_json import HttpJson
from tests.connectors.asking import observe
from tests.makers import Draft, named
from tests.source_server import Served

ROOT = Path(__file__).parent.parent.parent
RECORDED = ROOT.parent / "shared/data"


def from_preset(name: str, url: str, folder: Path, *, kind: str = "gauge", **own: Any) -> HttpJson:
    """The connector of a source with these keys of its own over the preset.

    Its metrics are a, b, c and d, all of one kind; the agencies are those of `tests.makers`, with
    codes in the system `register`.
    """
    draft = Draft()
    for metric in "abcd":
        made = {"kind": kind, "unit": "things", "name": named("Số", "Number")}
        draft.metrics["metrics"][metric] = made
    draft.sources["it"] = {
        "use": f"presets/{name}",
        "name": named("Nguồn", "Source"),
        "owner": "Văn phòng",
        "schedule": {"every": "15m"},
        "freshness": {"late_after": "45m", "stale_after": "3d"},
        "base_url": url,
        "allow": "base_url",
        **own,
    }
    (folder / "presets").symlink_to(ROOT / "config/presets")
    connector = load(draft.write(folder / "config"), environ=os.environ).sources["it"].connector
    assert isinstance(connector, HttpJson)
    return connector


def recorded(path: str, **headers: str) -> Served:
    """A recorded answer, byte for byte; skips where the recordings are not."""
    file = RECORDED / path
    if not file.is_file():
        pytest.skip(f"the recorded answers are not here: {file.parent}")
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Served(file.read_bytes(), headers=named)


Found = dict[tuple[str, str], Decimal | str]


def found_by(connector: HttpJson, **asked: Any) -> Found:
    """Each observation's value, by metric and agency; all rows declared must have come."""
    answer = observe(connector, **asked)
    assert answer.declared in {None, answer.received}
    found = {(one.metric, one.agency): one.value for one in answer.observations}
    assert len(found) == len(answer.observations)
    return found
