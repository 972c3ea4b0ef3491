"""One talk with an SNMP agent: all scalars in one question, each table walked in bulk."""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyasn1.type.univ import Integer, Null, OctetString
from pysnmp.carrier.error import CarrierError
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as snmp

from connectors.base import Reason, SourceError
from connectors.ledger import Entry, Ledger
from connectors.numbers import read_number
from connectors.snmp_agent import Agent, Community, Said, User, Value, Wanted, shown

_TEXT_CHARS_MAX = 200
_PARTING_S = 1.0
# RFC 3416.
_NO_SUCH_NAME, _NO_ACCESS, _AUTHORIZATION_ERROR = 2, 6, 16
_AUTH_WORDS = {
    "AuthenticationError": "the authentication key is wrong",
    "AuthenticationFailure": "the authentication key is wrong",
    "DecryptionError": "the privacy key is wrong",
    "NoAccessEntry": "the user may not see this",
    "NoGroupName": "the user may not see this",
    "NoSuchView": "the user may not see this",
    "NotInView": "the user may not see this",
    "UnknownCommunityName": "it does not know the community",
    "UnknownSecurityName": "it does not know the user",
    "UnknownUserName": "it does not know the user",
    "UnsupportedAuthProtocol": "it does not know the auth_protocol",
    "UnsupportedPrivProtocol": "it does not know the privacy_protocol",
    "UnsupportedSecurityLevel": "the user must prove more, or less, than was proved",
    "WrongDigest": "the authentication key is wrong",
}
_AUTH_NAMES = {
    "md5": snmp.USM_AUTH_HMAC96_MD5,
    "sha": snmp.USM_AUTH_HMAC96_SHA,
    "sha224": snmp.USM_AUTH_HMAC128_SHA224,
    "sha256": snmp.USM_AUTH_HMAC192_SHA256,
    "sha384": snmp.USM_AUTH_HMAC256_SHA384,
    "sha512": snmp.USM_AUTH_HMAC384_SHA512,
}
_PRIVACY_NAMES = {
    "des": snmp.USM_PRIV_CBC56_DES,
    "3des": snmp.USM_PRIV_CBC168_3DES,
    "aes128": snmp.USM_PRIV_CFB128_AES,
    "aes192": snmp.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "aes256": snmp.USM_PRIV_CFB256_AES_BLUMENTHAL,
}


class Conversation:
    """Holds one talk in the thread that calls `hold`; `end` may be called from any other."""

    def __init__(self, agent: Agent, wanted: Wanted, ledger: Ledger) -> None:
        self._agent = agent
        self._wanted = wanted
        self._ledger = ledger
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Said]] | None = None

    def hold(self) -> Said:
        """SourceError when the device cannot be asked, does not answer, or makes no sense."""
        return asyncio.run(self._bounded(self._agent.address()))

    def end(self) -> None:
        if self._running is not None:
            loop, task = self._running
            if not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)

    async def _bounded(self, address: str) -> Said:
        """Ends by itself too, should nobody wait for it any more."""
        task = asyncio.create_task(self._talk(address))
        self._running = (asyncio.get_running_loop(), task)
        return await asyncio.wait_for(task, self._agent.total_s + _PARTING_S)

    async def _talk(self, address: str) -> Said:
        engine = snmp.SnmpEngine()
        engine.get_mib_builder().set_mib_compiler(_NoCompiler(), "")
        try:
            line = await _line(engine, self._agent, address, self._ledger)
            scalars = await line.scalars([oid for kind, oid in self._wanted if kind == "scalar"])
            tables = {oid: await line.table(oid) for kind, oid in self._wanted if kind == "table"}
        except (CarrierError, OSError):
            raise SourceError("it cannot be reached", reason="source", permanent=False) from None
        except PySnmpError as error:
            # What it says may hold what was asked with.
            name = type(error).__name__
            raise SourceError(f"cannot ask: {name}", reason="config") from None
        finally:
            engine.close_dispatcher()
        return Said(scalars, tables)


class _NoCompiler:
    """Objects are asked for by number: no name is looked up, least of all in files on the web."""

    def compile(self, *_names: str, **_options: Any) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class _Line:
    """The library with all that each of its questions needs."""

    agent: Agent
    parts: tuple[Any, ...]
    ledger: Ledger

    async def scalars(self, oids: Iterable[str]) -> dict[str, Value]:
        asked = tuple(oids)
        if not asked:
            return {}
        with self._asking("GET", asked) as entry:
            objects = map(self._object, asked)
            *judged, pairs = await snmp.get_cmd(*self.parts, *objects, lookupMib=False)
            _judge(*judged)
            read = {str(name): _value(value) for name, value in pairs}
            found = {oid: one for oid, one in read.items() if one is not None and oid in asked}
            entry.rows = len(found)
        return found

    async def table(self, oid: str) -> tuple[Value, ...]:
        """The values of a column; SourceError when it has too many rows, or goes in circles."""
        values: list[Value] = []
        last: tuple[int, ...] = ()
        with self._asking("WALK", [oid]) as entry:
            async with aclosing(self._walk(oid)) as walk:
                async for *judged, pairs in walk:
                    _judge(*judged)
                    for name, value in pairs:
                        last = _next(oid, last, tuple(name))
                        read = _value(value)
                        values += [] if read is None else [read]
                    entry.rows = self._checked(oid, len(values))
            entry.rows = len(values)
        return tuple(values)

    def _checked(self, oid: str, rows: int) -> int:
        if rows > self.agent.max_rows:
            problem = f"{oid} has more than {self.agent.max_rows} rows"
            raise SourceError(problem, reason="content")
        return rows

    def _asking(self, method: str, oids: Iterable[str]) -> AbstractContextManager[Entry]:
        return self.ledger.asking(method, shown(self.agent.host, self.agent.port, oids))

    def _walk(self, oid: str) -> Any:
        return snmp.bulk_walk_cmd(
            *self.parts,
            0,
            self.agent.rows_per_request,
            self._object(oid),
            lexicographicMode=False,
            lookupMib=False,
        )

    def _object(self, oid: str) -> Any:
        return snmp.ObjectType(snmp.ObjectIdentity(oid))


async def _line(engine: Any, agent: Agent, address: str, ledger: Ledger) -> _Line:
    target = snmp.Udp6TransportTarget if ":" in address else snmp.UdpTransportTarget
    transport = await target.create(
        (address, agent.port), timeout=agent.timeout_s, retries=agent.retries
    )
    context = "" if isinstance(agent.proof, Community) else agent.proof.context
    parts = (engine, _proof(agent.proof), transport, snmp.ContextData(contextName=context.encode()))
    return _Line(agent, parts, ledger)


def _proof(proof: Community | User) -> Any:
    if isinstance(proof, Community):
        return snmp.CommunityData("chiso", proof.name)
    given: dict[str, Any] = {}
    if proof.auth_key is not None:
        given |= {"authKey": proof.auth_key, "authProtocol": _AUTH_NAMES[proof.auth_protocol]}
    if proof.privacy_key is not None:
        given |= {
            "privKey": proof.privacy_key,
            "privProtocol": _PRIVACY_NAMES[proof.privacy_protocol],
        }
    return snmp.UsmUserData(proof.name, **given)  # noqa: S509  the device says what it asks for


def _judge(indication: Any, status: Any, index: Any) -> None:
    """SourceError for what the library or the agent calls an error."""
    if indication:
        name = type(indication).__name__
        if name == "RequestTimedOut":
            problem = "no answer (address, community or view?)"
            raise SourceError(problem, reason="source", permanent=False)
        if name in _AUTH_WORDS:
            raise SourceError(_AUTH_WORDS[name], reason="auth")
        raise SourceError(f"its answer is of no use: {name}", reason="source")
    if status and int(status) != _NO_SUCH_NAME:
        reason: Reason = "auth" if int(status) in {_NO_ACCESS, _AUTHORIZATION_ERROR} else "source"
        raise SourceError(f"it answers with the error {int(status)} at {int(index)}", reason=reason)


def _next(oid: str, last: tuple[int, ...], name: tuple[int, ...]) -> tuple[int, ...]:
    if name <= last:
        raise SourceError(f"the rows of {oid} come again and again", reason="content")
    return name


def _value(raw: Any) -> Value | None:
    """A number or a text; None for what the agent does not know."""
    if isinstance(raw, Null):  # noSuchObject, noSuchInstance and endOfMibView are of this type
        return None
    if isinstance(raw, Integer):
        return Decimal(int(raw))
    if isinstance(raw, OctetString):
        return read_number(bytes(raw).decode("utf-8", "replace")[:_TEXT_CHARS_MAX], "plain")
    return str(raw.prettyPrint())[:_TEXT_CHARS_MAX]
