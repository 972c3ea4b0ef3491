"""What must become of a run under a fault."""

from dataclasses import dataclass

from collector.facts import Verdict
from connectors.base import Reason, RefusalReason


@dataclass(frozen=True)
class Fails:
    """The run fails for this reason, and nothing of it is used; `wait_s` is what it asks of us."""

    reason: Reason
    wait_s: float | None = None


@dataclass(frozen=True)
class Refuses:
    """Rows are refused for this reason, so many of them; the others count.

    `kept` says that the row's agency still has its last good reading, and no newer one.
    """

    reason: RefusalReason
    rows: int = 1
    kept: bool = True


@dataclass(frozen=True)
class Holds:
    """Nothing of the run is used; the verdict says what kind of trouble it is."""

    verdict: Verdict


@dataclass(frozen=True)
class Passes:
    """The answer is odd but good: it is used, and H0 then has this value."""

    value: str = "2000"


@dataclass(frozen=True)
class Stays:
    """The answer is good and says nothing new: what is known stays, and the verdict says so."""

    verdict: Verdict


Expected = Fails | Refuses | Holds | Passes | Stays
