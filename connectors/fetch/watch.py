"""Holds on to the sockets of a source, so that they can be shut from another thread.

A time-out in the socket layer is counted anew at each byte that comes, so a source that drips
bytes would hold a worker for ever. Shutting the socket ends every wait, in headers and in bodies,
and inside TLS.
"""

import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Watch:
    """The open sockets of one source. A duplicate of each is kept: TLS takes the original away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alarm = threading.Condition(self._lock)
        self._guard: threading.Thread | None = None
        self._deadline_s = math.inf
        self._sleeps_until_s = 0.0
        self._ended = False
        self._open: dict[int, socket.socket] = {}
        self._left: list[socket.socket] = []
        self._now: Fired | None = None
        self._shut = False

    @contextmanager
    def until(self, deadline_s: float, fired: "Fired") -> Iterator[None]:
        """Shut everything when the monotonic clock passes the deadline, and say so in `fired`."""
        with self._lock:
            self._now, self._deadline_s = fired, deadline_s
            self._set_alarm()
        try:
            yield
        finally:
            self.sweep()

    def hold(self, owner: int, opened: socket.socket) -> None:
        """Keep a duplicate of a socket just opened; shut it at once if the time is over."""
        with self._lock:
            self._let_go(owner)
            self._open[owner] = opened.dup()
            if self._shut:
                _shut(opened)

    def leave(self, owner: int) -> None:
        """The connection is closed, but an answer may still be read from its socket."""
        with self._lock:
            self._let_go(owner)

    def shut(self) -> None:
        """Shut all sockets, and those opened before the present `until` ends; from any thread."""
        with self._lock:
            self._shut_all()

    def sweep(self) -> None:
        """No answer is being read: let go of the sockets whose connections are closed."""
        with self._lock:
            self._now, self._shut = None, False
            for kept in self._left:
                kept.close()
            self._left.clear()

    def end(self) -> None:
        """Shut all sockets and let go of them."""
        with self._lock:
            self._ended = True
            self._alarm.notify()
            self._left += self._open.values()
            self._open.clear()
            for kept in self._left:
                _shut(kept)
        self.sweep()

    def _let_go(self, owner: int) -> None:
        kept = self._open.pop(owner, None)
        if kept is not None:
            self._left.append(kept)

    def _set_alarm(self) -> None:
        """Have the guard awake by the deadline; it is disturbed only if it would sleep longer.

        One guard a source, and one deadline a run: a thread for each request costs more than
        most requests do.
        """
        if self._guard is None:
            self._ended, self._sleeps_until_s = False, 0.0
            self._guard = threading.Thread(target=self._stand_guard, name="watch", daemon=True)
            self._guard.start()
        elif self._deadline_s < self._sleeps_until_s:
            self._alarm.notify()

    def _stand_guard(self) -> None:
        with self._lock:
            while not self._ended:
                if self._now is not None and time.monotonic() >= self._deadline_s:
                    self._now.it_did = True
                    self._now = None
                    self._shut_all()
                self._sleeps_until_s = math.inf if self._now is None else self._deadline_s
                bounded = self._sleeps_until_s < math.inf
                self._alarm.wait(
                    max(self._sleeps_until_s - time.monotonic(), 0.0) if bounded else None
                )
            self._guard = None

    def _shut_all(self) -> None:
        self._shut = True
        for kept in (*self._open.values(), *self._left):
            _shut(kept)


class Fired:
    """Whether the time was over. Asked on success too: a cut in headers looks like an answer."""

    it_did = False


def _shut(kept: socket.socket) -> None:
    with suppress(OSError):  # the other side was first
        kept.shutdown(socket.SHUT_RDWR)
