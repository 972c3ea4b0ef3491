"""Counts of the moment from a network device over SNMP: access points and clients, usually."""

import json
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, StringConstraints, model_validator

from connectors.base import (
    Answer,
    Ask,
    Connector,
    Doubt,
    Model,
    Observation,
    PeriodKind,
    SourceError,
)
from connectors.bounded import Worker
from connectors.fetch.addresses import (
    Allowed,
    Network,
    doubts_of,
    listed,
    network_or,
    spelt_out,
)
from connectors.mapping.moments import instant_us
from connectors.secret import Secret
from connectors.snmp_agent import (
    Agent,
    AuthProtocol,
    Community,
    PrivacyProtocol,
    Said,
    User,
    shown,
)
from connectors.snmp_counts import Count, count_of

# RFC 3414, 11.2.
_KEY_CHARS_MIN = 8


class CommunityAuth(Model):
    """SNMP version 2c: whoever knows the community may read."""

    type: Literal["v2c"] = "v2c"
    community: Secret
    """The community that may read; the device drops questions under a wrong one in silence."""

    def proof(self) -> Community:
        return Community(self.community.reveal())


class UserAuth(Model):
    """SNMP version 3: a user, and keys that prove and hide what is said."""

    type: Literal["v3"] = "v3"
    user: Secret | str
    """The user's name on the device."""
    auth_protocol: AuthProtocol = "sha256"
    """How the user is proved."""
    auth_key: Secret | None = None
    """The pass phrase of the proof, at least 8 characters; none: nothing is proved."""
    privacy_protocol: PrivacyProtocol = "aes128"
    """How what is said is hidden; 192 and 256 bits as most vendors have them (Blumenthal)."""
    privacy_key: Secret | None = None
    """The pass phrase that hides what is said, at least 8 characters; none: nothing is hidden."""
    context: str = ""
    """The context to ask in, where the device has several."""

    @model_validator(mode="after")
    def _hidden_is_proved(self) -> Self:
        if self.privacy_key is not None and self.auth_key is None:
            raise ValueError("privacy_key needs auth_key: what is hidden must be proved too")
        return self

    def proof(self) -> User:
        return User(
            name=self.user if isinstance(self.user, str) else self.user.reveal(),
            auth_protocol=self.auth_protocol,
            auth_key=_key("auth_key", self.auth_key),
            privacy_protocol=self.privacy_protocol,
            privacy_key=_key("privacy_key", self.privacy_key),
            context=self.context,
        )


def _key(name: str, secret: Secret | None) -> str | None:
    key = None if secret is None else secret.reveal()
    if key is not None and len(key) < _KEY_CHARS_MIN:
        problem = f"{name} is shorter than {_KEY_CHARS_MIN} characters"
        raise SourceError(problem, reason="config")
    return key


class SnmpLimits(Model):
    """What one run may cost. Seconds are wall time; `total_s` bounds the whole run."""

    total_s: float = Field(default=60.0, gt=0)
    """Longest time that a whole run may take."""
    timeout_s: float = Field(default=2.0, gt=0)
    """Longest wait for one answer."""
    retries: int = Field(default=2, ge=0, le=10)
    """How often one question is sent again when no answer comes."""
    max_rows: int = Field(default=20_000, ge=1)
    """Most rows of one table."""
    rows_per_request: int = Field(default=25, ge=1, le=500)
    """How many rows are asked for at once."""


class Snmp(Connector):
    """One device, whose counts are those of one agency.

    `counts` says where each count is; presets have them for known products. What the device does
    not know brings no observation, for it is not 0.
    """

    host: Annotated[str, StringConstraints(pattern=r"^[^\s/@]+$")]
    """The device's name or address."""
    port: int = Field(default=161, ge=1, le=65_535)
    """Its UDP port."""
    auth: Annotated[CommunityAuth | UserAuth, Field(discriminator="type")]
    """How the device is told who asks."""
    limits: SnmpLimits = SnmpLimits()
    """What one run may cost."""
    allow: Annotated[
        tuple[Annotated[Network | Literal["host"], BeforeValidator(network_or("host"))], ...],
        BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...]),
    ] = ()
    """The networks, such as 10.20.0.0/16, in which the device must lie once its name is resolved.
    `host` stands for the address that host spells out in digits. Without networks: any address but
    loopback, link-local and metadata ones."""
    agency: str
    """Our id of the agency that the counts are of."""
    counts: dict[str, Count] = Field(min_length=1)
    """What can be counted, by a name of its own."""
    metrics: dict[str, str] = Field(min_length=1)
    """The count that each metric is."""
    _worker: Worker = PrivateAttr(default_factory=Worker)

    @model_validator(mode="after")
    def _metrics_are_counted(self) -> Self:
        for metric, count in self.metrics.items():
            if count not in self.counts:
                known = ", ".join(sorted(self.counts))
                raise ValueError(f"{metric} is no count {count!r}; counts has {known}")
        return self

    @property
    def agency_system(self) -> str | None:
        return None

    def agencies(self) -> frozenset[str]:
        return frozenset((self.agency,))

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset((metric, None) for metric in self.metrics)

    def observe(self, ask: Ask) -> Answer:
        """Ask for all counts; SourceError when the device does not answer, or contradicts itself.

        SourceError(reason="config") without the extra that speaks SNMP.
        """
        try:
            said = self._said(ask)
        except SourceError as error:
            raise _placed(error, f"{self.host}:{self.port}") from error
        observations = tuple(self._observations(said, instant_us(ask.now)))
        return Answer(observations, received=said.rows(), digest=_digest(said))

    def _said(self, ask: Ask) -> Said:
        try:
            from connectors.snmp_talk import Conversation
        except ModuleNotFoundError:
            problem = "SNMP needs an extra that is not installed: chiso[snmp]"
            raise SourceError(problem, reason="config") from None
        talk = Conversation(self._agent(), tuple(self._wanted()), ask.ledger)
        total_s = self.limits.total_s
        return self._worker.do(talk.hold, total_s=total_s, stop=ask.stop, cancel=talk.end)

    def asks(self) -> tuple[str, ...]:
        """One question for all scalars, and a walk a table."""
        wanted = tuple(self._wanted())
        scalars = [oid for kind, oid in wanted if kind == "scalar"]
        gets = (f"GET {shown(self.host, self.port, scalars)}",) if scalars else ()
        tables = [oid for kind, oid in wanted if kind == "table"]
        return (*gets, *(f"WALK {shown(self.host, self.port, [oid])}" for oid in tables))

    def doubts(self) -> Iterator[Doubt]:
        return doubts_of(self.allowed(), "host", self.host)

    def allowed(self) -> Allowed:
        """Which addresses may be asked."""
        networks = tuple(each for each in self.allow if each != "host")
        return Allowed(networks, spelt_out(self.host) if "host" in self.allow else ())

    def _agent(self) -> Agent:
        return Agent(
            host=self.host,
            port=self.port,
            allowed=self.allowed(),
            proof=self.auth.proof(),
            timeout_s=self.limits.timeout_s,
            retries=self.limits.retries,
            total_s=self.limits.total_s,
            max_rows=self.limits.max_rows,
            rows_per_request=self.limits.rows_per_request,
        )

    def _wanted(self) -> Iterator[tuple[Literal["scalar", "table"], str]]:
        """Each object once, however many counts it is in."""
        wanted: dict[tuple[Literal["scalar", "table"], str], None] = {}
        for name in self.metrics.values():
            count = self.counts[name]
            wanted |= {("scalar", oid): None for oid in count.scalar}
            wanted |= {} if count.table is None else {("table", count.table): None}
        return iter(wanted)

    def _observations(self, said: Said, data_us: int) -> Iterator[Observation]:
        for metric, name in self.metrics.items():
            count = self.counts[name]
            value = count_of(name, count, said)
            if value is not None:
                where = f"{name} ({' and '.join(count.places())})"
                yield Observation(metric, self.agency, None, data_us, value, where)


def _placed(error: SourceError, place: str) -> SourceError:
    return SourceError(f"{place}: {error}", reason=error.reason, permanent=error.permanent)


def _digest(said: Said) -> str:
    whole = [sorted(said.scalars.items()), sorted(said.tables.items())]
    return sha256(json.dumps(whole, default=_text).encode()).hexdigest()


def _text(value: Decimal) -> str:
    return str(value)
