"""`/metrics`: families rendered from the published scoreboard at each scrape, and run counters."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from collector.clock import SECOND_US
from collector.outlook import SetPlan
from collector.publish import Published
from collector.settings.model import Settings
from collector.sources import STATES, SourceView, source_views
from scoring.model import STATUSES, Result, Triple
from scoring.shown import quantised, shown

Labels = tuple[str, ...]
Sample = tuple[tuple[str, ...], float]
_INDICATOR: Labels = ("agency", "indicator", "set")
_AGENCY: Labels = ("agency", "block", "set")

# Name, help and labels of every family that a scoreboard yields, in the order of the page.
FAMILIES: dict[str, tuple[str, Labels]] = {
    "dti_indicator_value": ("Value of an indicator; ratios are 0 to 1.", _INDICATOR),
    "dti_indicator_points": ("Points of an indicator.", _INDICATOR),
    "dti_indicator_points_max": ("Points that the indicator can bring.", _INDICATOR),
    "dti_indicator_status": (
        "The status that holds, as 1; the others are absent.",
        (*_INDICATOR, "status"),
    ),
    "dti_province_indicator_value": (
        "The indicator over the sums of all agencies with all inputs.",
        ("indicator", "set"),
    ),
    "dti_province_indicator_target": (
        "Target that all agencies of an indicator share.",
        ("indicator", "set"),
    ),
    "dti_agency_score": ("Score of an agency; absent where there is none.", _AGENCY),
    "dti_agency_score_low": ("Lowest score that what is known allows.", _AGENCY),
    "dti_agency_score_high": ("Highest score that what is known allows.", _AGENCY),
    "dti_agency_coverage_ratio": ("Share of applicable points with known inputs.", _AGENCY),
    "dti_agency_rank": ("Rank inside the block; equal scores share the better one.", _AGENCY),
    "dti_agency_rank_best": ("Best rank that what is known allows.", _AGENCY),
    "dti_agency_rank_worst": ("Worst rank that what is known allows.", _AGENCY),
    "dti_agency_band": ("The band that holds, as 1; the others are absent.", (*_AGENCY, "band")),
    "dti_block_score": ("Mean score of a block's scored agencies.", ("block", "set")),
    "dti_block_score_low": ("Lowest possible block score.", ("block", "set")),
    "dti_block_score_high": ("Highest possible block score.", ("block", "set")),
    "dti_province_score": ("Score of the province.", ("set",)),
    "dti_province_score_low": ("Lowest possible score of the province.", ("set",)),
    "dti_province_score_high": ("Highest possible score of the province.", ("set",)),
    "dti_agency_info": ("Name of an agency, in Vietnamese.", ("agency", "block", "name")),
    "dti_indicator_info": (
        "Name, group and unit of an indicator.",
        ("indicator", "group", "unit", "name", "set"),
    ),
    "dti_indicator_set_info": ("Content digest of an indicator set in force.", ("set", "digest")),
    "dti_scoreboard_number": ("Number of the published scoreboard.", ()),
    "dti_scoreboard_timestamp_seconds": ("When the scoreboard was published.", ()),
    "dti_source_up": ("1 when the source's last run was ok.", ("source",)),
    "dti_source_data_timestamp_seconds": (
        "Data time of the source's metrics, the oldest of their newest.",
        ("source",),
    ),
    "dti_source_last_success_timestamp_seconds": ("When the last ok run ended.", ("source",)),
    "dti_source_last_attempt_timestamp_seconds": ("When the last run ended.", ("source",)),
    "dti_source_next_due_timestamp_seconds": ("When the next run is due.", ("source",)),
    "dti_source_state": (
        "State set: 1 for the first state that holds, 0 for the others.",
        ("source", "dti_source_state"),
    ),
    "dti_store_bytes": ("Size of the store.", ()),
    "dti_build_info": ("Version of chiso.", ("version",)),
}


@dataclass(frozen=True)
class Look:
    """What a scrape may look at: all in memory, none of it waits."""

    settings: Settings
    published: Callable[[], Published]
    next_due_us: Callable[[], Mapping[str, int]]
    store_bytes: Callable[[], int]
    now_us: Callable[[], int]


class ScoreboardCollector(Collector):
    """Fresh families at each scrape, from one published scoreboard read once."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def describe(self) -> Iterable[Metric]:
        return [GaugeMetricFamily(name, text) for name, (text, _) in FAMILIES.items()]

    def collect(self) -> Iterator[Metric]:
        samples = _samples(self._look)
        for name, (text, labels) in FAMILIES.items():
            family = GaugeMetricFamily(name, text, labels=labels)
            for values, number in samples[name]:
                family.add_metric(values, number)
            yield family


def _samples(look: Look) -> dict[str, list[Sample]]:
    published = look.published()
    samples: dict[str, list[Sample]] = {name: [] for name in FAMILIES}
    agencies = {agency for plan in published.view.plans for agency in plan.roster.agencies}
    for agency_id in sorted(agencies):
        agency = look.settings.agencies[agency_id]
        samples["dti_agency_info"].append(((agency.id, agency.block, agency.name.vi), 1))
    for plan, one in zip(published.view.plans, published.board.boards, strict=False):
        _add_set(samples, plan, one.result)
    board = published.board
    samples["dti_scoreboard_number"].append(((), board.number))
    samples["dti_scoreboard_timestamp_seconds"].append(((), board.published_us / SECOND_US))
    samples["dti_store_bytes"].append(((), look.store_bytes()))
    samples["dti_build_info"].append(((version("chiso"),), 1))
    now_us = look.now_us()
    for view in source_views(look.settings, published, look.next_due_us(), now_us):
        _add_source(samples, view)
    return samples


def _add_set(samples: dict[str, list[Sample]], plan: SetPlan, result: Result) -> None:
    spec = plan.spec
    samples["dti_indicator_set_info"].append(((spec.id, spec.scoring.digest), 1))
    for one in spec.indicators:
        samples["dti_indicator_info"].append(
            ((one.id, one.group, one.unit, one.name.vi, spec.id), 1)
        )
    for row, agency in enumerate(plan.roster.agencies):
        _add_agency(samples, plan, result, row, (agency, plan.roster.blocks[row], spec.id))
        for column, one in enumerate(spec.indicators):
            _add_cell(samples, plan, result, row, column, (agency, one.id, spec.id))
    _add_whole(samples, plan, result)


def _add_cell(
    samples: dict[str, list[Sample]],
    plan: SetPlan,
    result: Result,
    row: int,
    column: int,
    labels: Labels,
) -> None:
    cells, digits = result.cells, plan.spec.scoring.digits
    status = STATUSES[cells.statuses[row, column]]
    samples["dti_indicator_status"].append(((*labels, status), 1))
    value, points = float(cells.value[row, column]), float(cells.points[row, column])
    if not math.isnan(value):
        samples["dti_indicator_value"].append((labels, float(quantised(value))))
    if not math.isnan(points):
        samples["dti_indicator_points"].append((labels, float(shown(points, digits))))
    if status != "not_applicable":
        samples["dti_indicator_points_max"].append((labels, float(cells.points_max[row, column])))


def _add_agency(
    samples: dict[str, list[Sample]], plan: SetPlan, result: Result, row: int, labels: Labels
) -> None:
    digits = plan.spec.scoring.digits
    scores = {
        "dti_agency_score": result.score,
        "dti_agency_score_low": result.low,
        "dti_agency_score_high": result.high,
    }
    for name, numbers in scores.items():
        number = float(numbers[row])
        if not math.isnan(number):
            samples[name].append((labels, float(shown(number, digits))))
    coverage = float(quantised(float(result.coverage[row])))
    samples["dti_agency_coverage_ratio"].append((labels, coverage))
    ranks = {
        "dti_agency_rank": result.rank,
        "dti_agency_rank_best": result.rank_best,
        "dti_agency_rank_worst": result.rank_worst,
    }
    for name, places in ranks.items():
        if places[row] > 0:
            samples[name].append((labels, int(places[row])))
    band = result.bands[row]
    if band is not None:
        samples["dti_agency_band"].append(((*labels, band), 1))


def _add_whole(samples: dict[str, list[Sample]], plan: SetPlan, result: Result) -> None:
    spec = plan.spec
    wholes: list[tuple[str, Labels, Triple]] = [
        ("dti_block", (block.id, spec.id), block.triple) for block in result.blocks
    ]
    if result.province is not None:
        wholes.append(("dti_province", (spec.id,), result.province.triple))
    for name, labels, triple in wholes:
        for end, number in (("", triple.score), ("_low", triple.low), ("_high", triple.high)):
            if number is not None:
                rounded = float(shown(number, spec.scoring.digits))
                samples[f"{name}_score{end}"].append((labels, rounded))
    targets = plan.province_targets
    for one, found, target in zip(
        spec.scoring.indicators, result.province_values, targets, strict=True
    ):
        if found.value is not None:
            samples["dti_province_indicator_value"].append(
                ((one.id, spec.id), float(quantised(found.value)))
            )
        if target is not None:
            samples["dti_province_indicator_target"].append(((one.id, spec.id), target))


def _add_source(samples: dict[str, list[Sample]], view: SourceView) -> None:
    source = view.source.id
    samples["dti_source_up"].append(((source,), int(view.up)))
    times = {
        "dti_source_data_timestamp_seconds": view.data_us,
        "dti_source_last_success_timestamp_seconds": view.last_ok.ended_us
        if view.last_ok
        else None,
        "dti_source_last_attempt_timestamp_seconds": view.last.ended_us if view.last else None,
        "dti_source_next_due_timestamp_seconds": view.next_due_us,
    }
    for name, at_us in times.items():
        if at_us is not None:
            samples[name].append(((source,), at_us / SECOND_US))
    for state in STATES:
        samples["dti_source_state"].append(((source, state), int(state == view.state)))
