"""uvicorn in a thread of its own: bound before it starts, gone seconds after it is told to."""

import socket
import threading

import uvicorn
from starlette.types import ASGIApp

# Answers under way get so long; then their connections are shut.
_GRACE_S = 3
_END_S_MAX = 5.0


class Server:
    """Serves an application on a host and port; port 0 takes a free one."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is reached, with the port that was really taken."""
        port = self._socket.getsockname()[1] if self._socket else self._port
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}"

    @property
    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def bind(self) -> None:
        """Take the port, OSError where that cannot be; who connects waits until the start."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.create_server((self._host, self._port), family=family)
        self._port = self._socket.getsockname()[1]

    def start(self) -> None:
        """Answer from a thread; binds first where that was not done."""
        if self._socket is None:
            self.bind()
        bound = self._socket
        self._server = uvicorn.Server(self._config())
        # A daemon: a request that hangs must not keep the process from ending.
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [bound]}, name="web", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Let answers under way end, but not for long; stopping twice is stopping once."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_END_S_MAX)
            self._server.force_exit = True
        if self._socket is not None:
            self._socket.close()

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
