"""Explanations against the store, the board and themselves, over days of a simulated year."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest

from collector.documents import agency_document
from collector.insight.evidence import NOTHING_READ, evidence_of
from collector.insight.explain import explain, filled
from collector.insight.retrace import RetraceError, Traced, check_agency, retrace_stored
from collector.periods import instant_us
from collector.settings.load import load
from collector.settings.model import Settings
from collector.store.store import Store
from tests.years import ROOT, Year

Tree = dict[str, Any]
# The end of every ninth day: all months, days of the week, and weeks of reports are met.
DAYS = [datetime(2024, 1, 2, 17, tzinfo=UTC) + timedelta(days=9 * n) for n in range(41)]
NUMBER = re.compile(r"[−+]?\d[\d.,]*")


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load(ROOT / "config" / "sonla", environ={})


@pytest.fixture(scope="module")
def store(year: Year) -> Iterator[Store]:
    opened = Store.open(year.url, read_only=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def days(settings: Settings, store: Store) -> list[Traced]:
    numbers = [store.number_at(instant_us(day)) for day in DAYS]
    return [retrace_stored(settings, store, number=number) for number in numbers if number]


GOLDEN = {
    0: {
        "vi": "Sở Y tế: 19,55 điểm, tăng 5,81 so với hôm qua: Văn bản điện tử đi được ký số cá "
        "nhân −0,60; bắt đầu được tính: Hồ sơ được xử lý trực tuyến; Số hóa hồ sơ, kết "
        "quả giải quyết; Phí, lệ phí nộp không dùng tiền mặt. Chưa có số liệu: Người đứng"
        " đầu làm trưởng Ban Chỉ đạo chuyển đổi số; Phiên họp Ban Chỉ đạo chuyển đổi số "
        "trong năm; Tin, bài tuyên truyền về chuyển đổi số; và 13 chỉ số khác.",
        "en": "Department of Health: 19.55 points, 5.81 more than yesterday: Outgoing "
        "e-documents with a personal digital signature −0.60; newly counted: Dossiers "
        "processed online; Dossiers and results digitised; Fees paid without cash. No "
        "data yet: Steering committee headed by the head of the agency; Meetings of the "
        "steering committee in the year; News items on digital transformation; and 13 "
        "more.",
    },
    31: {
        "vi": "Sở Y tế: 73,68 điểm, tăng 0,34 so với hôm qua: Cơ sở y tế thanh toán không dùng "
        "tiền mặt +0,24; Cán bộ được bồi dưỡng kỹ năng số +0,06; Chất lượng phục vụ người"
        " dân, doanh nghiệp (Quyết định 766) −0,04; và 4 chỉ số khác.",
        "en": "Department of Health: 73.68 points, 0.34 more than yesterday: Health facilities "
        "that take cashless payment +0.24; Staff trained in digital skills +0.06; Quality"
        " of service to citizens and business (Decision 766) −0.04; and 4 more.",
    },
}


def _indicators(tree: Tree) -> list[Tree]:
    return [one for group in tree["groups"] for one in group["indicators"]]


def _trees(days: list[Traced]) -> Iterator[tuple[Traced, Tree]]:
    for turn, traced in enumerate(days):
        agencies = traced.board.roster.agencies
        for agency in agencies[turn % 4 :: 4]:
            yield traced, explain(traced, agency, NOTHING_READ)


def test_all_days_of_the_year_come_out_again_as_they_were_published(days: list[Traced]) -> None:
    for traced in days:
        for agency in traced.board.roster.agencies:
            check_agency(traced, agency)

    assert len(days) >= 40


def test_every_figure_of_a_tree_is_the_boards(days: list[Traced], settings: Settings) -> None:
    for traced, tree in _trees(days):
        agency = tree["agency"]["id"]
        document = agency_document(
            traced.edition,
            traced.set_id,
            agency,
            settings=settings,
            readings=traced.known.readings,
            sources={},
        )
        for key in ("score", "low", "high", "rank", "band", "coverage", "change"):
            assert tree["score"][key] == document[key]
        for group, shown in zip(tree["groups"], document["groups"], strict=True):
            assert (group["points"], group["points_max"]) == (shown["points"], shown["points_max"])
            for one, cell in zip(group["indicators"], shown["indicators"], strict=True):
                for key in ("value", "target", "status", "points", "points_low", "points_high"):
                    assert one[key] == cell[key]


def test_a_score_is_recomputed_upwards_from_the_readings_alone(days: list[Traced]) -> None:
    checked = 0
    for _, tree in _trees(days):
        results = [one for one in _indicators(tree) if one["points"] is not None]
        for one in results:
            assert _half_up(one["rule"]["result"], 2) == Decimal(str(one["points"])).quantize(
                Decimal("0.01")
            )
            checked += _value_agrees(one)
        if tree["score"]["score"] is None:
            continue
        total = sum((Fraction(str(one["rule"]["result"])) for one in results), Fraction(0))
        most = sum((Fraction(str(one["points_max"])) for one in results), Fraction(0))
        again = _half_up(float(100 * total / most), 2)
        assert again == Decimal(str(tree["score"]["score"])).quantize(Decimal("0.01"))
    assert checked > 5000


def _value_agrees(one: Tree) -> int:
    """The formula on the readings, as exact fractions; 1 where there was something to compare."""
    names = {each["metric"]: each["value"] for each in one["readings"]}
    if None in names.values() or one["value"] is None:
        return 0
    text = filled(one["formula"]["text"], {k: f"Fraction('{v}')" for k, v in names.items()})
    value = eval(text, {"Fraction": Fraction})  # noqa: S307  the formulas are those of the config
    assert _half_up(float(value), 9) == Decimal(str(one["value"])).quantize(Decimal("1e-9"))
    return 1


def _half_up(number: float, digits: int) -> Decimal:
    return Decimal(str(number)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def test_every_leaf_is_the_stores_observation_of_its_run(days: list[Traced], store: Store) -> None:
    seen = 0
    for traced in days[::8]:
        tree = explain(traced, "so-yte", evidence_of(traced, store, "so-yte"))
        for reading in [leaf for one in _indicators(tree) for leaf in one["readings"]]:
            run = reading["run"]
            assert (run is None) == (reading["value"] is None)
            if run is None:
                continue
            facts = {
                (fact.series.metric, fact.series.agency, fact.series.period or None): fact
                for fact in store.admitted(run["id"])
            }
            fact = facts[reading["metric"], "so-yte", reading["period"]]
            assert float(fact.value or 0) == reading["value"]
            assert run["source"] == reading["source"]
            assert (run["outcome"], run["ended_at"]) == ("ok", reading["known_at"])
            assert run["source"] == "reports" or run["requests"]
            seen += 1
    assert seen > 100


@pytest.mark.parametrize("language", ["vi", "en"])
def test_all_numbers_of_a_sentence_are_the_trees(days: list[Traced], language: str) -> None:
    read = 0
    for _, tree in _trees(days):
        text = tree["sentence"][language]
        names = [tree["agency"]["name"], *(one["name"] for one in _indicators(tree))]
        for name in sorted((name[language] for name in names), key=len, reverse=True):
            text = text.replace(name, "")
        found = [_number(piece, language) for piece in NUMBER.findall(text)]
        assert found == pytest.approx(_told(tree)), tree["sentence"]
        read += len(found)
    assert read > 400


def _told(tree: Tree) -> list[float]:
    """The numbers that a sentence has to tell, in its order."""
    score, ones = tree["score"], _indicators(tree)
    told = [score["score"]] if score["score"] is not None else [score["low"], score["high"]]
    told += [abs(score["change"])] if score["change"] else []
    moved = sorted((one for one in ones if one["change"]), key=lambda one: -abs(one["change"]))
    told += [one["change"] for one in moved[:3]] + _more(moved)
    for which in ("newly", "no_longer"):
        told += _more([one for one in ones if one["counts"] == which])
    for status in ("stale", "missing", "held", "not_connected"):
        mine = [one for one in ones if one["status"] == status]
        told += [_age(tree, one) for one in mine[:3]] if status == "stale" else []
        told += _more(mine)
    return told


def _more(ones: list[Tree]) -> list[float]:
    return [len(ones) - 3.0] if len(ones) > 3 else []


def _age(tree: Tree, one: Tree) -> float:
    """Whole days: what is stale in the demo is so after a day at least."""
    oldest = min(each["data_at"] for each in one["readings"] if each["status"] == "stale")
    age = datetime.fromisoformat(tree["published_at"]) - datetime.fromisoformat(oldest)
    return float(age.days)


def _number(text: str, language: str) -> float:
    plain = text.strip(".,").replace("−", "-")
    if language == "vi":
        return float(plain.replace(".", "").replace(",", "."))
    return float(plain.replace(",", ""))


@pytest.mark.parametrize("day", sorted(GOLDEN))
def test_the_sentences_of_these_days_are_these(days: list[Traced], day: int) -> None:
    assert explain(days[day], "so-yte", NOTHING_READ)["sentence"] == GOLDEN[day]


def test_one_indicator_is_the_same_branch_of_the_tree(days: list[Traced]) -> None:
    whole = explain(days[-1], "so-yte", NOTHING_READ)
    branch = explain(days[-1], "so-yte", NOTHING_READ, "staff-trained")

    (only,) = _indicators(branch)
    assert only == next(one for one in _indicators(whole) if one["id"] == "staff-trained")
    assert branch["sentence"] == whole["sentence"]


def test_what_is_not_there_is_refused(days: list[Traced], settings: Settings, store: Store) -> None:
    with pytest.raises(RetraceError, match="nobody: the scoreboard has no such agency"):
        explain(days[-1], "nobody", NOTHING_READ)
    with pytest.raises(RetraceError, match="nothing: no such indicator"):
        explain(days[-1], "so-yte", NOTHING_READ, "nothing")
    with pytest.raises(RetraceError, match="--set other: in force are"):
        retrace_stored(settings, store, "other")
    with pytest.raises(RetraceError, match="no such scoreboard"):
        retrace_stored(settings, store, number=10**9)
