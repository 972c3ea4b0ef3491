"""The province's time: it stands where it was put, or runs on from there."""

import threading
import time


class Moments:
    def __init__(self, at_us: int) -> None:
        self._lock = threading.Lock()
        self._at_us = at_us
        self._since_ns: int | None = None

    @property
    def running(self) -> bool:
        return self._since_ns is not None

    def now_us(self) -> int:
        with self._lock:
            if self._since_ns is None:
                return self._at_us
            return self._at_us + (time.monotonic_ns() - self._since_ns) // 1000

    def put(self, at_us: int, *, running: bool) -> None:
        """Set the time, back too: a service that was killed begins again where it stood."""
        with self._lock:
            self._at_us = at_us
            self._since_ns = time.monotonic_ns() if running else None
