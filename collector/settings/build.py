"""From parts without errors to Settings."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Literal, assert_never
from zoneinfo import ZoneInfo

from collector.clock import DAY_US
from collector.settings.draft import Draft, SetDraft, SourceDraft
from collector.settings.model import (
    Agency,
    Block,
    Code,
    Freshness,
    IndicatorText,
    Metric,
    Name,
    Schedule,
    SetSpec,
    Settings,
    Source,
    WorkingHours,
)
from collector.settings.part import Located
from collector.settings.points import (
    AtMostShape,
    LevelsShape,
    PartsShape,
    PiecewiseShape,
    PointsShape,
    StepsShape,
    ToTargetShape,
    YesNoShape,
)
from collector.settings.set_shape import IndicatorShape, SetShape
from collector.settings.shape import AgencyShape, BlockShape, MetricShape, NameShape, ProvinceShape
from scoring.formula import parse_comparison, parse_formula
from scoring.model import Above, Applies, Band, Indicator, IndicatorSet, Rule, Target
from scoring.rules import AtMost, Knots, Levels, Parts, Piecewise, Steps, ToTarget, YesNo

Metrics = Mapping[str, MetricShape] | Mapping[str, Metric]
Range = tuple[Decimal | None, Decimal | None]
CLOSE_AFTER_US = 45 * DAY_US


def build(draft: Draft, province: ProvinceShape, folder: Path) -> Settings:
    """The settings of a draft in which no check found an error."""
    metrics = {each.key: each.value for each in draft.metrics}
    sets = [build_set(each, each.shape.value, metrics) for each in draft.sets if each.shape]
    return Settings(
        folder=folder,
        province=province.id,
        province_name=_name(province.name),
        zone=ZoneInfo(province.time_zone),
        store_url=draft.store,
        blocks={
            each.value.id: Block(each.value.id, _name(each.value.name)) for each in draft.blocks
        },
        agencies={each.value.id: _agency(each.value) for each in draft.agencies},
        metrics={each.key: _metric(each.key, each.value, draft.metrics) for each in draft.metrics},
        sets=tuple(sorted(sets, key=lambda each: (each.id, each.start))),
        sources={each.key: _source(each.key, each.value) for each in draft.sources},
        working_hours=province.working_hours or WorkingHours(),
        holidays=tuple(province.holidays),
    )


def _name(shape: NameShape) -> Name:
    return Name(shape.vi, shape.en)


def _block(shape: BlockShape) -> Block:
    return Block(shape.id, _name(shape.name))


def _agency(shape: AgencyShape) -> Agency:
    return Agency(
        id=shape.id,
        block=shape.block,
        name=_name(shape.name),
        codes=tuple(
            Code(system, code.code, code.start, code.until)
            for system, codes in shape.codes.items()
            for code in codes
        ),
        start=shape.start,
        until=shape.until,
        successors=tuple(shape.successors),
        inherits=shape.inherits,
    )


def _metric(name: str, shape: MetricShape, metrics: Iterable[Located[MetricShape]]) -> Metric:
    low, high = range_of(name, metrics)
    return Metric(
        id=name,
        kind=shape.kind,
        unit=shape.unit or "state",
        name=_name(shape.name),
        low=low,
        high=high,
        at_most=shape.at_most,
        max_fall=shape.max_fall,
        max_change_per_day=shape.max_change_per_day,
        values=shape.values,
        stale_after_us=shape.stale_after,
    )


def range_of(
    name: str, metrics: Iterable[Located[MetricShape]], circle: frozenset[str] = frozenset()
) -> Range:
    """What a metric can be: as declared, else by its values, its bound or its kind."""
    shape = next((each.value for each in metrics if each.key == name), None)
    if shape is None or name in circle:
        return None, None
    if shape.range:
        return shape.range
    if shape.values:
        return min(shape.values.values()), max(shape.values.values())
    low = Decimal(0) if shape.kind == "period_total" else None
    if shape.at_most is None:
        return low, None
    # A part of a count may be none of it, whatever the least is that the whole can be.
    least, most = range_of(shape.at_most, metrics, circle | {name})
    return low if least is None else min(Decimal(0), least), most


def _source(name: str, draft: SourceDraft) -> Source:
    shape = draft.shape
    return Source(
        id=name,
        name=_name(shape.name),
        owner=shape.owner,
        schedule=Schedule(shape.schedule.every, shape.schedule.cron),
        freshness=Freshness(
            shape.freshness.late_after, shape.freshness.stale_after, shape.freshness.frozen_after
        ),
        connector=draft.connector,
        connector_name=shape.connector,
        priority=shape.priority,
        absent=shape.absent,
        max_refused=shape.max_refused,
        close_after_us=shape.close_after or CLOSE_AFTER_US,
        expectations=tuple(each.value for each in draft.expectations),
        agencies_min=draft.agencies_min,
    )


def build_set(draft: SetDraft, shape: SetShape, metrics: Metrics) -> SetSpec:
    """The set of a draft without errors, over metrics that have all it names."""
    groups = {each.part.steps: each.value for each in draft.groups}
    texts = [(groups[each.part.steps[:2]].id, each.value) for each in draft.indicators]
    bands = sorted((each.value for each in draft.bands), key=lambda band: band.start)
    return SetSpec(
        id=shape.id,
        name=_name(shape.name),
        period=shape.period,
        start=shape.effective.start,
        until=shape.effective.until,
        groups=tuple((each.id, _name(each.name)) for each in groups.values()),
        bands=tuple((each.id, _name(each.name)) for each in bands),
        indicators=tuple(
            IndicatorText(each.id, group, _name(each.name), each.unit) for group, each in texts
        ),
        scoring=IndicatorSet(
            id=shape.id,
            digest=digest(draft),
            scale=float(shape.scale),
            digits=shape.digits,
            missing=shape.missing,
            min_coverage=float(shape.min_coverage),
            province=shape.province,
            bands=tuple(Band(each.id, float(each.start)) for each in bands),
            indicators=tuple(_indicator(each, group, metrics) for group, each in texts),
        ),
        text=definition(draft),
    )


def digest(draft: SetDraft) -> str:
    return f"sha256:{sha256(definition(draft).encode()).hexdigest()}"


def definition(draft: SetDraft) -> str:
    """What the set says, part by part: formatting, defaults and 10 for 10.0 make no difference."""
    shapes = [draft.shape, *draft.bands, *draft.groups, *draft.indicators]
    said = [
        [
            list(each.part.steps),
            each.value.model_dump(
                mode="json", by_alias=True, exclude_defaults=True, exclude={"indicators"}
            ),
        ]
        for each in shapes
        if each
    ]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _indicator(shape: IndicatorShape, group: str, metrics: Metrics) -> Indicator:
    points, duty, above = shape.points, shape.applies_to, shape.above
    formula = parse_formula(shape.value)
    return Indicator(
        id=shape.id,
        group=group,
        formula=formula,
        # Where nothing can be 0 nothing needs to be said, and this is never looked at.
        when_zero=shape.when_zero or "not_applicable",
        points_max=float(points.max),
        rule=_rule(points, metrics[formula.names[0]].values or {}),
        target=_target(points),
        applies=Applies(
            blocks=None if duty.blocks is None else frozenset(duty.blocks),
            agencies=None if duty.agencies is None else frozenset(duty.agencies),
            exceptions=frozenset(duty.exceptions),
        ),
        over_province=_over_province([metrics[name] for name in formula.names]),
        above=None if above is None else Above(float(above.max), above.does),
    )


def _over_province(metrics: Iterable[MetricShape | Metric]) -> Literal["sums", "mean", "none"]:
    """Counts are summed, states and points have a mean, and of both there is no one figure."""
    averaged = {_is_averaged(metric) for metric in metrics}
    if len(averaged) > 1:
        return "none"
    return "mean" if averaged.pop() else "sums"


def _is_averaged(metric: MetricShape | Metric) -> bool:
    """A sum of states, or of points that somebody else has given, says nothing."""
    return metric.kind == "state" or metric.unit == "points"


def _rule(points: PointsShape, states: Mapping[str, Decimal]) -> Rule:
    """The rule; `states` are the numbers of the value's names, where it is a state."""
    rule: Rule
    match points:
        case ToTargetShape():
            rule = ToTarget()
        case AtMostShape():
            rule = AtMost(None if points.none_at is None else float(points.none_at))
        case StepsShape():
            rule = Steps(_knots(points.steps), float(points.max))
        case YesNoShape():
            rule = YesNo()
        case LevelsShape():
            rule = Levels(_knots(sorted((states[name], x) for name, x in points.levels.items())))
        case PiecewiseShape():
            rule = Piecewise(_knots(points.knots))
        case PartsShape():
            rule = Parts(
                tuple((parse_comparison(part.when), float(part.share)) for part in points.parts)
            )
        case _:
            assert_never(points)
    return rule


def _knots(pairs: Iterable[tuple[Decimal, Decimal]]) -> Knots:
    return tuple((float(at), float(gives)) for at, gives in pairs)


def _target(points: PointsShape) -> Target:
    if not isinstance(points, ToTargetShape | AtMostShape):
        return Target()
    target = points.target
    return Target(
        default=float(target.default),
        agencies=_floats(target.agencies),
        periods=_floats(target.periods),
        blocks=_floats(target.blocks),
    )


def _floats(numbers: Mapping[str, Decimal]) -> dict[str, float]:
    return {name: float(number) for name, number in numbers.items()}
