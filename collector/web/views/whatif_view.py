"""The page of what would be with other readings: now and then, and who else is moved."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from collector.documents import Document
from collector.insight.whatif import WhatIfError
from collector.insight.wording import state_word
from collector.settings.model import Metric
from collector.web.asked import Pairs
from collector.web.current import Current
from collector.web.links import Here
from collector.web.views.headline import Band, band_with, bands_of
from collector.web.words.voice import Shown, Voice


@dataclass(frozen=True, slots=True)
class Choice:
    """A metric that can be asked about; `given` is what a reader typed, `states` its names."""

    metric: str
    name: str
    now: str
    given: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure now and then; `change` where it is a number."""

    name: str
    before: str
    after: str
    change: Shown | None = None
    note: str | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    score: tuple[Shown | None, Shown | None, Shown | None]  # now, then, the change
    bands: tuple[Band | None, Band | None]
    ranks: tuple[str, str]
    coverage: tuple[str, str]
    readings: tuple[Pair, ...]
    indicators: tuple[Pair, ...]
    others: tuple[Pair, ...]
    wholes: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class WhatIfView:
    agency: str
    title: str
    lead: str
    choices: tuple[Choice, ...]
    wrong: str | None
    answer: Answer | None
    command: str
    api: str


def choices_of(one: Current, voice: Voice, agency: Document, pairs: Pairs = ()) -> Iterator[Choice]:
    """Of what feeds the agency's indicators, in the order of the set."""
    given, seen = dict(pairs), set[str]()
    for group in agency["groups"]:
        for indicator in group["indicators"]:
            for each in indicator["inputs"]:
                metric = one.settings.metrics[each["metric"]]
                if metric.id not in seen and indicator["status"] != "not_applicable":
                    seen.add(metric.id)
                    yield Choice(
                        metric=metric.id,
                        name=voice.name(metric.name),
                        now=_reading(voice, metric, each["value"]),
                        given=_typed(voice, given.get(metric.id, "")),
                        states=tuple(metric.values or ()),
                    )


def whatif_view(
    one: Current,
    voice: Voice,
    here: Here,
    agency: Document,
    asked: Pairs,
    found: Document | WhatIfError | None,
) -> WhatIfView:
    """`found` is the answer, or what is wrong with the question; None before there is one."""
    wrong = _wrong(one, voice, found) if isinstance(found, WhatIfError) else None
    query = urlencode([*asked, *([("set", here.set_id)] if here.set_id else [])])
    return WhatIfView(
        agency=agency["id"],
        title=voice.name(agency["name"]),
        lead=voice.say("whatif_lead", number=one.edition.number),
        choices=tuple(choices_of(one, voice, agency, asked)),
        wrong=wrong,
        answer=_answer(one, voice, here, found) if isinstance(found, Mapping) else None,
        command=_command(agency["id"], asked, here.set_id),
        api=f"/api/v1/agencies/{agency['id']}/whatif?{query}",
    )


def _answer(one: Current, voice: Voice, here: Here, document: Document) -> Answer:
    before, after = document["before"], document["after"]
    bands, metrics = bands_of(one.head, voice), one.settings.metrics
    return Answer(
        score=_scores(one, voice, document),
        bands=(band_with(bands, before["band"]), band_with(bands, after["band"])),
        ranks=(_rank(voice, before), _rank(voice, after)),
        coverage=(_share(voice, before["coverage"]), _share(voice, after["coverage"])),
        readings=tuple(
            Pair(
                voice.name(metrics[each["metric"]].name),
                _reading(voice, metrics[each["metric"]], each["before"]),
                _reading(voice, metrics[each["metric"]], each["after"]),
            )
            for each in document["readings"]
        ),
        indicators=tuple(
            _indicator(one, voice, here, document, each) for each in document["indicators"]
        ),
        others=tuple(_other(voice, here, each) for each in document["others"]),
        wholes=tuple(
            _whole(one, voice, each)
            for each in (*document["blocks"], document["province"])
            if each["before"] != each["after"]
        ),
    )


def _scores(
    one: Current, voice: Voice, document: Document
) -> tuple[Shown | None, Shown | None, Shown | None]:
    digits, key = one.head["digits"], f"agency/{document['agency']}/whatif"
    ends = [document[when]["score"] for when in ("before", "after")]
    shown = [
        None if score is None else Shown(f"{key}/{when}", score, voice.score(score, digits))
        for when, score in zip(("before", "after"), ends, strict=True)
    ]
    return shown[0], shown[1], _change(voice, f"{key}/change", ends[0], ends[1], digits)


def _change(
    voice: Voice, key: str, before: float | None, after: float | None, digits: int
) -> Shown | None:
    if before is None or after is None:
        return None
    change = float(Decimal(str(after)) - Decimal(str(before)))
    return Shown(key, change, voice.change(change, digits))


def _indicator(one: Current, voice: Voice, here: Here, document: Document, moved: Document) -> Pair:
    digits, key = one.head["digits"], f"agency/{document['agency']}/{moved['id']}/whatif"
    before, after = moved["before"] or {}, moved["after"] or {}
    points = before.get("points"), after.get("points")
    units = {each["id"]: each["unit"] for each in one.head["indicators"]}
    values = [_value(voice, units[moved["id"]], each.get("value")) for each in (before, after)]
    return Pair(
        name=voice.name(moved["name"]),
        before=_points(voice, points[0], digits),
        after=_points(voice, points[1], digits),
        change=_change(voice, f"{key}/change", *points, digits),
        note=" → ".join(values) if values[0] != values[1] else None,
        href=here.explained(document["agency"], moved["id"]),
    )


def _other(voice: Voice, here: Here, moved: Document) -> Pair:
    ranks = [(moved[when] or {}).get("rank") for when in ("before", "after")]
    texts = [voice.say("no_rank") if rank is None else str(rank) for rank in ranks]
    href = here.to(f"/agencies/{moved['id']}")
    return Pair(voice.name(moved["name"]), texts[0], texts[1], href=href)


def _whole(one: Current, voice: Voice, moved: Document) -> Pair:
    digits = one.head["digits"]
    ends = [(moved[when] or {}).get("score") for when in ("before", "after")]
    before, after = (_points(voice, score, digits) for score in ends)
    change = _change(voice, f"{moved['id']}/whatif/change", ends[0], ends[1], digits)
    return Pair(voice.name(moved["name"]), before, after, change)


def _value(voice: Voice, unit: str, value: float | None) -> str:
    if value is None:
        return voice.say("none")
    return voice.percent(value) if unit == "ratio" else voice.count(value)


def _points(voice: Voice, points: float | None, digits: int) -> str:
    return "–" if points is None else voice.score(points, digits)


def _rank(voice: Voice, standing: Document) -> str:
    rank, best, worst = (standing[key] for key in ("rank", "rank_best", "rank_worst"))
    if rank is None:
        return voice.say("no_rank")
    return str(rank) if best == worst else f"{rank} ({best}–{worst})"


def _share(voice: Voice, share: float | None) -> str:
    return voice.say("none") if share is None else voice.percent_target(share)


def _reading(voice: Voice, metric: Metric, value: float | None) -> str:
    if value is None:
        return voice.say("none")
    return state_word(metric, value) or voice.count(value)


def _typed(voice: Voice, text: str) -> str:
    """A number of an address as it is typed in the page's language."""
    return (
        text.replace(".", ",")
        if voice.language == "vi" and text.lstrip("-")[:1].isdigit()
        else text
    )


def _wrong(one: Current, voice: Voice, error: WhatIfError) -> str:
    metrics = one.settings.metrics
    about = {
        key: voice.name(metrics[text].name) if text in metrics else _number(voice, key, text)
        for key, text in error.about.items()
    }
    return voice.say(f"wrong_{error.wrong}", **about)


def _number(voice: Voice, key: str, text: str) -> str:
    """A figure of the question as the page writes it; `…` where nothing bounds it."""
    return voice.count(float(text)) if key in {"value", "least", "most"} and text != "…" else text


def _command(agency: str, asked: Pairs, set_id: str | None) -> str:
    words = [f"{name}={text}" for name, text in asked] or ["METRIC=VALUE"]
    chosen = ["--set", set_id] if set_id else []
    return shlex.join(["chiso", "whatif", agency, *words, *chosen])
