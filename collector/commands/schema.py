"""`chiso schema`: what the configuration's files may hold, for editors that complete keys."""

import json
from typing import Annotated, get_args

import typer

from collector.settings.schema import FileKind, schema_of
from connectors.registry import CONNECTORS


def schema(
    file: Annotated[
        FileKind | None, typer.Argument(metavar="[FILE]", help=" | ".join(get_args(FileKind)))
    ] = None,
) -> None:
    """Print JSON Schema of a configuration file, or of all by their names."""
    every = {kind: schema_of(kind, CONNECTORS) for kind in get_args(FileKind)}
    document = every if file is None else every[file]
    print(json.dumps(document, ensure_ascii=False, indent=2))
