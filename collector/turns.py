"""Runs that end together are stored together, and who pulled them goes on meanwhile."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar

from collector.facts import Run
from collector.store.errors import StoreError

# A transaction costs a busy service as much as what a run stores in it. It is begun once so many
# runs wait, or so long after the first where others are still under way.
_GATHERED = 16
GATHER_S = 0.05
# So many runs on end that could not be stored are the store's fault and not their own.
_AWAY = 2

T = TypeVar("T")


class _Turn(NamedTuple, Generic[T]):
    """Runs that wait to be stored, and what will become of them."""

    runs: tuple[Run, ...]
    stored: Future[T]


class Turns(Generic[T]):
    """Has `store` called with the runs that wait, by a thread of its own; it gives what to show.

    A sync to the disk for each run would be what a busy service waits for.
    """

    def __init__(self, store: Callable[[Sequence[Run]], T], *, gather_s: float = GATHER_S) -> None:
        self._store = store
        self._gather_s = gather_s
        self._gate = threading.Condition()
        self._coming = 0
        self._waiting: list[_Turn[T]] = []
        self._is_writing = self._is_closed = False
        self._writer = ThreadPoolExecutor(1, "store")

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """While a run is made that is to be published: others may wait a little for it."""
        with self._gate:
            self._coming += 1
        try:
            yield
        finally:
            with self._gate:
                self._coming -= 1
                self._tell_gathered()

    def take(self, runs: Sequence[Run]) -> Future[T]:
        """Have these runs stored; what comes of it holds what kept them from it, if anything did.

        StoreError at once where nothing is taken any more. Callbacks of it are called by the thread
        that stores, and hold it up.
        """
        turn = _Turn(tuple(runs), Future[T]())
        with self._gate:
            if self._is_closed:
                raise StoreError("the service ends: nothing more is stored", kind="unavailable")
            self._waiting.append(turn)
            self._tell_gathered()
            if not self._is_writing:
                self._is_writing = True
                self._writer.submit(self._write)
        return turn.stored

    def close(self) -> None:
        """Wait until all is stored; nothing more is taken."""
        with self._gate:
            self._is_closed = True
        self._writer.shutdown()

    def _write(self) -> None:
        while turns := self._gathered():
            self._publish(turns)

    def _gathered(self) -> list[_Turn[T]]:
        with self._gate:
            if self._waiting:
                self._gate.wait_for(self._is_gathered, self._gather_s)
            turns, self._waiting = self._waiting, []
            self._is_writing = bool(turns)
            return turns

    def _is_gathered(self) -> bool:
        return not self._coming or len(self._waiting) >= _GATHERED

    def _tell_gathered(self) -> None:
        if self._is_gathered():
            self._gate.notify()

    def _publish(self, turns: Sequence[_Turn[T]]) -> None:
        """All at once; where that fails each alone, so that one costs the others nothing."""
        try:
            done = self._store([run for turn in turns for run in turn.runs])
        except BaseException as error:  # noqa: BLE001  it is raised again where they are waited for
            if len(turns) == 1:
                turns[0].stored.set_exception(_told(error))
            else:
                self._publish_alone(turns)
            return
        for turn in turns:
            turn.stored.set_result(done)

    def _publish_alone(self, turns: Sequence[_Turn[T]]) -> None:
        """One may be too much for the disk; where two on end fail so it is the store that is away.

        The others are told at once: each would wait as long for it again.
        """
        away: list[BaseException] = []
        for turn in turns:
            if len(away) >= _AWAY:
                turn.stored.set_exception(away[-1])
                continue
            self._publish([turn])
            error = turn.stored.exception()
            is_away = isinstance(error, StoreError) and error.kind != "conflict"
            away = [*away, error] if is_away and error else []


def _told(error: BaseException) -> Exception:
    """What ends a thread must not end those that wait for it."""
    if isinstance(error, Exception):
        return error
    return StoreError("whoever was to store these runs ended first", kind="unavailable")
