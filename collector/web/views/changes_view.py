"""The agency's section on what moved its score: between two days, or since yesterday."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import HTTPException

from collector.documents import Document
from collector.periods import local
from collector.settings.model import Settings
from collector.store.errors import StoreError
from collector.web.words.voice import Shown, Voice, us_of

_NOTES = {404: "changes_first", 409: "changes_cannot"}


@dataclass(frozen=True, slots=True)
class MoveRow:
    points: str
    cause: str
    indicator: str
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangesView:
    """`note` stands where there is nothing to show, or nothing that moved."""

    from_day: str = ""
    to_day: str = ""
    line: str | None = None
    change: Shown | None = None
    causes: tuple[tuple[str, str], ...] = ()
    rows: tuple[MoveRow, ...] = ()
    rank: str | None = None
    note: str | None = None


def changes_view(
    voice: Voice, settings: Settings, digits: int, ask: Callable[[], Document]
) -> ChangesView:
    """A section of a page says what it cannot show; only what makes no sense is the page's 400."""
    try:
        document = ask()
    except StoreError:
        return ChangesView(note=voice.say("changes_away"))
    except HTTPException as error:
        if error.status_code not in _NOTES:
            raise
        return ChangesView(note=voice.say(_NOTES[error.status_code]))
    return _view(voice, settings, digits, document)


def _view(voice: Voice, settings: Settings, digits: int, document: Document) -> ChangesView:
    ends, change = (document["from"], document["to"]), document["change"]
    moments = [us_of(end["published_at"]) for end in ends]
    days = [local(at_us, settings.zone).date().isoformat() for at_us in moments]
    note = "changes_no_score" if change is None else None if document["parts"] else "changes_none"
    return ChangesView(
        from_day=days[0],
        to_day=days[1],
        line=None if change is None else _line(voice, ends, moments, digits),
        change=None if change is None else _change(voice, document, digits),
        causes=tuple(
            (voice.say(f"cause_{one['cause']}"), voice.change(one["points"], digits))
            for one in document["causes"]
            if one["exact"]
        ),
        rows=tuple(_row(voice, settings, part, digits) for part in _largest_first(document)),
        rank=_rank(voice, document),
        note=None if note is None else voice.say(note),
    )


def _largest_first(document: Document) -> list[Document]:
    """By what is shown; the exact figures tell those apart that look equal."""
    return sorted(document["parts"], key=lambda part: (-abs(part["points"]), -abs(part["exact"])))


def _line(voice: Voice, ends: tuple[Document, Document], moments: list[int], digits: int) -> str:
    return voice.say(
        "changes_line",
        first=voice.instant(moments[0]),
        last=voice.instant(moments[1]),
        before=voice.score(ends[0]["score"], digits),
        after=voice.score(ends[1]["score"], digits),
    )


def _change(voice: Voice, document: Document, digits: int) -> Shown:
    key = f"agency/{document['agency']['id']}/changes"
    return Shown(key, document["change"], voice.change(document["change"], digits))


def _row(voice: Voice, settings: Settings, part: Document, digits: int) -> MoveRow:
    return MoveRow(
        points=voice.change(part["points"], digits),
        cause=voice.say(f"cause_{part['cause']}"),
        indicator=voice.say("changes_scale") if part["name"] is None else voice.name(part["name"]),
        readings=tuple(_reading(voice, settings, one) for one in part["inputs"]),
    )


def _reading(voice: Voice, settings: Settings, one: Document) -> str:
    """The metric's name, its value before and after, and what the newer one speaks of."""
    before, after = one["from"], one["to"]
    values = (
        voice.say("none") if end is None else voice.count(end["value"]) for end in (before, after)
    )
    newest = after or before
    return voice.say(
        "changes_reading",
        name=voice.name(settings.metrics[one["metric"]].name),
        values=" → ".join(values),
        data=voice.day(us_of(newest["data_at"])),
    )


def _rank(voice: Voice, document: Document) -> str | None:
    move = document["rank"]
    if move is None:
        return None
    if not move["own"] and not move["others"]:
        return voice.say("changes_rank_same", rank=document["to"]["rank"])
    return voice.say(
        "changes_rank",
        before=document["from"]["rank"],
        after=document["to"]["rank"],
        own=_places(voice, move["own"]),
        others=_places(voice, move["others"]),
    )


def _places(voice: Voice, move: int) -> str:
    if not move:
        return voice.say("places_none")
    return voice.say("places_up" if move < 0 else "places_down", count=abs(move))
