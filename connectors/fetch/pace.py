"""How soon the next request may leave, where a source bears only so many a minute."""

import time
from collections import deque

_MINUTE_S = 60.0


class Pace:
    """At most so many requests in any minute; None: any number.

    `spent` requests of another process count as if they had left now.
    """

    def __init__(self, per_minute: int | None, spent: int = 0) -> None:
        self._per_minute = per_minute
        self._sent: deque[float] = deque(maxlen=per_minute or 1)
        self._sent.extend([time.monotonic()] * min(spent, per_minute or 1))

    def wait_s(self) -> float:
        """How long the next request must wait, on the monotonic clock."""
        if self._per_minute is None or len(self._sent) < self._per_minute:
            return 0.0
        return max(self._sent[0] + _MINUTE_S - time.monotonic(), 0.0)

    def note(self) -> None:
        """A request leaves now."""
        if self._per_minute is not None:
            self._sent.append(time.monotonic())
