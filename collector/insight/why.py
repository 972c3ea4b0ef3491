"""Why a rescoring moves scores: what its set says otherwise, and which indicators that moves."""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from collector.documents import Document
from collector.store.store import Store
from scoring.changes import figure

Bodies = Mapping[tuple[str, str], str]
# What a set or an indicator is called moves nobody.
_NAMES = frozenset({"name", "note", "id", "unit", "effective"})
_INSIDE = len(("groups", 0, "indicators", 0))
_Leaves = dict[str, str]


def why(store: Store, number: int, last: int, ids: tuple[str, str]) -> Document:
    """What differs between two sets, and what that makes of points at the end of a rescoring.

    `last` is its last scoreboard; `ids` are the live set's and that of the one tried. Points are
    on the live set's scale; an indicator that one of them does not have, or that did not count,
    has 0 there.
    """
    live, other = store.cells(last), store.rescored_ends(number)
    heads = json.loads(live[ids[0], "set"]), json.loads(other[ids[1], "set"])
    scale = Fraction(str(heads[0]["scale"])) / Fraction(str(heads[1]["scale"]))
    moves = _moves(_points(live, ids[0]), _points(other, ids[1]), scale)
    names = _named(heads[1]) | _named(heads[0])
    texts = [store.definition(head["digest"]) for head in heads]
    return {
        "differences": differences(*texts),
        "indicators": _by_indicator(moves, names),
        "most": {
            agency: _most(agency, moves, names) for agency in sorted({one for one, _ in moves})
        },
    }


def differences(live: str | None, other: str | None) -> list[Document]:
    """What two definitions say otherwise: of the set as a whole, then by indicator.

    A whole indicator that only one of them has stands there without a key.
    """
    if live is None or other is None:
        return []
    sides = [_by_owner(text) for text in (live, other)]
    owners = list(sides[0]) + [one for one in sides[1] if one not in sides[0]]
    return [
        {"indicator": owner or None, **told}
        for owner in owners
        for told in _of_owner(sides[0].get(owner), sides[1].get(owner))
    ]


def _of_owner(live: _Leaves | None, other: _Leaves | None) -> Iterator[Document]:
    if live is None or other is None:
        yield {
            "key": None,
            "live": None if live is None else live["points.max"],
            "rescored": None if other is None else other["points.max"],
        }
        return
    for key in [*live, *(key for key in other if key not in live)]:
        if live.get(key) != other.get(key):
            yield {"key": key, "live": live.get(key), "rescored": other.get(key)}


def _by_owner(text: str) -> dict[str, _Leaves]:
    """The values of a definition by dotted key, of each indicator; of the rest under no name."""
    found: dict[str, _Leaves] = {"": {}}
    for steps, said in json.loads(text):
        if len(steps) == _INSIDE:
            found[said["id"]] = dict(_leaves(said, ""))
        else:
            head = "" if steps == ["set"] else f"{steps[0]}.{said['id']}."
            found[""] |= dict(_leaves(said, head))
    return found


def _leaves(said: Mapping[str, Any], head: str) -> Iterator[tuple[str, str]]:
    for key, value in said.items():
        if key in _NAMES:
            continue
        if isinstance(value, dict):
            yield from _leaves(value, f"{head}{key}.")
        else:
            # A target for everybody is written as one number.
            name = f"{head}{key}".removesuffix(".default")
            yield name, _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _points(bodies: Bodies, set_id: str) -> dict[tuple[str, str], Fraction]:
    """By agency and indicator, where points are known."""
    found = {}
    for (each, subject), text in bodies.items():
        head, _, rest = subject.partition("/")
        agency, _, indicator = rest.partition("/")
        if each == set_id and head == "agency" and indicator:
            points = json.loads(text)["points"]
            found[agency, indicator] = Fraction(0) if points is None else Fraction(str(points))
    return found


def _moves(
    live: Mapping[tuple[str, str], Fraction],
    other: Mapping[tuple[str, str], Fraction],
    scale: Fraction,
) -> dict[tuple[str, str], Fraction]:
    none = Fraction(0)
    return {
        key: other.get(key, none) * scale - live.get(key, none)
        for key in sorted(live.keys() | other.keys())
    }


def _named(head: Document) -> dict[str, Document]:
    return {one["id"]: one["name"] for one in head["indicators"]}


def _by_indicator(
    moves: Mapping[tuple[str, str], Fraction], names: Mapping[str, Document]
) -> list[Document]:
    """Those that move anybody, the greatest mean change first."""
    found = []
    for indicator, name in names.items():
        sizes = [size for (_, each), size in moves.items() if each == indicator]
        if any(sizes):
            entry = {
                "id": indicator,
                "name": name,
                "mean_change": figure(sum(sizes, Fraction(0)) / len(sizes)),
                "gain": sum(size > 0 for size in sizes),
                "lose": sum(size < 0 for size in sizes),
            }
            found.append(entry)
    return sorted(found, key=lambda one: (-abs(one["mean_change"]), one["id"]))


def _most(
    agency: str, moves: Mapping[tuple[str, str], Fraction], names: Mapping[str, Document]
) -> Document | None:
    mine = [(size, one) for (each, one), size in moves.items() if each == agency and size]
    if not mine:
        return None
    size, indicator = max(mine, key=lambda one: (abs(one[0]), one[1]))
    return {"id": indicator, "name": names[indicator], "change": figure(size)}
