"""From a name to its addresses, in time."""

import socket
import threading
from collections.abc import Callable, Iterable
from ipaddress import ip_address

# The addresses of a name, for a port; none, or an OSError, where there are none.
Lookup = Callable[[str, int], Iterable[str]]


def system_lookup(name: str, port: int) -> Iterable[str]:
    """As the system resolves it."""
    rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return dict.fromkeys(str(row[4][0]) for row in rows)


def resolved(lookup: Lookup, name: str, port: int, within_s: float) -> tuple[str, ...]:
    """The addresses of a name; none when there are none, or not in time.

    The system's resolver cannot be interrupted, so a thread waits for it and is left behind.
    """
    if _is_address(name):
        return (name,)
    found: list[str] = []

    def look_up() -> None:
        try:
            found.extend(lookup(name, port))
        except (OSError, UnicodeError):
            return

    seeker = threading.Thread(target=look_up, daemon=True)
    seeker.start()
    seeker.join(within_s)
    return tuple(found)


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
