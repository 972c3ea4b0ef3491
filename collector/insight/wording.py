"""Reasons in both languages: why a figure is not there, or why it is not to be trusted."""

from zoneinfo import ZoneInfo

from collector import figures
from collector.facts import Refusal, StoredRun
from collector.figures import Language
from collector.insight.rule_words import Texts
from collector.settings.model import Metric, Source
from connectors.base import RefusalReason

REASONS: dict[RefusalReason, tuple[str, str]] = {
    "unknown_agency": ("cơ quan không có trong danh sách", "unknown agency"),
    "duplicate": ("dòng thứ hai của cùng số liệu", "second row of the same figure"),
    "type": ("sai kiểu giá trị", "value of the wrong type"),
    "future": ("thời điểm ở tương lai", "of a time that is yet to come"),
    "range": ("ngoài khoảng hợp lý", "outside the plausible range"),
    "at_most": ("lớn hơn số liệu chặn trên", "above the figure that bounds it"),
    "fall": ("giảm quá mức cho phép", "fell by more than allowed"),
    "expect": ("trái với điều kiện của nguồn", "breaks an expectation of the source"),
    "held": ("cả lượt bị tạm giữ", "the whole run is held"),
}
_OUTCOMES = {
    "ok": ("tốt", "ok"),
    "held": ("bị tạm giữ", "held"),
    "failed": ("lỗi", "failed"),
    "interrupted": ("bị ngắt", "interrupted"),
    "coalesced": ("gộp vào lượt sau", "joined with a later run"),
}


def texts(vi: str, en: str, **fill: Texts | str | int) -> Texts:
    """One sentence in both languages; what differs between them is given in both."""

    def of(pattern: str, language: Language) -> str:
        given = {key: one[language] if isinstance(one, dict) else one for key, one in fill.items()}
        return pattern.format_map(given)

    return {"vi": of(vi, "vi"), "en": of(en, "en")}


def instant(at_us: int, zone: ZoneInfo) -> Texts:
    return {one: figures.instant(at_us, zone, one) for one in figures.LANGUAGES}


def stale(data_us: int, limit_us: int, now_us: int, zone: ZoneInfo) -> Texts:
    """How old a reading is, and up to which age it is trusted."""
    return texts(
        "Số liệu đến {at} ({age}), cũ hơn mức {limit} của nguồn",
        "Data as of {at} ({age}), older than the source's {limit}",
        at=instant(data_us, zone),
        age={one: figures.age(data_us, now_us, one) for one in figures.LANGUAGES},
        limit={one: figures.duration(limit_us, one) for one in figures.LANGUAGES},
    )


def missing(source: Source, asked: StoredRun | None, zone: ZoneInfo) -> Texts:
    """Which source was asked, and when."""
    name = {"vi": source.name.vi, "en": source.name.en}
    if asked is None:
        return texts("Chưa hỏi {name} lần nào", "{name} has not been asked yet", name=name)
    return texts(
        "Đã hỏi {name} lúc {at} (lượt {run}: {outcome}), chưa nhận được số liệu kỳ này",
        "{name} was asked at {at} (run {run}: {outcome}), nothing came for this period",
        name=name,
        at=instant(asked.ended_us, zone),
        run=asked.id,
        outcome=dict(zip(("vi", "en"), _OUTCOMES[asked.outcome], strict=True)),
    )


def held(refusal: Refusal, run: StoredRun | None, zone: ZoneInfo) -> Texts:
    """What was refused, when and why."""
    why = dict(zip(("vi", "en"), REASONS[refusal.reason], strict=True))
    if run is None:
        return texts("{got} chưa dùng: {why}", "{got} is not used: {why}", got=refusal.got, why=why)
    return texts(
        "Số liệu nhận lúc {at} chưa dùng (lượt {run}): {got}, {why}",
        "The figure of {at} is not used (run {run}): {got}, {why}",
        at=instant(run.ended_us, zone),
        run=run.id,
        got=refusal.got,
        why=why,
    )


def not_connected(able: tuple[Source, ...]) -> Texts:
    """No source feeds it; `able` bring the metric and do not know the agency."""
    if not able:
        return texts(
            "Chưa có hệ thống nguồn cung cấp số liệu này", "No source system feeds this yet"
        )
    return texts(
        "{name} có số liệu này nhưng không có mã của cơ quan",
        "{name} brings this figure, but has no code of the agency",
        name={
            "vi": ", ".join(one.name.vi for one in able),
            "en": ", ".join(one.name.en for one in able),
        },
    )


NO_DUTY = texts(
    "Bộ chỉ số không giao cơ quan nhiệm vụ này (applies_to); không tính vào điểm tối đa",
    "The set gives the agency no such duty (applies_to); left out of the maximum",
)
NO_DIVISOR = {
    "not_applicable": texts(
        "Mẫu số bằng 0; không tính vào điểm tối đa",
        "The denominator is 0; left out of the maximum",
    ),
    "zero": texts("Mẫu số bằng 0; tính 0 điểm", "The denominator is 0; counts as 0 points"),
    "full": texts("Mẫu số bằng 0; tính đủ điểm", "The denominator is 0; counts as all points"),
}
COUNTED = {
    "zero": texts("tính 0 điểm", "counts as 0 points"),
    "exclude": texts("không tính vào điểm tối đa", "left out of the maximum"),
}
BEYOND = texts(
    "Giá trị vượt mức tự nhiên của chỉ số",
    "The value is beyond what the indicator can naturally be",
)


def state_word(metric: Metric, number: float) -> str | None:
    """A state's own word for a number."""
    named = metric.values or {}
    return next((word for word, value in named.items() if float(value) == number), None)
