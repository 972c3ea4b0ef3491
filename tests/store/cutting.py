"""A way to a server that loses the answer to a commit: what it was told, it does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_BYTES = 65_536


class Wire:
    """Carries bytes both ways; once `armed`, it ends at the answer to the next COMMIT."""

    def __init__(self, port: int) -> None:
        self.armed = threading.Event()
        self.cut = threading.Event()
        self._behind = ("127.0.0.1", port)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]

    def serve(self) -> None:
        with suppress(OSError):  # the door is closed
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _carry(self, near: socket.socket) -> None:
        far = socket.create_connection(self._behind)
        back = threading.Thread(target=_copy, args=(far, near), daemon=True)
        back.start()
        with near, far:
            while said := _received(near):
                if self.armed.is_set() and b"COMMIT" in said:
                    self._lose_answer(near, far, said)
                    return
                far.sendall(said)

    def _lose_answer(self, near: socket.socket, far: socket.socket, said: bytes) -> None:
        self.armed.clear()
        near.shutdown(socket.SHUT_RDWR)
        far.sendall(said)
        # The server has done it once it has heard that nobody asks for more, and hangs up.
        far.shutdown(socket.SHUT_WR)
        self.cut.set()


def _copy(far: socket.socket, near: socket.socket) -> None:
    with suppress(OSError):
        while said := _received(far):
            near.sendall(said)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(_BYTES)
    except OSError:
        return b""


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    wire = Wire(port)
    thread = threading.Thread(target=wire.serve, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.close()
        thread.join(10)
