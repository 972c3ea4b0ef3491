"""Which counts of an agency could move, how far, and in which steps: what advice may ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from collector.facts import Reading
from collector.insight.retrace import Traced
from collector.outlook import series_of
from collector.settings.model import Metric
from scoring.advise import Lever
from scoring.model import STALE

# What nothing bounds may still not be more than a number that JSON carries exactly.
_COUNT_MAX = Decimal(2**53)
# Points that others give come in hundredths at least.
_POINTS_DIGITS = 2


@dataclass(frozen=True)
class Move:
    """A lever with the metrics that it moves; the first is the one that is meant."""

    metrics: tuple[Metric, ...]
    lever: Lever

    def value(self, step: int) -> Decimal:
        """What the metric that is meant is then."""
        if self.lever.ladder:
            return Decimal(str(self.lever.ladder[step]))
        units = self.lever.starts[0] + self.lever.sign * step
        return Decimal(units) / self.lever.scale


def moves_of(traced: Traced, row: int, names: tuple[str, ...]) -> list[Move]:
    """For the metrics of one formula; what is not known cannot move.

    A total grows with its period and never falls. A part may grow up to its whole; where both are
    totals they may also grow together. A whole that bounds a part is not to shrink for its sake.
    """
    yard = _Yard(traced, row, names)
    return [move for name in names for move in yard.moves(traced.settings.metrics[name])]


@dataclass(frozen=True)
class _Yard:
    traced: Traced
    row: int
    names: tuple[str, ...]

    def moves(self, metric: Metric) -> Iterator[Move]:
        reading = self._reading(metric)
        if reading is None:
            return
        if metric.values is not None:
            yield from self._climbs(metric, reading.value)
            return
        yield from self._counted((metric,), 1)
        whole = self._whole(metric)
        if whole is not None and metric.kind == whole.kind == "period_total":
            yield from self._counted((metric, whole), 1)
        if metric.kind == "gauge" and not self._bounds_another(metric):
            yield from self._counted((metric,), -1)

    def _climbs(self, metric: Metric, now: Decimal) -> Iterator[Move]:
        numbers = sorted(set((metric.values or {}).values()))
        ups = [number for number in numbers if number > now]
        downs = [number for number in reversed(numbers) if number < now]
        for ladder in (ups, downs):
            if ladder:
                floats = tuple(float(number) for number in (now, *ladder))
                column = (self._column(metric),)
                yield Move((metric,), Lever(column, (0,), 1, 1, len(ladder), floats))

    def _counted(self, metrics: tuple[Metric, ...], sign: int) -> Iterator[Move]:
        """The metrics together, one more (or less) of each at a step, as far as all may go."""
        values = [found.value for one in metrics if (found := self._reading(one)) is not None]
        if len(values) < len(metrics):
            return
        digits = max(_digits(*pair) for pair in zip(metrics, values, strict=True))
        scale = 10**digits
        rooms = [
            self._room(one, value, metrics, sign)
            for one, value in zip(metrics, values, strict=True)
        ]
        most = int(min(rooms) * scale)
        if most > 0:
            columns = tuple(self._column(one) for one in metrics)
            starts = tuple(int(value * scale) for value in values)
            yield Move(metrics, Lever(columns, starts, scale, sign, most))

    def _room(
        self, metric: Metric, value: Decimal, along: tuple[Metric, ...], sign: int
    ) -> Decimal:
        """How far a count may go: to the end of its range, and to a whole that stays."""
        if sign < 0:
            low = Decimal(0) if metric.low is None else metric.low
            return value - low
        ends = [_COUNT_MAX if metric.high is None else metric.high]
        whole = self._whole(metric, anywhere=True)
        if whole is not None and whole not in along:
            found = self._reading(whole)
            ends += [] if found is None else [found.value]
        return min(ends) - value

    def _whole(self, metric: Metric, *, anywhere: bool = False) -> Metric | None:
        """What the metric is a part of, in this formula or anywhere."""
        if metric.at_most is None or not (anywhere or metric.at_most in self.names):
            return None
        return self.traced.settings.metrics[metric.at_most]

    def _bounds_another(self, metric: Metric) -> bool:
        metrics = self.traced.settings.metrics
        return any(metrics[name].at_most == metric.id for name in self.names)

    def _column(self, metric: Metric) -> int:
        return self.traced.board.inputs.metrics.index(metric.id)

    def _reading(self, metric: Metric) -> Reading | None:
        """What is known of a metric; none where the scorer was not given it."""
        inputs = self.traced.board.inputs
        if metric.id in inputs.metrics and inputs.statuses[self.row, self._column(metric)] > STALE:
            return None
        agency = self.traced.board.roster.agencies[self.row]
        series = series_of(metric, agency, self.traced.plan.period)
        return self.traced.known.readings.get(series)


def _digits(metric: Metric, value: Decimal) -> int:
    """Decimals of its natural step: none for a count, what it has for points."""
    exponent = value.normalize().as_tuple().exponent
    has = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return max(has, _POINTS_DIGITS) if metric.unit == "points" else has
