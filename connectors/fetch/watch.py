"""Holds on to the sockets of a source, so that they can be shut from another thread.

A time-out in the socket layer is counted anew at each byte that comes, so a source that drips
bytes would hold a worker for ever. Shutting the socket ends every wait, in headers and in bodies,
and inside TLS.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from connectors.fetch.guard import Guard


class Watch:
    """The open sockets of one source. A duplicate of each is kept: TLS takes the original away."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._lock = threading.Lock()
        self._open: dict[int, socket.socket] = {}
        self._shut = False
        self._is_asked = False

    def until(self, deadline_s: float) -> "Turn":
        """A block in which everything is shut when the monotonic clock passes the deadline."""
        return Turn(self, deadline_s)

    def hold(self, owner: int, opened: socket.socket) -> None:
        """Keep a duplicate of a socket just opened; shut it at once if the time is over."""
        with self._lock:
            self._let_go(owner)
            self._open[owner] = opened.dup()
            if self._shut:
                _shut(opened)

    def leave(self, owner: int) -> None:
        """The connection is closed."""
        with self._lock:
            self._let_go(owner)

    def shut(self) -> None:
        """Shut all sockets, and those opened before the present turn ends; from any thread."""
        with self._lock:
            self._shut_all()

    def begin(self, turn: "Turn") -> None:
        self._guard.begin(self, turn)
        self._is_asked = True

    def over(self, turn: "Turn") -> None:
        with self._lock:
            turn.is_done, self._shut, self._is_asked = True, False, False

    def cut(self, turn: "Turn") -> None:
        """Shut all, and say so, unless the turn has ended meanwhile."""
        with self._lock:
            if not turn.is_done:
                turn.was_cut = True
                self._shut_all()

    def end(self) -> None:
        """Shut all sockets and let go of them; those too that the present turn still opens."""
        self._guard.forget(self)
        with self._lock:
            for kept in self._open.values():
                _shut(kept)
                kept.close()
            self._open.clear()
            self._shut = self._is_asked

    def _let_go(self, owner: int) -> None:
        kept = self._open.pop(owner, None)
        if kept is not None:
            kept.close()

    def _shut_all(self) -> None:
        self._shut = True
        for kept in self._open.values():
            _shut(kept)


class Turn:
    """One request under way.

    Whether it `was_cut` is asked on success too: a cut in headers looks like an answer.
    """

    def __init__(self, watch: Watch, deadline_s: float) -> None:
        self._watch = watch
        self.deadline_s = deadline_s
        self.was_cut = False
        self.is_done = False

    def __enter__(self) -> Self:
        self._watch.begin(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watch.over(self)

    def cut(self) -> None:
        self._watch.cut(self)


def _shut(kept: socket.socket) -> None:
    with suppress(OSError):  # the other side was first
        kept.shutdown(socket.SHUT_RDWR)
