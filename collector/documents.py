"""The JSON documents that API, commands and pages share, assembled from a scoreboard's bodies.

The same functions serve the published scoreboard and any stored one: both are bodies by subject.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from collector.cells import Bodies
from collector.facts import Admitted, Reading, Restated, Run, Sample, Series, StoredRun
from collector.periods import iso, local, period_of
from collector.settings.model import SetSpec, Settings
from collector.store.store import Store
from connectors.base import Request
from scoring.formula import Formula

Document = dict[str, Any]


@dataclass(frozen=True)
class Edition:
    """A numbered scoreboard as its bodies; `baseline` are those of the day before, if any."""

    number: int
    published_us: int
    data_us: int | None
    bodies: Bodies
    baseline: Bodies

    def set_ids(self) -> tuple[str, ...]:
        return tuple(sorted(set_id for set_id, subject in self.bodies if subject == "set"))

    def body(self, set_id: str, subject: str) -> Document | None:
        return _parsed(self.bodies, set_id, subject)

    def change(self, set_id: str, subject: str, figure: str = "score") -> float | None:
        """A figure now less that of the baseline, where both speak of one set and period."""
        now, then = self.body(set_id, subject), self.before(set_id, subject)
        if now is None or then is None or None in (now[figure], then[figure]):
            return None
        return float(Decimal(str(now[figure])) - Decimal(str(then[figure])))

    def before(self, set_id: str, subject: str) -> Document | None:
        """The baseline's body, where it speaks of the same set and period."""
        return _parsed(self.baseline, set_id, subject) if self._comparable(set_id) else None

    def _comparable(self, set_id: str) -> bool:
        now, then = self.body(set_id, "set"), _parsed(self.baseline, set_id, "set")
        if now is None or then is None:
            return False
        return bool(now["digest"] == then["digest"] and now["period"] == then["period"])


def scoreboard_document(edition: Edition, set_id: str) -> Document:
    """The whole board of one set; KeyError when the edition does not hold it."""
    head = _required(edition, set_id, "set")
    agencies = [_agency_entry(edition, set_id, agency) for agency in head["agencies"]]
    order = [block["id"] for block in head["blocks"]]
    agencies.sort(key=lambda one: (order.index(one["block"]), one["rank"] or len(agencies) + 1))
    blocks = (edition.body(set_id, f"block/{block}") for block in order)
    province = _required(edition, set_id, "province")
    return {
        **header_of(edition, set_id, head),
        "province": {key: province[key] for key in ("id", "score", "low", "high", "band")},
        "blocks": [block for block in blocks if block is not None],
        "agencies": agencies,
        "indicators": [
            _required(edition, set_id, f"indicator/{one['id']}") for one in head["indicators"]
        ],
    }


def agency_document(
    edition: Edition,
    set_id: str,
    agency: str,
    *,
    settings: Settings,
    readings: Mapping[Series, Reading],
    sources: Mapping[tuple[str, str], str],
) -> Document:
    """One agency's entry with its indicators by group and the readings they came from.

    `sources` names the source of each (metric, agency).
    """
    head = _required(edition, set_id, "set")
    spec = next((one for one in settings.sets if one.id == set_id), None)
    shown = [
        _indicator_entry(
            _required(edition, set_id, f"agency/{agency}/{one['id']}"),
            _inputs(spec, one["id"], agency, head["period"]["id"], settings, readings, sources),
        )
        | {"group": one["group"], "name": one["name"], "unit": one["unit"]}
        for one in head["indicators"]
    ]
    return {
        **_agency_entry(edition, set_id, agency),
        **header_of(edition, set_id, head),
        "groups": [_group_entry(group, shown) for group in head["groups"]],
    }


def _required(edition: Edition, set_id: str, subject: str) -> Document:
    body = edition.body(set_id, subject)
    if body is None:
        raise KeyError(f"{set_id}: {subject}")
    return body


def _parsed(bodies: Bodies, set_id: str, subject: str) -> Document | None:
    text = bodies.get((set_id, subject))
    return None if text is None else json.loads(text)


def header_of(edition: Edition, set_id: str, head: Document) -> Document:
    return {
        "number": edition.number,
        "published_at": iso(edition.published_us),
        "data_at": None if edition.data_us is None else iso(edition.data_us),
        "set": {"id": set_id, "digest": head["digest"], "scale": head["scale"]},
        "period": head["period"],
    }


def _agency_entry(edition: Edition, set_id: str, agency: str) -> Document:
    subject = f"agency/{agency}"
    body = _required(edition, set_id, subject)
    change = edition.change(set_id, subject)
    return body | {"rank_certain": rank_certain(body), "change": change}


def rank_certain(agency: Document) -> bool:
    """Whether it has a rank that nothing which could still come would change."""
    rank, best, worst = agency["rank"], agency["rank_best"], agency["rank_worst"]
    return rank is not None and best == worst


def _group_entry(group: Document, shown: list[Document]) -> Document:
    mine = [one for one in shown if one["group"] == group["id"]]
    known = [one["points"] for one in mine if one["points"] is not None]
    return {
        "id": group["id"],
        "name": group["name"],
        "points": float(sum(Decimal(str(points)) for points in known)) if known else None,
        "points_max": float(sum(Decimal(str(one["points_max"])) for one in mine)),
        "indicators": mine,
    }


def _indicator_entry(cell: Document, inputs: list[Document]) -> Document:
    data = [one["data_at"] for one in inputs if one["data_at"]]
    known = [one["known_at"] for one in inputs if one["known_at"]]
    return cell | {
        "data_at": min(data, default=None),
        "known_at": max(known, default=None),
        "inputs": inputs,
    }


def _inputs(
    spec: SetSpec | None,
    indicator: str,
    agency: str,
    period: str,
    settings: Settings,
    readings: Mapping[Series, Reading],
    sources: Mapping[tuple[str, str], str],
) -> list[Document]:
    one = (
        next((one for one in spec.scoring.indicators if one.id == indicator), None)
        if spec
        else None
    )
    if one is None:
        return []
    return [
        _input_entry(name, agency, period, settings, readings, sources)
        for name in _in_order(one.formula)
    ]


def _in_order(formula: Formula) -> list[str]:
    """The metrics as they are written, numerator before denominator."""
    written = dict.fromkeys(re.findall(r"[A-Za-z_]\w*", formula.text))
    return [name for name in written if name in formula.metrics]


def _input_entry(
    metric: str,
    agency: str,
    period: str,
    settings: Settings,
    readings: Mapping[Series, Reading],
    sources: Mapping[tuple[str, str], str],
) -> Document:
    total = settings.metrics[metric].kind == "period_total"
    reading = readings.get(Series(metric, agency, period if total else ""))
    source = settings.sources.get(sources.get((metric, agency), ""))
    return {
        "metric": metric,
        "value": None if reading is None else float(reading.value),
        "source": None if source is None else source.id,
        "owner": None if source is None else source.owner,
        "data_at": None if reading is None else iso(reading.data_us),
        "known_at": None if reading is None else iso(reading.known_us),
        "run": None if reading is None else reading.run_id,
    }


def request_entry(request: Request) -> Document:
    return {
        "method": request.method,
        "url": request.url,
        "status": request.status,
        "bytes": request.bytes,
        "rows": request.rows,
        "seconds": round(request.seconds, 3),
    }


def run_entry(run: StoredRun) -> Document:
    """How a stored run went, wherever it is listed."""
    return {
        "id": run.id,
        "due_at": iso(run.due_us),
        "began_at": iso(run.began_us),
        "ended_at": iso(run.ended_us),
        "outcome": run.outcome,
        "reason": run.error_reason,
        "message": run.message,
        "received": run.received,
        "declared": run.declared,
        "admitted": run.admitted,
        "refused": run.refused,
    }


def run_document(run: Run) -> Document:
    """What one pull brought, as `chiso pull --json` prints it."""
    failed = run.outcome in {"failed", "interrupted"}
    error = {"reason": run.error_reason or "source", "message": run.message or ""}
    if run.outcome == "held":
        error = {"reason": "held", "message": run.message or ""}
    return {
        "source": run.source,
        "outcome": "failed" if failed else run.outcome,
        "error": error if failed or run.outcome == "held" else None,
        "observations": [_fact_entry(fact) for fact in run.admitted],
        "refused": [
            {"reason": one.reason, "where": one.where, "got": one.got} for one in run.refusals
        ],
        "requests": [request_entry(one) for one in run.requests],
        "restated": [_restated_entry(one) for one in run.restated],
    }


def _restated_entry(one: Restated) -> Document:
    return {
        "metric": one.series.metric,
        "agency": one.series.agency,
        "period": one.series.period,
        "from": float(one.before),
        "to": float(one.after),
    }


def _fact_entry(fact: Admitted) -> Document:
    return {
        "metric": fact.series.metric,
        "agency": fact.series.agency,
        "period": fact.series.period or None,
        "data_at": iso(fact.data_us),
        "value": None if fact.value is None else float(fact.value),
    }


def stored_edition(store: Store, zone: ZoneInfo, number: int | None = None) -> Edition | None:
    """A scoreboard as the store has it, the newest by default; None where there is none."""
    row = store.scoreboard_row(number)
    if row is None:
        return None
    day = period_of("day", local(row.published_us, zone).date())
    before = store.number_at(day.start_us(zone))
    baseline = {} if before is None else store.cells(before)
    return Edition(row.number, row.published_us, row.data_us, store.cells(row.number), baseline)


def history_document(
    samples: Sequence[Sample], agency: str, indicator: str | None, unit: str
) -> Document:
    """An indicator's history, or, without one, that of the agency's score."""
    return {
        "agency": agency,
        "indicator": indicator,
        "unit": unit,
        "samples": [_sample_entry(sample, scored=indicator is None) for sample in samples],
    }


def _sample_entry(sample: Sample, *, scored: bool) -> Document:
    body = {} if sample.body is None else json.loads(sample.body)
    return {
        "at": None if sample.data_us is None else iso(sample.data_us),
        "known_at": iso(sample.published_us),
        "value": body.get("score" if scored else "value"),
        "points": None if scored else body.get("points"),
        "status": None if scored else body.get("status"),
    }
