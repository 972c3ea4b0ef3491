"""What the web room is given to look at: no handler reaches for anything else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry

from collector.publish import Published
from collector.settings.model import Settings
from collector.store.store import Store


@dataclass(frozen=True)
class Site:
    """`published` is taken once a request. `not_ready` says why the service is not ready, or None.

    `note` is a sentence that stands on every page (vi, en), such as that the counts are synthetic.
    `log` hears of requests that failed by our own fault.
    """

    settings: Settings
    store: Store
    registry: CollectorRegistry
    published: Callable[[], Published]
    next_due_us: Callable[[], Mapping[str, int]]
    now_us: Callable[[], int]
    not_ready: Callable[[], str | None]
    note: Callable[[], tuple[str, str] | None]
    log: structlog.typing.FilteringBoundLogger = field(default_factory=structlog.get_logger)
