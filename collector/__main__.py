"""`python -m collector` is `chiso`."""

import os
import signal
import sys

# Ctrl-C is how these are ended.
_ENDED_BY_HAND = ("run", "demo")


def main() -> None:
    # What follows takes a second, and Ctrl-C in it interrupts nothing that was begun.
    signal.signal(signal.SIGINT, _leave)
    from prometheus_client import disable_created_metrics

    from collector.commands.app import app

    if not _is_ended_by_hand():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # When a counter began is a second series for each of ours, and nobody asks for it.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    app(prog_name="chiso")


def _leave(number: int, _frame: object) -> None:
    """End without an exception: a half-imported library might take it for something else."""
    os._exit(0 if _is_ended_by_hand() else 128 + number)


def _is_ended_by_hand() -> bool:
    return any(word in _ENDED_BY_HAND for word in sys.argv[1:2])


if __name__ == "__main__":
    main()
