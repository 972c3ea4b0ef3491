"""The switch between the two rankings, and the moments of the level one."""

from collections import defaultdict
from dataclasses import dataclass

from collector.insight.level import Level
from collector.web.current import Current
from collector.web.links import Here
from collector.web.words.voice import Voice
from scoring.model import STALE


@dataclass(frozen=True, slots=True)
class LevelRow:
    """The indicators of a block that speak of one instant; None for those that are left out."""

    block: str
    data_us: int | None
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankingView:
    """`switch` has a word, a link and whether it is shown, of each ranking."""

    switch: tuple[tuple[str, str, bool], ...]
    level: bool
    rows: tuple[LevelRow, ...]


def ranking_view(one: Current, voice: Voice, here: Here, level: Level | None) -> RankingView:
    return RankingView(
        switch=(
            (voice.say("ranking_live"), here.ranked("live"), level is None),
            (voice.say("ranking_level"), here.ranked("level"), level is not None),
        ),
        level=level is not None,
        rows=() if level is None else _rows(one, voice, level),
    )


def oldest_of(level: Level) -> dict[str, int]:
    """The oldest moment of the indicators that each agency is scored on."""
    board, oldest = level.board, dict[str, int]()
    moments = {(one.indicator, one.block): one.data_us for one in level.moments}
    for row, agency in enumerate(board.roster.agencies):
        block = board.roster.blocks[row]
        known = [
            moments.get((indicator, block))
            for column, indicator in enumerate(level.indicators)
            if board.result.cells.statuses[row, column] <= STALE
        ]
        there = [data_us for data_us in known if data_us is not None]
        if there:
            oldest[agency] = min(there)
    return oldest


def _rows(one: Current, voice: Voice, level: Level) -> tuple[LevelRow, ...]:
    """Oldest first, block by block; what is left out comes last."""
    names = {entry["id"]: voice.name(entry["name"]) for entry in one.head["indicators"]}
    grouped: dict[tuple[str, int | None], list[str]] = defaultdict(list)
    for moment in level.moments:
        grouped[moment.block, moment.data_us].append(names[moment.indicator])
    rows = []
    for block in one.head["blocks"]:
        mine = [(us, found) for (own, us), found in grouped.items() if own == block["id"]]
        for us, found in sorted(mine, key=lambda each: (each[0] is None, each[0] or 0)):
            rows.append(LevelRow(voice.name(block["name"]), us, tuple(found)))
    return tuple(rows)
