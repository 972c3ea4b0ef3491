"""How the files agree with each other: the list of all checks, each a rule with a name.

A check speaks only of parts that passed their models: the others have their findings already.
"""

from collections.abc import Callable, Iterator

from collector.settings import (
    check_codes,
    check_lint,
    check_names,
    check_province,
    check_reach,
    check_rules,
    check_sets,
    check_sources,
)
from collector.settings.draft import Draft
from collector.settings.findings import Finding

Check = Callable[[Draft], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    check_province.time_zone_exists,
    check_province.ids_stand_once,
    check_province.codes_mean_one_agency,
    check_names.blocks_of_agencies,
    check_names.successors_of_agencies,
    check_names.bounds_of_metrics,
    check_names.metrics_of_sources,
    check_names.metrics_of_expectations,
    check_names.agencies_of_sources,
    check_names.metrics_of_formulas,
    check_names.agencies_and_blocks_of_sets,
    check_sources.one_source_feeds_a_series,
    check_sources.totals_have_a_period,
    check_sources.cron_comes_due,
    check_codes.agencies_have_codes,
    check_codes.codes_have_a_source,
    check_codes.codes_are_not_forgotten,
    check_sources.secrets_are_there,
    check_sources.options_can_be_used,
    check_sources.metrics_are_of_use,
    check_sources.sources_are_of_use,
    check_sets.ids_stand_once,
    check_sets.sets_do_not_overlap,
    check_sets.bands_begin_at_zero,
    check_sets.points_are_to_be_had,
    check_sets.zero_divisors_are_decided,
    check_rules.levels_are_those_of_a_state,
    check_rules.conditions_speak_of_the_value,
    check_rules.targets_can_be_reached,
    check_sets.metrics_have_a_range,
    check_sets.totals_are_fed_for_the_period,
    check_lint.points_add_up,
    check_reach.rules_give_all_points,
    check_reach.steps_rise,
    check_reach.rules_keep_their_direction,
    check_reach.values_reach_what_is_asked,
    check_lint.bands_are_in_order,
    check_lint.bands_hold_a_score,
    check_lint.metrics_are_collected,
)


def checked(draft: Draft) -> list[Finding]:
    return [finding for check in CHECKS for finding in check(draft)]
