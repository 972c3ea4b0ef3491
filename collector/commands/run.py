"""`chiso run`: the service, in the foreground, until it is asked to end."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from collector.clock import SystemClock
from collector.commands.common import (
    CONFIG_DIR,
    UNAVAILABLE,
    ConfigDir,
    StoreUrl,
    exit_codes,
    settings_of,
    store_of,
    usage_error,
    warn,
)
from collector.logs import LogFormat, logger
from collector.outlook import nothing_in_force
from collector.store.store import Store

if TYPE_CHECKING:
    from collector.service import Front
    from collector.web.server import Server

_PORT_MAX = 65_535
LISTEN = "127.0.0.1:9766"
Listen = Annotated[
    str, typer.Option("--listen", metavar="HOST:PORT", help="Where pages, API and metrics are.")
]
Workers = Annotated[int, typer.Option("--workers", min=1, max=1024, help="The most pulls at once.")]
Logs = Annotated[LogFormat, typer.Option("--log", help="Log lines for people or for machines.")]


def run(
    config: ConfigDir = CONFIG_DIR,
    store: StoreUrl = None,
    listen: Listen = LISTEN,
    workers: Workers = 128,
    log: Logs = "text",
) -> None:
    """Run the service until Ctrl-C or SIGTERM."""
    # Here and below: the web takes as long to load as all that other commands need.
    from collector.service import Front, Service, build_engine, settle_memory

    host, port = address(listen)
    with exit_codes():
        settings = settings_of(config)
        url = store_of(store, settings)
        stop = stop_on_signals()
        line = logger(sys.stderr, log)
        with closing(Store.open(url)) as opened:
            opened.lock_instance()
            front = Front(settings, opened, line)
            with listening(front, host, port) as server:
                engine = build_engine(settings, opened, SystemClock(), line, stop, front.meters)
                front.show(engine, why_not_ready="starting")
                server.start()
                line.info("started", config=str(config), store=opened.url_shown, at=server.url)
                if not engine.desk.publisher.published.view.plans:
                    line.warning("nothing to score", why=nothing_in_force(settings))
                settle_memory()
                code = Service(engine, front, workers=workers).run()
                line.info("ended")
    raise typer.Exit(code)


@contextmanager
def listening(front: "Front", host: str, port: int) -> Iterator["Server"]:
    """Serve while the block lasts; exit code 69 where that is not possible."""
    from collector.service import serving

    with ExitStack() as open_for_now:
        try:
            server = open_for_now.enter_context(serving(front, host, port))
        except OSError as error:
            warn(f"chiso: cannot listen on {host}:{port}: {error.strerror or error}")
            raise typer.Exit(UNAVAILABLE) from error
        yield server


def address(listen: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _PORT_MAX:
        raise usage_error(f"--listen {listen}: expected HOST:PORT, such as {LISTEN}")
    return host.strip("[]") or "127.0.0.1", int(port)


def stop_on_signals() -> threading.Event:
    """A flag that SIGTERM and Ctrl-C set; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def set_stop(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, set_stop)
    return stop
