"""Work through libraries and files that wait as they like, bounded from outside."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from connectors.nouns import SourceError

T = TypeVar("T")

_LOOK_S = 0.1
_PARTING_S = 0.3


class Worker:
    """Does the work of one source, a piece at a time, each in a thread of its own."""

    def __init__(self) -> None:
        self._last: Future[Any] | None = None

    def do(
        self,
        work: Callable[[], T],
        *,
        total_s: float,
        stop: threading.Event,
        cancel: Callable[[], None],
    ) -> T:
        """What the work gives; SourceError when its time is over or the service stops.

        Looking up a name cannot be interrupted, nor can most drivers, nor a file on a mount that
        hangs. So the thread is told to end by `cancel`, is waited for a moment, and else is left
        behind: until it ends nothing more is begun.
        """
        if self._last is not None and not self._last.done():
            problem = "what an earlier run began still hangs"
            raise SourceError(problem, reason="source", permanent=False)
        given: Future[T] = Future()
        self._last = given
        threading.Thread(target=_keep, args=(work, given), name="bounded", daemon=True).start()
        ends_s = time.monotonic() + total_s
        while not stop.is_set() and time.monotonic() < ends_s:
            wait([given], timeout=min(_LOOK_S, max(ends_s - time.monotonic(), 0.0)))
            if given.done():
                return given.result()
        cancel()
        wait([given], timeout=_PARTING_S)
        if stop.is_set():
            raise SourceError("interrupted, for the service stops", reason="source")
        if given.done() and given.exception() is None:  # it came while it was waited for
            return given.result()
        raise SourceError(f"no whole answer within {total_s:g} s", reason="source", permanent=False)


def _keep(work: Callable[[], T], given: Future[T]) -> None:
    try:
        given.set_result(work())
    except BaseException as error:  # noqa: BLE001  it is raised again where the work is waited for
        given.set_exception(error)
