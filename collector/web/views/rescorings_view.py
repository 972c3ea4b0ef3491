"""The pages of rescorings: which there are, and who gains and loses by one."""

from dataclasses import dataclass

from collector.documents import Document
from collector.store.errors import StoreError
from collector.web.links import Here
from collector.web.rescorings import Rescorings
from collector.web.words.voice import Shown, Voice, us_of


@dataclass(frozen=True, slots=True)
class ListRow:
    number: int
    href: str
    name: str
    digest: str
    against: str
    made: str
    boards: str
    days: str
    counts: str
    gains: str
    loses: str


@dataclass(frozen=True, slots=True)
class SideRow:
    """A subject under both sets; ranks are None of what has none, blocks and the province."""

    name: str
    href: str | None
    live: str
    rescored: Shown | None
    gain: Shown | None
    ranks: tuple[str, str] | None
    mean_gain: str
    most: str | None  # the indicator that moves its points most, and by how much


@dataclass(frozen=True, slots=True)
class MovedRow:
    """An indicator, its mean change of points, and how many gain and lose by it."""

    name: str
    change: str
    gain: int
    lose: int


@dataclass(frozen=True, slots=True)
class RescoringView:
    title: str
    lead: str
    set_digest: str
    live_digest: str
    counts: str
    blocks: tuple[tuple[str, tuple[SideRow, ...]], ...]  # who gains most comes first in each
    differences: tuple[tuple[str, str], ...]  # an indicator, or the set; and what is otherwise
    moved: tuple[MovedRow, ...]
    wholes: tuple[SideRow, ...]
    made: str
    number: int


@dataclass(frozen=True, slots=True)
class RescoredLine:
    """An agency under another set, at the end of a rescoring."""

    words: str
    href: str
    score: Shown | None
    change: str | None
    rank: str | None


def list_rows(voice: Voice, here: Here, document: Document, digits: int) -> tuple[ListRow, ...]:
    return tuple(_list_row(voice, here, one, digits) for one in document["rescorings"])


def rescoring_view(voice: Voice, here: Here, document: Document, digits: int) -> RescoringView:
    boards, number, reasons = document["scoreboards"], document["rescoring"], document["why"]
    live, name = _told_apart(voice, document["live"], document["set"])
    gains = [one["gain"] for one in document["agencies"] if one["gain"] is not None]
    up, down = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    return RescoringView(
        title=voice.say("rescoring_of", number=number, set=name),
        lead=voice.say(
            "rescoring_lead", first=boards["first"], last=boards["last"], set=name, live=live
        ),
        set_digest=document["set"]["digest"],
        live_digest=document["live"]["digest"],
        counts=_counts(voice, up, down, len(gains) - up - down),
        blocks=_blocks(voice, here, document, digits),
        differences=tuple(_difference(voice, document, one) for one in reasons["differences"]),
        moved=tuple(_moved_row(voice, one, digits) for one in reasons["indicators"]),
        wholes=tuple(
            _side_row(voice, one, digits, key, None)
            for key, one in (
                *((f"block/{one['id']}", one) for one in document["blocks"]),
                ("province", document["province"]),
            )
        ),
        made=_made(voice, document),
        number=number,
    )


def _made(voice: Voice, document: Document) -> str:
    if document["made_at"] is None:
        return voice.say("rescoring_unstored")
    at, until = (voice.instant(us_of(document[key])) for key in ("made_at", "counted_until"))
    return voice.say("rescoring_made_until", at=at, until=until)


def rescored_lines(
    voice: Voice, here: Here, rescorings: Rescorings, agency: str, digits: int
) -> tuple[RescoredLine, ...]:
    """Of the newest rescorings; none where the store cannot be read: the page has more to say."""
    try:
        ends = rescorings.ends()
    except StoreError:
        return ()
    return tuple(
        _line(voice, here, end, one, digits)
        for end in ends
        for one in end["agencies"]
        if one["id"] == agency
    )


def _list_row(voice: Voice, here: Here, one: Document, digits: int) -> ListRow:
    number, boards = one["rescoring"], one["scoreboards"]
    days = (voice.day(us_of(one[end])) for end in ("from", "until"))
    return ListRow(
        number=number,
        href=here.to(f"/rescorings/{number}"),
        name=voice.name(one["set"]["name"]),
        digest=one["set"]["digest"],
        against=voice.say("rescoring_against", live=voice.name(one["live"]["name"])),
        made=voice.say("rescoring_made", at=voice.instant(us_of(one["made_at"])))
        if one["made_at"]
        else voice.say("rescoring_unstored"),
        boards=voice.say("rescoring_boards", **boards),
        days=voice.say("rescoring_days", **dict(zip(("first", "last"), days, strict=True))),
        counts=_counts(voice, one["gain"], one["lose"], one["stay"]),
        gains=_most(voice, one["gains_most"], digits),
        loses=_most(voice, one["loses_most"], digits),
    )


def _counts(voice: Voice, up: int, down: int, stay: int) -> str:
    return voice.say("rescoring_counts", up=up, down=down, stay=stay)


def _most(voice: Voice, most: Document | None, digits: int) -> str:
    if most is None:
        return voice.say("rescoring_nobody")
    return f"{voice.name(most['name'])} {voice.change(most['gain'], digits)}"


def _side_row(voice: Voice, one: Document, digits: int, key: str, href: str | None) -> SideRow:
    live, other = one["live"], one["rescored"]
    ranks = None
    if href is not None:
        ranks = (str(live["rank"] or "–"), str(other["rank"] or "–"))
    return SideRow(
        name=voice.name(one["name"]),
        href=href,
        live=_score(voice, live["score"], digits),
        rescored=None
        if other["score"] is None
        else Shown(f"{key}/rescored", other["score"], voice.score(other["score"], digits)),
        gain=None
        if one["gain"] is None
        else Shown(f"{key}/gain", one["gain"], voice.change(one["gain"], digits)),
        ranks=ranks,
        mean_gain="–" if one["mean_gain"] is None else voice.change(one["mean_gain"], digits),
        most=_most_by(voice, one.get("most"), digits),
    )


def _blocks(
    voice: Voice, here: Here, document: Document, digits: int
) -> tuple[tuple[str, tuple[SideRow, ...]], ...]:
    """Ranks are those within a block; one without any score has no name here but its id."""
    names = {one["id"]: voice.name(one["name"]) for one in document["blocks"]}
    rows: dict[str, list[SideRow]] = {block: [] for block in names}
    for one in document["agencies"]:
        key, href = f"agency/{one['id']}", here.to(f"/agencies/{one['id']}")
        rows.setdefault(one["block"], []).append(_side_row(voice, one, digits, key, href))
    return tuple((names.get(block, block), tuple(some)) for block, some in rows.items())


def _told_apart(voice: Voice, live: Document, tried: Document) -> tuple[str, str]:
    """Their names; where those are the same, with the beginning of their digests."""
    names = voice.name(live["name"]), voice.name(tried["name"])
    if names[0] != names[1]:
        return names
    marks = (one["digest"].removeprefix("sha256:")[:8] for one in (live, tried))
    first, second = (f"{names[0]} ({mark})" for mark in marks)
    return first, second


def _difference(voice: Voice, document: Document, one: Document) -> tuple[str, str]:
    named = document["why"]["indicators"]
    moved: dict[str, str] = {each["id"]: voice.name(each["name"]) for each in named}
    indicator: str | None = one["indicator"]
    owner = moved.get(indicator, indicator) if indicator else voice.say("rescoring_set")
    if one["key"] is not None:
        unsaid = voice.say("rescoring_unsaid")
        return owner, f"{one['key']}: {one['live'] or unsaid} → {one['rescored'] or unsaid}"
    if one["live"] is None:
        return owner, voice.say("rescoring_added", points=one["rescored"])
    return owner, voice.say("rescoring_removed", points=one["live"])


def _moved_row(voice: Voice, one: Document, digits: int) -> MovedRow:
    change = voice.change(one["mean_change"], digits)
    return MovedRow(voice.name(one["name"]), change, one["gain"], one["lose"])


def _most_by(voice: Voice, most: Document | None, digits: int) -> str | None:
    if most is None:
        return None
    return f"{voice.name(most['name'])} {voice.change(most['change'], digits)}"


def _score(voice: Voice, score: float | None, digits: int) -> str:
    return "–" if score is None else voice.score(score, digits)


def _line(voice: Voice, here: Here, end: Document, one: Document, digits: int) -> RescoredLine:
    other, number = one["rescored"], end["rescoring"]
    score, rank = other["score"], other["rank"]
    key = f"agency/{one['id']}/rescored/{number}"
    return RescoredLine(
        words=voice.say("rescoring_line", set=voice.name(end["set"]["name"]), number=number),
        href=here.to(f"/rescorings/{number}"),
        score=None if score is None else Shown(key, score, voice.score(score, digits)),
        change=None if one["gain"] is None else voice.change(one["gain"], digits),
        rank=None if rank is None else voice.say("rescoring_rank", rank=rank),
    )
