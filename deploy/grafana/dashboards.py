"""Writes `generated/`: `python -m deploy.grafana.dashboards`; with `--check` it only compares."""

import json
import sys
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.province import province
from deploy.grafana.sources import sources
from deploy.kept import keep

FOLDER = Path(__file__).parent / "generated"


def main(arguments: list[str]) -> int:
    """As `keep` says."""
    return keep(generated(), arguments, "python -m deploy.grafana.dashboards")


def generated() -> dict[Path, str]:
    """Each file and the text that it should have."""
    boards = {"province": province().build(), "sources": sources().build()}
    return {FOLDER / f"{name}.json": _text(board) for name, board in boards.items()}


def _text(board: object) -> str:
    document: dict[str, Any] = json.loads(json.dumps(board, cls=JSONEncoder))
    # Grafana gives numbers of its own; a number in the file would overwrite another's dashboard.
    document["id"] = None
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
