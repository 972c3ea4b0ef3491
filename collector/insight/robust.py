"""How far a scoreboard's ranks lean on the weights of its set, as a document."""

from collector.documents import Document, header_of
from collector.figures import DASH, Language, percent_target, plain
from collector.insight.retrace import Traced
from scoring.robust import LEVEL, Robustness, robust

DRAWS, DRAWS_MAX = 1000, 10_000
SEED, SEED_MAX = 1, 2**32 - 1
SPREAD, SPREAD_MAX = 0.1, 0.9


def robust_document(
    traced: Traced, *, draws: int = DRAWS, seed: int = SEED, spread: float = SPREAD
) -> Document:
    """Each agency's ranks under weights ± spread, and with each indicator left out once.

    Agencies are in the order of the scoreboard: by block, best first.
    """
    plan, result = traced.plan, traced.board.result
    found = robust(
        result,
        plan.spec.scoring.scale,
        plan.scoring.blocks,
        draws=draws,
        seed=seed,
        spread=spread,
    )
    count = len(plan.roster.agencies)
    agencies = [
        one
        for _, members in plan.scoring.blocks
        for one in sorted(
            (_agency(traced, found, row) for row in members.tolist()),
            key=lambda one: one["rank"] or count + 1,
        )
    ]
    return {
        **header_of(traced.edition, traced.set_id, traced.head),
        "draws": draws,
        "seed": seed,
        "spread": spread,
        "level": LEVEL,
        "blocks": [_block(traced, block) for block, members in plan.scoring.blocks if members.size],
        "agencies": [
            one | {"sentence": {language: _sentence(one, draws, language) for language in _SAYS}}
            for one in agencies
        ],
        "indicators": [_indicator(traced, found, column) for column in _columns(traced)],
    }


def _block(traced: Traced, block: str) -> Document:
    name = traced.settings.blocks[block].name
    return {"id": block, "name": {"vi": name.vi, "en": name.en}}


def _agency(traced: Traced, found: Robustness, row: int) -> Document:
    agency = traced.settings.agencies[traced.plan.roster.agencies[row]]
    body = traced.body(f"agency/{agency.id}")
    ranked = bool(found.best[row])
    return {
        "id": agency.id,
        "block": agency.block,
        "name": body["name"],
        "score": body["score"],
        "rank": body["rank"],
        "stays_best": int(found.best[row]) if ranked else None,
        "stays_worst": int(found.worst[row]) if ranked else None,
        "inside": round(float(found.inside[row]), 9) if ranked else None,
        "holds": round(float(found.holds[row]), 9) if ranked else None,
        **_without(traced, found, row),
    }


def _without(traced: Traced, found: Robustness, row: int) -> Document:
    """The ranks with one indicator less: the best, the worst, and each that is another."""
    ranks = {column: int(found.without[row, column]) for column in _columns(traced)}
    there = [rank for rank in ranks.values() if rank]
    rank = int(traced.board.result.rank[row])
    return {
        "without_best": min(there, default=None),
        "without_worst": max(there, default=None),
        "without": [
            {"indicator": traced.plan.spec.indicators[column].id, "rank": other or None}
            for column, other in ranks.items()
            if rank and other != rank
        ],
    }


def _columns(traced: Traced) -> list[int]:
    """Of the indicators that count: without one that is only shown nothing changes."""
    indicators = traced.plan.spec.scoring.indicators
    return [column for column, one in enumerate(indicators) if one.points_max]


def _indicator(traced: Traced, found: Robustness, column: int) -> Document:
    """How many agencies have another rank without it."""
    text, ranks = traced.plan.spec.indicators[column], traced.board.result.rank
    moved = (ranks > 0) & (found.without[:, column] != ranks)
    return {
        "id": text.id,
        "name": {"vi": text.name.vi, "en": text.name.en},
        "agencies_moved": int(moved.sum()),
    }


def _sentence(one: Document, draws: int, language: Language) -> str:
    if one["rank"] is None:
        return _SAYS[language][0]
    best, worst = one["stays_best"], one["stays_worst"]
    stays = str(best) if best == worst else f"{best}{DASH}{worst}"
    share = percent_target(one["inside"], language)
    return _SAYS[language][1].format(stays=stays, share=share, draws=plain(draws, language))


_SAYS: dict[Language, tuple[str, str]] = {
    "vi": ("chưa xếp hạng", "giữ hạng {stays} trong {share} của {draws} lần thử trọng số"),
    "en": ("not ranked", "stays at rank {stays} in {share} of {draws} draws of the weights"),
}
