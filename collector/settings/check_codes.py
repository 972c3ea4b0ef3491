"""Checks of codes: that a source's system has some, that none is of nobody's, none forgotten."""

from collections.abc import Iterator

from collector.settings.check_lint import applies
from collector.settings.check_province import overlap
from collector.settings.draft import Draft, SetDraft, SourceDraft
from collector.settings.findings import Finding, hint
from collector.settings.part import Located
from collector.settings.set_shape import IndicatorShape, SetShape
from collector.settings.shape import AgencyShape
from connectors.base import Connector
from scoring.formula import parse_formula


def agencies_have_codes(draft: Draft) -> Iterator[Finding]:
    """A source whose system no agency has a code in would have all its rows refused."""
    systems = {system for agency in draft.agencies for system in agency.value.codes}
    for source in draft.sources:
        system = source.value.connector.agency_system
        if draft.agencies_whole and system is not None and system not in systems:
            problem = f"no agency has a code in the system {system}{hint(system, systems)}"
            yield _system_finding(source, problem)


def _system_finding(source: Located[SourceDraft], problem: str) -> Finding:
    for path, place in source.part.document.places.items():
        if path[: len(source.part.steps)] == source.part.steps and path[-2:] == (
            "agency",
            "system",
        ):
            return Finding(place, problem)
    return source.part.error(problem)


def codes_have_a_source(draft: Draft) -> Iterator[Finding]:
    """A system close to one in use is a slip; another may be of a source that is still to come."""
    systems = {each.value.connector.agency_system for each in draft.sources} - {None}
    used = {system for system in systems if system}
    problem = "no source has the codes of this system"
    told = set[str]()
    for agency in draft.agencies:
        for system in agency.value.codes:
            if not draft.sources_whole or system in used:
                continue
            if near := hint(system, used):
                yield agency.part.error(
                    f"no source has the codes of this system{near}", "codes", system
                )
            elif system not in told:
                told.add(system)
                yield agency.part.warning(problem, "codes", system)


def codes_are_not_forgotten(draft: Draft) -> Iterator[Finding]:
    """Where a set leaves out what is missing, an agency without a code scores better for it.

    That a whole block has no codes is meant: then none of it is told.
    """
    for each in draft.sets:
        shape = each.shape
        if shape is None or shape.value.missing != "exclude" or not draft.agencies_whole:
            continue
        for agency in draft.agencies if draft.sources_whole else ():
            if overlap(shape.value.effective, agency.value):
                yield from _forgotten(agency, each, shape, draft)


def _forgotten(
    agency: Located[AgencyShape], each: SetDraft, shape: Located[SetShape], draft: Draft
) -> Iterator[Finding]:
    left_out: dict[str, list[str]] = {}
    for indicator in each.indicators:
        if indicator.value.points.max and applies(indicator.value, agency.value):
            for system in sorted(_lacking(agency.value, indicator.value, draft)):
                left_out.setdefault(system, []).append(indicator.value.id)
    for system, names in left_out.items():
        problem = (
            f"has no code in the system {system}, so the set {shape.value.id} leaves "
            f"{', '.join(names)} out of its maximum (`missing: exclude`): "
            "add the code, or say by `applies_to` that it is meant"
        )
        yield agency.part.warning(problem, "codes")


def _lacking(agency: AgencyShape, indicator: IndicatorShape, draft: Draft) -> set[str]:
    """The systems in which a code would bring it a metric that nothing else brings."""
    found = set[str]()
    for metric in parse_formula(indicator.value).metrics:
        feeders = [
            source.value.connector
            for source in draft.sources
            if any(name == metric for name, _ in source.value.connector.feeds())
        ]
        if not any(_is_fed(agency, one) for one in feeders):
            systems = {one.agency_system for one in feeders}
            found |= {one for one in systems if one and _is_usual(one, agency, indicator, draft)}
    return found


def _is_fed(agency: AgencyShape, connector: Connector) -> bool:
    system, named = connector.agency_system, connector.agencies()
    if system is not None:
        return system in agency.codes
    return not named or agency.id in named


def _is_usual(system: str, agency: AgencyShape, indicator: IndicatorShape, draft: Draft) -> bool:
    """Whether others of its block have one, or the indicator names the agency itself."""
    named = agency.id in (indicator.applies_to.agencies or ())
    return named or any(
        system in one.value.codes for one in draft.agencies if one.value.block == agency.block
    )
