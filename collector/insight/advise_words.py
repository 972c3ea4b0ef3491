"""Advice as lines in both languages: what to reach, by how much of what, and what follows."""

from collector import figures
from collector.documents import Document
from collector.figures import Language
from collector.insight.rule_words import Texts

NOTHING: Texts = {
    "vi": "Đã đạt điểm tối đa ở mọi chỉ số có số liệu.",
    "en": "All points are reached in every indicator that has data.",
}
NO_DATA: Texts = {
    "vi": "Chưa có đủ số liệu gốc: cần có số liệu trước",
    "en": "The raw figures are not all there: they are needed first",
}
_WANTED = {
    "target": ("Đạt mục tiêu {value}", "Meet the target of {value}"),
    "yes": ("Đạt yêu cầu, {points} điểm", "Meet the condition, {points} points"),
    "step": ("Lên bậc {points} điểm", "Reach the step of {points} points"),
    "level": ("Lên mức {points} điểm", "Reach the level of {points} points"),
    "knot": ("Lên mốc {points} điểm", "Reach the knot of {points} points"),
    "condition": ("Thêm một điều kiện, {points} điểm", "One more condition, {points} points"),
    "band": ("Lên mức {band}", "Reach the band {band}"),
    "rank": ("Lên hạng {rank}", "Reach rank {rank}"),
}


def wanted_words(goal: Document, unit: str) -> Texts:
    """What the goal is, as a heading."""
    return {language: _wanted(goal, unit, language) for language in figures.LANGUAGES}


def option_words(option: Document, *, working: bool) -> Texts:
    """By how much of what it is reached; `working` says that days off are left out of the pace."""
    return {language: _option(option, language, working=working) for language in figures.LANGUAGES}


def goal_words(goal: Document, digits: int) -> Texts:
    """The goal with its ways, or that this alone does not reach it."""
    return {language: _goal(goal, digits, language) for language in figures.LANGUAGES}


def _wanted(goal: Document, unit: str, language: Language) -> str:
    value = goal["target"]
    write = figures.percent_target if unit == "ratio" else figures.plain
    return _pick(_WANTED[goal["goal"]], language).format_map(
        {
            "value": goal["target_word"] or ("" if value is None else write(value, language)),
            "points": "" if goal["points"] is None else figures.plain(goal["points"], language),
            "band": "" if goal["band_name"] is None else goal["band_name"][language],
            "rank": goal["rank"],
        }
    )


def _option(option: Document, language: Language, *, working: bool) -> str:
    name = option["name"][language]
    if option["to_word"] is not None:
        return _pick(
            ("{name}: từ “{a}” thành “{b}”", "{name}: from “{a}” to “{b}”"), language
        ).format(name=name, a=option["from_word"], b=option["to_word"])
    size = figures.plain(abs(option["change"]), language)
    more = option["change"] > 0
    pattern = _pick(_MORE if more else _LESS, language)
    if option["with"]:
        pattern = _pick(_TOGETHER, language)
    text = pattern.format(
        name=name,
        n=size,
        a=figures.plain(option["from"], language),
        b=figures.plain(option["to"], language),
        whole=", ".join(one["name"][language] for one in option["with"]),
    )
    if option["per_day"] is None:
        return text
    pace = _pick(_PACE_WORKING if working else _PACE, language)
    return text + pace.format(p=figures.plain(option["per_day"], language))


def _goal(goal: Document, digits: int, language: Language) -> str:
    heading = goal["wanted"][language]
    if not goal["options"]:
        alone = _pick(("riêng chỉ số này không đủ", "not by this alone"), language)
        return f"{heading}: {alone}"
    ways = _pick(("; hoặc ", "; or "), language).join(
        option["words"][language] for option in goal["options"]
    )
    first = goal["options"][0]
    return f"{heading}: {ways}{_follows(first, digits, language)}"


def _follows(option: Document, digits: int, language: Language) -> str:
    points = figures.score(option["points"], digits, language)
    if option["score"] is None:
        return _pick((" → {p} điểm", " → {p} points"), language).format(p=points)
    return _pick((" → {p} điểm, tổng {s}", " → {p} points, {s} in all"), language).format(
        p=points, s=figures.score(option["score"], digits, language)
    )


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[0 if language == "vi" else 1]


_MORE = ("{name}: thêm {n} (từ {a} lên {b})", "{name}: {n} more (from {a} to {b})")
_LESS = ("{name}: bớt {n} (từ {a} xuống {b})", "{name}: {n} fewer (from {a} to {b})")
_TOGETHER = (
    "{name}: thêm {n} mới, tính cả vào {whole} (từ {a} lên {b})",
    "{name}: {n} new ones, also counted in {whole} (from {a} to {b})",
)
_PACE = (", khoảng {p} mỗi ngày", ", about {p} a day")
_PACE_WORKING = (", khoảng {p} mỗi ngày làm việc", ", about {p} a working day")
