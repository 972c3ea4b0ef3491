"""Has every request end at its deadline: one thread for all sources of a process."""

import math
import threading
import time
from collections.abc import Callable
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
        """Guard the one request that its owner has under way; the owner's last is forgotten."""
        with self._lock:
            self._under_way[owner] = request
            if self._thread is None:
                self._start()
            elif request.deadline_s < self._sleeps_until_s:
                self._alarm.notify_all()

    def forget(self, owner: object) -> None:
        """The owner will have nothing under way."""
        with self._lock:
            self._under_way.pop(owner, None)

    def end(self) -> None:
        """End the thread; another starts if there should be something to guard again."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._alarm.notify_all()
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        self._sleeps_until_s = math.inf
        self._thread = threading.Thread(target=self._stand, name="guard", daemon=True)
        self._thread.start()

    def _stand(self) -> None:
        with self._lock:
            while self._thread is threading.current_thread():
                now_s = time.monotonic()
                self._cut_late(now_s)
                deadlines_s = [one.deadline_s for one in self._under_way.values()]
                self._sleeps_until_s = min(deadlines_s, default=math.inf)
                self._alarm.wait(self._sleeps_until_s - now_s if deadlines_s else None)

    def _cut_late(self, now_s: float) -> None:
        """Only here are those forgotten that have ended by themselves."""
        for owner, request in [*self._under_way.items()]:
            if request.is_done or request.deadline_s <= now_s:
                del self._under_way[owner]
            if not request.is_done and request.deadline_s <= now_s:
                self._cut(request)

    def _cut(self, request: Bounded) -> None:
        try:
            request.cut()
        except Exception as error:  # noqa: BLE001  one source must not leave the others unguarded
            self._failed(error)
