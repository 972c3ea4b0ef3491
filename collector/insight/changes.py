"""Why a score moved between two scoreboards: read from the store, split by `scoring.changes`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from collector.cells import agency_body
from collector.documents import Document, Edition
from collector.facts import Reading
from collector.insight.recompute import Scored, known_at, rules_of, scored
from collector.outlook import series_of
from collector.periods import iso
from collector.scoreboard import Known
from collector.settings.model import SetSpec, Settings
from collector.store.store import Store
from scoring.changes import CAUSES, Cause, Mark, Part, Stand, Way, parts_of, rank_move
from scoring.model import STALE, Target
from scoring.shown import nanos


class ChangesError(ValueError):
    """The two scoreboards cannot be held against each other; the message says why."""


class UnknownError(ChangesError):
    """There is no such scoreboard, set or agency."""


@dataclass(frozen=True)
class Comparison:
    """Two scoreboards of a set, and what lies between them; the same for all agencies.

    `known` is what was known at the first, what is known at the second of the first's time, and
    what was known at the second. Of the four results the first three are by the first's rules.
    """

    settings: Settings
    set_id: str
    editions: tuple[Edition, Edition]
    known: tuple[Known, Known, Known]
    results: tuple[Scored, Scored, Scored, Scored]


def compare(
    settings: Settings, store: Store, set_id: str | None, first: int, second: int
) -> Comparison:
    """Work both out again; the set left out is the first by id that is in both.

    UnknownError for a set that is not in both, NotKeptError or ConfigErrors where the rules of one
    are gone, ChangesError where the second is the earlier one.
    """
    if second < first:
        raise ChangesError(f"scoreboard {second} is older than {first}: turn the two around")
    editions = (_edition(store, first), _edition(store, second))
    chosen = _chosen(editions, set_id)
    rules = tuple(rules_of(settings, store, _digest(edition, chosen)) for edition in editions)
    # Before any reading there was nothing to correct.
    until_us = editions[0].data_us or 0
    known = (known_at(store, first), known_at(store, second, until_us), known_at(store, second))
    first_us, second_us = (edition.published_us for edition in editions)
    before = scored(settings, rules[0], known[0], first_us)
    ruled = scored(settings, rules[1], known[2], second_us)
    former = _with_targets_of(rules[0], before.plan.period.id, ruled.plan.period.id)
    results = (
        before,
        scored(settings, rules[0], known[1], first_us),
        scored(settings, former, known[2], second_us),
        ruled,
    )
    return Comparison(settings, chosen, editions, known, results)


def changes_document(comparison: Comparison, agency: str) -> Document:
    """What moved an agency's score and rank; all figures add up as decimals, to the last digit.

    UnknownError for an agency that is not on both, ChangesError where today's configuration makes
    another result of one than was stored.
    """
    mover = _Mover(comparison, agency, *_bodies(comparison, agency))
    mover.check()
    known = mover.has_scores()
    parts = mover.parts() if known else ()
    return {
        "agency": {key: mover.after[key] for key in ("id", "block", "name")},
        "set": comparison.set_id,
        "from": _end(comparison, 0, mover.before),
        "to": _end(comparison, 1, mover.after),
        "change": _sum(part.shown for part in parts) if known else None,
        "exact": _nano(sum(part.nanos for part in parts)) if known else None,
        "causes": [_cause(cause, parts) for cause in CAUSES] if known else [],
        "parts": [mover.entry(part) for part in parts],
        "rank": mover.rank_entry(),
    }


@dataclass(frozen=True)
class _Mover:
    """One agency of a comparison, with what both scoreboards say of it."""

    comparison: Comparison
    id: str
    before: Document
    after: Document

    def check(self) -> None:
        """A result that does not come out again would be explained by what is not its cause."""
        for side, stored in enumerate((self.before, self.after)):
            each = self.comparison.results[3 * side]
            again = agency_body(self.comparison.settings, each.plan, each.board, self._row(each))
            differs = [name for name in ("score", "rank") if again[name] != stored[name]]
            for name in differs:
                raise ChangesError(
                    f"scoreboard {self.comparison.editions[side].number} gave {self.id} the "
                    f"{name} {stored[name]}, the configuration of today makes it {again[name]}: "
                    "agencies, metrics or sources have changed since"
                )

    def has_scores(self) -> bool:
        return None not in (self.before["score"], self.after["score"])

    def parts(self) -> tuple[Part, ...]:
        results = self.comparison.results
        ends = (self._nanos(results[0]), self._nanos(results[3]))
        digits = max(each.plan.spec.scoring.digits for each in results)
        return parts_of(Way(*(self._stand(each) for each in results)), ends, digits)

    def entry(self, part: Part) -> Document:
        texts = [one for each in self.comparison.results for one in each.plan.spec.indicators]
        names = {one.id: {"vi": one.name.vi, "en": one.name.en} for one in texts}
        return {
            "cause": part.cause,
            "indicator": part.indicator,
            "name": names.get(part.indicator or ""),
            "points": float(part.shown),
            "exact": _nano(part.nanos),
            "inputs": list(self._inputs(part)),
        }

    def rank_entry(self) -> Document | None:
        """A lower rank is a better one: what is below 0 is a way up."""
        first, last = self.before["rank"], self.after["rank"]
        if None in (first, last):
            return None
        before, after = self.comparison.results[0], self.comparison.results[3]
        scale = before.plan.spec.scoring.scale / after.plan.spec.scoring.scale
        score = float(after.board.result.score[self._row(after)]) * scale
        move = rank_move((first, last), _nanos_of(score), self._rivals(before))
        return {"change": last - first, "own": move.own, "others": move.others}

    def _row(self, each: Scored) -> int:
        return each.board.roster.agencies.index(self.id)

    def _nanos(self, each: Scored) -> int:
        return _nanos_of(float(each.board.result.score[self._row(each)]))

    def _rivals(self, each: Scored) -> list[int]:
        """The scores of the others of the block, those that have one."""
        blocks, scores = each.board.roster.blocks, each.board.result.score.tolist()
        row = self._row(each)
        return [
            _nanos_of(score)
            for place, (block, score) in enumerate(zip(blocks, scores, strict=True))
            if block == blocks[row] and place != row and not np.isnan(score)
        ]

    def _stand(self, each: Scored) -> Stand:
        scoring, row = each.plan.spec.scoring, self._row(each)
        cells = each.board.result.cells
        figures = zip(
            scoring.indicators,
            cells.points[row].tolist(),
            cells.points_max[row].tolist(),
            (cells.statuses[row] <= STALE).tolist(),
            strict=True,
        )
        marks = {
            one.id: Mark(points, most, counted=not np.isnan(points), known=known)
            for one, points, most, known in figures
        }
        return Stand(scoring.scale, marks)

    def _inputs(self, part: Part) -> Iterator[Document]:
        """The readings of the part's step whose values are others after it than before."""
        ways = {"late_correction": (0, 1), "new_data": (1, 2), "coverage": (0, 2)}
        if part.cause not in ways:
            return
        stages = ways[part.cause]
        spec = self.comparison.results[0].plan.spec.scoring
        formula = next(one.formula for one in spec.indicators if one.id == part.indicator)
        for metric in sorted(formula.metrics):
            before, after = (self._reading(metric, stage) for stage in stages)
            if _number(before) != _number(after):
                yield {"metric": metric, "from": _given(before), "to": _given(after)}

    def _reading(self, metric: str, stage: int) -> Reading | None:
        period = self.comparison.results[stage].plan.period
        series = series_of(self.comparison.settings.metrics[metric], self.id, period)
        return self.comparison.known[stage].readings.get(series)


def _edition(store: Store, number: int) -> Edition:
    row = store.scoreboard_row(number)
    if row is None:
        raise UnknownError(f"there is no scoreboard {number}")
    return Edition(number, row.published_us, row.data_us, store.cells(number), {})


def _chosen(editions: tuple[Edition, Edition], set_id: str | None) -> str:
    first, second = (edition.set_ids() for edition in editions)
    both = [one for one in second if one in first]
    if set_id is None and both:
        return both[0]
    if set_id in both:
        return set_id
    known = ", ".join(both) or "none"
    said = f"set {set_id!r} is not in both" if set_id else "no set is in both"
    raise UnknownError(
        f"{said} of scoreboards {editions[0].number} and {editions[1].number}: {known}"
    )


def _digest(edition: Edition, set_id: str) -> str:
    return str((edition.body(set_id, "set") or {})["digest"])


def _bodies(comparison: Comparison, agency: str) -> Iterator[Document]:
    for edition in comparison.editions:
        body = edition.body(comparison.set_id, f"agency/{agency}")
        if body is None:
            raise UnknownError(f"scoreboard {edition.number} has no agency {agency!r}")
        yield body


def _with_targets_of(spec: SetSpec, former: str, period: str) -> SetSpec:
    """The set as it was for one period, to be asked about another: a new target is a new rule."""
    if former == period:
        return spec
    indicators = tuple(
        replace(one, target=_target_of(one.target, former, period))
        for one in spec.scoring.indicators
    )
    return replace(spec, scoring=replace(spec.scoring, indicators=indicators))


def _target_of(target: Target, former: str, period: str) -> Target:
    then = target.periods.get(former, target.default)
    return target if then is None else replace(target, periods={period: then})


def _end(comparison: Comparison, side: int, body: Document) -> Document:
    edition = comparison.editions[side]
    return {
        "number": edition.number,
        "published_at": iso(edition.published_us),
        "data_at": None if edition.data_us is None else iso(edition.data_us),
        "period": comparison.results[3 * side].plan.period.id,
        "digest": _digest(edition, comparison.set_id),
        **{key: body[key] for key in ("score", "rank", "band", "coverage")},
    }


def _cause(cause: Cause, parts: tuple[Part, ...]) -> Document:
    mine = [part for part in parts if part.cause == cause]
    return {
        "cause": cause,
        "points": _sum(part.shown for part in mine),
        "exact": _nano(sum(part.nanos for part in mine)),
    }


def _number(reading: Reading | None) -> Decimal | None:
    return None if reading is None else reading.value


def _given(reading: Reading | None) -> Document | None:
    if reading is None:
        return None
    return {
        "value": float(reading.value),
        "data_at": iso(reading.data_us),
        "known_at": iso(reading.known_us),
        "run": reading.run_id,
    }


def _sum(points: Iterable[Decimal]) -> float:
    return float(sum(points, Decimal(0)))


def _nano(units: int) -> float:
    return float(Decimal(units).scaleb(-9))


def _nanos_of(score: float) -> int:
    return int(nanos(np.array([score]))[0])
