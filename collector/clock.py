"""Where `now` comes from: the system's clock, or a simulated one that a driver moves."""

import threading
import time
from typing import Protocol

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Clock(Protocol):
    """Instants are UTC microseconds since 1970; durations are seconds."""

    def now_us(self) -> int: ...

    def monotonic_s(self) -> float: ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until the event is set or the seconds have passed; True when it was set."""
        ...


class SystemClock:
    """The machine's clock, shifted by a fixed offset (0 but for the demo's last day)."""

    def __init__(self, offset_us: int = 0) -> None:
        self._offset_us = offset_us

    def now_us(self) -> int:
        return time.time_ns() // 1000 + self._offset_us

    def monotonic_s(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class SimulatedClock:
    """A clock that stands still until it is moved; waiting moves it."""

    def __init__(self, now_us: int) -> None:
        self._now_us = now_us

    def now_us(self) -> int:
        return self._now_us

    def monotonic_s(self) -> float:
        return self._now_us / SECOND_US

    def move_to(self, now_us: int) -> None:
        """Move forward; a simulated clock is never set back."""
        self._now_us = max(self._now_us, now_us)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.move_to(self._now_us + int(seconds * SECOND_US))
        return event.is_set()
