"""Each rule at work, as numbers and as words."""

import math

import pytest

from collector.insight.rule_words import Fired, exact, kind_of, rule_text, rule_words
from scoring.formula import parse_comparison
from scoring.model import Rule
from scoring.rules import AtMost, Levels, Parts, Piecewise, Steps, ToTarget, YesNo

STEPS = Steps(((2, 2.0), (4, 4.0)), 4.0)
LEVELS = Levels(((0, 0.0), (0.5, 0.5), (1, 1.0)))
LINE = Piecewise(((0, 0.0), (0.5, 0.2), (1, 1.0)))
PARTS = Parts(((parse_comparison("a >= 1"), 0.25), (parse_comparison("b >= 1"), 0.75)))
WORDS = {0.0: "Chưa có", 0.5: "Cấp phó", 1.0: "Cấp trưởng"}


def _fired(rule: Rule, value: float, target: float, share: float, unit: str) -> Fired:
    named = WORDS if unit == "state" else {}
    numbers = {"a": 1.0, "b": 0.0}
    return Fired(rule, value, target, share, 4.0, unit, 2, numbers, named.get)


@pytest.mark.parametrize(
    ("rule", "value", "target", "share", "unit", "text", "vi", "en"),
    [
        (
            *(ToTarget(), 0.485, 0.97, 0.5, "ratio"),
            "min(1, 0.485 / 0.97) × 4",
            "2,00 trên 4 điểm = 4 × 48,5% / 97%",
            "2.00 of 4 points = 4 × 48.5% / 97%",
        ),
        (
            *(ToTarget(), 0.98, 0.97, 1.0, "ratio"),
            "min(1, 0.98 / 0.97) × 4",
            "Đạt mục tiêu 97% (kết quả 98%): đủ 4 điểm",
            "The target of 97% is met (result 98%): all 4 points",
        ),
        (
            *(ToTarget(), 0.5, 1.0, 0.5, "state"),
            "min(1, 0.5 / 1) × 4",
            "2,00 trên 4 điểm = 4 × 0,5 / 1",
            "2.00 of 4 points = 4 × 0.5 / 1",
        ),
        (
            *(AtMost(), 3.0, 5.0, 1.0, "dossiers"),
            "1 × 4",
            "Không quá 5 (kết quả 3): đủ 4 điểm",
            "At most 5 (result 3): all 4 points",
        ),
        (
            *(AtMost(), 20.0, 5.0, 0.25, "dossiers"),
            "5 / 20 × 4",
            "1,00 trên 4 điểm = 4 × 5 / 20 (càng thấp càng tốt)",
            "1.00 of 4 points = 4 × 5 / 20 (lower is better)",
        ),
        (
            *(AtMost(none_at=0.2), 0.1, 0.05, 2 / 3, "ratio"),
            "min(1, max(0, (0.2 - 0.1) / (0.2 - 0.05))) × 4",
            "2,67 trên 4 điểm: 10% nằm giữa 5% (đủ điểm) và 20% (0 điểm)",
            "2.67 of 4 points: 10% is between 5% (all) and 20% (none)",
        ),
        (
            *(STEPS, 3.0, math.nan, 0.5, "meetings"),
            "0.5 × 4",
            "Bậc từ 2 trở lên (kết quả 3): 2,00 trên 4 điểm; bậc tiếp theo từ 4: 4 điểm",
            "The step from 2 on (result 3): 2.00 of 4 points; the next step is from 4: 4 points",
        ),
        (
            *(STEPS, 9.0, math.nan, 1.0, "meetings"),
            "1 × 4",
            "Bậc từ 4 trở lên (kết quả 9): 4,00 trên 4 điểm",
            "The step from 4 on (result 9): 4.00 of 4 points",
        ),
        (
            *(STEPS, 1.0, math.nan, 0.0, "meetings"),
            "0 × 4",
            "Chưa đến bậc nào (kết quả 1): 0,00 trên 4 điểm; bậc tiếp theo từ 2: 2 điểm",
            "No step is reached (result 1): 0.00 of 4 points; the next step is from 2: 2 points",
        ),
        (
            *(YesNo(), 1.0, math.nan, 1.0, "state"),
            "1 × 4",
            "Có: 4,00 trên 4 điểm",
            "Yes: 4.00 of 4 points",
        ),
        (
            *(YesNo(), 0.0, math.nan, 0.0, "state"),
            "0 × 4",
            "Không: 0,00 trên 4 điểm",
            "No: 0.00 of 4 points",
        ),
        (
            *(LEVELS, 0.5, math.nan, 0.5, "state"),
            "0.5 × 4",
            "Mức Cấp phó: 2,00 trên 4 điểm",
            "Level Cấp phó: 2.00 of 4 points",
        ),
        (
            *(LEVELS, -1.0, math.nan, 0.0, "state"),
            "0 × 4",
            "Chưa đến bậc nào (kết quả -1): 0,00 trên 4 điểm".replace("-1", "−1"),
            "No step is reached (result −1): 0.00 of 4 points",
        ),
        (
            *(LINE, 0.75, math.nan, 0.6, "ratio"),
            "(0.2 + (0.75 - 0.5) / (1 - 0.5) × (1 - 0.2)) × 4",
            "2,40 trên 4 điểm: 75% nằm giữa 50% (0,8 điểm) và 100% (4 điểm)",
            "2.40 of 4 points: 75% is between 50% (0.8) and 100% (4)",
        ),
        (
            *(LINE, 1.5, math.nan, 1.0, "ratio"),
            "1 × 4",
            "4,00 trên 4 điểm: 150%, ngoài mốc 100%",
            "4.00 of 4 points: 150%, beyond the knot 100%",
        ),
        (
            *(PARTS, 1.0, math.nan, 0.25, "state"),
            "min(1, 0.25) × 4",
            "1,00 trên 4 điểm, 1/2 điều kiện đạt: ✓ a >= 1 (1); ✗ b >= 1 (3)",
            "1.00 of 4 points, 1 of 2 conditions hold: ✓ a >= 1 (1); ✗ b >= 1 (3)",
        ),
    ],
)
def test_a_rule_says_what_it_did(
    rule: Rule, value: float, target: float, share: float, unit: str, text: str, vi: str, en: str
) -> None:
    fired = _fired(rule, value, target, share, unit)

    assert rule_text(fired) == text
    assert rule_words(fired) == {"vi": vi, "en": en}


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (ToTarget(), "to_target"),
        (AtMost(), "at_most"),
        (STEPS, "steps"),
        (YesNo(), "yes_no"),
        (LEVELS, "levels"),
        (LINE, "piecewise"),
        (PARTS, "parts"),
    ],
)
def test_every_rule_has_its_name_in_the_files(rule: Rule, kind: str) -> None:
    assert kind_of(rule) == kind


def test_a_number_for_programs_is_exact_to_nine_decimals_or_a_question() -> None:
    assert [exact(x) for x in (1.0, 0.9119999999, -2.5, 1e15, math.nan)] == [
        "1",
        "0.912",
        "-2.5",
        "1000000000000000",
        "?",
    ]
