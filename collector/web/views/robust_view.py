"""The page on robustness: which ranks are firm, which are a matter of weights, and of which."""

from dataclasses import dataclass

from markupsafe import Markup

from collector.documents import Document
from collector.figures import DASH
from collector.web.links import Here
from collector.web.views.rank_picture import RankRow, rank_picture
from collector.web.words.voice import Shown, Voice

_LEANED_ON_MAX = 8


@dataclass(frozen=True, slots=True)
class FirmRow:
    name: str
    href: str
    rank: Shown | None
    stays: str | None
    inside: Shown | None
    holds: Shown | None
    without: str | None


@dataclass(frozen=True, slots=True)
class FirmBlock:
    id: str
    name: str
    picture: Markup
    rows: tuple[FirmRow, ...]


@dataclass(frozen=True, slots=True)
class RobustView:
    title: str
    lead: str
    blocks: tuple[FirmBlock, ...]
    leaned_on: tuple[tuple[str, str], ...]  # an indicator, and how many agencies it moves


def robust_view(voice: Voice, here: Here, document: Document) -> RobustView:
    leaned = sorted(document["indicators"], key=lambda one: -one["agencies_moved"])
    return RobustView(
        title=voice.say("robust"),
        lead=f"{_drawn(voice, document)} {_asked(voice, document)}",
        blocks=tuple(_block(voice, here, document, block) for block in document["blocks"]),
        leaned_on=tuple(
            (voice.name(one["name"]), voice.say("robust_moved", count=one["agencies_moved"]))
            for one in leaned[:_LEANED_ON_MAX]
            if one["agencies_moved"]
        ),
    )


def firm_sentence(document: Document, agency: str) -> Document:
    """Of one agency, in both languages."""
    sentence: Document = next(
        one["sentence"] for one in document["agencies"] if one["id"] == agency
    )
    return sentence


def _drawn(voice: Voice, document: Document) -> str:
    spread, draws = document["spread"], document["draws"]
    text = voice.percent_target(spread)
    return voice.say("robust_lead", spread=text, draws=voice.count(draws))


def _asked(voice: Voice, document: Document) -> str:
    return voice.say("robust_lead_level", level=voice.percent_target(document["level"]))


def _block(voice: Voice, here: Here, document: Document, block: Document) -> FirmBlock:
    mine = [one for one in document["agencies"] if one["block"] == block["id"]]
    name = voice.name(block["name"])
    return FirmBlock(
        id=block["id"],
        name=name,
        picture=rank_picture(
            [_picture_row(voice, one) for one in mine if one["rank"]],
            voice.say("robust_picture", block=name),
            voice.say("robust_picture_desc", level=voice.percent_target(document["level"])),
            f"firm-{block['id']}",
        ),
        rows=tuple(_row(voice, here, one) for one in mine),
    )


def _picture_row(voice: Voice, one: Document) -> RankRow:
    return RankRow(
        name=voice.name(one["name"]),
        rank=one["rank"],
        stays=(one["stays_best"], one["stays_worst"]),
        without=(one["without_best"] or one["rank"], one["without_worst"] or one["rank"]),
    )


def _row(voice: Voice, here: Here, one: Document) -> FirmRow:
    subject = f"agency/{one['id']}"
    return FirmRow(
        name=voice.name(one["name"]),
        href=here.to(f"/agencies/{one['id']}"),
        rank=None
        if one["rank"] is None
        else Shown(f"{subject}/rank", one["rank"], str(one["rank"])),
        stays=_span(one["stays_best"], one["stays_worst"]),
        inside=_share(voice, f"{subject}/inside", one["inside"]),
        holds=_share(voice, f"{subject}/holds", one["holds"]),
        without=_span(one["without_best"], one["without_worst"]),
    )


def _span(best: int | None, worst: int | None) -> str | None:
    if best is None or worst is None:
        return None
    return str(best) if best == worst else f"{best}{DASH}{worst}"


def _share(voice: Voice, key: str, share: float | None) -> Shown | None:
    return None if share is None else Shown(key, share, voice.percent(share))
