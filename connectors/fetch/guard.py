"""Has every request end at its deadline: one thread for all sources of a process."""

import math
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from traceback import print_exception
from typing import Protocol


class Bounded(Protocol):
    """A request under way."""

    @property
    def deadline_s(self) -> float:
        """On the monotonic clock."""

    @property
    def is_done(self) -> bool:
        """Whether it has ended, and is to be left alone."""

    def cut(self) -> None:
        """End it, unless it has ended; must not wait."""


class Guard:
    """Cuts what lasts beyond its deadline; its thread starts when there is something to guard.

    It is disturbed only where it would sleep too long: most requests end long before they must,
    and a thread that is woken by each of them costs more than they do. `failed` is told of what
    goes wrong when something is cut; all others are still guarded then.
    """

    def __init__(self, failed: Callable[[Exception], None] = print_exception) -> None:
        self._failed = failed
        self._lock = threading.Lock()
        self._alarm = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._sleeps_until_s = math.inf
        self._under_way: dict[object, Bounded] = {}

    def begin(self, owner: object, request: Bounded) -> None:
        """Guard the one request that its owner has under way; the owner's last is forgotten.

        RuntimeError where the system has no thread left; the request is not guarded then.
        """
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._start()
            self._under_way[owner] = request
            if request.deadline_s < self._sleeps_until_s:
                self._alarm.notify_all()

    def forget(self, owner: object) -> None:
        """The owner will have nothing under way."""
        with self._lock:
            self._under_way.pop(owner, None)

    def end(self) -> None:
        """End the thread, and what is under way; another starts if there is something again."""
        with self._lock:
            thread, self._thread = self._thread, None
            failures = self._cut_late(math.inf)
            self._alarm.notify_all()
        if thread is not None:
            thread.join()
        self._tell(failures)

    def _start(self) -> None:
        self._sleeps_until_s = math.inf
        thread = threading.Thread(target=self._stand, name="guard", daemon=True)
        thread.start()
        self._thread = thread

    def _stand(self) -> None:
        while (failures := self._watched()) is not None:
            self._tell(failures)

    def _watched(self) -> list[Exception] | None:
        """Cut what is late, else sleep until something may be; None once the thread has ended."""
        with self._lock:
            if self._thread is not threading.current_thread():
                return None
            failures = self._cut_late(time.monotonic())
            if not failures:
                self._sleep()
            return failures

    def _sleep(self) -> None:
        deadlines_s = [one.deadline_s for one in self._under_way.values()]
        self._sleeps_until_s = min(deadlines_s, default=math.inf)
        # Whatever a deadline is, the system must be able to wait so long.
        left_s = max(self._sleeps_until_s - time.monotonic(), 0.0)
        self._alarm.wait(min(left_s, threading.TIMEOUT_MAX))

    def _cut_late(self, now_s: float) -> list[Exception]:
        """What went wrong. Only here are those forgotten that have ended by themselves."""
        failures = []
        for owner, request in [*self._under_way.items()]:
            is_late = request.deadline_s <= now_s
            if request.is_done or is_late:
                del self._under_way[owner]
            if is_late and not request.is_done:
                try:
                    request.cut()
                except Exception as error:  # noqa: BLE001  the others must not be left unguarded
                    failures.append(error)
        return failures

    def _tell(self, failures: Iterable[Exception]) -> None:
        """Without the lock: whoever asks a source would wait for it."""
        for failure in failures:
            with suppress(Exception):  # a log that cannot be written must not end the guard
                self._failed(failure)
