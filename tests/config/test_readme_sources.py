"""The README's own examples of sources, pulled from servers that speak as such systems do."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.commands.calling import Said, called
from tests.source_server import Asked, Served, as_json, serving

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("## Describe a source")[1]
CODES = {
    "so-yte": "open_data: SYT, feedback: Sở Y tế",
    "so-cong-thuong": "open_data: SCT, feedback: Sở Công Thương",
}
Answer = Callable[[Asked], Served]


def block(name: str) -> str:
    """What the README says goes into one file, without its first line."""
    pattern = rf"^# {name}, .*?\n(.*?)^(?:```|# )"
    found = re.search(pattern, SECTION, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def portal(asked: Asked) -> Served:
    if asked.query["resource_id"] != "2e903dca-a99c-4c28-855a-a6362c3d881b":
        return as_json({"success": False, "error": {"message": "no such resource"}}, 404)
    rows = [
        {"_id": 1, "don_vi": "SYT", "bo_du_lieu": "12"},
        {"_id": 2, "don_vi": "SCT", "bo_du_lieu": 7},
    ]
    return as_json({"success": True, "result": {"total": 2, "records": rows}})


def feedback(asked: Asked) -> Served:
    if asked.headers.get("authorization") != "Bearer feedback-token":
        return as_json({"detail": "Invalid token."}, 401)
    further = f"http://{asked.headers['host']}/api/agencies/?page=2"
    if "page" not in asked.query:
        row = {"agency": "SỞ  Y TẾ", "received": 1300, "answered": "1.234"}
        return as_json({"count": 2, "next": further, "previous": None, "results": [row]})
    row = {"agency": "Sở Công thương", "received": 40, "answered": "38"}
    return as_json({"count": 2, "next": None, "previous": further, "results": [row]})


def performance(asked: Asked) -> Served:
    assert asked.query["period"] == "month"
    months = [
        {"_start_at": "2026-01-01T00:00:00+00:00", "_count": count} for count in (30.0, None, 12.0)
    ]
    return as_json({"data": months})


SYSTEMS: dict[str, tuple[str, Answer, dict[tuple[str, str], float]]] = {
    "open-data": (
        "https://data.example",
        portal,
        {("datasets_published", "so-yte"): 12, ("datasets_published", "so-cong-thuong"): 7},
    ),
    "feedback": (
        "https://feedback.example",
        feedback,
        {
            ("feedback_received", "so-yte"): 1300,
            ("feedback_answered", "so-yte"): 1234,
            ("feedback_received", "so-cong-thuong"): 40,
            ("feedback_answered", "so-cong-thuong"): 38,
        },
    ),
    "licences": (
        "https://performance.example",
        performance,
        {("licences_asked_for", "so-cong-thuong"): 42},
    ),
}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shipped configuration with what the README says, at addresses of this machine."""
    folder = tmp_path_factory.mktemp("readme") / "config"
    shutil.copytree(ROOT / "config/sonla", folder)
    shutil.copytree(ROOT / "config/presets", folder.parent / "presets")
    sources = block("sources.yaml")
    with ExitStack() as stack:
        for address, answer, _ in SYSTEMS.values():
            server = stack.enter_context(serving())
            server.answer = answer
            assert address in sources
            sources = sources.replace(address, f"{server.url}\n    allow: base_url")
        _append(folder / "sources.yaml", sources)
        _append(folder / "metrics.yaml", block("metrics.yaml"))
        province = (folder / "province.yaml").read_text(encoding="utf-8")
        for agency, codes in CODES.items():
            pattern = rf"(- id: {agency}\n(?:.*\n)*?    codes: {{)"
            province = re.sub(pattern, rf"\1{codes}, ", province, count=1)
        (folder / "province.yaml").write_text(province, encoding="utf-8")
        yield folder


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")


def test_nothing_is_wrong_with_what_the_readme_says(config: Path) -> None:
    said = called("check", "--config", config, FEEDBACK_TOKEN="feedback-token")

    assert said.code == 0, said.out + said.err


@pytest.mark.parametrize("source", SYSTEMS)
def test_each_of_them_is_pulled(source: str, config: Path, tmp_path: Path) -> None:
    said = pulled(source, config, tmp_path)

    document = said.json()
    assert (said.code, document["error"], document["refused"]) == (0, None, [])
    found = {(one["metric"], one["agency"]): one["value"] for one in document["observations"]}
    assert found == SYSTEMS[source][2]


def pulled(source: str, config: Path, tmp_path: Path) -> Said:
    store = f"sqlite:///{tmp_path / 'chiso.db'}"
    where = ("--config", config, "--store", store)
    return called("pull", source, "--dry-run", "--json", *where, FEEDBACK_TOKEN="feedback-token")
