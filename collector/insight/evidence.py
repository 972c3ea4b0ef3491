"""What stands behind the readings of an agency: runs, requests and refusals, as documents."""

from collections.abc import Mapping
from dataclasses import dataclass

from collector.cells import name_body
from collector.documents import Document, request_entry, run_entry
from collector.facts import Reading, Refusal, Series, StoredRun
from collector.insight import wording
from collector.insight.retrace import Traced
from collector.insight.rule_words import Texts
from collector.outlook import series_of
from collector.periods import iso
from collector.settings.model import Metric, Source
from collector.store.store import Store
from connectors.base import Request
from scoring.model import STATUSES, Status


@dataclass(frozen=True)
class Evidence:
    """What the store says of the runs behind an agency's readings.

    `asked` has the newest attempt of each source, `refused` the newest refusal of each series and
    the id of the run that it is from; those runs are among `runs`.
    """

    runs: Mapping[int, StoredRun]
    requests: Mapping[int, tuple[Request, ...]]
    asked: Mapping[str, StoredRun]
    refused: Mapping[Series, tuple[int, Refusal]]


# Enough for a tree without its runs, such as the one that a sentence is made from.
NOTHING_READ = Evidence({}, {}, {}, {})


def evidence_of(traced: Traced, store: Store, agency: str) -> Evidence:
    """Read once all that an agency's explanation needs beside the scoreboard."""
    at_us = traced.edition.published_us
    mine = [series for series in traced.plan.place if series.agency == agency]
    readings, refused = traced.known.readings, store.refused(agency, at_us)
    ids = {readings[series].run_id for series in mine if series in readings}
    ids |= {refused[series][0] for series in mine if series in refused}
    asked = store.last_runs(at_us)
    found = {run_id: store.run(run_id) for run_id in sorted(ids)}
    ids |= {run.id for run in asked.values()}
    return Evidence(
        runs={run_id: run for run_id, run in found.items() if run is not None},
        requests={run_id: store.run_requests(run_id) for run_id in sorted(ids)},
        asked=asked,
        refused=refused,
    )


@dataclass(frozen=True)
class Leaf:
    """What is known of one metric of one agency, and how."""

    traced: Traced
    evidence: Evidence
    agency: str
    row: int
    metric: Metric

    @property
    def status(self) -> Status:
        inputs = self.traced.board.inputs
        return STATUSES[int(inputs.statuses[self.row, self._column])]

    @property
    def number(self) -> float:
        """What the scorer was given; NaN for nothing."""
        return float(self.traced.board.inputs.numbers[self.row, self._column])

    def node(self) -> Document:
        """The reading with its status, both its times, its source and its run."""
        reading, source, metric = self._reading(), self._source(), self.metric
        value = None if reading is None else float(reading.value)
        limit_us = int(self.traced.plan.stale_after_us[self.row, self._column])
        return {
            "metric": metric.id,
            "name": name_body(metric.name),
            "unit": metric.unit,
            "status": self.status,
            "why": self._why(reading, limit_us),
            "value": value,
            "word": None if value is None else wording.state_word(metric, value),
            "period": self._series.period or None,
            "source": None if source is None else source.id,
            "source_name": None if source is None else name_body(source.name),
            "owner": None if source is None else source.owner,
            "data_at": None if reading is None else iso(reading.data_us),
            "known_at": None if reading is None else iso(reading.known_us),
            "stale_after_s": None if limit_us < 0 else limit_us / 1_000_000,
            "run": None if reading is None else self._run(self.evidence.runs.get(reading.run_id)),
            "asked": self._run(self._asked()) if self.status == "missing" else None,
            "refused": self._refused(reading),
        }

    @property
    def _column(self) -> int:
        return self.traced.board.inputs.metrics.index(self.metric.id)

    @property
    def _series(self) -> Series:
        return series_of(self.metric, self.agency, self.traced.plan.period)

    def _reading(self) -> Reading | None:
        """The reading that the scoreboard used; none where nothing is connected."""
        if self.status == "not_connected":
            return None
        return self.traced.known.readings.get(self._series)

    def _source(self) -> Source | None:
        feed = self.traced.plan.feeds[self.row][self._column]
        return None if feed is None else self.traced.settings.sources[feed]

    def _asked(self) -> StoredRun | None:
        source = self._source()
        return None if source is None else self.evidence.asked.get(source.id)

    def _why(self, reading: Reading | None, limit_us: int) -> Texts | None:
        zone, source = self.traced.settings.zone, self._source()
        if self.status == "stale" and reading is not None:
            now_us = self.traced.edition.published_us
            return wording.stale(reading.data_us, limit_us, now_us, zone)
        if self.status == "held" and self._series in self.evidence.refused:
            run_id, refusal = self.evidence.refused[self._series]
            return wording.held(refusal, self.evidence.runs.get(run_id), zone)
        if self.status == "not_connected":
            return wording.not_connected(self._able())
        if self.status == "missing" and source is not None:
            return wording.missing(source, self._asked(), zone)
        return None

    def _able(self) -> tuple[Source, ...]:
        """The sources that bring the metric, though not of this agency."""
        return tuple(
            source
            for source in self.traced.settings.sources.values()
            if any(name == self.metric.id for name, _ in source.connector.feeds())
        )

    def _refused(self, reading: Reading | None) -> Document | None:
        """What was refused of it since the reading came, if anything was."""
        run_id, refusal = self.evidence.refused.get(self._series, (0, None))
        if refusal is None or (reading is not None and run_id < reading.run_id):
            return None
        return {
            "reason": refusal.reason,
            "where": refusal.where,
            "got": refusal.got,
            "run": self._run(self.evidence.runs.get(run_id)),
        }

    def _run(self, run: StoredRun | None) -> Document | None:
        if run is None:
            return None
        return {
            "id": run.id,
            "source": run.source,
            **run_entry(run),
            "digest": run.digest,
            "requests": [request_entry(one) for one in self.evidence.requests.get(run.id, ())],
        }
