"""Holds on to the sockets of a source, so that they can be shut from another thread.

A time-out in the socket layer is counted anew at each byte that comes, so a source that drips
bytes would hold a worker for ever. Shutting the socket ends every wait, in headers and in bodies,
and inside TLS.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Watch:
    """The open sockets of one source. A duplicate of each is kept: TLS takes the original away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, socket.socket] = {}
        self._left: list[socket.socket] = []
        self._now: Fired | None = None
        self._shut = False

    @contextmanager
    def until(self, deadline_s: float, fired: "Fired") -> Iterator[None]:
        """Shut everything when the monotonic clock passes the deadline, and say so in `fired`."""
        timer = threading.Timer(max(deadline_s - time.monotonic(), 0.0), self._fire, [fired])
        timer.daemon = True
        with self._lock:
            self._now = fired
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
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
            self._left += self._open.values()
            self._open.clear()
            for kept in self._left:
                _shut(kept)
        self.sweep()

    def _let_go(self, owner: int) -> None:
        kept = self._open.pop(owner, None)
        if kept is not None:
            self._left.append(kept)

    def _fire(self, fired: "Fired") -> None:
        with self._lock:
            if self._now is fired:  # else it ended in the very moment that its time did
                fired.it_did = True
                self._shut_all()

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
