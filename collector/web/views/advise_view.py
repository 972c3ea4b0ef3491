"""The agency's section on what it would take: by indicator, the nearest goals and their ways."""

from dataclasses import dataclass

from collector.documents import Document
from collector.web.words.voice import Voice


@dataclass(frozen=True, slots=True)
class AdviceRow:
    id: str
    name: str
    room: str  # what all its points would add
    ways: tuple[str, ...]
    far: str | None  # the goals that it does not reach alone


@dataclass(frozen=True, slots=True)
class AdviceView:
    title: str
    short: tuple[str, ...]
    nothing: str | None
    rows: tuple[AdviceRow, ...]


def advise_view(voice: Voice, document: Document, digits: int) -> AdviceView:
    """Those that would add most come first."""
    band = document["next_band"]
    ordered = sorted(document["indicators"], key=lambda one: -one["gain_max"])
    title = (
        voice.say("advise_more")
        if band is None
        else voice.say("advise_band", band=voice.name(band["name"]))
    )
    nothing = document["nothing"]
    return AdviceView(
        title=title,
        short=tuple(_short(voice, document, digits)),
        nothing=None if nothing is None else nothing[voice.language],
        rows=tuple(_row(voice, one, digits) for one in ordered),
    )


def _short(voice: Voice, document: Document, digits: int) -> list[str]:
    band, rank, days = document["next_band"], document["next_rank"], document["days"]
    lines = []
    if band is not None:
        points = voice.score(band["short"], digits)
        lines.append(voice.say("short_of", points=points, band=voice.name(band["name"])))
    if rank is not None:
        points = voice.score(rank["short"], digits)
        lines.append(voice.say("short_of_rank", points=points, rank=rank["rank"]))
    key = "day_left" if days["left"] == 1 else "days_left"
    return [*lines, voice.say(key, left=days["left"], working=days["working"])]


def _row(voice: Voice, one: Document, digits: int) -> AdviceRow:
    language = voice.language
    far = [goal["wanted"][language] for goal in one["goals"] if not goal["options"]]
    ways = [goal["words"][language] for goal in one["goals"] if goal["options"]]
    if one["blocked"] is not None:
        ways.append(one["blocked"][language])
    return AdviceRow(
        id=one["id"],
        name=voice.name(one["name"]),
        room=voice.change(one["gain_max"], digits),
        ways=tuple(ways),
        far=voice.say("not_alone", goals=", ".join(far)) if far else None,
    )
