"""One sentence for officials in each language, made from an explanation's tree and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collector import figures
from collector.documents import Document
from collector.figures import Language
from collector.insight.rule_words import Texts
from collector.periods import instant_us

# So many names stand in a list; the rest is counted.
_NAMED_MAX = 3


def sentence(tree: Document) -> Texts:
    """The score, how it moved since yesterday and through what, and which inputs are amiss."""
    return {language: _Sentence(tree, language).text() for language in figures.LANGUAGES}


@dataclass(frozen=True)
class _Sentence:
    tree: Document
    language: Language

    def text(self) -> str:
        parts = [self._score() + self._moved() + self._through() + "."]
        parts += [self._stale()]
        parts += [self._amiss(status) for status in ("missing", "held", "not_connected")]
        return " ".join(part for part in parts if part)

    def _score(self) -> str:
        score, name = self.tree["score"], self.tree["agency"]["name"][self.language]
        if score["score"] is None:
            return self._say(
                "{name}: chưa có điểm, có thể từ {low} đến {high} điểm",
                "{name}: no score yet, possibly {low} to {high} points",
                name=name,
                low=self._points(score["low"]),
                high=self._points(score["high"]),
            )
        return self._say(
            "{name}: {score} điểm",
            "{name}: {score} points",
            name=name,
            score=self._points(score["score"]),
        )

    def _moved(self) -> str:
        change = self.tree["score"]["change"]
        if change is None:
            return ""
        if not change:
            return self._say(", không đổi so với hôm qua", ", unchanged since yesterday")
        size = self._points(abs(change))
        if change > 0:
            return self._say(", tăng {x} so với hôm qua", ", {x} more than yesterday", x=size)
        return self._say(", giảm {x} so với hôm qua", ", {x} less than yesterday", x=size)

    def _through(self) -> str:
        """The indicators that moved most, with the change of their points."""
        moved = sorted(
            (one for one in self._indicators() if one["change"]),
            key=lambda one: -abs(one["change"]),
        )
        digits = self.tree["score"]["digits"]
        listed = self._listed(
            moved,
            lambda one: f"{self._name(one)} {figures.change(one['change'], digits, self.language)}",
        )
        counts = (self._counts(which, words) for which, words in _COUNTS.items())
        pieces = [piece for piece in (listed, *counts) if piece]
        return f": {'; '.join(pieces)}" if pieces else ""

    def _counts(self, which: str, words: tuple[str, str]) -> str:
        """Indicators that came into the score or went out of it."""
        found = [one for one in self._indicators() if one["counts"] == which]
        listed = self._listed(found, self._name)
        return f"{words[self._column]} {listed}" if listed else ""

    def _stale(self) -> str:
        listed = self._listed(
            self._having("stale"), lambda one: f"{self._name(one)} ({self._age(one)})"
        )
        return self._say("Số liệu cũ: {x}.", "Out of date: {x}.", x=listed) if listed else ""

    def _amiss(self, status: str) -> str:
        listed = self._listed(self._having(status), self._name)
        return f"{_AMISS[status][self._column]}: {listed}." if listed else ""

    def _age(self, indicator: Document) -> str:
        """Of the oldest of its readings that are out of date."""
        data = [one["data_at"] for one in indicator["readings"] if one["status"] == "stale"]
        return figures.age(_us(min(data)), _us(self.tree["published_at"]), self.language)

    def _listed(self, found: list[Document], text: Callable[[Document], str]) -> str:
        named = "; ".join(text(one) for one in found[:_NAMED_MAX])
        more = len(found) - _NAMED_MAX
        if more <= 0:
            return named
        return named + self._say("; và {n} chỉ số khác", "; and {n} more", n=more)

    def _having(self, status: str) -> list[Document]:
        return [one for one in self._indicators() if one["status"] == status]

    def _indicators(self) -> list[Document]:
        return [one for group in self.tree["groups"] for one in group["indicators"]]

    def _name(self, indicator: Document) -> str:
        return str(indicator["name"][self.language])

    def _points(self, number: float) -> str:
        return figures.score(number, self.tree["score"]["digits"], self.language)

    @property
    def _column(self) -> int:
        return 0 if self.language == "vi" else 1

    def _say(self, vi: str, en: str, **fill: object) -> str:
        return (vi, en)[self._column].format_map(fill)


def _us(iso: str) -> int:
    return instant_us(datetime.fromisoformat(iso))


_COUNTS = {
    "newly": ("bắt đầu được tính:", "newly counted:"),
    "no_longer": ("không còn được tính:", "no longer counted:"),
}
_AMISS = {
    "missing": ("Chưa có số liệu", "No data yet"),
    "held": ("Tạm giữ để kiểm tra", "Held for checking"),
    "not_connected": ("Chưa kết nối", "Not connected"),
}
