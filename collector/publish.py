"""The one way a fact becomes visible: a transaction that appends and scores, then one swap.

Readers take `published` once and work on it: it is immutable, so no page mixes two scoreboards.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from operator import is_

from collector.cells import Bodies, changed_cells, merged
from collector.clock import Clock
from collector.documents import Edition
from collector.facts import Outcome, Run, Scoreboard, SetBoard, StoredRun
from collector.layered import Layered, layered
from collector.outlook import Outlook, outlook
from collector.periods import Period, local, period_of
from collector.scoreboard import Grid, Known, build, grids, learned, next_change_us
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.store.store import Store
from collector.store.write import Writing
from collector.turns import GATHER_S, Turns


@dataclass(frozen=True)
class Published:
    """A scoreboard and all that is shown beside it.

    `last_runs`, `last_ok` and `last_told` are the newest run of each source, the newest good one,
    and the newest that brought an answer; those that filled the past are left out. `taken` are
    digests of the content that each source's runs took. `change_us` is when another scoreboard is
    due even without a run.
    """

    board: Scoreboard
    view: Outlook
    known: Known
    grids: tuple[Grid, ...]
    bodies: Bodies
    baseline: Bodies
    last_runs: Mapping[str, StoredRun]
    last_ok: Mapping[str, StoredRun]
    last_told: Mapping[str, StoredRun]
    taken: Mapping[str, frozenset[str]]
    change_us: int

    def edition(self) -> Edition:
        board = self.board
        return Edition(board.number, board.published_us, board.data_us, self.bodies, self.baseline)

    def standing(self, at_us: int) -> dict[int, SetBoard]:
        """The boards that hold at a later moment as long as their grids do, by those's id()."""
        if at_us >= self.change_us:
            return {}
        return {id(grid): one for grid, one in zip(self.grids, self.board.boards, strict=True)}

    def feeding(self) -> dict[tuple[str, str], str]:
        """The source that feeds each (metric, agency) of the sets in force."""
        return {
            (metric.id, agency): feed
            for plan in self.view.plans
            for agency, feeds in zip(plan.roster.agencies, plan.feeds, strict=True)
            for metric, feed in zip(plan.metrics, feeds, strict=True)
            if feed is not None
        }


class Publisher:
    """Owns what is known and what is published; one writer at a time, readers never wait."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, *, gather_s: float = GATHER_S
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._published = self._first()
        self.turns = Turns(self._stored, gather_s=gather_s)

    @property
    def published(self) -> Published:
        return self._published

    def publish(self, runs: Sequence[Run] = ()) -> Published:
        """Append the runs, score and append the scoreboard in one transaction, then show it.

        Runs that end together share a transaction and its scoreboard, see `Turns`. On StoreError
        nothing of these runs is shown, and what was published stays.
        """
        return self.take(runs).result()

    def take(self, runs: Sequence[Run]) -> Future[Published]:
        """The same, without waiting for it: see `Turns.take`."""
        return self.turns.take(runs)

    def close(self) -> None:
        """Wait until all that was handed in is stored."""
        self.turns.close()

    def _stored(self, runs: Sequence[Run]) -> Published:
        try:
            return self._committed(runs)
        except StoreError as error:
            new = self._unstored(runs, error)
        published = self._committed(new)
        self._store.health.forget({run.source for run in runs})
        return published

    def _unstored(self, runs: Sequence[Run], error: StoreError) -> Sequence[Run]:
        """Without those that stand since a commit whose answer was lost; the error if none does."""
        if error.kind != "conflict":
            raise error
        new = self._store.not_stored(runs)
        if len(new) == len(runs):
            raise error
        return new

    def _committed(self, runs: Sequence[Run]) -> Published:
        with self._store.writing() as tx:
            before = self._published
            # Somebody else wrote, a backup was put back, or a commit stands without its answer.
            if tx.number != before.board.number + 1:
                before = self._first()
            following = self._following(before, runs, tx)
        self._published = following
        return following

    def _following(self, before: Published, runs: Sequence[Run], tx: Writing) -> Published:
        """All that is shown next: worked out before the commit, so that nothing can fail after."""
        at_us = max(self._clock.now_us(), before.board.published_us)
        ids = tx.append_runs(runs)
        known, touched = learned(before.known, zip(runs, ids, strict=True))
        view = self._view(before.view, at_us)
        filled = grids(view, known, before.grids, touched)
        standing = before.standing(at_us)
        board = build(filled, known, number=tx.number, at_us=at_us, standing=standing)
        cells = changed_cells(self._settings, view, board, before.board, before.bodies)
        said = {plan.spec.scoring.digest: plan.spec.text for plan in view.plans}
        tx.append_definitions(said)
        tx.append_scoreboard(at_us, board.data_us, ids[-1] if ids else None, cells)
        stored = [stored_run(*pair) for pair in zip(runs, ids, strict=True)]
        tried = [run for run in stored if run.past is None]
        return Published(
            board=board,
            view=view,
            known=known,
            grids=filled,
            bodies=merged(before.bodies, cells),
            baseline=self._baseline_after(before, view, at_us),
            last_runs=_newest(before.last_runs, tried, "ok", "held", "failed", "interrupted"),
            last_ok=_newest(before.last_ok, tried, "ok"),
            last_told=_newest(before.last_told, tried, "ok", "held"),
            taken=_taken(before.taken, runs),
            change_us=_change_us(before, filled, view, at_us),
        )

    def _first(self) -> Published:
        """What the store holds, before this process has published anything of its own."""
        now_us = self._clock.now_us()
        known = Known(self._store.readings(), self._store.held())
        row = self._store.scoreboard_row()
        view = outlook(self._settings, now_us)
        board = Scoreboard(
            number=row.number if row else 0,
            published_us=row.published_us if row else 0,
            data_us=row.data_us if row else None,
            boards=(),
        )
        return Published(
            board=board,
            view=view,
            known=known,
            grids=grids(view, known),
            bodies=self._store.cells(),
            baseline=self._baseline_of(now_us),
            last_runs=self._store.last_runs(),
            last_ok=self._store.last_ok(),
            last_told=self._store.last_told(),
            taken=self._store.taken_by_source(),
            change_us=now_us,
        )

    def _baseline_of(self, at_us: int) -> Bodies:
        """The bodies in force when the local day of an instant began."""
        number = self._store.number_at(self._day(at_us).start_us(self._settings.zone))
        return {} if number is None else self._store.cells(number)

    def _day(self, at_us: int) -> Period:
        return period_of("day", local(at_us, self._settings.zone).date())

    def _view(self, view: Outlook, at_us: int) -> Outlook:
        return view if at_us < view.until_us else outlook(self._settings, at_us, view)

    def _baseline_after(self, before: Published, view: Outlook, at_us: int) -> Bodies:
        """Where a local day has turned since, what was in force before is the new baseline."""
        # An outlook is of one day, and the first scoreboard here is the first to have boards.
        if before.board.boards and view is before.view:
            return before.baseline
        first = before.board.number == 0
        if first or self._day(before.board.published_us) == self._day(at_us):
            return before.baseline
        return before.bodies


def _change_us(before: Published, filled: Sequence[Grid], view: Outlook, at_us: int) -> int:
    """When the next scoreboard is due without a run; as before, where nothing moved until now."""
    same = at_us < before.change_us and all(map(is_, filled, before.grids))
    return before.change_us if same else next_change_us(filled, view, at_us)


def _newest(
    before: Mapping[str, StoredRun], runs: Sequence[StoredRun], *outcomes: Outcome
) -> Layered[str, StoredRun]:
    newer = {run.source: run for run in runs if run.outcome in outcomes}
    return layered(before).with_changes(newer)


def _taken(
    before: Mapping[str, frozenset[str]], runs: Sequence[Run]
) -> Mapping[str, frozenset[str]]:
    taken: dict[str, frozenset[str]] = {}
    for run in runs:
        if run.taken:
            earlier = taken.get(run.source, before.get(run.source, frozenset()))
            taken[run.source] = earlier.union(run.taken)
    return {**before, **taken} if taken else before


def stored_run(run: Run, run_id: int) -> StoredRun:
    return StoredRun(
        run_id,
        run.source,
        run.due_us,
        run.began_us,
        run.ended_us,
        run.outcome,
        run.error_reason,
        run.message,
        run.received,
        run.declared,
        len(run.admitted),
        len(run.refusals),
        run.digest,
        run.track,
        run.past,
        run.not_before_us,
    )
