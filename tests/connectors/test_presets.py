"""What holds for every preset of a JSON source."""

from pathlib import Path

import pytest

from tests.connectors.preset import ROOT, from_preset

PRESETS = [
    file
    for file in sorted((ROOT / "config/presets").glob("*.yaml"))
    if "connector: http_json" in file.read_text(encoding="utf-8")
]
TESTS = "".join(
    file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_preset*_*.py")
)


def test_there_are_presets() -> None:
    assert len(PRESETS) >= 10


@pytest.mark.parametrize("preset", PRESETS, ids=lambda file: file.stem)
def test_a_preset_has_a_test_and_says_how_to_use_it(preset: Path) -> None:
    text = preset.read_text(encoding="utf-8")

    assert f'"{preset.stem}",' in TESTS
    assert text.startswith("# ")
    assert f"#     use: presets/{preset.stem}\n" in text


def test_a_source_may_prove_itself_otherwise_than_its_preset(tmp_path: Path) -> None:
    auth = {"type": "basic", "username": "reader", "password": {"env": "OMADA_CLIENT_SECRET"}}

    connector = from_preset(
        "omada",
        "https://omada.example",
        tmp_path,
        values={"omadac_id": "1a2b3c"},
        sites={"North": "so-tttt"},
        metrics={"a": "access_points"},
        auth=auth,
    )

    assert connector.auth.type == "basic"
