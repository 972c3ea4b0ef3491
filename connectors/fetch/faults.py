"""What went wrong on the way to a source, in our own words."""

import ssl
from collections.abc import Iterator
from http.client import HTTPException, RemoteDisconnected
from typing import Any

from requests import RequestException
from urllib3 import exceptions

from connectors.fetch.answer import SilenceError
from connectors.fetch.options import Limits
from connectors.nouns import Reason

FAULTS = (RequestException, exceptions.HTTPError, HTTPException, OSError, UnicodeError)
"""What the libraries raise where a source cannot be asked or heard."""


def fault_of(error: Exception, limits: Limits) -> tuple[str, Reason, bool]:
    """What went wrong in words that hold no address, whose it is, and whether to ask again."""
    chain = tuple(_chain(error))
    for kind, words, transient in _KINDS:
        if any(isinstance(link, kind) for link in chain):
            return words.format(limits=limits), "source", transient
    untrusted = next(
        (link for link in chain if isinstance(link, ssl.SSLCertVerificationError)), None
    )
    if untrusted is not None:
        return f"its certificate is not accepted: {untrusted.verify_message}", "source", False
    if isinstance(error, ValueError):
        return "the address or a header cannot be sent", "config", False
    system = next((link for link in chain if isinstance(link, OSError) and link.strerror), None)
    if system is not None:
        return f"the connection failed: {system.strerror}", "source", True
    if any(isinstance(link, HTTPException) for link in chain):
        return "the answer is cut short", "source", True
    return f"the connection failed: {type(error).__name__}", "source", True


# The first kind that is in the chain of causes decides.
_KINDS: tuple[tuple[type[BaseException], str, bool], ...] = (
    (SilenceError, "nothing came for {limits.read_s:g} s", True),
    (exceptions.NameResolutionError, "its name cannot be resolved", True),
    (TimeoutError, "no connection within {limits.connect_s:g} s", True),
    (exceptions.ProxyError, "its proxy is not there, or does not let us through", True),
    (RemoteDisconnected, "it ended the connection without an answer", True),
    (exceptions.InvalidHeader, "its headers contradict each other", False),
)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what lies behind it, however the libraries have wrapped it."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]
