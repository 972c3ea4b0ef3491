"""Whether what was written last is stored, for whoever must say so."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from collector.store.errors import StoreError

# The error, and whether everything before it was stored.
Failed = Callable[[StoreError, bool], None]
Recovered = Callable[[], None]
_ANY = ""


class Health:
    """What was not stored last, source by source: a small write may still fit a full disk.

    `lost`: another instance holds the store that this one held.
    """

    def __init__(self) -> None:
        self.lost = False
        self._failing: dict[str, str] = {}
        self._failed: Failed = lambda _error, _first: None
        self._recovered: Recovered = lambda: None

    @property
    def trouble(self) -> str | None:
        """Why something is not stored; None where all is."""
        return next(iter(self._failing.copy().values()), None)

    def listen(self, failed: Failed, recovered: Recovered) -> None:
        """Tell of every failure, and when all is stored that was not."""
        self._failed, self._recovered = failed, recovered

    @contextmanager
    def writing(self, sources: Collection[str]) -> Iterator[None]:
        """A write that is stored once the block is left, with runs of these sources by then."""
        with self._watched(sources):
            yield
        self.forget((_ANY, *sources))

    def forget(self, sources: Iterable[str]) -> None:
        """What was not stored of these is stored now, or owed by nobody."""
        gone = [self._failing.pop(one, None) for one in sources]
        if any(gone) and not self._failing:
            self._recovered()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """A question that a store in order answers; that it does is no news."""
        with self._watched(()):
            yield

    @contextmanager
    def _watched(self, sources: Collection[str]) -> Iterator[None]:
        try:
            yield
        except StoreError as error:
            # A fact that stands already is no fault of the store.
            if error.kind in {"unavailable", "locked"}:
                self.lost |= error.kind == "locked"
                first = not self._failing
                self._failing |= dict.fromkeys(sources or (_ANY,), str(error))
                self._failed(error, first)
            raise
