"""Access points and clients by site from a UniFi Network controller, by either interface."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import ByteSize, Field, model_validator

from connectors.base import Answer, Ask, Observation, PeriodKind
from connectors.fetch.auth import ApiKey, Login
from connectors.http import HttpConnector, Limits
from connectors.mapping.moments import instant_us
from connectors.unifi_classic import Controller, Flavour, count_devices, count_health
from connectors.unifi_integration import DeviceState, Integration
from connectors.unifi_sites import Count, Counts

__all__ = ["Count", "Flavour", "Unifi"]

_States: TypeAlias = tuple[int, ...] | tuple[DeviceState, ...]

_CONNECTED: _States = (1,)
_ONLINE: _States = ("ONLINE",)


class Unifi(HttpConnector):
    """Counts of the moment, one observation a metric and agency.

    With a user and password the controller is asked as its own pages ask it: access points are
    adopted devices that have radios, and clients are theirs, for gateways and switches count the
    same ones. With an API key it is asked by the official interface (Network 9.0 or newer, on
    UniFi OS): access points are devices with that feature, and clients the wireless ones.
    """

    auth: Annotated[Login | ApiKey, Field(discriminator="type")]
    """A local read-only user without a second factor, or an API key of the console."""
    limits: Limits = Limits(max_bytes=ByteSize(20_000_000))
    """What one run may cost."""
    flavour: Literal["auto", "classic", "unifi_os"] = "auto"
    """What the controller runs on; an API key is always of UniFi OS."""
    sites: dict[str, str] = Field(min_length=1)
    """Our agency id by a site's name, id or description; sites of one agency add up."""
    metrics: dict[str, Count] = Field(min_length=1)
    """What each metric counts."""
    count_from: Literal["devices", "health"] = "devices"
    """`health` takes the controller's own sums, in one small answer a site; not with a key."""
    online_states: _States | None = None
    """The states of a device that count as online. With a user these are numbers: 1 is connected,
    the default, and whether upgrading (4), provisioning (5) or a missed heartbeat (6) do too is the
    owner's to say. With a key they are words; the default is ONLINE."""

    @model_validator(mode="after")
    def _one_interface(self) -> Self:
        by_key = isinstance(self.auth, ApiKey)
        if by_key and (self.flavour == "classic" or self.count_from == "health"):
            raise ValueError(
                "with an API key there is neither flavour classic nor count_from health"
            )
        kinds = {isinstance(state, str) for state in self.online_states or ()}
        if kinds - {by_key}:
            raise ValueError("online_states are words with an API key, and numbers without one")
        return self

    @property
    def agency_system(self) -> str | None:
        return None

    def agencies(self) -> frozenset[str]:
        return frozenset(self.sites.values())

    def feeds(self) -> frozenset[tuple[str, PeriodKind | None]]:
        return frozenset((metric, None) for metric in self.metrics)

    def observe(self, ask: Ask) -> Answer:
        """Ask for every site; SourceError when one is not there or cannot be read."""
        found = (
            self._by_key(ask) if isinstance(self.auth, ApiKey) else self._by_user(ask, self.auth)
        )
        data_us = instant_us(ask.now)
        return Answer(
            observations=tuple(self._observations(found.counts, data_us)),
            received=found.received,
            digest=found.digest,
        )

    def _by_user(self, ask: Ask, login: Login) -> "_Found":
        controller = Controller(ask.http, login, self.flavour)
        report: Literal["device", "health"] = "device" if self.count_from == "devices" else "health"
        names = controller.sites(self.sites)
        rows = {site: controller.report(name, report) for site, name in names.items()}
        states = frozenset(self.online_states or _CONNECTED)
        counts = {
            site: count_devices(its, site, states)
            if report == "device"
            else count_health(its, site)
            for site, its in rows.items()
        }
        return _Found(counts, sum(map(len, rows.values())), controller.digest())

    def _by_key(self, ask: Ask) -> "_Found":
        states = frozenset(self.online_states or _ONLINE)
        console = Integration(ask.http, self.limits, states, frozenset(self.metrics.values()))
        names = console.sites(self.sites)
        counts = {site: console.counts(name, site) for site, name in names.items()}
        return _Found(counts, console.received, ask.http.digest())

    def _observations(self, counts: Mapping[str, Counts], data_us: int) -> Iterator[Observation]:
        for agency in dict.fromkeys(self.sites.values()):
            sites = [site for site, its in self.sites.items() if its == agency]
            where = f"site {', '.join(sites)}"
            for metric, count in self.metrics.items():
                value = _total(counts[site][count] for site in sites)
                yield Observation(metric, agency, None, data_us, value, where)


@dataclass(frozen=True, slots=True)
class _Found:
    """The counts of each site, and the rows that they were made of."""

    counts: Mapping[str, Counts]
    received: int
    digest: str


def _total(figures: Iterable[Decimal]) -> Decimal:
    return sum(figures, Decimal(0))
