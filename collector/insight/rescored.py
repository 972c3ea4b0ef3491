"""How a stored rescoring ended, beside what was published then: quick, for lists and pages.

The whole course, with its means, is what `rescore.rescoring_document` tells.
"""

import json
from collections.abc import Mapping
from fractions import Fraction

from collector.documents import Document
from collector.insight.rescore import gain_of, head_of, live_of
from collector.periods import iso
from collector.store.store import Store

Bodies = Mapping[tuple[str, str], str]


def ended(store: Store, number: int) -> Document | None:
    """Each agency at its last scoreboard, who gains most first; None where there is no such one."""
    kept = store.rescorings().get(number)
    if kept is None:
        return None
    other, live = store.rescored_ends(number), store.cells(kept.last_number)
    set_id = next(iter(other))[0]
    live_id = live_of(store, kept, set_id)
    heads = json.loads(live[live_id, "set"]), json.loads(other[set_id, "set"])
    scale = Fraction(str(heads[0]["scale"])) / Fraction(str(heads[1]["scale"]))
    return {
        "rescoring": number,
        "result": kept.result,
        "made_at": None if kept.made_us is None else iso(kept.made_us),
        "scoreboards": {"first": kept.first_number, "last": kept.last_number},
        "from": _published_at(store, kept.first_number),
        "until": _published_at(store, kept.last_number),
        "live": head_of(live_id, heads[0]),
        "set": head_of(set_id, heads[1]),
        "agencies": _agencies(_agencies_of(live, live_id), _agencies_of(other, set_id), scale),
    }


def listed(end: Document) -> Document:
    """A rescoring as a list has it: how many gain and lose, and who gains and loses most."""
    gains = [one for one in end["agencies"] if one["gain"] is not None]
    up, down = ([one for one in gains if one["gain"] * sign > 0] for sign in (1, -1))
    return {key: end[key] for key in end if key != "agencies"} | {
        "gain": len(up),
        "lose": len(down),
        "stay": len(gains) - len(up) - len(down),
        "gains_most": _most(up[0]) if up else None,
        "loses_most": _most(down[-1]) if down else None,
    }


def _most(one: Document) -> Document:
    return {key: one[key] for key in ("id", "block", "name", "gain")}


def _published_at(store: Store, number: int) -> str | None:
    row = store.scoreboard_row(number)
    return None if row is None else iso(row.published_us)


def _agencies_of(bodies: Bodies, set_id: str) -> dict[str, Document]:
    found = {}
    for (each, subject), body in bodies.items():
        head, _, agency = subject.partition("/")
        if each == set_id and head == "agency" and "/" not in agency:
            found[agency] = json.loads(body)
    return found


def _agencies(
    live: Mapping[str, Document], other: Mapping[str, Document], scale: Fraction
) -> list[Document]:
    entries = [
        _entry(live.get(one), other.get(one), scale) for one in sorted(live.keys() | other.keys())
    ]
    return sorted(entries, key=lambda one: (one["gain"] is None, -(one["gain"] or 0), one["id"]))


def _entry(live: Document | None, other: Document | None, scale: Fraction) -> Document:
    body = other or live or {}
    sides = [
        {key: side[key] if side else None for key in ("score", "band", "rank")}
        for side in (live, other)
    ]
    return {
        **{key: body[key] for key in ("id", "block", "name")},
        "live": sides[0],
        "rescored": sides[1],
        "gain": gain_of(sides[0]["score"], sides[1]["score"], scale),
    }
