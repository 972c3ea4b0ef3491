"""What a fault is: its name, where it strikes, how it is served, and what must follow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.expected import Expected, Fails
from tests.faults.fault_server import Act, Exchange
from tests.faults.grounds import Ground

Stage = Literal[
    "connection",
    "tls",
    "time",
    "length",
    "status",
    "redirect",
    "content",
    "packing",
    "json",
    "value",
    "rows",
    "pages",
    "auth",
]
# What a fault strikes: answers with data, those to logins and requests for tokens, or all.
Strikes = Literal["data", "login", "any"]
ALL = ("http_json", "dichvucong", "unifi", "unifi by key")
TOTALS = ("http_json", "dichvucong")
PAGED = ("http_json", "dichvucong", "unifi by key")
LOGINS = ("http_json", "dichvucong", "unifi")


@dataclass(frozen=True)
class Fault:
    """A fault met by the speakers of `only`; `but` names those for whom something else follows.

    `ground` is a place of its own in which it is met. `source` and `metric` are keys that the
    source, and the metric that it feeds, have besides the usual ones.
    """

    name: str
    stage: Stage
    act: Act
    expected: Expected
    but: Mapping[str, Expected] = field(default_factory=dict)
    only: tuple[str, ...] = ALL
    strikes: Strikes = "data"
    ground: Ground | None = None
    source: Mapping[str, object] = field(default_factory=dict)
    metric: Mapping[str, object] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """As a source is called."""
        return "-".join(re.findall(r"[a-z0-9]+", self.name.lower()))

    @property
    def is_warm(self) -> bool:
        """Whether a sound answer can come first, so that there is a good reading to keep."""
        return self.ground is None and self.strikes == "data"

    def of(self, speaker: str) -> Expected:
        return self.but.get(speaker, self.expected)


def for_unifi(expected: Expected) -> dict[str, Expected]:
    """Where both interfaces of a controller end otherwise than the rest."""
    return {"unifi": expected, "unifi by key": expected}


# A controller's figure that is none spoils the whole count of its site.
NO_FIGURE = for_unifi(Fails("content"))


def sound(exchange: Exchange) -> None:
    """No fault: where it is reached at all, something before it was not refused."""
    exchange.answer(exchange.speak())
