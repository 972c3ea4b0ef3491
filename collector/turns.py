"""Runs that end together are stored together: each waits its turn, and none holds up another."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from collector.facts import Run
from collector.store.errors import StoreError

# A transaction costs a busy service as much as what a run stores in it. It is begun once so many
# runs wait, or so long after the first where others are still under way: that holds up no pull.
_GATHERED = 16
GATHER_S = 0.05
# So many runs on end that could not be stored are the store's fault and not their own.
_AWAY = 2

T = TypeVar("T")


@dataclass(eq=False)
class _Turn(Generic[T]):
    """Runs that wait to be stored, and what became of them.

    `wake` is set once that is known, or once whoever waits is the one to write.
    """

    runs: tuple[Run, ...]
    done: T | None = None
    error: Exception | None = None
    wake: threading.Event = field(default_factory=threading.Event)

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        if self.done is None:
            raise StoreError("whoever was to store these runs ended first", kind="unavailable")
        return self.done


class Turns(Generic[T]):
    """Has `store` called with the runs that wait, by one thread at a time; it gives what to show.

    A sync to the disk for each run would be what a busy service waits for.
    """

    def __init__(self, store: Callable[[Sequence[Run]], T], *, gather_s: float = GATHER_S) -> None:
        self._store = store
        self._gather_s = gather_s
        self._gate = threading.Condition()
        self._coming = 0
        self._waiting: list[_Turn[T]] = []
        self._writing = False

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

    def stored(self, runs: Sequence[Run]) -> T:
        """Wait until these runs are stored; raises what kept them from it."""
        turn = _Turn[T](tuple(runs))
        with self._gate:
            self._waiting.append(turn)
            self._tell_gathered()
            first, self._writing = not self._writing, True
        if not first:
            turn.wake.wait()
        if turn in self._waiting:
            self._write()
        return turn.result()

    def _write(self) -> None:
        """Store all that wait; then whoever came meanwhile writes, and nobody else waits for it."""
        with self._gate:
            self._gate.wait_for(self._is_gathered, self._gather_s)
            turns, self._waiting = self._waiting, []
        try:
            self._publish(turns)
        finally:
            with self._gate:
                following = self._waiting[:1]
                self._writing = bool(following)
            for turn in (*turns, *following):
                turn.wake.set()

    def _is_gathered(self) -> bool:
        return not self._coming or len(self._waiting) >= _GATHERED

    def _tell_gathered(self) -> None:
        if self._is_gathered():
            self._gate.notify()

    def _publish(self, turns: Sequence[_Turn[T]]) -> None:
        """All at once; where that fails each alone, so that one costs the others nothing."""
        try:
            done = self._store([run for turn in turns for run in turn.runs])
        except Exception as error:  # noqa: BLE001  it is raised again where the runs are waited for
            if len(turns) == 1:
                turns[0].error = error
            else:
                self._publish_alone(turns)
            return
        for turn in turns:
            turn.done = done

    def _publish_alone(self, turns: Sequence[_Turn[T]]) -> None:
        """One may be too much for the disk; where two on end fail so it is the store that is away.

        The others are told at once: each would wait as long for it again.
        """
        away: list[Exception] = []
        for turn in turns:
            if len(away) >= _AWAY:
                turn.error = away[-1]
                continue
            self._publish([turn])
            is_away = isinstance(turn.error, StoreError) and turn.error.kind != "conflict"
            away = [*away, turn.error] if is_away and turn.error else []
