import re
import string
from pathlib import Path
from typing import get_args

from collector import web
from collector.sources import STATES
from collector.web.views.sorting import name_key
from collector.web.words.dictionary import WORDS, say
from connectors.base import RefusalReason
from scoring.changes import CAUSES
from scoring.model import STATUSES

ROOM = Path(web.__file__).parent


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_stands_in_both_languages_with_the_same_gaps() -> None:
    for key, (vi, en) in WORDS.items():
        assert vi.strip(), key
        assert en.strip(), key
        assert _gaps(vi) == _gaps(en), key


def test_every_word_that_a_template_asks_for_is_there_and_none_is_left_over() -> None:
    modules = (file for file in ROOM.rglob("*.py") if file.parent.name != "words")
    voices = ROOM / "words/voice.py"
    texts = [*ROOM.glob("templates/*.html"), voices, *modules]
    written = "".join(file.read_text(encoding="utf-8") for file in texts)
    asked = set(re.findall(r"say\(\s*['\"](\w+)['\"]", written))
    named = set(re.findall(r"['\"](\w+)['\"]", written))

    assert asked - {"outcome_"} <= WORDS.keys()
    prefixed = ("state_", "outcome_", "refused_", "missing_", "cause_", "wrong_")
    assert {key for key in WORDS if not key.startswith(prefixed)} - named == {
        "not_applicable_why",
        "not_connected_why",
        "held_why",
    }


def test_every_status_state_outcome_and_reason_has_its_word() -> None:
    assert set(STATUSES) <= WORDS.keys()
    assert {f"state_{state}" for state in STATES} <= WORDS.keys()
    assert {f"cause_{cause}" for cause in CAUSES} <= WORDS.keys()
    assert {f"refused_{reason}" for reason in get_args(RefusalReason)} <= WORDS.keys()
    assert say("rank_of", "vi", rank=3, count=20) == "Hạng 3 trong 20"


def test_names_sort_by_letter_and_then_by_tone() -> None:
    names = [
        "Ủy ban",
        "Đảng",
        "Dân tộc",
        "An",
        "Ăn",
        "Ân",
        "Ánh",
        "Ảnh",
        "Anh",
        "Zi",
        "Ơ",
        "Ô",
        "O",
    ]

    assert sorted(names, key=name_key) == [
        "An", "Anh", "Ảnh", "Ánh", "Ăn", "Ân", "Dân tộc", "Đảng", "O", "Ô", "Ơ", "Ủy ban", "Zi",
    ]  # fmt: skip
