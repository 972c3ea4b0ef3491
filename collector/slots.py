"""How many pulls are under way at once, and the threads for them."""

import threading

_STORING_MIN = 4


class StoppingError(Exception):
    """The service ends: no pull begins any more, and what is due stays owed."""


class Slots:
    """As many pulls at once as there are workers; StoppingError for one that comes too late."""

    def __init__(self, workers: int, stop: threading.Event) -> None:
        self._free = threading.Semaphore(max(1, workers))
        self._stop = stop

    def __enter__(self) -> None:
        self._free.acquire()
        if self._stop.is_set():
            self._free.release()
            raise StoppingError

    def __exit__(self, *_: object) -> None:
        self._free.release()


def threads_of(workers: int, sources: int) -> int:
    """So many for so many pulls at once: beside these some wait for the store."""
    return max(1, min(sources, workers + max(_STORING_MIN, workers // 2)))
