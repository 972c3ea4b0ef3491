"""Stored history scored by another set, beside what was published: who gains, and who loses."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from operator import attrgetter
from zoneinfo import ZoneInfo

from collector.documents import Document
from collector.facts import Cell
from collector.insight.recompute import replayed
from collector.insight.why import why
from collector.periods import iso, local, period_of
from collector.settings.model import SetSpec, Settings
from collector.store.boards import ScoreboardRow
from collector.store.rescored import Rescoring
from collector.store.store import Store
from scoring.changes import figure

_DECODER = json.JSONDecoder()
# How many units of a sum are 1.
_UNIT = 10**9
# What stood last of each subject: published, and rescored; None for what is gone.
Ends = tuple[dict[str, Document | None], dict[str, Document | None]]


class NothingToScoreError(ValueError):
    """No scoreboard was published in the range, or none of the set to compare with."""


@dataclass(frozen=True)
class Task:
    """Score by `spec` what was published in [from, until), and hold it against a live set."""

    spec: SetSpec
    live_id: str
    from_us: int
    until_us: int


def rescore(
    settings: Settings,
    store: Store,
    task: Task,
    tick: Callable[[int, int], None],
    *,
    now_us: int,
) -> Document:
    """Keep what comes out, and tell it beside what was published.

    The same task again gives the same rows, which are stored once, as made when they first were;
    held against another set they have another number. `tick` hears how many
    scoreboards of how many are done. NothingToScoreError where there is nothing to hold together.
    """
    rows = store.scoreboard_rows(task.from_us, task.until_us)
    if not rows:
        raise NothingToScoreError("no scoreboard was published in these days")
    first, last = rows[0].number, rows[-1].number
    live = _published(store, task.live_id, rows)
    if (task.live_id, "set") not in store.cells(last):
        raise NothingToScoreError(
            f"{task.live_id} was over before these days were: end them earlier"
        )
    changed = {}
    for done, (row, cells) in enumerate(replayed(settings, store, task.spec, rows), start=1):
        changed[row.number] = cells
        tick(done, len(rows))
    end_us = _end_us(store, task, rows)
    made = Rescoring(
        *(task.spec.scoring.digest, first, last, _result(changed)),
        live_id=task.live_id,
        until_us=end_us,
        made_us=now_us,
    )
    number = store.append_rescoring(made, task.spec.text, changed)
    kept = store.rescorings()[number]
    compared = _Course(rows, end_us).compared(live, changed, task.live_id, task.spec.id)
    return _document(store, number, kept, len(rows), compared)


def rescoring_document(
    store: Store, number: int, zone: ZoneInfo, live_id: str | None = None
) -> Document | None:
    """What `rescore` told of a stored rescoring, from what is stored; None where there is none.

    Of what was kept without the set that it was held against that is the one of its own id, else
    the first by id, that was in force then; and its last scoreboard counts until the next one, or
    the end of its local day. `live_id` is another set to hold it against.
    """
    kept = store.rescorings().get(number)
    if kept is None:
        return None
    rows = _rows(store, kept)
    changed: dict[int, list[Cell]] = {row.number: [] for row in rows}
    for at, cell in store.rescored_cells(number):
        changed[at].append(cell)
    set_id = next(cell.set_id for cells in changed.values() for cell in cells)
    live_id = live_id or live_of(store, kept, set_id)
    end_us = kept.until_us or _stood_until_us(store, rows[-1], zone)
    course, live = _Course(rows, end_us), _published(store, live_id, rows)
    compared = course.compared(live, changed, live_id, set_id)
    return _document(store, number, replace(kept, until_us=end_us), len(rows), compared)


def _document(
    store: Store, number: int, kept: Rescoring, count: int, compared: Document
) -> Document:
    ids = compared["live"]["id"], compared["set"]["id"]
    reasons = why(store, number, kept.last_number, ids)
    most = reasons.pop("most")
    return {
        "rescoring": number,
        "result": kept.result,
        "made_at": None if kept.made_us is None else iso(kept.made_us),
        "counted_until": None if kept.until_us is None else iso(kept.until_us),
        "scoreboards": {"first": kept.first_number, "last": kept.last_number, "count": count},
        **compared,
        "agencies": [one | {"most": most.get(one["id"])} for one in compared["agencies"]],
        "why": reasons,
    }


def _rows(store: Store, kept: Rescoring) -> list[ScoreboardRow]:
    ends = [store.scoreboard_row(number) for number in (kept.first_number, kept.last_number)]
    first_us, last_us = (one.published_us for one in ends if one is not None)
    between = range(kept.first_number, kept.last_number + 1)
    return [row for row in store.scoreboard_rows(first_us, last_us + 1) if row.number in between]


def live_of(store: Store, kept: Rescoring, set_id: str) -> str:
    """The set that it was held against; where that is not known, the likely one."""
    if kept.live_id is not None:
        return kept.live_id
    there = {each for each, subject in store.cells(kept.last_number) if subject == "set"}
    return set_id if set_id in there else min(there)


def _stood_until_us(store: Store, last: ScoreboardRow, zone: ZoneInfo) -> int:
    day = period_of("day", local(last.published_us, zone).date())
    following = store.scoreboard_row(last.number + 1)
    return min(day.until_us(zone), following.published_us if following else last.published_us)


def _result(changed: Mapping[int, Sequence[Cell]]) -> str:
    """The digest of one JSON array a line: number, set, subject, body."""
    told, text = sha256(), json.JSONEncoder(ensure_ascii=False).encode
    heads: dict[tuple[str, str], str] = {}
    for number, cells in sorted(changed.items()):
        for cell in sorted(cells, key=attrgetter("subject")):
            key = cell.set_id, cell.subject
            # Subjects come again and again.
            head = heads.get(key) or heads.setdefault(key, ", ".join(map(text, key)))
            told.update(f"[{number}, {head}, {text(cell.body)}]\n".encode())
    return f"sha256:{told.hexdigest()}"


def _published(
    store: Store, set_id: str, rows: Sequence[ScoreboardRow]
) -> Mapping[int, Sequence[Cell]]:
    """The live set's totals: all that stood in the first scoreboard, then what changed."""
    first, last = rows[0].number, rows[-1].number
    found: dict[int, list[Cell]] = {first: []}
    for (each, subject), body in store.cells(first).items():
        if each == set_id:
            found[first].append(Cell(each, subject, body))
    for number, cell in store.totals_between(set_id, first + 1, last):
        found.setdefault(number, []).append(cell)
    if not any(found.values()):
        raise NothingToScoreError(f"{set_id} was not in force in these days")
    return found


def _end_us(store: Store, task: Task, rows: Sequence[ScoreboardRow]) -> int:
    """Until when the last scoreboard of the range stood, as far as anyone knows."""
    newest = store.scoreboard_row() or rows[-1]
    return min(task.until_us, newest.published_us)


@dataclass
class _Course:
    """How two sets went beside each other over a range of scoreboards."""

    rows: Sequence[ScoreboardRow]
    end_us: int
    spans: dict[str, "_Span"] = field(default_factory=dict)

    def compared(
        self,
        live: Mapping[int, Sequence[Cell]],
        other: Mapping[int, Sequence[Cell]],
        live_id: str,
        set_id: str,
    ) -> Document:
        ends: Ends = ({}, {})
        for row in self.rows:
            # Most of what two sets say of a moment is the same, text by text.
            read: dict[str, Document] = {}
            for side, cells in enumerate((live.get(row.number, ()), other[row.number])):
                for subject, body in _told(cells, read):
                    self._take(subject, side, row.published_us, body)
                    # What a set was called is told though it ended meanwhile.
                    if body is not None or subject != "set":
                        ends[side][subject] = body
        for span in self.spans.values():
            span.pass_to(max(self.end_us, self.rows[-1].published_us))
        return self._document(ends, live_id, set_id)

    def _take(self, subject: str, side: int, at_us: int, body: Document | None) -> None:
        if subject != "set":
            span = self.spans.get(subject) or self.spans.setdefault(subject, _Span(at_us))
            span.take(side, at_us, None if body is None else body["score"])

    def _document(self, ends: Ends, live_id: str, set_id: str) -> Document:
        live, other = ends
        sets = [end["set"] or {} for end in ends]
        scale = Fraction(str(sets[0]["scale"])) / Fraction(str(sets[1]["scale"]))
        told = {
            one: self._entry(one, live.get(one), other.get(one), scale)
            for one in live.keys() | other.keys()
            if one != "set" and (live.get(one) or other.get(one))
        }
        agencies = [told[one] for one in sorted(told) if one.startswith("agency/")]
        agencies.sort(key=lambda one: (one["gain"] is None, -(one["gain"] or 0), one["id"]))
        return {
            "live": head_of(live_id, sets[0]),
            "set": head_of(set_id, sets[1]),
            "province": told["province"],
            "blocks": [told[one] for one in sorted(told) if one.startswith("block/")],
            "agencies": agencies,
        }

    def _entry(
        self, subject: str, live: Document | None, other: Document | None, scale: Fraction
    ) -> Document:
        span = self.spans[subject]
        sides = [_side(live, span.mean(0)), _side(other, span.mean(1))]
        body = other or live or {}
        return {
            "id": body.get("id"),
            **({"block": body["block"]} if "block" in body else {}),
            "name": body.get("name"),
            "live": sides[0],
            "rescored": sides[1],
            "gain": gain_of(sides[0]["score"], sides[1]["score"], scale),
            "mean_gain": gain_of(sides[0]["mean"], sides[1]["mean"], scale),
        }


@dataclass
class _Span:
    """A subject's two scores, and what they were over the time in which it had both.

    Sums are exact: of shown scores, which are whole multiples of 1e-9, in that unit.
    """

    since_us: int
    now: list[float | None] = field(default_factory=lambda: [None, None])
    sums: list[int] = field(default_factory=lambda: [0, 0])
    passed_us: int = 0

    def take(self, side: int, at_us: int, score: float | None) -> None:
        """From that moment on it has this score on that side."""
        if score != self.now[side]:
            self.pass_to(at_us)
            self.now[side] = score

    def pass_to(self, at_us: int) -> None:
        length_us, self.since_us = at_us - self.since_us, at_us
        live, other = self.now
        if live is not None and other is not None and length_us:
            self.passed_us += length_us
            self.sums[0] += _units(live) * length_us
            self.sums[1] += _units(other) * length_us

    def mean(self, side: int) -> float | None:
        """Weighted by how long each score stood; of a single moment, that moment's."""
        if self.passed_us:
            return figure(Fraction(self.sums[side], self.passed_us * _UNIT))
        return None if None in self.now else self.now[side]


def _units(score: float) -> int:
    return int(Decimal(repr(score)).scaleb(9))


def _told(
    cells: Sequence[Cell], read: dict[str, Document]
) -> Iterator[tuple[str, Document | None]]:
    """Of the set, the province, its blocks and its agencies; None for what is gone."""
    for cell in cells:
        head, _, rest = cell.subject.partition("/")
        if head == "indicator" or "/" in rest:
            continue
        text = cell.body
        if text is not None and text not in read:
            read[text] = _DECODER.decode(text)
        yield cell.subject, None if text is None else read[text]


def head_of(set_id: str, body: Document) -> Document:
    return {"id": set_id, "digest": body["digest"], "scale": body["scale"], "name": body["name"]}


def _side(body: Document | None, mean: float | None) -> Document:
    return {
        "score": body["score"] if body else None,
        "band": body["band"] if body else None,
        "rank": body.get("rank") if body else None,
        "mean": mean,
    }


def gain_of(live: float | None, other: float | None, scale: Fraction) -> float | None:
    """On the live set's scale."""
    if live is None or other is None:
        return None
    return figure(Fraction(str(other)) * scale - Fraction(str(live)))
