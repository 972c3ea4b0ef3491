"""Wait for what another thread or process is about to bring about."""

import threading
import time
from collections.abc import Callable

WAIT_S = 30.0


def until(holds: Callable[[], bool], within_s: float = WAIT_S) -> bool:
    """Whether it holds within the time."""
    ends_s, pause = time.monotonic() + within_s, threading.Event()
    while not holds():
        if time.monotonic() > ends_s:
            return False
        pause.wait(0.02)
    return True
