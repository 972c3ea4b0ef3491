"""Addresses of pages: language in the path, all other state in the query, defaults left out."""

from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, urlencode

from collector.figures import Language

SortKey = Literal["rank", "name", "score", "coverage", "change"]
Direction = Literal["asc", "desc"]
RankingKey = Literal["live", "level"]
# Where a first look helps most: the best score, the greatest fall.
FIRST: dict[SortKey, Direction] = {
    "rank": "asc",
    "name": "asc",
    "score": "desc",
    "coverage": "asc",
    "change": "asc",
}


@dataclass(frozen=True, slots=True)
class Here:
    """Where a reader is. `path` is without the language; `set_id` is None for the default set."""

    language: Language
    path: str
    set_id: str | None = None
    sort: SortKey = "rank"
    direction: Direction | None = None
    indicator: str | None = None
    ranking: RankingKey = "live"
    from_: str | None = None
    to_: str | None = None
    asked: tuple[tuple[str, str], ...] = ()  # readings that are tried, by metric

    @property
    def descending(self) -> bool:
        return (self.direction or FIRST[self.sort]) == "desc"

    def href(self) -> str:
        query = {
            "set": self.set_id,
            "sort": None if self.sort == "rank" else self.sort,
            "dir": self.direction,
            "indicator": self.indicator,
            "ranking": None if self.ranking == "live" else self.ranking,
            "from": self.from_,
            "to": self.to_,
            **dict(self.asked),
        }
        kept = {key: value for key, value in query.items() if value is not None}
        prefix = "/en" if self.language == "en" else ""
        return prefix + quote(self.path) + (f"?{urlencode(kept)}" if kept else "")

    def to(self, path: str) -> str:
        """Another page, in the same language and set."""
        return Here(self.language, path, self.set_id).href()

    def alone(self, path: str) -> str:
        """Another page without a query, for a form that makes its own."""
        return Here(self.language, path).href()

    def explained(self, agency: str, indicator: str) -> str:
        """Where an indicator of an agency comes from."""
        return f"{self.to(f'/agencies/{agency}/explain')}#{quote(indicator)}"

    def in_other_language(self) -> str:
        """The same page and query in the other language."""
        return replace(self, language="vi" if self.language == "en" else "en").href()

    def with_set(self, set_id: str | None) -> str:
        return replace(self, set_id=set_id).href()

    def ranked(self, ranking: RankingKey) -> str:
        """The same page by the other ranking."""
        return replace(self, ranking=ranking).href()

    def sorted_by(self, key: SortKey) -> str:
        """Sorted by a column: its own first direction, or the other when it is sorted so."""
        turned: Direction = "asc" if self.descending else "desc"
        direction = turned if key == self.sort and turned != FIRST[key] else None
        return replace(self, sort=key, direction=direction).href()

    def download(self, kind: Literal["csv", "json"]) -> str:
        query = {
            "set": self.set_id,
            "lang": self.language if kind == "csv" else None,
            "ranking": None if self.ranking == "live" else self.ranking,
        }
        kept = {key: value for key, value in query.items() if value is not None}
        ending = ".csv" if kind == "csv" else ""
        return f"/api/v1/scoreboard{ending}" + (f"?{urlencode(kept)}" if kept else "")
