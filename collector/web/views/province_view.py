"""The province's page: where it stands, who falls behind, and how sure that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from collector.documents import Document
from collector.insight.level import Level
from collector.sources import SourceView
from collector.store.errors import StoreError
from collector.web.current import Current
from collector.web.links import Here, SortKey
from collector.web.past import Moment, Past, weeks
from collector.web.views.headline import (
    Band,
    Headline,
    Picture,
    band_with,
    bands_of,
    bounds_of,
    headline,
    picture_of,
    shown_change,
    shown_score,
    spark_of,
)
from collector.web.views.level_view import RankingView, oldest_of, ranking_view
from collector.web.views.ratios import Ratio, met_of, ratios_of
from collector.web.views.sorting import by_name, in_order
from collector.web.words.voice import Shown, Voice
from scoring.model import STATUSES, Status

# What is wrong with an agency's figures, in the order in which it is told.
_TROUBLES: tuple[Status, ...] = ("stale", "held", "missing", "not_connected")


@dataclass(frozen=True, slots=True)
class Row:
    """An agency in the ranked table."""

    id: str
    name: str
    href: str
    rank: Shown | None
    band: Band | None
    score: Shown | None
    coverage: Shown | None
    bounds: Shown | None
    ranks: str | None
    change: Shown | None
    spark: Markup
    troubles: tuple[tuple[Status, int], ...]
    oldest_us: int | None


@dataclass(frozen=True, slots=True)
class BlockTable:
    id: str
    name: str
    score: Shown | None
    bounds: Shown | None
    band: Band | None
    scored: str
    rows: tuple[Row, ...]
    unsure: bool  # whether any row has bounds to show
    sparks: bool


@dataclass(frozen=True, slots=True)
class ProvinceView:
    title: str
    headline: Headline
    blocks: tuple[BlockTable, ...]
    ratios: tuple[Ratio, ...]
    ratios_met: str | None
    picture: Picture | None
    away: bool  # whether the store could not be read
    bands: tuple[Band, ...]
    sorts: tuple[tuple[SortKey, str, str, bool], ...]  # key, word, link, whether it is in force
    ranking: RankingView


def province_view(
    one: Current,
    voice: Voice,
    here: Here,
    past: Past,
    sources: tuple[SourceView, ...],
    level: Level | None = None,
) -> ProvinceView:
    """With a level ranking the tables are its own; all else stays that of the scoreboard."""
    document = one.scoreboard()
    ranked = one if level is None else replace(one, edition=level.edition)
    oldest = _oldest(one) if level is None else oldest_of(level)
    lines, away = _lines(one, past, document)
    troubles = {agency["id"]: _troubles(one, agency["id"]) for agency in document["agencies"]}
    body = one.edition.body(one.set_id, "province") or {}
    name = voice.name(body["name"])
    unsure = sum(count for each in troubles.values() for _, count in each)
    top = headline(one, voice, document["province"], "province", unsure)
    ratios = tuple(ratios_of(one, voice, document))
    late = any(view.state != "fresh" for view in sources)
    return ProvinceView(
        title=f"{name}, {voice.period(document['period'])}",
        headline=top,
        blocks=tuple(
            _block(ranked, voice, here, block, lines, oldest)
            for block in _blocks(ranked, ranked.scoreboard())
        ),
        ratios=ratios,
        ratios_met=met_of(ratios, voice),
        picture=picture_of(one, voice, lines.get("province", ()), name, top.band, hollow=late),
        away=away,
        bands=bands_of(one.head, voice),
        sorts=_sorts(voice, here),
        ranking=ranking_view(one, voice, here, level),
    )


def _lines(
    one: Current, past: Past, document: Document
) -> tuple[Mapping[str, tuple[Moment, ...]], bool]:
    """Each subject's scores over time, and whether the store was away."""
    subjects = ["province", *(f"agency/{agency['id']}" for agency in document["agencies"])]
    try:
        return {subject: past.line(one, subject) for subject in subjects}, False
    except StoreError:
        return {}, True


def _troubles(one: Current, agency: str) -> tuple[tuple[Status, int], ...]:
    """How many of an agency's indicators are not what they should be, by status."""
    counts = dict.fromkeys(STATUSES, 0)
    for indicator in one.head["indicators"]:
        cell = one.edition.body(one.set_id, f"agency/{agency}/{indicator['id']}")
        if cell is not None:
            counts[cell["status"]] += 1
    return tuple((status, counts[status]) for status in _TROUBLES if counts[status])


def _blocks(one: Current, document: Document) -> list[Document]:
    """All blocks with agencies, those without a score too."""
    scored = {block["id"]: block for block in document["blocks"]}
    filled = {agency["block"] for agency in document["agencies"]}
    nothing = {"score": None, "low": None, "high": None, "band": None, "agencies_scored": 0}
    return [
        scored.get(block["id"], block | nothing)
        for block in one.head["blocks"]
        if block["id"] in filled
    ]


def _block(
    one: Current,
    voice: Voice,
    here: Here,
    block: Document,
    lines: Mapping[str, tuple[Moment, ...]],
    oldest: Mapping[str, int],
) -> BlockTable:
    digits = one.head["digits"]
    agencies = [each for each in one.scoreboard()["agencies"] if each["block"] == block["id"]]
    bands = bands_of(one.head, voice)
    rows = [
        _row(
            one,
            voice,
            here,
            agency,
            bands,
            weeks(lines.get(f"agency/{agency['id']}", ())),
            _troubles(one, agency["id"]),
            oldest.get(agency["id"]),
        )
        for agency in agencies
    ]
    subject = f"block/{block['id']}"
    return BlockTable(
        id=block["id"],
        name=voice.name(block["name"]),
        score=shown_score(block["score"], voice, subject, digits),
        bounds=bounds_of(block, voice, subject, digits),
        band=band_with(bands, block["band"]),
        scored=voice.say("scored_of", scored=block["agencies_scored"], count=len(agencies)),
        rows=tuple(_sorted(rows, here)),
        unsure=any(row.bounds or row.ranks for row in rows),
        sparks=any(row.spark for row in rows),
    )


def _row(
    one: Current,
    voice: Voice,
    here: Here,
    agency: Document,
    bands: tuple[Band, ...],
    recent: tuple[Moment, ...],
    troubles: tuple[tuple[Status, int], ...],
    oldest_us: int | None,
) -> Row:
    digits, subject = one.head["digits"], f"agency/{agency['id']}"
    rank, coverage = agency["rank"], agency["coverage"]
    return Row(
        id=agency["id"],
        name=voice.name(agency["name"]),
        href=here.to(f"/agencies/{agency['id']}"),
        rank=None if rank is None else Shown(f"{subject}/rank", rank, str(rank)),
        band=band_with(bands, agency["band"]),
        score=shown_score(agency["score"], voice, subject, digits),
        coverage=None
        if coverage is None
        else Shown(f"{subject}/coverage", coverage, voice.percent_target(coverage)),
        bounds=bounds_of(agency, voice, subject, digits),
        ranks=ranks_of(agency),
        change=shown_change(agency["change"], voice, subject, digits),
        spark=spark_of(voice, recent, digits),
        troubles=troubles,
        oldest_us=oldest_us,
    )


def ranks_of(agency: Document) -> str | None:
    """The ranks that are possible, where that is more than one."""
    best, worst = agency["rank_best"], agency["rank_worst"]
    if best is None or worst is None or best == worst:
        return None
    return f"{best}–{worst}"


def _oldest(one: Current) -> dict[str, int]:
    """The data time of each agency's oldest figure that counts in the set."""
    plan = next(plan for plan in one.published.view.plans if plan.spec.id == one.set_id)
    wanted = {metric.id for metric in plan.metrics}
    oldest: dict[str, int] = {}
    for series, reading in one.published.known.readings.items():
        if series.metric in wanted and series.period in {"", plan.period.id}:
            oldest[series.agency] = min(oldest.get(series.agency, reading.data_us), reading.data_us)
    return oldest


def _sorted(rows: list[Row], here: Here) -> list[Row]:
    if here.sort == "name":
        return by_name(rows, lambda row: row.name, descending=here.descending)
    return in_order(rows, _KEYS[here.sort], lambda row: row.name, descending=here.descending)


def _raw(shown: Shown | None) -> float | None:
    return None if shown is None else shown.raw


_KEYS: Mapping[SortKey, Callable[[Row], float | None]] = {
    "rank": lambda row: _raw(row.rank),
    "score": lambda row: _raw(row.score),
    "coverage": lambda row: _raw(row.coverage),
    "change": lambda row: _raw(row.change),
}


def _sorts(voice: Voice, here: Here) -> tuple[tuple[SortKey, str, str, bool], ...]:
    words: tuple[tuple[SortKey, str], ...] = (
        ("rank", "by_rank"),
        ("name", "by_name"),
        ("score", "by_score"),
        ("coverage", "by_coverage"),
        ("change", "change_short"),
    )
    return tuple(
        (key, voice.say(word), here.sorted_by(key), key == here.sort) for key, word in words
    )
