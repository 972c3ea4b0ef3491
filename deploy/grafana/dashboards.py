"""Writes `generated/`: `python -m deploy.grafana.dashboards`; with `--check` it only compares."""

import json
import sys
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.province import province
from deploy.grafana.sources import sources

FOLDER = Path(__file__).parent / "generated"


def main(arguments: list[str]) -> int:
    """0 when the files are written or current, 1 when they are not, 2 for wrong usage."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    if arguments == ["--check"]:
        return _compare()
    for file, text in generated().items():
        file.write_text(text, encoding="utf-8")
    return 0


def generated() -> dict[Path, str]:
    """Each file and the text that it should have."""
    boards = {"province": province().build(), "sources": sources().build()}
    return {FOLDER / f"{name}.json": _text(board) for name, board in boards.items()}


def _text(board: object) -> str:
    document: dict[str, Any] = json.loads(json.dumps(board, cls=JSONEncoder))
    # Grafana gives numbers of its own; a number in the file would overwrite another's dashboard.
    document["id"] = None
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _compare() -> int:
    stale = [
        file.name
        for file, text in generated().items()
        if not file.is_file() or file.read_text(encoding="utf-8") != text
    ]
    for name in stale:
        sys.stderr.write(f"{name} is not what its code gives: run deploy/grafana/dashboards.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
