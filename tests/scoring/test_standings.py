"""Ranks, bands, blocks and province: every expected figure was found by hand."""

from dataclasses import replace
from decimal import Decimal

from scoring.formula import parse_formula
from scoring.model import (
    HELD,
    MISSING,
    STALE,
    Above,
    Applies,
    Band,
    ProvinceValue,
    Target,
    Triple,
)
from scoring.shown import shown
from tests.scoring.example import MEETINGS, NOTHING, OFFICER, SET, SIGNED, given, scored, triple


def test_equal_scores_share_the_better_rank_in_each_block() -> None:
    meetings = [2.0, 4.0, 2.0, 0.0, 0.0]
    agencies = [given(meetings=number) for number in meetings]

    result = scored(agencies, blocks=["office"] * 4 + ["district"])

    assert result.rank.tolist() == [2, 1, 2, 4, 1]
    assert result.rank_best.tolist() == result.rank_worst.tolist() == result.rank.tolist()


def test_scores_that_are_equal_as_decimals_tie_whatever_their_last_bits() -> None:
    tenths = [
        replace(OFFICER, id=name, formula=parse_formula(name), points_max=most)
        for name, most in (("signed", 0.1), ("sent", 0.2), ("officer", 0.3), ("meetings", 0.4))
    ]
    spec = replace(SET, indicators=tuple(tenths))
    first = given(signed=1.0, sent=1.0, officer=0.0, meetings=0.0)
    second = given(signed=0.0, sent=0.0, officer=1.0, meetings=0.0)

    result = scored([first, second], spec=spec)

    assert result.score[0] != result.score[1]
    assert result.rank.tolist() == result.rank_best.tolist() == result.rank_worst.tolist() == [1, 1]


def test_a_rank_ranges_over_what_all_scores_could_be() -> None:
    agencies = [
        given(),  # 72.5 for sure
        given(meetings=(STALE, 2.0)),  # 57.5 to 87.5
        given(meetings=4.0),  # 87.5 for sure
        given(meetings=0.0),  # 57.5 for sure
        given(signed=40.0, meetings=0.0),  # 45 for sure
    ]

    result = scored(agencies)

    assert result.rank.tolist() == [2, 2, 1, 4, 5]
    assert result.rank_best.tolist() == [2, 1, 1, 3, 5]
    assert result.rank_worst.tolist() == [3, 3, 1, 4, 5]


def test_who_has_no_score_yet_may_still_push_others_down_but_stands_above_nobody() -> None:
    spec = replace(SET, min_coverage=0.9)
    without = given(officer=(MISSING, None), meetings=4.0)  # 67.5 to 87.5, and no score

    result = scored([without, given(signed=40.0), given(meetings=4.0)], spec=spec)

    assert result.rank.tolist() == [0, 2, 1]
    assert result.rank_best.tolist() == [0, 2, 1]
    assert result.rank_worst.tolist() == [0, 3, 1]


def test_bands_are_decided_on_the_score_as_it_is_shown() -> None:
    spec = replace(SET, indicators=(replace(SIGNED, target=Target(1.0)),))
    agencies = [given(signed=signed, sent=1e6) for signed in (849_949.0, 849_950.0, 850_000.0)]

    result = scored(agencies, spec=spec)

    assert [triple(result, agency)[1] for agency in range(3)] == ["84.99", "85.00", "85.00"]
    assert result.bands == ("fair", "good", "good")


def rounded(whole: Triple) -> Triple:
    assert whole.score is not None
    return Triple(round(whole.low, 9), round(whole.score, 9), round(whole.high, 9))


def test_a_block_is_the_mean_of_its_scored_agencies_and_one_without_is_left_out() -> None:
    agencies = [given(), given(meetings=(STALE, 4.0)), NOTHING, given(meetings=0.0), NOTHING]

    result = scored(agencies, blocks=["office"] * 3 + ["district", "ward"])

    office, district = result.blocks
    assert (office.id, office.agencies_scored, office.band) == ("office", 2, "fair")
    assert rounded(office.triple) == Triple(65, 80, 80)
    assert (district.id, district.agencies_scored, district.band) == ("district", 1, "weak")
    assert rounded(district.triple) == Triple(57.5, 57.5, 57.5)
    assert result.province is not None
    assert rounded(result.province.triple) == Triple(61.25, 68.75, 68.75)
    assert result.province.band == "weak"


def test_the_province_may_be_the_mean_of_all_agencies_instead() -> None:
    agencies = [given(), given(meetings=4.0), given(meetings=0.0)]
    spec = replace(SET, province="mean_of_agencies")

    result = scored(agencies, spec=spec, blocks=["office", "office", "district"])

    assert result.province is not None
    assert rounded(result.province.triple) == Triple(72.5, 72.5, 72.5)


def test_a_mean_of_0_has_the_band_of_0() -> None:
    spec = replace(SET, bands=(Band("some", 0.5), Band("none", 0)))
    nothing = given(signed=0.0, meetings=0.0, officer=0.0)

    result = scored([nothing, nothing], spec=spec)

    assert [block.band for block in result.blocks] == ["none"]
    assert result.province is not None
    assert (result.province.triple.score, result.province.band) == (0, "none")


def test_the_published_province_is_the_plain_mean_of_its_two_blocks() -> None:
    spec = replace(SET, indicators=(replace(SIGNED, target=Target(1.0)),))
    agencies = [given(signed=73.2), given(signed=76.4)]

    result = scored(agencies, spec=spec, blocks=["office", "district"])

    assert result.province is not None
    assert shown(result.province.triple.score or 0, 2) == Decimal("74.80")


def test_over_the_province_a_ratio_is_that_of_the_sums() -> None:
    agencies = [
        given(signed=90.0, sent=100.0),
        given(signed=1.0, sent=10.0),
        given(signed=0.0, sent=0.0),  # has its inputs, and adds nothing
        given(signed=(STALE, 5.0), sent=10.0),
        given(signed=(MISSING, None), sent=1e6),  # must not weigh on one side only
    ]

    signed, meetings, officer = scored(agencies).province_values

    assert signed == ProvinceValue(96 / 120, 4)
    assert meetings == ProvinceValue(10, 5)
    assert officer == ProvinceValue(1, 5)


def test_over_the_province_a_state_is_the_mean_of_its_numbers() -> None:
    agencies = [given(officer=1.0), given(officer=0.5), given(officer=(HELD, None))]

    assert scored(agencies).province_values[2] == ProvinceValue(0.75, 2)


def test_over_the_province_only_those_with_the_duty_count() -> None:
    only = replace(SIGNED, applies=Applies(agencies=frozenset({"agency-1"})))

    result = scored([given(), given(signed=20.0)], spec=replace(SET, indicators=(only,)))

    assert result.province_values == (ProvinceValue(0.2, 1),)


def test_over_the_province_there_may_be_no_value() -> None:
    mixed = replace(MEETINGS, over_province="none")
    ratio = replace(SIGNED, over_province="mean")
    spec = replace(SET, indicators=(SIGNED, ratio, OFFICER, mixed))

    result = scored([given(signed=0.0, sent=0.0, officer=(MISSING, None))], spec=spec)

    assert result.province_values == (
        ProvinceValue(None, 1),
        ProvinceValue(None, 1),
        ProvinceValue(None, 0),
        ProvinceValue(None, 1),
    )


def test_over_the_province_a_held_value_does_not_count() -> None:
    limited = replace(SIGNED, above=Above(1, "held"))

    result = scored([given(), given(signed=300.0)], spec=replace(SET, indicators=(limited,)))

    assert result.province_values == (ProvinceValue(0.6, 1),)


def test_over_the_province_a_value_is_capped_too() -> None:
    capped = replace(SIGNED, above=Above(0.5, "cap"))

    result = scored([given()], spec=replace(SET, indicators=(capped,)))

    assert result.province_values == (ProvinceValue(0.5, 1),)


def test_sums_and_means_over_the_province_round_once_however_fine_the_numbers() -> None:
    agencies = [given(signed=0.1, officer=0.1) for _ in range(10)]
    agencies += [given(signed=1e300, sent=1e300, officer=0.0)]

    signed, _, officer = scored(agencies[:10]).province_values
    great, _, _ = scored(agencies).province_values

    assert (signed, officer) == (ProvinceValue(1 / 1000, 10), ProvinceValue(0.1, 10))
    assert great == ProvinceValue(1.0, 11)


def test_fine_numbers_over_nothing_have_no_value_over_the_province() -> None:
    assert scored([given(signed=0.1, sent=0.0)]).province_values[0] == ProvinceValue(None, 1)


def test_the_mean_of_fine_values_leaves_out_those_without_one() -> None:
    ratio = replace(SIGNED, over_province="mean")
    spec = replace(SET, indicators=(ratio,))
    agencies = [given(signed=1.0, sent=3.0), given(signed=0.0, sent=0.0)]

    assert scored(agencies, spec=spec).province_values == (ProvinceValue(1 / 3, 2),)


def test_over_the_province_states_that_are_worked_with_have_a_mean_too() -> None:
    half = replace(OFFICER, formula=parse_formula("0.5 * officer"))

    result = scored([given(), given(officer=0.5)], spec=replace(SET, indicators=(half,)))

    assert result.province_values == (ProvinceValue(0.375, 2),)
