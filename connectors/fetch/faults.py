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

UNSENDABLE = (TypeError, ValueError, OverflowError)
"""What they raise where a request cannot be put into bytes; it may show what is secret in it."""


def fault_of(error: Exception, limits: Limits) -> tuple[str, Reason, bool]:
    """What went wrong in words that hold no address, whose it is, and whether to ask again."""
    chain = tuple(_chain(error))
    for kind, words, transient in _KINDS:
        link = next((link for link in chain if isinstance(link, kind)), None)
        if link is not None:
            said = str(link).removesuffix(" in time")
            return words.format(limits=limits, link=link, said=said), "source", transient
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
    (SilenceError, "{said} for {limits.read_s:g} s", True),
    (exceptions.NameResolutionError, "its name cannot be resolved", True),
    (TimeoutError, "no connection within {limits.connect_s:g} s", True),
    (exceptions.ProxyError, "its proxy is not there, or does not let us through", True),
    (RemoteDisconnected, "it ended the connection without an answer", True),
    (exceptions.InvalidHeader, "its headers contradict each other", False),
    (ssl.SSLCertVerificationError, "its certificate is not accepted: {link.verify_message}", False),
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
