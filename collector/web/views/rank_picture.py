"""A block's ranks as SVG: a row an agency, a column a rank; styles are classes."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

_HEAD, _ROW, _BAR = 28, 36, 10


@dataclass(frozen=True, slots=True)
class RankRow:
    """Where an agency is, where it mostly stays, and how far leaving one indicator moves it."""

    name: str
    rank: int
    stays: tuple[int, int]
    without: tuple[int, int]


def rank_picture(rows: Sequence[RankRow], title: str, desc: str, uid: str) -> Markup:
    """Ranks run from the best on the left to the worst; nothing of no rows."""
    if not rows:
        return Markup("")
    last = max(max(row.rank, row.stays[1], row.without[1]) for row in rows)
    return Markup(
        '<svg class="firmness" width="100%" height="{h}" role="img" '
        'aria-labelledby="{id}-t {id}-d"><title id="{id}-t">{title}</title>'
        '<desc id="{id}-d">{desc}</desc>{axis}{rows}</svg>'
    ).format(
        h=_HEAD + _ROW * len(rows),
        id=uid,
        title=title,
        desc=desc,
        axis=_axis(last),
        rows=Markup("").join(_row(row, place, last) for place, row in enumerate(rows)),
    )


def _axis(last: int) -> Markup:
    """A number over every rank, or over so many that none touches another."""
    step = 1 + (last - 1) // 12
    return Markup("").join(
        Markup('<text class="rank-word" x="{}" y="14">{}</text>').format(
            _share(rank - 0.5, last), rank
        )
        for rank in range(1, last + 1, step)
    )


def _row(row: RankRow, place: int, last: int) -> Markup:
    top = _HEAD + _ROW * place
    middle = top + 16 + _BAR // 2
    (best, worst), (first, final) = row.stays, row.without
    return Markup(
        '<text class="who" x="0" y="{name_y}">{name}</text>'
        '<line class="lane" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
        '<rect class="stays" x="{x}" y="{bar_y}" width="{w}" height="{bar}"/>'
        '<line class="without" x1="{x1}" x2="{x2}" y1="{y}" y2="{y}"/>'
        '<circle class="now" cx="{cx}" cy="{y}" r="4"/>'
    ).format(
        name_y=top + 11,
        name=row.name,
        y=middle,
        x=_share(best - 1, last),
        bar_y=middle - _BAR // 2,
        w=_share(worst - best + 1, last),
        bar=_BAR,
        x1=_share(first - 0.5, last),
        x2=_share(final - 0.5, last),
        cx=_share(row.rank - 0.5, last),
    )


def _share(cells: float, last: int) -> str:
    return f"{cells * 100 / last:.2f}%"
