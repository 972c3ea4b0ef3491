"""The level ranking of what is published: worked out once a scoreboard, when asked."""

import threading

from fastapi import HTTPException

from collector.insight.level import Level, level_of
from collector.insight.retrace import RetraceError, retrace_published
from collector.web.current import Current
from collector.web.site import Site

_KEPT = 4


class Levels:
    """Keeps those of the last scoreboards that were asked for; many may ask at once."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._known: dict[tuple[int, str], Level] = {}

    def of(self, one: Current) -> Level:
        """503 before the service has scored anything itself; StoreError when the store is away."""
        key = one.edition.number, one.set_id
        with self._lock:
            if key not in self._known:
                self._known[key] = self._made(one)
                for old in list(self._known)[:-_KEPT]:
                    del self._known[old]
            return self._known[key]

    def _made(self, one: Current) -> Level:
        try:
            traced = retrace_published(one.settings, one.published, one.set_id)
        except RetraceError as error:
            raise HTTPException(503, str(error)) from error
        return level_of(traced, self._site.store)
