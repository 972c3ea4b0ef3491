"""Province-wide ratios against their targets."""

from dataclasses import dataclass

from collector.documents import Document
from collector.web.current import Current
from collector.web.words.voice import Shown, Voice


@dataclass(frozen=True, slots=True)
class Ratio:
    """A province-wide ratio; `width` and `mark` are shares of a bar, in per cent."""

    name: str
    value: Shown
    target: str
    met: bool
    short: str | None
    width: str
    mark: str


def ratios_of(one: Current, voice: Voice, document: Document) -> list[Ratio]:
    names = {entry["id"]: entry["name"] for entry in one.head["indicators"]}
    return [
        _ratio(voice, entry, voice.name(names[entry["id"]]))
        for entry in document["indicators"]
        if entry["unit"] == "ratio" and None not in (entry["value"], entry["target"])
    ]


def met_of(ratios: tuple[Ratio, ...], voice: Voice) -> str | None:
    if not ratios:
        return None
    return voice.say("ratios_met", met=sum(ratio.met for ratio in ratios), count=len(ratios))


def _ratio(voice: Voice, entry: Document, name: str) -> Ratio:
    value, target = entry["value"], entry["target"]
    gap = target - value
    return Ratio(
        name=name,
        value=Shown(f"indicator/{entry['id']}/value", value, voice.percent(value)),
        target=voice.percent_target(target),
        met=value >= target,
        short=None if value >= target else voice.say("short", gap=voice.percentage_points(gap)),
        width=f"{min(max(value, 0), 1) * 100:.1f}%",
        mark=f"{min(max(target, 0), 1) * 100:.1f}%",
    )
