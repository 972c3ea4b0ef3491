"""The explanation's page: points, rule, value, formula, readings and answers, step by step."""

from dataclasses import dataclass

from collector.documents import Document
from collector.insight.explain import filled
from collector.web.current import Current
from collector.web.words.voice import Shown, Voice, us_of
from scoring.model import Status


@dataclass(frozen=True, slots=True)
class Step:
    """A line, and what stands behind it: words, addresses and digests; `open` where it matters."""

    line: str
    behind: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    id: str
    name: str
    status: Status
    points: Shown | None
    points_max: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    id: str
    name: str
    rows: tuple[ExplainedRow, ...]


@dataclass(frozen=True, slots=True)
class ExplainView:
    agency: str
    title: str
    sentence: str
    score: Shown | None
    sum: str | None  # the scale times points over their maximum
    groups: tuple[ExplainedGroup, ...]
    alone: bool  # one indicator was asked for


def explain_view(one: Current, voice: Voice, tree: Document, *, alone: bool) -> ExplainView:
    agency, score = tree["agency"]["id"], tree["score"]
    return ExplainView(
        agency=agency,
        title=voice.name(tree["agency"]["name"]),
        sentence=tree["sentence"][voice.language],
        score=None
        if score["score"] is None
        else Shown(
            f"agency/{agency}/score", score["score"], voice.score(score["score"], score["digits"])
        ),
        sum=_sum(one, voice, score),
        groups=tuple(_group(voice, tree, group) for group in tree["groups"]),
        alone=alone,
    )


def _sum(one: Current, voice: Voice, score: Document) -> str | None:
    if score["text"] is None:
        return None
    points = voice.score(score["points"], max(4, score["digits"]))
    most = voice.count(score["points_max"])
    counted = voice.say(
        "explain_counted", points=voice.score(score["points"], score["digits"]), most=most
    )
    return f"= {voice.count(one.head['scale'])} × {points} / {most} {counted}"


def _group(voice: Voice, tree: Document, group: Document) -> ExplainedGroup:
    return ExplainedGroup(
        group["id"],
        voice.name(group["name"]),
        tuple(_row(voice, tree, entry) for entry in group["indicators"]),
    )


def _row(voice: Voice, tree: Document, entry: Document) -> ExplainedRow:
    key = f"agency/{tree['agency']['id']}/{entry['id']}/points"
    points, digits = entry["points"], tree["score"]["digits"]
    return ExplainedRow(
        id=entry["id"],
        name=voice.name(entry["name"]),
        status=entry["status"],
        points=None if points is None else Shown(key, points, voice.score(points, digits)),
        points_max=voice.count(entry["points_max"]) if entry["points_max"] else None,
        steps=(
            *_points(voice, entry),
            *_value(voice, entry),
            *(_reading(voice, reading) for reading in entry["readings"]),
        ),
    )


def _points(voice: Voice, entry: Document) -> tuple[Step, ...]:
    """The rule that gave the points, or why there was nothing to judge."""
    rule = entry["rule"]
    if rule["words"] is not None:
        worked = f"{rule['kind']}: {rule['text']} = {rule['result']:.9g}"
        return (Step(rule["words"][voice.language], raw=(worked,)),)
    if entry["why"] is not None:
        return (Step(entry["why"][voice.language]),)
    return (Step(voice.say("not_scored").capitalize()),)


def _value(voice: Voice, entry: Document) -> tuple[Step, ...]:
    """The formula with its numbers; none where those are the value itself."""
    formula, readings = entry["formula"], entry["readings"]
    numbers = filled(
        formula["text"],
        {
            one["metric"]: "?" if one["value"] is None else voice.count(one["value"])
            for one in readings
        },
    )
    names = filled(formula["text"], {one["metric"]: voice.name(one["name"]) for one in readings})
    value = formula["value"]
    if value is None:
        written = voice.say("none")
    elif entry["unit"] == "ratio":
        written = voice.percent(value)
    else:
        written = voice.count(value)
    if all(one["value"] is None for one in readings):
        return (Step(f"{names}: {written}", raw=(formula["text"],)),)
    if numbers == written:
        return ()
    return (Step(f"{written} = {numbers}", (names,), (formula["text"],)),)


def _reading(voice: Voice, one: Document) -> Step:
    value = one["word"] or (
        voice.say("none") if one["value"] is None else voice.count(one["value"])
    )
    line = f"{voice.name(one['name'])}: {value}"
    if one["source"] is not None:
        line += f" ← {voice.name(one['source_name'])}"
    behind = [] if one["why"] is None else [one["why"][voice.language]]
    if one["data_at"] is not None:
        line += voice.say(
            "explain_times",
            data=voice.instant(us_of(one["data_at"])),
            known=voice.instant(us_of(one["known_at"])),
        )
    if one["owner"] is not None:
        behind.append(f"{voice.say('owner')}: {one['owner']}")
    raw = [*_run(voice, one["run"]), *_run(voice, one["asked"])]
    if one["refused"] is not None:
        refused = one["refused"]
        reason = voice.say(f"refused_{refused['reason']}")
        behind.append(f"{voice.say('refused')}: {refused['got']}, {reason}")
        raw += [refused["where"], *_run(voice, refused["run"])]
    return Step(line, tuple(behind), tuple(raw), open=one["why"] is not None)


def _run(voice: Voice, run: Document | None) -> list[str]:
    """The answer that it came from: the run, the digest of the bodies, what was asked."""
    if run is None:
        return []
    ended = voice.instant(us_of(run["ended_at"]))
    outcome = voice.say(f"outcome_{run['outcome']}")
    lines = [voice.say("explain_run", run=run["id"], outcome=outcome, ended=ended)]
    lines += [run["message"]] if run["message"] else []
    lines += [f"SHA-256 {run['digest']}"] if run["digest"] else []
    if len(run["requests"]) > 1:
        # A run says what it asked, not which answer held a figure.
        lines.append(voice.say("explain_one_of", count=len(run["requests"])))
    return lines + [
        f"{one['method']} {one['url']} → {_came(voice, one)}" for one in run["requests"]
    ]


def _came(voice: Voice, request: Document) -> str:
    if request["rows"] is not None:
        return voice.say("explain_rows", count=request["rows"])
    return str(request["status"] or "–")
