"""One logger, made by whoever starts the process and passed to whoever needs it."""

import json
from typing import Literal, TextIO

import structlog

LogFormat = Literal["text", "json"]
Log = structlog.typing.FilteringBoundLogger


def logger(stream: TextIO, form: LogFormat) -> Log:
    """Lines of one event each, with UTC times, for people or for machines."""
    renderer: structlog.typing.Processor = (
        _json_renderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    lazy = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    # One that is not bound yet is put together again for each line.
    log: Log = lazy.bind()
    return log


def _json_renderer() -> structlog.typing.Processor:
    """By one encoder: `json.dumps` makes one for each line."""
    encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode
    return structlog.processors.JSONRenderer(lambda event, **_: encode(event))
