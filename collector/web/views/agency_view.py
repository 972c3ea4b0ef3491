"""An agency's page: my score, what moved it, and where every figure comes from."""

from dataclasses import dataclass

from collector.documents import Document
from collector.insight.wording import state_word
from collector.store.errors import StoreError
from collector.web.current import Current
from collector.web.parts import parts_of
from collector.web.past import Past
from collector.web.views.headline import Band, Headline, Picture, bands_of, headline, picture_of
from collector.web.views.province_view import ranks_of
from collector.web.words.voice import Shown, Voice, us_of
from scoring.model import Status

_TROUBLED = {"stale", "held", "missing", "not_connected"}


@dataclass(frozen=True, slots=True)
class InputRow:
    """A raw figure behind an indicator; `word` is in the source's own language."""

    name: str
    text: str | None
    word: str | None
    source: str | None
    data_us: int | None


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    id: str
    name: str
    value: Shown | None
    word: str | None  # a state in its source's own word
    parts: str | None
    target: str | None
    stepped: bool  # points come by steps or by yes and no, towards no single number
    points: Shown | None
    points_max: str | None  # None where the indicator is shown, not scored
    points_span: str | None
    status: Status
    why: str | None
    sources: tuple[tuple[str, str], ...]  # name, owner
    data_us: int | None
    inputs: tuple[InputRow, ...]


@dataclass(frozen=True, slots=True)
class GroupTable:
    id: str
    name: str
    points: Shown | None
    points_max: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True)
class AgencyView:
    id: str
    title: str
    block: str
    headline: Headline
    rank: Shown | None
    rank_text: str | None
    ranks: str | None
    coverage: Shown | None
    groups: tuple[GroupTable, ...]
    troubled: int
    picture: Picture | None
    away: bool
    bands: tuple[Band, ...]


def agency_view(one: Current, voice: Voice, agency: str, past: Past) -> AgencyView:
    document = one.agency(agency)
    subject = f"agency/{agency}"
    groups = tuple(_group(one, voice, document, group) for group in document["groups"])
    troubled = sum(row.status in _TROUBLED for group in groups for row in group.rows)
    name = voice.name(document["name"])
    top = headline(one, voice, document, subject, troubled)
    picture, away = _picture(one, voice, past, subject, name, top.band, hollow=troubled > 0)
    rank, coverage = document["rank"], document["coverage"]
    span = ranks_of(document)
    return AgencyView(
        id=agency,
        title=name,
        block=voice.name(one.settings.blocks[document["block"]].name),
        headline=top,
        rank=None if rank is None else Shown(f"{subject}/rank", rank, str(rank)),
        rank_text=None
        if rank is None
        else voice.say("rank_of", rank=rank, count=_count(one, document["block"])),
        ranks=None if span is None else voice.say("rank_possible", span=span),
        coverage=None
        if coverage is None
        else Shown(f"{subject}/coverage", coverage, voice.percent_target(coverage)),
        groups=groups,
        troubled=troubled,
        picture=picture,
        away=away,
        bands=bands_of(one.head, voice),
    )


def _picture(
    one: Current,
    voice: Voice,
    past: Past,
    subject: str,
    name: str,
    band: Band | None,
    *,
    hollow: bool,
) -> tuple[Picture | None, bool]:
    try:
        line = past.line(one, subject)
    except StoreError:
        return None, True
    return picture_of(one, voice, line, name, band, hollow=hollow), False


def _count(one: Current, block: str) -> int:
    agencies = one.head["agencies"]
    return sum(one.settings.agencies[agency].block == block for agency in agencies)


def _group(one: Current, voice: Voice, document: Document, group: Document) -> GroupTable:
    digits = one.head["digits"]
    key = f"agency/{document['id']}/group/{group['id']}/points"
    return GroupTable(
        id=group["id"],
        name=voice.name(group["name"]),
        points=None
        if group["points"] is None or not group["points_max"]
        else Shown(key, group["points"], voice.score(group["points"], digits)),
        points_max=voice.count(group["points_max"]),
        rows=tuple(_indicator(one, voice, document, entry) for entry in group["indicators"]),
    )


def _indicator(one: Current, voice: Voice, document: Document, entry: Document) -> IndicatorRow:
    subject = f"agency/{document['id']}/{entry['id']}"
    data_us = us_of(entry["data_at"]) if entry["data_at"] else None
    maximum = _declared_max(one, entry["id"])
    return IndicatorRow(
        id=entry["id"],
        name=voice.name(entry["name"]),
        value=_value(voice, subject, entry),
        word=_word(one, entry, entry["value"]),
        parts=_parts(one, voice, entry),
        target=_target(one, voice, entry),
        stepped=entry["target"] is None and maximum > 0 and entry["unit"] != "state",
        points=_points(one, voice, subject, entry),
        points_max=voice.count(entry["points_max"] or maximum) if maximum else None,
        points_span=_points_span(one, voice, entry),
        status=entry["status"],
        why=_why(one, voice, entry),
        sources=_sources(one, voice, entry),
        data_us=data_us,
        inputs=tuple(_input(one, voice, given) for given in entry["inputs"]),
    )


def _declared_max(one: Current, indicator: str) -> float:
    return next(
        float(entry["points_max"]) for entry in one.head["indicators"] if entry["id"] == indicator
    )


def _value(voice: Voice, subject: str, entry: Document) -> Shown | None:
    value = entry["value"]
    if value is None:
        return None
    text = voice.percent(value) if entry["unit"] == "ratio" else voice.count(value)
    return Shown(f"{subject}/value", value, text)


def _word(one: Current, entry: Document, number: float | None) -> str | None:
    """A state's own word for a number, where the indicator is a single state."""
    if entry["unit"] != "state" or len(entry["inputs"]) != 1 or number is None:
        return None
    return state_word(one.settings.metrics[entry["inputs"][0]["metric"]], number)


def _parts(one: Current, voice: Voice, entry: Document) -> str | None:
    spec = next((spec for spec in one.settings.sets if spec.id == one.set_id), None)
    found = [each for each in spec.scoring.indicators if each.id == entry["id"]] if spec else []
    values = {
        given["metric"]: given["value"] for given in entry["inputs"] if given["value"] is not None
    }
    parts = parts_of(found[0].formula.text, values) if found else None
    return None if parts is None else " / ".join(voice.count(part) for part in parts)


def _target(one: Current, voice: Voice, entry: Document) -> str | None:
    """As the value beside it is written: per cent, a state's word, or a number."""
    target = entry["target"]
    if target is None:
        return None
    if entry["unit"] == "ratio":
        return voice.percent_target(target)
    return _word(one, entry, target) or voice.count(target)


def _points(one: Current, voice: Voice, subject: str, entry: Document) -> Shown | None:
    points = entry["points"]
    if points is None:
        return None
    return Shown(f"{subject}/points", points, voice.score(points, one.head["digits"]))


def _points_span(one: Current, voice: Voice, entry: Document) -> str | None:
    low, high = entry["points_low"], entry["points_high"]
    if low is None or high is None or low == entry["points"] == high:
        return None
    return voice.say("points_possible", span=voice.span(low, high, one.head["digits"]))


def _why(one: Current, voice: Voice, entry: Document) -> str | None:
    status = entry["status"]
    if status == "ok":
        return None
    if status == "stale":
        return voice.say("stale_why", limit=voice.duration(_limit_us(one, entry)))
    if status == "missing":
        return voice.say(f"missing_{one.head['missing']}")
    return voice.say(f"{status}_why")


def _limit_us(one: Current, entry: Document) -> int:
    """The shortest age that makes one of the inputs stale."""
    return min(
        (
            one.settings.metrics[given["metric"]].stale_after_us
            or one.settings.sources[given["source"]].freshness.stale_after_us
            for given in entry["inputs"]
            if given["source"] in one.settings.sources
        ),
        default=0,
    )


def _sources(one: Current, voice: Voice, entry: Document) -> tuple[tuple[str, str], ...]:
    ids = dict.fromkeys(given["source"] for given in entry["inputs"] if given["source"])
    known = (one.settings.sources[source] for source in ids)
    return tuple((voice.name(source.name), source.owner) for source in known)


def _input(one: Current, voice: Voice, given: Document) -> InputRow:
    metric = one.settings.metrics[given["metric"]]
    source = one.settings.sources.get(given["source"] or "")
    value = given["value"]
    return InputRow(
        name=voice.name(metric.name),
        text=None if value is None else voice.count(value),
        word=None if value is None else state_word(metric, value),
        source=None if source is None else voice.name(source.name),
        data_us=us_of(given["data_at"]) if given["data_at"] else None,
    )
