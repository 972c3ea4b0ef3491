"""The headline of a province or an agency: its score, where it stands, and how sure that is."""

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from collector.documents import Document
from collector.web.current import Current
from collector.web.past import Moment
from collector.web.views.picture import Captions, spark, trend
from collector.web.views.plot import Point, axis_of
from collector.web.words.voice import Shown, Voice

_COLOURS = 4


@dataclass(frozen=True, slots=True)
class Band:
    """`index` counts from the best, 0; `steps` is how many bands there are; `colour` 1 to 4."""

    id: str
    name: str
    start: float
    index: int
    steps: int

    @property
    def filled(self) -> int:
        return self.steps - self.index

    @property
    def colour(self) -> int:
        return 1 + (self.index * (_COLOURS - 1) // (self.steps - 1) if self.steps > 1 else 0)


@dataclass(frozen=True, slots=True)
class Headline:
    score: Shown | None
    scale: str
    band: Band | None
    short: str | None
    bounds: Shown | None
    because: str | None
    change: Shown | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """A row of a picture's table."""

    at_us: int
    score: str | None
    bounds: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    svg: Markup
    note: str
    rows: tuple[Numbers, ...]


def bands_of(head: Document, voice: Voice) -> tuple[Band, ...]:
    """Best first."""
    ordered = sorted(head["bands"], key=lambda band: -band["from"])
    return tuple(
        Band(band["id"], voice.name(band["name"]), band["from"], index, len(ordered))
        for index, band in enumerate(ordered)
    )


def band_with(bands: tuple[Band, ...], band_id: str | None) -> Band | None:
    return next((band for band in bands if band.id == band_id), None)


def headline(one: Current, voice: Voice, body: Document, subject: str, unsure: int) -> Headline:
    """`body` is the document of the subject; `unsure` counts the figures behind wide bounds."""
    digits = one.head["digits"]
    bands = bands_of(one.head, voice)
    band = band_with(bands, body["band"])
    change = one.edition.change(one.set_id, subject)
    bounds = bounds_of(body, voice, subject, digits)
    return Headline(
        score=shown_score(body["score"], voice, subject, digits),
        scale=voice.say("of_scale", scale=voice.count(one.head["scale"])),
        band=band,
        short=_short(body["score"], band, bands, voice, digits),
        bounds=bounds,
        because=voice.say("because", count=unsure) if bounds and unsure else None,
        change=shown_change(change, voice, subject, digits),
    )


def shown_score(score: float | None, voice: Voice, subject: str, digits: int) -> Shown | None:
    if score is None:
        return None
    return Shown(f"{subject}/score", score, voice.score(score, digits))


def shown_change(change: float | None, voice: Voice, subject: str, digits: int) -> Shown | None:
    if change is None:
        return None
    return Shown(f"{subject}/change", change, voice.change(change, digits))


def bounds_of(body: Document, voice: Voice, subject: str, digits: int) -> Shown | None:
    """What the score could be, where that is more than the score itself."""
    low, high = body["low"], body["high"]
    if low is None or high is None or low == body["score"] == high:
        return None
    return Shown(f"{subject}/low", low, voice.span(low, high, digits))


def picture_of(
    one: Current,
    voice: Voice,
    line: tuple[Moment, ...],
    name: str,
    band: Band | None,
    *,
    hollow: bool,
) -> Picture | None:
    """The score over time with the next band's limit; None before there are two moments."""
    scored = [moment for moment in line if moment.score is not None]
    if len(line) <= 1 or not scored:
        return None
    head, digits = one.head, one.head["digits"]
    points = [Point(moment.at_us, moment.score, moment.low, moment.high) for moment in line]
    axis = axis_of(points, head["scale"])
    aim = _next_band(band, bands_of(head, voice))
    notes = [voice.say("picture_note")] if any(one.low != one.high for one in line) else []
    if aim:
        notes.append(voice.say("picture_line", band=aim.name, start=voice.count(aim.start)))
    return Picture(
        trend(
            points,
            axis,
            [voice.count(value) for value in axis.lines],
            _captions(voice, line, scored, name, digits, aim),
            mark=aim.start if aim else None,
            hollow=hollow,
        ),
        " ".join(notes),
        tuple(_numbers(moment, voice, digits) for moment in line),
    )


def spark_of(voice: Voice, recent: tuple[Moment, ...], digits: int) -> Markup:
    points = [Point(moment.at_us, moment.score) for moment in recent]
    scores = [moment.score for moment in recent if moment.score is not None]
    if not scores:
        return Markup("")
    first, last = voice.score(scores[0], digits), voice.score(scores[-1], digits)
    return spark(points, voice.say("spark", first=first, last=last))


def _short(
    score: float | None, band: Band | None, bands: tuple[Band, ...], voice: Voice, digits: int
) -> str | None:
    aim = _next_band(band, bands)
    if score is None or aim is None or aim is band:
        return None
    gap = float(Decimal(str(aim.start)) - Decimal(str(score)))
    return voice.say("short_of", points=voice.score(gap, digits), band=aim.name)


def _next_band(band: Band | None, bands: tuple[Band, ...]) -> Band | None:
    """The band above, or the best one itself."""
    if not bands:
        return None
    return bands[-1] if band is None else bands[max(0, band.index - 1)]


def _captions(
    voice: Voice,
    line: tuple[Moment, ...],
    scored: list[Moment],
    name: str,
    digits: int,
    aim: Band | None,
) -> Captions:
    scores = [moment.score for moment in scored if moment.score is not None]
    missing = len(line) - len(scored)
    first, last = _day_us(line[0]), _day_us(line[-1])
    desc = voice.say(
        "picture_desc",
        from_score=voice.score(scores[0], digits),
        to_score=voice.score(scores[-1], digits),
        least=voice.score(min(scores), digits),
        most=voice.score(max(scores), digits),
        gaps=voice.say("picture_gaps", count=missing) if missing else "",
    )
    return Captions(
        title=voice.say("picture_title", name=name, first=voice.day(first), last=voice.day(last)),
        desc=desc.strip(),
        last=voice.score(scores[-1], digits),
        gap=voice.say("none"),
        ticks=(
            voice.short_day(first),
            voice.short_day((first + last) // 2),
            voice.short_day(last),
        ),
        mark=aim.name if aim else None,
    )


def _numbers(moment: Moment, voice: Voice, digits: int) -> Numbers:
    same = moment.low is None or moment.high is None or moment.low == moment.score == moment.high
    return Numbers(
        _day_us(moment),
        None if moment.score is None else voice.score(moment.score, digits),
        None if same else voice.span(moment.low or 0, moment.high or 0, digits),
    )


def _day_us(moment: Moment) -> int:
    """An instant of the day that the moment ends."""
    return moment.at_us - 1
