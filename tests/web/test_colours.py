import re
from pathlib import Path

import pytest

from collector import web

CSS = (Path(web.__file__).parent / "static" / "site.css").read_text(encoding="utf-8")
TEXTS = ("text", "muted", "link")
MARKS = ("focus", "edge", "line", "bar", "target", *(f"band-{place}" for place in range(1, 5)))
STATUSES = ("ok", "stale", "missing", "not-applicable", "not-connected", "held")


def _tokens(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light if scheme == "light" else dark))


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(share * x for share, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one: str, other: str) -> float:
    lower, higher = sorted((_luminance(one), _luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_marks_stand_out_from_paper_and_from_a_hovered_row(scheme: str) -> None:
    tokens = _tokens(scheme)

    for ground in ("paper", "wash"):
        for name in TEXTS:
            assert _contrast(tokens[name], tokens[ground]) >= 4.5, (name, ground)
        for name in (*MARKS, *(f"st-{status}" for status in STATUSES)):
            assert _contrast(tokens[name], tokens[ground]) >= 3, (name, ground)
    assert _contrast(tokens["warn-text"], tokens["warn-paper"]) >= 4.5
    assert _contrast(tokens["warn-edge"], tokens["warn-paper"]) >= 3
    assert _contrast(tokens["line"], tokens["bounds"]) >= 3


def test_both_schemes_have_the_same_tokens_and_every_one_that_is_used() -> None:
    light, dark = _tokens("light"), _tokens("dark")

    assert light.keys() == dark.keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) == light.keys()
